"""Build, store, load."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import intents
from intents import dataset, normalize
from intents.build import build
from intents.features import words_of
from intents.model import Model
from intents.training import Corpus, fit


@pytest.fixture(scope="module")
def small() -> list[dataset.Line]:
    labels = {"khai-sinh", "khai-tu", "@oos", "@feedback"}
    chosen = [line for line in dataset.lines() if line.label in labels]
    return chosen[::3]


def test_fit_is_deterministic_and_survives_storage(small: list[dataset.Line], tmp_path: Path) -> None:
    one, two = fit(Corpus(small)), fit(Corpus(small))
    assert one.labels == two.labels and np.array_equal(one.weights, two.weights)
    one.save(tmp_path)
    assert not list(tmp_path.glob("*.pkl"))
    stored = Model.read(tmp_path)
    for text in ("làm khai sinh ở đâu", "ông mất", "thời tiết", "zzz"):
        words = words_of(normalize(text))
        assert np.array_equal(one.match(*words).probability, stored.match(*words).probability)
        assert one.match(*words).pointer == stored.match(*words).pointer


def test_similarity_is_the_nearest_example_of_each_label(small: list[dataset.Line]) -> None:
    model = fit(Corpus(small))
    words = words_of(normalize(next(line.text for line in small if line.label == "khai-tu")))
    match = model.match(*words)
    assert match.similarity[match.labels.index("khai-tu")] == pytest.approx(match.similarity.max())
    assert match.probability.sum() == pytest.approx(1.0, abs=1e-4)


def test_build_keeps_what_is_built(understander: intents.Understander) -> None:
    said: list[str] = []
    folder = build(said.append)
    assert folder.name == dataset.data_hash()
    assert len(said) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.npz"]


def test_missing_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dataset, "ARTEFACTS", tmp_path)
    intents.load.cache_clear()
    try:
        with pytest.raises(intents.ModelMissing):
            intents.load()
    finally:
        intents.load.cache_clear()
