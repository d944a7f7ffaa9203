"""Puts the parts into one Flask application."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType

from flask import Flask, Response

from emulator import articles, chat, control, messages_api, oauth, other_messages_api, people_api, uploads
from emulator.assembly import Emulator
from emulator.configuration import EmulatorConfiguration
from emulator.seeds import seed_communes
from emulator.server import EmulatorServer


def create_app(configuration: EmulatorConfiguration | None = None) -> Flask:
    """A Flask application with its own emulated world, found again by `emulator_of(app)`."""
    emulator = Emulator(configuration or EmulatorConfiguration())
    app = Flask(__name__)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["emulator"] = emulator
    stored_uploads = uploads.Uploads(emulator)
    stored_articles = articles.Articles(emulator)
    emulator.also_cleared += [stored_uploads.clear, stored_articles.clear]
    for blueprint in (
        messages_api.create_blueprint(emulator, stored_uploads),
        other_messages_api.create_blueprint(emulator, stored_uploads, stored_articles),
        articles.create_blueprint(emulator, stored_articles),
        people_api.create_blueprint(emulator),
        uploads.create_blueprint(emulator, stored_uploads),
        oauth.create_blueprint(emulator),
        control.create_blueprint(emulator),
        chat.create_blueprint(emulator),
    ):
        app.register_blueprint(blueprint)

    @app.after_request
    def send_due_broadcasts(response: Response) -> Response:
        stored_articles.settle()  # looked at after every request, so that a shifted clock takes effect at once
        return response

    if emulator.configuration.seed_communes:
        seed_communes(emulator)
    emulator.start()
    return app


def emulator_of(app: Flask) -> Emulator:
    """The emulated world behind an application."""
    emulator = app.extensions["emulator"]
    assert isinstance(emulator, Emulator)
    return emulator


@dataclass(slots=True)
class RunningEmulator:
    """An emulator that answers on a port; use it as a context manager or call stop()."""

    emulator: Emulator
    server: EmulatorServer

    @property
    def url(self) -> str:
        """The base for both the API and the OAuth address."""
        return self.server.url

    def stop(self) -> None:
        """Stop the sender and the server."""
        self.emulator.stop()
        self.server.stop()

    def __enter__(self) -> RunningEmulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    configuration: EmulatorConfiguration | None = None, host: str = "127.0.0.1", port: int = 0
) -> RunningEmulator:
    """Serve on threads and return at once. Port 0 takes a free one."""
    app = create_app(configuration)
    server = EmulatorServer(host, port, app)
    server.start()
    emulator = emulator_of(app)
    emulator.media_base = f"{server.url}/media"
    return RunningEmulator(emulator, server)


def serve(configuration: EmulatorConfiguration | None = None, host: str = "127.0.0.1", port: int = 9100) -> None:
    """Serve until interrupted."""
    with start(configuration, host, port) as running, suppress(KeyboardInterrupt):
        running.emulator.stopping.wait()
