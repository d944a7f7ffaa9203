"""Choices: a tap on a button, a number or a title typed after a list, a rating."""

from __future__ import annotations

from dataclasses import replace

import intents
from bot.conversation import addresses, answering, checklists, contributions, emergencies, greeting, long_tail, staff
from bot.conversation.acts import LearningHint
from bot.conversation.dialogues import OPENED_BY_A_TAP, TAPS, engine, satisfaction, status
from bot.conversation.dialogues.showing import takes_numbers
from bot.conversation.dialogues.taps import OPEN_VERB, VERB
from bot.conversation.exchange import Decision
from bot.conversation.payloads import Tap, read_tap
from bot.conversation.reading import Reading
from bot.conversation.situation import Situation, Turn, UnderstandsText
from bot.conversation.state import State
from bot.replies import Button

RATINGS = ("1", "2", "3", "4", "5")


def tap(situation: Situation, state: State, payload: str) -> Turn:
    """Do what a tapped or typed choice stands for; a payload nobody knows any more gets a helpful word."""
    taken = read_tap(payload)
    state = checklists.left_behind(state)
    if taken.verb == "rate" and taken.argument(0) in RATINGS and state.expecting == "rating":
        return rate(situation, state, int(taken.arguments[0]))
    if taken.verb in (VERB, OPEN_VERB):
        return _in_dialogue(situation, state, taken)
    if taken.verb in TAPS:
        return TAPS[taken.verb](situation, state, taken) or _old_button(situation, state)
    if taken.verb == "human":
        return staff.human(situation, state, state.pending_text)
    if taken.verb == "address":
        return addresses.chosen(situation, state, taken.argument(0))
    if taken.verb == long_tail.VERB:
        return _open_procedure(situation, state, taken)
    if taken.verb == "action":
        return _act(situation, state, taken)
    topic = taken.argument(0)
    if topic is not None and taken.verb in ("checklist", "tick"):
        return _tick(situation, state, taken, topic)
    if topic is not None and topic in situation.library.topics and taken.verb in ("answer", "ask", "more"):
        return _open(situation, state, taken, topic)
    return _old_button(situation, state)


def typed_choice(
    situation: Situation, state: State, text: str, reading: Reading, understander: UnderstandsText
) -> Turn | None:
    """Take a typed number or title as a choice from the last list; None where the message is something else.

    While a dialogue is under way only a bare number counts: words may well resemble a button; and only where the
    dialogue does not read numbers itself.
    """
    number = reading.bare_number()
    if state.dialogue is not None and (number is None or takes_numbers(situation, state)):
        return None
    chosen = intents.match_choice(text, [choice.title for choice in state.menu])
    if chosen is not None:
        choice = state.menu[chosen]
        named = number is None and long_tail.names_another(situation, text, choice.payload)
        if named or (number is None and _means_something_else(text, choice, understander)):
            return None
        return tap(situation, state, choice.payload)
    return None if number is None else _number_not_on_the_list(situation, state, number)


def _means_something_else(text: str, choice: Button, understander: UnderstandsText) -> bool:
    """Tell whether a message near a title is a question of its own: "làm khai tử cần gì" is one word off
    "Làm khai sinh cần gì". Asked without context, for a short answer to a list would be taken as a follow-up."""
    if intents.normalize(text).folded == intents.normalize(choice.title).folded:
        return False
    understanding = understander.understand(text)
    if understanding.decision != "answer" or not understanding.candidates:
        return False
    return understanding.candidates[0].id != read_tap(choice.payload).argument(0)


def rate(situation: Situation, state: State, mark: int) -> Turn:
    """Take a mark from 1 to 5, asked for at the desk."""
    return satisfaction.rated(situation, state, mark, "desk")


def _open(situation: Situation, state: State, taken: Tap, topic: str) -> Turn:
    if state.expecting == "rating":
        state = state.awaiting_nothing()
    facet = taken.argument(1)
    if taken.verb == "more":
        turn = answering.more(situation, state, topic, facet)
    elif topic == emergencies.EMERGENCY_TOPIC:
        turn = emergencies.answer(situation, state, facet, 1.0)
    else:
        turn = answering.answer(situation, state, topic, facet, route="choice")
    if taken.verb != "more" and state.pending_text and _was_asked_back(state):
        turn = replace(turn, acts=(*turn.acts, LearningHint("tap", state.pending_text, right=topic)))
    return turn


def _was_asked_back(state: State) -> bool:
    """Tell whether the last list asked what was meant: only such a list offers a person beside the choices."""
    return any(read_tap(choice.payload).verb == "human" for choice in state.menu)


def _tick(situation: Situation, state: State, taken: Tap, topic: str) -> Turn:
    """Open a checklist or tick on it; where it is no longer in force, the papers themselves are shown."""
    if taken.verb == "tick":
        turn = checklists.tick(situation, state, topic, taken.argument(1))
    else:
        turn = checklists.open_list(situation, state, topic)
    if turn is not None:
        return turn
    if topic in situation.library.topics:
        return answering.answer(situation, state, topic, "papers", route="choice")
    return _old_button(situation, state)


def _open_procedure(situation: Situation, state: State, taken: Tap) -> Turn:
    if state.expecting == "rating":
        state = state.awaiting_nothing()
    turn = long_tail.chosen(situation, state, taken.argument(0), taken.argument(1))
    return _old_button(situation, state) if turn is None else turn


def _in_dialogue(situation: Situation, state: State, taken: Tap) -> Turn:
    """A button of a dialogue, or one that opens it."""
    if taken.verb == OPEN_VERB:
        name = taken.argument(0)
        known = name in OPENED_BY_A_TAP and name in situation.dialogues
        return engine.open_dialogue(situation, state, str(name)) if known else _old_button(situation, state)
    return engine.tap(situation, state, taken) or _old_button(situation, state)


def _act(situation: Situation, state: State, taken: Tap) -> Turn:
    action = taken.argument(0)
    if action == "human":
        return staff.human(situation, state, state.pending_text)
    if action == "status":
        return status.respond(situation, state, state.pending_text)
    kind = contributions.CONTRIBUTIONS.get(action or "")
    if kind is None:
        return _old_button(situation, state)
    text = state.pending_text if state.expecting == "none" else ""
    return contributions.contribute(situation, state, kind, text)


def _number_not_on_the_list(situation: Situation, state: State, number: int) -> Turn:
    decision = Decision("chitchat")
    if not state.menu:
        rated = status.rate_by_number(situation, state, number)
        if rated is not None:
            return rated
        return Turn(state, decision, "number_without_list", (situation.say("number_without_list"),))
    again = situation.say("number_out_of_range", count=str(len(state.menu)))
    return Turn(state, decision, "number_out_of_range", (again,), state.menu)


def _old_button(situation: Situation, state: State) -> Turn:
    shown = greeting.examples(situation)
    return Turn(state, Decision("chitchat"), "old_button", (situation.say("old_button"),), shown)
