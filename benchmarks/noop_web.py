"""The ceiling: a Flask handler that returns 200, served exactly as the product serves its webhook."""

from __future__ import annotations

import sys
from typing import Any

from flask import Flask, Response, request

from bot.settings import load_settings
from commands.web_server import WebServer


def create_app() -> Flask:
    """Reads the body, as any handler must, and answers."""
    application = Flask(__name__, static_folder=None)

    @application.post("/webhooks/zalo")
    def receive() -> Response:
        request.get_data(cache=False)
        return Response("stored", mimetype="text/plain")

    @application.get("/healthz")
    def alive() -> Response:
        return Response("ok", mimetype="text/plain")

    return application


class NoopServer(WebServer):
    """The product's server around another application."""

    def load(self) -> Any:
        """Called in the forked worker."""
        return create_app()


if __name__ == "__main__":
    NoopServer(load_settings({"HOIXA_BIND": sys.argv[1]}, need_secrets=False)).run()
