"""Fits the gate on predictions of lines whose author the model had not read, and chooses its thresholds by rule.

Lines are held out author by author: the hands that wrote every kind of message. Older hands are always learned from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from intents import dataset
from intents.dataset import Line
from intents.focus import match_message
from intents.gate import FEATURES, gate_features
from intents.lexicon import DATA
from intents.model import Match, Model
from intents.reliability import draw_reliability
from intents.training import Corpus, fit
from intents.understanding import OUT_OF_SCOPE_LABEL

AUTHORS = ("e", "f", "i", "j", "k", "l")
NOT_JUDGED = "contrast"
"""Thresholds are chosen without the lines written as traps for siblings, for residents write none."""
EITHER = (frozenset(("@status", "tra-cuu-sang-kien")),)
"""Labels of which either is right: both lead to the state of one's own report or idea."""
SPLIT_FOLDS = ("f", "j", "k", "l")
WRONGLY_SPLIT_LIMIT = 0.004
DOUBTED_LIMIT = 0.015
WRONGLY_SURE_LIMIT = 0.01
DIALOGUE_EASE = 0.01
OFFER = 0.22
OUTSIDE = 0.65


@dataclass(frozen=True, slots=True)
class Held:
    """One line scored by a model that did not learn from its fold."""

    row: Line
    match: Match
    features: list[float]
    right: bool
    facet: str


def fold_of(row: Line) -> str | None:
    """The fold a line is tested in; None for what is always learned from."""
    return row.author if row.author in AUTHORS else None


def held_out(
    corpus: Corpus, folds: Sequence[str], progress: Callable[[str], None], kept: dict[str, Model] | None = None
) -> list[Held]:
    """Every tested line of the folds with its scores; models of SPLIT_FOLDS are put into `kept`."""
    found: list[Held] = []
    for fold in folds:
        tested = [place for place, row in enumerate(corpus.rows) if fold_of(row) == fold]
        learned = [place for place, row in enumerate(corpus.rows) if fold_of(row) != fold]
        progress(f"Giữ riêng người viết {fold}: {len(tested)} câu")
        model = fit(corpus, learned)
        if kept is not None and fold in SPLIT_FOLDS:
            kept[fold] = model
        found += [_score(model, corpus, place) for place in tested]
    return found


def _score(model: Model, corpus: Corpus, place: int) -> Held:
    row, form = corpus.rows[place], corpus.normalized[place]
    match = match_message(model, form)
    first = match.labels[int(match.ranked()[0])]
    right = first == row.label or frozenset((first, row.label)) in EITHER
    return Held(row, match, gate_features(match), right, model.asked.facet_of(form)[0])


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
    models: dict[str, Model] = {}
    held = held_out(corpus, AUTHORS, progress, models)
    written = write_gate(held, progress)
    written["split"] = fit_splitter(corpus, models, written, progress)
    _store(written)
    return written


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
    first = [one.match.labels[int(one.match.ranked()[0])] for one in held]
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


def main_report(progress: Callable[[str], None]) -> None:
    """Figures by author, for people."""
    corpus = Corpus(dataset.lines())
    for author in AUTHORS:
        held = held_out(corpus, (author,), progress)
        topics = [one for one in held if not one.row.label.startswith("@")]
        known = [one for one in topics if one.row.facet]
        progress(
            f"{author}: đúng ngay {np.mean([one.right for one in topics]):.3f} trên {len(topics)} câu, "
            f"phần được hỏi {np.mean([one.facet == one.row.facet for one in known]) if known else float('nan'):.3f}"
        )
