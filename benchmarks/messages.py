"""Signed events as Zalo sends them: each of another resident, each with an id of its own."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import knowledge
from benchmarks.install import APP_ID, OA_ID, OA_SECRET

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class SignedEvent:
    """A webhook body with its signature."""

    body: bytes
    mac: str

    @property
    def headers(self) -> dict[str, str]:
        """As Zalo sets them."""
        return {"Content-Type": "application/json", "X-ZEvent-Signature": f"mac={self.mac}"}


def questions() -> Sequence[str]:
    """What residents ask: the topics' names, each answered with one message."""
    return [topic.name for topic in knowledge.load().topics.values()]


def text_event(text: str) -> SignedEvent:
    """A message of a resident nobody saw before."""
    number = next(_NUMBERS)
    timestamp = str(time.time_ns() // 1_000_000)
    body = {
        "app_id": APP_ID,
        "sender": {"id": str(4_000_000_000_000_000_000 + number)},
        "user_id_by_app": str(5_000_000_000_000_000_000 + number),
        "recipient": {"id": OA_ID},
        "event_name": "user_send_text",
        "message": {"text": text, "msg_id": f"{time.monotonic_ns():x}{number:08x}"},
        "timestamp": timestamp,
    }
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return SignedEvent(raw, hashlib.sha256(APP_ID.encode() + raw + timestamp.encode() + OA_SECRET.encode()).hexdigest())


def many(count: int) -> Iterator[SignedEvent]:
    """So many of them, the questions in turn."""
    for question in itertools.islice(itertools.cycle(questions()), count):
        yield text_event(question)
