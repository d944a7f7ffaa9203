"""Council scoring in the store: sheets, rounds, who was named, what they gave.

Whether somebody may see a vote is decided in ``bot.casework.council``; nothing else may read :func:`all_votes`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.store.council_tables import council_member, council_round, council_sheet, council_vote
from bot.store.staff_tables import staff

OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A sheet as stored; ``criteria`` is the JSON of ``bot.casework.council_sheet``."""

    id: int
    commune_id: str
    name: str
    scale: int
    pass_percent: int
    criteria: str
    created_ms: int
    retired_ms: int | None


@dataclass(frozen=True, slots=True)
class Round:
    """One scoring of an initiative. ``due_on`` is a day, 2027-03-01; ``result_percent`` is set when closed."""

    id: int
    commune_id: str
    case_code: str
    number: int
    sheet_id: int
    state: str
    reason: str = field(repr=False)
    opened_by: int
    opened_ms: int
    due_on: str | None
    closed_by: int | None
    closed_ms: int | None
    result_percent: float | None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody named to a round, and whether they have given their marks."""

    staff_id: int
    name: str
    email: str
    role: str
    has_voted: bool


@dataclass(frozen=True, slots=True)
class Vote:
    """What one member gave: criterion key to mark."""

    staff_id: int
    marks: Mapping[str, float] = field(repr=False)
    remark: str = field(repr=False)
    voted_ms: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The newest round of an initiative in figures, for lists: no mark is in it."""

    round_id: int
    number: int
    state: str
    members: int
    votes: int
    due_on: str | None
    result_percent: float | None


def _sheet_of(row: Row[tuple[object, ...]]) -> SheetRow:
    values = row._mapping
    return SheetRow(
        values["id"],
        values["commune_id"],
        values["name"],
        values["scale"],
        values["pass_percent"],
        values["criteria"],
        values["created_ms"],
        values["retired_ms"],
    )


def current_sheet(connection: Connection, commune_id: str) -> SheetRow | None:
    """The sheet new rounds use; None where the commune has written none."""
    row = connection.execute(
        select(council_sheet)
        .where(council_sheet.c.commune_id == commune_id, council_sheet.c.retired_ms.is_(None))
        .order_by(council_sheet.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else _sheet_of(row)


def sheet(connection: Connection, commune_id: str, sheet_id: int) -> SheetRow | None:
    """A sheet of this commune, retired or not."""
    row = connection.execute(
        select(council_sheet).where(council_sheet.c.commune_id == commune_id, council_sheet.c.id == sheet_id)
    ).first()
    return None if row is None else _sheet_of(row)


def list_sheets(connection: Connection, commune_id: str) -> list[SheetRow]:
    """Every sheet the commune ever had, newest first."""
    rows = connection.execute(
        select(council_sheet).where(council_sheet.c.commune_id == commune_id).order_by(council_sheet.c.id.desc())
    )
    return [_sheet_of(row) for row in rows]


def add_sheet(
    connection: Connection,
    commune_id: str,
    name: str,
    scale: int,
    pass_percent: int,
    criteria: str,
    staff_id: int,
    now_ms: int,
) -> int:
    """Put a new sheet in force; the former one is retired and stays with the rounds that used it."""
    connection.execute(
        update(council_sheet)
        .where(council_sheet.c.commune_id == commune_id, council_sheet.c.retired_ms.is_(None))
        .values(retired_ms=now_ms)
    )
    return int(
        connection.execute(
            insert(council_sheet)
            .values(
                commune_id=commune_id,
                name=name,
                scale=scale,
                pass_percent=pass_percent,
                criteria=criteria,
                created_by=staff_id,
                created_ms=now_ms,
            )
            .returning(council_sheet.c.id)
        ).scalar_one()
    )


def open_round(
    connection: Connection,
    vault: Vault,
    commune_id: str,
    case_code: str,
    sheet_id: int,
    *,
    reason: str,
    opened_by: int,
    due_on: str | None,
    now_ms: int,
) -> int:
    """Begin the next round of an initiative. Two at once: the second breaks the unique key (IntegrityError)."""
    last = connection.execute(
        select(func.max(council_round.c.number)).where(council_round.c.case_code == case_code)
    ).scalar()
    return int(
        connection.execute(
            insert(council_round)
            .values(
                commune_id=commune_id,
                case_code=case_code,
                number=(last or 0) + 1,
                sheet_id=sheet_id,
                state=OPEN,
                reason_sealed=vault.encrypt(reason, "council_round.reason") if reason else None,
                opened_by=opened_by,
                opened_ms=now_ms,
                due_on=due_on,
            )
            .returning(council_round.c.id)
        ).scalar_one()
    )


def rounds_of(connection: Connection, vault: Vault, commune_id: str, case_code: str) -> list[Round]:
    """Every round of an initiative, newest first."""
    rows = connection.execute(
        select(council_round)
        .where(council_round.c.commune_id == commune_id, council_round.c.case_code == case_code)
        .order_by(council_round.c.number.desc())
    ).mappings()
    return [
        Round(
            row["id"],
            row["commune_id"],
            row["case_code"],
            row["number"],
            row["sheet_id"],
            row["state"],
            "" if row["reason_sealed"] is None else vault.decrypt(row["reason_sealed"], "council_round.reason"),
            row["opened_by"],
            row["opened_ms"],
            row["due_on"],
            row["closed_by"],
            row["closed_ms"],
            row["result_percent"],
        )
        for row in rows
    ]


def name_members(
    connection: Connection, commune_id: str, round_id: int, staff_ids: Collection[int], now_ms: int
) -> None:
    """The council of a round is these, and no other. Marks of somebody taken out are deleted with them."""
    for table in (council_vote, council_member):
        connection.execute(delete(table).where(table.c.round_id == round_id, table.c.staff_id.not_in(staff_ids)))
    if staff_ids:
        upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
        connection.execute(
            upsert(council_member).on_conflict_do_nothing(),
            [
                {"round_id": round_id, "staff_id": staff_id, "commune_id": commune_id, "named_ms": now_ms}
                for staff_id in sorted(staff_ids)
            ],
        )


def members(connection: Connection, round_ids: Collection[int]) -> Mapping[int, Sequence[Member]]:
    """Who was named to these rounds, by name; one query for all of them."""
    voted = exists().where(
        and_(council_vote.c.round_id == council_member.c.round_id, council_vote.c.staff_id == council_member.c.staff_id)
    )
    rows = connection.execute(
        select(council_member.c.round_id, staff.c.id, staff.c.name, staff.c.email, staff.c.role, voted.label("voted"))
        .join(staff, staff.c.id == council_member.c.staff_id)
        .where(council_member.c.round_id.in_(round_ids))
        .order_by(staff.c.name, staff.c.id)
    )
    found: dict[int, list[Member]] = defaultdict(list)
    for row in rows:
        found[row.round_id].append(Member(row.id, row.name, row.email, row.role, bool(row.voted)))
    return found


def cast_vote(
    connection: Connection,
    vault: Vault,
    commune_id: str,
    round_id: int,
    staff_id: int,
    marks: Mapping[str, float],
    remark: str,
    now_ms: int,
) -> bool:
    """Keep a member's marks, in place of their earlier ones. False where the round is closed or they are not named.

    The round is locked first, so that no vote slips in while it is being closed.
    """
    state = connection.execute(
        select(council_round.c.state)
        .where(council_round.c.id == round_id, council_round.c.commune_id == commune_id)
        .with_for_update()
    ).scalar()
    named = connection.execute(
        select(council_member.c.staff_id).where(
            council_member.c.round_id == round_id, council_member.c.staff_id == staff_id
        )
    ).first()
    if state != OPEN or named is None:
        return False
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    values = {
        "commune_id": commune_id,
        "marks_sealed": vault.encrypt(json.dumps(dict(marks)), "council_vote.marks"),
        "remark_sealed": vault.encrypt(remark, "council_vote.remark") if remark else None,
        "voted_ms": now_ms,
    }
    connection.execute(
        upsert(council_vote)
        .values(round_id=round_id, staff_id=staff_id, **values)
        .on_conflict_do_update(index_elements=["round_id", "staff_id"], set_=values)
    )
    return True


def _vote_of(vault: Vault, row: Row[tuple[object, ...]]) -> Vote:
    values = row._mapping
    remark = values["remark_sealed"]
    return Vote(
        values["staff_id"],
        json.loads(vault.decrypt(values["marks_sealed"], "council_vote.marks")),
        "" if remark is None else vault.decrypt(remark, "council_vote.remark"),
        values["voted_ms"],
    )


def own_votes(connection: Connection, vault: Vault, round_ids: Collection[int], staff_id: int) -> Mapping[int, Vote]:
    """What one member gave in these rounds, by round."""
    rows = connection.execute(
        select(council_vote).where(council_vote.c.round_id.in_(round_ids), council_vote.c.staff_id == staff_id)
    )
    return {row.round_id: _vote_of(vault, row) for row in rows}


def all_votes(connection: Connection, vault: Vault, round_ids: Collection[int]) -> Mapping[int, Sequence[Vote]]:
    """Every vote of these rounds, in the order of accounts. Only for rounds that are closed, or being closed."""
    found: dict[int, list[Vote]] = defaultdict(list)
    rows = connection.execute(
        select(council_vote).where(council_vote.c.round_id.in_(round_ids)).order_by(council_vote.c.staff_id)
    )
    for row in rows:
        found[row.round_id].append(_vote_of(vault, row))
    return found


def lock(connection: Connection, commune_id: str, round_id: int) -> str | None:
    """Hold a round against votes and closing until the transaction ends; its state, None for another commune's."""
    state: str | None = connection.execute(
        select(council_round.c.state)
        .where(council_round.c.id == round_id, council_round.c.commune_id == commune_id)
        .with_for_update()
    ).scalar()
    return state


def close(connection: Connection, round_id: int, closed_by: int, result_percent: float, now_ms: int) -> bool:
    """Close a round. False where it was closed already."""
    changed = connection.execute(
        update(council_round)
        .where(council_round.c.id == round_id, council_round.c.state == OPEN)
        .values(state=CLOSED, closed_by=closed_by, closed_ms=now_ms, result_percent=result_percent)
    )
    return changed.rowcount == 1


def progress(connection: Connection, commune_id: str, case_codes: Collection[str]) -> Mapping[str, Progress]:
    """The newest round of each of these initiatives, in figures; one query however many they are."""
    if not case_codes:
        return {}
    newest = (
        select(council_round.c.case_code, func.max(council_round.c.number).label("number"))
        .where(council_round.c.commune_id == commune_id, council_round.c.case_code.in_(case_codes))
        .group_by(council_round.c.case_code)
        .subquery()
    )
    named = select(func.count()).where(council_member.c.round_id == council_round.c.id).scalar_subquery()
    voted = select(func.count()).where(council_vote.c.round_id == council_round.c.id).scalar_subquery()
    rows = connection.execute(
        select(
            council_round.c.case_code,
            council_round.c.id,
            council_round.c.number,
            council_round.c.state,
            named.label("members"),
            voted.label("votes"),
            council_round.c.due_on,
            council_round.c.result_percent,
        ).join(
            newest,
            and_(newest.c.case_code == council_round.c.case_code, newest.c.number == council_round.c.number),
        )
    )
    return {row.case_code: Progress(*row[1:]) for row in rows}


def codes_to_score(connection: Connection, commune_id: str, staff_id: int) -> list[str]:
    """Initiatives whose open round waits for this member's marks, soonest due first: "còn N phiếu của bạn"."""
    given = exists().where(
        and_(council_vote.c.round_id == council_member.c.round_id, council_vote.c.staff_id == staff_id)
    )
    rows = connection.execute(
        select(council_round.c.case_code)
        .join(council_member, council_member.c.round_id == council_round.c.id)
        .where(
            council_round.c.commune_id == commune_id,
            council_round.c.state == OPEN,
            council_member.c.staff_id == staff_id,
            ~given,
        )
        .order_by(council_round.c.due_on.is_(None), council_round.c.due_on, council_round.c.id)
    )
    return list(rows.scalars())
