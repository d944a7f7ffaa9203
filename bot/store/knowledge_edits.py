"""Edits of answers and profiles by a commune's staff: rows of history, of which only the state moves.

draft → approved → withdrawn, or draft → withdrawn. Who wrote an edit does not approve it. Every move is a row too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, func, insert, select, text, update

from bot.store.tables import knowledge_edit, knowledge_move
from knowledge.overlay import Edit
from knowledge.schema import Confidence

DRAFT, APPROVED, WITHDRAWN = "draft", "approved", "withdrawn"
_LEGAL_MOVES = {DRAFT: {APPROVED, WITHDRAWN}, APPROVED: {WITHDRAWN}, WITHDRAWN: set[str]()}
_CONTENT = ("subject", "field", "text", "confidence", "source", "as_of", "valid_from", "valid_until", "base_digest")


class IllegalMove(ValueError):
    """``reason`` is "unknown", "state" or "same_person"; ``edit_id`` the edit it is about."""

    def __init__(self, edit_id: int, reason: str) -> None:
        super().__init__(f"edit {edit_id}: {reason}")
        self.edit_id = edit_id
        self.reason = reason


@dataclass(frozen=True, slots=True)
class NewEdit:
    """An edit to be written as a draft; the fields are those of ``knowledge.overlay.Edit``."""

    subject: str
    field: str
    text: str
    confidence: Confidence
    source: str
    as_of: date
    valid_from: date | None
    valid_until: date | None
    base_digest: str


@dataclass(frozen=True, slots=True)
class StoredEdit:
    """An edit with its life so far."""

    edit: Edit
    commune_id: str
    state: str
    author: str
    approved_by: str | None
    created_ms: int
    approved_ms: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """One change of an edit's state; the first is its writing."""

    edit_id: int
    state: str
    moved_by: str
    moved_ms: int


def person(name: str) -> str:
    """One spelling of a person's address: capitals and blanks around do not make another person."""
    return name.strip().casefold()


def version(connection: Connection, commune_id: str | None = None) -> int:
    """A number that grows with every change of any edit, or of one commune's: one look at the end of an index.

    0 where none was made.
    """
    statement = select(func.max(knowledge_move.c.id))
    if commune_id is not None:
        statement = statement.where(knowledge_move.c.commune_id == commune_id)
    return connection.execute(statement).scalar() or 0


def _one_after_the_other(connection: Connection) -> None:
    # PostgreSQL gives ids before the commit: without this lock a smaller id could appear after a larger one was seen,
    # and a worker that remembers the larger would miss it. SQLite has one writer at a time anyway.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(79, 2)"))


def _note(connection: Connection, commune_id: str, edit_id: int, state: str, moved_by: str, now_ms: int) -> None:
    connection.execute(
        insert(knowledge_move).values(
            commune_id=commune_id, edit_id=edit_id, state=state, moved_by=moved_by, moved_ms=now_ms
        )
    )


def add_draft(connection: Connection, commune_id: str, edit: NewEdit, author: str, now_ms: int) -> tuple[int, bool]:
    """Write a draft. The same draft already waiting is not written twice. Returns its id and whether it is new."""
    _one_after_the_other(connection)
    values = _values(edit)
    waiting = connection.execute(
        select(knowledge_edit.c.id).where(
            knowledge_edit.c.commune_id == commune_id,
            knowledge_edit.c.state == DRAFT,
            *(knowledge_edit.c[name].is_not_distinct_from(values[name]) for name in _CONTENT),
        )
    ).scalar()
    if waiting is not None:
        return int(waiting), False
    statement = insert(knowledge_edit).values(
        commune_id=commune_id, state=DRAFT, author=person(author), created_ms=now_ms, **values
    )
    edit_id = int(connection.execute(statement.returning(knowledge_edit.c.id)).scalar_one())
    _note(connection, commune_id, edit_id, DRAFT, person(author), now_ms)
    return edit_id, True


def _values(edit: NewEdit) -> dict[str, str | None]:
    return {
        "subject": edit.subject,
        "field": edit.field,
        "text": edit.text,
        "confidence": edit.confidence,
        "source": edit.source,
        "as_of": edit.as_of.isoformat(),
        "valid_from": None if edit.valid_from is None else edit.valid_from.isoformat(),
        "valid_until": None if edit.valid_until is None else edit.valid_until.isoformat(),
        "base_digest": edit.base_digest,
    }


def move(connection: Connection, commune_id: str, edit_id: int, state: str, moved_by: str, now_ms: int) -> None:
    """Approve or withdraw an edit of a commune.

    Raises :class:`IllegalMove`: another commune's or unknown edit, a move that is not allowed, or an author who
    approves their own.
    """
    _one_after_the_other(connection)
    row = connection.execute(
        select(knowledge_edit.c.state, knowledge_edit.c.author)
        .where(knowledge_edit.c.id == edit_id, knowledge_edit.c.commune_id == commune_id)
        .with_for_update()
    ).first()
    if row is None:
        raise IllegalMove(edit_id, "unknown")
    if state not in _LEGAL_MOVES[row.state]:
        raise IllegalMove(edit_id, "state")
    values: dict[str, object] = {"state": state}
    if state == APPROVED:
        if person(moved_by) == row.author:
            raise IllegalMove(edit_id, "same_person")
        values |= {"approved_by": person(moved_by), "approved_ms": now_ms}
    connection.execute(update(knowledge_edit).where(knowledge_edit.c.id == edit_id).values(**values))
    _note(connection, commune_id, edit_id, state, person(moved_by), now_ms)


def _edit_of(row: Row[tuple[object, ...]]) -> Edit:
    stored = row._mapping
    return Edit(
        stored["id"],
        stored["subject"],
        stored["field"],
        stored["text"],
        stored["confidence"],
        stored["source"],
        date.fromisoformat(stored["as_of"]),
        None if stored["valid_from"] is None else date.fromisoformat(stored["valid_from"]),
        None if stored["valid_until"] is None else date.fromisoformat(stored["valid_until"]),
        stored["base_digest"],
        stored["approved_ms"] or 0,
    )


def approved(connection: Connection, communes: Collection[str] | None = None) -> dict[str, list[Edit]]:
    """The approved edits by commune, of all communes or of those named."""
    statement = select(knowledge_edit).where(knowledge_edit.c.state == APPROVED).order_by(knowledge_edit.c.id)
    if communes is not None:
        statement = statement.where(knowledge_edit.c.commune_id.in_(communes))
    found: dict[str, list[Edit]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.commune_id, []).append(_edit_of(row))
    return found


def list_edits(
    connection: Connection, commune_id: str, *, subject: str | None = None, state: str | None = None
) -> list[StoredEdit]:
    """Every edit of a commune, oldest first, perhaps of one subject or in one state."""
    statement = select(knowledge_edit).where(knowledge_edit.c.commune_id == commune_id).order_by(knowledge_edit.c.id)
    if subject is not None:
        statement = statement.where(knowledge_edit.c.subject == subject)
    if state is not None:
        statement = statement.where(knowledge_edit.c.state == state)
    return [
        StoredEdit(
            _edit_of(row), row.commune_id, row.state, row.author, row.approved_by, row.created_ms, row.approved_ms
        )
        for row in connection.execute(statement)
    ]


def list_moves(connection: Connection, commune_id: str, edit_ids: Collection[int] | None = None) -> Sequence[Move]:
    """The moves of a commune's edits in the order they happened."""
    statement = select(knowledge_move).where(knowledge_move.c.commune_id == commune_id).order_by(knowledge_move.c.id)
    if edit_ids is not None:
        statement = statement.where(knowledge_move.c.edit_id.in_(edit_ids))
    return [Move(row.edit_id, row.state, row.moved_by, row.moved_ms) for row in connection.execute(statement)]
