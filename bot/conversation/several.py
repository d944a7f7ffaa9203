"""Several questions in one message: each is answered, in order, in one message where they fit."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import answering, clarifying, contributions, emergencies, staff
from bot.conversation.dialogues import status
from bot.conversation.exchange import Decision, DecisionName, StaffRequest
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State
from bot.replies import Button
from intents import Part, Understanding

_BEST_FIRST: tuple[DecisionName, ...] = ("answer", "action", "clarify", "fallback", "chitchat")


def respond(situation: Situation, state: State, understanding: Understanding, text: str) -> Turn:
    """Answer every part; a part without an answer is written down for staff, and the others are still answered.

    The buttons are those of a question still open, else those of the last answer.
    """
    turns: list[Turn] = []
    for part in understanding.parts:
        turn = _respond_to_part(situation, state, part, text)
        state = turn.state
        turns.append(turn)
    blocks = list(dict.fromkeys(block for turn in turns for block in turn.blocks))
    requests: tuple[StaffRequest, ...] = tuple(dict.fromkeys(request for turn in turns for request in turn.requests))
    acts = tuple(act for turn in turns for act in turn.acts)
    topics = tuple(dict(reversed([topic for turn in turns for topic in turn.decision.topics])).items())[::-1]
    decision = Decision(
        decision=_overall(turns),
        topics=topics,
        facet=understanding.facet or next((turn.decision.facet for turn in turns if turn.decision.facet), None),
        action=understanding.action or next((turn.decision.action for turn in turns if turn.decision.action), None),
        parts=understanding.parts,
    )
    return Turn(
        state=state,
        decision=decision,
        route="several:" + "+".join(turn.route for turn in turns),
        blocks=tuple(blocks),
        buttons=_buttons(turns),
        requests=requests,
        acts=acts,
    )


def _respond_to_part(situation: Situation, state: State, part: Part, whole: str) -> Turn:
    topic = next((candidate for candidate in part.candidates if candidate.id in situation.library.topics), None)
    if part.decision == "answer" and topic is not None:
        if topic.id == emergencies.EMERGENCY_TOPIC:
            return emergencies.answer(situation, state, part.facet, topic.score)
        turn = answering.answer(situation, state, topic.id, part.facet)
        return replace(turn, decision=replace(turn.decision, topics=((topic.id, topic.score),)))
    offered = clarifying.can_be_offered(situation, part.candidates)
    if part.decision == "clarify" and offered:
        return clarifying.clarify_part(situation, state, part.text, offered, part.facet)
    if part.decision == "action":
        return _act_on_part(situation, state, part, whole)
    if part.decision == "chitchat":
        return Turn(state, Decision("chitchat"), "chitchat")
    return staff.unanswered_part(situation, state, part.text)


def _act_on_part(situation: Situation, state: State, part: Part, whole: str) -> Turn:
    # Staff get the whole message: a part torn out may have lost the place or the reason.
    kind = contributions.CONTRIBUTIONS.get(part.action or "")
    if kind is not None:
        return contributions.contribute(situation, state, kind, whole)
    if part.action == "status":
        return status.respond(situation, state, part.text)
    return staff.human(situation, state, whole)


def _overall(turns: list[Turn]) -> DecisionName:
    """One word for the whole message: the best that any of its parts came to."""
    decisions = {turn.decision.decision for turn in turns}
    return next((name for name in _BEST_FIRST if name in decisions), "fallback")


def _buttons(turns: list[Turn]) -> tuple[Button, ...]:
    open_questions = [turn.buttons for turn in turns if turn.decision.decision == "clarify"]
    shown = open_questions or [turn.buttons for turn in turns if turn.buttons]
    return shown[-1] if shown else ()
