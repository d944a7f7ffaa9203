"""How long rows are kept, and forgetting them in slices of 1,000, so that the write lock is never held long."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, delete, select, text, update

from bot.store.council_tables import export_job
from bot.store.database import Database
from bot.store.tables import decision, echo, inbox, oauth_attempt, outbox

DAY_MS = 86_400_000
SLICE = 1_000
KEYS_MS = 90 * DAY_MS
"""Keys of events are kept this long, so that a late copy is still known as one."""
PAYLOADS_MS = 7 * DAY_MS
"""What was sent can be read this long: Zalo's own window for answering."""
ECHOES_MS = 2 * DAY_MS
DECISIONS_MS = 400 * DAY_MS
"""The year's report is owed before 10/12 and asked about after."""


def forget(database: Database, now_ms: int) -> int:
    """Delete or blank what is past its time. Idempotent. Returns the number of rows touched."""
    touched = 0
    closed_out = outbox.c.state.in_((2, 3, 5, 6))
    touched += _delete(database, inbox, (inbox.c.received_ms < now_ms - KEYS_MS) & text("inbox.state IN (2, 3)"))
    touched += _delete(database, outbox, (outbox.c.created_ms < now_ms - KEYS_MS) & closed_out)
    touched += _delete(database, echo, echo.c.received_ms < now_ms - ECHOES_MS)
    touched += _delete(database, decision, decision.c.decided_ms < now_ms - DECISIONS_MS)
    touched += _delete(database, oauth_attempt, oauth_attempt.c.started_ms < now_ms - DAY_MS)
    touched += _delete(database, export_job, export_job.c.expires_ms <= now_ms)
    touched += _blank_payloads(database, now_ms - PAYLOADS_MS)
    return touched


def _delete(database: Database, table: Table, old: ColumnElement[bool]) -> int:
    key = list(table.primary_key.columns)[-1]
    total = 0
    while True:
        with database.write() as connection:
            keys = list(connection.execute(select(key).where(old).limit(SLICE)).scalars())
            if keys:
                connection.execute(delete(table).where(key.in_(keys), old))
        total += len(keys)
        if len(keys) < SLICE:
            return total


def _blank_payloads(database: Database, before_ms: int) -> int:
    total = 0
    while True:
        with database.write() as connection:
            ids = list(
                connection.execute(
                    select(outbox.c.id)
                    .where(
                        outbox.c.created_ms < before_ms,
                        outbox.c.payload_sealed.is_not(None),
                        outbox.c.state.in_((2, 5)),
                    )
                    .limit(SLICE)
                ).scalars()
            )
            if ids:
                connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(payload_sealed=None))
        total += len(ids)
        if len(ids) < SLICE:
            return total
