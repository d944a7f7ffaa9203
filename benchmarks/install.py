"""A fresh install of the product in a temporary folder: its settings, one OA, its processes; and the no-op web."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import requests

from bot import grants
from bot.services import Services, build_services
from bot.settings import load_settings
from bot.store.schema import migrate

REPOSITORY = Path(__file__).resolve().parents[1]
APP_ID, OA_ID, OA_SECRET, COMMUNE = (
    "1840275930164482011",
    "2890437160245781936",
    "an OA secret of the benchmarks",
    "ha-dong",
)
START_SECONDS = 60.0


def free_port() -> int:
    """A port nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Install:
    """One data folder and the settings that go with it."""

    def __init__(self, folder: Path, zalo_url: str, database_url: str = "") -> None:
        self.folder = folder
        self.address = f"http://127.0.0.1:{free_port()}"
        self.settings = {
            "HOIXA_DATA_DIR": str(folder / "data"),
            "HOIXA_SECRET_KEY": "a key of the benchmarks, and of nothing else",
            "HOIXA_ZALO_APP_ID": APP_ID,
            "HOIXA_ZALO_APP_SECRET": "an app secret of the benchmarks",
            "HOIXA_ZALO_API_URL": zalo_url,
            "HOIXA_ZALO_OAUTH_URL": zalo_url,
            "HOIXA_BIND": self.address.removeprefix("http://"),
            # So high that the rate is never what is measured.
            "HOIXA_ZALO_RATE_PER_SECOND": "10000",
            "HOIXA_ZALO_APP_RATE_PER_SECOND": "10000",
        }
        if database_url:
            self.settings["HOIXA_DATABASE_URL"] = database_url
        self.services: Services = build_services(load_settings(self.settings))
        migrate(self.services.database)
        grants.connect(
            self.services.database,
            self.services.vault,
            self.services.clock,
            oa_id=OA_ID,
            commune_id=COMMUNE,
            secret=OA_SECRET,
            access_token="an access token",
            refresh_token="a refresh token",
        )

    def environment(self) -> dict[str, str]:
        """Of a process of this install."""
        return environment(self.settings)

    @contextmanager
    def running(self, *command: str) -> Iterator[psutil.Popen]:
        """A command of the product, e.g. ``worker``. Its log goes to a file of the folder."""
        with process([sys.executable, "-m", "commands", *command], self.settings, self.folder) as started:
            yield started

    def wait_for(self, path: str = "/healthz", seconds: float = START_SECONDS) -> None:
        """Until an address of the web answers 200."""
        wait_for_200(self.address + path, seconds)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The machine's environment with none of its HOIXA_ settings and all of ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOIXA_")}
    return {**inherited, **settings, "PYTHONPATH": str(REPOSITORY)}


@contextmanager
def process(command: list[str], settings: Mapping[str, str], folder: Path) -> Iterator[psutil.Popen]:
    """Start a process, and stop it and what it started afterwards."""
    with (folder / "log").open("ab") as log:
        started = psutil.Popen(
            command, env=environment(settings), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(40)
        except psutil.TimeoutExpired:
            started.kill()
            started.wait()


@contextmanager
def noop_web(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A Flask handler that does nothing, under the product's own gunicorn settings. Its address and its process."""
    address = f"127.0.0.1:{free_port()}"
    with process([sys.executable, "-m", "benchmarks.noop_web", address], {}, folder) as started:
        wait_for_200(f"http://{address}/healthz", START_SECONDS)
        yield f"http://{address}", started


def tree_cpu_seconds(root: psutil.Process) -> float:
    """Processor time a process and all below it have used. Other programs on the machine hardly change it."""
    return sum(sum(member.cpu_times()[:2]) for member in [root, *root.children(recursive=True)])


def wait_for_200(url: str, seconds: float) -> None:
    """Ask again and again until the answer is 200. TimeoutError otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=2).status_code == 200:
                return
        except requests.RequestException:
            pass
        time.sleep(0.01)  # between two looks
    raise TimeoutError(url)


@contextmanager
def fresh_folder() -> Iterator[Path]:
    """An empty folder, removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="hoixa-benchmark-") as folder:
        yield Path(folder)


def wait_for_log(folder: Path, words: str, seconds: float = START_SECONDS) -> None:
    """Until the processes' log holds ``words``. TimeoutError otherwise."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if words in (folder / "log").read_text("utf-8", "replace"):
            return
        time.sleep(0.02)  # between two looks
    raise TimeoutError(words)
