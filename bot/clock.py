"""The one clock of the product. Everything that compares times reads it, so that tests and the demo can shift it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock:
    """Wall-clock time, shifted by ``offset_seconds`` (``HOIXA_CLOCK_OFFSET_SECONDS``; 0 with the real Zalo)."""

    __slots__ = ("_offset",)

    def __init__(self, offset_seconds: float = 0.0) -> None:
        self._offset = offset_seconds

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        return int((time.time() + self._offset) * 1000)

    def now(self) -> datetime:
        """The moment in Vietnam's time zone, which has no daylight saving."""
        return datetime.fromtimestamp(time.time() + self._offset, VIETNAM)


def from_ms(moment_ms: int) -> datetime:
    """A stored moment (ms since 1970, UTC) as an aware UTC datetime."""
    return datetime.fromtimestamp(moment_ms / 1000, UTC)
