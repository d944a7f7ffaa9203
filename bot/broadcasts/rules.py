"""When a schedule is due: one-off, by the week, month, year or moon, and so many days (or working days) before.

Pure: a rule and a moment give the next moment. All hours are Vietnam's, which has no daylight saving.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, cast

from lunar_vn import LunarDate, solar_to_lunar

from bot.broadcasts.words import word
from bot.cases.working_time import is_working_day
from bot.clock import VIETNAM

RuleKind = Literal["once", "daily", "weekly", "monthly", "yearly", "lunar_monthly", "lunar_yearly"]
KINDS: tuple[RuleKind, ...] = ("once", "daily", "weekly", "monthly", "yearly", "lunar_monthly", "lunar_yearly")
LONGEST_LOOK_DAYS = 9 * 366
"""Far enough for a 29 February (eight years apart around 2100) and for any day of the moon."""
MOST_DAYS_BEFORE = 60
_MOST = {"day": 31, "month": 12, "days_before": MOST_DAYS_BEFORE, "working_days_before": MOST_DAYS_BEFORE}
_ONE_DAY = timedelta(days=1)
_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class RuleError(ValueError):
    """``str(error)`` is one sentence of plain Vietnamese."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``weekdays`` 0 is Monday. ``day`` 29 to 31 (30 of the moon) means the last day of a shorter month; 29 February is
    28 February in other years. Leap months of the moon do not count. ``days_before`` and ``working_days_before`` move
    the day that the rest names towards us."""

    kind: RuleKind
    at: str
    on: str = ""
    weekdays: tuple[int, ...] = ()
    day: int = 0
    month: int = 0
    days_before: int = 0
    working_days_before: int = 0

    def to_json(self) -> str:
        """For the store; only what is set."""
        return json.dumps({name: value for name, value in asdict(self).items() if value}, ensure_ascii=False)

    @classmethod
    def from_json(cls, document: str) -> Rule:
        """Back from :meth:`to_json`."""
        values: dict[str, Any] = json.loads(document)
        values["weekdays"] = tuple(values.get("weekdays", ()))
        return cls(**values)


def read_rule(document: object) -> Rule:
    """Check a rule as a form or a file gives it. Raises :class:`RuleError`."""
    if not isinstance(document, Mapping) or not set(document) <= set(Rule.__dataclass_fields__):
        raise RuleError(word("rule_fields"))
    kind = document.get("kind")
    if kind not in KINDS:
        raise RuleError(word("rule_kind", known=", ".join(KINDS)))
    at = document.get("at", "")
    if not isinstance(at, str) or not _HOUR.fullmatch(at):
        raise RuleError(word("rule_at"))
    weekdays = document.get("weekdays", ())
    if not isinstance(weekdays, list | tuple) or not all(_is_number(one, 0, 6) for one in weekdays):
        raise RuleError(word("rule_weekdays"))
    numbers = {name: document.get(name, 0) for name in _MOST}
    for name, most in _MOST.items():
        if not _is_number(numbers[name], 0, most):
            raise RuleError(word("rule_number", name=name, most=most))
    on = document.get("on", "")
    rule = Rule(
        cast(RuleKind, kind), at, on if isinstance(on, str) else "", tuple(sorted(set(weekdays))), **cast(Any, numbers)
    )
    _check_kind(rule)
    return rule


def _is_number(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _check_kind(rule: Rule) -> None:
    if rule.kind == "once":
        try:
            date.fromisoformat(rule.on)
        except ValueError:
            raise RuleError(word("rule_on")) from None
    if rule.kind == "weekly" and not rule.weekdays:
        raise RuleError(word("rule_weekdays"))
    if rule.kind in ("monthly", "yearly", "lunar_monthly", "lunar_yearly") and not rule.day:
        raise RuleError(word("rule_day"))
    if rule.kind in ("yearly", "lunar_yearly") and not rule.month:
        raise RuleError(word("rule_month"))
    if rule.kind == "yearly" and rule.day > _longest_month(rule.month):
        raise RuleError(word("rule_day"))
    if rule.kind.startswith("lunar") and rule.day > 30:
        raise RuleError(word("rule_day"))


def _longest_month(month: int) -> int:
    return 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31


def lunar(day: date) -> LunarDate:
    """The day by the moon, as reckoned in Vietnam."""
    return solar_to_lunar(day)


def _is_named(rule: Rule, day: date) -> bool:
    """Whether this is a day the rule names."""
    if rule.kind == "once":
        return day.isoformat() == rule.on
    if rule.kind == "daily":
        return True
    if rule.kind == "weekly":
        return day.weekday() in rule.weekdays
    if rule.kind in ("monthly", "yearly"):
        if rule.kind == "yearly" and day.month != rule.month:
            return False
        is_last = (day + _ONE_DAY).day == 1
        return day.day == rule.day or (is_last and day.day < rule.day)
    by_moon = lunar(day)
    if by_moon.leap or (rule.kind == "lunar_yearly" and by_moon.month != rule.month):
        return False
    if by_moon.day == rule.day:
        return True
    return by_moon.day < rule.day and lunar(day + _ONE_DAY).day == 1


def _moved(rule: Rule, day: date) -> date:
    day -= timedelta(days=rule.days_before)
    left = rule.working_days_before
    while left:
        day -= _ONE_DAY
        left -= is_working_day(day)
    return day


def next_after(rule: Rule, moment: datetime) -> datetime | None:
    """The first moment of the rule after ``moment`` (aware); None where there is none, as after a one-off."""
    here = moment.astimezone(VIETNAM)
    at = time.fromisoformat(rule.at)
    if rule.kind == "once":
        due = datetime.combine(_moved(rule, date.fromisoformat(rule.on)), at, VIETNAM)
        return due if due > here else None
    day = here.date()
    for _ in range(LONGEST_LOOK_DAYS):
        if _is_named(rule, day):
            # Moving never lets a later day overtake an earlier one, so the first that is late enough is the next.
            due = datetime.combine(_moved(rule, day), at, VIETNAM)
            if due > here:
                return due
        day += _ONE_DAY
    return None


def moments_between(rule: Rule, after: datetime, until: datetime, most: int = 400) -> list[datetime]:
    """The rule's moments after ``after`` up to and with ``until``: for the calendar, and for what is owed."""
    found: list[datetime] = []
    due = next_after(rule, after)
    while due is not None and due <= until and len(found) < most:
        found.append(due)
        due = next_after(rule, due)
    return found
