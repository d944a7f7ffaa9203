"""Zalo's two windows for answering a resident (contract 3.2)."""

from __future__ import annotations

from enum import Enum

HOUR_MS = 3_600_000
FREE_MS = 48 * HOUR_MS
OPEN_MS = 7 * 24 * HOUR_MS


class Window(Enum):
    """What an answer costs now: nothing, money, or it would be refused (-230, -232)."""

    FREE = "free"
    PAID = "paid"
    CLOSED = "closed"


def window(last_interaction_ms: int | None, now_ms: int) -> Window:
    """The window at ``now_ms``, both in milliseconds since 1970; limits are inclusive, as "≤ 48 h" and "≤ 7 days" say.

    Somebody who never interacted (None) has no window. A last interaction after now (clocks differ, or an event was
    handled late) counts as just now.
    """
    if last_interaction_ms is None:
        return Window.CLOSED
    age_ms = now_ms - last_interaction_ms
    if age_ms <= FREE_MS:
        return Window.FREE
    return Window.PAID if age_ms <= OPEN_MS else Window.CLOSED


def free_until_ms(last_interaction_ms: int) -> int:
    """The last millisecond at which an answer costs nothing."""
    return last_interaction_ms + FREE_MS


def open_until_ms(last_interaction_ms: int) -> int:
    """The last millisecond at which an answer is taken at all: what the reply box shows as time left."""
    return last_interaction_ms + OPEN_MS
