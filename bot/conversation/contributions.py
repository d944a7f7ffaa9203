"""From "tôi muốn phản ánh", a report told outright, or a photo, to the dialogue it belongs in."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from bot.conversation.acts import AddToCase, SentThing
from bot.conversation.desk import CaseView
from bot.conversation.dialogues.engine import open_dialogue
from bot.conversation.dialogues.keeping import fetched_later
from bot.conversation.dialogues.steps import Heard
from bot.conversation.exchange import Decision, Incoming
from bot.conversation.payloads import button
from bot.conversation.reading import Reading, read
from bot.conversation.situation import Situation, Turn
from bot.conversation.speaking import MOST_BUTTONS
from bot.conversation.state import MINUTE, State
from bot.replies import Button
from intents import Understanding

Contribution = Literal["feedback", "idea"]
CONTRIBUTIONS: dict[str, Contribution] = {"feedback": "feedback", "idea": "idea"}
DIALOGUE_OF: dict[Contribution, str] = {"feedback": "report", "idea": "idea"}
SHOWN_KINDS = frozenset({"image", "gif", "video", "file"})
"""What people send before they say what it is about; a voice message is asked to be typed instead."""
WAITING = "waiting_resident"


def contribute(situation: Situation, state: State, kind: Contribution, text: str = "") -> Turn:
    """Open the dialogue of a report or idea with what was said so far, all of it or only announced."""
    heard = Heard(text, read(text), Incoming("text", text)) if text else None
    return open_dialogue(situation, state, DIALOGUE_OF[kind], heard)


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


def add(situation: Situation, state: State, code: str, text: str, things: tuple[SentThing, ...] = ()) -> Turn:
    """Take what comes right after a case was filed, and is no question, as more of it ("ở đầu thôn ấy")."""
    kind: Contribution = "idea" if code.startswith("SK") else "feedback"
    return Turn(
        state=replace(state, filed_at=situation.now_ms, things=(), unanswered_in_a_row=0),
        decision=decided(kind),
        route=f"{kind}_added",
        blocks=(situation.say("case_added", code=code),),
        acts=(AddToCase(code, text, fetched_later(things)),),
    )


def waiting_case(situation: Situation) -> CaseView | None:
    """The person's newest case that waits for more of them."""
    return next((case for case in situation.desk.cases_of(situation.person) if case.state == WAITING), None)


def offer_to_add(situation: Situation, state: State, case: CaseView, text: str = "") -> Turn:
    """Ask whether a message nobody asked for is what a waiting case waits for; the message is kept meanwhile."""
    return Turn(
        state=replace(state, pending_text=text, menu_at=situation.now_ms),
        decision=Decision("chitchat"),
        route="case_add_offered",
        blocks=(situation.say("case_add_offer", code=case.code),),
        buttons=(
            button(situation.say_of("button", "add"), "add", case.code),
            *open_buttons(situation),
            button(situation.say_of("button", "human"), "human"),
        ),
    )


def thing_first(situation: Situation, state: State, message: Incoming) -> Turn | None:
    """Keep a photo, file or place that came before any word, and ask what it is about; None for anything else."""
    things = tuple(thing for thing in fetched_later(message.things) if thing.kind in SHOWN_KINDS)
    if message.latitude is not None and message.longitude is not None:
        things = (SentThing("location", "", f"{message.latitude:.6f},{message.longitude:.6f}"),)
    if not things:
        return None
    code = state.code_filed_just_now(situation.now_ms)
    if code is not None and message.latitude is None:
        return add(situation, state, code, "", things)
    # An earlier message a choice was open about has nothing to do with what is shown now.
    kept = replace(state.keeping(things, situation.now_ms), pending_text="")
    case = waiting_case(situation)
    if case is not None:
        return offer_to_add(situation, kept, case)
    if state.things and situation.now_ms - state.things_at < MINUTE and message.latitude is None:
        said = situation.say("dialogue_things_more", count=str(len(kept.things)))
        return Turn(kept, Decision("chitchat"), "photo_first", (said,))
    place = message.latitude is not None
    said = situation.say("place_first") if place else situation.say("photo_first")
    route = "place_first" if place else "photo_first"
    return Turn(kept, Decision("chitchat"), route, (said,), open_buttons(situation))


def offered_beside(situation: Situation, turn: Turn, text: str) -> Turn:
    """Offer to report what was told, in one tap, where nothing else is under way: after the emergency numbers."""
    nothing_else = turn.state.dialogue is None and turn.state.expecting == "none"
    if not nothing_else or turn.decision.decision not in ("chitchat", "fallback"):
        return turn
    if turn.decision.decision == "chitchat":
        # "Vâng, bác cần gì cứ nhắn" would be a strange word after the numbers.
        turn = replace(turn, blocks=(*turn.blocks[:1], situation.say("danger_offer")))
    buttons = (*open_buttons(situation)[:1], *turn.buttons[: MOST_BUTTONS - 1])
    return replace(turn, state=replace(turn.state, pending_text=text, menu_at=situation.now_ms), buttons=buttons)


def open_buttons(situation: Situation) -> tuple[Button, ...]:
    """The ways to report and to propose."""
    return tuple(button(situation.say_of("button", kind), "action", kind) for kind in CONTRIBUTIONS)


def decided(kind: Contribution) -> Decision:
    """The decision of a message that is a report or an idea."""
    return Decision("action", ((f"@{kind}", 1.0),), action=kind)


def told(situation: Situation, state: State, text: str, understanding: Understanding, reading: Reading) -> Turn | None:
    """Words that ask nothing: more of what was just filed, of a case that waits for them, or what a photo is about."""
    if understanding.decision == "answer" or understanding.pointer is not None or reading.asks(situation.words):
        return None
    code = state.code_filed_just_now(situation.now_ms)
    if code:
        return add(situation, state, code, text, state.things)
    if state.things:
        return contribute(situation, state, "feedback", text)
    case = waiting_case(situation)
    return None if case is None else offer_to_add(situation, state, case, text)
