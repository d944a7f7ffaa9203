"""What came of an announcement at the residents' end: delivered, seen, tapped, answered, opted out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, literal, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.broadcasts.segments import Segment
from bot.store.broadcast_tables import (
    broadcast,
    broadcast_receipt,
    broadcast_recipient,
)
from bot.store.broadcasts import Broadcast
from bot.store.segment_conditions import segment_condition
from bot.store.tables import decision, inbox, outbox, resident
from bot.store.voice_tables import announcement_choice

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class ReceiptNote:
    """Zalo says that messages reached a phone or were read. ``kind`` is received or seen."""

    oa_id: str
    kind: str
    msg_ids: tuple[str, ...]
    at_ms: int


def note_receipts(connection: Connection, notes: Sequence[ReceiptNote]) -> None:
    """Keep those that concern announcements; each person once for each kind."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    for note in notes:
        if not note.msg_ids:
            continue
        found = (
            select(
                outbox.c.broadcast_id, outbox.c.user_id, literal(note.kind), broadcast.c.commune_id, literal(note.at_ms)
            )
            .select_from(outbox.join(broadcast, broadcast.c.id == outbox.c.broadcast_id))
            .where(outbox.c.oa_id == note.oa_id, outbox.c.zalo_msg_id.in_(note.msg_ids))
        )
        names = ["broadcast_id", "user_id", "kind", "commune_id", "at_ms"]
        connection.execute(upsert(broadcast_receipt).from_select(names, found).on_conflict_do_nothing())


@dataclass(frozen=True, slots=True)
class Results:
    """People, each counted once. ``replied`` wrote within a day, ``tapped`` asked about the announcement's topic by
    then, ``opted_out`` said stop by then. ``delivered`` and ``seen`` are what phones reported."""

    sent: int
    delivered: int
    seen: int
    tapped: int
    replied: int
    opted_out: int


def results(connection: Connection, one: Broadcast, topic: str = "", segment: Segment | None = None) -> Results:
    """Of everybody it was sent to, or of those among them who are in ``segment`` now. An article's are Zalo's: none."""
    sent_row = and_(
        outbox.c.key == literal(f"bc:{one.id}:").concat(broadcast_recipient.c.user_id), outbox.c.sent_ms.is_not(None)
    )
    people: Any = broadcast_recipient.join(outbox, sent_row)
    conditions: list[ColumnElement[bool]] = [
        broadcast_recipient.c.broadcast_id == one.id,
        broadcast_recipient.c.revision == one.revision,
    ]
    if segment is not None:
        people = people.join(
            resident, and_(resident.c.oa_id == one.oa_id, resident.c.user_id == broadcast_recipient.c.user_id)
        )
        conditions.append(segment_condition(segment, one.approved_ms or one.created_ms))

    def count(source: Any, *more: ColumnElement[bool]) -> int:
        statement = select(func.count(broadcast_recipient.c.user_id.distinct())).select_from(source)
        return int(connection.execute(statement.where(*conditions, *more)).scalar_one())

    def told(*kinds: str) -> ColumnElement[bool]:
        return exists().where(
            broadcast_receipt.c.broadcast_id == one.id,
            broadcast_receipt.c.user_id == broadcast_recipient.c.user_id,
            broadcast_receipt.c.kind.in_(kinds),
        )

    written = and_(
        inbox.c.oa_id == one.oa_id,
        inbox.c.user_id == broadcast_recipient.c.user_id,
        inbox.c.event.like("user_send%"),
        # The index on received_ms finds these; the row's own day is what counts.
        inbox.c.received_ms >= (one.started_ms or one.created_ms),
        inbox.c.received_ms <= (one.finished_ms or one.updated_ms) + DAY_MS,
        inbox.c.received_ms.between(outbox.c.sent_ms, outbox.c.sent_ms + DAY_MS),
    )
    replied = people.join(inbox, written)
    tapped = replied.join(decision, and_(decision.c.inbox_id == inbox.c.id, decision.c.topic == topic))
    left = people.join(
        announcement_choice,
        and_(
            announcement_choice.c.oa_id == one.oa_id,
            announcement_choice.c.user_id == broadcast_recipient.c.user_id,
            announcement_choice.c.wanted.is_(False),
            announcement_choice.c.at_ms.between(outbox.c.sent_ms, outbox.c.sent_ms + DAY_MS),
        ),
    )
    return Results(
        sent=count(people),
        delivered=count(people, told("received", "seen")),
        seen=count(people, told("seen")),
        tapped=count(tapped) if topic else 0,
        replied=count(replied),
        opted_out=count(left),
    )
