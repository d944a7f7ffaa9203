"""How the journal stands: for health checks, metrics and ``hoixa doctor``. Counts rows, so never on a message's way."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, exists, func, select, text

from bot.journal.liveness import SILENT_MS
from bot.journal.states import InboxState, OutboxState, Voice
from bot.store.tables import inbox, outbox, process
from bot.store.takeover_tables import handover


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows by (queue, state), and the moments (ms) of the oldest event and reply still open."""

    counts: dict[tuple[str, str], int]
    oldest_event_ms: int | None
    oldest_reply_ms: int | None


_TROUBLE_INBOX = "inbox.state IN (0, 1, 3)"
_TROUBLE_OUTBOX = "outbox.state IN (0, 1, 3, 4, 6)"


def backlog(connection: Connection) -> Backlog:
    """Everything that is not simply done."""
    counts: dict[tuple[str, str], int] = {}
    for state, count in connection.execute(
        select(inbox.c.state, func.count()).where(text(_TROUBLE_INBOX)).group_by(inbox.c.state)
    ):
        counts["inbox", InboxState(state).name.lower()] = count
    for state, count in connection.execute(
        select(outbox.c.state, func.count()).where(text(_TROUBLE_OUTBOX)).group_by(outbox.c.state)
    ):
        counts["outbox", OutboxState(state).name.lower()] = count
    oldest_event = connection.execute(
        select(func.min(inbox.c.received_ms)).where(text("inbox.state IN (0, 1)"))
    ).scalar()
    oldest_reply = connection.execute(
        # A notice may wait for the end of a conversation a person has (bot.journal.silence). An announcement may be
        # long on its way; whether it gets on is looked at by itself (bot.store.broadcasts).
        select(func.min(outbox.c.created_ms)).where(
            text("outbox.state IN (0, 1, 4)"),
            outbox.c.broadcast_id.is_(None),
            ~exists().where(
                handover.c.oa_id == outbox.c.oa_id,
                handover.c.user_id == outbox.c.user_id,
                text("handover.state = 'taken'"),
                outbox.c.voice == Voice.NOTICE,
            ),
        )
    ).scalar()
    return Backlog(counts, oldest_event, oldest_reply)


def running_processes(connection: Connection, now_ms: int) -> dict[str, int]:
    """How many processes of each kind said "still here" lately."""
    rows = connection.execute(
        select(process.c.kind, func.count()).where(process.c.beat_ms > now_ms - SILENT_MS).group_by(process.c.kind)
    )
    return {str(kind): int(count) for kind, count in rows}


def last_success(connection: Connection) -> tuple[int | None, int | None]:
    """Moments (ms) of the last event received and the last reply Zalo took: health is what happened."""
    received = connection.execute(select(inbox.c.received_ms).order_by(inbox.c.id.desc()).limit(1)).scalar()
    sent = connection.execute(
        select(func.max(outbox.c.sent_ms)).where(outbox.c.id > select(func.max(outbox.c.id) - 5_000).scalar_subquery())
    ).scalar()
    return received, sent
