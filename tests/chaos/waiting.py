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


def wait_until_none(count: Callable[[], int], what: str, seconds: float) -> None:
    """Return as soon as ``count()`` is 0. Raises :class:`TookTooLong` when it stood still for ``seconds``.

    How long so many take is the machine's matter; that they grow fewer is the product's.
    """
    last, deadline = None, 0.0
    pause = threading.Event()
    while left := count():
        if left != last:
            last, deadline = left, time.monotonic() + seconds
        elif time.monotonic() > deadline:
            raise TookTooLong(f"{what}: {left} left for {seconds:.0f} s")
        pause.wait(_BETWEEN_LOOKS_SECONDS)
