"""A sensible word for whatever is not text: what cannot be looked at yet is said to be so."""

from __future__ import annotations

from bot.conversation.exchange import Decision
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State

ANONYMOUS = "anonymous_"


def respond(situation: Situation, state: State, kind: str) -> Turn:
    """Say what to do instead."""
    kind = kind.removeprefix(ANONYMOUS)
    known = kind if situation.words.has("attachment", kind) else "unknown"
    text = situation.say_of("attachment", known)
    return Turn(state, Decision("chitchat"), f"attachment_{kind}", (text,))
