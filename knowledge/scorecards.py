"""A commune's yearly innovation scorecard: groups of indicators with points, as its plan lays them down."""

from __future__ import annotations

from typing import Literal

from knowledge.schema import Model, Text
from knowledge.words import word


class Target(Model):
    """What earns full points. `minimum` is reached or passed; percent and counts as the plan states them."""

    type: Literal["yes_no", "percent", "percent_reduction", "count", "count_per_year"]
    minimum: float | None = None


class Indicator(Model):
    """One line of the scorecard; `how_computed` is the plan's own wording, shown beside the figure."""

    number: int
    name: Text
    how_computed: Text
    max_points: int
    target: Target


class IndicatorGroup(Model):
    """Indicators that share a heading; `points` is the most the group can earn."""

    number: int
    name: Text
    points: int
    indicators: tuple[Indicator, ...]


class Rank(Model):
    """A mark such as "Tốt": from `minimum` points (inclusive) up to the next rank."""

    label: Text
    minimum: int


class Scorecard(Model):
    """The whole scorecard of one commune, in the order of its plan; ranks best first."""

    commune: str
    source: Text
    cycle: Text
    owner: Text
    total_points: int
    use_of_result: tuple[str, ...]
    groups: tuple[IndicatorGroup, ...]
    ranks: tuple[Rank, ...]
    notes: tuple[str, ...] = ()

    def rank_of(self, points: float) -> str:
        """Return the mark earned by a number of points. Raises ValueError below zero or above the total."""
        if not 0 <= points <= self.total_points:
            raise ValueError(word("scorecard_points", most=self.total_points))
        return next(rank.label for rank in self.ranks if points >= rank.minimum)
