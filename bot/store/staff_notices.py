"""What the product tells officials by itself: reminders and digests, each said once."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.store.broadcast_tables import staff_notice


@dataclass(frozen=True, slots=True)
class StaffNotice:
    """A line for the officials of a commune. It quotes no resident."""

    id: int
    commune_id: str
    kind: str
    text: str = field(repr=False)
    created_ms: int
    seen_ms: int | None


def add(connection: Connection, key: str, commune_id: str, kind: str, text: str, now_ms: int) -> bool:
    """Say it once: False where this key was said before."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = (
        upsert(staff_notice)
        .values(key=key, commune_id=commune_id, kind=kind, text=text, created_ms=now_ms)
        .on_conflict_do_nothing()
        .returning(staff_notice.c.id)
    )
    return connection.execute(statement).first() is not None


def list_notices(
    connection: Connection, commune_id: str, *, unseen: bool = False, limit: int = 100
) -> list[StaffNotice]:
    """Newest first."""
    statement = select(
        staff_notice.c.id, staff_notice.c.commune_id, staff_notice.c.kind, staff_notice.c.text,
        staff_notice.c.created_ms, staff_notice.c.seen_ms,
    ).where(staff_notice.c.commune_id == commune_id)  # fmt: skip
    if unseen:
        statement = statement.where(staff_notice.c.seen_ms.is_(None))
    statement = statement.order_by(staff_notice.c.created_ms.desc(), staff_notice.c.id.desc()).limit(limit)
    return [StaffNotice(*row) for row in connection.execute(statement)]


def note_seen(connection: Connection, commune_id: str, notice_id: int, now_ms: int) -> None:
    """An official has read it."""
    connection.execute(
        update(staff_notice)
        .where(
            staff_notice.c.commune_id == commune_id, staff_notice.c.id == notice_id, staff_notice.c.seen_ms.is_(None)
        )
        .values(seen_ms=now_ms)
    )
