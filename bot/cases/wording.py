"""A text as words with and without marks: what guessing a category and finding twins both look at.

Light on purpose: thousands of open cases are read at a worker's start. Abbreviations come from ``synonyms.yaml``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import yaml

from intents.syllables import fold

_WORD = re.compile(r"[^\W_]+")
_SYNONYMS = Path(__file__).with_name("synonyms.yaml")
_FEW_MARKS = 0.25
"""Vietnamese typed with marks has them on two words of three; below this share the marks were left out."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text. ``line`` and ``folded_line`` hold them between single blanks, with one at each end."""

    marked: tuple[str, ...]
    folded: tuple[str, ...]
    line: str
    folded_line: str
    has_few_marks: bool

    def contains(self, other: Words) -> bool:
        """Whether the other's words stand here in their order; marks count where this text was typed with them."""
        return other.folded_line in self.folded_line if self.has_few_marks else self.contains_marked(other)

    def contains_marked(self, other: Words) -> bool:
        """The same, with every mark as written."""
        return other.line in self.line


@lru_cache(maxsize=20_000)
def _folded(word: str) -> str:
    """A word without its marks. The same few thousand words come again and again."""
    return fold(word)


@cache
def _abbreviations() -> Mapping[str, str]:
    document = yaml.safe_load(_SYNONYMS.read_text("utf-8"))
    return {str(short): str(full) for short, full in document["abbreviations"].items()}


def read_words(text: str) -> Words:
    """Split a text into lower-case words (NFC), abbreviations written out."""
    abbreviations = _abbreviations()
    typed = _WORD.findall(unicodedata.normalize("NFC", text).lower())
    marked = [part for word in typed for part in abbreviations.get(word, word).split()]
    folded = [_folded(word) for word in marked]
    with_marks = sum(one != other for one, other in zip(typed, map(_folded, typed), strict=True))
    return Words(
        tuple(marked),
        tuple(folded),
        f" {' '.join(marked)} ",
        f" {' '.join(folded)} ",
        with_marks <= _FEW_MARKS * len(typed),
    )
