"""The program as people run it: another process, an environment of its own, everything it says kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests
from rig import SECRET_KEY, wait_until

ROOT = Path(__file__).parent.parent.parent


def environment_of(folder: Path, **settings: str) -> dict[str, str]:
    """What a process needs of ours, and a small install in ``folder``."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HOIXA_")}
    return {
        **inherited,
        "PYTHONPATH": str(ROOT),
        "HOIXA_DATA_DIR": str(folder / "var"),
        "HOIXA_SECRET_KEY": SECRET_KEY,
        "HOIXA_ZALO_API_URL": "http://127.0.0.1:9",
        "HOIXA_ZALO_OAUTH_URL": "http://127.0.0.1:9",
        **settings,
    }


def hoixa(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end in ``folder``."""
    return subprocess.run(
        [sys.executable, "-m", "commands", *arguments],
        cwd=folder,
        env=environment_of(folder, **settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


class Served:
    """A running ``hoixa serve``. Ended, with all its children, when the block is left."""

    def __init__(self, folder: Path, port: int, **settings: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "serve.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "commands", "serve"],
                cwd=folder,
                env=environment_of(folder, HOIXA_BIND=f"127.0.0.1:{port}", **settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *_: Any) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def said(self) -> str:
        """Everything all its processes have written."""
        return self.log.read_text("utf-8", errors="replace")

    def wait_until_ready(self) -> None:
        """Until web, database and worker are there."""

        def ready() -> bool:
            assert self.process.poll() is None, self.said()[-3000:]
            try:
                return requests.get(f"{self.url}/readyz", timeout=20).ok
            except requests.RequestException:
                return False

        wait_until(ready, "hoixa serve answers on /readyz", 180)

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)
