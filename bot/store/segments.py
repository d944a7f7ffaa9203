"""Segments saved under a name, and tags officials put on residents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.broadcasts.segments import Segment
from bot.store.broadcast_tables import resident_tag
from bot.store.broadcast_tables import segment as saved


@dataclass(frozen=True, slots=True)
class SavedSegment:
    """A segment of a commune under its name."""

    id: int
    name: str
    segment: Segment
    author: str


def save(connection: Connection, commune_id: str, name: str, segment: Segment, author: str, now_ms: int) -> None:
    """Under this name from now on; the same name again replaces it."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    values = {"document": segment.to_json(), "author": author, "created_ms": now_ms}
    statement = upsert(saved).values(commune_id=commune_id, name=name.strip(), **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["commune_id", "name"], set_=values))


def list_saved(connection: Connection, commune_id: str) -> list[SavedSegment]:
    """By name."""
    rows = connection.execute(
        select(saved.c.id, saved.c.name, saved.c.document, saved.c.author)
        .where(saved.c.commune_id == commune_id)
        .order_by(saved.c.name)
    )
    return [SavedSegment(row.id, row.name, Segment.from_json(row.document), row.author) for row in rows]


def remove(connection: Connection, commune_id: str, segment_id: int) -> bool:
    """False where there is none."""
    statement = delete(saved).where(saved.c.commune_id == commune_id, saved.c.id == segment_id)
    return connection.execute(statement).rowcount == 1


def tag(
    connection: Connection, commune_id: str, people: Sequence[tuple[str, str]], name: str, by: str, now_ms: int
) -> None:
    """Put a tag on people, (oa_id, user_id); one already there stays."""
    if not people:
        return
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(
        upsert(resident_tag).on_conflict_do_nothing(),
        [
            {
                "oa_id": oa_id,
                "user_id": user_id,
                "tag": name.strip(),
                "commune_id": commune_id,
                "tagged_by": by,
                "tagged_ms": now_ms,
            }
            for oa_id, user_id in people
        ],
    )


def untag(connection: Connection, oa_id: str, user_id: str, name: str) -> None:
    """Take a tag off."""
    connection.execute(
        delete(resident_tag).where(
            resident_tag.c.oa_id == oa_id, resident_tag.c.user_id == user_id, resident_tag.c.tag == name.strip()
        )
    )


def tags(connection: Connection, commune_id: str) -> dict[str, int]:
    """Tags in use, with how many people have each."""
    rows = connection.execute(
        select(resident_tag.c.tag, func.count())
        .where(resident_tag.c.commune_id == commune_id)
        .group_by(resident_tag.c.tag)
        .order_by(resident_tag.c.tag)
    )
    return {name: int(count) for name, count in rows}
