"""Moves announcements on: recipients written down, begun at their hour, handed to the outbox, swept, closed.

Each step is one short transaction that holds one announcement's row, so that any number of workers may run this, and a
crash leaves a step done or not begun. Between two steps the write lock is free for whoever answers residents.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy import Connection

from bot.broadcasts import acts, reasons
from bot.broadcasts.hours import is_within
from bot.clock import from_ms
from bot.services import Services
from bot.store import broadcast_recipients, broadcast_slices, broadcasts
from bot.store.broadcasts import CANCELLED, DONE, RUNNING, SCHEDULED, SUBMITTED, Broadcast, Delta
from bot.zalo.windows import FREE_MS, OPEN_MS

logger = logging.getLogger(__name__)

SLICE = 150
"""Recipients in one transaction: SQLite's write lock is held some 3 ms on a quiet machine."""
BETWEEN_SLICES_SECONDS = 0.015
FREE_FOR_EACH_HELD = 2.0
"""On a slow or busy machine the lock is left free twice as long as a slice held it, so that webhooks get in."""
AT_A_STRETCH_SECONDS = 5.0
LATE_MS = 12 * 3_600_000
"""Later than this the announcement's own word decides (ask, send or skip): an invitation for this morning is no use
tonight."""


class Announcer:
    """The worker's chore. One at a time in each process; a second worker takes another announcement or none."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._busy = False

    def __call__(self, connection: Connection) -> Callable[[], object] | None:
        """What is to be run now, if anything."""
        if self._busy or not broadcasts.open_ids(connection):
            return None
        self._busy = True
        return self._run

    def _run(self) -> None:
        """Until nothing is left to do at once; never raises, and never long, for the worker may want to stop."""
        until = time.monotonic() + AT_A_STRETCH_SECONDS
        pause = threading.Event()
        try:
            while True:
                begun = time.monotonic()
                if not self.step() or time.monotonic() > until:
                    break
                held = time.monotonic() - begun
                pause.wait(max(BETWEEN_SLICES_SECONDS, FREE_FOR_EACH_HELD * held))  # leaves the write lock to others
        except Exception as error:
            # The next second finds the same work; replies must go on.
            logger.exception("announcements not moved on", extra={"error": type(error).__name__})
        finally:
            self._busy = False

    def step(self) -> bool:
        """One step of each open announcement, each in its own transaction. True while there is more to do at once."""
        database = self._services.database
        with database.read() as connection:
            ids = broadcasts.open_ids(connection)
        more = False
        for broadcast_id in ids:
            with database.write() as connection:
                one = broadcasts.lock_open(connection, broadcast_id)
                if one is not None and self.advance(connection, one):
                    more = True
                    database.announce(connection)
        return more

    def advance(self, connection: Connection, one: Broadcast) -> bool:
        """The next step of one announcement, whose row the caller holds. True if another follows at once."""
        now = self._services.clock.now_ms()
        if one.state == CANCELLED:
            return self._sweep(connection, one, now)
        if one.frozen_ms is None:
            broadcast_slices.freeze_slice(connection, one, now, SLICE)
            return True
        if one.state == SCHEDULED:
            return self._begin_if_due(connection, one, now)
        if one.state != RUNNING or is_within(self._services.settings.quiet_hours, from_ms(now)):
            return False
        if one.fanned_ms is None:
            return self._hand_over(connection, one, now)
        if not broadcast_recipients.anything_open(connection, one.id):
            self._close(connection, one, now)
        return False

    def _begin_if_due(self, connection: Connection, one: Broadcast, now: int) -> bool:
        due = one.due_ms
        if due is None or due > now:
            return False
        if now - due > LATE_MS and one.late_policy != "send":
            self._too_late(connection, one, now)
            return False
        broadcasts.change(connection, one.id, now, state=RUNNING, started_ms=now)
        logger.info("announcement begun", extra={"commune": one.commune_id, "count": one.total, "ms": now - due})
        return True

    def _too_late(self, connection: Connection, one: Broadcast, now: int) -> None:
        logger.error("announcement too late", extra={"commune": one.commune_id, "action": one.late_policy})
        if one.late_policy == "skip":
            broadcasts.change(connection, one.id, now, state=CANCELLED, note="late")
            return
        broadcasts.change(
            connection, one.id, now, **acts.NOBODY_YET, state=SUBMITTED, note="late", revision=one.revision + 1
        )

    def _hand_over(self, connection: Connection, one: Broadcast, now: int) -> bool:
        if one.kind != "message":
            acts.owe_calls(connection, self._services.vault, one, now)
            broadcasts.change(connection, one.id, now, fanned_ms=now)
            return False
        free_only = acts.spec_of(one).details.free_only
        open_since = now - (FREE_MS if free_only else OPEN_MS)
        broadcast_slices.fan_out_slice(connection, one, now, SLICE, open_since_ms=open_since)
        return True

    def _sweep(self, connection: Connection, one: Broadcast, now: int) -> bool:
        if broadcast_recipients.sweep_slice(connection, one.id, SLICE):
            return True
        if not broadcast_recipients.anything_open(connection, one.id):
            broadcasts.change(connection, one.id, now, finished_ms=now)
        return False

    def _close(self, connection: Connection, one: Broadcast, now: int) -> None:
        # Nothing is open and yet not all are accounted for: these asked to be forgotten while it was under way.
        if one.waiting:
            gone = Delta(skipped=one.waiting)
            gone.reason(reasons.INVALID_USER, one.waiting)
            broadcasts.add_progress(connection, one.id, gone)
        broadcasts.change(connection, one.id, now, state=DONE, finished_ms=now)
        logger.info("announcement done", extra={"commune": one.commune_id, "count": one.sent})
