"""What officials taught: an answer, and the questions that lead to it. Written once, moved between states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.masking import masked
from bot.store.learning_tables import taught, taught_question

QUESTION = "taught_question.text"
DRAFT, APPROVED, WITHDRAWN = "draft", "approved", "withdrawn"


@dataclass(frozen=True, slots=True)
class Taught:
    """One answer. ``topic`` (and ``facet``) or ``words``; ``valid_until`` is a calendar day in Vietnam or None."""

    id: int
    commune_id: str
    topic: str
    facet: str
    words: str
    state: str
    author: str
    approved_by: str | None
    valid_until: str | None
    created_ms: int
    approved_ms: int | None
    questions: tuple[str, ...] = field(default=(), repr=False)


def add(
    connection: Connection,
    vault: Vault,
    commune_id: str,
    author: str,
    questions: Sequence[str],
    now_ms: int,
    *,
    topic: str = "",
    facet: str = "",
    words: str = "",
    valid_until: str | None = None,
) -> int:
    """Keep a draft with its questions, covered and sealed. Returns its id."""
    identity = connection.execute(
        insert(taught)
        .values(
            commune_id=commune_id,
            topic=topic,
            facet=facet,
            words=words,
            state=DRAFT,
            author=author,
            valid_until=valid_until,
            created_ms=now_ms,
            change_ms=_next_change(connection, now_ms),
        )
        .returning(taught.c.id)
    ).scalar_one()
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    kept = list(dict.fromkeys(masked(question.strip()) for question in questions if question.strip()))
    if kept:
        connection.execute(
            upsert(taught_question).on_conflict_do_nothing(),
            [
                {
                    "commune_id": commune_id,
                    "taught_id": identity,
                    "text_sealed": vault.encrypt(question, QUESTION),
                    "digest": vault.digest(question),
                }
                for question in kept
            ],
        )
    return int(identity)


def move(connection: Connection, commune_id: str, taught_id: int, to: str, by: str, now_ms: int) -> bool:
    """Approve a draft, or withdraw either. Whether the move was legal and made now."""
    allowed = (DRAFT,) if to == APPROVED else (DRAFT, APPROVED)
    values: dict[str, object] = {"state": to, "change_ms": _next_change(connection, now_ms)}
    if to == APPROVED:
        values |= {"approved_by": by, "approved_ms": now_ms}
    changed = connection.execute(
        update(taught)
        .where(taught.c.id == taught_id, taught.c.commune_id == commune_id, taught.c.state.in_(allowed))
        .values(**values)
    )
    return changed.rowcount == 1


def version(connection: Connection) -> int:
    """Grows with every change."""
    return int(connection.execute(select(func.coalesce(func.max(taught.c.change_ms), 0))).scalar_one())


def find(connection: Connection, vault: Vault, commune_id: str, taught_id: int) -> Taught | None:
    """One of a commune's."""
    row = connection.execute(select(taught).where(taught.c.id == taught_id, taught.c.commune_id == commune_id)).first()
    return None if row is None else _taught(row, _questions(connection, vault, [row.id]).get(row.id, ()))


def list_taught(
    connection: Connection, vault: Vault, commune_id: str | None = None, state: str | None = None, limit: int = 1000
) -> list[Taught]:
    """Newest first; ``commune_id`` None for all."""
    statement = select(taught)
    if commune_id is not None:
        statement = statement.where(taught.c.commune_id == commune_id)
    if state is not None:
        statement = statement.where(taught.c.state == state)
    rows = connection.execute(statement.order_by(taught.c.id.desc()).limit(limit)).all()
    questions = _questions(connection, vault, [row.id for row in rows])
    return [_taught(row, questions.get(row.id, ())) for row in rows]


def _next_change(connection: Connection, now_ms: int) -> int:
    return max(now_ms, version(connection) + 1)


def _questions(connection: Connection, vault: Vault, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    if ids:
        rows = connection.execute(
            select(taught_question).where(taught_question.c.taught_id.in_(ids)).order_by(taught_question.c.id)
        )
        for row in rows:
            found[row.taught_id] = (*found.get(row.taught_id, ()), vault.decrypt(row.text_sealed, QUESTION))
    return found


def _taught(row: Row[Any], questions: tuple[str, ...]) -> Taught:
    return Taught(
        id=row.id,
        commune_id=row.commune_id,
        topic=row.topic,
        facet=row.facet,
        words=row.words,
        state=row.state,
        author=row.author,
        approved_by=row.approved_by,
        valid_until=row.valid_until,
        created_ms=row.created_ms,
        approved_ms=row.approved_ms,
        questions=questions,
    )
