"""Who changed what, and how it was before: written in the transaction of the change, never changed afterwards.

What is handed in are plain facts (a state, a unit, a date). Texts of residents do not belong here; should one slip in,
phone numbers, identity cards and accounts in it are masked and it is cut short.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from bot.masking import masked as masked_text
from bot.store.staff import Staff
from bot.store.staff_tables import audit

SYSTEM = "system"
LONGEST_VALUE = 300


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change. ``actor`` is the official's address, or ``system``; ``before`` and ``after`` are masked."""

    id: int
    commune_id: str | None
    actor: str
    act: str
    subject: str
    before: Mapping[str, object]
    after: Mapping[str, object]
    at_ms: int


def _masked(value: object) -> object:
    if isinstance(value, str):
        masked = masked_text(value)
        return masked if len(masked) <= LONGEST_VALUE else f"{masked[: LONGEST_VALUE - 1]}…"
    if isinstance(value, Mapping):
        return {str(key): _masked(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_masked(each) for each in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _masked(str(value))


def _document(values: Mapping[str, object] | None) -> str:
    return "" if not values else json.dumps(_masked(values), ensure_ascii=False, sort_keys=True)


def record(
    connection: Connection,
    staff: Staff | None,
    act: str,
    commune_id: str | None,
    subject: str,
    before: Mapping[str, object] | None,
    after: Mapping[str, object] | None,
    at_ms: int,
) -> None:
    """Write one line. ``staff`` None: the system did it by itself. ``subject`` as ``case:PA-7K3M9X``."""
    connection.execute(
        insert(audit).values(
            commune_id=commune_id,
            staff_id=None if staff is None else staff.id,
            actor=SYSTEM if staff is None else staff.email,
            act=act,
            subject=subject[:120],
            before=_document(before),
            after=_document(after),
            at_ms=at_ms,
        )
    )


def list_entries(
    connection: Connection,
    commune_id: str | None,
    *,
    subject: str | None = None,
    actor: str | None = None,
    act: str | None = None,
    since_ms: int | None = None,
    until_ms: int | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> Sequence[AuditEntry]:
    """Newest first, of one commune (None: of the city and the install). ``before_id`` goes on where a page ended."""
    statement = (
        select(audit)
        .where(audit.c.commune_id.is_not_distinct_from(commune_id))
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    if subject is not None:
        statement = statement.where(audit.c.subject == subject)
    if actor is not None:
        statement = statement.where(audit.c.actor == actor)
    if act is not None:
        statement = statement.where(audit.c.act == act)
    if since_ms is not None:
        statement = statement.where(audit.c.at_ms >= since_ms)
    if until_ms is not None:
        statement = statement.where(audit.c.at_ms < until_ms)
    if before_id is not None:
        statement = statement.where(audit.c.id < before_id)
    return [
        AuditEntry(
            row["id"],
            row["commune_id"],
            row["actor"],
            row["act"],
            row["subject"],
            json.loads(row["before"] or "{}"),
            json.loads(row["after"] or "{}"),
            row["at_ms"],
        )
        for row in connection.execute(statement).mappings()
    ]
