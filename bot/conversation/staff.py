"""Whatever goes to people: questions without an answer, "gặp cán bộ", reports and ideas. Says only what is true today:
it is written down and will be read; no code, no promise of a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from bot.conversation.clarifying import human_button, quoted
from bot.conversation.exchange import Decision, StaffRequest
from bot.conversation.reading import Reading
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import Expecting, State

Contribution = Literal["feedback", "idea"]
CONTRIBUTIONS: dict[str, Contribution] = {"feedback": "feedback", "idea": "idea"}
AWAITED: dict[Contribution, Expecting] = {"feedback": "feedback_text", "idea": "idea_text"}
AWAITED_CONTRIBUTION: dict[str, Contribution] = {"feedback_text": "feedback", "idea_text": "idea"}


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
    """Ask for a person. ``text`` is what the resident said, or the message a choice was open about; it may be empty,
    so staff also get the topic of the last answer."""
    about = (state.last_topic,) if state.last_topic else ()
    return Turn(
        state=replace(state.awaiting_nothing(), menu=(), unanswered_in_a_row=0),
        decision=Decision("action", (("@human", 1.0),), action="human"),
        route="human",
        blocks=(situation.say("human", desk_line=desk_line(situation)),),
        requests=(StaffRequest("human", text, about),),
    )


def status(situation: Situation, state: State) -> Turn:
    """There is no look-up yet: say so, and where to ask."""
    return Turn(
        state=replace(state, unanswered_in_a_row=0),
        decision=Decision("action", (("@status", 1.0),), action="status"),
        route="status",
        blocks=(situation.say("status", desk_line=desk_line(situation)),),
        buttons=(human_button(situation, "human"),),
    )


def contribute(situation: Situation, state: State, kind: Contribution, text: str, reading: Reading) -> Turn:
    """Take a report or idea: written down whole, or, where it is only announced, asked for with one question."""
    cues = "announces_feedback" if kind == "feedback" else "announces_idea"
    if reading.only_announces(situation.words, cues):
        return ask_for(situation, state, kind, text)
    return _store(situation, state, kind, text)


def announced(situation: Situation, reading: Reading) -> Contribution | None:
    """Tell whether a message does no more than announce a report or idea ("tôi có ý tưởng"), and which."""
    words = situation.words
    if reading.asks(words):
        return None
    if reading.names_contribution(words, "names_feedback") and reading.only_announces(words, "announces_feedback"):
        return "feedback"
    if reading.names_contribution(words, "names_idea") and reading.only_announces(words, "announces_idea"):
        return "idea"
    return None


def ask_for(situation: Situation, state: State, kind: Contribution, announced: str = "") -> Turn:
    """Ask what and where; the next message is taken as the report or idea. What was announced is kept with it."""
    question = situation.say("feedback_ask") if kind == "feedback" else situation.say("idea_ask")
    return Turn(
        state=replace(state.awaiting(AWAITED[kind], situation.now_ms, announced), unanswered_in_a_row=0),
        decision=_decision(kind),
        route=f"{kind}_asked",
        blocks=(question,),
    )


def told(situation: Situation, state: State, text: str) -> Turn:
    """Take the message that was awaited as the report or idea."""
    announced = state.pending_text
    whole = f"{announced}\n{text}" if announced else text
    return _store(situation, state, AWAITED_CONTRIBUTION[state.expecting], whole)


def add(situation: Situation, state: State, text: str) -> Turn:
    """Take what comes right after a report or idea, and is no question, as more of it ("ở đầu thôn ấy")."""
    kind = CONTRIBUTIONS[state.contributed]
    return Turn(
        state=replace(state, contributed_at=situation.now_ms),
        decision=_decision(kind),
        route=f"{kind}_added",
        blocks=(situation.say("contribution_added"),),
        requests=(StaffRequest(kind, text),),
    )


def leave(situation: Situation, state: State) -> Turn:
    """The resident thought better of it."""
    kind = AWAITED_CONTRIBUTION[state.expecting]
    text = situation.say("feedback_left") if kind == "feedback" else situation.say("idea_left")
    return Turn(state.awaiting_nothing(), _decision(kind), f"{kind}_left", (text,))


def still_waiting(situation: Situation, state: State, turn: Turn) -> Turn:
    """Remind, after a question answered in between, that the report or idea may still be told."""
    kind = AWAITED_CONTRIBUTION[state.expecting]
    reminder = situation.say("feedback_waiting") if kind == "feedback" else situation.say("idea_waiting")
    # What the answer forgot or changed of the open question is put back: it is still awaited.
    kept = replace(
        turn.state,
        expecting=state.expecting,
        expecting_since=situation.now_ms,
        pending_text=state.pending_text,
    )
    return replace(turn, state=kept, blocks=(*turn.blocks, reminder))


def desk_line(situation: Situation) -> str:
    """Where the desk is reached, or honestly that the commune has not told yet."""
    contact = situation.commune.contact
    if contact.desk_address or contact.desk_hours or contact.desk_phone:
        return situation.say("desk_known")
    return situation.say("desk_unknown")


def _store(situation: Situation, state: State, kind: Contribution, text: str) -> Turn:
    thanks = situation.say("feedback_stored") if kind == "feedback" else situation.say("idea_stored")
    return Turn(
        state=replace(
            state.awaiting_nothing(), unanswered_in_a_row=0, contributed=kind, contributed_at=situation.now_ms
        ),
        decision=_decision(kind),
        route=f"{kind}_stored",
        blocks=(thanks,),
        requests=(StaffRequest(kind, text),),
    )


def _decision(kind: Contribution) -> Decision:
    return Decision("action", ((f"@{kind}", 1.0),), action=kind)
