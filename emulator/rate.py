"""Counts calls: the limit per minute Zalo enforces, and the record from which tests read the busiest second."""

from __future__ import annotations

import threading
import time
from array import array
from collections import deque
from collections.abc import Iterable, Mapping

WINDOW_SECONDS = 60.0


def busiest_window(times: Iterable[float], window_seconds: float = 1.0) -> int:
    """The largest number of moments (seconds, any order) inside any half-open sliding window."""
    moments = sorted(times)
    best = start = 0
    for end, moment in enumerate(moments):
        while moment - moments[start] >= window_seconds:
            start += 1
        best = max(best, end - start + 1)
    return best


class RateRecorder:
    """Arrival times are the machine's monotonic clock, in seconds, not the emulated clock."""

    def __init__(self, calls_per_minute: int) -> None:
        self.calls_per_minute = calls_per_minute
        self._lock = threading.Lock()
        self._minute: deque[float] = deque()
        self._calls: dict[str, array[float]] = {}
        self._sends: dict[str, array[float]] = {}
        self.refused = 0

    def admit(self, oa_id: str | None, *, is_send: bool) -> tuple[bool, int]:
        """Note a call; returns whether it is within the app's minute, and how many calls remain in it.

        A refused call is not executed and does not count against the minute, but it is on record."""
        now = time.monotonic()
        key = oa_id or ""
        with self._lock:
            self._calls.setdefault(key, array("d")).append(now)
            if is_send:
                self._sends.setdefault(key, array("d")).append(now)
            while self._minute and now - self._minute[0] >= WINDOW_SECONDS:
                self._minute.popleft()
            if len(self._minute) >= self.calls_per_minute:
                self.refused += 1
                return False, 0
            self._minute.append(now)
            return True, self.calls_per_minute - len(self._minute)

    @staticmethod
    def _figures(recorded: Mapping[str, Iterable[float]]) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
        per_oa: dict[str, dict[str, int]] = {}
        everything: list[float] = []
        for oa_id, moments in recorded.items():
            listed = list(moments)
            everything.extend(listed)
            per_oa[oa_id] = {"count": len(listed), "busiest_second": busiest_window(listed)}
        return per_oa, {"count": len(everything), "busiest_second": busiest_window(everything)}

    def figures(self) -> dict[str, object]:
        """Calls and message sends: count and the most in any sliding second, per OA and for the app."""
        with self._lock:
            calls = {key: moments[:] for key, moments in self._calls.items()}
            sends = {key: moments[:] for key, moments in self._sends.items()}
        calls_per_oa, calls_app = self._figures(calls)
        sends_per_oa, sends_app = self._figures(sends)
        return {
            "calls": {"per_oa": calls_per_oa, "app": calls_app},
            "sends": {"per_oa": sends_per_oa, "app": sends_app},
            "refused": self.refused,
        }

    def clear(self) -> None:
        """Forget what was recorded."""
        with self._lock:
            self._minute.clear()
            self._calls.clear()
            self._sends.clear()
            self.refused = 0
