"""An announcement as officials see it: figures, states and reasons, for the command line and the console."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.broadcasts import reasons
from bot.broadcasts.hours import NIGHT, is_within
from bot.broadcasts.words import word
from bot.clock import VIETNAM, from_ms
from bot.settings import QuietHours
from bot.store import broadcasts
from bot.store.broadcast_recipients import RecipientRow
from bot.store.broadcasts import DONE, RUNNING, Broadcast


def moment(moment_ms: int | None) -> str | None:
    """ISO 8601 with Vietnam's offset."""
    return None if moment_ms is None else from_ms(moment_ms).astimezone(VIETNAM).isoformat(timespec="seconds")


def holds_now(one: Broadcast, now: datetime, quiet_hours: QuietHours | None) -> str | None:
    """The slug of what a running announcement waits for at this moment."""
    if one.state != RUNNING or not one.waiting:
        return None
    if one.kind == "article" and is_within(NIGHT, now):
        return reasons.NIGHT
    return reasons.QUIET_HOURS if is_within(quiet_hours, now) else None


def reasons_of(connection: Connection, one: Broadcast, now: datetime, quiet_hours: QuietHours | None) -> dict[str, int]:
    """How many are left out, failed, in doubt or held up, by slug."""
    found = broadcasts.reasons(connection, one.id)
    waits = holds_now(one, now, quiet_hours)
    return {**found, waits: one.waiting} if waits is not None else found


def view(connection: Connection, one: Broadcast, now: datetime, quiet_hours: QuietHours | None) -> dict[str, object]:
    """Everything of one announcement but its recipients, as JSON values."""
    return {
        "id": one.id,
        "commune": one.commune_id,
        "kind": one.kind,
        "state": one.state,
        "title": one.title,
        "send_at": moment(one.send_at_ms),
        "author": one.author,
        "approved_by": one.approved_by,
        "total": one.total,
        "sent": one.sent,
        "skipped": one.skipped,
        "failed": one.failed,
        "in_doubt": one.in_doubt,
        "waiting": 0 if one.state == DONE else one.waiting,
        "reasons": reasons_of(connection, one, now, quiet_hours),
        "frozen": one.frozen_ms is not None,
        "started_at": moment(one.started_ms),
        "finished_at": moment(one.finished_ms),
        "note": one.note,
    }


def words_of(reason: str) -> str:
    """A slug in plain Vietnamese."""
    return word(f"reason_{reason}")


def words_of_recipient(row: RecipientRow) -> str:
    """Where one person stands, in plain Vietnamese."""
    if row.reason:
        return words_of(row.reason)
    states = {2: "recipient_sent", 5: "recipient_cancelled"}
    return word(states.get(row.state if row.state is not None else -1, "recipient_waiting"))
