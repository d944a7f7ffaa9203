"""What residents ask about their own commune in words: villages, units and their duties, leaders, hotline, groups.

All of it comes from the commune's profile; what the profile leaves empty is said to be so, with whom to ask.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import intents
from bot.conversation.exchange import Decision
from bot.conversation.payloads import button
from bot.conversation.reading import Reading, read
from bot.conversation.situation import Situation, Turn
from bot.conversation.staff import desk_line
from bot.conversation.state import State
from bot.replies import Button
from intents import Understanding
from knowledge.communes import Unit
from knowledge.local_telling import own_lines
from knowledge.profile_lists import Village
from knowledge.schema import LocalFacts

LONGEST_QUESTION = 12
"""Words: what is longer tells something, and the model reads it."""
UNITS_TOPIC = "dia-chi-lien-he"
NEWS_TOPIC = "truyen-thanh"
TOLD_TO_THE_COMMUNE = ("@feedback", "@idea")
"""What is no question: "xã mình nên lập nhóm zalo" proposes a group, it asks for none."""
OFFERED = ("feedback", "idea")
CALLED: dict[str, str] = {
    "desk": "unit_desk",
    "police": "unit_police",
    "culture_unit": "unit_culture_unit",
    "economy_unit": "unit_economy_unit",
    "office": "unit_office",
    "public_service": "unit_public_service",
}
"""Roles of units, with the cues people call them by besides their full name."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """Something the profile tells: the cues that ask for it (``cues`` of the catalogue), the topic it belongs to."""

    cues: str
    topic: str
    facts: LocalFacts


_VILLAGES = _Subject("own_villages", UNITS_TOPIC, LocalFacts(facets=(), lists=("villages",)))
_SUBJECTS: tuple[_Subject, ...] = (
    _Subject("own_leaders", UNITS_TOPIC, LocalFacts(facets=(), fields=("leaders",))),
    _Subject("own_hotline", UNITS_TOPIC, LocalFacts(facets=(), fields=("hotline",))),
    _Subject("own_groups", NEWS_TOPIC, LocalFacts(facets=(), lists=("groups",))),
    _VILLAGES,
)


def about(situation: Situation, state: State, reading: Reading, understanding: Understanding) -> Turn | None:
    """Answer a short question after the commune itself; None where the message is something else."""
    if len(reading.words) > LONGEST_QUESTION or len(understanding.parts) > 1 or understanding.pointer:
        return None
    if understanding.candidates and understanding.candidates[0].id in TOLD_TO_THE_COMMUNE:
        return None
    turn = _village_named(situation, state, reading) or _unit_duties(situation, state, reading)
    if turn is None:
        subject = next((each for each in _SUBJECTS if reading.says_one_of(situation.words, each.cues)), None)
        turn = _told(situation, state, subject) if subject is not None else None
    if turn is None:
        return None
    topic = turn.decision.topics[0][0]
    answered = understanding.candidates[0].id if understanding.decision == "answer" else topic
    return turn if answered in (topic, UNITS_TOPIC, NEWS_TOPIC) and topic in situation.library.topics else None


def village_lines(situation: Situation, village: Village) -> tuple[str, ...]:
    """Return the lines the profile has of a village: name, who leads it, its rules."""
    lines = [village.name]
    if village.leader or village.contact:
        led = ", ".join(part for part in (village.leader, village.contact) if part)
        lines.append(situation.say("village_leader", leader=led))
    if village.rules:
        lines.append(situation.say("village_rules", rules=village.rules))
    if len(lines) == 1:
        lines.append(situation.say("village_untold"))
    return tuple(lines)


def village_buttons(situation: Situation) -> tuple[Button, ...]:
    """The ways to report or propose something where one lives."""
    return tuple(button(situation.say_of("button", name), "action", name) for name in OFFERED)


def _village_named(situation: Situation, state: State, reading: Reading) -> Turn | None:
    if not reading.says_one_of(situation.words, "own_village"):
        return None
    named = [village for village in situation.commune.villages if reading.holds(_folded(village.name))]
    if not named:
        # Somebody asks who leads a village the profile does not name: what it has of villages, or that it has none.
        asks_who = reading.says_one_of(situation.words, "own_village_leader") and reading.says_one_of(
            situation.words, "own_who"
        )
        return _told(situation, state, _VILLAGES) if asks_who else None
    # "Thôn Đoài Trong" also holds "Thôn Đoài": the longest name is the one meant.
    village = max(named, key=lambda each: len(each.name))
    lines = village_lines(situation, village)
    if not village.rules and reading.says_one_of(situation.words, "own_rules"):
        lines = (*lines, situation.say("village_rules_untold", desk_line=desk_line(situation)))
    return _answered(situation, state, UNITS_TOPIC, "village", "\n".join(lines), village_buttons(situation))


def _unit_duties(situation: Situation, state: State, reading: Reading) -> Turn | None:
    words, units = situation.words, situation.commune.units
    if reading.says_one_of(words, "own_units"):
        lines = [f"• {unit.name}: {unit.duties}" for unit in units if unit.role and unit.duties]
        return _answered(
            situation, state, UNITS_TOPIC, "units", "\n".join((situation.say("own_units"), *lines, _plan(situation)))
        )
    if not reading.says_one_of(words, "own_duties"):
        return None
    unit = next((unit for unit in units if _is_named(situation, reading, unit)), None)
    if unit is None:
        return None
    if not unit.duties:
        untold = situation.say("own_duties_untold", unit=unit.name, desk_line=desk_line(situation))
        return _answered(situation, state, UNITS_TOPIC, "unit", untold)
    told = situation.say("own_duties", unit=unit.name, duties=unit.duties)
    return _answered(situation, state, UNITS_TOPIC, "unit", f"{told}\n{_plan(situation)}")


def _is_named(situation: Situation, reading: Reading, unit: Unit) -> bool:
    called = unit.role is not None and reading.says_one_of(situation.words, CALLED[unit.role])
    return called or reading.holds(_folded(unit.name))


def _plan(situation: Situation) -> str:
    return situation.say("own_plan", plan=situation.commune.plan.title)


def _told(situation: Situation, state: State, subject: _Subject) -> Turn:
    lines = own_lines(situation.commune, subject.facts)
    if lines:
        said = "\n".join((situation.say("own_told"), *(f"• {line}" for line in lines)))
    else:
        said = situation.say("own_untold", what=situation.say_of("own", subject.cues), desk_line=desk_line(situation))
    return _answered(situation, state, subject.topic, subject.cues, said)


def _answered(
    situation: Situation, state: State, topic: str, route: str, said: str, buttons: tuple[Button, ...] = ()
) -> Turn:
    return Turn(
        state=replace(state.with_answer(topic, "overview", situation.now_ms), unanswered_in_a_row=0),
        decision=Decision("answer", ((topic, 1.0),), "overview"),
        route=f"own:{route}",
        blocks=(said,),
        buttons=buttons,
    )


def _folded(name: str) -> str:
    return " ".join(read(intents.normalize(name).text).words)
