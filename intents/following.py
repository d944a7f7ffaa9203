"""Whether a message only asks a part of what was spoken of before: "còn lệ phí?", "con tôi đi thay được không".

Said by a logistic regression over how much the words are those of such questions, how sure a topic of its own was
found, and the length; fitted with the gate on hands the model had not read (data/gate.json, "follow").
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from intents.cues import cue_facets
from intents.normalize import Normalized
from intents.understanding import CHITCHAT_LABEL

FOLLOW_FEATURES = ("margin", "odds", "words", "starts", "small_talk")
MOST_WORDS = 22
"""A longer message stands for itself and is no follow-up."""
ABSORBED_LIMIT = 0.02
"""The most of questions with a topic of their own, rightly found, that may be taken for a follow-up."""
LEAST_MARGIN = -0.1
"""Below it a message without a word of asking a part and without "thế", "còn" is of its own."""
STARTS = {"the": "thế", "con": "còn", "vay": "vậy", "neu": "nếu", "roi": "rồi", "nhung": "nhưng"}
"""How a follow-up often begins (words without marks) -> how it is written with marks."""
_OFTEN_OTHER = ("con", "vay", "the")
"""Those that, typed without marks, are as often a child, a loan, a card: believed only where no word has marks."""
_BEFORE = frozenset(("da", "a", "vang", "o", "u", "ok", "thi"))
"""What may stand before it or between two of them."""
_OTHER_WORDS = re.compile(
    r"con (?:toi|em|minh|gai|trai|chau|be|dau|re|nho|nuoi|ut|lon|dau long)\b|vay (?:von|tien|ngan|no|lai)\b|"
    r"the (?:can|cccd|bhyt|bao hiem|xanh|tu|dang|hoc sinh|thuong binh)\b|roi (?:mat|vi)\b(?! (?:bao|may|sao)\b)|"
    r"nhung (?:ai|gi|loai|doi tuong|truong hop|nguoi (?:nao|nhu))\b"
)
"""What without marks looks like "còn", "vậy", "thế", "rồi", "nhưng" and is a child, a loan, a card, a loss, "những"."""


def beginning(form: Normalized) -> str:
    """How the text begins where it begins as a follow-up does ("thế", "còn", "vậy"), without marks; else ""."""
    ends = 0
    for place, word in enumerate(form.folded_tokens):
        if word in STARTS:
            if not _starts(form, place):
                break
            ends = place + 1
        elif word == "thi" and ends == place:
            ends = place + 1
        elif word not in _BEFORE:
            break
    started = any(word in STARTS for word in form.folded_tokens[:ends])
    return " ".join(form.folded_tokens[:ends]) if started else ""


def _starts(form: Normalized, place: int) -> bool:
    """Whether the word of STARTS that stands there is that word."""
    word, said = form.tokens[place], form.folded_tokens[place : place + 3]
    if said[:2] == ("the", "nao"):  # "thế nào là tạm trú"
        return False
    if word == STARTS[said[0]]:
        return True
    typed_bare = word == said[0] and (form.text.isascii() or word not in _OFTEN_OTHER)
    return typed_bare and _OTHER_WORDS.match(" ".join(said)) is None


def follow_features(form: Normalized, margin: float, confidence: float, label: str) -> list[float]:
    """The numbers of FOLLOW_FEATURES. `margin`: Match.follow_margin; `confidence`: the gate's, of the label found."""
    odds = math.log((confidence + 1e-3) / (1.0 - confidence + 1e-3))
    return [
        margin,
        odds,
        math.log(max(1, len(form.tokens))),
        float(beginning(form) != ""),
        float(label == CHITCHAT_LABEL),
    ]


def is_its_own(form: Normalized, margin: float, sure: bool) -> bool:
    """Whether a message is no follow-up whatever its chance: what it is about was surely found and it does not read
    like a question about a part, or nothing in it asks a part and it reads quite otherwise."""
    return (margin < 0.0 and sure) or (margin < LEAST_MARGIN and not cue_facets(form) and beginning(form) == "")


@dataclass(frozen=True, slots=True)
class Following:
    """`at_least`: the chance from which a message is taken for a follow-up."""

    weights: Sequence[float]
    bias: float
    at_least: float

    def chance(self, features: Sequence[float]) -> float:
        """The chance that a topic spoken of before is meant, 0-1."""
        total = self.bias + sum(weight * value for weight, value in zip(self.weights, features, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))

    def follows(self, form: Normalized, margin: float, confidence: float, label: str) -> bool:
        """Whether the text is taken for a follow-up where a topic was spoken of."""
        short = 0 < len(form.tokens) <= MOST_WORDS
        return short and self.chance(follow_features(form, margin, confidence, label)) >= self.at_least


NEVER_FOLLOWS = Following((0.0,) * len(FOLLOW_FEATURES), -30.0, 1.0)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of MOST_WORDS words or fewer, of a hand the model had not read: its numbers, and `is_its_own` of it.
    `right`: whether its own topic was found first; False for a question about a part alone."""

    features: Sequence[float]
    its_own: bool
    right: bool


def fit_following(own: Sequence[Heard], alone: Sequence[Heard]) -> dict[str, Any]:
    """What is stored of a fitted Following: `own` are questions with a topic, `alone` questions about a part.

    The threshold is the lowest at which ABSORBED_LIMIT holds of what is taken for a follow-up, `is_its_own` set apart.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    heard = [*own, *alone]
    table = np.array([one.features for one in heard])
    asks_part = np.array([False] * len(own) + [True] * len(alone))
    regression = LogisticRegression(C=10.0, max_iter=1000, class_weight="balanced")
    chance = cross_val_predict(regression, table, asks_part, cv=10, method="predict_proba")[:, 1]
    chance[np.array([one.its_own for one in heard])] = 0.0
    right = np.array([one.right for one in heard])
    at_least = next(
        (step / 200 for step in range(40, 200) if float((chance[right] >= step / 200).mean()) <= ABSORBED_LIMIT), 0.995
    )
    fitted = regression.fit(table, asks_part)
    return {
        "at_least": at_least,
        "bias": round(float(fitted.intercept_[0]), 6),
        "weights": {
            name: round(float(value), 6) for name, value in zip(FOLLOW_FEATURES, fitted.coef_[0], strict=True)
        },
        "measured": {
            "own": len(own), "own_absorbed": round(float((chance[: len(own)] >= at_least).mean()), 4),
            "alone": len(alone), "alone_kept": round(float((chance[len(own) :] >= at_least).mean()), 4),
        },
    }  # fmt: skip


def read_following(stored: Mapping[str, Any]) -> Following:
    """The Following that `fit_following` described. Raises KeyError where something is missing."""
    weights = tuple(stored["weights"][name] for name in FOLLOW_FEATURES)
    return Following(weights, stored["bias"], stored["at_least"])
