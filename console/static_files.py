"""Style, script and the one vendored library, from memory: a name is a key, never a path."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request, url_for

from console.access import public
from console.desk import ConsoleDesk

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
A_YEAR = "public, max-age=31536000, immutable"


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    """Name → (content, digest)."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in TYPES:
            content = path.read_bytes()
            found[path.relative_to(FOLDER).as_posix()] = (content, hashlib.sha256(content).hexdigest()[:12])
    return found


def address(name: str) -> str:
    """The address of a file, which changes with its content. KeyError for one we do not have."""
    return url_for("static_files.send", name=name, v=_files()[name][1])


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """One route."""
    blueprint = Blueprint("static_files", __name__)

    @blueprint.get("/static/<path:name>")
    @public("style and script tell nothing of anybody")
    def send(name: str) -> Response:
        if name not in _files():
            abort(404)
        content, digest = _files()[name]
        response = Response(content, mimetype=TYPES[Path(name).suffix])
        response.headers["Cache-Control"] = A_YEAR if request.args.get("v") == digest else "no-cache"
        return response

    return blueprint
