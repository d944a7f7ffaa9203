"""The inbox: what Zalo told us, each event once, until it has had its effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, exists, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.journal.states import INBOX_ATTEMPTS, InboxState
from bot.store.broadcast_results import ReceiptNote, note_receipts
from bot.store.tables import echo, inbox

CLAIM_BATCH = 25


@dataclass(frozen=True, slots=True)
class EchoRow:
    """An ``oa_send_*`` event: proof that a message of ours (or of the staff) reached Zalo."""

    msg_id: str
    user_id: str
    text_digest: str
    sent_ms: int


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One event on its way into the inbox. ``body_sealed`` None means: nothing is left to do, remember the key."""

    oa_id: str
    event: str
    msg_id: str
    sender: str
    user_id: str
    trace_id: str
    body_sealed: bytes | None
    event_ms: int | None
    received_ms: int
    echo: EchoRow | None = None
    receipt: ReceiptNote | None = None


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """An event a worker holds."""

    id: int
    oa_id: str
    event: str
    msg_id: str
    user_id: str
    trace_id: str
    body_sealed: bytes
    event_ms: int | None
    received_ms: int
    attempt: int


def _values(row: InboxRow) -> dict[str, object]:
    return {
        "oa_id": row.oa_id,
        "event": row.event,
        "msg_id": row.msg_id,
        "sender": row.sender,
        "user_id": row.user_id,
        "trace_id": row.trace_id,
        "body_sealed": row.body_sealed,
        "state": InboxState.NEW if row.body_sealed is not None else InboxState.DONE,
        "event_ms": row.event_ms,
        "received_ms": row.received_ms,
    }


def store(connection: Connection, rows: Sequence[InboxRow]) -> None:
    """Insert events; one already there (same OA, event, message id, sender) is left as it is."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(upsert(inbox).on_conflict_do_nothing(), [_values(row) for row in rows])
    echoes = [
        {
            "oa_id": row.oa_id,
            "msg_id": row.echo.msg_id,
            "user_id": row.echo.user_id,
            "text_digest": row.echo.text_digest,
            "sent_ms": row.echo.sent_ms,
            "received_ms": row.received_ms,
        }
        for row in rows
        if row.echo is not None
    ]
    if echoes:
        connection.execute(upsert(echo).on_conflict_do_nothing(), echoes)
    # No worker sees receipts (docs/decisions/0005), so those of announcements are kept here, by one look at an index.
    note_receipts(connection, [row.receipt for row in rows if row.receipt is not None])


# Statements of the hot path are built once: SQLAlchemy spends more time putting one together than SQLite running it.
_EARLIER = inbox.alias("earlier")
_READY = (
    select(inbox.c.id)
    .where(
        text("inbox.state = 0"),
        ~exists(
            select(_EARLIER.c.id).where(
                _EARLIER.c.oa_id == inbox.c.oa_id,
                _EARLIER.c.user_id == inbox.c.user_id,
                _EARLIER.c.id < inbox.c.id,
                text("earlier.state IN (0, 1)"),
            )
        ),
    )
    .order_by(inbox.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(inbox)
    .where(inbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(state=InboxState.CLAIMED, owner=bindparam("claimer"), claimed_ms=bindparam("now"))
    .returning(
        inbox.c.id, inbox.c.oa_id, inbox.c.event, inbox.c.msg_id, inbox.c.user_id, inbox.c.trace_id,
        inbox.c.body_sealed, inbox.c.event_ms, inbox.c.received_ms, inbox.c.attempt,
    )
)  # fmt: skip
_FINISH = (
    update(inbox)
    .where(inbox.c.id.in_(bindparam("ids", expanding=True)), inbox.c.owner == bindparam("holder"))
    .values(state=InboxState.DONE, owner=None, body_sealed=None)
)
_ANY_NEW = select(inbox.c.id).where(text("inbox.state = 0")).limit(1)


def claim(connection: Connection, owner: str, now_ms: int, limit: int = CLAIM_BATCH) -> list[ClaimedMessage]:
    """Take up to ``limit`` new events, oldest first, at most one of each resident: the next waits its turn."""
    # Two statements: PostgreSQL may run a locking subquery more than once inside one UPDATE, and take too many.
    ids = list(connection.execute(_READY, {"most": limit}).scalars())
    if not ids:
        return []
    rows = connection.execute(_CLAIM, {"ids": ids, "claimer": owner, "now": now_ms})
    return sorted((ClaimedMessage(*row) for row in rows), key=lambda message: message.id)


def finish(connection: Connection, owner: str, ids: Sequence[int]) -> None:
    """These have had their effect: drop the body, keep the key so that a late copy is still known."""
    if ids:
        connection.execute(_FINISH, {"ids": list(ids), "holder": owner})


def give_back(connection: Connection, owner: str) -> None:
    """Release everything this owner holds unhandled (a clean stop)."""
    connection.execute(
        update(inbox).where(inbox.c.owner == owner, text("inbox.state = 1")).values(state=InboxState.NEW, owner=None)
    )


def fail(connection: Connection, owner: str, message: ClaimedMessage, error: str) -> bool:
    """Handling raised: try again later, or put it aside after :data:`INBOX_ATTEMPTS`. True if put aside."""
    attempt = message.attempt + 1
    dead = attempt >= INBOX_ATTEMPTS
    connection.execute(
        update(inbox)
        .where(inbox.c.id == message.id, inbox.c.owner == owner)
        .values(state=InboxState.DEAD if dead else InboxState.NEW, owner=None, attempt=attempt, last_error=error[:80])
    )
    return dead


def anything_new(connection: Connection) -> bool:
    """Whether an event waits. A look at one index entry."""
    return connection.execute(_ANY_NEW).first() is not None
