"""What residents do to cases from the chat: file, join, support, add, open again. Each act once, however often applied.

The reply to the person themselves is the conversation's; here everybody else concerned is told.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from bot.cases import deadlines
from bot.cases.categories import OTHER, categories, levels
from bot.cases.initiative_fields import OTHER_FIELD, author_kinds, initiative_fields, stages
from bot.cases.lifecycle import RESOLVED, WAITING, lifecycle
from bot.cases.routing import unit_for
from bot.casework import attachments, steps
from bot.casework.communes import commune_at, office_hours
from bot.casework.steps import Step
from bot.clock import VIETNAM, from_ms
from bot.conversation.acts import AddToCase, FileInitiative, FileReport, JoinReport, ReopenCase, SupportInitiative
from bot.conversation.payloads import shortened
from bot.encryption import Vault
from bot.journal.processing import FiledAct
from bot.masking import masked
from bot.store import cases
from bot.store.case_records import CaseContact, CaseHead, CasePlace, CaseWords
from bot.store.cases import NewCase

LONGEST_GIST = 160
NOT_DONE = "not_done"
"""The reason a resident gives by opening a case again."""
OWN_ROLES = frozenset({"filer", "joined", "co_author"})
"""Who may add to a case and open it again; a supporter of an idea only hears of it."""


def file_report(connection: Connection, vault: Vault, filed: FiledAct, act: FileReport) -> None:
    """A new report, given to its unit, its time running."""
    category = act.category if act.category in categories() else OTHER
    new = NewCase(
        key=filed.key,
        code=act.code,
        kind="report",
        commune_id=filed.commune_id,
        person=filed.person,
        state=lifecycle("report").first,
        category=category,
        level=act.level if act.level in levels() else categories()[category].level,
        village=act.place.village,
        source="zalo",
        at_ms=filed.at_ms,
        gist=gist_of(act.text),
        words=CaseWords(text=masked(act.text)),
        place=CasePlace(masked(act.place.words), act.place.latitude, act.place.longitude),
        contact=None if act.contact.anonymous else contact_of(act.contact.name, act.contact.phone),
        anonymous=act.contact.anonymous,
    )
    if file_case(connection, vault, new) is not None:
        attachments.keep(connection, vault, filed, act.code, act.things)


def file_initiative(connection: Connection, vault: Vault, filed: FiledAct, act: FileInitiative) -> None:
    """A new initiative, given to the unit of its field."""
    words = CaseWords(
        title=masked(act.title),
        problem=masked(act.problem),
        proposal=masked(act.proposal),
        benefit=masked(act.benefit),
        co_authors=masked(act.co_authors),
    )
    new = NewCase(
        key=filed.key,
        code=act.code,
        kind="initiative",
        commune_id=filed.commune_id,
        person=filed.person,
        state=lifecycle("initiative").first,
        category=act.field_id if act.field_id in initiative_fields() else OTHER_FIELD,
        village=act.village,
        source="zalo",
        author_kind=act.author_kind if act.author_kind in author_kinds() else "resident",
        stage=act.stage if act.stage in stages() else "idea",
        campaign_id=act.campaign_id,
        at_ms=filed.at_ms,
        gist=gist_of(act.title or act.proposal),
        words=words,
        contact=None if act.contact.anonymous else contact_of(act.contact.name, act.contact.phone),
        anonymous=act.contact.anonymous,
    )
    if file_case(connection, vault, new) is not None:
        attachments.keep(connection, vault, filed, act.code, act.things)


def file_case(connection: Connection, vault: Vault, new: NewCase, *, by: str = "") -> CaseHead | None:
    """Store a case with its unit, deadline, filer and first entry. None where this key filed it before."""
    now = from_ms(new.at_ms).astimezone(VIETNAM)
    commune = commune_at(connection, new.commune_id, now)
    timer = deadlines.started(new.kind, new.level, now, office_hours(commune))
    unit = new.unit or unit_for(new.kind, new.category, commune)
    if cases.file(connection, vault, replace(new, unit=unit, due_ms=steps.ms_of(timer.due))) is None:
        return None
    head = cases.find(connection, new.code)
    assert head is not None, "filed in this very transaction"
    cases.add_event(connection, vault, head, "filed", key=f"{new.key}:filed", at_ms=new.at_ms, after=new.state, by=by)
    if not new.person.user_id:
        return head
    cases.add_person(connection, vault, head, new.person, "filer", new.code, new.at_ms)
    return _counted(connection, head, new.at_ms)


def join_report(connection: Connection, vault: Vault, filed: FiledAct, act: JoinReport) -> None:
    """ "Me too": told of every step from now on, with their own words kept."""
    head = steps.followed(connection, act.code)
    if head is None or head.commune_id != filed.commune_id:
        return  # the conversation showed it; that it is gone since helps nobody to know
    words = masked(act.text)
    if cases.add_person(connection, vault, head, filed.person, "joined", act.code, filed.at_ms, words):
        _counted(connection, head, filed.at_ms)
        cases.add_event(
            connection, vault, head, "joined", key=filed.key, at_ms=filed.at_ms, internal=words, person=filed.person
        )
        attachments.keep(connection, vault, filed, head.code, act.things)


def support_initiative(connection: Connection, vault: Vault, filed: FiledAct, act: SupportInitiative) -> None:
    """One voice for each person."""
    head = steps.followed(connection, act.code)
    if head is None or head.commune_id != filed.commune_id:
        return
    if cases.add_person(connection, vault, head, filed.person, "supporter", act.code, filed.at_ms):
        _counted(connection, head, filed.at_ms)
        cases.add_event(connection, vault, head, "supported", key=filed.key, at_ms=filed.at_ms)


def add_to_case(connection: Connection, vault: Vault, filed: FiledAct, act: AddToCase) -> None:
    """More about one's own case; where we waited for it, the case goes on and its time with it."""
    head = _own(connection, filed, act.code)
    if head is None:
        return
    key = f"{filed.key}:added"
    words, at_ms = masked(act.text), filed.at_ms
    if not cases.add_event(connection, vault, head, "added", key=key, at_ms=at_ms, internal=words, person=filed.person):
        return
    attachments.keep(connection, vault, filed, head.code, act.things)
    if head.state == WAITING:
        _go_on(connection, vault, filed, head)
    else:
        cases.change(connection, head, filed.at_ms)


def reopen_case(connection: Connection, vault: Vault, filed: FiledAct, act: ReopenCase) -> None:
    """ "Chưa xong": a resolved report is open again, with all its time."""
    head = _own(connection, filed, act.code)
    if head is None or head.state != RESOLVED or cases.has_event(connection, filed.key):
        return
    if words := masked(act.text):
        key = f"{filed.key}:added"
        cases.add_event(
            connection, vault, head, "added", key=key, at_ms=filed.at_ms, internal=words, person=filed.person
        )
    _go_on(connection, vault, filed, head, NOT_DONE)


def gist_of(text: str) -> str:
    """A line of words for lists: masked, without line breaks, cut after a whole word."""
    return shortened(masked(text), LONGEST_GIST)


def contact_of(name: str, phone: str) -> CaseContact | None:
    """What is kept of whom to ring; nothing where nothing was given."""
    return CaseContact(name.strip(), phone.strip()) if name.strip() or phone.strip() else None


def _own(connection: Connection, filed: FiledAct, code: str) -> CaseHead | None:
    head = steps.followed(connection, code)
    if head is None or cases.role_of(connection, head.id, filed.person) not in OWN_ROLES:
        return None
    return head


def _go_on(connection: Connection, vault: Vault, filed: FiledAct, head: CaseHead, reason: str = "") -> None:
    step = Step(
        to="assigned" if head.unit else "received",
        at_ms=filed.at_ms,
        key=filed.key,
        reason=reason,
        trace_id=filed.trace_id,
        besides=filed.person,
    )
    steps.make(connection, vault, head, step, quiet=not reason)


def _counted(connection: Connection, head: CaseHead, at_ms: int) -> CaseHead:
    people, supporters = cases.count_people(connection, head.id)
    return cases.change(connection, head, at_ms, people=people, supporters=supporters)
