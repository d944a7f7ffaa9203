"""The web application over a small install, and signed bodies for it."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient
from rig import APP_ID, OA_SECRET, OUR_OA, RESIDENT, Rig

from bot.journal.writer import InboxWriter
from bot.zalo import signature
from webhooks.app import create_app

PATH = "/webhooks/zalo"


def body(**changes: Any) -> dict[str, Any]:
    """A text a resident sent."""
    values: dict[str, Any] = {
        "app_id": APP_ID,
        "user_id_by_app": "552177279717587730",
        "event_name": "user_send_text",
        "sender": {"id": RESIDENT},
        "recipient": {"id": OUR_OA},
        "message": {"text": "Làm khai sinh cần gì?", "msg_id": "message-1"},
        "timestamp": "1795323600000",
    }
    return {key: value for key, value in {**values, **changes}.items() if value is not None}


def encoded(document: Any) -> bytes:
    """As Zalo writes it: compact, letters as they are."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


class Web:
    """A client of the application; ``post`` signs as Zalo does unless told otherwise."""

    def __init__(self, rig: Rig, **environment: str) -> None:
        self.rig = rig
        self.services = rig.services(**environment)
        self.writer = InboxWriter(rig.database)
        self.application = create_app(self.services, self.writer)
        self.client: FlaskClient = self.application.test_client()

    def post(
        self, document: Any, *, secret: str = OA_SECRET, header: str | None = None, raw: bytes | None = None
    ) -> int:
        """The status of one POST."""
        content = encoded(document) if raw is None else raw
        if header is None:
            app_id, timestamp = signature.signed_parts(document)
            header = signature.sign(content, app_id, timestamp, secret)
        headers = {"X-ZEvent-Signature": header} if header else {}
        return self.client.post(PATH, data=content, headers=headers).status_code

    def close(self) -> None:
        """Stop the writer."""
        self.writer.close()
