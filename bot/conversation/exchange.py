"""What comes into the conversation and what leaves it: the types the engine and the command line deal in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.conversation.acts import Act, SentThing
from bot.conversation.state import State
from bot.people import NOBODY, Person
from bot.replies import Reply
from intents import Part

RequestKind = Literal["unanswered", "human", "feedback", "idea"]
DecisionName = Literal["answer", "clarify", "fallback", "action", "chitchat", "silent"]

TEXT_KINDS: frozenset[str] = frozenset({"text", "anonymous_text"})
WELCOME_KINDS: frozenset[str] = frozenset({"follow", "chat_now"})
CAPTIONED_KINDS: frozenset[str] = frozenset({"image", "gif", "video", "file", "anonymous_image", "anonymous_file"})
"""Kinds whose text, where there is one, is what the resident says about the thing sent."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing a resident did.

    ``kind`` is "text", "image", "gif", "link", "audio", "video", "sticker", "location", "file", "business_card",
    "submit_info", "follow", "chat_now", or an "anonymous_…" form of these; any other kind gets a general word.
    ``is_first`` tells that this resident was never heard of before; ``silent`` that a person has the conversation.
    ``name`` and ``phone`` come with "submit_info", the point with "location".
    """

    kind: str
    text: str = ""
    is_first: bool = False
    silent: bool = False
    person: Person = NOBODY
    things: tuple[SentThing, ...] = ()
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StaffRequest:
    """Something staff must see. ``text`` is the resident's own words, whole: whoever stores it encrypts it."""

    kind: RequestKind
    text: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about the message; "silent" where nothing is said at all. Scores run from 0 to 1."""

    decision: DecisionName
    topics: tuple[tuple[str, float], ...] = ()
    facet: str | None = None
    action: str | None = None
    parts: tuple[Part, ...] = ()
    pointer: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Replies in the order they are sent, the state for the next message, and what staff get.

    ``rating`` is the resident's mark from 1 to 5 where a rating question had just been asked.
    ``trace`` is JSON-able and says how the decision came about; it holds no unmasked words of the resident.
    """

    replies: tuple[Reply, ...]
    state: State
    requests: tuple[StaffRequest, ...] = ()
    decision: Decision = field(default_factory=lambda: Decision("silent"))
    trace: Mapping[str, object] = field(default_factory=dict)
    rating: int | None = None
    acts: tuple[Act, ...] = ()
