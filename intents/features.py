"""Text to numbers, the same code when the model is built and when it is used.

Three views (weights measured): character 2-4-grams of the words without marks (1.0), words and word pairs without
marks (0.6), words and word pairs with marks (0.5). Each view is TF-IDF with sublinear counts, of length 1 before
weighting.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from intents.countries import MARK, speaks_of_abroad
from intents.normalize import Normalized

VIEWS: tuple[tuple[str, float], ...] = (("c", 1.0), ("w", 1.2), ("a", 0.7))
MAX_WORDS = 320

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]


@lru_cache(maxsize=16384)
def _character_grams(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple("c" + padded[start : start + size] for size in (2, 3, 4) for start in range(len(padded) - size + 1))


def words_of(normalized: Normalized) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words with and without marks, at most MAX_WORDS: the beginning and the end of a long story."""
    accented, folded = normalized.tokens, normalized.folded_tokens
    if len(accented) > MAX_WORDS:
        half = MAX_WORDS // 2
        accented, folded = accented[:half] + accented[-half:], folded[:half] + folded[-half:]
    if speaks_of_abroad(" ".join(folded)):
        accented, folded = (*accented, MARK), (*folded, MARK)
    return accented, folded


def count_grams(accented: Sequence[str], folded: Sequence[str]) -> Counter[str]:
    """How often each feature (its view in the first letter) occurs."""
    counts: Counter[str] = Counter(itertools.chain.from_iterable(map(_character_grams, folded)))
    for view, words in (("w", folded), ("a", accented)):
        counts.update([view + word for word in words])
        counts.update([f"{view}{first} {second}" for first, second in itertools.pairwise(words)])
    return counts


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Known features: `position` of each, `idf` and `view` (index into VIEWS) by position."""

    position: Mapping[str, int]
    idf: FloatArray
    view: IntArray

    def vector(self, counts: Mapping[str, int]) -> tuple[IntArray, FloatArray]:
        """(positions, values) of one text; both empty where no feature is known."""
        place_of = self.position.get
        found = {place: count for gram, count in counts.items() if (place := place_of(gram)) is not None}
        if not found:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        positions = np.fromiter(found, np.int32, len(found))
        amounts = np.fromiter(found.values(), np.float32, len(found))
        values = (1.0 + np.log(amounts)) * self.idf[positions]
        views = self.view[positions]
        for index, (_, weight) in enumerate(VIEWS):
            chosen = views == index
            length = math.sqrt(float(np.dot(values[chosen], values[chosen])))
            if length > 0.0:
                values[chosen] *= weight / length
        return positions, values.astype(np.float32)


def build_vocabulary(texts: Iterable[Mapping[str, int]], minimum: int = 2) -> Vocabulary:
    """The features that stand in at least `minimum` of the texts, in sorted order, with smoothed idf."""
    document_counts: Counter[str] = Counter()
    total = 0
    for counts in texts:
        document_counts.update(counts.keys())
        total += 1
    kept = sorted(gram for gram, seen in document_counts.items() if seen >= minimum)
    letters = [view for view, _ in VIEWS]
    idf = np.array([math.log((1 + total) / (1 + document_counts[gram])) + 1.0 for gram in kept], np.float32)
    view = np.array([letters.index(gram[0]) for gram in kept], np.int32)
    return Vocabulary({gram: place for place, gram in enumerate(kept)}, idf, view)
