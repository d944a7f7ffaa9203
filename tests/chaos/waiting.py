"""Waiting for a condition, never for a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_BETWEEN_LOOKS_SECONDS = 0.02


class TookTooLong(AssertionError):
    """The condition did not come true before its deadline."""


def wait_until(condition: Callable[[], object], what: str, seconds: float) -> None:
    """Return as soon as ``condition()`` holds. Raises :class:`TookTooLong` after ``seconds``."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise TookTooLong(f"{what}: not within {seconds:.0f} s")
        pause.wait(_BETWEEN_LOOKS_SECONDS)
