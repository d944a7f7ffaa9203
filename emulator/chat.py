"""The phone-like chat page."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from emulator.assembly import Emulator

STATIC = Path(__file__).parent / "static"


def create_blueprint(emulator: Emulator) -> Blueprint:
    """The page, its files and its media."""
    blueprint = Blueprint("chat", __name__)

    @blueprint.get("/static-emulator/<name>")
    def asset(name: str) -> Response:
        return send_from_directory(STATIC, name)

    return blueprint
