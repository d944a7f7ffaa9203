"""Rows of the outbox that are no message to a person: an article's steps and posts to groups.

Such a row carries the whole call. An article takes three, and each is owed by the result of the one before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

CREATE, VERIFY, BROADCAST, GROUP = "article_create", "article_verify", "article_broadcast", "group"
_REPEATABLE = (CREATE, VERIFY)


@dataclass(frozen=True, slots=True)
class Call:
    """One POST to Zalo. ``names``: where its answer has the id we keep, the first found counts."""

    step: str
    path: str
    body: Mapping[str, object] = field(repr=False)
    names: tuple[str, ...]
    not_at_night: bool = False

    def to_json(self) -> str:
        """For the outbox's payload."""
        return json.dumps(asdict(self), ensure_ascii=False)


def read_call(payload: str) -> Call | None:
    """The call of a payload; None where it is a reply."""
    loaded = json.loads(payload)
    if "step" not in loaded:
        return None
    return Call(**{**loaded, "names": tuple(loaded["names"])})


def call_key(broadcast_id: int, step: str, target: str = "") -> str:
    """The outbox key of a step."""
    return f"bc:{broadcast_id}:{step}:{target}"


def step_of(key: str) -> str:
    """The step a row of the outbox is; "" for a message to a person, whose id has no letters."""
    parts = key.split(":")
    return parts[2] if len(parts) == 4 and parts[0] == "bc" else ""


def is_repeatable(key: str) -> bool:
    """Whether a call in doubt may simply be made again: nobody gets anything by it, and what was made before and
    never verified is never seen."""
    return step_of(key) in _REPEATABLE
