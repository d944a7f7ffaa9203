"""Pairs measured in turn, and what they come to: a ratio per pair, the median of the ratios, their spread."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Goal:
    """What the median of :attr:`Comparison.values` must come to."""

    kind: Literal["at least", "at most"]
    value: float

    def is_met(self, value: float) -> bool:
        """Whether ``value`` reaches it."""
        return value >= self.value if self.kind == "at least" else value <= self.value

    def __str__(self) -> str:
        return f"{'≥' if self.kind == 'at least' else '≤'} {self.value:g}"


@dataclass(slots=True)
class Comparison:
    """One line of the table: ours beside the plain way, pair by pair, measured in turn in one run."""

    name: str
    unit: str
    plain: str
    goal: Goal | None = None
    of: Literal["ratio", "difference", "ours"] = "ratio"
    pairs: list[tuple[float, float]] = field(default_factory=list)

    def add(self, ours: float, plain: float) -> None:
        """One more pair."""
        self.pairs.append((ours, plain))

    @property
    def values(self) -> list[float]:
        """Ratio of each pair; the difference, or our own figure, where the goal is set on that."""
        if self.of == "ours":
            return [ours for ours, _plain in self.pairs]
        if self.of == "difference":
            return [ours - plain for ours, plain in self.pairs]
        return [ours / plain if plain else float("inf") for ours, plain in self.pairs]

    @property
    def value(self) -> float:
        """The median."""
        return statistics.median(self.values)

    @property
    def is_met(self) -> bool | None:
        """None where there is no goal."""
        return None if self.goal is None else self.goal.is_met(self.value)

    def to_json(self) -> dict[str, object]:
        """Everything, for var/bench.json."""
        return {
            "name": self.name,
            "unit": self.unit,
            "plain": self.plain,
            "compared_by": self.of,
            "pairs": [list(pair) for pair in self.pairs],
            "values": self.values,
            "median": self.value,
            "goal": str(self.goal) if self.goal else None,
            "met": self.is_met,
        }

    def cells(self) -> tuple[str, ...]:
        """The line's cells; see :data:`HEADINGS`."""
        ours = statistics.median(pair[0] for pair in self.pairs)
        plain = statistics.median(pair[1] for pair in self.pairs)
        verdict = {None: "", True: "đạt", False: "CHƯA"}[self.is_met]
        return (
            self.name,
            f"{_figure(ours)} {self.unit}",
            f"{_figure(plain)} {self.unit} ({self.plain})",
            _figure(self.value) + ("" if self.of == "ratio" else f" {self.unit}"),
            f"{_figure(min(self.values))} … {_figure(max(self.values))}",
            str(len(self.pairs)),
            str(self.goal) if self.goal else "",
            verdict,
        )


HEADINGS = ("phép đo", "của ta", "cách thường (cùng lúc)", "trung vị so sánh", "dao động", "cặp", "mục tiêu", "")


def _figure(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(comparisons: list[Comparison]) -> str:
    """All lines, aligned."""
    rows = [HEADINGS, *(comparison.cells() for comparison in comparisons)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def percentile(values: list[float], fraction: float) -> float:
    """The value below which ``fraction`` of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(fraction * len(ordered)))]
