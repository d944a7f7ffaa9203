"""The fitted matcher: a linear classifier and the nearest examples over one vocabulary. Needs numpy and scipy only.

score of a label = log-softmax(5 x margin) + 3 x cosine to its nearest example (weights measured once, not tuned).
Stored as model.npz and model.json; nothing that could run code is loaded.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from intents.asked import Asked
from intents.features import FloatArray, IntArray, Vocabulary, count_grams

MARGIN_WEIGHT = 5.0
NEIGHBOUR_WEIGHT = 3.0
NEIGHBOUR_LABELS = 5
"""Labels whose examples a text is compared with. Measured on hands left out (7,143 lines): right first 94.8 % with ten
labels and out of scope always, 94.9 % with five, right in three the same, in six tenths of the time."""
POINTER_NEARNESS = 0.8
"""Least similarity to an out-of-scope example to point where it points; a text to itself has SELF_SIMILARITY."""


@dataclass(frozen=True, slots=True)
class Match:
    """Every label's numbers for one text, aligned with `labels`; `share_known` is the part of features known."""

    labels: Sequence[str]
    probability: FloatArray
    margin: FloatArray
    similarity: FloatArray
    follow_margin: float
    pointer: str | None
    share_known: float
    words: int

    def ranked(self) -> npt.NDArray[np.intp]:
        """Label positions, best first; equal scores keep catalogue order."""
        return np.argsort(-self.probability, kind="stable")


@dataclass(frozen=True)
class Model:
    """See the module. `examples` is examples x features, no row empty, the rows of a label together, out of scope last;
    `example_label` is the label position of each example, `example_pointer` the pointer of each out-of-scope one."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    weights: FloatArray
    bias: FloatArray
    examples: sparse.csr_matrix
    example_label: IntArray
    example_pointer: tuple[str, ...]
    label_starts: IntArray
    follow_weights: FloatArray
    follow_bias: float
    asked: Asked
    asked_alone: Asked
    exact: Mapping[str, str]

    def match(self, accented: Sequence[str], folded: Sequence[str]) -> Match:
        """Scores the words of one text (as `features.words_of` gives them)."""
        counts = count_grams(accented, folded)
        positions, values = self.vocabulary.vector(counts)
        margin = values @ self.weights[positions] + self.bias
        follow = float(values @ self.follow_weights[positions]) + self.follow_bias
        nearness, similarity = self._nearest(positions, values, margin)
        score = MARGIN_WEIGHT * margin
        score = score - score.max()
        score = score - np.log(np.exp(score).sum()) + NEIGHBOUR_WEIGHT * similarity
        score = np.exp(score - score.max())
        known = len(positions) / max(1, len(counts))
        return Match(
            self.labels, score / score.sum(), margin, similarity, follow, self._pointer(nearness), known, len(folded),
        )  # fmt: skip

    def _nearest(self, positions: IntArray, values: FloatArray, margin: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(cosine to each out-of-scope example, cosine to the nearest example of each label).

        Only the labels of the largest margins are compared, the others stay at 0; no cosine where out of scope is none
        of them.
        """
        text = np.zeros(len(self.vocabulary.idf), np.float32)
        text[positions] = values
        similarity = np.zeros(len(margin), np.float32)
        outside = np.zeros(0, np.float32)
        for label in np.argsort(-margin, kind="stable")[:NEIGHBOUR_LABELS].tolist():
            near = self._blocks[label] @ text
            similarity[label] = near.max()
            if label == len(self.labels) - 1:
                outside = near
        return outside, similarity

    @cached_property
    def _blocks(self) -> tuple[sparse.csr_matrix, ...]:
        """The examples of each label; they share the memory of all."""
        bounds = [*self.label_starts.tolist(), len(self.example_label)]
        rows, data, columns = self.examples.indptr, self.examples.data, self.examples.indices
        blocks = []
        for first, last in itertools.pairwise(bounds):
            start, end = rows[first], rows[last]
            parts = (data[start:end], columns[start:end], rows[first : last + 1] - start)
            blocks.append(sparse.csr_matrix(parts, shape=(last - first, self.examples.shape[1]), copy=False))
        return tuple(blocks)

    def _pointer(self, nearness: FloatArray) -> str | None:
        names, owner, places = self._pointers
        if not names or not len(nearness):
            return None
        best = np.zeros(len(names), np.float32)
        np.maximum.at(best, owner, nearness[places])
        first = max(range(len(names)), key=lambda one: (best[one], names[one]))
        return names[first] if best[first] >= POINTER_NEARNESS else None

    @cached_property
    def _pointers(self) -> tuple[tuple[str, ...], IntArray, IntArray]:
        """The pointers' names; for each example that has one, which it is and where the example stands."""
        told = [(place, name) for place, name in enumerate(self.example_pointer) if name]
        names = tuple(sorted({name for _, name in told}))
        number = {name: position for position, name in enumerate(names)}
        owner = np.array([number[name] for _, name in told], np.int32)
        places = np.array([place for place, _ in told], np.int32)
        return names, owner, places

    def save(self, folder: Path) -> None:
        """Writes model.npz and model.json into `folder`."""
        np.savez(
            folder / "model.npz",
            idf=self.vocabulary.idf, view=self.vocabulary.view, weights=self.weights.astype(np.float16),
            bias=self.bias, example_data=self.examples.data.astype(np.float16),
            example_indices=self.examples.indices, example_indptr=self.examples.indptr,
            example_label=self.example_label, label_starts=self.label_starts,
            follow_weights=self.follow_weights.astype(np.float16), follow_bias=np.float32(self.follow_bias),
            asked_weights=self.asked.weights.astype(np.float16), asked_bias=self.asked.bias,
            alone_weights=self.asked_alone.weights.astype(np.float16), alone_bias=self.asked_alone.bias,
        )  # fmt: skip
        names = {
            "labels": self.labels, "facets": self.asked.facets, "vocabulary": list(self.vocabulary.position),
            "asked": list(self.asked.position), "asked_alone": list(self.asked_alone.position),
            "example_pointer": self.example_pointer, "exact": dict(self.exact),
        }  # fmt: skip
        (folder / "model.json").write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Model:
        """Reads what `save` wrote. Raises OSError or ValueError where files are missing or damaged."""
        names = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        with np.load(folder / "model.npz", allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        position = {gram: place for place, gram in enumerate(names["vocabulary"])}
        shape = (len(arrays["example_label"]), len(position))
        examples = sparse.csr_matrix(
            (arrays["example_data"].astype(np.float32), arrays["example_indices"], arrays["example_indptr"]),
            shape=shape,
        )
        return cls(
            labels=tuple(names["labels"]),
            vocabulary=Vocabulary(position, arrays["idf"], arrays["view"]),
            weights=arrays["weights"].astype(np.float32),
            bias=arrays["bias"],
            examples=examples,
            example_label=arrays["example_label"],
            example_pointer=tuple(names["example_pointer"]),
            label_starts=arrays["label_starts"],
            follow_weights=arrays["follow_weights"].astype(np.float32),
            follow_bias=float(arrays["follow_bias"]),
            asked=_asked(names["facets"], names["asked"], arrays["asked_weights"], arrays["asked_bias"]),
            asked_alone=_asked(names["facets"], names["asked_alone"], arrays["alone_weights"], arrays["alone_bias"]),
            exact=names["exact"],
        )


def _asked(facets: Sequence[str], names: Sequence[str], weights: FloatArray, bias: FloatArray) -> Asked:
    position = {name: place for place, name in enumerate(names)}
    return Asked(tuple(facets), position, weights.astype(np.float32), bias)
