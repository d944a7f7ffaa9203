"""Fits the gate on predictions of lines whose author the model had not read, and chooses its thresholds by rule.

Lines are held out author by author: the hands that wrote every kind of message. Other hands are always learned from.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from intents import dataset
from intents.dataset import Line
from intents.focus import match_message
from intents.following import MOST_WORDS, Heard, fit_following, follow_features, is_its_own
from intents.gate import FEATURES, Gate, gate_features, read_gate
from intents.lexicon import DATA
from intents.model import Match, Model
from intents.normalize import Normalized
from intents.reliability import draw_reliability
from intents.training import Corpus, fit
from intents.understanding import OUT_OF_SCOPE_LABEL

FOLDS = {"g": "d", "i": "p", "j": "q", "k": "r", "l": "w", "u": "x", "v": "z"}
"""The hand whose lines a fold leaves out -> the hand of questions about a part alone that it leaves out besides."""
AUTHORS = tuple(FOLDS)
NOT_JUDGED = "contrast"
"""Thresholds are chosen without the lines written as traps for siblings, for residents write none."""
EITHER = (frozenset(("@status", "tra-cuu-sang-kien")),)
"""Labels of which either is right: both lead to the state of one's own report or idea."""
SPLIT_FOLDS = ("g", "j", "k", "l", "u", "v")
WRONGLY_SPLIT_LIMIT = 0.006
DOUBTED_LIMIT = 0.015
WRONGLY_SURE_LIMIT = 0.01
DIALOGUE_EASE = 0.01
OFFER = 0.22
OUTSIDE = 0.65


@dataclass(frozen=True, slots=True)
class Held:
    """One line scored by a model that did not learn from its fold."""

    row: Line
    form: Normalized
    match: Match
    features: list[float]
    right: bool


@dataclass(frozen=True, slots=True)
class Alone:
    """One question about a part alone, scored by a model that did not learn from its hand."""

    form: Normalized
    match: Match


def fold_of(row: Line) -> str | None:
    """The fold a line is tested in; None for what is always learned from."""
    return row.author if row.author in AUTHORS else None


@dataclass(frozen=True, slots=True)
class Fold:
    """What one fold gives: its lines and the questions about a part it left out, scored, and the model that did it
    where the splitter is fitted with it."""

    name: str
    held: list[Held]
    alone: list[Alone]
    model: Model | None


_inherited: list[Corpus] = []
"""The corpus, in a process of `folds`: inherited by the fork, for sending it would take longer than a fold."""


def _fold(name: str) -> Fold:
    corpus = _inherited[-1]
    learned = [place for place, row in enumerate(corpus.rows) if fold_of(row) != name]
    without = FOLDS[name]
    model = fit(corpus, learned, without=without)
    held = [_score(model, corpus, place) for place, row in enumerate(corpus.rows) if fold_of(row) == name]
    forms = [form for form, author in zip(corpus.alone, corpus.alone_author, strict=True) if author == without]
    alone = [Alone(form, match_message(model, form)) for form in forms]
    return Fold(name, held, alone, model if name in SPLIT_FOLDS else None)


def folds(corpus: Corpus, names: Sequence[str], progress: Callable[[str], None]) -> list[Fold]:
    """Every named fold in its order; as many at a time as there are processors."""
    found = []
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(os.cpu_count(), fork, initializer=_inherited.append, initargs=(corpus,)) as pool:
        for fold in pool.map(_fold, names):
            progress(f"Giữ riêng người viết {fold.name}: {len(fold.held)} câu")
            found.append(fold)
    return found


def _score(model: Model, corpus: Corpus, place: int) -> Held:
    row, form = corpus.rows[place], corpus.normalized[place]
    match = match_message(model, form)
    first = _first(match)
    right = first == row.label or frozenset((first, row.label)) in EITHER
    return Held(row, form, match, gate_features(match), right)


def thresholds(
    confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], topical: npt.NDArray[np.bool_],
    acting: npt.NDArray[np.bool_],
) -> tuple[float, float]:  # fmt: skip
    """(least confidence to answer, to open a dialogue): the lowest pair, in steps of .005, at which at most
    WRONGLY_SURE_LIMIT of all lines are wrongly sure. A dialogue asks back before anything is sent, so it opens
    DIALOGUE_EASE sooner. `topical` and `acting` say what the first label is.
    """
    for step in range(120, 200):
        answer, act = step / 200, step / 200 - DIALOGUE_EASE
        sure = (topical & (confidence >= answer)) | (acting & (confidence >= act))
        if float((sure & ~right).mean()) <= WRONGLY_SURE_LIMIT:
            return answer, round(act, 3)
    return 0.995, 0.985


def calibrate(progress: Callable[[str], None]) -> dict[str, object]:
    """Cross-validates, fits the gate and the splitter and rewrites data/gate.json; returns what was written."""
    from intents.splitting import fit_splitter

    corpus = Corpus(dataset.lines(), progress=progress)
    crossed = folds(corpus, AUTHORS, progress)
    written = write_gate([one for fold in crossed for one in fold.held], progress)
    written["follow"] = _following(crossed, written, progress)
    models = {fold.name: fold.model for fold in crossed if fold.model is not None}
    written["split"] = fit_splitter(corpus, models, written, progress)
    _store(written)
    return written


def _following(
    crossed: Sequence[Fold], written: Mapping[str, Any], progress: Callable[[str], None]
) -> dict[str, object]:
    """Fits what says that a message follows on what was spoken of before."""
    gate = read_gate(written)
    own = [
        _heard(gate, one.form, one.match, one.right)
        for fold in crossed
        for one in fold.held
        if one.row.label != OUT_OF_SCOPE_LABEL and len(one.form.tokens) <= MOST_WORDS
    ]
    parts = [
        _heard(gate, one.form, one.match, False)
        for fold in crossed
        for one in fold.alone
        if 0 < len(one.form.tokens) <= MOST_WORDS
    ]
    fitted = fit_following(own, parts)
    progress(f"Tin hỏi tiếp: {fitted['measured']}")
    return fitted


def _heard(gate: Gate, form: Normalized, match: Match, right: bool) -> Heard:
    label, confidence = _first(match), gate.confidence(match)
    features = follow_features(form, match.follow_margin, confidence, label)
    sure = gate.is_sure(match, label, confidence)
    return Heard(features, is_its_own(form, match.follow_margin, sure), right)


def _first(match: Match) -> str:
    return match.labels[int(match.ranked()[0])]


def _store(written: dict[str, object]) -> None:
    (DATA / "gate.json").write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_gate(held: Sequence[Held], progress: Callable[[str], None]) -> dict[str, object]:
    """Fits the gate on held-out lines, chooses its thresholds, draws the reliability plot; returns what to store."""
    from sklearn.linear_model import LogisticRegression

    table = np.array([one.features for one in held])
    right = np.array([one.right for one in held])
    means, scales = table.mean(0), table.std(0) + 1e-9
    scaled = (table - means) / scales
    gate = LogisticRegression(C=1.0, max_iter=1000).fit(scaled, right)
    confidence = gate.predict_proba(scaled)[:, 1]
    first = [_first(one.match) for one in held]
    topical = np.array([not label.startswith("@") for label in first])
    acting = np.array([label.startswith("@") and label != OUT_OF_SCOPE_LABEL for label in first])
    judged = np.array([one.row.kind != NOT_JUDGED for one in held])
    answer, act = thresholds(confidence[judged], right[judged], topical[judged], acting[judged])
    outside = np.array([one.row.label == OUT_OF_SCOPE_LABEL for one in held])
    sure = (topical & (confidence >= answer)) | (acting & (confidence >= act))
    written: dict[str, object] = {
        "data_hash": dataset.data_hash(),
        "answer": answer,
        "act": act,
        "offer": OFFER,
        "outside": OUTSIDE,
        "bias": round(float(gate.intercept_[0]), 6),
        "weights": {name: round(float(value), 6) for name, value in zip(FEATURES, gate.coef_[0], strict=True)},
        "means": {name: round(float(value), 6) for name, value in zip(FEATURES, means, strict=True)},
        "scales": {name: round(float(value), 6) for name, value in zip(FEATURES, scales, strict=True)},
        "measured": {
            "lines": len(held),
            "first_right": round(float(right.mean()), 4),
            "judged": int(judged.sum()),
            "wrongly_sure": round(float((sure & ~right)[judged].mean()), 4),
            "answered_right": round(float((sure & right)[judged & ~outside].mean()), 4),
            "out_of_scope_answered": round(float(sure[judged & outside].mean()), 4),
            "wrongly_sure_all": round(float((sure & ~right).mean()), 4),
            "answered_right_all": round(float((sure & right)[~outside].mean()), 4),
        },
    }
    draw_reliability(confidence, right)
    progress(f"gate.json: {written['measured']}")
    return written
