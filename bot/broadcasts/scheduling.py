"""APScheduler 3.11 for schedules: it wakes at the right moment, our tables decide what happens.

Facts of its sources that shape this: two schedulers on one job store do not lock each other; the executor gets the job
before ``next_run_time`` is stored; the job function never learns its scheduled time; a run that raises is forgotten. So
firing happens inside the executor, in the scheduler's own thread, in one transaction under the unique key of
``fire``, and :func:`bot.broadcasts.firing.catch_up` looks after what was lost in between.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.job import Job
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.broadcasts import firing
from bot.broadcasts.rules import Rule, next_after
from bot.clock import VIETNAM, from_ms
from bot.services import Services
from bot.store import schedules
from bot.store.schedules import ACTIVE

logger = logging.getLogger(__name__)

STORE = "schedules"
SWEEP_MS = 30_000
"""What was lost between two lines of a clock that died is found again after this long."""
GRACE_SECONDS = 40 * 86_400
"""APScheduler's own default of one second would silently skip what fell due during a restart; how late is too late is
the schedule's own word."""


class RuleTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """The next moment of a rule. Its pickle holds the rule's JSON and nothing else."""

    def __init__(self, rule: str) -> None:
        self.rule = rule

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """After the last moment, else after now."""
        return next_after(Rule.from_json(self.rule), previous_fire_time or now)

    def __getstate__(self) -> dict[str, str]:
        return {"rule": self.rule}

    def __setstate__(self, state: dict[str, str]) -> None:
        self.rule = state["rule"]


def never_called(schedule_id: int) -> None:
    """What jobs refer to. The executor fires them itself, so that moment and announcement are one transaction."""
    raise AssertionError(schedule_id)


class FiringExecutor(BaseExecutor):  # type: ignore[misc]  # APScheduler has no types
    """Fires in the scheduler's thread, before the job store is told of the next moment."""

    def __init__(self, services: Services) -> None:
        super().__init__()
        self._services = services

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        try:
            firing.catch_up(self._services)
        except Exception as error:
            # The job store moves on all the same; the next look finds the moment still owed.
            logger.exception("schedules not fired", extra={"count": len(run_times), "error": type(error).__name__})
        self._run_job_success(job.id, [])  # nothing of it goes on running


class SharedJobStore(SQLAlchemyJobStore):  # type: ignore[misc]  # APScheduler has no types
    """Jobs in our database, through connections the whole process shares."""

    def shutdown(self) -> None:
        """Leave the connections alone.

        APScheduler's own store gives up all of the engine's: those another thread is using at that moment would come
        back to a pool nobody has any more, and stay open until the garbage collector finds them.
        """


class ScheduleKeeper:
    """Keeps APScheduler's jobs as the schedules stand. Used by the leading clock alone."""

    def __init__(self, services: Services, scheduler: BackgroundScheduler) -> None:
        self._services = services
        self._scheduler = scheduler
        self._version = -1
        self._looked_ms = 0
        self._next_due_ms: int | None = None
        scheduler.add_jobstore(SharedJobStore(engine=services.database.writer), STORE)
        scheduler.add_executor(FiringExecutor(services), STORE)

    def look(self) -> None:
        """See whether schedules changed (another process may have done it), and fire what is owed.

        By our own clock: APScheduler's cannot be shifted as the demo's is, and a moment it lost is found here.
        """
        now = self._services.clock.now_ms()
        with self._services.database.read() as connection:
            version = schedules.version(connection)
            is_news = version != self._version
            is_due = self._next_due_ms is not None and now >= self._next_due_ms
            if not is_news and not is_due and now - self._looked_ms < SWEEP_MS:
                return
            active = schedules.list_schedules(connection, states=(ACTIVE,))
        if is_news:
            self._follow({str(one.id): one.rule for one in active})
            self._version = version
        firing.catch_up(self._services)
        moments = [next_after(Rule.from_json(one.rule), from_ms(now)) for one in active]
        self._next_due_ms = min((int(one.timestamp() * 1000) for one in moments if one is not None), default=None)
        self._looked_ms = now

    def _follow(self, wanted: dict[str, str]) -> None:
        present: dict[str, Job] = {job.id: job for job in self._scheduler.get_jobs(STORE)}
        for schedule_id in present.keys() - wanted.keys():
            self._scheduler.remove_job(schedule_id, STORE)
        for schedule_id, rule in wanted.items():
            job = present.get(schedule_id)
            if job is not None and job.trigger.rule == rule:
                continue  # its next moment stays, also one that has passed meanwhile
            trigger = RuleTrigger(rule)
            if trigger.get_next_fire_time(None, datetime.now(VIETNAM)) is None:
                continue
            self._scheduler.add_job(
                "bot.broadcasts.scheduling:never_called",
                trigger,
                args=[int(schedule_id)],
                id=schedule_id,
                jobstore=STORE,
                executor=STORE,
                coalesce=False,
                misfire_grace_time=GRACE_SECONDS,
                replace_existing=True,
            )
