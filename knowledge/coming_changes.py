"""Says what changes soon: a rule that begins within sixty days is told before anybody makes a needless trip."""

from __future__ import annotations

import re
from datetime import date, timedelta

from knowledge.schema import Facet, Version
from knowledge.words import word

SOON = timedelta(days=60)
MAXIMUM_NEWS = 300
"""Code points of the new lines quoted; a longer change is announced by its day alone."""
MOST_NEWS_LINES = 3


def names_day(text: str, day: date) -> bool:
    """Tell whether a text names the day in any of the ways it is written: 1/3/2027, 01/3/2027, 01/03/2027."""
    return re.search(rf"(?<!\d)0?{day.day}/0?{day.month}/{day.year}(?!\d)", text) is not None


def change_told(text: str, change: Version) -> bool:
    """Tell whether a text names the day a change begins, or the last day before it."""
    begin = change.start
    return begin is not None and (names_day(text, begin) or names_day(text, begin - timedelta(days=1)))


def coming_change(facet: Facet, on: date) -> Version | None:
    """Return the version that takes over within `SOON`, where its wording differs from the one in force."""
    change = facet.version_after(on)
    if change is None or change.start is None or change.start - on > SOON:
        return None
    return None if change.text == facet.text_on(on) else change


def announcement(facet: Facet, on: date) -> str | None:
    """Return the sentence that says what changes soon; None where nothing does or the wording says so itself.

    The new lines are quoted where they are few, so that a resident need not ask again.
    """
    change = coming_change(facet, on)
    wording = facet.text_nearest(on)
    if change is None or change.start is None or change_told(wording, change):
        return None
    day = f"{change.start:%d/%m/%Y}"
    known = set(wording.splitlines())
    news = [line for line in change.text.splitlines() if line.strip() and line not in known]
    if not news or len(news) > MOST_NEWS_LINES or sum(map(len, news)) > MAXIMUM_NEWS:
        return word("soon_changes", day=day)
    return "\n".join((word("soon_says", day=day), *news))
