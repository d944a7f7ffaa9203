"""Finds procedures by code, by official name, and by plain words. Holds a few thousand of them in memory.

A name is compared as weighted words and pairs of neighbouring words: a word that few names have weighs more, so
"giám sát" tells more than "đăng ký". Two figures come of it, both from 0 to 100: ``likeness`` (how nearly the message
IS the name; words and pairs) and ``coverage`` (how much of what the message says the name has; words alone).
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np
import yaml
from rapidfuzz.distance import Indel

from knowledge.portal.cleaning import folded, marked
from knowledge.portal.procedure import Listing, Procedure
from knowledge.portal.words import FOLDER, cues

NAME_LIKENESS = 95.0
"""From here on a message is the official name itself, a slip or two allowed."""
NEAR_LIKENESS = 88.0
"""From here on a message is so near a name that it is worth asking whether it is meant."""
LIKELY_LONGER = 60.0
"""From here on a name that has all the words of the message may be meant, though it is longer."""
RARE = 3
LIKEST_SAYING = 94.0
"""What residents say for a procedure is never its name: at the likest they are asked whether they mean it."""
LEAD = 2.0
"""So far the best must be ahead of the second to be taken without asking."""
ALIKE = 0.6
"""Share of letters two words must share to be one word with a slip."""
LEAST_COVERAGE = 80.0
LEAST_LIKENESS_OF_WORDS = 20.0
"""Below both of these a name has nothing to do with the words."""
COVERAGE_BEHIND = 10.0
"""A hit this far behind the best coverage is not offered beside it."""
LEAST_WORDS = 3
"""Plain words fewer than this fit too many names."""
MOST_OFFERED = 4
LONGEST_QUERY = 2_000
_BRACKETS = re.compile(r"\(([^()]{1,60})\)")
_LEVEL = "cap "
"""Folded beginning of a level in brackets, "(cấp xã)"; other words in brackets belong to the name."""

Kind = Literal["confident", "choices", "none"]


@dataclass(frozen=True, slots=True)
class Hit:
    """One procedure found, with the two figures of the module's heading."""

    procedure: Procedure
    likeness: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to: one procedure ("confident"), some to choose from, or none; best first.

    ``same_name`` tells that the choices share one official name.
    """

    kind: Kind
    hits: tuple[Hit, ...] = ()
    same_name: bool = False


NOTHING = Found("none")


@dataclass(frozen=True, slots=True)
class _Entry:
    procedure: Procedure
    key: str
    marked: str
    tier: int


@dataclass(frozen=True, slots=True)
class _Text:
    """A way a procedure is called: its name, or what residents say for it."""

    code: str
    key: str
    features: frozenset[str]
    weight: float
    is_name: bool


class ProcedureIndex:
    """An unchanging set of procedures, ready to be searched."""

    def __init__(self, procedures: Iterable[Procedure], said: Iterable[tuple[str, str]] = ()) -> None:
        """``said``: (code, what residents say for it); codes that are not there are passed over."""
        self.procedures: Mapping[str, Procedure] = {one.code: one for one in procedures}
        self._entries: dict[str, _Entry] = {
            code: _Entry(one, name_key(one.listing.name), marked(one.listing.name), tier_of(one.listing))
            for code, one in self.procedures.items()
        }
        keys = [(code, entry.key, True) for code, entry in self._entries.items()]
        keys.extend((code, name_key(words), False) for code, words in said if code in self._entries)
        counts = Counter(feature for _code, key, _is_name in keys for feature in _features(key))
        self._rarest = math.log(len(keys) + 1.0) + 1.0
        self._weights = {feature: math.log((len(keys) + 1.0) / count) + 1.0 for feature, count in counts.items()}
        self._texts: list[_Text] = []
        having: defaultdict[str, list[int]] = defaultdict(list)
        for position, (code, key, is_name) in enumerate(keys):
            features = _features(key)
            self._texts.append(_Text(code, key, features, self._weight(features), is_name))
            for feature in features:
                having[feature].append(position)
        self._having = {feature: np.array(positions) for feature, positions in having.items()}
        self._text_weights = np.array([text.weight for text in self._texts])

    def by_code(self, code: str) -> Procedure | None:
        """The procedure of exactly this code; a mistyped one finds nothing rather than a neighbour."""
        return self.procedures.get(code)

    def by_name(self, text: str) -> Found:
        """Find what a message that is, or nearly is, an official name means, with marks or without."""
        near = self._hits(text)
        hits = [hit for hit in near if hit.likeness >= NEAR_LIKENESS]
        if not hits:
            return NOTHING
        best = hits[0]
        twins = [hit for hit in hits if self._key(hit) == self._key(best)]
        if len(twins) > 1:
            return Found("choices", tuple(self._in_force_first(twins))[:MOST_OFFERED], same_name=True)
        if best.likeness >= 100.0 or self._is_surely(text, best, hits):
            return Found("confident", (best,))
        # "rút yêu cầu …" is one word from "yêu cầu …", but all of it is in "rút yêu cầu … của người …".
        hits.extend(
            hit for hit in near if LIKELY_LONGER <= hit.likeness < NEAR_LIKENESS and hit.coverage > best.coverage + LEAD
        )
        hits.sort(
            key=lambda hit: (
                hit.likeness < NAME_LIKENESS and self._entries[hit.procedure.code].tier == RARE,
                -round(hit.coverage),
                -hit.likeness,
            )
        )
        return Found("choices", tuple(hits[:MOST_OFFERED]))

    def by_words(self, text: str) -> Found:
        """Find what plain words may mean: everyday procedures first, rare ones never before them."""
        if len(_without_frame(folded(text[:LONGEST_QUERY])).split()) < LEAST_WORDS:
            return NOTHING
        usable = [
            hit
            for hit in self._hits(text)
            if hit.coverage >= LEAST_COVERAGE and hit.likeness >= LEAST_LIKENESS_OF_WORDS
        ]
        if not usable:
            return NOTHING
        floor = max(hit.coverage for hit in usable) - COVERAGE_BEHIND
        near = [hit for hit in usable if hit.coverage >= floor]
        near.sort(key=lambda hit: (self._entries[hit.procedure.code].tier, -hit.coverage, -hit.likeness))
        return Found("choices", tuple(near[:MOST_OFFERED]))

    def find(self, text: str) -> list[Hit]:
        """Everything near a text, best first, for people who look procedures up."""
        hits = [hit for hit in self._hits(text) if hit.coverage >= 50.0 or hit.likeness >= 50.0]
        named = [hit for hit in hits if hit.likeness >= NAME_LIKENESS]
        rest = [hit for hit in hits if hit.likeness < NAME_LIKENESS]
        rest.sort(key=lambda hit: (self._entries[hit.procedure.code].tier, -hit.coverage, -hit.likeness))
        return [*named, *rest]

    def _hits(self, text: str) -> list[Hit]:
        """All procedures that share a word with the text, the likest first."""
        text = text[:LONGEST_QUERY]
        whole = name_key(text)
        bare = _without_frame(whole)
        best: dict[str, tuple[float, float]] = {}
        # The frame is stripped for a question around a name; a name may itself begin with "hồ sơ".
        for key in dict.fromkeys((whole, bare)):
            for code, figures in self._figures(key).items():
                best[code] = _better(best.get(code, (0.0, 0.0)), figures)
        with_marks = marked(text)
        return sorted(
            (Hit(self.procedures[code], likeness, coverage) for code, (likeness, coverage) in best.items()),
            key=lambda hit: (
                -hit.likeness,
                -hit.coverage,
                with_marks != self._entries[hit.procedure.code].marked,
                hit.procedure.code,
            ),
        )

    def _figures(self, key: str) -> dict[str, tuple[float, float]]:
        features = _features(key)
        if not features:
            return {}
        weight = self._weight(features)
        telling = frozenset(word for word in features if " " not in word and word not in _filler())
        weight_of_words = self._weight(telling)
        shared = np.zeros(len(self._texts))
        shared_words = np.zeros(len(self._texts))
        for feature in sorted(features):
            positions = self._having.get(feature)
            if positions is not None:
                shared[positions] += self._weights[feature]
                if feature in telling:
                    shared_words[positions] += self._weights[feature]
        likenesses = 200.0 * shared / (weight + self._text_weights)
        coverages = 100.0 * shared_words / weight_of_words if telling else shared_words
        near = np.flatnonzero((likenesses >= LEAST_LIKENESS_OF_WORDS) | (coverages >= LEAST_COVERAGE))
        figures: dict[str, tuple[float, float]] = {}
        for position in near.tolist():
            text = self._texts[position]
            likeness, coverage = float(likenesses[position]), float(coverages[position])
            if likeness > 50.0:
                likeness = max(likeness, 100.0 * Indel.normalized_similarity(key, text.key))
            if not text.is_name:
                likeness = min(likeness, LIKEST_SAYING)
            elif text.key != key:
                likeness = min(likeness, 99.9)
            if likeness >= LEAST_LIKENESS_OF_WORDS or coverage >= LEAST_COVERAGE:
                figures[text.code] = _better(figures.get(text.code, (0.0, 0.0)), (likeness, coverage))
        return figures

    def _weight(self, features: Iterable[str]) -> float:
        # Rounding errors of a sum depend on its order, and a set's order on the process: add up in a fixed one.
        return math.fsum(self._weights.get(feature, self._rarest) for feature in features)

    def _is_surely(self, text: str, best: Hit, hits: Sequence[Hit]) -> bool:
        """Tell whether a text that is not quite a name can mean no other: it differs by slips of the hand alone, no
        other name is as near, and none begins with the whole text (its end may only be missing)."""
        if best.likeness < NAME_LIKENESS or (len(hits) > 1 and best.likeness - hits[1].likeness < LEAD):
            return False
        whole, name = name_key(text[:LONGEST_QUERY]), self._key(best)
        if not any(_slips_only(key.split(), name.split()) for key in (whole, _without_frame(whole))):
            return False
        return not any(entry.key.startswith(whole) for entry in self._entries.values() if entry.key != name)

    def _key(self, hit: Hit) -> str:
        return self._entries[hit.procedure.code].key

    @staticmethod
    def _in_force_first(hits: Sequence[Hit]) -> list[Hit]:
        return sorted(hits, key=lambda hit: (hit.procedure.listing.status != "current", hit.procedure.code))


def _better(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return max(one[0], other[0]), max(one[1], other[1])


def name_key(name: str) -> str:
    """The form in which names are compared: folded, without "thủ tục" before it and the level in brackets."""
    key = folded(_BRACKETS.sub(_without_level, name))
    return key.removeprefix("thu tuc ") or key


def _without_level(brackets: re.Match[str]) -> str:
    return " " if folded(brackets.group(1)).removeprefix("thu tuc ").startswith(_LEVEL) else brackets.group()


def tier_of(listing: Listing) -> int:
    """1 for what people need every day, 2 for the rest, 3 for what hardly anyone needs (ranking.yaml)."""
    everyday_fields, rare_fields, rare_words = _ranking()
    name = f" {folded(listing.name)} "
    if any(f" {phrase} " in name for phrase in rare_words):
        return 3
    if listing.everyday is not None:
        return 1 if listing.everyday else 3 if listing.field in rare_fields else 2
    if listing.field in everyday_fields:
        return 1
    return 3 if listing.field in rare_fields else 2


@cache
def _ranking() -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    document = yaml.safe_load((FOLDER / "ranking.yaml").read_text("utf-8"))
    return (
        frozenset(document["everyday_fields"]),
        frozenset(document["rare_fields"]),
        tuple(folded(phrase) for phrase in document["rare_words"]),
    )


def _features(key: str) -> frozenset[str]:
    words = key.split()
    return frozenset([*words, *(" ".join(pair) for pair in pairwise(words))])


def _slips_only(words: Sequence[str], of_name: Sequence[str]) -> bool:
    """Tell whether two texts have the same words but for slips; a word more or less may turn the meaning round."""
    return len(words) == len(of_name) and all(
        one == other or Indel.normalized_similarity(one, other) >= ALIKE
        for one, other in zip(words, of_name, strict=True)
    )


@cache
def _filler() -> frozenset[str]:
    return frozenset(folded(cue) for cue in cues("filler"))


@cache
def _frames() -> tuple[tuple[str, ...], tuple[str, ...]]:
    def longest_first(name: str) -> tuple[str, ...]:
        return tuple(sorted((folded(cue) for cue in cues(name)), key=len, reverse=True))

    return longest_first("before_the_name"), longest_first("after_the_name")


def _without_frame(key: str) -> str:
    """Strip what stands around a name in a question, as long as two words are left."""
    before, after = _frames()
    stripped = True
    while stripped:
        stripped = False
        for cue in before:
            if key.startswith(cue + " ") and key.count(" ") - cue.count(" ") >= 2:
                key, stripped = key[len(cue) + 1 :], True
                break
        for cue in after:
            if key.endswith(" " + cue) and key.count(" ") - cue.count(" ") >= 2:
                key, stripped = key[: -len(cue) - 1], True
                break
    return key
