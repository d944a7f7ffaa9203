"""What the conversation remembers of one resident between two messages: little, and not for long.

The only words of the resident kept are ``pending_text``, the message a choice is still open about; whoever stores
the state encrypts it whole. Moments are milliseconds since 1970, UTC.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self, get_args

from bot.replies import Button

Expecting = Literal["none", "rating", "feedback_text", "idea_text", "old_address", "checklist"]
Contributed = Literal["none", "feedback", "idea"]

MINUTE = 60_000
CONTEXT_LIVES = 15 * MINUTE
"""A short "thế còn lệ phí?" points back to the last answer this long; later it is likelier about something new."""
LIST_LIVES = 60 * MINUTE
"""A typed number picks from the last list this long: an old reader fetches glasses and papers first, yet a "2" the
next morning is no longer about it. Taps carry their own meaning and never expire."""
WAITING_LIVES = 60 * MINUTE
"""How long the next message is taken as the report or idea announced before."""
ADDITION_LIVES = 10 * MINUTE
"""People tell a report in several messages; this long after it, words that are no question belong to it."""
CHECKLIST_LIVES = 60 * MINUTE
"""Ticks are kept this long, through other questions too: papers are looked for all over the house."""
RATING_LIVES = 24 * 60 * MINUTE
"""A rating is asked when nobody is chatting, so the answer may come the next day; only the very next message counts."""


@dataclass(frozen=True, slots=True)
class State:
    """The memory of one conversation; a new resident starts with ``State()``."""

    last_topic: str | None = None
    last_facet: str | None = None
    wanted_facet: str | None = None
    answered_at: int = 0
    alternatives: tuple[str, ...] = ()
    menu: tuple[Button, ...] = ()
    menu_at: int = 0
    expecting: Expecting = "none"
    expecting_since: int = 0
    pending_text: str = ""
    contributed: Contributed = "none"
    contributed_at: int = 0
    unanswered_in_a_row: int = 0
    welcomed_at: int = 0
    emergency_at: int = 0
    checklist: str | None = None
    ticked: tuple[str, ...] = ()
    checklist_at: int = 0
    bucket: float = 8.0
    bucket_at: int = 0
    told_to_wait: bool = False

    def to_json(self) -> str:
        """The compact form kept in the store."""
        document = asdict(self)
        document["menu"] = [[button.title, button.payload] for button in self.menu]
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, document: str | None) -> Self:
        """Read back what any version wrote: unknown fields are ignored, missing or misshapen ones start afresh.

        A memory that cannot be read must never keep a resident from being answered, so nothing is raised.
        """
        try:
            found = json.loads(document) if document else {}
        except ValueError:
            found = {}
        if not isinstance(found, Mapping):
            return cls()
        usable = {field.name: value for field in fields(cls) if (value := _usable(field.name, found)) is not None}
        return replace(cls(), **usable)

    def without_what_is_too_old(self, now_ms: int) -> Self:
        """Forget the context, the list and what was awaited once their time is over."""
        state = self
        if state.last_topic is not None and now_ms - state.answered_at > CONTEXT_LIVES:
            state = replace(state, last_topic=None, last_facet=None, alternatives=())
        if state.wanted_facet is not None and now_ms - state.answered_at > CONTEXT_LIVES:
            state = replace(state, wanted_facet=None)
        if (state.menu or state.pending_text) and now_ms - state.menu_at > LIST_LIVES:
            waiting = state.expecting in ("feedback_text", "idea_text")
            state = replace(state, menu=(), pending_text=state.pending_text if waiting else "")
        if state.contributed != "none" and now_ms - state.contributed_at > ADDITION_LIVES:
            state = replace(state, contributed="none")
        if state.checklist is not None and now_ms - state.checklist_at > CHECKLIST_LIVES:
            state = replace(state, checklist=None, ticked=())
        lives = RATING_LIVES if state.expecting == "rating" else WAITING_LIVES
        if state.expecting != "none" and now_ms - state.expecting_since > lives:
            state = state.awaiting_nothing()
        return state

    def with_answer(self, topic: str, facet: str, now_ms: int) -> Self:
        """Remember what was just answered, so that a short question after it is understood."""
        return replace(
            self,
            last_topic=topic,
            last_facet=facet,
            wanted_facet=None,
            answered_at=now_ms,
            alternatives=(),
            unanswered_in_a_row=0,
        )

    def with_menu(self, buttons: tuple[Button, ...], now_ms: int) -> Self:
        """Remember the list just shown: a typed number picks from it."""
        return replace(self, menu=buttons, menu_at=now_ms)

    def awaiting(self, expecting: Expecting, now_ms: int, pending_text: str = "") -> Self:
        """The next message is the answer to our question; lists shown earlier no longer count."""
        return replace(self, expecting=expecting, expecting_since=now_ms, pending_text=pending_text, menu=())

    def awaiting_rating(self, now_ms: int) -> Self:
        """To be called by whoever sends a rating question: the next message, if it is 1 to 5, is the mark."""
        return self.awaiting("rating", now_ms)

    def awaiting_nothing(self) -> Self:
        """Leave the question that was open."""
        return replace(self, expecting="none", expecting_since=0, pending_text="")

    def after_a_person_spoke(self) -> Self:
        """Nothing we showed or asked counts any more once an official has joined in."""
        return replace(
            self.awaiting_nothing(),
            menu=(),
            last_topic=None,
            last_facet=None,
            wanted_facet=None,
            alternatives=(),
            contributed="none",
            unanswered_in_a_row=0,
        )


def _usable(name: str, found: Mapping[str, object]) -> Any:
    """Return the stored value of a field in its proper shape, or None where there is none."""
    value = found.get(name)
    if name == "menu":
        return _menu(value)
    if name in ("alternatives", "ticked"):
        return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else None
    if name in ("expecting", "contributed"):
        allowed = get_args(Expecting if name == "expecting" else Contributed)
        return value if isinstance(value, str) and value in allowed else None
    default = getattr(State(), name)
    if default is None or isinstance(default, str):
        return value if isinstance(value, str) else None
    if isinstance(default, bool):
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) > 1e15:
        return None
    return float(value) if isinstance(default, float) else int(value)


def _menu(value: object) -> tuple[Button, ...] | None:
    if not isinstance(value, list):
        return None
    pairs = [pair for pair in value if isinstance(pair, list) and len(pair) == 2]
    return tuple(
        Button(title, payload) for title, payload in pairs if isinstance(title, str) and isinstance(payload, str)
    )
