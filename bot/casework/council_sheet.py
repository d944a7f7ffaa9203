"""The council's sheet: criteria with weights, marks on one scale, and what they come to. Pure.

A commune may write its own sheet; :func:`default_sheet` is what it starts with (new, feasible, effective, fit to be
spread), from ``council_defaults.yaml``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

STEP = 0.5
"""Marks go up by halves."""
LARGEST_SCALE = 100
MOST_CRITERIA = 10
LONGEST_NAME = 80


class SheetProblem(ValueError):
    """``reason`` is a slug: no_criteria, too_many_criteria, name, weight, scale, pass_percent, mark, missing_mark."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question to the council. ``weight`` counts beside the others' weights; they need not make a hundred."""

    key: str
    name: str
    weight: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """Marks from 0 to ``scale``; from ``pass_percent`` on the council recommends recognition. ``id`` 0: not stored."""

    name: str
    scale: int
    pass_percent: int
    criteria: tuple[Criterion, ...]
    id: int = 0

    def criteria_json(self) -> str:
        """The criteria as they are stored."""
        rows = [{"key": one.key, "name": one.name, "weight": one.weight} for one in self.criteria]
        return json.dumps(rows, ensure_ascii=False)


def read_criteria(document: str) -> tuple[Criterion, ...]:
    """The criteria of :meth:`Sheet.criteria_json`."""
    return tuple(Criterion(str(row["key"]), str(row["name"]), int(row["weight"])) for row in json.loads(document))


@cache
def default_sheet() -> Sheet:
    """What a commune starts with."""
    document = yaml.safe_load((Path(__file__).parent / "council_defaults.yaml").read_text("utf-8"))
    criteria = tuple(Criterion(row["key"], row["name"], row["weight"]) for row in document["criteria"])
    return Sheet(document["name"], document["scale"], document["pass_percent"], criteria)


def make_sheet(name: str, scale: int, pass_percent: int, criteria: Sequence[tuple[str, int]]) -> Sheet:
    """A sheet of names and weights; keys are given by their order. Raises :class:`SheetProblem`."""
    named = [(title.strip(), weight) for title, weight in criteria if title.strip()]
    if not named:
        raise SheetProblem("no_criteria")
    if len(named) > MOST_CRITERIA:
        raise SheetProblem("too_many_criteria")
    if not name.strip() or len(name.strip()) > LONGEST_NAME:
        raise SheetProblem("name", "name")
    for number, (title, weight) in enumerate(named, start=1):
        if len(title) > LONGEST_NAME:
            raise SheetProblem("name", f"criterion-{number}")
        if not 1 <= weight <= 100:
            raise SheetProblem("weight", f"weight-{number}")
    if not 2 <= scale <= LARGEST_SCALE:
        raise SheetProblem("scale", "scale")
    if not 0 <= pass_percent <= 100:
        raise SheetProblem("pass_percent", "pass_percent")
    keys = (Criterion(f"c{number}", title, weight) for number, (title, weight) in enumerate(named, start=1))
    return Sheet(name.strip(), scale, pass_percent, tuple(keys))


def read_marks(sheet: Sheet, typed: Mapping[str, str]) -> dict[str, float]:
    """A member's marks as typed, "7", "7,5" or "7.5", one for each criterion. Raises :class:`SheetProblem`."""
    marks = {}
    for criterion in sheet.criteria:
        text = typed.get(criterion.key, "").strip().replace(",", ".")
        if not text:
            raise SheetProblem("missing_mark", criterion.key)
        try:
            mark = float(text)
        except ValueError:
            raise SheetProblem("mark", criterion.key) from None
        if not math.isfinite(mark) or not 0 <= mark <= sheet.scale or mark % STEP:
            raise SheetProblem("mark", criterion.key)
        marks[criterion.key] = mark
    return marks


def percent_of(sheet: Sheet, marks: Mapping[str, float]) -> float:
    """What one member's marks come to: the weighted mean, in percent of the best possible."""
    weights = sum(one.weight for one in sheet.criteria)
    total = sum(one.weight * marks[one.key] for one in sheet.criteria)
    return 100 * total / (weights * sheet.scale)


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """A criterion with the mean of all marks given for it, and the lowest and highest."""

    criterion: Criterion
    mean: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Result:
    """What the council found. ``percent`` is the mean of the members' weighted results; each member counts the same."""

    percent: float
    votes: int
    criteria: tuple[CriterionResult, ...]
    passed: bool
    on_scale: float


def result_of(sheet: Sheet, votes: Sequence[Mapping[str, float]]) -> Result | None:
    """The result of all votes; None where nobody voted."""
    if not votes:
        return None
    percent = sum(percent_of(sheet, marks) for marks in votes) / len(votes)
    criteria = []
    for one in sheet.criteria:
        given = [marks[one.key] for marks in votes]
        criteria.append(CriterionResult(one, sum(given) / len(given), min(given), max(given)))
    # Compared as it is shown: 64.96 is shown as 65,0 and must not be called short of 65.
    passed = round(percent, 1) >= sheet.pass_percent
    return Result(percent, len(votes), tuple(criteria), passed, percent * sheet.scale / 100)
