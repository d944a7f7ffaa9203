"""The hours in which announcements wait: ours (``HOIXA_QUIET_HOURS``) and Zalo's night for articles."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from bot.clock import VIETNAM
from bot.settings import QuietHours
from bot.zalo.articles import NIGHT_ENDS_HOUR, NIGHT_STARTS_HOUR

NIGHT = QuietHours(time(NIGHT_STARTS_HOUR), time(NIGHT_ENDS_HOUR))
"""Zalo refuses articles then; no setting of ours lifts it (contract 3.1: -234)."""


def is_within(hours: QuietHours | None, now: datetime) -> bool:
    """Whether announcements wait at ``now``. The hour they end is no longer one of them."""
    if hours is None or hours.begin == hours.end:
        return False
    clock = now.astimezone(VIETNAM).time()
    if hours.begin < hours.end:
        return hours.begin <= clock < hours.end
    return clock >= hours.begin or clock < hours.end


def end_of(hours: QuietHours | None, now: datetime) -> datetime:
    """The moment sending may go on: ``now`` itself where it may."""
    if hours is None or not is_within(hours, now):
        return now
    here = now.astimezone(VIETNAM)
    end = here.replace(hour=hours.end.hour, minute=hours.end.minute, second=hours.end.second, microsecond=0)
    return end if end > here else end + timedelta(days=1)
