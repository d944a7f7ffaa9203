"""Takes back what dead or hung workers held. Idempotent: the same claim path serves what comes back.

Events return to NEW. Sends become IN_DOUBT, never READY: the request may have reached Zalo, and resending blindly
answered about five people twice for each kill at 50 messages a second (docs/decisions/0001).
"""

from __future__ import annotations

from sqlalchemy import Connection, or_, select, text, update

from bot.journal import announcing
from bot.journal.liveness import Liveness
from bot.journal.states import LEASE_MS, InboxState, OutboxState
from bot.store.broadcasts import Progress
from bot.store.tables import inbox, outbox

SETTLE_AFTER_MS = 2_000
"""Zalo's echo of a send that went through normally arrives within this time."""


def owners_with_claims(connection: Connection) -> set[str]:
    """Everybody who holds something now."""
    owners = set(connection.execute(select(inbox.c.owner).where(text("inbox.state = 1")).distinct()).scalars())
    owners |= set(connection.execute(select(outbox.c.owner).where(text("outbox.state = 1")).distinct()).scalars())
    return {owner for owner in owners if owner is not None}


def recover(
    connection: Connection, liveness: Liveness, now_ms: int, progress: Progress | None = None
) -> tuple[int, int]:
    """Take back the claims of dead owners and those past their lease. Returns how many events and sends.

    What it means for announcements goes to ``progress``, or is written at once where there is none.
    """
    dead = liveness.dead_among(connection, owners_with_claims(connection))
    expired = now_ms - LEASE_MS
    events = connection.execute(
        update(inbox)
        .where(text("inbox.state = 1"), or_(inbox.c.owner.in_(dead), inbox.c.claimed_ms < expired))
        .values(state=InboxState.NEW, owner=None)
    ).rowcount
    sends = connection.execute(
        update(outbox)
        .where(text("outbox.state = 1"), or_(outbox.c.owner.in_(dead), outbox.c.claimed_ms < expired))
        .values(state=OutboxState.IN_DOUBT, owner=None, due_ms=now_ms + SETTLE_AFTER_MS, last_error="worker_gone")
        .returning(outbox.c.broadcast_id)
    )
    announcements = list(sends.scalars())
    gathered = Progress() if progress is None else progress
    announcing.count_new_doubts(gathered, [one for one in announcements if one is not None])
    if progress is None:
        gathered.write(connection)
    return events, len(announcements)
