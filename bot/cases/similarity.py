"""Which open cases may tell of the same thing: by words with and without marks, by place and by time.

Words weigh by how rare they are among the open cases (as in tf-idf), ways of saying one thing count as one
(``synonyms.yaml``), and a village named on both sides speaks for or against. An index holds thousands of cases; a
search looks at postings of the rarer words first and only then compares letters.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import yaml
from rapidfuzz import fuzz

from bot.cases.wording import _SYNONYMS, Words, read_words

DAY_MS = 86_400_000
_CONCEPT_WEIGHT = 2.0
_PAIR_WEIGHT = 0.6
_MARKED_WEIGHT = 0.35
_MOST_POSTINGS = 600
"""A word in more cases than this tells little and costs much: it counts only once candidates are chosen."""
_CANDIDATES = 40
_LETTERS_SHARE = 0.3
_SAME_VILLAGE, _OTHER_VILLAGE = 1.25, 0.55
_SAME_CATEGORY, _OTHER_CATEGORY = 1.1, 0.8
_FRESH_DAYS, _OLD_SHARE = 14.0, 0.85
LEAST_SCORE = 0.2
"""Below this, two texts share little more than the language."""


@dataclass(frozen=True, slots=True)
class Gist:
    """An open case as the search sees it. ``village`` is an id or "", ``text`` its words, masked."""

    code: str
    text: str = field(repr=False)
    category: str = ""
    village: str = ""
    filed_ms: int = 0


@dataclass(frozen=True, slots=True)
class Match:
    """A likely twin; ``score`` 0 to 1."""

    code: str
    score: float


@dataclass(frozen=True, slots=True)
class _Prepared:
    gist: Gist
    folded: str
    features: Mapping[str, float]


@cache
def _concepts() -> tuple[Mapping[str, tuple[tuple[str, str, str], ...]], frozenset[str]]:
    document = yaml.safe_load(_SYNONYMS.read_text("utf-8"))
    by_first: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for concept, phrases in document["concepts"].items():
        for phrase in phrases:
            words = read_words(phrase)
            by_first[words.folded[0]].append((words.folded_line, words.line, concept))
    stop = frozenset(word for text in document["stop"] for word in read_words(str(text)).folded)
    return {first: tuple(rows) for first, rows in by_first.items()}, stop


def _features(words: Words) -> dict[str, float]:
    """What a text says, each thing with its weight: concepts, words without marks, pairs of them, words with marks."""
    phrases, stop = _concepts()
    found: dict[str, float] = {}
    for word in set(words.folded):
        for folded_line, line, concept in phrases.get(word, ()):
            if folded_line in words.folded_line and (words.has_few_marks or line in words.line):
                found[f"@{concept}"] = _CONCEPT_WEIGHT
    for marked, folded in zip(words.marked, words.folded, strict=True):
        if folded in stop or len(folded) == 1:
            continue
        found[folded] = 1.0
        if marked != folded:
            found[f"={marked}"] = _MARKED_WEIGHT
    for first, second in pairwise(words.folded):
        if first not in stop or second not in stop:
            found[f"{first} {second}"] = _PAIR_WEIGHT
    return found


class _Rarities(dict[str, float]):
    """How much a word tells, worked out once in a search: the fewer cases have it, the more."""

    def __init__(self, cases: int, postings: Mapping[str, set[str]]) -> None:
        super().__init__()
        self._cases = cases
        self._postings = postings

    def __missing__(self, feature: str) -> float:
        holders = self._postings.get(feature)
        rarity = math.log(1 + (self._cases + 1) / ((len(holders) if holders else 0) + 0.5))
        self[feature] = rarity
        return rarity


class SimilarIndex:
    """The open cases of one commune and kind. Not thread-safe: one owner changes and asks it."""

    def __init__(self, gists: Iterable[Gist] = ()) -> None:
        self._cases: dict[str, _Prepared] = {}
        self._postings: dict[str, set[str]] = defaultdict(set)
        for gist in gists:
            self.put(gist)

    def __len__(self) -> int:
        return len(self._cases)

    def __contains__(self, code: str) -> bool:
        return code in self._cases

    def put(self, gist: Gist) -> None:
        """Add a case, or renew it."""
        self.remove(gist.code)
        words = read_words(gist.text)
        prepared = _Prepared(gist, words.folded_line.strip(), _features(words))
        self._cases[gist.code] = prepared
        for feature in prepared.features:
            self._postings[feature].add(gist.code)

    def remove(self, code: str) -> None:
        """Forget a case; one it does not hold is no mistake."""
        known = self._cases.pop(code, None)
        for feature in known.features if known else ():
            self._postings[feature].discard(code)

    def search(
        self, text: str, *, category: str = "", village: str = "", now_ms: int = 0, limit: int = 5
    ) -> list[Match]:
        """The likest cases, best first, ``limit`` at most, none below :data:`LEAST_SCORE`.

        ``category`` and ``village`` may be "": then they speak neither for nor against.
        """
        words = read_words(text)
        features = _features(words)
        if words.has_few_marks:
            features = {name: weight for name, weight in features.items() if not name.startswith("=")}
        rarities = _Rarities(len(self._cases), self._postings)
        weights = {name: weight * rarities[name] for name, weight in features.items()}
        candidates: Counter[str] = Counter()
        for name, weight in weights.items():
            holders = self._postings.get(name, ())
            if len(holders) <= _MOST_POSTINGS:
                for code in holders:
                    candidates[code] += weight  # type: ignore[assignment]
        folded = words.folded_line.strip()
        scored = (
            Match(code, self._score(self._cases[code], weights, rarities, folded, category, village, now_ms))
            for code, _weight in candidates.most_common(_CANDIDATES)
        )
        likely = [match for match in scored if match.score >= LEAST_SCORE]
        return sorted(likely, key=lambda match: (-match.score, match.code))[:limit]

    def _score(
        self,
        case: _Prepared,
        weights: Mapping[str, float],
        rarities: _Rarities,
        folded: str,
        category: str,
        village: str,
        now_ms: int,
    ) -> float:
        shared = sum(weight for name, weight in weights.items() if name in case.features)
        own = sum(weights.values())
        without_marks = not any(name.startswith("=") for name in weights)
        theirs = sum(
            weight * rarities[name]
            for name, weight in case.features.items()
            if not (without_marks and name.startswith("="))
        )
        if not own or not theirs:
            return 0.0
        # The geometric mean forgives one long and one short telling of the same thing.
        overlap = shared / math.sqrt(own * theirs)
        letters = fuzz.token_set_ratio(folded, case.folded) / 100
        score = (1 - _LETTERS_SHARE) * math.sqrt(overlap) + _LETTERS_SHARE * max(0.0, (letters - 0.4) / 0.6)
        if village and case.gist.village:
            score *= _SAME_VILLAGE if village == case.gist.village else _OTHER_VILLAGE
        if category and case.gist.category:
            score *= _SAME_CATEGORY if category == case.gist.category else _OTHER_CATEGORY
        if now_ms and case.gist.filed_ms and now_ms - case.gist.filed_ms > _FRESH_DAYS * DAY_MS:
            score *= _OLD_SHARE
        return min(score, 1.0)
