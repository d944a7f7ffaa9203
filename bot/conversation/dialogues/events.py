"""Classes and events of the commune: "bao giờ có lớp", signing up with a name or without, giving the seat back.

Asked in so many words, where the commune has something to come; otherwise the answer of the topic is the better one.
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.clock import VIETNAM
from bot.conversation.acts import CancelSignUp, SignUp
from bot.conversation.desk import EventView
from bot.conversation.dialogues.engine import open_dialogue
from bot.conversation.dialogues.keeping import shown
from bot.conversation.dialogues.steps import Answer, Dialogue, Filing, Heard, Inside, Refusal, Step
from bot.conversation.exchange import Decision
from bot.conversation.payloads import Tap, button
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State
from bot.replies import Button

NAME = "sign_up"
EVENT_VERB, SIGN_UP_VERB, LEAVE_VERB = "event", "event_sign_up", "event_leave"
SHOWN = 5
LONGEST_NAME = 80
_DECISION = Decision("chitchat")
_SCHOOL = re.compile(r"\blop (?:\d|mam|choi|la|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi)\b")
"""Classes of a school: "lớp 1", "lớp 10", "lớp mầm"."""
_WEEKDAYS = (
    "weekday_mon", "weekday_tue", "weekday_wed", "weekday_thu", "weekday_fri", "weekday_sat", "weekday_sun",
)  # fmt: skip


def asked(situation: Situation, state: State, heard: Heard) -> Turn | None:
    """ "Bao giờ có lớp", "sắp tới có sự kiện gì"; None where nothing is to come, or it is about a school."""
    said = " ".join(heard.reading.words)
    cues = situation.words.cues
    if not (said in cues["events_whole"] or heard.reading.says_one_of(situation.words, "events_ask")):
        return None
    if _SCHOOL.search(said):
        return None
    found = _coming(situation)
    if not found:
        return None
    return _show(situation, state, found[0]) if len(found) == 1 else _list(situation, state, found)


def tapped_event(situation: Situation, state: State, tap: Tap) -> Turn | None:
    """One of the list."""
    one = _named(situation, tap)
    return _gone(situation, state) if one is None else _show(situation, state, one)


def tapped_sign_up(situation: Situation, state: State, tap: Tap) -> Turn | None:
    """ "Đăng ký" under an event: the name is asked for, and may be left out."""
    one = _named(situation, tap)
    if one is None:
        return _gone(situation, state)
    if one.signed_up or one.seats_left == 0:
        return _show(situation, state, one)
    return open_dialogue(situation, state, NAME, values={"event": str(one.id)})


def tapped_leave(situation: Situation, state: State, tap: Tap) -> Turn | None:
    """ "Thôi không đi nữa": the seat is somebody else's."""
    one = _named(situation, tap)
    if one is None:
        return _gone(situation, state)
    if not one.signed_up:
        return _show(situation, state, one)
    said = situation.say("event_left", title=shown(one.title))
    return Turn(_quiet(state), _DECISION, "event_left", (said,), acts=(CancelSignUp(one.id),))


def _coming(situation: Situation) -> list[EventView]:
    return list(situation.desk.events(situation.commune.id, situation.person, situation.now))


def _named(situation: Situation, tap: Tap) -> EventView | None:
    return _by_id(situation, tap.argument(0) or "")


def _by_id(situation: Situation, number: str) -> EventView | None:
    return next((one for one in _coming(situation) if str(one.id) == number), None)


def _quiet(state: State) -> State:
    return replace(state.awaiting_nothing(), unanswered_in_a_row=0)


def _when(situation: Situation, one: EventView) -> str:
    starts = one.starts.astimezone(VIETNAM)
    weekday = situation.say_of("dialogue", _WEEKDAYS[starts.weekday()])
    return f"{starts:%H:%M} {weekday} {starts:%d/%m}"


def _list(situation: Situation, state: State, found: list[EventView]) -> Turn:
    lines = [situation.say("events_coming")]
    for one in found[:SHOWN]:
        mark = situation.say("event_yours") if one.signed_up else ""
        line = situation.say("events_line", title=shown(one.title), when=_when(situation, one), place=shown(one.place))
        lines.append(f"{line}{mark}")
    buttons = tuple(button(one.title, EVENT_VERB, str(one.id)) for one in found[:SHOWN])
    return Turn(_quiet(state), _DECISION, "events", ("\n".join(lines),), buttons)


def _show(situation: Situation, state: State, one: EventView) -> Turn:
    lines = [
        situation.say("event_title", title=shown(one.title)),
        situation.say("event_when", when=_when(situation, one)),
        situation.say("event_place", place=shown(one.place)),
        situation.say("event_audience", audience=shown(one.audience)) if one.audience else "",
    ]
    buttons: tuple[Button, ...] = ()
    if one.signed_up:
        lines.append(situation.say("event_signed_up"))
        buttons = (button(situation.say_of("button", "event_leave"), LEAVE_VERB, str(one.id)),)
    elif one.seats_left == 0:
        lines.append(situation.say("event_no_seats"))
    else:
        if one.seats_left is not None:
            lines.append(situation.say("event_seats", count=str(one.seats_left)))
        buttons = (button(situation.say_of("button", "event_sign_up"), SIGN_UP_VERB, str(one.id)),)
    return Turn(_quiet(state), _DECISION, "event", ("\n".join(line for line in lines if line),), buttons)


def _gone(situation: Situation, state: State) -> Turn:
    return Turn(_quiet(state), _DECISION, "event_gone", (situation.say("event_not_there"),))


def _read_name(inside: Inside, heard: Heard) -> Answer | Refusal:
    name = " ".join(heard.text.split())
    if not any(letter.isalpha() for letter in name) or len(name) > LONGEST_NAME or heard.reading.has_identity_number():
        return Refusal(inside.situation.say("sign_up_name_again"))
    return {"name": name}


def _over(inside: Inside) -> Filing | None:
    """An event called off, or full, since the button was shown, ends the dialogue."""
    one = _by_id(inside.situation, inside.value("event"))
    if one is None:
        return Filing(inside.situation.say("event_not_there"))
    if one.seats_left == 0 and not one.signed_up:
        return Filing(inside.situation.say("event_no_seats"))
    return None


def _file(inside: Inside) -> Filing:
    one = _by_id(inside.situation, inside.value("event"))
    assert one is not None, "the dialogue ended otherwise"
    said = inside.situation.say(
        "sign_up_filed", title=shown(one.title), when=_when(inside.situation, one), place=shown(one.place)
    )
    leave = button(inside.situation.say_of("button", "event_leave"), LEAVE_VERB, str(one.id))
    return Filing(said, (SignUp(one.id, inside.value("name")),), buttons=(leave,))


def _nothing_shown(_inside: Inside) -> str:
    return ""


DIALOGUE = Dialogue(
    name=NAME,
    called="sign_up_called",
    steps=(Step("name", "sign_up_name_ask", read=_read_name, required=False, free=True),),
    summary=_nothing_shown,
    file=_file,
    confirms=False,
    ends=_over,
)
TAPS = {EVENT_VERB: tapped_event, SIGN_UP_VERB: tapped_sign_up, LEAVE_VERB: tapped_leave}
