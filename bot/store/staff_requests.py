"""What staff must see: questions the bot could not answer, people who asked for a person, reports and ideas."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.masking import masked
from bot.people import Person
from bot.store.tables import decision, staff_request


@dataclass(frozen=True, slots=True)
class NewRequest:
    """``key`` makes it unique: handling an event twice files it once."""

    key: str
    oa_id: str
    commune_id: str
    user_id: str
    kind: str
    text: str
    topics: tuple[str, ...]
    created_ms: int


def add(connection: Connection, vault: Vault, requests: Sequence[NewRequest]) -> None:
    """File requests for staff, with identifying numbers covered; a known key is left alone."""
    if not requests:
        return
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(
        upsert(staff_request).on_conflict_do_nothing(),
        [
            {
                "key": request.key,
                "oa_id": request.oa_id,
                "commune_id": request.commune_id,
                "user_id": request.user_id,
                "kind": request.kind,
                "text_sealed": vault.encrypt(masked(request.text), "staff_request.text"),
                "topics": ",".join(request.topics)[:200],
                "created_ms": request.created_ms,
            }
            for request in requests
        ],
    )


def close(connection: Connection, key: str, now_ms: int) -> None:
    """Take an answered request off the list."""
    connection.execute(
        update(staff_request)
        .where(staff_request.c.key == key, staff_request.c.answered_ms.is_(None))
        .values(answered_ms=now_ms)
    )


def list_open(
    connection: Connection, vault: Vault, commune_id: str | None, limit: int = 100
) -> list[dict[str, object]]:
    """The newest open requests, decrypted, for a person of the commune to read."""
    statement = select(staff_request).where(staff_request.c.answered_ms.is_(None))
    if commune_id is not None:
        statement = statement.where(staff_request.c.commune_id == commune_id)
    rows = connection.execute(statement.order_by(staff_request.c.created_ms.desc()).limit(limit)).mappings()
    return [
        {
            "id": row["id"],
            "commune": row["commune_id"],
            "kind": row["kind"],
            "text": vault.decrypt(row["text_sealed"], "staff_request.text"),
            "topics": [topic for topic in row["topics"].split(",") if topic],
            "created_ms": row["created_ms"],
        }
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request nobody answered yet, opened. ``topics`` are those that were nearest, or a forward's link code."""

    id: int
    person: Person
    commune_id: str
    kind: str
    text: str = field(repr=False)
    topics: tuple[str, ...]
    created_ms: int


def open_requests(
    connection: Connection, vault: Vault, commune_id: str, kinds: Collection[str], limit: int = 400
) -> list[OpenRequest]:
    """A commune's newest open requests of these kinds."""
    rows = connection.execute(
        select(staff_request)
        .where(
            staff_request.c.commune_id == commune_id,
            staff_request.c.kind.in_(kinds),
            staff_request.c.answered_ms.is_(None),
        )
        .order_by(staff_request.c.created_ms.desc(), staff_request.c.id.desc())
        .limit(limit)
    )
    return [_open(row, vault) for row in rows]


def take_open(
    connection: Connection, vault: Vault, commune_id: str, ids: Collection[int], now_ms: int
) -> list[OpenRequest]:
    """Mark requests answered, and return those that were open until now: nobody is answered twice."""
    rows = connection.execute(
        update(staff_request)
        .where(
            staff_request.c.commune_id == commune_id,
            staff_request.c.id.in_(sorted(ids)),
            staff_request.c.answered_ms.is_(None),
        )
        .values(answered_ms=now_ms)
        .returning(staff_request)
    ).all()
    return [_open(row, vault) for row in sorted(rows, key=lambda row: row.id)]


def _open(row: Row[Any], vault: Vault) -> OpenRequest:
    return OpenRequest(
        id=row.id,
        person=Person(row.oa_id, row.user_id),
        commune_id=row.commune_id,
        kind=row.kind,
        text=vault.decrypt(row.text_sealed, "staff_request.text"),
        topics=tuple(topic for topic in row.topics.split(",") if topic),
        created_ms=row.created_ms,
    )


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """How one message was understood; no word of it, unless ``trace`` is kept for the demo."""

    inbox_id: int
    oa_id: str
    msg_id: str
    decision: str
    topic: str | None
    facet: str | None
    action: str | None
    confidence: float | None
    decided_ms: int
    trace: str | None


def add_decisions(connection: Connection, vault: Vault, rows: Sequence[DecisionRow]) -> None:
    """Record decisions, for the figures a commune owes and for learning."""
    if not rows:
        return
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(
        upsert(decision).on_conflict_do_nothing(),
        [
            {
                "inbox_id": row.inbox_id,
                "oa_id": row.oa_id,
                "msg_id": row.msg_id,
                "decision": row.decision,
                "topic": row.topic,
                "facet": row.facet,
                "action": row.action,
                "confidence": row.confidence,
                "decided_ms": row.decided_ms,
                "trace_sealed": None if row.trace is None else vault.encrypt(row.trace, "decision.trace"),
            }
            for row in rows
        ],
    )


def read_trace(connection: Connection, vault: Vault, oa_id: str, msg_id: str) -> str | None:
    """The kept trace of one message, JSON; None where none was kept."""
    sealed = connection.execute(
        select(decision.c.trace_sealed).where(decision.c.oa_id == oa_id, decision.c.msg_id == msg_id)
    ).scalar()
    return None if sealed is None else vault.decrypt(sealed, "decision.trace")
