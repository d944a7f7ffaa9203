"""Features of the part that is asked: the whole message, and once more the clause and the sentence that ask.

Measured on hands that were not learned from (the part right, hands i, j, k, l): one look at the whole message
86.4, 83.2, 85.6, 87.3 %; with the asking clause, its sentence and the cue words 89.1, 83.0, 88.0, 87.7 %.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from intents.cues import STRONG_WEIGHT, cue_weights
from intents.features import FloatArray
from intents.focus import focus
from intents.normalize import Normalized
from intents.parts import questions, side

WHOLE_WORDS, CLAUSE_WORDS, SENTENCE_WORDS = 60, 14, 25
WHOLE_WEIGHT, SENTENCE_WEIGHT, ACCENT_WEIGHT, LAST_CUE_WEIGHT = 0.6, 0.7, 0.7, 1.5
LONG_TEXT = 40.0
"""A text of so many words counts 1 for its length, one twice as long or longer 2."""
_SENTENCE = re.compile(r"[.?!;\n]+")


def _grams(words: Sequence[str], view: str, longest: int) -> Iterator[str]:
    for size in range(1, longest + 1):
        for start in range(len(words) - size + 1):
            yield view + " ".join(words[start : start + size])


def _asking_sentence(form: Normalized) -> tuple[str, ...]:
    """The last sentence with a question word, else the last one."""
    sentences = [side(piece) for piece in _SENTENCE.split(form.text) if piece.strip()]
    asking = [sentence for sentence in sentences if questions(sentence)] or sentences[-1:]
    return asking[-1].folded_tokens if asking else ()


def asked_features(form: Normalized) -> dict[str, float]:
    """Name -> weight; the whole is of length 1."""
    found: dict[str, float] = {}

    def add(grams: Iterable[str], weight: float) -> None:
        for gram in grams:
            found[gram] = weight

    clause = focus(form)
    add(_grams(form.folded_tokens[-WHOLE_WORDS:], "w:", 2), WHOLE_WEIGHT)
    add(_grams(["^", *clause.folded_tokens[-CLAUSE_WORDS:], "$"], "q:", 3), 1.0)
    add(_grams(clause.tokens[-CLAUSE_WORDS:], "a:", 2), ACCENT_WEIGHT)
    add(_grams(["^", *_asking_sentence(form)[-SENTENCE_WORDS:], "$"], "s:", 2), SENTENCE_WEIGHT)
    cues = cue_weights(form)
    last = max((end for weight, end in cues.values() if weight >= STRONG_WEIGHT), default=0)
    for facet, (weight, end) in cues.items():
        found[f"cue:{facet}"] = weight
        found[f"cue:{facet}:{weight}:{end >= last}"] = LAST_CUE_WEIGHT
    strong = sorted(name for name, (weight, _) in cues.items() if weight >= STRONG_WEIGHT and name != "overview")
    found["cues:" + "+".join(strong)] = 1.0
    for facet, (weight, _) in cue_weights(clause).items():
        found[f"clause cue:{facet}"] = weight
    found["words"] = min(len(form.tokens), 2 * LONG_TEXT) / LONG_TEXT
    length = math.sqrt(sum(weight * weight for weight in found.values()))
    return {name: weight / length for name, weight in found.items()}


def likeliest(facets: Sequence[str], margins: FloatArray) -> tuple[str, float]:
    """(the part of the highest margin, its lead over the next one)."""
    order = np.argsort(-margins, kind="stable")
    return facets[int(order[0])], float(margins[order[0]] - margins[order[1]])


@dataclass(frozen=True)
class Asked:
    """A linear classifier of the part asked. `position` of each known feature; `weights` features x facets."""

    facets: tuple[str, ...]
    position: Mapping[str, int]
    weights: FloatArray
    bias: FloatArray

    def facet_of(self, form: Normalized) -> tuple[str, float]:
        """(the part asked, its lead over the next one)."""
        return likeliest(self.facets, self.margins(form))

    def margins(self, form: Normalized) -> FloatArray:
        """One number for each of `facets`, the highest for the likeliest."""
        place_of = self.position.get
        found = asked_features(form)
        known = {place: weight for name, weight in found.items() if (place := place_of(name)) is not None}
        if not known:
            return self.bias
        places = np.fromiter(known, np.int32, len(known))
        values = np.fromiter(known.values(), np.float32, len(known))
        return values @ self.weights[places] + self.bias
