"""Announcements as stored: their words, their state, their progress. Recipients have a module of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.store.broadcast_tables import broadcast, broadcast_reason
from bot.store.tables import oa

DRAFT, SUBMITTED, SCHEDULED, RUNNING = "draft", "submitted", "scheduled", "running"
PAUSED, CANCELLED, DONE = "paused", "cancelled", "done"
STATES = (DRAFT, SUBMITTED, SCHEDULED, RUNNING, PAUSED, CANCELLED, DONE)
OPEN = "broadcast.finished_ms IS NULL AND broadcast.state IN ('scheduled', 'running', 'paused', 'cancelled')"
"""What the worker has still to do with: the condition of the partial index, word for word."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A stored announcement. ``details`` and ``segment`` are JSON of ``bot.broadcasts.spec``."""

    id: int
    commune_id: str
    oa_id: str
    kind: str
    state: str
    title: str
    text: str = field(repr=False)
    details: str
    segment: str
    send_at_ms: int | None
    late_policy: str
    author: str
    approved_by: str | None
    approved_ms: int | None
    revision: int
    freeze_after: str
    frozen_ms: int | None
    fan_after: str
    fanned_ms: int | None
    payload_sealed: bytes | None = field(repr=False)
    text_digest: str
    plain_digest: str
    total: int
    sent: int
    skipped: int
    failed: int
    in_doubt: int
    started_ms: int | None
    finished_ms: int | None
    article_token_sealed: bytes | None = field(repr=False)
    article_id: str | None
    zalo_msg_id: str | None
    note: str | None
    fire_key: str | None
    created_ms: int
    updated_ms: int

    @property
    def waiting(self) -> int:
        """Recipients of whom nothing is known yet."""
        return max(0, self.total - self.sent - self.skipped - self.failed - self.in_doubt)

    @property
    def due_ms(self) -> int | None:
        """When it is to begin: at its hour, or at its approval where that came later. None before approval."""
        return None if self.approved_ms is None else max(self.send_at_ms or 0, self.approved_ms)


_COLUMNS = [broadcast.c[name] for name in Broadcast.__dataclass_fields__]


def _of(row: RowMapping) -> Broadcast:
    return Broadcast(**row)


def oa_of(connection: Connection, commune_id: str) -> str | None:
    """The commune's OA: the one connected first."""
    statement = select(oa.c.oa_id).where(oa.c.commune_id == commune_id).order_by(oa.c.added_ms, oa.c.oa_id).limit(1)
    return connection.execute(statement).scalar()


def add(connection: Connection, values: Mapping[str, Any]) -> int | None:
    """A new announcement; its id, or None where its ``fire_key`` is there already."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = upsert(broadcast).values(**values).on_conflict_do_nothing().returning(broadcast.c.id)
    found = connection.execute(statement).scalar()
    return None if found is None else int(found)


def get(connection: Connection, broadcast_id: int, *, lock: bool = False) -> Broadcast | None:
    """One announcement. ``lock`` holds it until the transaction ends."""
    statement = select(*_COLUMNS).where(broadcast.c.id == broadcast_id)
    row = connection.execute(statement.with_for_update() if lock else statement).mappings().first()
    return None if row is None else _of(row)


def list_newest(
    connection: Connection, commune_id: str | None, *, limit: int = 200, states: Sequence[str] = STATES
) -> list[Broadcast]:
    """Announcements of a commune (None: of all), newest first."""
    statement = select(*_COLUMNS).where(broadcast.c.state.in_(states))
    if commune_id is not None:
        statement = statement.where(broadcast.c.commune_id == commune_id)
    statement = statement.order_by(broadcast.c.created_ms.desc(), broadcast.c.id.desc()).limit(limit)
    return [_of(row) for row in connection.execute(statement).mappings()]


def count_by_state(connection: Connection, commune_id: str) -> dict[str, int]:
    """How many announcements of a commune stand in each state; states without any are left out."""
    statement = (
        select(broadcast.c.state, func.count()).where(broadcast.c.commune_id == commune_id).group_by(broadcast.c.state)
    )
    return {state: int(count) for state, count in connection.execute(statement)}


def planned(connection: Connection, commune_id: str, from_ms: int, until_ms: int) -> list[Broadcast]:
    """What is to begin, or began, in these moments: for the calendar."""
    moment = func.coalesce(broadcast.c.started_ms, broadcast.c.send_at_ms)
    statement = (
        select(*_COLUMNS)
        .where(broadcast.c.commune_id == commune_id, moment >= from_ms, moment < until_ms)
        .where(broadcast.c.state != CANCELLED)
        .order_by(moment, broadcast.c.id)
    )
    return [_of(row) for row in connection.execute(statement).mappings()]


def change(connection: Connection, broadcast_id: int, now_ms: int, **values: Any) -> None:
    """Set columns. The caller has looked at the row in this transaction."""
    connection.execute(update(broadcast).where(broadcast.c.id == broadcast_id).values(updated_ms=now_ms, **values))


def move(
    connection: Connection, broadcast_id: int, from_states: Sequence[str], to_state: str, now_ms: int, **values: Any
) -> bool:
    """From one of these states to another, in one statement. False where it stands elsewhere."""
    statement = (
        update(broadcast)
        .where(broadcast.c.id == broadcast_id, broadcast.c.state.in_(from_states))
        .values(state=to_state, updated_ms=now_ms, **values)
    )
    return connection.execute(statement).rowcount == 1


def open_ids(connection: Connection) -> list[int]:
    """Announcements the worker has something to do with, or may have."""
    return list(connection.execute(select(broadcast.c.id).where(text(OPEN)).order_by(broadcast.c.id)).scalars())


def lock_open(connection: Connection, broadcast_id: int) -> Broadcast | None:
    """One of them, held; None where another worker has it in hand or nothing is left to do."""
    row = connection.execute(_LOCK_OPEN, {"of": broadcast_id}).mappings().first()
    return None if row is None else _of(row)


_LOCK_OPEN = select(*_COLUMNS).where(broadcast.c.id == bindparam("of"), text(OPEN)).with_for_update(skip_locked=True)
"""Begins every slice, so it is built once."""


@dataclass(frozen=True, slots=True)
class Running:
    """What the outbox needs of an announcement that may send now."""

    id: int
    oa_id: str
    kind: str
    payload_sealed: bytes | None = field(repr=False)
    note: str | None


_RUNNING = (
    select(broadcast.c.id, broadcast.c.oa_id, broadcast.c.kind, broadcast.c.payload_sealed, broadcast.c.note)
    .where(text(OPEN), text("broadcast.state = 'running'"))
    .order_by(broadcast.c.id)
)
"""Asked in every claim of every worker, so it is built once."""


def running(connection: Connection) -> list[Running]:
    """Announcements that may send at this moment. Pausing one is leaving it out here."""
    return [Running(*row) for row in connection.execute(_RUNNING)]


def reasons(connection: Connection, broadcast_id: int) -> dict[str, int]:
    """How many were left out or failed, by slug."""
    statement = select(broadcast_reason.c.reason, broadcast_reason.c.count).where(
        broadcast_reason.c.broadcast_id == broadcast_id, broadcast_reason.c.count > 0
    )
    return {slug: int(count) for slug, count in connection.execute(statement.order_by(broadcast_reason.c.reason))}


def overdue(connection: Connection, now_ms: int, late_ms: int) -> list[Broadcast]:
    """Approved, due for longer than ``late_ms``, and not begun: a person must hear of it."""
    due = case_due()
    statement = select(*_COLUMNS).where(text(OPEN), text("broadcast.state = 'scheduled'"), due < now_ms - late_ms)
    return [_of(row) for row in connection.execute(statement.order_by(broadcast.c.id)).mappings()]


def case_due() -> Any:
    """SQL of :attr:`Broadcast.due_ms`."""
    return case(
        (broadcast.c.send_at_ms > broadcast.c.approved_ms, broadcast.c.send_at_ms), else_=broadcast.c.approved_ms
    )


@dataclass(slots=True)
class Delta:
    """A change of progress; ``reasons`` by slug."""

    sent: int = 0
    skipped: int = 0
    failed: int = 0
    in_doubt: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def reason(self, slug: str, count: int = 1) -> None:
        """So many more (or fewer) with this reason."""
        self.reasons[slug] = self.reasons.get(slug, 0) + count


class Progress:
    """Gathers changes of many announcements and writes them in one order, so that two workers never wait in a ring."""

    def __init__(self) -> None:
        self._deltas: dict[int, Delta] = {}

    def of(self, broadcast_id: int) -> Delta:
        """The change of this announcement so far."""
        return self._deltas.setdefault(broadcast_id, Delta())

    def write(self, connection: Connection) -> None:
        """In the transaction that writes what is counted."""
        for broadcast_id, delta in sorted(self._deltas.items()):
            add_progress(connection, broadcast_id, delta)
        self._deltas = {}


_COUNTED = ("sent", "skipped", "failed", "in_doubt")
_COUNT_ON = (
    update(broadcast)
    .where(broadcast.c.id == bindparam("of"))
    .values({name: broadcast.c[name] + bindparam(f"more_{name}", type_=broadcast.c[name].type) for name in _COUNTED})
)
"""Written in every round that sent something, so it is built once."""


def add_progress(connection: Connection, broadcast_id: int, delta: Delta) -> None:
    """Count on. Nothing is written where nothing changed."""
    counts = {f"more_{name}": getattr(delta, name) for name in _COUNTED}
    if any(counts.values()):
        connection.execute(_COUNT_ON, {"of": broadcast_id, **counts})
    for slug, count in sorted(delta.reasons.items()):
        if count:
            values = {"of": broadcast_id, "slug": slug, "more": count}
            connection.execute(_counting_reason(connection.dialect.name), values)


@cache
def _counting_reason(dialect: str) -> Any:
    upsert = postgres_insert if dialect == "postgresql" else sqlite_insert
    of = bindparam("of", type_=broadcast.c.id.type)
    statement = upsert(broadcast_reason).values(
        broadcast_id=of,
        reason=bindparam("slug", type_=broadcast_reason.c.reason.type),
        commune_id=select(broadcast.c.commune_id).where(broadcast.c.id == of).scalar_subquery(),
        count=bindparam("more", type_=broadcast_reason.c["count"].type),
    )
    return statement.on_conflict_do_update(
        index_elements=["broadcast_id", "reason"],
        set_={"count": broadcast_reason.c["count"] + statement.excluded["count"]},
    )


def target_of(connection: Connection, broadcast_id: int) -> dict[str, str]:
    """Zalo's own targets of an article, as its details have them."""
    document = connection.execute(select(broadcast.c.details).where(broadcast.c.id == broadcast_id)).scalar_one()
    return {str(name): str(value) for name, value in json.loads(document).get("target", ())}
