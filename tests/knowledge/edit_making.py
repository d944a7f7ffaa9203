"""Edits for tests, in one line."""

from __future__ import annotations

from datetime import date
from typing import Any

import knowledge
from knowledge.overlay import Edit, Overlay, packaged
from knowledge.timeline import digest

LIBRARY = knowledge.load()
TODAY = date(2026, 11, 22)
TOPIC = "topic:to-cong-nghe-so"


def an_edit(subject: str = TOPIC, field: str = "fee", text: str = "Không thu tiền.", **changes: Any) -> Edit:
    """An approved edit over the packaged text as it is now; later ids are approved later."""
    identity = changes.pop("id", 1)
    values: dict[str, Any] = {
        "confidence": "high",
        "source": "Thông báo số 5/TB-UBND",
        "as_of": TODAY,
        "valid_from": None,
        "valid_until": None,
        "base_digest": digest(packaged(LIBRARY, LIBRARY.communes["ha-dong"], subject, field))
        if "base_digest" not in changes
        else "",
        "order": identity,
    }
    return Edit(identity, subject, field, text, **{**values, **changes})


def overlay(*edits: Edit, commune: str = "ha-dong", library: knowledge.Library = LIBRARY) -> Overlay:
    """A commune with these edits."""
    return Overlay(library, library.communes[commune], edits)
