"""A model learned from use is compared line by line; what fell is named, and an unknown label is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import intents
from intents import Understander, learning
from intents.learning import Extra


class _Says:
    """Understands as another does, but for some texts."""

    def __init__(self, other: Understander, instead: dict[str, str]) -> None:
        self._other, self._instead = other, instead

    def understand(self, text: str) -> object:
        return self._other.understand(self._instead.get(text, text))


def test_a_model_that_forgot_a_line_is_worse_and_the_line_is_named(understander: Understander) -> None:
    rows = learning.kept_rows()[:6]
    forgot = _Says(understander, {str(rows[0]["text"]): "lệ phí chứng thực bản sao"})
    found = learning.compare(understander, forgot, rows)  # type: ignore[arg-type]
    assert "top1" in found.worse
    assert found.lost == (rows[0]["text"],)
    assert learning.compare(understander, understander, rows).worse == ()
    assert learning.compare(forgot, understander, rows).worse == ()  # type: ignore[arg-type]


def test_an_unknown_label_is_refused_before_anything_is_learned(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="khong-co"):
        learning.relearn([Extra("khong-co", "câu hỏi")], tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_folder_without_a_model_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(intents.ModelMissing):
        intents.load_from(tmp_path)
