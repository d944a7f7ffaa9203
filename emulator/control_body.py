"""Reading the JSON body of a control request."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request


def body_of_request() -> Mapping[str, object]:
    """The JSON object of the request; empty where there is no body. ValueError for anything else."""
    body = request.get_json(silent=True)
    if body is None and not request.get_data():
        return {}
    if not isinstance(body, dict):
        raise ValueError("a JSON object is needed")
    return body


def optional_text(value: object) -> str | None:
    """Text, or None for nothing."""
    return None if value in (None, "") else str(value)


def number_of(body: Mapping[str, object], name: str, default: float) -> float:
    """A number. ValueError otherwise."""
    return float(str(body.get(name, default)))
