"""Answers: one part of one topic, with the parts asked next as buttons; several questions in one message."""

from __future__ import annotations

from dataclasses import replace

import intents
from bot.conversation.exchange import Decision
from bot.conversation.payloads import button
from bot.conversation.situation import Situation, Turn
from bot.conversation.speaking import MOST_BUTTONS
from bot.conversation.state import State
from bot.replies import Button
from intents import Understanding
from knowledge.portal import rendering
from knowledge.portal.links import search_for
from knowledge.portal.words import word

MOST_FACET_BUTTONS = 4
"""Besides "Phần khác"; more would push the answer off a phone's screen."""

SHORTEST_CHECKLIST = 2
"""Papers; a list of one is no list."""


def answer(situation: Situation, state: State, topic: str, facet: str | None, route: str = "answer") -> Turn:
    """Answer one part of a topic the library has; where the part is unknown to it, as if none had been asked."""
    asked = facet if facet in situation.library.facet_names else None
    answered = situation.library.answer(topic, asked, situation.commune, situation.today)
    if answered.facet == "overview":
        heading = situation.say("answer_heading_overview", topic=situation.topic_name(topic))
    else:
        facet_name = situation.facet_name(answered.facet, topic)
        heading = situation.say("answer_heading", topic=situation.topic_name(topic), facet=facet_name)
    return Turn(
        state=state.with_answer(topic, answered.facet, situation.now_ms),
        decision=Decision("answer", ((topic, 1.0),), asked or answered.facet),
        route=route,
        blocks=(f"{heading}\n{answered.text}", *_page_on_the_portal(situation, topic, answered.facet)),
        buttons=_buttons_under(situation, topic, answered.facet, answered.other_facets),
    )


def _page_on_the_portal(situation: Situation, topic: str, shown: str) -> tuple[str, ...]:
    """Under "nộp qua mạng" the link that opens the very procedure: finding it there is where people give up."""
    code = situation.library.topics[topic].procedure_code
    if shown != "online" or code is None or situation.procedures is None:
        return ()
    procedure = situation.procedures.by_code(code)
    if procedure is None:
        return (word("card_search", link=search_for(code)),)
    in_force = procedure.status_on(situation.today) == "current"
    return (rendering.link_line(procedure.listing, situation.commune),) if in_force else ()


def asked_by_name(situation: Situation, text: str, understanding: Understanding) -> Understanding:
    """Where a message is a topic's name and nothing more, words of the name ("Cấp lại giấy…") ask for no part."""
    topic = situation.library.topics.get(understanding.candidates[0].id) if understanding.candidates else None
    if topic is None or understanding.parts or understanding.follow_up:
        return understanding
    said = intents.normalize(text).folded
    is_the_name = any(intents.normalize(name).folded == said for name in (topic.name, topic.short))
    return replace(understanding, facet=None) if is_the_name else understanding


def more(situation: Situation, state: State, topic: str, shown: str | None) -> Turn:
    """Open the rest of the parts, those the four buttons under the answer left out."""
    shown = shown if shown is not None and shown in situation.library.facet_names else "overview"
    library = situation.library
    others = library.topic_for(topic, situation.commune).other_facets(shown)
    offered, left = library.parts_offered(topic, others)
    rest = (*offered[_facets_under(situation, topic, shown) :], *left) or others
    name = situation.topic_name(topic)
    text = situation.say("more_facets", topic=name) if rest else situation.say("no_more_facets", topic=name)
    return Turn(
        state=state.with_answer(topic, shown, situation.now_ms),
        decision=Decision("answer", ((topic, 1.0),)),
        route="more",
        blocks=(text,),
        buttons=tuple(_facet_button(situation, topic, facet) for facet in rest[:MOST_BUTTONS]),
    )


def has_checklist(situation: Situation, topic: str) -> bool:
    """Tell whether the topic's papers can be ticked one by one today."""
    return len(situation.library.checklist(topic, situation.commune, situation.today)) >= SHORTEST_CHECKLIST


def _facets_under(situation: Situation, topic: str, shown: str) -> int:
    """Return how many other parts stand as buttons under an answer: one fewer where the papers can be ticked."""
    return MOST_FACET_BUTTONS - (shown == "papers" and has_checklist(situation, topic))


def _buttons_under(situation: Situation, topic: str, shown: str, others: tuple[str, ...]) -> tuple[Button, ...]:
    offered, _ = situation.library.parts_offered(topic, others)
    most = _facets_under(situation, topic, shown)
    buttons = tuple(_facet_button(situation, topic, facet) for facet in offered[:most])
    if most < MOST_FACET_BUTTONS:
        # After the parts: a typed 1 must go on meaning the part most people ask next.
        buttons += (button(situation.say_of("button", "checklist"), "checklist", topic),)
    if len(others) > min(most, len(offered)):
        buttons += (button(situation.say_of("button", "more"), "more", topic, shown),)
    return buttons


def _facet_button(situation: Situation, topic: str, facet: str) -> Button:
    return button(situation.facet_name(facet, topic), "answer", topic, facet)
