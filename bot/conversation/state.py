"""What the conversation remembers of one resident between two messages: little, and not for long.

The only words of the resident kept are ``pending_text``, the message a choice is still open about, ``asked``, the one
just answered (a "không phải" after it teaches something), and what a dialogue was told so far; whoever stores the
state encrypts it whole. Moments are milliseconds since 1970, UTC.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, Self, get_args

from bot.conversation.acts import SentThing
from bot.conversation.dialogue_state import MOST_THINGS, DialogueState, read_things
from bot.replies import Button

Expecting = Literal["none", "rating", "old_address", "checklist"]

MINUTE = 60_000
CONTEXT_LIVES = 15 * MINUTE
"""A short "thế còn lệ phí?" points back to the last answer this long; later it is likelier about something new."""
LIST_LIVES = 60 * MINUTE
"""A typed number picks from the last list this long: an old reader fetches glasses and papers first, yet a "2" the
next morning is no longer about it. Taps carry their own meaning and never expire."""
WAITING_LIVES = 60 * MINUTE
"""How long the next message is taken as the answer to our question."""
ADDITION_LIVES = 10 * MINUTE
"""People tell a report in several messages; this long after it was filed, words that are no question belong to it."""
THINGS_LIVE = 60 * MINUTE
"""A photo sent before anything was said belongs to the report told within the hour."""
MOST_FILED = 3
"""Dialogues filed last that are remembered, so that a second tap on "send" is told the code and files nothing."""
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
    asked: str = ""
    menu: tuple[Button, ...] = ()
    menu_at: int = 0
    expecting: Expecting = "none"
    expecting_since: int = 0
    pending_text: str = ""
    dialogue: DialogueState | None = None
    filed: tuple[tuple[str, str], ...] = ()
    filed_at: int = 0
    things: tuple[SentThing, ...] = ()
    things_at: int = 0
    unanswered_in_a_row: int = 0
    welcomed_at: int = 0
    emergency_at: int = 0
    answered_conversations: int = 0
    answer_counted_at: int = 0
    rating_asked_at: int = 0
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
            state = replace(state, last_topic=None, last_facet=None, alternatives=(), asked="")
        if state.wanted_facet is not None and now_ms - state.answered_at > CONTEXT_LIVES:
            state = replace(state, wanted_facet=None)
        if (state.menu or state.pending_text) and now_ms - state.menu_at > LIST_LIVES:
            state = replace(state, menu=(), pending_text="")
        if state.things and now_ms - state.things_at > THINGS_LIVE:
            state = replace(state, things=())
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

    def with_filed(self, run: str, code: str, now_ms: int, *, takes_more: bool = False) -> Self:
        """The dialogue is filed under a code: it is over, and a second "send" will be told so. ``takes_more`` tells
        that words and photos following at once belong to the case too."""
        filed = ((run, code), *self.filed)[:MOST_FILED]
        return replace(
            self.awaiting_nothing(),
            dialogue=None,
            filed=filed,
            filed_at=now_ms if takes_more else 0,
            menu=(),
            unanswered_in_a_row=0,
        )

    def code_filed_just_now(self, now_ms: int) -> str | None:
        """The code that words following at once still belong to."""
        return self.filed[0][1] if self.filed and 0 <= now_ms - self.filed_at <= ADDITION_LIVES else None

    def keeping(self, things: tuple[SentThing, ...], now_ms: int) -> Self:
        """Remember photos sent before it was said what they are about; the newest are kept."""
        return replace(self, things=(*self.things, *things)[-MOST_THINGS:], things_at=now_ms)

    def after_a_person_spoke(self) -> Self:
        """Nothing we showed or asked counts any more once an official has joined in.

        A dialogue half told is kept, but the resident is asked whether to go on with it.
        """
        return replace(
            self.awaiting_nothing(),
            menu=(),
            last_topic=None,
            last_facet=None,
            wanted_facet=None,
            alternatives=(),
            dialogue=replace(self.dialogue, touched_at=0) if self.dialogue else None,
            filed_at=0,
            things=(),
            unanswered_in_a_row=0,
        )


def _usable(name: str, found: Mapping[str, object]) -> Any:
    """Return the stored value of a field in its proper shape, or None where there is none."""
    value = found.get(name)
    if name == "menu":
        return _menu(value)
    if name == "dialogue":
        return DialogueState.read(value)
    if name == "filed":
        return _filed(value)
    if name == "things":
        return read_things(value)
    if name in ("alternatives", "ticked"):
        return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else None
    if name == "expecting":
        return value if isinstance(value, str) and value in get_args(Expecting) else None
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


def _filed(value: object) -> tuple[tuple[str, str], ...] | None:
    if not isinstance(value, list):
        return None
    pairs = [pair for pair in value if isinstance(pair, list) and len(pair) == 2]
    return tuple((run, code) for run, code in pairs if isinstance(run, str) and isinstance(code, str))[:MOST_FILED]
