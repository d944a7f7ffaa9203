"""What initiatives are asked: fields of the communes' plans, who sends them, how far they are (a table of data)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.cases.wording import Words, read_words

OTHER_FIELD = "khac"
_TABLE = Path(__file__).with_name("initiative_fields.yaml")


@dataclass(frozen=True, slots=True)
class InitiativeField:
    """A field of the plans. ``unit`` is the role of the unit that assesses it first."""

    id: str
    name: str
    unit: str
    cues: tuple[Words, ...] = field(repr=False, default=())


@cache
def _document() -> Mapping[str, Any]:
    document: Mapping[str, Any] = yaml.safe_load(_TABLE.read_text("utf-8"))
    return document


@cache
def initiative_fields() -> Mapping[str, InitiativeField]:
    """Every field by its id, in the order they are offered; ``khac`` comes last."""
    return {
        name: InitiativeField(name, row["name"], row["unit"], tuple(read_words(cue) for cue in row["cues"]))
        for name, row in _document()["fields"].items()
    }


def author_kinds() -> Mapping[str, str]:
    """Who may send an initiative: id and words."""
    return dict(_document()["author_kinds"])


def stages() -> Mapping[str, str]:
    """How far an initiative is: id and words."""
    return dict(_document()["stages"])


def guess_field(text: str) -> str:
    """The field whose cues the text holds most of; ``khac`` where it holds none."""
    words = read_words(text)
    scores = {
        name: sum(len(cue.folded) ** 1.5 for cue in one.cues if words.contains(cue))
        for name, one in initiative_fields().items()
    }
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > 0 else OTHER_FIELD
