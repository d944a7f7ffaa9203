"""The clock process: APScheduler over a table of jobs, run by one leader at a time.

Each job is idempotent: what it does depends on the rows it finds, so a second leader, or a run repeated after a crash,
finds nothing left to do. Schedules of announcements, which must not fire twice, have rows of their own.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Connection, text

from bot.broadcasts import service_messages
from bot.broadcasts.scheduling import ScheduleKeeper
from bot.casework import handover, lateness, privacy, volunteers_digest
from bot.clock import VIETNAM
from bot.journal import retention
from bot.journal.access import TokenKeeper
from bot.journal.figures import backlog
from bot.journal.liveness import Liveness
from bot.services import Services
from bot.store import broadcasts

logger = logging.getLogger(__name__)

LEADER_CLASS, LEADER_NUMBER = 78, 1
LOOK_SECONDS = 1.0
"""How soon a changed schedule is noticed, and how soon a stand-by takes over."""
BEAT_SECONDS = 5.0
STUCK_MS = 15 * 60_000
"""Nothing may sit unseen for a quarter of an hour."""


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the table. ``why_idempotent`` is what the job's test proves."""

    run: Callable[[Services, str], None]
    every_seconds: int
    why_idempotent: str


def refresh_tokens(services: Services, owner: str) -> None:
    """Refresh every pair of twenty hours."""
    TokenKeeper(services.database, services.vault, services.zalo, services.clock, owner).refresh_old_ones()


def raise_alarms(services: Services, _owner: str) -> None:
    """One log line for each thing that waits too long."""
    now = services.clock.now_ms()
    with services.database.read() as connection:
        figures = backlog(connection)
    for queue, oldest in (("inbox", figures.oldest_event_ms), ("outbox", figures.oldest_reply_ms)):
        if oldest is not None and now - oldest > STUCK_MS:
            logger.error("work waits too long", extra={"queue": queue, "ms": now - oldest})
    with services.database.read() as connection:
        late = broadcasts.overdue(connection, now, STUCK_MS)
    for one in late:
        due = one.due_ms or now
        logger.error("announcement not begun", extra={"commune": one.commune_id, "ms": now - due})


def forget_old_rows(services: Services, _owner: str) -> None:
    """Keep what retention says, in slices that leave the write lock free between them."""
    retention.forget(services.database, services.clock.now_ms())


JOBS: Mapping[str, Job] = {
    "refresh_tokens": Job(refresh_tokens, 300, "a pair just refreshed is younger than twenty hours"),
    "raise_alarms": Job(raise_alarms, 300, "it only reads and logs"),
    "return_conversations": Job(handover.return_overdue, 30, "what came back is not found again"),
    "escalate_overdue": Job(
        lateness.escalate_overdue, 300, "a step of a deadline once noted in its case is not taken again"
    ),
    "team_digests": Job(volunteers_digest.make_digests, 3600, "the digest of a week that stands is left as it is"),
    "forget_closed_cases": Job(privacy.forget_closed_cases, 3600, "a case once blanked is not found again"),
    "say_what_is_due": Job(
        service_messages.say_what_is_due, 600, "each notice has a key of its own, and who was reminded is marked"
    ),
    "forget_old_rows": Job(forget_old_rows, 3600, "rows already gone are not found again"),
}


class Timekeeper:
    """Runs the jobs while it is the leader, and waits its turn otherwise."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._stop = threading.Event()
        self._descriptor = -1
        self._session: Connection | None = None

    def request_stop(self) -> None:
        """Leave :meth:`run`. May be called from a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Until asked to stop. Raises when the database is gone, and gives up what it held all the same."""
        try:
            with Liveness(self._services.database, self._services.clock, "clock") as liveness:
                self._keep_time(liveness)
        finally:
            self._resign()

    def _keep_time(self, liveness: Liveness) -> None:
        scheduler: BackgroundScheduler | None = None
        beat_at = 0.0
        try:
            while not self._stop.is_set():
                leads = self._leads()
                if leads and scheduler is None:
                    scheduler = self._start(liveness.owner)
                elif not leads and scheduler is not None:
                    scheduler.shutdown(wait=False)
                    scheduler = None
                elif leads:
                    self._look()
                if time.monotonic() >= beat_at:
                    beat_at = time.monotonic() + BEAT_SECONDS
                    with self._services.database.write() as connection:
                        liveness.keep_up(connection)
                self._stop.wait(LOOK_SECONDS)
        finally:
            if scheduler is not None:
                scheduler.shutdown(wait=True)

    def _start(self, owner: str) -> BackgroundScheduler:
        # Misfire grace defaults to one second, which would silently skip runs after a pause of the machine.
        scheduler = BackgroundScheduler(
            timezone=VIETNAM, job_defaults={"coalesce": True, "misfire_grace_time": 3600, "max_instances": 1}
        )
        for name, job in JOBS.items():
            scheduler.add_job(self._run_job, IntervalTrigger(seconds=job.every_seconds), args=[name, owner], id=name)
        self._schedules = ScheduleKeeper(self._services, scheduler)
        scheduler.start()
        self._look()
        for name in JOBS:
            self._run_job(name, owner)  # what fell due while nobody kept the time
        return scheduler

    def _look(self) -> None:
        try:
            self._schedules.look()
        except Exception as error:
            # What is owed is owed at the next look too; the leader must go on keeping the time.
            logger.exception("schedules not looked at", extra={"error": type(error).__name__})

    def _run_job(self, name: str, owner: str) -> None:
        try:
            JOBS[name].run(self._services, owner)
        except Exception as error:
            # The next run finds the same work; the scheduler and its other jobs must go on.
            logger.exception("job failed", extra={"job": name, "error": type(error).__name__})

    def _leads(self) -> bool:
        path = self._services.database.path
        if path is not None:
            if self._descriptor < 0:
                self._descriptor = os.open(f"{path}.clock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return False
            return True
        if self._session is None:
            engine = self._services.database.writer
            self._session = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._session.detach()  # given back to the pool it would go on holding the lock
            self._holds = False
        if not self._holds:
            self._holds = bool(
                self._session.execute(
                    text("SELECT pg_try_advisory_lock(:c, :n)"), {"c": LEADER_CLASS, "n": LEADER_NUMBER}
                ).scalar()
            )
        else:
            self._session.execute(text("SELECT 1"))  # raises when the session, and the lock with it, is gone
        return self._holds

    def _resign(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        if self._session is not None:
            # Said and not left to the end of the session: the server notices that some time later.
            if not self._session.invalidated:
                with contextlib.suppress(Exception):
                    self._session.execute(
                        text("SELECT pg_advisory_unlock(:c, :n)"), {"c": LEADER_CLASS, "n": LEADER_NUMBER}
                    )
            self._session.close()
            self._session = None

    _holds = False
