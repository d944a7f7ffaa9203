"""Working hours of a Vietnamese office: weekends, holidays with Tết and swapped days, the break at noon.

``holidays.yaml`` alone decides which days are off; in years it does not know only the weekends are. Moments are aware
datetimes; what comes back is in Vietnam's time zone.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

import yaml

from bot.clock import VIETNAM
from intents.syllables import fold

_TABLE = Path(__file__).with_name("holidays.yaml")
_SATURDAY = 5
# Read without marks: "7 giờ 30 đến 11h30", "7:30–11:30", "7g - 11g30".
_RANGE = re.compile(
    r"(?<!\d)(\d{1,2})\s*(?::|h|g|gio)\s*(\d{2})?\s*(?:-|–|—|den|toi)\s*(\d{1,2})\s*(?::|h|gio|g)\s*(\d{2})?"
)
_WEEKEND_NAMED = re.compile(r"thu\s*(?:7|bay)|\bt7\b|chu nhat|ca tuan|hang ngay")
_MOST_RANGES = 2


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """Minutes of the day between which the office works, in order: ((480, 720), (810, 1050))."""

    spans: tuple[tuple[int, int], ...]

    @property
    def minutes_a_day(self) -> int:
        """What a full day comes to."""
        return sum(end - start for start, end in self.spans)


DEFAULT_HOURS = OfficeHours(((8 * 60, 12 * 60), (13 * 60 + 30, 17 * 60 + 30)))
"""8:00–12:00 and 13:30–17:30, Monday to Friday, where a profile does not say otherwise."""


@dataclass(frozen=True, slots=True)
class _Holidays:
    off: Mapping[date, str]
    working: frozenset[date]
    to_confirm: tuple[date, ...]
    not_announced: tuple[int, ...]
    years: tuple[int, ...]


@cache
def _holidays() -> _Holidays:
    off: dict[date, str] = {}
    working: set[date] = set()
    to_confirm: list[date] = []
    not_announced = []
    years = yaml.safe_load(_TABLE.read_text("utf-8"))["years"]
    for year, table in years.items():
        for row in table["days_off"]:
            for number in range((row["to"] - row["from"]).days + 1):
                off[row["from"] + timedelta(days=number)] = row["name"]
            if row.get("to_confirm"):
                to_confirm.append(row["from"])
        working.update(table["working"])
        if not table["announced"]:
            not_announced.append(int(year))
    return _Holidays(
        off, frozenset(working), tuple(to_confirm), tuple(not_announced), tuple(int(year) for year in years)
    )


def holiday_name(day: date) -> str:
    """The holiday's name, "" for any other day (weekends too)."""
    return _holidays().off.get(day, "")


def years_known() -> tuple[int, ...]:
    """Years the table of holidays covers."""
    return _holidays().years


def years_not_announced() -> tuple[int, ...]:
    """Years whose holidays were computed from the law, the official notice still to come."""
    return _holidays().not_announced


def days_to_confirm() -> tuple[date, ...]:
    """Days off that were decided in principle, the commune to confirm them when the notice comes."""
    return _holidays().to_confirm


def is_working_day(day: date) -> bool:
    """Monday to Friday without a holiday, and the Saturdays worked in exchange for a swapped day."""
    table = _holidays()
    return day in table.working or (day.weekday() < _SATURDAY and day not in table.off)


def hours_from(text: str | None) -> OfficeHours:
    """Office hours as a profile words them ("7:30–11:30, 13:30–17:00"); the default where the text is empty, says
    something about weekends, or is not one or two spans in order."""
    plain = fold(unicodedata.normalize("NFC", text or "").lower())
    ranges = _RANGE.findall(plain)
    if not ranges or len(ranges) > _MOST_RANGES or _WEEKEND_NAMED.search(plain):
        return DEFAULT_HOURS
    spans = tuple((int(a) * 60 + int(b or 0), int(c) * 60 + int(d or 0)) for a, b, c, d in ranges)
    edges = [edge for span in spans for edge in span]
    if edges != sorted(set(edges)) or edges[-1] > 24 * 60:
        return DEFAULT_HOURS
    return OfficeHours(spans)


def is_open_at(moment: datetime, hours: OfficeHours = DEFAULT_HOURS) -> bool:
    """Whether somebody is at work. The closing minute itself is closed."""
    local = moment.astimezone(VIETNAM)
    return any(start <= local < end for start, end in _spans_of(local.date(), hours))


def next_opening(moment: datetime, hours: OfficeHours = DEFAULT_HOURS) -> datetime:
    """The moment itself while the office is open, else the next time it opens."""
    local = moment.astimezone(VIETNAM)
    for start, end in _spans_from(local.date(), hours):
        if end > local:
            return max(start, local)
    raise AssertionError("spans never end")


def add_working_minutes(moment: datetime, minutes: int, hours: OfficeHours = DEFAULT_HOURS) -> datetime:
    """The moment after so many working minutes. None left: the next opening (a deadline never falls at night)."""
    local = moment.astimezone(VIETNAM)
    left = timedelta(minutes=max(minutes, 0))
    for start, end in _spans_from(local.date(), hours):
        begin = max(start, local)
        if begin >= end:
            continue
        if end - begin >= left:
            return begin + left
        left -= end - begin
    raise AssertionError("spans never end")


def add_working_hours(moment: datetime, count: float, hours: OfficeHours = DEFAULT_HOURS) -> datetime:
    """See :func:`add_working_minutes`."""
    return add_working_minutes(moment, round(count * 60), hours)


def working_minutes_between(start: datetime, end: datetime, hours: OfficeHours = DEFAULT_HOURS) -> int:
    """Whole working minutes from ``start`` to ``end``; negative where ``end`` is the earlier one."""
    if end < start:
        return -working_minutes_between(end, start, hours)
    first, last = start.astimezone(VIETNAM), end.astimezone(VIETNAM)
    total = timedelta()
    for day in sorted({first.date(), last.date()}):
        for opens, closes in _spans_of(day, hours):
            total += max(min(closes, last) - max(opens, first), timedelta())
    whole = _working_days(first.date() + timedelta(days=1), last.date())
    return int(total.total_seconds() // 60) + max(whole, 0) * hours.minutes_a_day


def working_hours_between(start: datetime, end: datetime, hours: OfficeHours = DEFAULT_HOURS) -> float:
    """The same in hours."""
    return working_minutes_between(start, end, hours) / 60


def _working_days(start: date, end: date) -> int:
    """Working days from ``start`` to before ``end``, reckoned without looking at each: a list shows many cases that
    are late by a year."""
    weeks, rest = divmod((end - start).days, 7)
    weekdays = 5 * weeks + sum((start.weekday() + number) % 7 < _SATURDAY for number in range(rest))
    off, worked = _differing_days()
    return weekdays - _between(off, start, end) + _between(worked, start, end)


def _between(days: Sequence[date], start: date, end: date) -> int:
    return bisect_left(days, end) - bisect_left(days, start)


@cache
def _differing_days() -> tuple[Sequence[date], Sequence[date]]:
    """Days Monday to Friday that are off, and Saturdays and Sundays worked, both in order."""
    table = _holidays()
    off = sorted(day for day in table.off if day.weekday() < _SATURDAY and day not in table.working)
    return off, sorted(day for day in table.working if day.weekday() >= _SATURDAY)


def _spans_of(day: date, hours: OfficeHours) -> list[tuple[datetime, datetime]]:
    if not is_working_day(day):
        return []
    midnight = datetime.combine(day, time(), VIETNAM)  # Vietnam has no daylight saving: minutes add up plainly
    return [(midnight + timedelta(minutes=start), midnight + timedelta(minutes=end)) for start, end in hours.spans]


def _spans_from(day: date, hours: OfficeHours) -> Iterator[tuple[datetime, datetime]]:
    while True:
        yield from _spans_of(day, hours)
        day += timedelta(days=1)
