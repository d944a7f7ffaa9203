"""The web process's two applications under one address: Zalo's side at once, the console when somebody first opens it.

The console is imported and built at its first request, so that starting, and the memory of an install where nobody
signs in, stay what the webhook alone needs.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.services import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PREFIX = "/console"


class WebFront:
    """A WSGI application that hands ``/console/…`` to the console and everything else to the webhook's side."""

    def __init__(self, webhook_side: WSGIApplication, services: Services) -> None:
        self._webhook_side = webhook_side
        self._services = services
        self._console: WSGIApplication | None = None
        self._building = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Hand on by the path."""
        path: str = environ.get("PATH_INFO", "")
        if path.startswith(PREFIX) and path[len(PREFIX) : len(PREFIX) + 1] in ("", "/"):
            return (self._console or self._build())(environ, start_response)
        if path == "/":
            start_response("302 FOUND", [("Location", f"{PREFIX}/"), ("Content-Length", "0")])
            return ()
        return self._webhook_side(environ, start_response)

    def _build(self) -> WSGIApplication:
        with self._building:
            if self._console is None:
                from console.app import create_app

                self._console = create_app(self._services)
        return self._console
