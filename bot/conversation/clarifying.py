"""Asks back where the meaning is unsure: up to three choices and a person, or the one question that tells siblings
apart; where one of them is far the likeliest, its answer stands above the choices, said to hold only if it is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.conversation.acts import LearningHint
from bot.conversation.exchange import Decision
from bot.conversation.payloads import button, shortened
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State
from bot.replies import Button
from intents import Candidate
from knowledge import Answer

MOST_CHOICES = 3
LEAST_OFFERED = 0.003
OFFERED_ACTIONS: dict[str, str] = {"@feedback": "feedback", "@idea": "idea", "@status": "status"}
"""Actions that can be a choice, with their name in payloads and on buttons; "@human" is always the last button."""
GENERAL_TOPICS: dict[str, str] = {"online": "nop-ho-so-truc-tuyen"}
"""Parts that are the same for every procedure, with the topic that tells them."""
LEAST_LIKELY = 0.8
"""Score from which the first choice's answer is shown at once: then it is what was meant in some seven of eight such
questions (docs/decisions/0022-likeliest-answer.md; held by a test)."""
LONGEST_LIKELIEST = 900
"""Characters of such an answer; a longer one would push the choices off the screen, so they stand alone."""
LONGEST_QUOTE = 80
"""Characters of a resident's own question repeated to tell which of several is meant."""


def can_be_offered(situation: Situation, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Keep what a button can stand for: topics the library has, and the actions, at most three.

    The likeliest is always kept; one with next to no likelihood only puzzles ("OCOP" beside a late dossier).
    """
    usable = [c for c in candidates if c.id in situation.library.topics or c.id in OFFERED_ACTIONS]
    return tuple(c for place, c in enumerate(usable) if place == 0 or c.score >= LEAST_OFFERED)[:MOST_CHOICES]


def clarify(
    situation: Situation,
    state: State,
    text: str,
    candidates: Sequence[Candidate],
    facet: str | None,
    question: str | None,
) -> Turn:
    """Offer the choices; the message is remembered, for an action chosen runs on it and a person will want it.

    ``candidates`` must be what :func:`can_be_offered` returned, and not empty.
    """
    buttons = (*_choices(situation, candidates, facet), human_button(situation, "not_these"))
    hint = situation.say("list_hint", count=str(len(buttons)))
    likeliest = _likeliest(situation, candidates, facet)
    if likeliest is None:
        asked = question or (situation.say("clarify") if len(candidates) > 1 else situation.say("clarify_one"))
        blocks: tuple[str, ...] = (f"{asked}\n{hint}",)
    else:
        topic = candidates[0].id
        state = replace(
            state.with_answer(topic, likeliest.facet, situation.now_ms),
            alternatives=tuple(c.id for c in candidates[1:] if c.id in situation.library.topics),
            asked=text,
        )
        heading = situation.say("clarify_likeliest", about=_about(situation, topic, likeliest.facet))
        if question:
            otherwise = situation.say("clarify_to_be_sure", question=question)
        elif len(candidates) > 1:
            otherwise = situation.say("clarify_otherwise")
        else:
            otherwise = situation.say("clarify_otherwise_one")
        blocks = (f"{heading}\n{likeliest.text}", f"{otherwise}\n{hint}")
    return Turn(
        state=replace(state, pending_text=text, menu_at=situation.now_ms),
        decision=Decision("clarify", tuple((c.id, c.score) for c in candidates), facet),
        route="clarify" if likeliest is None else "clarify_likeliest",
        blocks=blocks,
        buttons=buttons,
    )


def _likeliest(situation: Situation, candidates: Sequence[Candidate], facet: str | None) -> Answer | None:
    """The whole answer of the first choice where it is far the likeliest; never cut, for half a rule is a wrong one."""
    first = candidates[0]
    if first.score < LEAST_LIKELY or first.id not in situation.library.topics:
        return None
    asked = facet if facet in situation.library.facet_names else None
    answer = situation.library.answer(first.id, asked, situation.commune, situation.today)
    return answer if len(answer.text) <= LONGEST_LIKELIEST else None


def _about(situation: Situation, topic: str, facet: str) -> str:
    """Name the answer as its own heading would."""
    name = situation.topic_name(topic)
    if facet == "overview":
        return situation.say("answer_heading_overview", topic=name)
    return situation.say("answer_heading", topic=name, facet=situation.facet_name(facet, topic))


def clarify_part(
    situation: Situation, state: State, text: str, candidates: Sequence[Candidate], facet: str | None
) -> Turn:
    """Ask back about one of several questions. The choices stand in the text too: another part may own the buttons."""
    choices = _choices(situation, candidates, facet)
    asked = situation.say("clarify_part", part=quoted(text))
    return Turn(
        state=replace(state, pending_text=text, menu_at=situation.now_ms),
        decision=Decision("clarify", tuple((c.id, c.score) for c in candidates), facet),
        route="clarify",
        blocks=("\n".join((asked, *(f"• {choice.title}" for choice in choices))),),
        buttons=(*choices, human_button(situation, "not_these")),
    )


def ask_for_topic(situation: Situation, state: State, text: str, facet: str, confidence: float) -> Turn:
    """The part is clear ("hết bao nhiêu tiền"), the procedure is not: ask for it, and answer that part then.

    A part with a topic of its own ("nộp hồ sơ qua mạng thế nào") is told for all procedures meanwhile.
    """
    question = situation.say("ask_for_topic", facet=situation.facet_name(facet))
    general = Candidate(GENERAL_TOPICS.get(facet, ""), confidence)
    if general.id in situation.library.topics and confidence >= LEAST_LIKELY:
        turn = clarify(situation, state, text, (general,), facet, question)
        return replace(turn, state=replace(turn.state, wanted_facet=facet))
    return Turn(
        state=replace(state, wanted_facet=facet, answered_at=situation.now_ms),
        decision=Decision("fallback", (), facet),
        route="ask_for_topic",
        blocks=(question,),
    )


def not_that(situation: Situation, state: State) -> Turn:
    """The last answer missed what was meant: offer what the question was next likeliest to mean, and a person."""
    known = tuple(topic for topic in state.alternatives if topic in situation.library.topics)
    choices = tuple(_choice(situation, topic, state.last_facet) for topic in known)
    return Turn(
        state=replace(
            state,
            last_topic=None,
            last_facet=None,
            alternatives=(),
            asked="",
            pending_text=state.asked,
            menu_at=situation.now_ms,
        ),
        decision=Decision("clarify", tuple((topic, 0.0) for topic in known), state.last_facet),
        acts=(LearningHint("not_that", state.asked, wrong=state.last_topic or ""),) if state.asked else (),
        route="not_that",
        blocks=(situation.say("not_that") if known else situation.say("not_that_say_again"),),
        buttons=(*choices, human_button(situation, "human")),
    )


def human_button(situation: Situation, title: str) -> Button:
    """The way to a person; ``title`` is "human" or "not_these"."""
    return button(situation.say_of("button", title), "human")


def quoted(text: str) -> str:
    """A resident's own question, short enough to stand inside our sentence, and no placeholder of ours."""
    return shortened(text.replace("{", "(").replace("}", ")").replace('"', "'"), LONGEST_QUOTE)


def _choices(situation: Situation, candidates: Sequence[Candidate], facet: str | None) -> tuple[Button, ...]:
    return tuple(_choice(situation, candidate.id, facet) for candidate in candidates)


def _choice(situation: Situation, candidate_id: str, facet: str | None) -> Button:
    if candidate_id in OFFERED_ACTIONS:
        action = OFFERED_ACTIONS[candidate_id]
        return button(situation.say_of("button", action), "action", action)
    name = situation.topic_name(candidate_id)
    return button(name, "answer", candidate_id, facet) if facet else button(name, "ask", candidate_id)
