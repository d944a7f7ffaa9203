"""Many reports of one thing become one case, and everyone is told with it; a case merged by mistake is split off."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.cases.lifecycle import lifecycle
from bot.casework import moving, steps, telling
from bot.casework.refusals import CASE_WORDS, CaseRefused
from bot.encryption import Vault
from bot.people import Person
from bot.store import audit, case_twins, cases
from bot.store.case_records import CaseHead, CasePerson
from bot.store.staff import Staff


def merge(
    connection: Connection,
    vault: Vault,
    staff: Staff | None,
    into_code: str,
    from_code: str,
    at_ms: int,
    expected_version: int | None = None,
) -> CaseHead:
    """Put ``from_code`` into ``into_code``: its people are told with the other from now on and keep their own code.

    Authors of an initiative become co-authors of the other. ``staff`` None is the operator at the machine itself.
    Returns the case it went into. Raises ``NotAllowed`` and :class:`CaseRefused`; ``expected_version`` is that of the
    case merged away.
    """
    if into_code == from_code:
        raise CaseRefused("same_case")
    # One order for everybody, or two officials merging each into the other would wait for each other for ever.
    heads = {code: steps.standing(connection, code) for code in sorted((into_code, from_code))}
    into, gone = heads[into_code], heads[from_code]
    if staff is not None:
        moving.require(staff, into, "merge")
        moving.require(staff, gone, "merge")
    _check(into, gone, expected_version)
    newcomers = [
        person
        for person in cases.people(connection, vault, gone.id)
        if cases.add_person(
            connection,
            vault,
            into,
            Person(person.oa_id, person.user_id),
            _role(person),
            person.known_code,
            person.joined_ms,
            person.words,
        )
    ]
    key = f"{gone.code}:{gone.version}:merged"
    cases.point_merged(connection, gone.code, into.code, at_ms)
    gone = cases.change(connection, gone, at_ms, merged_into=into.code, due_ms=None, left_minutes=None)
    people, supporters = cases.count_people(connection, into.id)
    earliest = min(due for due in (into.due_ms, heads[from_code].due_ms) if due is not None) if into.due_ms else None
    into = cases.change(connection, into, at_ms, people=people, supporters=supporters, due_ms=earliest)
    for head, other in ((into, gone), (gone, into)):
        cases.add_event(
            connection,
            vault,
            head,
            "merged",
            key=f"{key}:{head.code}",
            at_ms=at_ms,
            before=gone.code,
            after=into.code,
            by="" if staff is None else staff.email,
        )
        _audit(connection, staff, head, {"code": gone.code}, {"merged_into": into.code, "with": other.code}, at_ms)
    told = {(person.oa_id, person.user_id) for person in newcomers}
    telling.tell(
        connection,
        vault,
        into,
        [one for one in cases.people(connection, vault, into.id) if (one.oa_id, one.user_id) in told],
        "merged",
        key=f"case:{key}",
        at_ms=at_ms,
        buttons=telling.status_button,
        into=f"{CASE_WORDS.word(f'kind_{into.kind}')} {into.code}",
    )
    return into


def _check(into: CaseHead, gone: CaseHead, expected_version: int | None) -> None:
    if into.kind != gone.kind:
        raise CaseRefused("other_kind")
    if into.commune_id != gone.commune_id:
        raise CaseRefused("other_commune")
    for head in (into, gone):
        if head.state not in lifecycle(head.kind).open_states:
            raise CaseRefused("closed", code=head.code)
    if expected_version is not None and gone.version != expected_version:
        raise CaseRefused("changed", code=gone.code)


def _role(person: CasePerson) -> str:
    """Who filed the one is an author of the other: nobody loses an authorship, or their own code, by a merge."""
    return "co_author" if person.role == "filer" else person.role


def split(connection: Connection, vault: Vault, staff: Staff, code: str, at_ms: int) -> CaseHead:
    """Take a merged case out again, with those who came through it. Its time starts anew; what was said stays."""
    cases.lock(connection, [code])  # it and what it went into, in the order a merge takes them
    gone = cases.find(connection, code, lock=True)
    if gone is None:
        raise CaseRefused("unknown_code", code=code)
    moving.require(staff, gone, "merge")
    if not gone.merged_into:
        raise CaseRefused("not_merged", code=code)
    into = cases.find(connection, gone.merged_into, lock=True)
    assert into is not None, "cases are never deleted"
    cases.remove_people(connection, into.id, code)
    people, supporters = cases.count_people(connection, into.id)
    into = cases.change(connection, into, at_ms, people=people, supporters=supporters)
    key = f"{gone.code}:{gone.version}:split"
    due_ms = steps.due_from_now(connection, gone, at_ms)
    gone = cases.change(connection, gone, at_ms, merged_into="", due_ms=due_ms, escalated=0)
    for head in (into, gone):
        cases.add_event(
            connection,
            vault,
            head,
            "split",
            key=f"{key}:{head.code}",
            at_ms=at_ms,
            before=into.code,
            after=gone.code,
            by=staff.email,
        )
        _audit(connection, staff, head, {"merged_into": into.code}, {"split": gone.code}, at_ms)
    telling.tell(
        connection,
        vault,
        gone,
        cases.people(connection, vault, gone.id),
        "split",
        key=f"case:{key}",
        at_ms=at_ms,
        buttons=telling.status_button,
    )
    return gone


def part(connection: Connection, staff: Staff, head: CaseHead, other_code: str, at_ms: int) -> None:
    """An official looked at two likely twins and says they are two: nobody is shown this pair again.

    Raises ``NotAllowed``, and :class:`CaseRefused` where the two were no pair.
    """
    moving.require(staff, head, "merge")
    if not case_twins.part(connection, head.commune_id, head.code, other_code, staff.id, at_ms):
        raise CaseRefused("no_pair", code=head.code, other=other_code)
    _audit(connection, staff, head, {"code": head.code}, {"no_twin_of": other_code}, at_ms)


def _audit(
    connection: Connection,
    staff: Staff | None,
    head: CaseHead,
    before: dict[str, object],
    after: dict[str, object],
    at_ms: int,
) -> None:
    act = moving.act_of(head.kind, "merge")
    audit.record(connection, staff, act, head.commune_id, f"case:{head.code}", before, after, at_ms)
