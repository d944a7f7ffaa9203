"""How far a case is, by its code or "của tôi"; more about it, "chưa xong", and a mark once it is done.

A code of somebody else's is answered word for word as one nobody has.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot.cases.codes import LINK_PREFIX, read_code
from bot.cases.lifecycle import lifecycle
from bot.clock import VIETNAM
from bot.conversation.acts import AddToCase, Rate, ReopenCase
from bot.conversation.desk import CaseView
from bot.conversation.dialogues.engine import open_dialogue
from bot.conversation.dialogues.keeping import shown
from bot.conversation.dialogues.steps import Answer, Choice, Dialogue, Filing, Heard, Inside, Refusal, Step
from bot.conversation.exchange import Decision
from bot.conversation.payloads import Tap, button
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State
from bot.replies import Button

RESOLVED = "resolved"
MARKS = range(1, 6)
LONGEST_GIST = 120
LONGEST_ANSWER = 700
_CODE_INSIDE = re.compile(r"\b(?:PA|SK)[\s\-–.]*(?:[0-9A-Z]){6}\b|\b(?:PA|SK)[\s\-–.]+(?:[0-9A-Z][\-–.]*){6}\b", re.I)
_NEARLY_A_CODE = re.compile(r"(?:PA|SK)[\-–](?=[A-Z]*[0-9])[0-9A-Z]{3,9}")
_DECISION = Decision("action", (("@status", 1.0),), action="status")


def respond(situation: Situation, state: State, text: str) -> Turn:
    """Answer "đến đâu rồi": the case of the code in the message, else the person's last five."""
    code = code_in(text)
    if code is not None:
        return _by_code(situation, state, *code)
    cases = situation.desk.cases_of(situation.person)
    if not cases:
        return _turn(situation, state, "status_none", situation.say("status_none"))
    if len(cases) == 1:
        return _show(situation, state, cases[0])
    lines = [
        situation.say("status_line", code=case.code, gist=shown(case.gist), state=state_words(case)) for case in cases
    ]
    text_to_say = "\n".join((situation.say("status_yours"), *lines))
    buttons = tuple(button(case.code, "status", case.code) for case in cases[:5])
    return _turn(situation, state, "status_list", text_to_say, buttons)


def opened(situation: Situation, state: State, heard: Heard) -> Turn | None:
    """A message that is nothing but a code, or "của tôi"; None for anything else."""
    whole = read_code(heard.text)
    if whole is not None and not whole[0].startswith(LINK_PREFIX):
        code, fits = whole
        # "sk nguoi gia" may be six letters after SK too: a code has a dash, a digit, or a check that fits.
        if fits or "-" in heard.text or any(sign.isdigit() for sign in code):
            return _by_code(situation, state, code, fits)
    other = _NEARLY_A_CODE.fullmatch(heard.text.strip().upper())
    if whole is None and other is not None:
        return _turn(
            situation, state, "status_mistyped", situation.say("status_wrong_length", code=shown(other.group()))
        )
    if " ".join(heard.reading.words) in situation.words.cues["status_mine"]:
        return respond(situation, state, "")
    return None


def about_own_case(situation: Situation, state: State, text: str) -> Turn | None:
    """A complaint that names an own case ("PA-… vẫn chưa xong"): that case, to which the words can be added in one tap;
    None where it names none."""
    code = code_in(text)
    case = situation.desk.case(situation.person, code[0]) if code is not None and code[1] else None
    if case is None:
        return None
    return _show(situation, replace(state, pending_text=text, menu_at=situation.now_ms), case)


def code_in(text: str) -> tuple[str, bool] | None:
    """The code of a case in a message, in its written form, and whether its check sign fits; None without any."""
    whole = read_code(text)
    if whole is None:
        found = _CODE_INSIDE.search(text)
        whole = read_code(found.group()) if found else None
    return None if whole is None or whole[0].startswith(LINK_PREFIX) else whole


def state_words(case: CaseView) -> str:
    """The state of a case in the words residents read."""
    states = lifecycle(case.kind).states
    return states[case.state].resident if case.state in states else case.state


def tapped(situation: Situation, state: State, tap: Tap) -> Turn | None:
    """``#hoixa:status:<CODE>``; without a code, all of the person's."""
    return respond(situation, state, tap.argument(0) or "")


def tapped_add(situation: Situation, state: State, tap: Tap) -> Turn | None:
    """``#hoixa:add:<CODE>``: what was said before the tap is added, else more is asked for."""
    case = _own(situation, tap)
    return _unknown(situation, state) if case is None else _opened_about(situation, state, case, ADD)


def tapped_reopen(situation: Situation, state: State, tap: Tap) -> Turn | None:
    """``#hoixa:reopen:<CODE>``, for a report that was resolved."""
    case = _own(situation, tap)
    if case is None:
        return _unknown(situation, state)
    if case.kind != "report" or case.state != RESOLVED:
        return _show(situation, state, case)
    return _opened_about(situation, state, case, REOPEN)


def _opened_about(situation: Situation, state: State, case: CaseView, name: str) -> Turn:
    """Open a dialogue about a case with the words a choice was still open about, if there are any."""
    values = {"code": case.code, "more": state.pending_text}
    return open_dialogue(situation, replace(state, pending_text=""), name, values=values)


def tapped_rate(situation: Situation, state: State, tap: Tap) -> Turn | None:
    """``#hoixa:rate_case:<CODE>:<1-5>``."""
    case, mark = _own(situation, tap), tap.argument(1)
    if case is None or mark not in {str(each) for each in MARKS}:
        return _unknown(situation, state) if case is None else None
    return _rate(situation, state, case, int(mark))


def rate_by_number(situation: Situation, state: State, number: int) -> Turn | None:
    """A bare number nobody asked for just now may be the mark for a case that was reported done."""
    if number not in MARKS:
        return None
    case = next((case for case in situation.desk.cases_of(situation.person) if case.awaits_rating), None)
    return None if case is None else _rate(situation, state, case, number)


def _rate(situation: Situation, state: State, case: CaseView, mark: int) -> Turn:
    buttons: tuple[Button, ...] = ()
    if mark <= 2 and case.kind == "report" and case.state == RESOLVED:
        buttons = (_case_button(situation, "reopen", case.code),)
    thanks = situation.say("case_rated_low") if buttons else situation.say("rating_thanks")
    return Turn(
        state=replace(state.awaiting_nothing(), unanswered_in_a_row=0),
        decision=Decision("chitchat"),
        route="case_rated",
        blocks=(thanks,),
        buttons=buttons,
        acts=(Rate(mark, "case", case_code=case.code),),
    )


def _by_code(situation: Situation, state: State, code: str, fits: bool) -> Turn:
    if not fits:
        return _turn(situation, state, "status_mistyped", situation.say("status_mistyped", code=code))
    case = situation.desk.case(situation.person, code)
    return _unknown(situation, state) if case is None else _show(situation, state, case)


def _unknown(situation: Situation, state: State) -> Turn:
    return _turn(situation, state, "status_unknown", situation.say("status_unknown"))


def _own(situation: Situation, tap: Tap) -> CaseView | None:
    read = read_code(tap.argument(0) or "")
    return situation.desk.case(situation.person, read[0]) if read is not None and read[1] else None


def _show(situation: Situation, state: State, case: CaseView) -> Turn:
    lines = [
        situation.say("status_case", code=case.code, gist=shown(case.gist, LONGEST_GIST), state=state_words(case)),
        situation.say("status_filed", day=_day(case.filed)),
        situation.say("status_unit", unit=case.unit) if case.unit else "",
        situation.say("status_due", day=_day(case.due)) if case.due else "",
        situation.say("status_answer", answer=shown(case.answer, LONGEST_ANSWER)) if case.answer else "",
    ]
    buttons: list[Button] = []
    if not _is_final(case):
        buttons.append(_case_button(situation, "add", case.code))
    elif case.kind == "report" and case.state == RESOLVED:
        buttons.append(_case_button(situation, "reopen", case.code))
    buttons.append(button(situation.say_of("button", "human"), "human"))
    return _turn(situation, state, "status_case", "\n".join(line for line in lines if line), tuple(buttons))


def _is_final(case: CaseView) -> bool:
    states = lifecycle(case.kind).states
    return case.state in states and states[case.state].final


def _case_button(situation: Situation, verb: str, code: str) -> Button:
    return button(situation.say_of("button", verb), verb, code)


def _day(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y")


def _turn(situation: Situation, state: State, route: str, text: str, buttons: tuple[Button, ...] = ()) -> Turn:
    return Turn(replace(state, unanswered_in_a_row=0), _DECISION, route, (text,), buttons)


# More about an own case, and "chưa xong": short dialogues filed with their one answer.

ADD = "add"
REOPEN = "reopen"
_ONLY_THINGS = "only_things"


def _read_more(inside: Inside, heard: Heard) -> Answer | Refusal:
    if not any(letter.isalnum() for letter in heard.text):
        return Refusal(inside.situation.say("report_what_unclear"))
    return {"more": heard.text}


def _add(inside: Inside) -> Filing:
    code = inside.value("code")
    said = inside.situation.say("case_added", code=code)
    return Filing(said, (AddToCase(code, inside.value("more"), inside.things),), code, takes_more=True)


def _reopen(inside: Inside) -> Filing:
    code = inside.value("code")
    said = inside.situation.say("case_reopened", code=code)
    return Filing(said, (ReopenCase(code, inside.value("more")),), code, takes_more=True)


def _nothing_shown(_inside: Inside) -> str:
    return ""


ADD_DIALOGUE = Dialogue(
    name=ADD,
    called="add_called",
    steps=(
        Step(
            "more",
            "add_ask",
            read=_read_more,
            fills=("more", _ONLY_THINGS),
            choices=lambda inside: (Choice(inside.words("add_only_things"), "yes"),) if inside.things else (),
            chosen=lambda _inside, value: {_ONLY_THINGS: value},
            free=True,
        ),
    ),
    summary=_nothing_shown,
    file=_add,
    action="status",
    confirms=False,
    takes_things=True,
)
REOPEN_DIALOGUE = Dialogue(
    name=REOPEN,
    called="reopen_called",
    steps=(
        Step(
            "more",
            "reopen_ask",
            read=_read_more,
            fills=("more", "as_it_was"),
            choices=lambda inside: (Choice(inside.words("reopen_as_it_was"), "still"),),
            chosen=lambda _inside, value: {"as_it_was": value},
            free=True,
        ),
    ),
    summary=_nothing_shown,
    file=_reopen,
    action="status",
    confirms=False,
)
