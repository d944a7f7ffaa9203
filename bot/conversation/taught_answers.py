"""Says what an official answered before to the same question, where the model itself is not sure."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import answering
from bot.conversation.exchange import Decision
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State


def told(situation: Situation, state: State, text: str) -> Turn | None:
    """The answer of a person of the commune, with its day; or that of the topic they said is meant. None: no such."""
    index = situation.desk.taught(situation.commune.id)
    found = index.nearest(text, situation.today) if index else None
    if found is None:
        return None
    answer = found.answer
    if answer.topic in situation.library.topics:
        turn = answering.answer(situation, state, answer.topic, answer.facet or None, route="taught")
        return replace(turn, trace={"taught": answer.id})
    if not answer.words:
        return None
    day = f"{answer.answered:%d/%m/%Y}"
    return Turn(
        state=replace(state, unanswered_in_a_row=0),
        decision=Decision("answer"),
        route="taught",
        blocks=(situation.say("taught_answer", answer=answer.words, day=day),),
        trace={"taught": answer.id},
    )
