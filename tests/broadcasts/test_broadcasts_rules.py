"""When schedules are due: calendars checked against days everybody knows."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts.hours import NIGHT, end_of, is_within
from bot.broadcasts.rules import KINDS, Rule, RuleError, moments_between, next_after, read_rule
from bot.broadcasts.scheduling import RuleTrigger
from bot.clock import VIETNAM
from bot.settings import QuietHours

# Mùng Một Tết, as every wall calendar of those years has it.
FIRST_OF_TET = [
    "2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06",
    "2028-01-26", "2029-02-13", "2030-02-02", "2031-01-23",
]  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def days(rule: Rule, after: str, until: str) -> list[str]:
    return [moment.strftime("%Y-%m-%d") for moment in moments_between(rule, at(after), at(until))]


@pytest.mark.parametrize("day", FIRST_OF_TET)
def test_first_day_of_the_lunar_year(day: str) -> None:
    rule = Rule("lunar_yearly", "07:00", day=1, month=1)
    year = int(day[:4])
    assert next_after(rule, at(f"{year}-01-01")) == at(f"{day}T07:00")


@pytest.mark.parametrize(
    ("day", "month", "after", "expected"),
    [
        (15, 1, "2027-01-01", "2027-02-20"),  # Rằm tháng Giêng
        (10, 3, "2026-01-01", "2026-04-26"),  # Giỗ Tổ Hùng Vương
        (15, 8, "2026-01-01", "2026-09-25"),  # Trung thu
        (23, 12, "2026-01-01", "2026-02-10"),  # ông Công ông Táo
        (15, 8, "2025-01-01", "2025-10-06"),  # after the leap sixth month of 2025
    ],
)
def test_feasts_by_the_moon(day: int, month: int, after: str, expected: str) -> None:
    assert next_after(Rule("lunar_yearly", "08:00", day=day, month=month), at(after)) == at(f"{expected}T08:00")


def test_a_leap_month_of_the_moon_has_no_feast_of_its_own() -> None:
    # 2025 had two sixth months: 25/6–24/7 and, leap, 25/7–22/8.
    rule = Rule("lunar_yearly", "08:00", day=15, month=6)
    assert days(rule, "2025-01-01", "2025-12-31") == ["2025-07-09"]
    monthly = Rule("lunar_monthly", "08:00", day=15)
    assert "2025-08-08" not in days(monthly, "2025-01-01", "2025-12-31")


def test_the_last_day_of_a_short_month_of_the_moon() -> None:
    found = days(Rule("lunar_monthly", "08:00", day=30), "2026-01-01", "2027-01-31")
    assert len(found) == 13
    gaps = {(date.fromisoformat(b) - date.fromisoformat(a)).days for a, b in pairwise(found)}
    assert gaps <= {29, 30}
    assert "2026-02-16" in found  # the eve of Tết 2026, a year that ends with 29 days


def test_a_month_with_its_tet() -> None:
    weekly = Rule("weekly", "08:00", weekdays=(0,))
    assert days(weekly, "2027-02-01T09:00", "2027-02-28") == ["2027-02-08", "2027-02-15", "2027-02-22"]
    # Ten working days before 19/2/2027 jump over the whole of Tết (5 to 11 February).
    before = Rule("once", "08:00", on="2027-02-19", working_days_before=10)
    assert next_after(before, at("2027-01-01")) == at("2027-01-29T08:00")


def test_leap_years_and_short_months() -> None:
    yearly = Rule("yearly", "08:00", day=29, month=2)
    assert days(yearly, "2027-01-01", "2029-12-31") == ["2027-02-28", "2028-02-29", "2029-02-28"]
    monthly = Rule("monthly", "08:00", day=31)
    assert days(monthly, "2028-01-31T09:00", "2028-05-01") == ["2028-02-29", "2028-03-31", "2028-04-30"]


def test_yearly_days_of_the_plans_and_reminders_before_them() -> None:
    assert days(Rule("yearly", "08:00", day=21, month=4), "2026-01-01", "2028-12-31") == [
        "2026-04-21", "2027-04-21", "2028-04-21",
    ]  # fmt: skip
    # Five working days before 10 June 2026, a Wednesday.
    reminder = Rule("yearly", "08:00", day=10, month=6, working_days_before=5)
    assert next_after(reminder, at("2026-01-01")) == at("2026-06-03T08:00")
    assert next_after(reminder, at("2026-06-03T08:00")) == at("2027-06-03T08:00")


def test_daily_and_one_off_at_their_very_minute() -> None:
    daily = Rule("daily", "08:00")
    assert next_after(daily, at("2026-11-22T07:59:59")) == at("2026-11-22T08:00")
    assert next_after(daily, at("2026-11-22T08:00")) == at("2026-11-23T08:00")
    once = Rule("once", "08:00", on="2026-12-01", days_before=2)
    assert next_after(once, at("2026-11-22")) == at("2026-11-29T08:00")
    assert next_after(once, at("2026-11-29T08:00")) is None


def test_hours_are_vietnams_whatever_zone_the_moment_comes_in() -> None:
    due = next_after(Rule("daily", "06:30"), datetime(2026, 11, 22, 23, 0, tzinfo=UTC))
    assert due == at("2026-11-23T06:30")
    assert due is not None and due.utcoffset() == timedelta(hours=7)


RULES = st.builds(
    Rule,
    kind=st.sampled_from([kind for kind in KINDS if kind != "once"]),
    at=st.sampled_from(["00:00", "06:30", "23:59"]),
    weekdays=st.sets(st.integers(0, 6), min_size=1).map(lambda found: tuple(sorted(found))),
    day=st.integers(1, 28),
    month=st.integers(1, 12),
    days_before=st.integers(0, 10),
    working_days_before=st.integers(0, 3),
)


@given(RULES, st.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 31)))
def test_the_next_moment_is_later_and_nothing_lies_between(rule: Rule, naive: datetime) -> None:
    moment = naive.replace(tzinfo=VIETNAM)
    due = next_after(rule, moment)
    assert due is not None and due > moment
    assert due.strftime("%H:%M") == rule.at
    assert next_after(rule, due - timedelta(seconds=1)) == due
    halfway = moment + (due - moment) / 2
    assert next_after(rule, halfway) == due
    assert Rule.from_json(rule.to_json()) == rule


def test_a_trigger_is_pickled_as_a_rule_and_nothing_else() -> None:
    trigger = RuleTrigger(Rule("daily", "08:00").to_json())
    copy = pickle.loads(pickle.dumps(trigger))
    assert copy.__getstate__() == {"rule": '{"kind": "daily", "at": "08:00"}'}
    assert copy.get_next_fire_time(None, at("2026-11-22T09:00")) == at("2026-11-23T08:00")
    assert copy.get_next_fire_time(at("2026-11-20T08:00"), at("2026-11-22T09:00")) == at("2026-11-21T08:00")


@pytest.mark.parametrize(
    "document",
    [
        [], {"kind": "daily"}, {"kind": "hourly", "at": "08:00"}, {"kind": "daily", "at": "8h"},
        {"kind": "daily", "at": "24:00"}, {"kind": "weekly", "at": "08:00"},
        {"kind": "weekly", "at": "08:00", "weekdays": [7]}, {"kind": "weekly", "at": "08:00", "weekdays": "0"},
        {"kind": "monthly", "at": "08:00"}, {"kind": "yearly", "at": "08:00", "day": 31, "month": 4},
        {"kind": "yearly", "at": "08:00", "day": 1}, {"kind": "lunar_monthly", "at": "08:00", "day": 31},
        {"kind": "once", "at": "08:00", "on": "1/12/2026"}, {"kind": "daily", "at": "08:00", "days_before": 61},
        {"kind": "daily", "at": "08:00", "days_before": True}, {"kind": "daily", "at": "08:00", "zone": "UTC"},
    ],
)  # fmt: skip
def test_wrong_rules_are_refused_with_a_sentence(document: object) -> None:
    with pytest.raises(RuleError) as refused:
        read_rule(document)
    assert len(str(refused.value)) > 20


def test_a_good_rule_is_read() -> None:
    document = {"kind": "weekly", "at": "07:15", "weekdays": [4, 0, 4]}
    assert read_rule(document) == Rule("weekly", "07:15", weekdays=(0, 4))


@pytest.mark.parametrize(
    ("clock", "within", "end"),
    [
        ("2026-11-22T21:59:59", False, "2026-11-22T21:59:59"),
        ("2026-11-22T22:00", True, "2026-11-23T06:00"),
        ("2026-11-22T23:59", True, "2026-11-23T06:00"),
        ("2026-11-23T00:00", True, "2026-11-23T06:00"),
        ("2026-11-23T05:59:59", True, "2026-11-23T06:00"),
        ("2026-11-23T06:00", False, "2026-11-23T06:00"),
    ],
)
def test_the_night_rule_to_the_second(clock: str, within: bool, end: str) -> None:
    assert is_within(NIGHT, at(clock)) is within
    assert end_of(NIGHT, at(clock)) == at(end)


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    noon = QuietHours(at("2026-11-22T11:30").time(), at("2026-11-22T13:00").time())
    assert is_within(noon, at("2026-11-22T12:00")) and not is_within(noon, at("2026-11-22T13:00"))
    assert not is_within(None, at("2026-11-22T23:00"))
    assert end_of(noon, at("2026-11-22T12:00")) == at("2026-11-22T13:00")
