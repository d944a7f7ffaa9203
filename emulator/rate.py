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

    def __init__(self, calls_per_minute: int, oa_calls_per_minute: int = 0) -> None:
        self.calls_per_minute = calls_per_minute
        self.oa_calls_per_minute = oa_calls_per_minute
        """Zalo's limit per OA depends on the package and is unpublished; 0 for none."""
        self._lock = threading.Lock()
        self._minute: deque[float] = deque()
        self._oa_minutes: dict[str, deque[float]] = {}
        self._calls: dict[str, array[float]] = {}
        self._sends: dict[str, array[float]] = {}
        self.refused = 0

    def admit(self, oa_id: str | None, *, is_send: bool) -> tuple[str | None, int]:
        """Note a call; returns what limit it is past ("app", "oa" or None), and how many calls the app has left.

        A refused call is not executed and does not count against the minute, but it is on record."""
        now = time.monotonic()
        key = oa_id or ""
        with self._lock:
            self._calls.setdefault(key, array("d")).append(now)
            if is_send:
                self._sends.setdefault(key, array("d")).append(now)
            oa_minute = self._oa_minutes.setdefault(key, deque())
            for minute in (self._minute, oa_minute):
                while minute and now - minute[0] >= WINDOW_SECONDS:
                    minute.popleft()
            remaining = self.calls_per_minute - len(self._minute)
            past = None
            if remaining <= 0:
                past = "app"
            elif self.oa_calls_per_minute and len(oa_minute) >= self.oa_calls_per_minute:
                past = "oa"
            if past is not None:
                self.refused += 1
                return past, max(0, remaining)
            self._minute.append(now)
            oa_minute.append(now)
            return None, remaining - 1

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
            self._oa_minutes.clear()
            self._calls.clear()
            self._sends.clear()
            self.refused = 0
