"""Campaigns and tasks a commune's plan calls by name: "mỗi thôn một sáng kiến", "gương đổi mới sáng tạo"."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.exchange import Decision
from bot.conversation.payloads import button
from bot.conversation.reading import Reading
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State
from intents import Understanding

MOST_WORDS_BESIDES = 4
"""Words beside the name: "mỗi thôn một sáng kiến là gì" asks; a longer message taken for an idea is one."""
IDEAS_TOPIC = "gui-sang-kien"


def about(situation: Situation, state: State, reading: Reading, understanding: Understanding) -> Turn | None:
    """Answer a question after something plans call by name; None where the message is something else."""
    if len(understanding.parts) > 1 or understanding.decision == "chitchat":
        return None
    subject_id, cue = _named(situation, reading)
    if subject_id is None:
        return None
    subject = situation.library.plan_subjects[subject_id]
    besides = len(reading.words) - len(cue.split())
    if understanding.decision == "action" and besides > MOST_WORDS_BESIDES:
        return None
    answered = understanding.candidates[0].id if understanding.decision == "answer" else None
    if answered == subject.topic and understanding.facet not in (None, "overview", subject.facet):
        # The fee or the place of the same thing: the topic's own part says that better.
        return None
    if subject.topic not in situation.library.topics:
        return None
    topics = tuple(dict.fromkeys((subject.topic, IDEAS_TOPIC)))
    return Turn(
        state=replace(state.with_answer(subject.topic, "overview", situation.now_ms), unanswered_in_a_row=0),
        decision=Decision("answer", ((subject.topic, 1.0),), "overview"),
        route=f"plan:{subject_id}",
        blocks=(situation.library.plan_subject(subject_id, situation.commune),),
        buttons=tuple(
            button(situation.library.topics[topic].short, "answer", topic, "overview")
            for topic in topics
            if topic in situation.library.topics
        ),
    )


def _named(situation: Situation, reading: Reading) -> tuple[str | None, str]:
    """Return the subject with the longest cue in the message, and that cue."""
    best: tuple[str | None, str] = (None, "")
    for id, subject in situation.library.plan_subjects.items():
        for cue in subject.cues:
            if len(cue) > len(best[1]) and reading.holds(cue):
                best = (id, cue)
    return best
