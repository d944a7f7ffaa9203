"""Pairs of cases that may tell of the same thing, found by a worker and looked at by an official."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.store.case_tables import case_file
from bot.store.council_tables import case_twin, twin_search

MOST_PAIRS = 3_000
"""Looked at for a folder: nobody works through more, and a page would wait for them."""


@dataclass(frozen=True, slots=True)
class Twin:
    """Another case that may be the same; ``score`` 0 to 1."""

    code: str
    score: float


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def keep(
    connection: Connection, commune_id: str, kind: str, found: Iterable[tuple[str, str, float]], now_ms: int
) -> None:
    """Write pairs down; one that an official parted stays parted."""
    rows = {
        _pair(one, other): {
            "code": _pair(one, other)[0],
            "other_code": _pair(one, other)[1],
            "commune_id": commune_id,
            "kind": kind,
            "score": score,
            "found_ms": now_ms,
        }
        for one, other, score in found
        if one != other
    }
    if not rows:
        return
    insert = (postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert)(case_twin)
    connection.execute(
        insert.on_conflict_do_update(index_elements=["code", "other_code"], set_={"score": insert.excluded.score}),
        [rows[pair] for pair in sorted(rows)],
    )


def searched_until(connection: Connection, commune_id: str, kind: str) -> int:
    """The change up to which twins were looked for; 0 where never."""
    found = connection.execute(
        select(twin_search.c.until_ms).where(twin_search.c.commune_id == commune_id, twin_search.c.kind == kind)
    ).scalar()
    return int(found or 0)


def note_searched(connection: Connection, commune_id: str, kind: str, until_ms: int) -> None:
    """Everything changed before this moment was looked at."""
    insert = (postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert)(twin_search)
    connection.execute(
        insert.values(commune_id=commune_id, kind=kind, until_ms=until_ms).on_conflict_do_update(
            index_elements=["commune_id", "kind"], set_={"until_ms": until_ms}
        )
    )


def to_search(connection: Connection, overlap_ms: int) -> list[tuple[str, str]]:
    """(commune, kind) whose cases changed since ``overlap_ms`` before they were last searched."""
    newest = (
        select(case_file.c.commune_id, case_file.c.kind, func.max(case_file.c.updated_ms).label("newest_ms"))
        .group_by(case_file.c.commune_id, case_file.c.kind)
        .subquery()
    )
    rows = connection.execute(
        select(newest.c.commune_id, newest.c.kind)
        .outerjoin(
            twin_search,
            (twin_search.c.commune_id == newest.c.commune_id) & (twin_search.c.kind == newest.c.kind),
        )
        .where(newest.c.newest_ms >= func.coalesce(twin_search.c.until_ms, 0) - overlap_ms)
        .order_by(newest.c.commune_id, newest.c.kind)
    )
    return [(row[0], row[1]) for row in rows]


def _pairs(commune_id: str, kind: str) -> Select[Any]:
    """Pairs of which nobody said they are two."""
    return select(case_twin.c.code, case_twin.c.other_code, case_twin.c.score).where(
        case_twin.c.commune_id == commune_id, case_twin.c.kind == kind, case_twin.c.parted_ms.is_(None)
    )


def codes_with_twins(
    connection: Connection, commune_id: str, kind: str, open_states: Sequence[str], least_score: float = 0.0
) -> list[str]:
    """Codes of open cases that have a twin at least so likely, likest first; of the MOST_PAIRS likeliest pairs."""
    # Two plain looks at an index each, matched here: joined in the database this takes twice the time (measured with
    # 12,000 pairs), for the best score of each case has to be sought among both ends of the pairs.
    standing = set(
        connection.execute(
            select(case_file.c.code).where(
                case_file.c.commune_id == commune_id,
                case_file.c.kind == kind,
                case_file.c.merged_into == "",
                case_file.c.state.in_(open_states),
            )
        ).scalars()
    )
    best: dict[str, float] = {}
    likely = _pairs(commune_id, kind).where(case_twin.c.score >= least_score).order_by(case_twin.c.score.desc())
    likely = likely.limit(MOST_PAIRS)
    for one, other, score in connection.execute(likely).all():
        if one in standing and other in standing:
            best.setdefault(one, score)
            best.setdefault(other, score)
    return sorted(best, key=lambda code: (-best[code], code))


def twins_of(
    connection: Connection, commune_id: str, kind: str, codes: Collection[str], open_states: Sequence[str]
) -> Mapping[str, Sequence[Twin]]:
    """The likely twins of these cases, likest first; one query for all of them."""
    ends = [case_file.alias(name) for name in ("first", "second")]
    pairs = _pairs(commune_id, kind).where(or_(case_twin.c.code.in_(codes), case_twin.c.other_code.in_(codes)))
    for end, code in zip(ends, (case_twin.c.code, case_twin.c.other_code), strict=True):
        pairs = pairs.join(end, end.c.code == code).where(end.c.merged_into == "", end.c.state.in_(open_states))
    found: dict[str, list[Twin]] = defaultdict(list)
    for one, other, score in connection.execute(pairs):
        found[one].append(Twin(other, score))
        found[other].append(Twin(one, score))
    return {code: sorted(found[code], key=lambda twin: (-twin.score, twin.code)) for code in codes if code in found}


def part(connection: Connection, commune_id: str, one: str, other: str, staff_id: int, now_ms: int) -> bool:
    """Note that an official looked at both: they are two. False where they were no pair."""
    code, other_code = _pair(one, other)
    changed = connection.execute(
        update(case_twin)
        .where(
            case_twin.c.code == code,
            case_twin.c.other_code == other_code,
            case_twin.c.commune_id == commune_id,
            case_twin.c.parted_ms.is_(None),
        )
        .values(parted_by=staff_id, parted_ms=now_ms)
    )
    return changed.rowcount == 1
