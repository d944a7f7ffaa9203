"""What a report is about: the categories of ``categories.yaml``, guessed from the resident's words, with or without
marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from bot.cases.wording import Words, read_words

OTHER = "khac"
_TABLE = Path(__file__).with_name("categories.yaml")
_WEAK = 0.25
"""A word that often only says where ("gần chợ") weighs little beside one that says what."""
_FOLDED_WEIGHT = 0.8
"""A cue found without its marks counts less than one typed in full, more than none."""


@dataclass(frozen=True, slots=True)
class Level:
    """How quickly a case is due. ``working_hours`` are hours of the office."""

    id: str
    name: str
    working_hours: int


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of report. ``unit`` is the role of the unit that gets it first; ``level`` an id of :func:`levels`."""

    id: str
    name: str
    short: str
    level: str
    unit: str
    cues: tuple[Words, ...] = field(repr=False, default=())
    weak_cues: tuple[Words, ...] = field(repr=False, default=())
    urgent_cues: tuple[Words, ...] = field(repr=False, default=())


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text seems to be about. ``sure`` 0 to 1; ``others`` the next likeliest, best first."""

    category: str
    level: str
    sure: float
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Table:
    categories: Mapping[str, Category]
    levels: Mapping[str, Level]
    urgent_anywhere: tuple[Words, ...]
    initiative_working_hours: int


def _words(texts: Iterable[str]) -> tuple[Words, ...]:
    return tuple(read_words(text) for text in texts)


@cache
def _table() -> _Table:
    document = yaml.safe_load(_TABLE.read_text("utf-8"))
    levels = {name: Level(name, **row) for name, row in document["levels"].items()}
    categories = {
        name: Category(
            name,
            row["name"],
            row["short"],
            row["level"],
            row["unit"],
            _words(row["cues"]),
            _words(row.get("weak_cues", ())),
            _words(row.get("urgent_cues", ())),
        )
        for name, row in document["categories"].items()
    }
    return _Table(categories, levels, _words(document["urgent_anywhere"]), document["initiative_working_hours"])


def categories() -> Mapping[str, Category]:
    """Every category by its id, in the order they are offered; ``khac`` (anything else) comes last."""
    return _table().categories


def levels() -> Mapping[str, Level]:
    """urgent, normal and complex, with their working hours."""
    return _table().levels


def initiative_working_hours() -> int:
    """How long the commune takes to assess an initiative."""
    return _table().initiative_working_hours


def guess_category(text: str) -> Guess:
    """Guess a report's category and level from its words. ``khac`` and 0 where no cue is found.

    Longer cues weigh more than short ones, and letters typed with marks more than without.
    """
    table = _table()
    words = read_words(text)
    scores = {
        name: _score(words, category.cues) + _WEAK * _score(words, category.weak_cues)
        for name, category in table.categories.items()
    }
    ranked = sorted((name for name, score in scores.items() if score > 0), key=lambda name: -scores[name])
    if not ranked:
        return Guess(OTHER, _level(words, table.categories[OTHER], table), 0.0)
    best = ranked[0]
    total = sum(scores.values())
    return Guess(best, _level(words, table.categories[best], table), scores[best] / total, tuple(ranked[1:4]))


def level_of(category_id: str, text: str) -> str:
    """The level a report of this category starts with: urgent where its words say so. KeyError for an unknown one."""
    table = _table()
    return _level(read_words(text), table.categories[category_id], table)


def _level(words: Words, category: Category, table: _Table) -> str:
    if any(words.contains(cue) for cue in (*category.urgent_cues, *table.urgent_anywhere)):
        return "urgent"
    return category.level


def _score(words: Words, cues: Iterable[Words]) -> float:
    score = 0.0
    for cue in cues:
        length = len(cue.folded) ** 1.6
        if words.contains_marked(cue):
            score += length
        elif words.has_few_marks and words.contains(cue):
            score += _FOLDED_WEIGHT * length
    return score
