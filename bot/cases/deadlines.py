"""When a case is due, how its timer stops, and when somebody above must hear that it is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.cases.categories import initiative_working_hours, levels
from bot.cases.lifecycle import lifecycle
from bot.cases.working_time import DEFAULT_HOURS, OfficeHours, add_working_minutes, working_minutes_between

ESCALATION_HOURS = (0, 8, 24)
"""Working hours after the deadline at which a case is escalated: to its unit, to the office, to the chairman."""

SOON_HOURS = 8
"""A case due within a working day is shown as near its deadline."""

Chip = Literal["none", "waiting", "in_time", "soon", "overdue"]


@dataclass(frozen=True, slots=True)
class Timer:
    """A case's clock. Running: ``due`` is set. Waiting for the resident: ``left_minutes`` is. Stopped: neither."""

    due: datetime | None = None
    left_minutes: int | None = None


def allowed_minutes(kind: str, level: str) -> int:
    """Working minutes from filing to deadline. KeyError for an unknown level of a report."""
    return 60 * (initiative_working_hours() if kind == "initiative" else levels()[level].working_hours)


def started(kind: str, level: str, now: datetime, hours: OfficeHours = DEFAULT_HOURS) -> Timer:
    """The timer of a case just filed, or opened again."""
    return Timer(due=add_working_minutes(now, allowed_minutes(kind, level), hours))


def moved(
    timer: Timer,
    kind: str,
    level: str,
    after: str,
    now: datetime,
    *,
    reopens: bool = False,
    hours: OfficeHours = DEFAULT_HOURS,
) -> Timer:
    """The timer after a move to state ``after``.

    It stops on final and untimed states, pauses while the resident is asked, and goes on with what was left. A case
    opened again, or timed again after a stop, gets its whole time anew.
    """
    table = lifecycle(kind)
    if table.timer_runs(after):
        if reopens:
            return started(kind, level, now, hours)
        if timer.due is not None:
            return timer
        if timer.left_minutes is not None:
            # A case that came to us late stays late by as much: asking is no way out of a deadline.
            if timer.left_minutes >= 0:
                return Timer(due=add_working_minutes(now, timer.left_minutes, hours))
            return Timer(due=now)
        return started(kind, level, now, hours)
    if table.states[after].final or table.states[after].untimed:
        return Timer()
    if timer.due is not None:
        return Timer(left_minutes=working_minutes_between(now, timer.due, hours))
    return timer


def escalation(due: datetime | None, now: datetime, hours: OfficeHours = DEFAULT_HOURS) -> int:
    """How far up a case must be told: 0 in time, 1 just late, up to ``len(ESCALATION_HOURS)``."""
    if due is None or now < due:
        return 0
    late = working_minutes_between(due, now, hours)
    return sum(late >= 60 * hours_late for hours_late in ESCALATION_HOURS)


def chip(timer: Timer, now: datetime, hours: OfficeHours = DEFAULT_HOURS) -> tuple[Chip, int]:
    """What staff see beside a case, with the working minutes left (negative: late by so many)."""
    if timer.left_minutes is not None:
        return "waiting", timer.left_minutes
    if timer.due is None:
        return "none", 0
    left = working_minutes_between(now, timer.due, hours)
    if now >= timer.due:
        return "overdue", left
    return ("soon" if left <= SOON_HOURS * 60 else "in_time"), left
