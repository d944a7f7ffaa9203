"""``hoixa web``, ``hoixa worker`` and ``hoixa clock``: one process each, any number of each on PostgreSQL."""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import signal
import socket
from typing import Any

import click

from bot.logs import configure_logging
from bot.settings import Settings
from commands.environment import build_conversation, load_library, open_services
from commands.failure import CommandError
from commands.words import word

logger = logging.getLogger(__name__)

SET_PARENT_DEATH_SIGNAL = 1
SUPERVISED_BY = "HOIXA_SUPERVISED_BY"


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel end this process when its parent dies, however the parent dies (Linux)."""
    ctypes.CDLL(None, use_errno=True).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)  # it died before the line above took hold


def follow_supervisor() -> None:
    """Under ``hoixa serve`` a process must not outlive the supervisor: it would keep the port and swallow messages."""
    parent = os.environ.get(SUPERVISED_BY)
    if parent:
        die_with_parent(int(parent))


def check_port(settings: Settings) -> None:
    """Raise :class:`CommandError` where the address cannot be opened, before anything else is started."""
    host, port = settings.bind_address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CommandError(word("port_busy", bind=settings.bind)) from None
            raise CommandError(word("bind_refused", bind=settings.bind, reason=error.strerror)) from None


@click.command(help=word("web_help"))
def web() -> None:
    """Receive Zalo's events."""
    follow_supervisor()
    configure_logging("web")
    services = open_services()
    services.database.close()
    check_port(services.settings)
    from commands.web_server import WebServer

    WebServer(services.settings).run()


def _stop_on_signal(stop: Any) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


@click.command(help=word("worker_help"))
def worker() -> None:
    """Understand and answer."""
    from bot.journal.processing import Handler
    from bot.journal.worker import Worker

    follow_supervisor()
    configure_logging("worker")
    services = open_services()
    library = load_library()
    handler = Handler(
        build_conversation(library), library, services.vault, services.clock, keep_traces=services.settings.trace
    )
    loop = Worker(services, handler)
    _stop_on_signal(loop.request_stop)
    loop.run(on_ready=lambda: logger.info("worker ready", extra={"pid": os.getpid()}))


@click.command(help=word("clock_help"))
def clock() -> None:
    """Keep the schedules."""
    from bot.timekeeping import Timekeeper

    follow_supervisor()
    configure_logging("clock")
    keeper = Timekeeper(open_services())
    _stop_on_signal(keeper.request_stop)
    keeper.run()
