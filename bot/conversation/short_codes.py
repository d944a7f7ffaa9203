"""Short codes from posters and stickers: "#KS" opens a topic, "#PA" a report, "#DG" a rating, "#T3" a village."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import answering, contributions, emergencies, own_commune
from bot.conversation.exchange import Decision
from bot.conversation.payloads import button
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State
from knowledge.short_codes import Meaning, looks_like_a_code, read_message, village_codes

RATINGS = ("1", "2", "3", "4", "5")
RATING = "@rating"
OFFERED = (("feedback", "@feedback"), ("idea", "@idea"))


def opened(situation: Situation, state: State, text: str) -> Turn | None:
    """Do what a short code stands for; None where the message is none."""
    meaning = read_message(text, situation.library.short_codes)
    if meaning is None:
        return _unknown(situation, state) if looks_like_a_code(text) else None
    # Without its mark the same letters may answer what we just asked for.
    if not meaning.sure and (state.expecting != "none" or state.dialogue is not None):
        return None
    state = state.awaiting_nothing()
    if meaning.village is not None:
        return _village(situation, state, meaning.village)
    if meaning.dialogue is not None:
        return _dialogue(situation, state, meaning)
    if meaning.topic is None or meaning.topic not in situation.library.topics:
        return _unknown(situation, state)
    if meaning.topic == emergencies.EMERGENCY_TOPIC:
        return emergencies.answer(situation, state, None, 1.0)
    return answering.answer(situation, state, meaning.topic, None, route="short_code")


def _dialogue(situation: Situation, state: State, meaning: Meaning) -> Turn:
    if meaning.dialogue == RATING:
        return Turn(
            state=state.awaiting_rating(situation.now_ms),
            decision=Decision("chitchat"),
            route="short_code_rating",
            blocks=(situation.say("rating_ask"),),
            buttons=tuple(button(situation.say_of("rating", mark), "rate", mark) for mark in RATINGS),
        )
    kind = next(name for name, dialogue in OFFERED if dialogue == meaning.dialogue)
    return contributions.contribute(situation, state, contributions.CONTRIBUTIONS[kind])


def _village(situation: Situation, state: State, number: int) -> Turn:
    """Say what the profile has published of a village, with the ways to report or propose something there."""
    villages = village_codes(situation.commune)
    if not 1 <= number <= len(villages):
        return _unknown(situation, state)
    _, village = villages[number - 1]
    return Turn(
        state=replace(state, unanswered_in_a_row=0),
        decision=Decision("chitchat"),
        route="short_code_village",
        blocks=("\n".join(own_commune.village_lines(situation, village)),),
        buttons=own_commune.village_buttons(situation),
    )


def _unknown(situation: Situation, state: State) -> Turn:
    return Turn(state, Decision("chitchat"), "short_code_unknown", (situation.say("short_code_unknown"),))
