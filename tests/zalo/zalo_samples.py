"""The contract's samples: events, requests and responses, one file each."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent / "samples"
OUR_OA = "2719364058812047735"
RESIDENT = "5093817264401928376"
EVENT_FILES = sorted(path.name for path in (SAMPLES / "events").glob("*.json"))
RESPONSE_FILES = sorted(path.name for path in (SAMPLES / "responses").glob("*.json"))


def event(name: str) -> dict[str, Any]:
    """The body of an event; ``name`` without ``.json``."""
    body: dict[str, Any] = json.loads((SAMPLES / "events" / f"{name}.json").read_text("utf-8"))
    return body


def request(name: str) -> dict[str, Any]:
    """A request as the contract shows it."""
    sample: dict[str, Any] = json.loads((SAMPLES / "requests" / f"{name}.json").read_text("utf-8"))
    return sample


def response(name: str) -> tuple[int, bytes]:
    """(HTTP status, raw body) of a response; a null stands for an empty body, a text for itself."""
    sample = json.loads((SAMPLES / "responses" / f"{name}.json").read_text("utf-8"))
    body = sample["json"]
    if body is None:
        return sample["http_status"], b""
    if isinstance(body, str):
        return sample["http_status"], body.encode()
    return sample["http_status"], json.dumps(body, ensure_ascii=False).encode()


def index() -> list[dict[str, str]]:
    """The rows of the index of events."""
    with (SAMPLES / "events_index.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
