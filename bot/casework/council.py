"""The council at work: opened, scored, closed, scored again. Blind until closed: before that nobody is shown another's
marks, the chair included, and neither the audit log nor a paper holds one.

Every function acts within the caller's transaction, asks :mod:`bot.permissions` first and writes the audit log.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import Connection

from bot.casework.council_sheet import Result, Sheet, default_sheet, percent_of, read_criteria, result_of
from bot.encryption import Vault
from bot.permissions import COUNCIL_ROLES, require
from bot.store import audit, cases, council, staff
from bot.store.council import CLOSED, OPEN, Member, Progress, Round, SheetRow, Vote
from bot.store.staff import Staff

FEWEST_MEMBERS = 2
"""One person alone is no council."""
SCORED_STATES = ("assessing", "trial")
"""States in which a council may be asked."""


class CouncilProblem(ValueError):
    """What stands in the way. ``reason`` is a slug the page has words for: state, few_members, unknown_member,
    open_already, reason_missing, no_votes, closed, not_named, merged."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Initiative(Protocol):
    """The part of a case the council needs."""

    @property
    def code(self) -> str: ...

    @property
    def commune_id(self) -> str: ...

    @property
    def state(self) -> str: ...

    @property
    def village(self) -> str: ...

    @property
    def unit(self) -> str: ...

    @property
    def merged_into(self) -> str: ...


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member as the one who looks may see them. ``vote`` and ``percent`` of others are None until closed."""

    member: Member
    vote: Vote | None
    percent: float | None
    is_oneself: bool


@dataclass(frozen=True, slots=True)
class RoundView:
    """One round as somebody may see it; ``result`` is None until it is closed."""

    round: Round
    sheet: Sheet
    members: tuple[MemberView, ...]
    result: Result | None
    own_vote: Vote | None
    may_score: bool

    @property
    def votes(self) -> int:
        """How many have given their marks."""
        return sum(one.member.has_voted for one in self.members)

    @property
    def missing(self) -> tuple[Member, ...]:
        """Who has not."""
        return tuple(one.member for one in self.members if not one.member.has_voted)


def _subject(code: str) -> str:
    return f"case:{code}"


def _sheet_of(row: SheetRow) -> Sheet:
    return Sheet(row.name, row.scale, row.pass_percent, read_criteria(row.criteria), row.id)


def sheet_in_force(connection: Connection, commune_id: str) -> Sheet:
    """The commune's sheet, or the one that comes with the product."""
    row = council.current_sheet(connection, commune_id)
    return default_sheet() if row is None else _sheet_of(row)


def sheets_of(connection: Connection, commune_id: str) -> Sequence[tuple[Sheet, SheetRow]]:
    """Every sheet the commune had, newest first, with its days."""
    return [(_sheet_of(row), row) for row in council.list_sheets(connection, commune_id)]


def write_sheet(connection: Connection, who: Staff, commune_id: str, sheet: Sheet, now_ms: int) -> int:
    """Put a new sheet in force for rounds to come; open rounds keep theirs. Raises ``NotAllowed``."""
    require(who, "initiative.council", commune_id)
    former = sheet_in_force(connection, commune_id)
    sheet_id = _store_sheet(connection, who, commune_id, sheet, now_ms)
    audit.record(
        connection,
        who,
        "council.sheet",
        commune_id,
        f"sheet:{sheet_id}",
        _facts(former),
        _facts(sheet),
        now_ms,
    )
    return sheet_id


def _facts(sheet: Sheet) -> Mapping[str, object]:
    criteria = {one.name: one.weight for one in sheet.criteria}
    return {"name": sheet.name, "scale": sheet.scale, "pass_percent": sheet.pass_percent, "criteria": criteria}


def _store_sheet(connection: Connection, who: Staff, commune_id: str, sheet: Sheet, now_ms: int) -> int:
    return council.add_sheet(
        connection, commune_id, sheet.name, sheet.scale, sheet.pass_percent, sheet.criteria_json(), who.id, now_ms
    )


def eligible(connection: Connection, commune_id: str) -> list[Staff]:
    """Accounts of the commune that may be named to a council."""
    return [one for one in staff.list_staff(connection, commune_id) if one.role in COUNCIL_ROLES and not one.disabled]


def open_round(
    connection: Connection,
    vault: Vault,
    who: Staff,
    initiative: Initiative,
    member_ids: Collection[int],
    *,
    due_on: date | None,
    reason: str,
    now_ms: int,
) -> int:
    """Ask a council for its marks; the round's id. ``reason`` says why an initiative is scored again.

    Raises ``NotAllowed`` and :class:`CouncilProblem`.
    """
    _require(who, "initiative.council", initiative)
    cases.find(connection, initiative.code, lock=True)  # two who open at once: the second finds the first's round
    if initiative.merged_into:
        raise CouncilProblem("merged")
    if initiative.state not in SCORED_STATES:
        raise CouncilProblem("state")
    former = council.rounds_of(connection, vault, initiative.commune_id, initiative.code)
    if former and former[0].state == OPEN:
        raise CouncilProblem("open_already")
    if former and not reason.strip():
        raise CouncilProblem("reason_missing")
    named = _named(connection, initiative.commune_id, member_ids)
    row = council.current_sheet(connection, initiative.commune_id)
    sheet_id = _store_sheet(connection, who, initiative.commune_id, default_sheet(), now_ms) if row is None else row.id
    round_id = council.open_round(
        connection,
        vault,
        initiative.commune_id,
        initiative.code,
        sheet_id,
        reason=reason.strip(),
        opened_by=who.id,
        due_on=None if due_on is None else due_on.isoformat(),
        now_ms=now_ms,
    )
    council.name_members(connection, initiative.commune_id, round_id, [one.id for one in named], now_ms)
    audit.record(
        connection,
        who,
        "council.open",
        initiative.commune_id,
        _subject(initiative.code),
        None,
        {"round": len(former) + 1, "members": [one.email for one in named], "due": due_on and due_on.isoformat()},
        now_ms,
    )
    return round_id


def _named(connection: Connection, commune_id: str, member_ids: Collection[int]) -> list[Staff]:
    able = {one.id: one for one in eligible(connection, commune_id)}
    if any(each not in able for each in member_ids):
        raise CouncilProblem("unknown_member")
    named = [able[each] for each in sorted(set(member_ids))]
    if len(named) < FEWEST_MEMBERS:
        raise CouncilProblem("few_members")
    return named


def name_members(
    connection: Connection, vault: Vault, who: Staff, initiative: Initiative, member_ids: Collection[int], now_ms: int
) -> None:
    """Change the council of the open round; the marks of somebody taken out go with them.

    Raises ``NotAllowed`` and :class:`CouncilProblem`.
    """
    _require(who, "initiative.council", initiative)
    current = _open_round(connection, vault, initiative)
    named = _named(connection, initiative.commune_id, member_ids)
    before = [one.email for one in council.members(connection, [current.id]).get(current.id, ())]
    council.name_members(connection, initiative.commune_id, current.id, [one.id for one in named], now_ms)
    audit.record(
        connection,
        who,
        "council.members",
        initiative.commune_id,
        _subject(initiative.code),
        {"members": sorted(before)},
        {"members": sorted(one.email for one in named)},
        now_ms,
    )


def _open_round(connection: Connection, vault: Vault, initiative: Initiative) -> Round:
    rounds = council.rounds_of(connection, vault, initiative.commune_id, initiative.code)
    if not rounds or council.lock(connection, initiative.commune_id, rounds[0].id) != OPEN:
        raise CouncilProblem("closed")
    return rounds[0]


def score(
    connection: Connection,
    vault: Vault,
    who: Staff,
    initiative: Initiative,
    marks: Mapping[str, float],
    remark: str,
    now_ms: int,
) -> None:
    """Give one's marks, or change them while the round is open. The audit log says that, never what.

    Raises ``NotAllowed`` and :class:`CouncilProblem`. ``marks`` come from ``council_sheet.read_marks``.
    """
    _require(who, "initiative.score", initiative)
    if initiative.merged_into:
        raise CouncilProblem("merged")
    if initiative.state not in SCORED_STATES:
        raise CouncilProblem("state")
    current = _open_round(connection, vault, initiative)
    is_first = who.id not in council.own_votes(connection, vault, [current.id], who.id)
    if not council.cast_vote(
        connection, vault, initiative.commune_id, current.id, who.id, marks, remark.strip(), now_ms
    ):
        raise CouncilProblem("not_named")
    after = {"round": current.number, "first": is_first}
    audit.record(
        connection, who, "council.score", initiative.commune_id, _subject(initiative.code), None, after, now_ms
    )


def close_round(connection: Connection, vault: Vault, who: Staff, initiative: Initiative, now_ms: int) -> Result:
    """Count the marks: from here on all of them may be read. Raises ``NotAllowed`` and :class:`CouncilProblem`."""
    _require(who, "initiative.decide", initiative)
    current = _open_round(connection, vault, initiative)
    row = council.sheet(connection, initiative.commune_id, current.sheet_id)
    assert row is not None
    votes = council.all_votes(connection, vault, [current.id]).get(current.id, ())
    result = result_of(_sheet_of(row), [vote.marks for vote in votes])
    if result is None:
        raise CouncilProblem("no_votes")
    if not council.close(connection, current.id, who.id, result.percent, now_ms):
        raise CouncilProblem("closed")
    named = council.members(connection, [current.id]).get(current.id, ())
    audit.record(
        connection,
        who,
        "council.close",
        initiative.commune_id,
        _subject(initiative.code),
        {"state": OPEN},
        {"state": CLOSED, "votes": result.votes, "members": len(named), "percent": round(result.percent, 1)},
        now_ms,
    )
    return result


def view(connection: Connection, vault: Vault, who: Staff, initiative: Initiative) -> tuple[RoundView, ...]:
    """Every round, newest first, as this person may see it. Four queries however many rounds and members there are."""
    rounds = council.rounds_of(connection, vault, initiative.commune_id, initiative.code)
    if not rounds:
        return ()
    ids = [one.id for one in rounds]
    members = council.members(connection, ids)
    sheets = {sheet.id: sheet for sheet, _ in sheets_of(connection, initiative.commune_id)}
    # The marks of open rounds are not even read: what is not in memory cannot be shown by mistake.
    votes = council.all_votes(connection, vault, [one.id for one in rounds if one.state == CLOSED])
    own = council.own_votes(connection, vault, [one.id for one in rounds if one.state == OPEN], who.id)
    return tuple(
        _round_view(one, sheets[one.sheet_id], members.get(one.id, ()), votes.get(one.id, ()), own.get(one.id), who)
        for one in rounds
    )


def _round_view(
    one: Round, sheet: Sheet, members: Sequence[Member], votes: Sequence[Vote], own: Vote | None, who: Staff
) -> RoundView:
    shown = {vote.staff_id: vote for vote in votes}
    if own is not None:
        shown[who.id] = own
    seen = tuple(
        MemberView(
            member,
            shown.get(member.staff_id),
            percent_of(sheet, shown[member.staff_id].marks) if member.staff_id in shown else None,
            member.staff_id == who.id,
        )
        for member in members
    )
    result = result_of(sheet, [vote.marks for vote in votes]) if one.state == CLOSED else None
    named = any(each.is_oneself for each in seen)
    return RoundView(one, sheet, seen, result, shown.get(who.id), one.state == OPEN and named)


def to_score(connection: Connection, who: Staff) -> list[str]:
    """Codes of initiatives that wait for this person's marks: "còn N phiếu của bạn"."""
    return [] if who.commune_id is None else council.codes_to_score(connection, who.commune_id, who.id)


def progress(connection: Connection, commune_id: str, codes: Collection[str]) -> Mapping[str, Progress]:
    """How far the newest round of each initiative is; no mark is in it but the result of a closed one."""
    return council.progress(connection, commune_id, codes)


def _require(who: Staff, act: str, initiative: Initiative) -> None:
    require(who, act, initiative.commune_id, village=initiative.village, unit=initiative.unit)
