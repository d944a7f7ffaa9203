"""gunicorn as the web process: one worker process of many threads, told to die with its master."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.app.base import BaseApplication

from bot.journal.writer import InboxWriter
from bot.services import build_services
from bot.settings import Settings
from commands.parenthood import die_with_parent
from commands.web_front import WebFront

logger = logging.getLogger(__name__)

WEB_THREADS = 32
"""A request holds its thread until the group commit, so threads must cover the requests under way."""


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
        return WebFront(create_app(services, self.writer), services)


def _close_on_exit(worker: Any) -> None:
    logger.info("web ready", extra={"pid": worker.pid})
