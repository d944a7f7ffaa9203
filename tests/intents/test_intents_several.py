"""Several questions in one message: what is parted, what is not, and what both parts share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from intents import Understander
from intents.evaluate import evaluate
from intents.gate import load_gate
from intents.several import SPLIT_FEATURES, Splitter


@pytest.fixture(scope="module")
def doubles() -> list[dict[str, Any]]:
    """Messages with two questions, most woven into one sentence; written before the splitter, never learned from."""
    text = (Path(__file__).parent / "doubles.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_both_questions_are_found_and_most_are_answered(
    understander: Understander, doubles: list[dict[str, Any]]
) -> None:
    assert evaluate(doubles, understander.understand)["by_kind"]["multi"]["top1"] >= 95.0
    both = [
        row["id"]
        for row in doubles
        for found in [understander.understand(row["text"])]
        if {part.candidates[0].id for part in found.parts} == set(row["expect"])
    ]
    assert len(both) >= 0.6 * len(doubles)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("khai sinh và khai tử cần giấy tờ gì", [("khai-sinh", "papers"), ("khai-tu", "papers")]),
        ("lệ phí khai sinh và đăng ký kết hôn", [("khai-sinh", "fee"), ("ket-hon", "fee")]),
        ("làm căn cước ở đâu, hộ chiếu mất bao lâu", [("can-cuoc", "place"), ("ho-chieu", "time")]),
        ("khai sinh mất bao nhiêu tiền, mấy ngày có", [("khai-sinh", "fee"), ("khai-sinh", "time")]),
    ],
)
def test_parts_and_what_they_share(understander: Understander, text: str, asked: list[tuple[str, str]]) -> None:
    found = understander.understand(text)
    assert [(part.candidates[0].id, part.facet) for part in found.parts] == asked


def test_three_questions(understander: Understander) -> None:
    found = understander.understand("Khai sinh cần giấy gì? Làm căn cước ở đâu? Đăng ký kết hôn mất bao lâu?")
    assert [part.candidates[0].id for part in found.parts] == ["khai-sinh", "can-cuoc", "ket-hon"]


def test_a_report_beside_a_question_is_a_part_of_its_own(understander: Understander) -> None:
    found = understander.understand(
        "Đèn đường đầu ngõ hỏng cả tuần không ai sửa. Tiện cho hỏi làm lại căn cước mất bao nhiêu tiền?"
    )
    assert [(part.decision, part.action) for part in found.parts] == [("action", "feedback"), ("answer", None)]


@pytest.mark.parametrize(
    "text",
    [
        "Vợ tôi mới sinh con và tôi muốn làm giấy khai sinh cho cháu",
        "tôi muốn tố cáo cán bộ nhận tiền",
        "Mẹ tôi mất rồi, giờ khai tử cho mẹ thì cần giấy gì",
        "em với chồng em muốn đăng ký kết hôn rồi mà chưa biết làm ở đâu",
    ],
)
def test_one_matter_stays_one(understander: Understander, text: str) -> None:
    assert len({part.candidates[0].id for part in understander.understand(text).parts}) <= 1


def test_thresholds_were_chosen_by_rule() -> None:
    splitter = load_gate().splitter
    assert 0 < splitter.doubt < splitter.answer < 1
    assert len(splitter.weights) == len(SPLIT_FEATURES)


def test_chance_is_a_chance() -> None:
    splitter = Splitter((1.0,) + (0.0,) * (len(SPLIT_FEATURES) - 1), 0.0, 0.8, 0.6)
    nothing = [0.0] * len(SPLIT_FEATURES)
    assert splitter.chance(nothing) == 0.5
    assert splitter.chance([9.0, *nothing[1:]]) > 0.99
