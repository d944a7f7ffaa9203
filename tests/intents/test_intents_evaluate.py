"""The figures themselves, and floors under them on a set nobody trained on."""

from __future__ import annotations

import time
from typing import Any

import pytest

from intents import Candidate, Understander, Understanding
from intents.evaluate import evaluate, table


def _says(decision: str, *ids: str) -> Understanding:
    return Understanding("", decision, tuple(Candidate(one, 0.5) for one in ids))


def test_figures_by_hand() -> None:
    answers = {
        "right": _says("answer", "a"),
        "second": _says("clarify", "b", "a"),
        "wrong": _says("answer", "b"),
        "both": _says("answer", "a", "b"),
        "half": _says("answer", "a"),
        "outside": _says("fallback"),
        "caught": _says("action", "@feedback"),
        "act": _says("action", "@idea"),
    }
    kinds = {
        "both": (["a", "b"], "multi"),
        "half": (["a", "b"], "multi"),
        "outside": ([], "out_of_scope"),
        "caught": ([], "out_of_scope"),
        "act": (["@idea"], "idea"),
    }
    rows = [
        {
            "id": text,
            "text": text,
            "expect": kinds.get(text, (["a"], "in_scope"))[0],
            "kind": kinds.get(text, (["a"], "in_scope"))[1],
            "noise": "clean",
        }
        for text in answers
    ]
    result = evaluate(rows, answers.__getitem__)
    assert result["n"] == 8
    assert result["top1"] == 40.0
    assert result["top3"] == 60.0
    assert result["actions"] == 100.0
    assert result["out_of_scope_answered"] == 50.0
    assert result["wrongly_sure"] == 37.5
    assert result["by_kind"]["multi"]["top1"] == 50.0
    assert "in_scope" in table(result) and "clean" in table(result)


def test_no_lines() -> None:
    result = evaluate([], lambda text: _says("fallback"))
    assert result["n"] == 0 and result["top1"] is None
    assert table(result)


@pytest.fixture(scope="module")
def result(understander: Understander, evaluation: list[dict[str, Any]]) -> dict[str, Any]:
    return evaluate(evaluation, understander.understand)


def test_floors(result: dict[str, float]) -> None:
    assert result["top1"] >= 96.0
    assert result["top3"] >= 98.5
    assert result["actions"] >= 92.0
    assert result["out_of_scope_answered"] <= 4.0
    assert result["wrongly_sure"] <= 2.0


def test_noise_floors(result: dict[str, dict[str, dict[str, float]]]) -> None:
    for noise in ("no_diacritics", "teencode", "short"):
        assert result["by_noise"][noise]["top1"] >= 94.0
    assert result["by_kind"]["multi"]["top1"] >= 85.0


def test_speed(understander: Understander, evaluation: list[dict[str, Any]]) -> None:
    texts = [row["text"] for row in evaluation]
    for text in texts:
        understander.understand(text)
    spent = []
    for text in texts:
        started = time.thread_time()
        understander.understand(text)
        spent.append(time.thread_time() - started)
    spent.sort()
    assert spent[len(spent) // 2] < 0.1, "half of the messages take under 5 ms on a quiet machine"
    assert spent[int(len(spent) * 0.99)] < 0.5
