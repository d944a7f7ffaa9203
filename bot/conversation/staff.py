"""Whatever goes to people without a form: questions without an answer, "gặp cán bộ". Says only what is true: it is
written down and will be read; no promise of a time."""

from __future__ import annotations

from dataclasses import replace

from bot.cases.working_time import hours_from, is_open_at, next_opening
from bot.conversation.acts import QueueForPerson
from bot.conversation.clarifying import human_button, quoted
from bot.conversation.exchange import Decision, StaffRequest
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State


def unanswered(situation: Situation, state: State, text: str, nearest: tuple[str, ...] = ()) -> Turn:
    """Say honestly that there is no answer, write the question down for staff, and show the ways to a person."""
    line = desk_line(situation)
    if state.unanswered_in_a_row > 0:
        text_to_say = situation.say("unanswered_again", desk_line=line)
    else:
        text_to_say = situation.say("unanswered", desk_line=line)
    state = replace(
        state,
        unanswered_in_a_row=state.unanswered_in_a_row + 1,
        pending_text=text,
        menu_at=situation.now_ms,
    )
    return Turn(
        state=state,
        decision=Decision("fallback"),
        route="unanswered",
        blocks=(text_to_say,),
        buttons=(human_button(situation, "human"),),
        requests=(StaffRequest("unanswered", text, nearest),),
    )


def unanswered_part(situation: Situation, state: State, text: str) -> Turn:
    """The same for one of several questions, in one sentence."""
    return Turn(
        state=state,
        decision=Decision("fallback"),
        route="unanswered",
        blocks=(situation.say("unanswered_part", part=quoted(text)),),
        requests=(StaffRequest("unanswered", text),),
    )


def point_elsewhere(situation: Situation, state: State, pointer: str) -> Turn:
    """Decline politely what no commune decides, naming who can help. Raises KeyError for an unknown pointer."""
    return Turn(
        state=replace(state, unanswered_in_a_row=0),
        decision=Decision("fallback", pointer=pointer),
        route="pointer",
        blocks=(situation.library.point_elsewhere(pointer, situation.commune),),
        buttons=(human_button(situation, "human"),),
    )


def human(situation: Situation, state: State, text: str) -> Turn:
    """Put the conversation into the queue for a person, and say when the office is open. ``text`` is what the resident
    said, or the message a choice was open about; it may be empty, so staff also get the topic of the last answer."""
    about = (state.last_topic,) if state.last_topic else ()
    return Turn(
        state=replace(state.awaiting_nothing(), menu=(), unanswered_in_a_row=0),
        decision=Decision("action", (("@human", 1.0),), action="human"),
        route="human",
        blocks=(situation.say("human", hours_line=hours_line(situation), desk_line=desk_line(situation)),),
        requests=(StaffRequest("human", text, about),),
        acts=(QueueForPerson(text, state.last_topic or ""),),
    )


def hours_line(situation: Situation) -> str:
    """Whether officials are at work now, by the profile's hours and the holidays; else when they are again."""
    hours = hours_from(situation.commune.contact.desk_hours)
    if is_open_at(situation.now, hours):
        return situation.say("human_open")
    opens = next_opening(situation.now, hours)
    clock = f"{opens.hour}:{opens.minute:02d}"
    if opens.date() == situation.today:
        return situation.say("human_later_today", clock=clock)
    return situation.say("human_another_day", clock=clock, day=f"{opens.day}/{opens.month}/{opens.year}")


def desk_line(situation: Situation) -> str:
    """Where the desk is reached, or honestly that the commune has not told yet."""
    contact = situation.commune.contact
    if contact.desk_address or contact.desk_hours or contact.desk_phone:
        return situation.say("desk_known")
    return situation.say("desk_unknown")
