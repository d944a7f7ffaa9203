"""`last_interaction_period` of user/getlist: TODAY, YESTERDAY, L7D, L30D or YYYY_MM_DD:YYYY_MM_DD, days in Viet Nam."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from emulator.clock import SECOND_MS, VIETNAM
from emulator.errors import invalid

_DAYS_BACK = {"TODAY": (0, 0), "YESTERDAY": (1, 1), "L7D": (7, 0), "L30D": (30, 0)}


def vietnam_day(epoch_ms: int) -> date:
    """The calendar day in Viet Nam."""
    return datetime.fromtimestamp(epoch_ms / SECOND_MS, tz=UTC).astimezone(VIETNAM).date()


def in_period(period: str, moment_ms: int | None, now_ms: int) -> bool:
    """Whether a moment lies within the period. ApiError -201 for a period in no known form."""
    if period in _DAYS_BACK:
        first_back, last_back = _DAYS_BACK[period]
        today = vietnam_day(now_ms)
        first, last = today - timedelta(days=first_back), today - timedelta(days=last_back)
    else:
        start, _, end = period.partition(":")
        try:
            first, last = (date.fromisoformat(part.replace("_", "-")) for part in (start, end))
        except ValueError:
            raise invalid("last_interaction_period") from None
    return moment_ms is not None and first <= vietnam_day(moment_ms) <= last
