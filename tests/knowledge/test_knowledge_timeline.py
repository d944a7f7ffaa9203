"""Pieces of time never overlap, whatever is laid over them."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from knowledge.timeline import OPEN_END, OPEN_START, Segment, clip, digest, lay_over, merged, on_day

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 40).map(lambda number: FIRST + timedelta(days=number))
SPANS = st.tuples(st.one_of(st.just(OPEN_START), DAYS), st.one_of(st.just(OPEN_END), DAYS)).filter(
    lambda span: span[0] <= span[1]
)


def segment(start: date, until: date, text: str) -> Segment:
    return Segment(start, until, text, "nguồn", "high", None)


@given(st.lists(SPANS, max_size=8))
def test_the_newest_wins_and_every_day_has_one_piece(spans: list[tuple[date, date]]) -> None:
    timeline = [segment(OPEN_START, OPEN_END, "gốc")]
    for number, (start, until) in enumerate(spans):
        timeline = lay_over(timeline, start, until, [segment(start, until, str(number))])
    for earlier, later in pairwise(timeline):
        assert earlier.until + timedelta(days=1) == later.start
    assert timeline[0].start == OPEN_START and timeline[-1].until == OPEN_END
    for shift in range(-1, 43):
        day = FIRST + timedelta(days=shift)
        covering = [str(number) for number, (start, until) in enumerate(spans) if start <= day <= until]
        piece = on_day(timeline, day)
        assert piece is not None and piece.text == (covering[-1] if covering else "gốc")


def test_neighbours_of_equal_content_become_one() -> None:
    middle = FIRST + timedelta(days=3)
    halves = [segment(OPEN_START, middle, "a"), segment(middle + timedelta(days=1), OPEN_END, "a")]
    assert merged(halves) == [segment(OPEN_START, OPEN_END, "a")]
    apart = [segment(OPEN_START, FIRST, "a"), segment(middle, OPEN_END, "a")]
    assert merged(apart) == apart


def test_clipping_keeps_what_lies_between() -> None:
    assert clip([segment(OPEN_START, OPEN_END, "a")], FIRST, FIRST) == [segment(FIRST, FIRST, "a")]
    assert clip([segment(FIRST, FIRST, "a")], FIRST + timedelta(days=1), OPEN_END) == []


def test_a_new_look_leaves_the_digest_and_new_words_do_not() -> None:
    one = Segment(OPEN_START, OPEN_END, "a", "nguồn", "high", FIRST)
    looked_again = Segment(OPEN_START, OPEN_END, "a", "nguồn", "high", FIRST + timedelta(days=9))
    assert digest([one]) == digest([looked_again])
    assert digest([one]) != digest([segment(OPEN_START, OPEN_END, "b")])
