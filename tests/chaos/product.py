"""The product as processes of its own, under a supervisor of ours that can kill each at a chosen moment.

The commands are those an operator starts (``web``, ``worker``, ``serve``); only Zalo's side is emulated.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import psutil
import requests
from sqlalchemy import text

from bot import grants
from bot.services import Services, build_services
from bot.settings import load_settings
from bot.store.schema import migrate
from emulator import RunningEmulator

from .ports import free_port
from .waiting import wait_until

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
STOP_SECONDS = 60.0
RATES = {"HOIXA_ZALO_RATE_PER_SECOND": "100", "HOIXA_ZALO_APP_RATE_PER_SECOND": "400"}


class Process:
    """One command of the product: started, killed, started again. Its log is kept in one file through all starts."""

    def __init__(self, name: str, command: str, environment: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self._command = command
        self._environment = dict(environment)
        self._folder = folder
        self.log = folder / f"{name}.log"
        self._log_read = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.RLock()

    def start(self, changes: Mapping[str, str] | None = None) -> None:
        """Start it; ``changes`` are settings for this and all later starts."""
        with self._lock:
            self._environment.update(changes or {})
            self._log_read = self.log.stat().st_size if self.log.exists() else 0
            with self.log.open("ab") as output:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "commands", self._command],
                    env=self._environment,
                    cwd=self._folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )

    @property
    def pid(self) -> int:
        """The process's id. It must have been started."""
        assert self._process is not None
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it lives."""
        return self._process is not None and self._process.poll() is None

    def tend(self) -> None:
        """Start it again where it ended by itself, as a supervisor does."""
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                self.start()

    def said(self, words: str) -> bool:
        """Whether its log holds ``words`` since the last start."""
        with self.log.open("rb") as log:
            log.seek(self._log_read)
            return words.encode() in log.read()

    def kill(self) -> None:
        """kill -9, wait for the end, start again."""
        with self._lock:
            assert self._process is not None
            self._process.kill()
            self._process.wait()
            self.start()

    def kill_a_child(self) -> bool:
        """kill -9 of a process below it (gunicorn's worker), which gunicorn starts anew. False if there is none."""
        children = psutil.Process(self.pid).children() if self.is_running() else []
        for child in children:
            child.kill()
        return bool(children)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop; its exit code. Killed, and an error, where it takes longer than an operator would wait."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return 0
        if process.poll() is None:
            process.send_signal(number)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


class Product:
    """An install with its data, its OAs and its processes."""

    def __init__(
        self,
        emulator: RunningEmulator,
        folder: Path,
        database_url: str = "",
        workers: int = 1,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.emulator = emulator
        self.folder = folder
        self.address = f"http://127.0.0.1:{free_port()}"
        configuration = emulator.emulator.configuration
        self.environment = {
            "HOIXA_DATA_DIR": str(folder / "data"),
            "HOIXA_SECRET_KEY": "a key of the chaos tests, and of nothing else",
            "HOIXA_ZALO_APP_ID": configuration.app_id,
            "HOIXA_ZALO_APP_SECRET": configuration.app_secret,
            "HOIXA_ZALO_API_URL": emulator.url,
            "HOIXA_ZALO_OAUTH_URL": emulator.url,
            "HOIXA_BIND": self.address.removeprefix("http://"),
            "HOIXA_QUIET_HOURS": "off",
            **RATES,
            **(settings or {}),
        }
        if database_url:
            self.environment["HOIXA_DATABASE_URL"] = database_url
        self.services: Services = build_services(load_settings(self.environment))
        migrate(self.services.database)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOIXA_")}
        everything = {**inherited, **self.environment, "PYTHONPATH": str(REPOSITORY)}
        self.web = Process("web", "web", everything, folder)
        self.workers = [Process(f"worker{number}", "worker", everything, folder) for number in range(workers)]
        self.serve = Process("serve", "serve", everything, folder)
        self.clock = Process("clock", "clock", everything, folder)

    def connect(self, name: str, commune_id: str = "ha-dong") -> str:
        """A new OA at the emulator, granted to the product. Returns its id."""
        account = self.emulator.emulator.world.add_account(name)
        self.grant(account.oa_id, commune_id)
        return account.oa_id

    def grant(self, oa_id: str, commune_id: str = "ha-dong") -> None:
        """An admin of the OA grants the product access, for the first time or anew."""
        account = self.emulator.emulator.world.account(oa_id)
        pair = self.emulator.emulator.issue_tokens(oa_id)
        grants.connect(
            self.services.database,
            self.services.vault,
            self.services.clock,
            oa_id=oa_id,
            commune_id=commune_id,
            secret=account.secret_key,
            access_token=pair.access_token,
            refresh_token=pair.refresh_token,
        )

    def start(self) -> None:
        """Start web and workers and wait until they serve."""
        for process in (self.web, *self.workers):
            process.start()
        self.point_zalo_here()
        self.wait_for_workers()

    def start_serve(self) -> None:
        """Start ``hoixa serve`` and wait until all of it serves."""
        self.serve.start()
        self.point_zalo_here()
        wait_until(self.is_ready, "serve ready", START_SECONDS)

    def point_zalo_here(self) -> None:
        """Save our address in Zalo's console as soon as the web process answers its probe."""
        wait_until(self.web_answers, "web answers", START_SECONDS)
        self.emulator.emulator.sender.set_url(f"{self.address}/webhooks/zalo")

    def web_answers(self) -> bool:
        """Whether the web process accepts requests."""
        return self._get("/healthz")

    def is_ready(self) -> bool:
        """Whether database, schema and a worker are there."""
        return self._get("/readyz")

    def _get(self, path: str) -> bool:
        try:
            return requests.get(self.address + path, timeout=10).ok
        except requests.RequestException:
            return False

    def wait_for_workers(self) -> None:
        """Until every worker is in its loop."""
        wait_until(
            lambda: all(worker.said("worker ready") for worker in self.workers), "every worker ready", START_SECONDS
        )

    def processes(self) -> Sequence[Process]:
        """Those under our own supervision."""
        return (self.web, *self.workers)

    def restart_workers(self, changes: Mapping[str, str]) -> None:
        """Stop the workers cleanly and start them with other settings."""
        for worker in self.workers:
            worker.stop()
            worker.start(changes)
        self.wait_for_workers()

    def rows(self, query: str) -> dict[str, int]:
        """``query`` gives (name, number) rows."""
        with self.services.database.read() as connection:
            return {str(name): int(count) for name, count in connection.execute(text(query))}

    def open_rows(self, oa_ids: Collection[str]) -> int:
        """Events and replies of these OAs still to be dealt with."""
        waiting = self.rows("SELECT oa_id, count(*) FROM inbox WHERE state IN (0, 1) GROUP BY oa_id")
        owed = self.rows("SELECT oa_id, count(*) FROM outbox WHERE state IN (0, 1, 4) GROUP BY oa_id")
        return sum(waiting.get(oa_id, 0) + owed.get(oa_id, 0) for oa_id in oa_ids)

    def outbox_states(self) -> dict[str, int]:
        """Replies by state, as numbers of ``OutboxState``."""
        return self.rows("SELECT state, count(*) FROM outbox GROUP BY state")

    def close(self) -> None:
        """Stop everything."""
        for process in (self.serve, self.clock, *self.processes()):
            process.stop()
        self.services.database.close()
