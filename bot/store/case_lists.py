"""Lists of cases: folders of the console and the command line, a person's own, what is open, what is late.

Every statement runs on an index of ``case_file``: pages of twenty thousand cases are asked for in one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from sqlalchemy import Connection, Select, case, func, select

from bot.encryption import Vault
from bot.people import Person
from bot.store.case_records import GIST, WORDS, CaseHead, CaseLine, CaseWords, unseal
from bot.store.case_tables import case_file, case_person
from bot.store.cases import HEAD_COLUMNS, head_of

Order = Literal["newest", "oldest", "due", "changed", "desk"]
NOT_MERGED = case_file.c.merged_into == ""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases. Empty fields do not narrow. ``unit`` and ``assignee`` "-" ask for those that have none,
    ``assignee`` "*" for those that have one.

    ``due_before_ms`` keeps those due by then, ``due_from_ms`` those not due before; ``reopened`` those opened again;
    ``merged`` adds those merged away; ``codes`` keeps these alone.
    """

    kind: str = ""
    commune_id: str = ""
    states: tuple[str, ...] = ()
    category: str = ""
    level: str = ""
    village: str = ""
    unit: str = ""
    units: tuple[str, ...] = ()
    assignee: str = ""
    source: str = ""
    author_kind: str = ""
    campaign_id: str = ""
    due_before_ms: int | None = None
    due_from_ms: int | None = None
    created_from_ms: int | None = None
    created_until_ms: int | None = None
    reopened: bool = False
    merged: bool = False
    codes: tuple[str, ...] | None = None


def _by_assignee(statement: Select[Any], assignee: str) -> Select[Any]:
    column = case_file.c.assignee
    if assignee == "-":
        return statement.where(column == "")
    if assignee:
        statement = statement.where(column != "")  # said apart, so that the partial index serves
    return statement if assignee in ("", "*") else statement.where(column == assignee)


def _narrowed(statement: Select[Any], wanted: CaseFilter) -> Select[Any]:
    columns = case_file.c
    if not wanted.merged:
        statement = statement.where(NOT_MERGED)
    for name in ("kind", "commune_id", "category", "level", "village", "source", "author_kind", "campaign_id"):
        if value := getattr(wanted, name):
            statement = statement.where(columns[name] == value)
    if wanted.unit:
        statement = statement.where(columns.unit == ("" if wanted.unit == "-" else wanted.unit))
    statement = _by_assignee(statement, wanted.assignee)
    if wanted.units:
        statement = statement.where(columns.unit.in_(wanted.units))
    if wanted.states:
        statement = statement.where(columns.state.in_(wanted.states))
    moments = (
        (wanted.due_before_ms, columns.due_ms.__lt__),
        (wanted.due_from_ms, columns.due_ms.__ge__),
        (wanted.created_from_ms, columns.created_ms.__ge__),
        (wanted.created_until_ms, columns.created_ms.__lt__),
    )
    for value_ms, compare in moments:
        if value_ms is not None:
            statement = statement.where(compare(value_ms))
    if wanted.codes is not None:
        statement = statement.where(columns.code.in_(wanted.codes))
    if wanted.reopened:
        statement = statement.where(columns.reopened > 0)
    return statement


def list_cases(
    connection: Connection,
    vault: Vault,
    wanted: CaseFilter,
    *,
    order: Order = "newest",
    limit: int = 50,
    offset: int = 0,
) -> list[CaseLine]:
    """A page of cases. ``due``: the soonest first, those without a deadline last; ``desk``: before all these those
    opened again that are still open."""
    columns = case_file.c
    # An expression, so that cases named by their codes are fetched by them and not sought along an index by age.
    created = columns.created_ms if wanted.codes is None else columns.created_ms + 0
    orders = {
        "newest": (created.desc(), columns.id.desc()),
        "oldest": (columns.created_ms, columns.id),
        "due": (columns.due_ms.is_(None), columns.due_ms, columns.id),
        "desk": (
            case((columns.due_ms.is_(None), 0), (columns.reopened > 0, 1), else_=0).desc(),
            columns.due_ms.is_(None),
            columns.due_ms,
            columns.id.desc(),
        ),
        "changed": (columns.updated_ms.desc(), columns.id.desc()),
    }
    statement = _narrowed(select(*HEAD_COLUMNS, columns.gist_sealed), wanted)
    rows = connection.execute(statement.order_by(*orders[order]).limit(limit).offset(offset))
    return [CaseLine(head_of(row), vault.decrypt(row.gist_sealed, GIST)) for row in rows]


def count_cases(connection: Connection, wanted: CaseFilter) -> int:
    """How many cases a filter keeps."""
    return int(connection.execute(_narrowed(select(func.count()).select_from(case_file), wanted)).scalar_one())


def count_by_state(connection: Connection, wanted: CaseFilter) -> dict[str, int]:
    """How many in each state; states without a case are left out."""
    statement = _narrowed(select(case_file.c.state, func.count()), wanted).group_by(case_file.c.state)
    return {row[0]: int(row[1]) for row in connection.execute(statement)}


LATE = "late"
"""Beside the states in :func:`count_by_village`: those past their deadline."""


def count_by_village(connection: Connection, wanted: CaseFilter, now_ms: int) -> dict[str, dict[str, int]]:
    """Village → state → how many, with :data:`LATE` beside the states; "" for cases nobody gave a village."""
    columns = case_file.c
    is_late = func.sum(case((columns.due_ms < now_ms, 1), else_=0))
    statement = _narrowed(select(columns.village, columns.state, func.count(), is_late), wanted)
    found: dict[str, dict[str, int]] = {}
    for village, state, count, late in connection.execute(statement.group_by(columns.village, columns.state)):
        of_village = found.setdefault(village, {LATE: 0})
        of_village[state] = int(count)
        of_village[LATE] += int(late or 0)
    return found


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case as one person knows it: ``known_code`` may be that of a case merged into this one."""

    line: CaseLine
    known_code: str
    role: str
    mark: int | None


def cases_of_person(connection: Connection, vault: Vault, person: Person, limit: int = 5) -> list[OwnCase]:
    """The last cases a person filed, joined or supported, newest first. What was merged shows as what it went into."""
    rows = connection.execute(
        _of_person(person)
        .where(NOT_MERGED)
        .order_by(case_person.c.joined_ms.desc(), case_person.c.id.desc())
        .limit(limit)
    )
    return [_own(vault, row) for row in rows]


def case_of_person(connection: Connection, vault: Vault, person: Person, code: str) -> OwnCase | None:
    """A person's case under its own code, or under the code they were given before it was merged; None for others'."""
    rows = connection.execute(
        _of_person(person)
        .where(NOT_MERGED, (case_file.c.code == code) | (case_person.c.known_code == code))
        .order_by(case_person.c.id)
        .limit(1)
    ).first()
    if rows is not None:
        return _own(vault, rows)
    merged = connection.execute(
        _of_person(person).where(case_file.c.code == code).order_by(case_person.c.id).limit(1)
    ).first()
    if merged is None:
        return None
    # Told already in the case it went into, so it kept one row there, under another code.
    into = connection.execute(_of_person(person).where(case_file.c.code == merged.merged_into).limit(1)).first()
    return _own(vault, merged if into is None else into)


def _of_person(person: Person) -> Select[Any]:
    return (
        select(*HEAD_COLUMNS, case_file.c.gist_sealed, case_person.c.known_code, case_person.c.role, case_person.c.mark)
        .join(case_person, case_person.c.case_id == case_file.c.id)
        .where(case_person.c.oa_id == person.oa_id, case_person.c.user_id == person.user_id)
    )


def _own(vault: Vault, row: Any) -> OwnCase:
    line = CaseLine(head_of(row), vault.decrypt(row.gist_sealed, GIST))
    return OwnCase(line, row.known_code, row.role, row.mark)


@dataclass(frozen=True, slots=True)
class ChangedCase:
    """A case as the search for twins reads it. ``text`` is empty where it is closed or merged: forget it."""

    head: CaseHead
    text: str


def changed_since(
    connection: Connection,
    vault: Vault,
    commune_id: str,
    kind: str,
    open_states: Collection[str],
    since_ms: int,
    known: Mapping[str, int] = MappingProxyType({}),
) -> list[ChangedCase]:
    """Cases changed since a moment, in no order; from the beginning (0) only those still open are read.

    ``known`` are versions by code the caller has seen: those are left out, and not opened.
    """
    statement = select(*HEAD_COLUMNS, case_file.c.words_sealed).where(
        case_file.c.commune_id == commune_id, case_file.c.kind == kind
    )
    if since_ms:
        # Merged and closed ones too: they must be forgotten.
        statement = statement.where(case_file.c.updated_ms >= since_ms)
    else:
        statement = statement.where(NOT_MERGED, case_file.c.state.in_(tuple(open_states)))
    return [
        ChangedCase(
            head,
            (unseal(vault, row.words_sealed, WORDS, CaseWords) or CaseWords()).whole
            if head.state in open_states and not head.merged_into
            else "",
        )
        for row in connection.execute(statement)
        for head in (head_of(row),)
        if known.get(head.code) != head.version
    ]


def overdue(
    connection: Connection, now_ms: int, after: tuple[int, int] = (0, 0), limit: int = 200
) -> Sequence[CaseHead]:
    """Cases past their deadline in every commune, the latest-due last; ``after`` is (due_ms, id) of the last seen."""
    columns = case_file.c
    rows = connection.execute(
        select(*HEAD_COLUMNS)
        .where(
            columns.due_ms.is_not(None),
            columns.due_ms <= now_ms,
            NOT_MERGED,
            (columns.due_ms > after[0]) | ((columns.due_ms == after[0]) & (columns.id > after[1])),
        )
        .order_by(columns.due_ms, columns.id)
        .limit(limit)
    )
    return [head_of(row) for row in rows]
