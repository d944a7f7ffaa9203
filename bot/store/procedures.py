"""Imported procedures: listings and records by commune and code, and the parts of records officers approved.

``commune_id`` "*" holds what is valid for every commune of the install (the city's list); a commune's own row of the
same code goes before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, select, text, update

from bot.store.tables import procedure, procedure_facet
from knowledge.portal.procedure import ApprovedFacet, Listing, Record, digest_of

EVERY_COMMUNE = "*"
Kind = Literal["list", "record"]


@dataclass(frozen=True, slots=True)
class Draft:
    """One part drafted from a record. ``state`` is "draft" or "approved"; only approved ones reach residents."""

    commune_id: str
    code: str
    facet: str
    text: str
    as_of: date
    state: str
    approved_by: str | None


def version(connection: Connection) -> tuple[int, int]:
    """Changes with every import and approval: the highest change numbers of both tables."""
    row = connection.execute(
        select(
            select(func.coalesce(func.max(procedure.c.change_ms), 0)).scalar_subquery(),
            select(func.coalesce(func.max(procedure_facet.c.change_ms), 0)).scalar_subquery(),
        )
    ).one()
    return int(row[0]), int(row[1])


def listings(connection: Connection, commune_id: str) -> dict[str, Listing]:
    """The imported listings of exactly this commune, or of "*"."""
    return {row.code: Listing.from_json(row.document) for row in _documents(connection, commune_id, "list")}


def records(connection: Connection, commune_id: str) -> dict[str, Record]:
    """The imported records of exactly this commune, or of "*"."""
    return {row.code: Record.from_json(row.document) for row in _documents(connection, commune_id, "record")}


def owners(connection: Connection) -> set[str]:
    """Every commune that has rows of its own, "*" included."""
    found = connection.execute(select(procedure.c.commune_id).distinct()).scalars()
    return set(found)


def drafts(connection: Connection, commune_id: str | None = None, code: str | None = None) -> list[Draft]:
    """Drafted parts, approved or not, by code and part."""
    statement = select(procedure_facet).order_by(
        procedure_facet.c.commune_id, procedure_facet.c.code, procedure_facet.c.facet
    )
    if commune_id is not None:
        statement = statement.where(procedure_facet.c.commune_id == commune_id)
    if code is not None:
        statement = statement.where(procedure_facet.c.code == code)
    return [
        Draft(
            row.commune_id,
            row.code,
            row.facet,
            row.text,
            date.fromisoformat(row.as_of),
            row.state,
            row.approved_by,
        )
        for row in connection.execute(statement)
    ]


def approved(connection: Connection, commune_id: str) -> dict[str, dict[str, ApprovedFacet]]:
    """The approved parts of exactly this commune, or of "*", by code and part."""
    found: dict[str, dict[str, ApprovedFacet]] = {}
    for draft in drafts(connection, commune_id):
        if draft.state == "approved":
            found.setdefault(draft.code, {})[draft.facet] = ApprovedFacet(draft.text, draft.as_of)
    return found


def save_listings(connection: Connection, commune_id: str, rows: Iterable[Listing], source: str, now_ms: int) -> int:
    """Write listings; those that are as they were stay untouched. Returns how many were written."""
    documents = {row.code: row.to_json() for row in rows}
    return _save(connection, commune_id, "list", documents, source, now_ms)


def save_records(connection: Connection, commune_id: str, rows: Sequence[Record], source: str, now_ms: int) -> int:
    """Write records and draft their parts anew: a part whose words changed is a draft again, whoever approved it."""
    documents = {row.code: row.to_json() for row in rows}
    written = _save(connection, commune_id, "record", documents, source, now_ms)
    for row in rows:
        _redraft(connection, commune_id, row, now_ms)
    return written


def approve(connection: Connection, commune_id: str, code: str, facet: str, by: str, now_ms: int) -> bool:
    """Approve a drafted part as it stands. False where there is no such draft."""
    table = procedure_facet
    result = connection.execute(
        update(table)
        .where(table.c.commune_id == commune_id, table.c.code == code, table.c.facet == facet)
        .values(state="approved", approved_by=by, approved_ms=now_ms, change_ms=_next_change(connection, table, now_ms))
    )
    return result.rowcount > 0


def _documents(connection: Connection, commune_id: str, kind: Kind):  # type: ignore[no-untyped-def]
    return connection.execute(
        select(procedure.c.code, procedure.c.document)
        .where(procedure.c.commune_id == commune_id, procedure.c.kind == kind)
        .order_by(procedure.c.code)
    )


def _next_change(connection: Connection, table, now_ms: int) -> int:  # type: ignore[no-untyped-def]
    """Never as low as an earlier change, even where the clock was set back: a reader must see that something moved."""
    if connection.dialect.name == "postgresql":
        # Two writers at once could take one number, or commit theirs in the other order; writing is rare.
        connection.execute(text("SELECT pg_advisory_xact_lock(79, 3)"))
    last = connection.execute(select(func.coalesce(func.max(table.c.change_ms), 0))).scalar_one()
    return max(now_ms, int(last) + 1)


def _save(
    connection: Connection, commune_id: str, kind: Kind, documents: Mapping[str, str], source: str, now_ms: int
) -> int:
    known = {
        row.code: row.digest
        for row in connection.execute(
            select(procedure.c.code, procedure.c.digest).where(
                procedure.c.commune_id == commune_id, procedure.c.kind == kind
            )
        )
    }
    change_ms = _next_change(connection, procedure, now_ms)
    fresh = {code: document for code, document in documents.items() if known.get(code) != digest_of(document)}
    if not fresh:
        return 0
    stale = sorted(set(fresh) & set(known))
    for code in stale:
        connection.execute(
            delete(procedure).where(
                procedure.c.commune_id == commune_id, procedure.c.kind == kind, procedure.c.code == code
            )
        )
    connection.execute(
        insert(procedure),
        [
            {
                "commune_id": commune_id,
                "code": code,
                "kind": kind,
                "digest": digest_of(document),
                "document": document,
                "source": source[:200],
                "imported_ms": now_ms,
                "change_ms": change_ms,
            }
            for code, document in fresh.items()
        ],
    )
    return len(fresh)


def _redraft(connection: Connection, commune_id: str, record: Record, now_ms: int) -> None:
    table = procedure_facet
    mine = (table.c.commune_id == commune_id) & (table.c.code == record.code)
    known = {row.facet: row.text for row in connection.execute(select(table.c.facet, table.c.text).where(mine))}
    change_ms = _next_change(connection, table, now_ms)
    for facet, words in known.items():
        if record.facets.get(facet) != words:
            connection.execute(delete(table).where(mine, table.c.facet == facet))
            known = {name: value for name, value in known.items() if name != facet}
    for facet, words in record.facets.items():
        if facet in known:
            continue
        connection.execute(
            insert(table).values(
                commune_id=commune_id,
                code=record.code,
                facet=facet,
                text=words,
                as_of=record.updated.isoformat(),
                state="draft",
                drafted_ms=now_ms,
                change_ms=change_ms,
            )
        )
