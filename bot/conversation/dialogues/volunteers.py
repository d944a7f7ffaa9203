"""Teams of the villages: enrolling by code, their list, what they told a neighbour themselves, their report; and the
neighbour's link code."""

from __future__ import annotations

import re

from bot.cases.codes import read_code
from bot.cases.enrolment_codes import read_enrolment_code
from bot.cases.routing import village_name
from bot.clock import VIETNAM
from bot.conversation.acts import EnrolVolunteer, FileTeamReport, LinkForward, MarkForwardAnswered
from bot.conversation.desk import ForwardView
from bot.conversation.dialogues import forwarding
from bot.conversation.dialogues.engine import open_dialogue
from bot.conversation.dialogues.keeping import shown
from bot.conversation.dialogues.steps import Answer, Dialogue, Filing, Heard, Inside, Refusal, Step
from bot.conversation.exchange import Decision
from bot.conversation.payloads import Tap, button
from bot.conversation.reading import read
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State

REPORT = "team_report"
ANSWERED_VERB = "forwarded"
MOST_OPEN_BUTTONS = 4
LONGEST_GIST = 60
LONGEST_DIFFICULTIES = 600
MOST_COUNTED = 100_000
_LINK_CODE = re.compile(r"\bCG[\s\-–.]*([0-9A-Z]{6})\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,6}")


def coded(situation: Situation, state: State, heard: Heard) -> Turn | None:
    """A message that is a code of a team, or that says of one "đã trả lời". Works inside other dialogues too."""
    enrolling = read_enrolment_code(heard.text)
    if enrolling is not None:
        return _enrol(situation, state, *enrolling)
    found = read_code(heard.text)
    if found is not None and found[0].startswith("CG-"):
        return _linked(situation, state, *found)
    told = _LINK_CODE.search(heard.text)
    if told is not None and heard.reading.says_one_of(situation.words, "forward_told"):
        words = _after_cue(situation, heard.text[: told.start()] + " " + heard.text[told.end() :])
        return _mark(situation, state, f"CG-{told.group(1).upper()}", words)
    return None


def asked(situation: Situation, state: State, heard: Heard) -> Turn | None:
    """ "Danh sách của tổ tôi", "báo cáo tổ", "chuyển giúp …"."""
    said = " ".join(heard.reading.words)
    cues = situation.words.cues
    if said in cues["volunteer_list"]:
        return team_list(situation, state)
    if said in cues["team_report"]:
        if situation.desk.volunteer(situation.person) is None:
            return _not_a_volunteer(situation, state)
        return open_dialogue(situation, state, REPORT)
    opens = next((cue for cue in cues[forwarding.CUES] if said == cue or said.startswith(f"{cue} ")), None)
    if opens is None:
        return None
    volunteer = situation.desk.volunteer(situation.person)
    if volunteer is None:
        # "Hỏi giúp mẹ tôi …" of anybody else is a question like any other.
        return _not_a_volunteer(situation, state) if said == opens else None
    # The team's own village is not asked for; it can be changed under the summary.
    return open_dialogue(situation, state, forwarding.NAME, heard, {"village": volunteer.village})


def team_list(situation: Situation, state: State) -> Turn:
    """The volunteer's last questions, with a button for each that is open."""
    volunteer = situation.desk.volunteer(situation.person)
    if volunteer is None:
        return _not_a_volunteer(situation, state)
    village = _shown_village(situation, volunteer.village)
    forwards = situation.desk.forwards_of(situation.person)
    if not forwards:
        said = situation.say("volunteer_list_empty", village=village)
        return Turn(state, Decision("chitchat"), "volunteer_list", (said,))
    lines = [situation.say("volunteer_list", village=village), *(_line(situation, one) for one in forwards)]
    still_open = [one for one in forwards if not one.answered][:MOST_OPEN_BUTTONS]
    if still_open:
        lines.append(situation.say("volunteer_list_hint"))
    title = situation.say_of("button", "forwarded")
    buttons = tuple(button(f"{title} {one.link_code}", ANSWERED_VERB, one.link_code) for one in still_open)
    return Turn(state, Decision("chitchat"), "volunteer_list", ("\n".join(lines),), buttons)


def tapped_answered(situation: Situation, state: State, tap: Tap) -> Turn | None:
    """ "Đã trả lời CG-…" under the list."""
    found = read_code(tap.argument(0) or "")
    return None if found is None else _mark(situation, state, found[0], "")


def _enrol(situation: Situation, state: State, code: str, fits: bool) -> Turn:
    village = situation.desk.enrolment_village(situation.commune.id, code) if fits else None
    if village is None:
        return Turn(state, Decision("chitchat"), "volunteer_code_wrong", (situation.say("volunteer_code_wrong"),))
    said = situation.say("volunteer_enrolled", village=_shown_village(situation, village))
    return Turn(state, Decision("chitchat"), "volunteer_enrolled", (said,), acts=(EnrolVolunteer(code),))


def _linked(situation: Situation, state: State, code: str, fits: bool) -> Turn:
    decision = Decision("chitchat")
    if not fits or not situation.desk.forward_exists(situation.commune.id, code):
        return Turn(state, decision, "link_code_wrong", (situation.say("link_code_wrong", code=code),))
    own = _own(situation, code)
    if own is not None and own.answered:
        return Turn(state, decision, "forward_state", (situation.say("forward_state_answered", code=code),))
    if own is not None:
        said = situation.say("forward_state_open", code=code)
        title = situation.say_of("button", "forwarded")
        return Turn(state, decision, "forward_state", (said,), (button(f"{title} {code}", ANSWERED_VERB, code),))
    said = situation.say("link_code_taken_down", code=code)
    return Turn(state, decision, "link_code", (said,), acts=(LinkForward(code),))


def _mark(situation: Situation, state: State, code: str, words: str) -> Turn:
    own = _own(situation, code)
    decision = Decision("chitchat")
    if own is None:
        return Turn(state, decision, "forward_not_yours", (situation.say("forward_not_yours", code=code),))
    if own.answered:
        said = situation.say("forward_marked_already", code=code)
        return Turn(state, decision, "forward_marked", (said,))
    said = situation.say("forward_marked", code=code)
    return Turn(state, decision, "forward_marked", (said,), acts=(MarkForwardAnswered(code, words),))


def _own(situation: Situation, code: str) -> ForwardView | None:
    forwards = situation.desk.forwards_of(situation.person)
    return next((one for one in forwards if one.link_code == code), None)


def _after_cue(situation: Situation, text: str) -> str:
    """What the volunteer told the neighbour: the words after "đã trả lời"."""
    tokens = text.split()
    for cue in sorted(situation.words.cues["forward_told"], key=len, reverse=True):
        size = len(cue.split())
        for at in range(len(tokens) - size + 1):
            if " ".join(read(" ".join(tokens[at : at + size])).words) == cue:
                return " ".join(tokens[at + size :]).strip(" ,.:;-–")
    return ""


def _line(situation: Situation, one: ForwardView) -> str:
    for_whom = situation.say("forward_for", name=shown(one.for_whom)) if one.for_whom else ""
    day = f"{one.asked.astimezone(VIETNAM):%d/%m}"
    question = shown(one.gist, LONGEST_GIST)
    if one.answered:
        return situation.say(
            "volunteer_line_answered", code=one.link_code, day=day, for_whom=for_whom, question=question
        )  # fmt: skip
    return situation.say("volunteer_line_open", code=one.link_code, day=day, for_whom=for_whom, question=question)


def _shown_village(situation: Situation, village: str) -> str:
    return shown(village_name(village, situation.commune))


def _not_a_volunteer(situation: Situation, state: State) -> Turn:
    return Turn(state, Decision("chitchat"), "volunteer_only", (situation.say("volunteer_only"),))


def _count(inside: Inside, heard: Heard, name: str) -> Answer | Refusal:
    found = _NUMBER.findall(heard.text)
    if len(found) != 1 or int(found[0]) > MOST_COUNTED:
        return Refusal(inside.situation.say("team_report_number"))
    return {name: str(int(found[0]))}


def _report_summary(inside: Inside) -> str:
    say = inside.situation.say
    volunteer = inside.situation.desk.volunteer(inside.situation.person)
    return say(
        "team_report_summary",
        village=_shown_village(inside.situation, volunteer.village if volunteer else ""),
        classes=inside.value("classes"),
        people=inside.value("people"),
        difficulties=shown(inside.value("difficulties"), LONGEST_DIFFICULTIES) or say("team_report_no_difficulty"),
    )


def _file_report(inside: Inside) -> Filing:
    act = FileTeamReport(int(inside.value("classes")), int(inside.value("people")), inside.value("difficulties"))
    return Filing(inside.situation.say("team_report_filed"), (act,))


TEAM_REPORT = Dialogue(
    name=REPORT,
    called="team_report_called",
    steps=(
        Step(
            "classes",
            "team_report_classes_ask",
            read=lambda inside, heard: _count(inside, heard, "classes"),
            label="team_report_classes_label",
            numeric=True,
        ),
        Step(
            "people",
            "team_report_people_ask",
            read=lambda inside, heard: _count(inside, heard, "people"),
            label="team_report_people_label",
            numeric=True,
        ),
        Step(
            "difficulties",
            "team_report_difficulties_ask",
            read=lambda _inside, heard: {"difficulties": heard.text},
            required=False,
            label="team_report_difficulties_label",
            free=True,
        ),
    ),
    summary=_report_summary,
    file=_file_report,
)
