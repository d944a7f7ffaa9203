"""`/v2.0/oa/upload/*`: images, gifs and files, each good for seven days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request

from emulator.api_call import Call, answer_call
from emulator.assembly import Emulator
from emulator.clock import DAY_MS
from emulator.errors import ApiError, invalid

LIFETIME_MS = 7 * DAY_MS
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class UploadRule:
    """What one upload accepts, and the key its reply carries."""

    limit_bytes: int
    suffixes: tuple[str, ...]
    reply_key: str


RULES = {
    "image": UploadRule(MEGABYTE, ("jpg", "jpeg", "png"), "attachment_id"),
    "gif": UploadRule(5 * MEGABYTE, ("gif",), "attachment_id"),
    "file": UploadRule(5 * MEGABYTE, ("pdf", "doc", "docx", "csv"), "token"),
}


class Uploads:
    """Remembers when each id was handed out."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._issued_ms: dict[str, int] = {}

    def accept(self, kind: str, name: str, size: int) -> dict[str, object]:
        """A new id for an upload. ApiError -201 (kind of file), -210 (too big)."""
        rule = RULES[kind]
        if name.rpartition(".")[2].lower() not in rule.suffixes:
            raise invalid("file")
        if size > rule.limit_bytes:
            raise ApiError(-210)
        identifier = self._emulator.identifiers.opaque(16)
        with self._emulator.world.lock:
            self._issued_ms[identifier] = self._emulator.clock.now_ms()
        return {rule.reply_key: identifier}

    def check(self, identifier: str) -> None:
        """ApiError -201 for an id never handed out, -100 for one past seven days."""
        issued = self._issued_ms.get(identifier)
        if issued is None:
            raise invalid("attachment_id")
        if self._emulator.clock.now_ms() - issued > LIFETIME_MS:
            raise ApiError(-100)

    def clear(self) -> None:
        """Forget every id."""
        self._issued_ms.clear()


def create_blueprint(emulator: Emulator, uploads: Uploads) -> Blueprint:
    """The three upload endpoints."""
    blueprint = Blueprint("uploads_api", __name__)

    def handler(kind: str) -> Callable[[Call], object]:
        def receive(_call: Call) -> object:
            file = request.files.get("file")
            if file is None:
                raise invalid("file")
            return uploads.accept(kind, file.filename or "", len(file.read()))

        return receive

    def view(kind: str) -> Response:
        if kind not in RULES:
            return Response("", status=404)
        return answer_call(emulator, handler(kind))

    blueprint.add_url_rule("/v2.0/oa/upload/<kind>", "upload", view, methods=["POST"])
    return blueprint
