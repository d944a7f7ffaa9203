"""Abbreviations and teencode of residents' messages, from data/lexicon.tsv.

An entry marked ambiguous is read only where its neighbours allow no other sense (column `beside`: one of the words
that must stand directly before or after); anything else keeps the typed token.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of the packaged table `name` (tab-separated, no quoting, first line names the columns)."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`single`: word -> reading; `several`: first word -> (words, reading); `beside`: ambiguous words by neighbour."""

    single: Mapping[str, str]
    several: Mapping[str, tuple[tuple[tuple[str, ...], str], ...]]
    beside: Mapping[str, tuple[tuple[frozenset[str], str], ...]]

    def expand(self, token: str) -> str | None:
        """The reading of `token` where it has but one, else None."""
        return self.single.get(token)

    def phrases(self, found: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Yields (text, words used) over the found tokens: 0 for punctuation, 1 for a word, more for a reading."""
        position, previous = 0, ""
        while position < len(found):
            token = found[position]
            if not (token[0].isalnum() or token[0] == "<" or token[0] == "_"):
                yield token, 0
                position += 1
                continue
            reading, used = self._at(found, position, previous)
            yield (reading, 2) if reading is not None else (token, 1)
            previous = token
            position += used

    def _at(self, found: Sequence[str], position: int, previous: str) -> tuple[str | None, int]:
        token = found[position]
        for words, reading in self.several.get(token, ()):
            if tuple(found[position : position + len(words)]) == words:
                return reading, len(words)
        following = found[position + 1] if position + 1 < len(found) else ""
        for neighbours, reading in self.beside.get(token, ()):
            if previous in neighbours or following in neighbours:
                return reading, 1
        return None, 1


@cache
def load_lexicon() -> Lexicon:
    """The packaged lexicon, read once."""
    single: dict[str, str] = {}
    several: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    beside: dict[str, list[tuple[frozenset[str], str]]] = {}
    for row in read_table("lexicon.tsv"):
        written, reading = row["written"], row["reading"]
        words = tuple(written.split(" "))
        if row["ambiguous"] == "yes":
            beside.setdefault(written, []).append((frozenset(row["beside"].split(" ")), reading))
        elif len(words) > 1:
            several.setdefault(words[0], []).append((words, reading))
        else:
            single[written] = reading
    return Lexicon(
        single,
        {first: tuple(sorted(entries, key=lambda entry: -len(entry[0]))) for first, entries in several.items()},
        {word: tuple(entries) for word, entries in beside.items()},
    )
