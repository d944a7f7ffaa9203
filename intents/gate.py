"""From scores to a decision: how likely is the first label right, and is that sure enough to answer.

A logistic regression over a dozen numbers of the match, fitted on predictions of lines the model had not seen
(`python -m intents.build --calibrate`); weights and thresholds are committed in data/gate.json.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from intents.following import NEVER_FOLLOWS, Following, read_following
from intents.lexicon import DATA
from intents.model import Match
from intents.several import NEVER_SPLITS, Splitter, read_splitter
from intents.understanding import OUT_OF_SCOPE_LABEL

FEATURES = (
    "log_top", "gap", "outside", "similarity", "similarity_best", "margin", "margin_gap", "known", "length",
    "agree_margin", "agree_similar", "is_action", "is_outside", "positive_margins",
    "spread", "similarity_lead", "other_kind", "gap_squared", "margin_squared",
)  # fmt: skip


def gate_features(match: Match) -> list[float]:
    """The numbers the gate weighs, in the order of FEATURES."""
    order = match.ranked()
    first, second = int(order[0]), int(order[1])
    probability, margin, similarity = match.probability, match.margin, match.similarity
    outside = match.labels.index(OUT_OF_SCOPE_LABEL)
    label = match.labels[first]
    return [
        math.log(max(float(probability[first]), 1e-6)),
        math.log(max(float(probability[first]), 1e-6)) - math.log(max(float(probability[second]), 1e-6)),
        float(probability[outside]),
        float(similarity[first]),
        float(similarity.max()),
        float(margin[first]),
        float(margin[first] - max(float(margin[place]) for place in order[1:4])),
        match.share_known,
        math.log1p(match.words),
        1.0 if int(np.argmax(margin)) == first else 0.0,
        1.0 if int(np.argmax(similarity)) == first else 0.0,
        1.0 if label.startswith("@") and label != OUT_OF_SCOPE_LABEL else 0.0,
        1.0 if label == OUT_OF_SCOPE_LABEL else 0.0,
        float((margin > -0.3).sum()),
        float(-(probability * np.log(probability + 1e-9)).sum()),
        float(similarity[first] - max(float(similarity[place]) for place in order[1:4])),
        float(probability[second]) if label.startswith("@") != match.labels[second].startswith("@") else 0.0,
        (math.log(max(float(probability[first]), 1e-6)) - math.log(max(float(probability[second]), 1e-6))) ** 2,
        float(margin[first]) ** 2,
    ]


@dataclass(frozen=True, slots=True)
class Gate:
    """`answer`, `act` and `offer`: the least chances of being right to answer, to open a dialogue, to offer choices.
    `outside`: the least score of out of scope to say so."""

    weights: Sequence[float]
    bias: float
    means: Sequence[float]
    scales: Sequence[float]
    answer: float
    act: float
    offer: float
    outside: float
    splitter: Splitter
    following: Following
    data_hash: str
    measured: Mapping[str, float]

    def confidence(self, match: Match) -> float:
        """Calibrated chance that the first label is right, 0-1."""
        total = self.bias
        for value, weight, mean, scale in zip(gate_features(match), self.weights, self.means, self.scales, strict=True):
            total += weight * (value - mean) / scale
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))

    def is_sure(self, match: Match, label: str, confidence: float) -> bool:
        """Whether what was found would be acted upon: an answer, a dialogue, small talk, or none of our business."""
        if label == OUT_OF_SCOPE_LABEL:
            return float(match.probability.max()) >= self.outside
        return confidence >= (self.act if label.startswith("@") else self.answer)


@cache
def load_gate() -> Gate:
    """The committed gate. Raises OSError or KeyError where data/gate.json is missing or damaged."""
    stored = json.loads((DATA / "gate.json").read_text(encoding="utf-8"))
    missing = {"split", "follow"} - stored.keys()
    if missing:
        raise KeyError(*missing)
    return read_gate(stored)


def read_gate(stored: Mapping[str, Any]) -> Gate:
    """The gate that a calibration described; while it is being fitted it lacks "split" or "follow" and neither splits
    nor follows.

    Raises KeyError where anything else is missing.
    """
    return Gate(
        tuple(stored["weights"][name] for name in FEATURES),
        stored["bias"],
        tuple(stored["means"][name] for name in FEATURES),
        tuple(stored["scales"][name] for name in FEATURES),
        stored["answer"],
        stored["act"],
        stored["offer"],
        stored["outside"],
        read_splitter(stored["split"]) if "split" in stored else NEVER_SPLITS,
        read_following(stored["follow"]) if "follow" in stored else NEVER_FOLLOWS,
        stored["data_hash"],
        stored["measured"],
    )
