"""What teams of the villages do: enrol, ask for neighbours, report; and what staff answer them. Acts are applied in the
transaction of the message, staff's in one of their own."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection

from bot import permissions
from bot.cases.enrolment_codes import new_enrolment_code
from bot.casework.volunteers_notices import VOICES, tell
from bot.conversation.acts import EnrolVolunteer, FileTeamReport, ForwardQuestion, LinkForward, MarkForwardAnswered
from bot.encryption import Vault
from bot.journal.processing import FiledAct
from bot.masking import masked
from bot.people import Person
from bot.store import audit, forwards, staff_requests, volunteers
from bot.store.forwards import Forward, NewForward
from bot.store.staff import Staff
from bot.store.staff_requests import NewRequest
from bot.store.volunteers import TeamReport
from knowledge.profile_lists import item_key

DAY_MS = 86_400_000
MOST_COUNTED = 100_000
"""Classes or people in one report; more is a slip of the finger."""
REQUEST_KIND = "forward"
"""Kind of the row staff see among residents' requests; its topic is the link code."""


class ForwardUnknown(LookupError):
    """No such question in this commune."""


class ForwardAnswered(ValueError):
    """Somebody answered it before."""


class AnswerEmpty(ValueError):
    """An answer without words."""


def issue_code(
    connection: Connection, vault: Vault, staff: Staff | None, commune_id: str, village: str, now_ms: int, days: int
) -> str:
    """Draw and keep a one-time code for a village, good for ``days``. Returns it; it is stored nowhere as it is.

    ``staff`` None: whoever runs the machine. Raises :class:`bot.permissions.NotAllowed`.
    """
    key = item_key(village)
    if staff is not None:
        permissions.require(staff, "volunteer.manage", commune_id, village=key)
    code = new_enrolment_code(secrets.choice)
    volunteers.add_code(connection, vault, commune_id, key, code, now_ms, now_ms + days * DAY_MS)
    audit.record(connection, staff, "volunteer.code", commune_id, f"village:{key}", None, {"days": days}, now_ms)
    return code


def enrol(connection: Connection, vault: Vault, filed: FiledAct, act: EnrolVolunteer) -> None:
    """Use the code up; where somebody was quicker since the reply was made, say so."""
    village = volunteers.use_code(connection, vault, filed.commune_id, act.code, filed.key, filed.at_ms)
    if village is None:
        _tell(connection, vault, filed, filed.person, VOICES.word("code_taken"), "taken")
        return
    volunteers.enrol(connection, filed.person, filed.commune_id, village, filed.at_ms)


def forward_question(connection: Connection, vault: Vault, filed: FiledAct, act: ForwardQuestion) -> None:
    """Keep the question; what the bot could not answer goes to staff."""
    is_new = forwards.add_forward(
        connection,
        vault,
        NewForward(
            key=filed.key,
            person=filed.person,
            commune_id=filed.commune_id,
            link_code=act.link_code,
            village=item_key(act.village),
            text=masked(act.text),
            for_whom=masked(act.for_whom),
            phone=act.phone,
            topic=act.topic,
            at_ms=filed.at_ms,
            answered_by="bot" if act.answered else None,
            answer=act.answer,
        ),
    )
    if is_new and not act.answered:
        request = NewRequest(
            key=_request_key(filed.key),
            oa_id=filed.person.oa_id,
            commune_id=filed.commune_id,
            user_id=filed.person.user_id,
            kind=REQUEST_KIND,
            text=masked(act.text),
            topics=(act.link_code,),
            created_ms=filed.at_ms,
        )
        staff_requests.add(connection, vault, [request])


def link_forward(connection: Connection, vault: Vault, filed: FiledAct, act: LinkForward) -> None:
    """Let the neighbour hear the answer: at once where there is one."""
    found = forwards.find_forward(connection, vault, filed.commune_id, act.link_code)
    if found is None:
        return
    if not forwards.link(connection, filed.commune_id, act.link_code, filed.person, filed.at_ms):
        if found.person != filed.person:
            text = VOICES.word("link_taken", code=act.link_code)
            _tell(connection, vault, filed, filed.person, text, "link")
        return
    if found.answered_ms is None:
        text = VOICES.word("link_waiting", code=act.link_code, question=found.text)
    else:
        text = VOICES.word(
            "link_answered", code=act.link_code, question=found.text, answer=_answer_words(found)
        )  # fmt: skip
    _tell(connection, vault, filed, filed.person, text, "link")


def mark_answered(connection: Connection, vault: Vault, filed: FiledAct, act: MarkForwardAnswered) -> None:
    """The volunteer answered their neighbour: only their own question, and only while it is open."""
    found = forwards.find_forward(connection, vault, filed.commune_id, act.link_code)
    if found is None or found.person != filed.person:
        return
    words = masked(act.words)
    if not forwards.answer(
        connection, vault, filed.commune_id, act.link_code, "volunteer", words, filed.key, filed.at_ms
    ):
        return
    staff_requests.close(connection, _request_key(found.key), filed.at_ms)
    if found.neighbour is not None and words:
        text = _neighbour_text(found, words)
        _tell(connection, vault, filed, found.neighbour, text, "neighbour")


def file_report(connection: Connection, vault: Vault, filed: FiledAct, act: FileTeamReport) -> None:
    """Keep a team's report. Only a member's counts; it is filed under their village."""
    member = volunteers.member(connection, filed.person)
    if member is None:
        return
    report = TeamReport(
        person=filed.person,
        commune_id=filed.commune_id,
        village=member.village,
        classes=min(max(act.classes, 0), MOST_COUNTED),
        people_helped=min(max(act.people_helped, 0), MOST_COUNTED),
        difficulties=masked(act.difficulties),
        filed_ms=filed.at_ms,
    )
    volunteers.add_report(connection, vault, filed.key, report)


def answer_forward(
    connection: Connection, vault: Vault, staff: Staff, commune_id: str, link_code: str, words: str, now_ms: int
) -> None:
    """Staff's answer, told to the volunteer and, where they linked, the neighbour.

    Raises ForwardUnknown, ForwardAnswered, AnswerEmpty, :class:`bot.permissions.NotAllowed`.
    """
    if not words.strip():
        raise AnswerEmpty
    found = forwards.find_forward(connection, vault, commune_id, link_code)
    if found is None:
        raise ForwardUnknown(link_code)
    permissions.require(staff, "question.answer", commune_id, village=found.village)
    key = f"staff:{link_code}"
    if found.answered_ms is not None or not forwards.answer(
        connection, vault, commune_id, link_code, "staff", words.strip(), key, now_ms
    ):
        raise ForwardAnswered(link_code)
    staff_requests.close(connection, _request_key(found.key), now_ms)
    for_whom = VOICES.word("for_whom", name=found.for_whom) if found.for_whom else ""
    text = VOICES.word(
        "forward_answered", code=link_code, question=found.text, answer=words.strip(), for_whom=for_whom
    )  # fmt: skip
    trace_id = link_code
    tell(connection, vault, found.person, text, key=f"{key}:volunteer", trace_id=trace_id, now_ms=now_ms)
    if found.neighbour is not None:
        told = _neighbour_text(found, words.strip())
        tell(connection, vault, found.neighbour, told, key=f"{key}:neighbour", trace_id=trace_id, now_ms=now_ms)
    audit.record(
        connection, staff, "forward.answer", commune_id, f"forward:{link_code}", None, {"answered_by": "staff"}, now_ms
    )


def _neighbour_text(found: Forward, words: str) -> str:
    return VOICES.word("neighbour_answered", code=found.link_code, question=found.text, answer=words)


def _answer_words(found: Forward) -> str:
    return found.answer or VOICES.word("told_by_volunteer")


def _request_key(forward_key: str) -> str:
    return f"{forward_key}:{REQUEST_KIND}"


def _tell(connection: Connection, vault: Vault, filed: FiledAct, person: Person, text: str, what: str) -> None:
    key = f"{filed.key}:{what}"
    tell(connection, vault, person, text, key=key, trace_id=filed.trace_id, now_ms=filed.at_ms)
