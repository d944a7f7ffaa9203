"""``hoixa serve``: web, worker and clock as processes of one machine, restarted when they die, stopped together.

Processes and not threads: with the worker inside the web process half of a burst was not acknowledged in time
(docs/decisions/0001). Children are told to die with the supervisor, so a kill -9 of it leaves nobody on the port.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from bot.settings import Settings
from commands.environment import settings_of_environment
from commands.failure import CommandError
from commands.parenthood import MUST_BE_MENDED, SUPERVISED_BY, follow_supervisor
from commands.ports import check_port
from commands.words import word

CHILDREN = ("web", "worker", "clock")
STOP_SECONDS = 25.0
QUICK_DEATH_SECONDS = 5.0
QUICK_DEATHS_ALLOWED = 20
LONGEST_PAUSE_SECONDS = 5.0


class Child:
    """One process and how often it died soon after its start."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.quick_deaths = 0
        self.start_at = 0.0
        self._started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it as ``hoixa NAME``."""
        environment = {**os.environ, SUPERVISED_BY: str(os.getpid())}
        self._process = subprocess.Popen([*hoixa_command(), self.name], env=environment, stdin=subprocess.DEVNULL)
        self._started = time.monotonic()

    def tend(self) -> bool:
        """Start it again where it died, after a pause that grows. False once it has died too often to go on."""
        if self._process is not None:
            if self._process.poll() is None:
                return True
            if self._process.returncode == MUST_BE_MENDED:
                return False
            self._process = None
            lived = time.monotonic() - self._started
            self.quick_deaths = self.quick_deaths + 1 if lived < QUICK_DEATH_SECONDS else 0
            pause = 0.0 if self.quick_deaths <= 3 else min(LONGEST_PAUSE_SECONDS, 0.1 * 2**self.quick_deaths)
            self.start_at = time.monotonic() + pause
            click.echo(word("serve_child_died", name=self.name), err=True)
        if self.quick_deaths > QUICK_DEATHS_ALLOWED:
            return False
        if time.monotonic() >= self.start_at:
            self.start()
        return True

    def signal(self, number: int) -> None:
        """Send a signal, if it lives."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self, seconds: float) -> None:
        """Wait for its end; kill it where it takes longer."""
        if self._process is None:
            return
        try:
            self._process.wait(max(seconds, 0.1))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def hoixa_command() -> Sequence[str]:
    """How to start this very program again."""
    script = Path(sys.argv[0])
    if script.name == "hoixa" and script.exists():
        return [sys.executable, str(script.resolve())]
    return [sys.executable, "-m", "commands"]


class Supervisor:
    """Keeps the children running until a signal."""

    def __init__(self) -> None:
        self._children = [Child(name) for name in CHILDREN]
        self._stopping = False

    def request_stop(self, *_: object) -> None:
        """From a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Start, tend, stop. Raises :class:`CommandError` when a child cannot be kept alive."""
        signal.signal(signal.SIGTERM, self.request_stop)
        signal.signal(signal.SIGINT, self.request_stop)
        for child in self._children:
            child.start()
        failed: str | None = None
        while not self._stopping and failed is None:
            failed = next((child.name for child in self._children if not child.tend()), None)
            time.sleep(0.05)
        # The web stops first and then the worker, so that what was just acknowledged is already in the journal.
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.signal(signal.SIGTERM)
        for child in self._children:
            child.wait(deadline - time.monotonic())
        if failed is not None:
            raise CommandError(word("serve_gave_up", name=failed))


def _hold_folder(settings: Settings) -> int:
    """One supervisor for each data folder. The descriptor must stay open."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(settings.data_dir / "serve.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise CommandError(word("serve_already", path=settings.data_dir)) from None
    return descriptor


@click.command(help=word("serve_help"))
def serve() -> None:
    """The embedded service."""
    follow_supervisor()
    settings = settings_of_environment()
    check_port(settings)
    # In a process of its own: the supervisor stays small, and what is wrong with the database is told in one line.
    if subprocess.run([*hoixa_command(), "migrate"], stdin=subprocess.DEVNULL, check=False).returncode != 0:
        sys.exit(1)
    held = _hold_folder(settings)
    click.echo(word("serve_ready", bind=settings.bind))
    Supervisor().run()
    os.close(held)
    click.echo(word("serve_stopped"))
