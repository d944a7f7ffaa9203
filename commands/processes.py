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
from gunicorn.app.base import BaseApplication

from bot.journal.processing import Handler
from bot.journal.worker import Worker
from bot.journal.writer import InboxWriter
from bot.logs import configure_logging
from bot.services import build_services
from bot.settings import Settings
from bot.timekeeping import Timekeeper
from commands.environment import build_conversation, load_library, open_services
from commands.failure import CommandError
from commands.words import word

logger = logging.getLogger(__name__)

WEB_THREADS = 32
"""A request holds its thread until the group commit, so threads must cover the requests under way."""
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


class WebServer(BaseApplication):  # type: ignore[misc]
    """gunicorn, one process of many threads, with the application built after the fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Our settings instead of a configuration file."""
        options: dict[str, Any] = {
            "bind": [self._settings.bind],
            "workers": 1,
            "threads": WEB_THREADS,
            "worker_class": "gthread",
            "graceful_timeout": 10,
            "timeout": 60,
            "keepalive": 30,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_fork": lambda server, _worker: die_with_parent(server.pid),
            "post_worker_init": _close_on_exit,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Called in the forked worker."""
        from webhooks.app import create_app

        services = build_services(self._settings)
        self.writer = InboxWriter(services.database)
        return create_app(services, self.writer)


def _close_on_exit(worker: Any) -> None:
    logger.info("web ready", extra={"pid": worker.pid})


@click.command(help=word("web_help"))
def web() -> None:
    """Receive Zalo's events."""
    follow_supervisor()
    configure_logging("web")
    services = open_services()
    services.database.close()
    check_port(services.settings)
    WebServer(services.settings).run()


def _stop_on_signal(stop: Any) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


@click.command(help=word("worker_help"))
def worker() -> None:
    """Understand and answer."""
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
    follow_supervisor()
    configure_logging("clock")
    keeper = Timekeeper(open_services())
    _stop_on_signal(keeper.request_stop)
    keeper.run()
