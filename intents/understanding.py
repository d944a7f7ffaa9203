"""What the first stage hands on: the words of the contract between `intents` and its callers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ACTION_LABELS = ("@feedback", "@idea", "@status", "@human")
CHITCHAT_LABEL = "@chitchat"
OUT_OF_SCOPE_LABEL = "@oos"
EMERGENCY_TOPIC = "bao-su-co-khan-cap"
FACETS = ("papers", "fee", "time", "place", "online", "form", "who", "late", "result", "overview")
CHITCHAT_KINDS = ("greeting", "thanks", "goodbye", "praise", "who", "insult", "other")


class ModelMissing(RuntimeError):
    """No built model fits the packaged data; `python -m intents.build` makes one."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the conversation was about before this message."""

    last_topic: str | None = None
    last_facet: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing the message may mean: a topic id, or `@feedback` `@idea` `@status` `@human` `@chitchat`; score 0-1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Part:
    """One question of a message that asks several things."""

    text: str
    decision: str
    candidates: tuple[Candidate, ...]
    facet: str | None
    action: str | None


@dataclass(frozen=True, slots=True)
class Understanding:
    """The decision about one message. Field meanings are in docs/design.md, section intents."""

    normalised: str
    decision: str
    candidates: tuple[Candidate, ...] = ()
    facet: str | None = None
    action: str | None = None
    parts: tuple[Part, ...] = ()
    pointer: str | None = None
    chitchat: str | None = None
    question: str | None = None
    confidence: float = 0.0
    follow_up: bool = False
    trace: Mapping[str, object] = field(default_factory=dict)
