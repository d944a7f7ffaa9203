"""The emulator's clock: the machine's, shifted at will so that windows and tokens can be made to expire."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")
SECOND_MS = 1000
HOUR_MS = 3600 * SECOND_MS
DAY_MS = 24 * HOUR_MS


class EmulatorClock:
    """Epoch milliseconds with an offset. Safe to use from any thread."""

    def __init__(self, source: Callable[[], float] | None = None) -> None:
        self._source = source or time.time
        self._offset_seconds = 0.0
        self._lock = threading.Lock()

    @property
    def offset_seconds(self) -> float:
        """How far the clock is ahead of the machine's."""
        return self._offset_seconds

    def now_ms(self) -> int:
        """Epoch milliseconds on the emulated clock."""
        return int((self._source() + self._offset_seconds) * SECOND_MS)

    def now_vietnam(self) -> datetime:
        """The same moment as a date and time in Viet Nam (UTC+7, no summer time)."""
        return datetime.fromtimestamp(self.now_ms() / SECOND_MS, tz=UTC).astimezone(VIETNAM)

    def shift(self, seconds: float) -> None:
        """Move forward (or back, when negative) by real seconds."""
        with self._lock:
            self._offset_seconds += seconds

    def reset(self) -> None:
        """Back to the machine's time."""
        with self._lock:
            self._offset_seconds = 0.0


def vietnam_date(epoch_ms: int) -> str:
    """DD/MM/YYYY in Viet Nam, the form user/detail uses."""
    return datetime.fromtimestamp(epoch_ms / SECOND_MS, tz=UTC).astimezone(VIETNAM).strftime("%d/%m/%Y")
