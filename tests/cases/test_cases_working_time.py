"""Working hours with weekends, Tết, swapped days and the break at noon; deadlines that stop, pause and go on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lunar_vn import LunarDate, lunar_to_solar

from bot.cases import deadlines
from bot.cases.deadlines import ESCALATION_HOURS, Timer
from bot.cases.working_time import (
    DEFAULT_HOURS,
    OfficeHours,
    add_working_hours,
    add_working_minutes,
    days_to_confirm,
    holiday_name,
    hours_from,
    is_open_at,
    is_working_day,
    next_opening,
    working_hours_between,
    working_minutes_between,
    years_known,
    years_not_announced,
)
from bot.clock import VIETNAM

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 1), timezones=st.just(VIETNAM))


def at(day: str, hour: int = 8, minute: int = 0) -> datetime:
    year, month, number = map(int, day.split("-"))
    return datetime(year, month, number, hour, minute, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2026-01-01", False),
        ("2026-01-02", False),  # swapped
        ("2026-01-10", True),  # the Saturday worked for it
        ("2026-02-16", False),
        ("2026-02-17", False),
        ("2026-02-20", False),
        ("2026-02-23", True),
        ("2026-04-27", False),  # the day of the Hùng kings fell on a Sunday
        ("2026-08-22", True),
        ("2026-08-31", False),
        ("2026-09-02", False),
        ("2026-09-03", True),
        ("2026-11-21", False),
        ("2026-11-23", True),
        ("2027-02-11", False),
        ("2027-02-12", True),
    ],
)
def test_days(day: str, working: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is working


def test_the_table_agrees_with_the_lunar_calendar() -> None:
    for year in years_known():
        first = lunar_to_solar(LunarDate(1, 1, year))
        for number in range(-1, 4):  # the last day of the old year to the fourth of the new
            assert not is_working_day(first + timedelta(days=number)), f"{year}: {number}"
        assert sum(holiday_name(first + timedelta(days=number)) != "" for number in range(-3, 9)) >= 5
        kings = lunar_to_solar(LunarDate(10, 3, year))
        assert not is_working_day(kings)
        for month, day in ((1, 1), (4, 30), (5, 1), (9, 2)):
            assert not is_working_day(date(year, month, day))
        # Every holiday has five working days of the year's usual 250 or so left around it.
        days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
        assert 245 <= sum(map(is_working_day, days)) <= 252
    assert years_known() == (2026, 2027, 2028, 2029, 2030)
    assert 2026 not in years_not_announced()
    assert [day.year for day in days_to_confirm()] == list(years_known())
    assert not any(map(is_working_day, days_to_confirm()))


def test_a_year_the_table_does_not_know_has_weekends_alone() -> None:
    assert is_working_day(date(2031, 1, 1))
    assert not is_working_day(date(2031, 1, 4))


def test_open_and_closed() -> None:
    assert is_open_at(at("2026-11-23", 8))
    assert is_open_at(at("2026-11-23", 11, 59))
    assert not is_open_at(at("2026-11-23", 12))
    assert not is_open_at(at("2026-11-23", 17, 30))
    assert not is_open_at(at("2026-11-22", 9))
    assert is_open_at(datetime(2026, 11, 23, 1, tzinfo=UTC))  # 8:00 in Vietnam
    assert next_opening(at("2026-11-22", 12)) == at("2026-11-23", 8)
    assert next_opening(at("2026-11-23", 12, 5)) == at("2026-11-23", 13, 30)
    assert next_opening(at("2026-11-23", 9)) == at("2026-11-23", 9)
    assert next_opening(at("2026-02-13", 18)) == at("2026-02-23", 8)  # over Tết


def test_adding_hours() -> None:
    assert add_working_hours(at("2026-11-23", 8), 4) == at("2026-11-23", 12)
    assert add_working_hours(at("2026-11-23", 11), 2) == at("2026-11-23", 14, 30)
    assert add_working_hours(at("2026-11-22", 12), 8) == at("2026-11-23", 17, 30)
    assert add_working_hours(at("2026-02-13", 16, 30), 2) == at("2026-02-23", 9)
    assert add_working_hours(at("2026-11-22", 12), 0) == at("2026-11-23", 8)
    short = OfficeHours(((7 * 60, 11 * 60),))
    assert add_working_hours(at("2026-11-23", 7), 8, short) == at("2026-11-25", 11)  # the 24th is a day off
    assert short.minutes_a_day == 240


def test_hours_between() -> None:
    assert working_hours_between(at("2026-11-20", 16), at("2026-11-23", 9)) == 2.5
    assert working_minutes_between(at("2026-11-23", 9), at("2026-11-20", 16)) == -150
    assert working_minutes_between(at("2026-11-21", 9), at("2026-11-22", 16)) == 0


@given(MOMENTS, st.integers(1, 20_000))
def test_what_was_added_lies_between(moment: datetime, minutes: int) -> None:
    moment = moment.replace(second=0, microsecond=0)
    due = add_working_minutes(moment, minutes)
    assert working_minutes_between(moment, due) == minutes
    assert add_working_minutes(moment, minutes + 1) > due
    closing = due - timedelta(minutes=1)
    assert is_open_at(closing)  # never due at night, at noon or on a day off


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Sáng 7h30 – 11h30, chiều 13:30-17:00", ((450, 690), (810, 1020))),
        ("7 giờ 30 đến 11 giờ 30, 13 giờ đến 16 giờ 30", ((450, 690), (780, 990))),
        ("thứ 2 đến thứ 6, 7:00-11:00", ((420, 660),)),
        ("sáng thứ Bảy 8:00-11:00", DEFAULT_HOURS.spans),
        ("cả tuần 8h-12h", DEFAULT_HOURS.spans),
        ("giờ hành chính", DEFAULT_HOURS.spans),
        ("17:00-8:00", DEFAULT_HOURS.spans),
        ("8:00-30:00", DEFAULT_HOURS.spans),
        (None, DEFAULT_HOURS.spans),
    ],
)
def test_hours_of_a_profile(text: str | None, spans: tuple[tuple[int, int], ...]) -> None:
    assert hours_from(text).spans == spans


def test_levels_are_due_in_working_hours() -> None:
    sunday = at("2026-11-22", 12)
    assert deadlines.started("report", "urgent", sunday).due == at("2026-11-23", 12)
    assert deadlines.started("report", "normal", sunday).due == at("2026-11-30", 17, 30)
    assert deadlines.started("report", "complex", sunday) == deadlines.started("initiative", "", sunday)


def test_the_timer_stops_pauses_and_goes_on() -> None:
    filed = at("2026-11-23", 8)
    timer = deadlines.started("report", "urgent", filed)
    assert deadlines.moved(timer, "report", "urgent", "assigned", at("2026-11-23", 9)) == timer
    waiting = deadlines.moved(timer, "report", "urgent", "waiting_resident", at("2026-11-23", 9))
    assert waiting == Timer(left_minutes=180)
    again = deadlines.moved(waiting, "report", "urgent", "assigned", at("2026-12-01", 8))
    assert again.due == at("2026-12-01", 11)
    for final in ("resolved", "refused", "out_of_scope"):
        assert deadlines.moved(again, "report", "urgent", final, at("2026-12-01", 9)) == Timer()
    reopened = deadlines.moved(Timer(), "report", "urgent", "assigned", at("2026-12-02", 8), reopens=True)
    assert reopened.due == at("2026-12-02", 12)


def test_asking_is_no_way_out_of_a_missed_deadline() -> None:
    late = at("2026-11-23", 16)
    timer = deadlines.moved(Timer(due=at("2026-11-23", 12)), "report", "urgent", "waiting_resident", late)
    assert timer.left_minutes == -150
    assert deadlines.moved(timer, "report", "urgent", "assigned", at("2026-12-01")).due == at("2026-12-01")


def test_a_trial_has_no_deadline() -> None:
    timer = deadlines.started("initiative", "", at("2026-11-23"))
    assert deadlines.moved(timer, "initiative", "", "trial", at("2026-11-25")) == Timer()
    assert deadlines.moved(Timer(), "initiative", "", "assessing", at("2026-11-25")).due is not None


def test_lateness_goes_up_step_by_step() -> None:
    due = at("2026-11-23", 12)
    assert deadlines.escalation(None, due) == 0
    assert deadlines.escalation(due, at("2026-11-23", 11, 59)) == 0
    steps = [
        deadlines.escalation(due, add_working_hours(due, hours) + timedelta(minutes=1)) for hours in ESCALATION_HOURS
    ]
    assert steps == [1, 2, 3]


def test_what_staff_see_beside_a_case() -> None:
    now = at("2026-11-23", 8)
    assert deadlines.chip(Timer(), now) == ("none", 0)
    assert deadlines.chip(Timer(left_minutes=90), now) == ("waiting", 90)
    assert deadlines.chip(Timer(due=at("2026-11-23", 12)), now) == ("soon", 240)
    assert deadlines.chip(Timer(due=at("2026-11-30", 12)), now)[0] == "in_time"
    assert deadlines.chip(Timer(due=at("2026-11-20", 17)), now) == ("overdue", -30)
