"""The outbox: what we owe residents, in order, under the rate, until Zalo has it or a person knows it could not go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, and_, bindparam, exists, select, text, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.broadcasts import reasons
from bot.journal import batches, silence
from bot.journal.owing import oas_that_owe, sendable_oas
from bot.journal.rate import RateLimiter
from bot.journal.states import Lane, OutboxState, Voice
from bot.store import broadcasts
from bot.store.broadcasts import Running
from bot.store.tables import outbox, resident
from bot.store.voice_tables import announcement_choice

Thing = TypeVar("Thing")

WITHDRAWN = "withdrawn"
"""Why a reply was cancelled: its resident asked to be forgotten."""


@dataclass(frozen=True, slots=True)
class NewSend:
    """A reply to put into the outbox. ``key`` makes it unique whoever inserts it, and however often.

    ``voice`` tells what becomes of it while a person has the conversation; unless said, it waits.
    """

    key: str
    oa_id: str
    user_id: str
    trace_id: str
    payload_sealed: bytes
    text_digest: str
    plain_digest: str
    not_before_ms: int | None
    anonymous_conversation: str | None = None
    lane: Lane = Lane.REPLY
    broadcast_id: int | None = None
    voice: Voice = Voice.NOTICE


@dataclass(frozen=True, slots=True)
class ClaimedSend:
    """A reply a worker may send, not before ``slot_us`` (real time, microseconds); ``plain``: without buttons."""

    id: int
    key: str
    oa_id: str
    user_id: str
    trace_id: str
    payload_sealed: bytes
    anonymous_conversation: str | None
    attempt: int
    created_ms: int
    slot_us: int = 0
    plain: bool = False
    last_interaction_ms: int | None = None
    stopped_reason: str | None = None
    broadcast_id: int | None = None
    opted_out: bool = False
    for_nothing_only: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """Claimed sends. ``rate_held``: the rate gave fewer slots than there was room for, so look again soon."""

    sends: list[ClaimedSend]
    rate_held: bool


def enqueue(connection: Connection, sends: Sequence[NewSend], now_ms: int) -> None:
    """Insert; a key already there is left alone, so that handling an event twice answers once."""
    if not sends:
        return
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(
        upsert(outbox).on_conflict_do_nothing(),
        [
            {
                "key": send.key,
                "oa_id": send.oa_id,
                "user_id": send.user_id,
                "lane": send.lane,
                "voice": send.voice,
                "broadcast_id": send.broadcast_id,
                "trace_id": send.trace_id,
                "payload_sealed": send.payload_sealed,
                "text_digest": send.text_digest,
                "plain_digest": send.plain_digest,
                "anonymous_conversation": send.anonymous_conversation,
                "state": OutboxState.READY,
                "due_ms": now_ms,
                "not_before_ms": send.not_before_ms,
                "created_ms": now_ms,
            }
            for send in sends
        ],
    )


RESERVED_FOR_REPLIES = 16
"""Announcements never fill these last places of the pool: answers must find a thread while Zalo is slow."""


def claim(
    connection: Connection, limiter: RateLimiter, owner: str, now_ms: int, limit: int, *, announce: bool = True
) -> Claim:
    """Take up to ``limit`` replies that are due, whose turn it is, and for which the rate has a slot.

    A row's turn comes when no earlier row of the same resident and lane is open; a waiting announcement never holds
    up an answer, which has a lane of its own. OAs are served in turn, starting at a different one each time. Where a
    person has the conversation the bot's answers are cancelled and its notices wait (:mod:`bot.journal.silence`).
    Then come announcements that are running, with what is left of the rate's share; none without ``announce`` (quiet
    hours).
    """
    running = broadcasts.running(connection) if announce else []
    owing = oas_that_owe(connection)
    if not (owing or running) or limit <= 0:
        return Claim([], rate_held=False)
    plan = limiter.begin(connection)
    rate_held = False
    sendable = sendable_oas(connection, sorted({*owing, *(one.oa_id for one in running)}), now_ms)
    order = _in_turn([oa_id for oa_id in sendable if oa_id in set(owing)], now_ms)
    claimed: list[ClaimedSend] = []
    taken = silence.taken_now(connection, now_ms) if order else {}
    for oa_id in order:
        wanted = limit - len(claimed)
        slots = plan.slots(oa_id, wanted, at_once=bool(running))
        if not slots:
            rate_held = True
            continue
        if oa_id in taken:
            silence.cancel_answers(connection, oa_id, taken[oa_id])
        rows = _claim_of_oa(connection, oa_id, owner, now_ms, len(slots), taken.get(oa_id, ()))
        rate_held |= len(rows) == len(slots) < wanted  # fewer rows than slots: it is not the rate they wait for
        plan.spend(oa_id, slots[: len(rows)])
        claimed += [
            replace(ClaimedSend(*row), slot_us=slot, plain=sendable[oa_id])
            for row, slot in zip(rows, slots, strict=False)
        ]
        if len(claimed) >= limit:
            break
    claimed = _with_residents(connection, claimed)
    room = limit - len(claimed) - RESERVED_FOR_REPLIES
    for one in _in_turn([one for one in running if one.oa_id in sendable], now_ms):
        if room <= 0:
            break
        slots = plan.announcement_slots(one.oa_id, room)
        found = _claim_of_broadcast(connection, one, owner, now_ms, len(slots)) if slots else ()
        rate_held |= len(found) == len(slots) < room
        plan.spend_announcements(one.oa_id, slots[: len(found)])
        claimed += _announcements(one, found, slots, plain=sendable[one.oa_id])
        room -= len(found)
    plan.finish()
    return Claim(claimed, rate_held)


def _announcements(one: Running, rows: Sequence[Any], slots: list[int], *, plain: bool) -> list[ClaimedSend]:
    """Claimed rows with their announcement's words and what is known of their people."""
    free_only = one.note == reasons.QUOTA
    sends = []
    for row, slot in zip(rows, slots, strict=False):
        row_id, key, oa_id, user_id, trace_id, payload, anonymous, attempt, created_ms, *standing = row
        last, stopped, opted_out = standing
        payload = payload or one.payload_sealed  # the words stand once, with the announcement
        sends.append(
            ClaimedSend(
                row_id, key, oa_id, user_id, trace_id, payload or b"", anonymous, attempt + 1, created_ms,
                slot, plain, last, stopped, one.id, bool(opted_out), free_only,
            )
        )  # fmt: skip
    return sends


def _in_turn(things: Sequence[Thing], now_ms: int) -> list[Thing]:
    """The same things, beginning with another one each time."""
    start = now_ms % max(len(things), 1)
    return [*things[start:], *things[:start]]


def _claim_of_broadcast(connection: Connection, one: Running, owner: str, now_ms: int, limit: int) -> Sequence[Any]:
    """Rows as they were before the claim, with what is known of their people."""
    rows = connection.execute(_READY_OF_BROADCAST, {"of": one.id, "now": now_ms, "most": limit}).all()
    if rows:
        batches.mark_as_sending(connection, [row[0] for row in rows], owner, now_ms)
    return rows


_READY_OF_BROADCAST = (
    select(
        outbox.c.id, outbox.c.key, outbox.c.oa_id, outbox.c.user_id, outbox.c.trace_id,
        outbox.c.payload_sealed, outbox.c.anonymous_conversation, outbox.c.attempt, outbox.c.created_ms,
        resident.c.last_interaction_ms, resident.c.stopped_reason, announcement_choice.c.wanted.is_(False),
    )
    .select_from(
        outbox.outerjoin(
            resident, and_(resident.c.oa_id == outbox.c.oa_id, resident.c.user_id == outbox.c.user_id)
        ).outerjoin(
            announcement_choice,
            and_(announcement_choice.c.oa_id == outbox.c.oa_id, announcement_choice.c.user_id == outbox.c.user_id),
        )
    )
    .where(
        text("outbox.state = 0 AND outbox.broadcast_id IS NOT NULL"),
        outbox.c.broadcast_id == bindparam("of"),
        outbox.c.due_ms <= bindparam("now"),
    )
    .order_by(outbox.c.due_ms, outbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=outbox)
)  # fmt: skip


def _claim_of_oa(
    connection: Connection, oa_id: str, owner: str, now_ms: int, limit: int, taken: Collection[str]
) -> list[tuple[Any, ...]]:
    """Claim replies of one OA; ``taken`` are residents whose conversation a person has."""
    ready = _ready_of_oa(taken) if taken else _READY_OF_OA
    ids = connection.execute(ready, {"of_oa": oa_id, "now": now_ms, "most": limit}).scalars()
    return _take(connection, list(ids), owner, now_ms)


def _ready_of_oa(taken: Collection[str]) -> Select[int]:
    earlier = outbox.alias("earlier")
    turn = ~exists(
        select(earlier.c.id).where(
            earlier.c.oa_id == outbox.c.oa_id,
            earlier.c.user_id == outbox.c.user_id,
            earlier.c.lane == outbox.c.lane,
            earlier.c.id < outbox.c.id,
            text("earlier.state IN (0, 1, 4)"),
            silence.stands_before(earlier, taken),
        )
    )
    return (
        select(outbox.c.id)
        .where(
            text("outbox.state = 0 AND outbox.broadcast_id IS NULL"),
            outbox.c.oa_id == bindparam("of_oa"),
            outbox.c.due_ms <= bindparam("now"),
            turn,
            silence.may_leave(taken),
        )
        .order_by(outbox.c.lane, outbox.c.due_ms, outbox.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )


_READY_OF_OA = _ready_of_oa(())
_TAKE = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=OutboxState.SENDING,
        owner=bindparam("claimer"),
        claimed_ms=bindparam("now"),
        attempt=outbox.c.attempt + 1,
    )
    .returning(
        outbox.c.id, outbox.c.key, outbox.c.oa_id, outbox.c.user_id, outbox.c.trace_id,
        outbox.c.payload_sealed, outbox.c.anonymous_conversation, outbox.c.attempt, outbox.c.created_ms,
    )
)  # fmt: skip
_RESIDENTS = select(
    resident.c.oa_id, resident.c.user_id, resident.c.last_interaction_ms, resident.c.stopped_reason
).where(tuple_(resident.c.oa_id, resident.c.user_id).in_(bindparam("people", expanding=True)))


def _take(connection: Connection, ids: list[int], owner: str, now_ms: int) -> list[tuple[Any, ...]]:
    """Make these rows the owner's. In the order of ``ids``."""
    if not ids:
        return []
    rows = connection.execute(_TAKE, {"ids": ids, "claimer": owner, "now": now_ms})
    place = {row_id: index for index, row_id in enumerate(ids)}
    return sorted((tuple(row) for row in rows), key=lambda row: place[row[0]])


def _with_residents(connection: Connection, sends: list[ClaimedSend]) -> list[ClaimedSend]:
    if not sends:
        return []
    people = sorted({(send.oa_id, send.user_id) for send in sends})
    rows = connection.execute(_RESIDENTS, {"people": people})
    known = {(row.oa_id, row.user_id): (row.last_interaction_ms, row.stopped_reason) for row in rows}
    return [
        replace(send, last_interaction_ms=last, stopped_reason=stopped)
        for send in sends
        for last, stopped in [known.get((send.oa_id, send.user_id), (None, None))]
    ]


@dataclass(frozen=True, slots=True)
class SendResult:
    """What became of one claim. ``burns`` False gives the attempt back: the fault was not the message's."""

    id: int
    state: OutboxState
    due_ms: int = 0
    burns: bool = True
    zalo_msg_id: str | None = None
    sent_ms: int | None = None
    error: str | None = None


def record(connection: Connection, owner: str, results: Sequence[SendResult]) -> dict[int, OutboxState]:
    """Write results of finished sends. Only rows this owner still holds: a lease taken back is another's.

    Returns the state each of those rows has now, by id: CANCELLED where its resident asked to be forgotten meanwhile
    and it was not sent.
    """
    if not results:
        return {}
    rows = [
        (one.id, int(one.state), one.due_ms, int(not one.burns), one.zalo_msg_id, one.sent_ms, one.error)
        for one in results
    ]
    return {row_id: OutboxState(state) for row_id, state in batches.record(connection, owner, rows).items()}


def cancel_for_resident(connection: Connection, oa_id: str, user_id: str, kept: str = "") -> None:
    """Nothing more goes to this person (they asked to be forgotten); :func:`record` ends what is under way.

    Sends whose key begins with ``kept`` still go: the receipt they are given.
    """
    others = outbox.c.key.not_like(f"{kept}%") if kept else true()
    connection.execute(
        update(outbox)
        .where(
            outbox.c.oa_id == oa_id,
            outbox.c.user_id == user_id,
            text("outbox.state IN (0, 4)"),
            others,
        )
        .values(state=OutboxState.CANCELLED)
    )
    theirs = update(outbox).where(outbox.c.oa_id == oa_id, outbox.c.user_id == user_id, others)
    connection.execute(theirs.where(text("outbox.state <> 1")).values(payload_sealed=None))
    connection.execute(theirs.where(text("outbox.state IN (1, 5)")).values(last_error=WITHDRAWN))


def requeue_dead(connection: Connection, now_ms: int) -> int:
    """Give every DEAD reply a new start, on an operator's word. Returns how many. Announcements have a way of their own
    (``bot.broadcasts.acts.retry``), which counts them too."""
    return connection.execute(
        update(outbox)
        .where(text("outbox.state = 3"), outbox.c.payload_sealed.is_not(None), outbox.c.broadcast_id.is_(None))
        .values(state=OutboxState.READY, attempt=0, settle_attempt=0, due_ms=now_ms, last_error=None)
    ).rowcount
