"""Fits the splitter (several.Splitter): joined questions and single lines of hands the model had not read.

Only `python -m intents.build --calibrate` needs this.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from intents.calibrate import DOUBTED_LIMIT, WRONGLY_SPLIT_LIMIT, fold_of
from intents.dataset import doubles
from intents.gate import read_gate
from intents.lexicon import read_table
from intents.model import Model
from intents.normalize import normalize
from intents.several import SPLIT_FEATURES, split_features
from intents.training import Corpus
from intents.understander import Understander
from intents.understanding import CHITCHAT_LABEL, OUT_OF_SCOPE_LABEL

JOINS = (
    "{0}? {1}", "{0}, tiện thể cho hỏi {1}", "{0} và {1}", "{0}. Ngoài ra {1}", "{0}, còn {1}", "{0}\n{1}", "{0}, {1}",
    "{0} với {1}", "{0} rồi {1}", "{0}, thêm nữa {1}", "{0} với lại {1}", "{0}, đồng thời {1}", "{0}, nhân tiện {1}",
    "{0}. {1}", "{0} và cho em hỏi {1}",
)  # fmt: skip
SHARED_JOINS = (" và ", " với ", " rồi ", ", ", " và cả ")
SHARED_QUESTIONS = (
    "cần giấy tờ gì", "lệ phí bao nhiêu", "làm ở đâu", "mất mấy ngày", "có làm qua mạng được không", "thì làm thế nào",
    "cần những gì",
)  # fmt: skip
JOINED, SHARED = 250, 80
WRITTEN_WEIGHT = 2
"""What a written double question counts beside a joined one."""
LONGEST_SIDE = 14
"""Words. Longer sides and pairs of siblings were tried: then stories fall apart too."""
Example = tuple[str, frozenset[str]]


def examples(corpus: Corpus, fold: str) -> list[Example]:
    """(text, what is asked): every single line of the fold, its short lines joined by twos, names asked together, and
    the double questions its hand wrote."""
    chance = random.Random(3)  # noqa: S311 - a fixed sample, not a secret
    rows = [row for row in corpus.rows if fold_of(row) == fold and row.label != OUT_OF_SCOPE_LABEL]
    found = [(row.text, frozenset((row.label,))) for row in rows]
    kept = [row for row in rows if row.kind != "contrast" and row.label not in (CHITCHAT_LABEL, "@human")]
    short = [row for row in kept if 4 <= len(row.text.split()) <= LONGEST_SIDE]
    for number in range(JOINED):
        one, two = chance.sample(short, 2)
        if one.label != two.label and not (one.label[0] == two.label[0] == "@"):
            text = JOINS[number % len(JOINS)].format(one.text.rstrip("?. "), two.text[:1].lower() + two.text[1:])
            found.append((text, frozenset((one.label, two.label))))
    names = [(row["label"], row["text"]) for row in read_table("aliases.tsv")]
    for _ in range(SHARED):
        (one_label, one_name), (two_label, two_name) = chance.sample(names, 2)
        if one_label != two_label:
            text = f"{one_name}{chance.choice(SHARED_JOINS)}{two_name} {chance.choice(SHARED_QUESTIONS)}"
            found.append((text, frozenset((one_label, two_label))))
    written = [(text, labels) for text, labels, author in doubles() if author == fold]
    return found + written * WRITTEN_WEIGHT


def fit_splitter(
    corpus: Corpus, models: Mapping[str, Model], gate: Mapping[str, Any], progress: Callable[[str], None]
) -> dict[str, object]:
    """Weights and thresholds of the splitter as they are stored. `models` by the fold they have not read."""
    from sklearn.linear_model import LogisticRegression

    siblings = {frozenset((row["a"], row["b"])): row["question"] for row in read_table("siblings.tsv")}
    table: list[list[float]] = []
    right: list[bool] = []
    owner: list[int] = []
    wanted: list[frozenset[str]] = []
    for fold, model in sorted(models.items()):
        progress(f"Tin hỏi hai việc, người viết {fold}")
        understander = Understander(model, read_gate(gate), siblings)
        for text, labels in examples(corpus, fold):
            whole, cuts = understander.cuts(normalize(text))
            for cut, left, further in cuts:
                table.append(split_features(whole, cut, left, further, siblings.keys()))
                right.append(labels == {left.label, further.label})
                owner.append(len(wanted))
            wanted.append(labels)
    values, good, message = np.array(table), np.array(right), np.array(owner)
    single = np.array([len(labels) == 1 for labels in wanted])
    chance = _crossed(values, good, message)
    best = np.zeros(len(wanted))
    np.maximum.at(best, message, chance)
    answer, doubt = (_threshold(best[single], limit) for limit in (WRONGLY_SPLIT_LIMIT, DOUBTED_LIMIT))
    found = np.zeros(len(wanted), bool)
    np.logical_or.at(found, message, good & (chance >= answer) & (chance == best[message]))
    measured = {
        "single": int(single.sum()), "single_split": round(float((best[single] >= answer).mean()), 4),
        "double": int((~single).sum()), "double_split_right": round(float(found[~single].mean()), 4),
    }  # fmt: skip
    progress(f"Tin hỏi hai việc: {measured}")
    means, scales = values.mean(0), values.std(0) + 1e-9
    fitted = LogisticRegression(C=1.0, max_iter=2000).fit((values - means) / scales, good)
    weights = fitted.coef_[0] / scales
    return {
        "answer": answer,
        "doubt": doubt,
        "bias": round(float(fitted.intercept_[0] - (weights * means).sum()), 6),
        "weights": {name: round(float(value), 6) for name, value in zip(SPLIT_FEATURES, weights, strict=True)},
        "measured": measured,
    }


def _crossed(values: np.ndarray, good: np.ndarray, message: np.ndarray, folds: int = 5) -> np.ndarray:
    """The chance of every cut, by regressions that had not seen its message."""
    from sklearn.linear_model import LogisticRegression

    chance = np.zeros(len(good))
    for fold in range(folds):
        learned = message % folds != fold
        means, scales = values[learned].mean(0), values[learned].std(0) + 1e-9
        fitted = LogisticRegression(C=1.0, max_iter=2000).fit((values[learned] - means) / scales, good[learned])
        chance[~learned] = fitted.predict_proba((values[~learned] - means) / scales)[:, 1]
    return chance


def _threshold(chances: np.ndarray, limit: float) -> float:
    """The lowest threshold in steps of .005 that at most `limit` of the chances reach."""
    return next((step / 200 for step in range(80, 199) if float((chances >= step / 200).mean()) <= limit), 0.99)
