"""Who an announcement is for, and where each of them stands. :mod:`bot.store.broadcast_slices` brings them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, literal, or_, select, text, update

from bot.broadcasts import reasons
from bot.broadcasts.segments import Segment
from bot.store import broadcasts
from bot.store.broadcast_slices import READY, reason_left_out, with_choice
from bot.store.broadcast_tables import broadcast_recipient
from bot.store.broadcasts import Broadcast
from bot.store.segment_conditions import segment_condition
from bot.store.tables import outbox, resident

DEAD, CANCELLED = 3, 5
"""``bot.journal.states.OutboxState``, which this floor does not know by name."""


def _theirs(one: Broadcast) -> ColumnElement[bool]:
    return and_(broadcast_recipient.c.broadcast_id == one.id, broadcast_recipient.c.revision == one.revision)


def anything_open(connection: Connection, broadcast_id: int) -> bool:
    """Whether a row of the outbox is ready, on its way or in doubt."""
    for condition in ("outbox.state = 0 AND outbox.broadcast_id IS NOT NULL", "outbox.state = 1", "outbox.state = 4"):
        found = select(outbox.c.id).where(text(condition), outbox.c.broadcast_id == broadcast_id).limit(1)
        if connection.execute(found).first() is not None:
            return True
    return False


def sweep_slice(connection: Connection, broadcast_id: int, size: int) -> bool:
    """Take up to ``size`` rows that were not sent out of the outbox. True while there may be more."""
    ids = (
        select(outbox.c.id)
        .where(text("outbox.state = 0 AND outbox.broadcast_id IS NOT NULL"), outbox.c.broadcast_id == broadcast_id)
        .limit(size)
        .with_for_update(skip_locked=True)
    )
    found = list(connection.execute(ids).scalars())
    if found:
        connection.execute(update(outbox).where(outbox.c.id.in_(found)).values(state=CANCELLED))
    return len(found) == size


def _row_of(one: Broadcast) -> ColumnElement[bool]:
    return outbox.c.key == literal(f"bc:{one.id}:").concat(broadcast_recipient.c.user_id)


def retry_slice(connection: Connection, one: Broadcast, after: str, now_ms: int, size: int) -> tuple[str | None, int]:
    """Give failed sends among the next ``size`` recipients a new start. Returns (cursor or None at the end, how many).

    Failed: dead for a reason that is nobody's own, or for want of quota. The caller holds the announcement's row.
    """
    page = (
        select(broadcast_recipient.c.user_id, outbox.c.id, outbox.c.state, outbox.c.last_error)
        .select_from(broadcast_recipient.outerjoin(outbox, _row_of(one)))
        .where(_theirs(one), broadcast_recipient.c.user_id > after)
        .order_by(broadcast_recipient.c.user_id)
        .limit(size)
    )
    rows = connection.execute(page).all()
    count = _send_again(connection, one, rows, now_ms)
    return (rows[-1].user_id if len(rows) == size else None), count


def retry_keys(connection: Connection, one: Broadcast, keys: Sequence[str], now_ms: int) -> int:
    """The same for calls, which have no recipients: the rows of these keys. Returns how many."""
    statement = select(outbox.c.id, outbox.c.state, outbox.c.last_error).where(outbox.c.key.in_(keys))
    return _send_again(connection, one, connection.execute(statement).all(), now_ms)


def _send_again(connection: Connection, one: Broadcast, rows: Sequence[Any], now_ms: int) -> int:
    delta = broadcasts.Delta()
    again = []
    for row in rows:
        slug = reasons.slug_of(row.last_error)
        if row.state != DEAD or slug not in (reasons.ZALO_ERROR, reasons.QUOTA):
            continue
        again.append(row.id)
        delta.reason(slug, -1)
        if slug in reasons.SKIPS:
            delta.skipped -= 1
        else:
            delta.failed -= 1
    if again:
        connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(again), text("outbox.state = 3"))
            .values(state=READY, attempt=0, settle_attempt=0, due_ms=now_ms, last_error=None)
        )
        broadcasts.add_progress(connection, one.id, delta)
    return len(again)


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """One person and where they stand: ``state`` of the outbox (None: never owed), ``reason`` a slug or ""."""

    user_id: str
    state: int | None
    reason: str
    sent_ms: int | None


def list_recipients(
    connection: Connection, one: Broadcast, *, after: str = "", limit: int = 200, reason: str = ""
) -> list[RecipientRow]:
    """A page of recipients by user id; those left out with ``reason`` alone where it is given."""
    statement = (
        select(
            broadcast_recipient.c.user_id,
            broadcast_recipient.c.reason,
            outbox.c.state,
            outbox.c.last_error,
            outbox.c.sent_ms,
        )
        .select_from(broadcast_recipient.outerjoin(outbox, _row_of(one)))
        .where(_theirs(one), broadcast_recipient.c.user_id > after)
        .order_by(broadcast_recipient.c.user_id)
        .limit(limit)
    )
    if reason:
        errors = reasons.stored_by_slug(reason)
        failed = and_(text("outbox.state = 3"), outbox.c.last_error.in_(errors))
        statement = statement.where(or_(broadcast_recipient.c.reason == reason, failed))
    return [
        RecipientRow(row.user_id, row.state, row.reason or _slug_of_row(row.state, row.last_error), row.sent_ms)
        for row in connection.execute(statement)
    ]


def _slug_of_row(state: int | None, error: str | None) -> str:
    if state in (4, 6):
        return reasons.IN_DOUBT
    return reasons.slug_of(error) if state == DEAD else ""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many of a segment can be reached at this moment: for nothing, for money; and why the others cannot."""

    total: int
    free: int
    paid: int
    reasons: dict[str, int]


def reach(
    connection: Connection, oa_id: str, segment: Segment, now_ms: int, *, free_since_ms: int, open_since_ms: int
) -> Reach:
    """Count a segment as it stands now: who last interacted since then is reached for nothing, or at all. Reads every
    resident of the OA once."""
    reason = reason_left_out(open_since_ms)
    free = resident.c.last_interaction_ms >= free_since_ms
    statement = (
        select(reason, free, func.count())
        .select_from(with_choice(resident, resident.c.user_id, oa_id))
        .where(resident.c.oa_id == oa_id, segment_condition(segment, now_ms))
        .group_by(reason, free)
    )
    counts: dict[str, int] = {}
    for_nothing = for_money = 0
    for slug, is_free, count in connection.execute(statement):
        if slug is not None:
            counts[slug] = counts.get(slug, 0) + count
        elif is_free:
            for_nothing += count
        else:
            for_money += count
    total = for_nothing + for_money + sum(counts.values())
    return Reach(total, for_nothing, for_money, counts)


def forget_recipients(connection: Connection, broadcast_id: int, size: int) -> bool:
    """Remove up to ``size`` recipients of an announcement long past. True while there may be more."""
    key = [broadcast_recipient.c.revision, broadcast_recipient.c.user_id]
    rows = connection.execute(select(*key).where(broadcast_recipient.c.broadcast_id == broadcast_id).limit(size)).all()
    for revision in {row.revision for row in rows}:
        users = [row.user_id for row in rows if row.revision == revision]
        connection.execute(
            delete(broadcast_recipient).where(
                broadcast_recipient.c.broadcast_id == broadcast_id,
                broadcast_recipient.c.revision == revision,
                broadcast_recipient.c.user_id.in_(users),
            )
        )
    return len(rows) == size
