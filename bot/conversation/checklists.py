"""The checklist: a resident ticks the papers that are ready, so that nobody makes the trip with one missing.

Papers are numbered as they still are missing, so a number means the same typed, tapped or in the plain list.
"""

from __future__ import annotations

import re
from dataclasses import replace

from rapidfuzz import fuzz

from bot.conversation.exchange import Decision
from bot.conversation.payloads import button
from bot.conversation.reading import Reading, read
from bot.conversation.situation import Situation, Turn
from bot.conversation.speaking import MOST_BUTTONS
from bot.conversation.state import Expecting, State
from bot.replies import Button
from knowledge.checklists import Checklist, ChecklistItem, is_complete

AWAITED: Expecting = "checklist"
POLICE_OWNER = "cong-an"
ELSEWHERE_OWNER = "ngoai-xa"
_NUMBERS = re.compile(r"(?:so )?\d{1,2}(?:(?: va |[ ,;.+&]+)(?:so )?\d{1,2})*[ .]?")
_CHECK_MARKS = "✔✓☑✅"
LEAST_LIKENESS = 82
"""How alike a typed name and a paper's words must be: slips are common, but two papers mixed up is worse."""

SHORTEST_NAME = 3
"""Letters, such as "ảnh"."""


def open_list(situation: Situation, state: State, topic: str) -> Turn | None:
    """Show the papers of a topic to tick, with what was ticked within the hour; None where it has no list today."""
    checklist = _of(situation, topic)
    if not checklist:
        return None
    kept = tuple(item.id for item in checklist if topic == state.checklist and item.id in state.ticked)
    return _show(situation, state, topic, checklist, kept, "checklist")


def tick(situation: Situation, state: State, topic: str, item: str | None) -> Turn | None:
    """A tap on one paper, however old the button; None where the topic has no list today."""
    checklist = _of(situation, topic)
    if not checklist:
        return None
    have = state.ticked if topic == state.checklist else ()
    return _show(situation, state, topic, checklist, _with(have, item, checklist), "checklist_ticked")


def typed(situation: Situation, state: State, text: str, reading: Reading) -> Turn | None:
    """Take a message as ticks while the list is open: numbers, names of papers, "còn thiếu gì", "đủ rồi".

    None where it is about something else.
    """
    topic = state.checklist
    checklist = _of(situation, topic) if topic else ()
    if topic is None or not checklist:
        return None
    words = situation.words
    if reading.cancels(words):
        left = situation.say("checklist_left")
        return Turn(state.awaiting_nothing(), Decision("chitchat"), "checklist_left", (left,))
    if _NUMBERS.fullmatch(reading.folded):
        return _numbers(
            situation, state, topic, checklist, [int(number) for number in re.findall(r"\d+", reading.folded)]
        )
    if reading.says_one_of(words, "checklist_missing"):
        return _show(situation, state, topic, checklist, state.ticked, "checklist")
    if " ".join(reading.words) in words.cues["checklist_all"]:
        return _show(situation, state, topic, checklist, tuple(item.id for item in checklist), "checklist_ticked")
    named = _named(situation, checklist, text, reading)
    if not named:
        return None
    if reading.says_one_of(words, "checklist_not_yet"):
        kept = tuple(each for each in state.ticked if each not in named)
    else:
        kept = tuple(dict.fromkeys((*state.ticked, *named)))
    return _show(situation, state, topic, checklist, kept, "checklist_ticked")


def left_behind(state: State) -> State:
    """Close the list for another question; the ticks stay for the rest of the hour."""
    return state.awaiting_nothing() if state.expecting == AWAITED else state


def _of(situation: Situation, topic: str) -> Checklist:
    if topic not in situation.library.topics:
        return ()
    return situation.library.checklist(topic, situation.commune, situation.today)


def _with(have: tuple[str, ...], item: str | None, checklist: Checklist) -> tuple[str, ...]:
    known = any(item == each.id for each in checklist)
    return (*have, item) if item is not None and known and item not in have else have


def _missing(checklist: Checklist, have: tuple[str, ...]) -> Checklist:
    replaced = {item.instead_of for item in checklist if item.id in have}
    return tuple(item for item in checklist if item.id not in have and item.id not in replaced)


def _numbers(situation: Situation, state: State, topic: str, checklist: Checklist, numbers: list[int]) -> Turn:
    missing = _missing(checklist, state.ticked)
    have = state.ticked
    for number in numbers:
        if 1 <= number <= len(missing):
            have = _with(have, missing[number - 1].id, checklist)
    return _show(situation, state, topic, checklist, have, "checklist_ticked")


def _named(situation: Situation, checklist: Checklist, text: str, reading: Reading) -> tuple[str, ...]:
    """Return the papers a message says are there; empty where it names none, or asks something."""
    marked = any(mark in text for mark in _CHECK_MARKS)
    words = situation.words
    if reading.asks(words) or not (
        marked or reading.says_one_of(words, "checklist_have") or _is_a_title(checklist, reading)
    ):
        return ()
    small = set(words.cues["checklist_small_words"])
    vague = set(words.cues["checklist_vague_words"])
    found: list[str] = []
    for piece in re.split(r"[,;\n+]| va ", reading.folded):
        said = [word for word in re.findall(r"\w+", piece) if word not in small]
        if any(word not in vague for word in said):
            found.extend(_alike(checklist, " ".join(said)))
    return tuple(dict.fromkeys(found))


def _alike(checklist: Checklist, said: str) -> tuple[str, ...]:
    """Return the one paper whose words hold what was said best; several equally good ones are all meant."""
    scores = {item.id: _likeness(said, item) for item in checklist}
    best = max(scores.values())
    if best < LEAST_LIKENESS:
        return ()
    equal = [item for item in checklist if scores[item.id] == best]
    # "căn cước" may stand in several lines; what everybody needs is meant before what a special case needs.
    general = [item for item in equal if not item.when]
    return tuple(item.id for item in (general or equal)[:1])


def _likeness(said: str, item: ChecklistItem) -> float:
    return float(fuzz.token_set_ratio(said, read(item.text).folded)) if len(said) >= SHORTEST_NAME else 0.0


def _is_a_title(checklist: Checklist, reading: Reading) -> bool:
    return any(" ".join(reading.words) == " ".join(read(item.text).words) for item in checklist)


def _show(
    situation: Situation, state: State, topic: str, checklist: Checklist, have: tuple[str, ...], route: str
) -> Turn:
    state = replace(
        state.awaiting(AWAITED, situation.now_ms),
        checklist=topic,
        ticked=have,
        checklist_at=situation.now_ms,
        unanswered_in_a_row=0,
    ).with_answer(topic, "papers", situation.now_ms)
    decision = Decision("answer", ((topic, 1.0),), "papers")
    missing = _missing(checklist, have)
    name = situation.topic_name(topic)
    lines = [f"✔ {item.label}" for item in checklist if item.id in have]
    if is_complete(checklist, have):
        return _complete(situation, state, topic, missing, lines)
    buttons: tuple[Button, ...] = ()
    if have:
        asked = situation.say("checklist_still", count=str(len(missing)))
    else:
        asked = situation.say("checklist_ask", topic=name)
    if len(missing) <= MOST_BUTTONS:
        buttons = tuple(button(item.label, "tick", topic, item.id) for item in missing)
        lines.append(asked)
    else:
        lines.extend((asked, *(f"{number}. {item.label}" for number, item in enumerate(missing, 1))))
    return Turn(state, decision, route, ("\n".join(lines),), buttons)


def _complete(situation: Situation, state: State, topic: str, missing: Checklist, lines: list[str]) -> Turn:
    owner = situation.library.topics[topic].owner_unit
    if owner == POLICE_OWNER:
        go = situation.say("checklist_go_police")
    elif owner == ELSEWHERE_OWNER:
        go = situation.say("checklist_go_elsewhere")
    else:
        go = situation.say("checklist_go_desk")
    lines.append(go)
    if missing:
        lines.append(situation.say("checklist_only_if"))
        lines.extend(f"• {item.label}" for item in missing)
    facets = situation.library.topic_for(topic, situation.commune).facets
    buttons = tuple(
        button(situation.facet_name(facet, topic), "answer", topic, facet)
        for facet in ("online", "place", "form")
        if facet in facets
    )
    decision = Decision("answer", ((topic, 1.0),), "papers")
    return Turn(state.awaiting_nothing(), decision, "checklist_complete", ("\n".join(lines),), buttons)
