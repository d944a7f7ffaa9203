"""A sentence on the next page: what was done, perhaps with a way back."""

from __future__ import annotations

from flask import flash


def notice(text: str, *, tone: str = "good", undo_url: str = "", undo_fields: dict[str, str] | None = None) -> None:
    """``tone`` is good, warning or bad. With ``undo_url`` the page offers a button that posts ``undo_fields`` there."""
    flash({"text": text, "undo_url": undo_url, "undo_fields": undo_fields or {}}, tone)  # type: ignore[arg-type]
