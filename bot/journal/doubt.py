"""Settles sends whose outcome is unknown: the worker died, or Zalo's answer never came.

In this order (docs/decisions/0001): an ``oa_send_*`` echo to the same resident with the same text, not older than the
send; then Zalo's own record of the conversation. Each match is used once, and one that belongs to a send we know of
is not a match. A clear "not there" sends again; without a clear reply the row stays in doubt and is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, exists, select, text, update

from bot.journal.states import SEND_ATTEMPTS, OutboxState
from bot.people import GROUP_MARK
from bot.store.tables import echo, outbox
from bot.zalo.outcomes import RecentMessages

LOOK_AGAIN_MS = 2_000
LONGEST_WAIT_MS = 60_000
GIVE_UP_MS = 10 * 60_000
"""After this long without a clear reply the row is closed as UNKNOWN, so that the resident's later answers can go."""
CLOCK_TOLERANCE_MS = 120_000
"""An office PC's clock may be this far ahead of Zalo's where the send answers no message of Zalo's own time."""
SETTLE_LEASE_MS = 20_000


@dataclass(frozen=True, slots=True)
class Doubt:
    """A send in doubt. ``since_ms``, by Zalo's clock, is the earliest moment it can have arrived."""

    id: int
    oa_id: str
    user_id: str
    digests: tuple[str, str]
    since_ms: int
    claimed_ms: int
    attempt: int
    settle_attempt: int
    anonymous: bool
    trace_id: str
    key: str = ""
    broadcast_id: int | None = None


_DUE = (
    select(outbox.c.id)
    .where(text("outbox.state = 4"), outbox.c.due_ms <= bindparam("now"))
    .order_by(outbox.c.due_ms)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
"""Asked in every round of every worker, so it is built once."""


def claim(connection: Connection, now_ms: int, limit: int) -> list[Doubt]:
    """Take doubts whose time has come. A worker that dies meanwhile leaves them to the next, after the lease."""
    ids = list(connection.execute(_DUE, {"now": now_ms, "most": limit}).scalars())
    if not ids:
        return []
    rows = connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids))
        .values(due_ms=now_ms + SETTLE_LEASE_MS, settle_attempt=outbox.c.settle_attempt + 1)
        .returning(outbox)
    )
    return [
        Doubt(
            row.id,
            row.oa_id,
            row.user_id,
            (row.text_digest, row.plain_digest),
            # By Zalo's clock where it is known: ours, an hour ahead, would call every echo too old and send twice.
            row.not_before_ms or (row.claimed_ms or now_ms) - CLOCK_TOLERANCE_MS,
            row.claimed_ms or now_ms,
            row.attempt,
            row.settle_attempt,
            # Neither can be looked up with Zalo.
            row.anonymous_conversation is not None or row.user_id.startswith(GROUP_MARK),
            row.trace_id,
            row.key,
            row.broadcast_id,
        )
        for row in rows
    ]


def match_echo(connection: Connection, doubt: Doubt) -> bool:
    """Settle by an echo that has come in. True if one fitted."""
    known = exists(select(outbox.c.id).where(outbox.c.oa_id == echo.c.oa_id, outbox.c.zalo_msg_id == echo.c.msg_id))
    msg_id = connection.execute(
        select(echo.c.msg_id)
        .where(
            echo.c.oa_id == doubt.oa_id,
            echo.c.user_id == doubt.user_id,
            echo.c.matched_outbox_id.is_(None),
            echo.c.text_digest.in_(doubt.digests),
            echo.c.sent_ms >= doubt.since_ms,
            ~known,
        )
        .order_by(echo.c.sent_ms)
        .limit(1)
    ).scalar()
    if msg_id is None:
        return False
    _settle_as_sent(connection, doubt, msg_id)
    return True


def _settle_as_sent(connection: Connection, doubt: Doubt, msg_id: str) -> None:
    connection.execute(
        update(echo).where(echo.c.oa_id == doubt.oa_id, echo.c.msg_id == msg_id).values(matched_outbox_id=doubt.id)
    )
    connection.execute(
        update(outbox)
        .where(outbox.c.id == doubt.id, text("outbox.state = 4"))
        .values(state=OutboxState.SENT, zalo_msg_id=msg_id, sent_ms=doubt.claimed_ms, last_error=None)
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Zalo's record says. ``found`` are message ids with the right text, oldest first; they may be known ones."""

    doubt: Doubt
    clear: bool
    found: tuple[str, ...] = ()


def read_record(doubt: Doubt, record: RecentMessages, digest: dict[str, str]) -> Verdict:
    """Compare Zalo's record with the send. ``digest`` maps each row's text to its keyed digest."""
    fits = sorted(
        (row.time_ms, row.message_id)
        for row in record.rows
        if row.src == 0 and row.time_ms >= doubt.since_ms and digest.get(row.text) in doubt.digests
    )
    clear = bool(fits) or record.reaches_back_to(doubt.since_ms + 1)
    return Verdict(doubt, clear, tuple(message_id for _time, message_id in fits))


def apply(connection: Connection, verdict: Verdict, now_ms: int) -> OutboxState:
    """Write the verdict. Returns the state the row has now."""
    doubt = verdict.doubt
    if match_echo(connection, doubt):
        return OutboxState.SENT
    taken = set(
        connection.execute(
            select(outbox.c.zalo_msg_id).where(
                outbox.c.oa_id == doubt.oa_id, outbox.c.zalo_msg_id.in_(verdict.found or ("",))
            )
        ).scalars()
    )
    free = [message_id for message_id in verdict.found if message_id not in taken]
    if free:
        _settle_as_sent(connection, doubt, free[0])
        return OutboxState.SENT
    if verdict.clear and doubt.attempt >= SEND_ATTEMPTS:
        values: dict[str, object] = {"state": OutboxState.DEAD, "last_error": "attempts_used_up"}
    elif verdict.clear:
        values = {
            "state": OutboxState.READY,
            "due_ms": now_ms,
            "settle_attempt": 0,
            "resends": outbox.c.resends + 1,
            "last_error": "not_there",
        }
    elif now_ms - doubt.claimed_ms > GIVE_UP_MS:
        values = {"state": OutboxState.UNKNOWN, "last_error": "in_doubt"}
    else:
        wait = min(LONGEST_WAIT_MS, LOOK_AGAIN_MS * 2 ** min(doubt.settle_attempt - 1, 10))
        values = {"state": OutboxState.IN_DOUBT, "due_ms": now_ms + wait, "last_error": "in_doubt"}
    connection.execute(update(outbox).where(outbox.c.id == doubt.id, text("outbox.state = 4")).values(values))
    state = values["state"]
    assert isinstance(state, OutboxState)
    return state
