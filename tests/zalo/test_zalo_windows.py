from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.zalo.windows import FREE_MS, OPEN_MS, Window, free_until_ms, open_until_ms, window

NOW = 1_795_257_600_000
ORDER = [Window.FREE, Window.PAID, Window.CLOSED]


@pytest.mark.parametrize(
    ("age_ms", "expected"),
    [
        (0, Window.FREE),
        (48 * 3600 * 1000, Window.FREE),
        (48 * 3600 * 1000 + 1, Window.PAID),
        (7 * 86400 * 1000, Window.PAID),
        (7 * 86400 * 1000 + 1, Window.CLOSED),
        (-5000, Window.FREE),
    ],
)
def test_boundaries(age_ms: int, expected: Window) -> None:
    assert window(NOW - age_ms, NOW) is expected


def test_somebody_who_never_wrote_has_no_window() -> None:
    assert window(None, NOW) is Window.CLOSED


@given(st.integers(0, 2 * NOW), st.integers(0, 2 * OPEN_MS), st.integers(0, OPEN_MS))
def test_time_only_closes_and_an_interaction_opens_again(last: int, age: int, later: int) -> None:
    now = last + age
    assert ORDER.index(window(last, now)) <= ORDER.index(window(last, now + later))
    assert window(now, now) is Window.FREE
    assert (window(last, now) is Window.FREE) == (now <= free_until_ms(last))
    assert (window(last, now) is Window.CLOSED) == (now > open_until_ms(last))
    assert FREE_MS < OPEN_MS
