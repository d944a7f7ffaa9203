"""Danger comes before everything: the free numbers first, then whatever else there is to say."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import answering
from bot.conversation.exchange import Decision
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State

EMERGENCY_TOPIC = "bao-su-co-khan-cap"
WHERE_TO_TURN = frozenset(
    {"cach-phan-anh", "dia-chi-lien-he", "khieu-nai-to-cao", "lich-tiep-cong-dan", "gio-lam-viec"}
)
"""Topics somebody in danger may be taken to ask about; a question on papers after a fire is about papers."""
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


def numbers_only(situation: Situation, state: State) -> Turn:
    """The numbers and nothing else: a person has the conversation."""
    state = replace(state, emergency_at=situation.now_ms)
    return Turn(state, Decision("answer", ((EMERGENCY_TOPIC, 1.0),)), "emergency", (situation.say("emergency"),))


def should_come_first(turn: Turn) -> bool:
    """Tell whether a message with words of danger gets the numbers before this reply."""
    if turn.route.startswith("emergency"):
        return False
    return turn.decision.decision != "answer" or any(topic in WHERE_TO_TURN for topic, _ in turn.decision.topics[:1])


def numbers_first(situation: Situation, turn: Turn) -> Turn:
    """Put the numbers before what is said anyway."""
    state = replace(turn.state, emergency_at=situation.now_ms)
    blocks = (situation.say("emergency"), *turn.blocks)
    return replace(turn, state=state, blocks=blocks, route=f"emergency+{turn.route}")


def may_be_repeated(situation: Situation, state: State) -> bool:
    """Tell whether even a flood gets the numbers (again)."""
    return situation.now_ms - state.emergency_at >= REPEAT_AFTER
