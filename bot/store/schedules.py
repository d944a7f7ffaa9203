"""Schedules of announcements, and each moment at which one fired: once, whoever notices, and however often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.store.broadcast_tables import broadcast_schedule, fire

SUBMITTED, ACTIVE, PAUSED, ENDED = "submitted", "active", "paused", "ended"


@dataclass(frozen=True, slots=True)
class Schedule:
    """``rule`` and ``spec`` are JSON of ``bot.broadcasts``. Moments after ``owed_from_ms`` are owed."""

    id: int
    commune_id: str
    name: str
    rule: str
    spec: str = field(repr=False)
    state: str
    late_policy: str
    late_minutes: int
    author: str
    approved_by: str | None
    owed_from_ms: int | None
    change_ms: int


_COLUMNS = [broadcast_schedule.c[name] for name in Schedule.__dataclass_fields__]


def _of(row: RowMapping) -> Schedule:
    return Schedule(**row)


def _next_change(connection: Connection, now_ms: int) -> int:
    return max(now_ms, version(connection) + 1)


def version(connection: Connection) -> int:
    """Grows with every change of any schedule; 0 where there is none."""
    return int(connection.execute(select(func.max(broadcast_schedule.c.change_ms))).scalar() or 0)


def add(connection: Connection, now_ms: int, **values: Any) -> int:
    """A new schedule; its id."""
    statement = insert(broadcast_schedule).values(
        created_ms=now_ms, change_ms=_next_change(connection, now_ms), **values
    )
    return int(connection.execute(statement.returning(broadcast_schedule.c.id)).scalar_one())


def change(connection: Connection, schedule_id: int, now_ms: int, **values: Any) -> None:
    """Set columns, and tell the clock that something changed."""
    connection.execute(
        update(broadcast_schedule)
        .where(broadcast_schedule.c.id == schedule_id)
        .values(change_ms=_next_change(connection, now_ms), **values)
    )


def get(connection: Connection, schedule_id: int, *, lock: bool = False) -> Schedule | None:
    """One schedule. ``lock`` holds it until the transaction ends."""
    statement = select(*_COLUMNS).where(broadcast_schedule.c.id == schedule_id)
    row = connection.execute(statement.with_for_update() if lock else statement).mappings().first()
    return None if row is None else _of(row)


def list_schedules(
    connection: Connection, commune_id: str | None = None, *, states: Sequence[str] = (SUBMITTED, ACTIVE, PAUSED, ENDED)
) -> list[Schedule]:
    """Schedules of a commune (None: of all), oldest first."""
    statement = select(*_COLUMNS).where(broadcast_schedule.c.state.in_(states)).order_by(broadcast_schedule.c.id)
    if commune_id is not None:
        statement = statement.where(broadcast_schedule.c.commune_id == commune_id)
    return [_of(row) for row in connection.execute(statement).mappings()]


def claim_moment(connection: Connection, schedule: Schedule, fire_at_ms: int, now_ms: int) -> bool:
    """Take this moment. False where it was taken already: by another clock, or before a crash."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = (
        upsert(fire)
        .values(
            schedule_id=schedule.id,
            fire_at_ms=fire_at_ms,
            commune_id=schedule.commune_id,
            outcome="sent",
            fired_ms=now_ms,
        )
        .on_conflict_do_nothing()
        .returning(fire.c.schedule_id)
    )
    return connection.execute(statement).first() is not None


def note_outcome(
    connection: Connection, schedule_id: int, fire_at_ms: int, outcome: str, broadcast_id: int | None
) -> None:
    """What came of a moment, in the transaction that took it."""
    connection.execute(
        update(fire)
        .where(fire.c.schedule_id == schedule_id, fire.c.fire_at_ms == fire_at_ms)
        .values(outcome=outcome, broadcast_id=broadcast_id)
    )


def fired_since(connection: Connection, schedule_id: int, since_ms: int) -> set[int]:
    """Moments taken at or after ``since_ms``."""
    statement = select(fire.c.fire_at_ms).where(fire.c.schedule_id == schedule_id, fire.c.fire_at_ms >= since_ms)
    return set(connection.execute(statement).scalars())


@dataclass(frozen=True, slots=True)
class Fired:
    """One moment and what came of it: sent, asked, skipped or broken."""

    schedule_id: int
    fire_at_ms: int
    broadcast_id: int | None
    outcome: str


def list_fired(connection: Connection, commune_id: str, from_ms: int, until_ms: int) -> list[Fired]:
    """For the calendar and the history."""
    statement = (
        select(fire.c.schedule_id, fire.c.fire_at_ms, fire.c.broadcast_id, fire.c.outcome)
        .where(fire.c.commune_id == commune_id, fire.c.fire_at_ms >= from_ms, fire.c.fire_at_ms < until_ms)
        .order_by(fire.c.fire_at_ms)
    )
    return [Fired(*row) for row in connection.execute(statement)]
