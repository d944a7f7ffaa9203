"""Danger comes before everything: the free numbers first, then whatever else there is to say."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import answering
from bot.conversation.exchange import Decision
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State

EMERGENCY_TOPIC = "bao-su-co-khan-cap"
REPEAT_AFTER = 60_000
"""Milliseconds: in a flood of messages the numbers are said again no sooner."""


def answer(situation: Situation, state: State, facet: str | None, score: float) -> Turn:
    """The numbers, then what the library knows about emergencies; no buttons to get lost in."""
    blocks: tuple[str, ...] = (situation.say("emergency"),)
    if EMERGENCY_TOPIC in situation.library.topics:
        turn = answering.answer(situation, state, EMERGENCY_TOPIC, facet)
        blocks += turn.blocks
        state = turn.state
    state = replace(state, emergency_at=situation.now_ms, unanswered_in_a_row=0)
    decision = Decision("answer", ((EMERGENCY_TOPIC, score),), facet)
    return Turn(state, decision, "emergency", blocks)


def numbers_first(situation: Situation, turn: Turn) -> Turn:
    """Put the numbers before what is said anyway."""
    state = replace(turn.state, emergency_at=situation.now_ms)
    return replace(turn, state=state, blocks=(situation.say("emergency"), *turn.blocks))


def may_be_repeated(situation: Situation, state: State) -> bool:
    """Tell whether even a flood gets the numbers (again)."""
    return situation.now_ms - state.emergency_at >= REPEAT_AFTER
