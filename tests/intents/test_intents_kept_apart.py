"""The sober test: lines of a hand whose other lines nobody trained on, and complaints that were heard once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rapidfuzz import fuzz, process

from intents import Context, Understander, normalize
from intents.dataset import learned_texts, topics
from intents.evaluate import evaluate
from intents.focus import corrected
from intents.lexicon import read_table
from intents.reliability import bins, picture
from intents.understanding import ACTION_LABELS, CHITCHAT_LABEL

NEAR = 90.01


def _read(name: str) -> list[dict[str, Any]]:
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("name", ["kept_apart.jsonl", "second_kept_apart.jsonl", "third_kept_apart.jsonl"])
def test_set_is_large_and_labelled(name: str) -> None:
    """Each was written by one hand whose other lines nobody learned from either."""
    rows = _read(name)
    known = {topic.id for topic in topics()} | {*ACTION_LABELS, CHITCHAT_LABEL}
    assert len({row["id"] for row in rows}) == len(rows) >= 640
    assert all(set(row["expect"]) <= known for row in rows)
    asked = Counter(label for row in rows if row["kind"] != "multi" for label in row["expect"])
    assert all(asked[topic.id] >= 2 for topic in topics())
    assert all(asked[label] >= 13 for label in (*ACTION_LABELS, CHITCHAT_LABEL))
    kinds = Counter(row["kind"] for row in rows)
    assert kinds["multi"] >= 50 and kinds["out_of_scope"] >= 65 and kinds["long_story"] >= 50
    assert sum("facet" in row for row in rows) >= 390


def test_second_set_covers_every_topic_and_part() -> None:
    rows = _read("second_kept_apart.jsonl")
    asked = Counter(label for row in rows if row["kind"] != "multi" for label in row["expect"])
    assert all(asked[topic.id] >= 4 for topic in topics())
    assert all(asked[label] >= 20 for label in (*ACTION_LABELS, CHITCHAT_LABEL))
    assert sum("facet" in row for row in rows) >= 400
    assert sum(row["kind"] == "multi" for row in rows) >= 70


def test_fifth_set_is_mostly_of_what_is_hard() -> None:
    """Out of scope that sounds in scope, chat language, typing errors, stories, two questions. A reader who did not see
    the labels agreed with all of 770 lines and with 317 of 330 parts (the others were struck); eleven lines that came
    near a learned one were taken out."""
    rows = _read("fifth_kept_apart.jsonl")
    assert len({row["id"] for row in rows}) == len(rows) == 759
    kinds = Counter(row["kind"] for row in rows)
    assert kinds["out_of_scope"] == 213 and kinds["multi"] == kinds["long_story"] == 90
    assert all(kinds[label.removeprefix("@")] >= 24 for label in ACTION_LABELS)
    asked = Counter(label for row in rows for label in row["expect"])
    assert all(asked[topic.id] >= 2 for topic in topics())
    noise = Counter(row["noise"] for row in rows if row["kind"] == "in_scope")
    assert noise["teencode"] + noise["typo"] + noise["no_diacritics"] == kinds["in_scope"] == 238
    assert sum("facet" in row and row["kind"] != "multi" for row in rows) >= 310


@pytest.mark.parametrize(
    "name",
    [
        "kept_apart.jsonl",
        "second_kept_apart.jsonl",
        "third_kept_apart.jsonl",
        "fourth_kept_apart.jsonl",
        "fifth_kept_apart.jsonl",
        "doubles.jsonl",
        "../../intents/data/evaluation.jsonl",
    ],
)
def test_set_is_not_learned(name: str) -> None:
    learned = learned_texts() + [" ".join(normalize(row["text"]).folded_tokens) for row in read_table("facets.tsv")]
    leaks = []
    for row in _read(name):
        text = " ".join(normalize(row["text"]).folded_tokens)
        nearest = process.extractOne(text, learned, scorer=fuzz.ratio, score_cutoff=NEAR) if text else None
        if nearest is not None:
            leaks.append((row["id"], row["text"], nearest[0]))
    assert leaks == []


FLOORS = {
    # Measured 22/11/2026: first 97.6, 99.2, 98.2, 97.4; in three 99.6, 99.8, 99.8, 99.0; actions 97.5, 96.3, 96.9,
    # 99.2; stories 96.2, 99.1, 98.5, 98.9 first; both of two in three 100, 100, 98.0, 96.7. Floors leave room for a
    # line or two.
    "kept_apart.jsonl": (96.5, 99.0, 96.5, 92.0, 98.0),
    "second_kept_apart.jsonl": (98.0, 99.5, 94.5, 98.0, 97.0),
    "third_kept_apart.jsonl": (97.5, 99.5, 96.0, 96.5, 96.0),
    "fifth_kept_apart.jsonl": (96.5, 98.5, 97.5, 97.0, 95.0),
}
"""File -> least percent right: topic first, topic in three, actions, stories first, both of two questions in three."""
WRONGLY_SURE = {"fifth_kept_apart.jsonl": 1.7}
"""Percent, where it is not 1: a quarter of the fifth set is out of scope and meant to be taken for in scope."""


@pytest.mark.parametrize("name", FLOORS)
def test_floors(understander: Understander, name: str) -> None:
    result = evaluate(_read(name), understander.understand)
    first, three, actions, stories, doubles = FLOORS[name]
    assert result["top1"] >= first
    assert result["top3"] >= three
    assert result["actions"] >= actions
    assert result["by_kind"]["long_story"]["top1"] >= stories
    assert result["by_kind"]["multi"]["top3"] >= doubles
    assert result["wrongly_sure"] <= WRONGLY_SURE.get(name, 1.0)


def test_few_lines_out_of_scope_are_answered_and_few_answers_are_wrong(understander: Understander) -> None:
    """Of the sets together: 1.0 % of 489 answered, 0.7 % of all wrongly sure. In one set a line is up to 1.5 %."""
    rows = [row for name in FLOORS for row in _read(name)]
    outside = [row for row in rows if not row["expect"]]
    result = evaluate(rows, understander.understand)
    assert len(outside) >= 480 and result["out_of_scope_answered"] <= 1.5
    assert result["wrongly_sure"] <= 0.9


@pytest.mark.parametrize(("name", "at_once", "parts_told", "part"), [
    # Measured 22/11/2026: the part 95.2, 93.5, 95.2, 93.5 % (0024, 0025).
    ("kept_apart.jsonl", 0.92, 380, 0.94), ("second_kept_apart.jsonl", 0.96, 380, 0.925),
    ("third_kept_apart.jsonl", 0.925, 380, 0.935), ("fifth_kept_apart.jsonl", 0.92, 300, 0.92),
])  # fmt: skip
def test_most_questions_are_answered_at_once_and_the_part_asked_is_found(
    understander: Understander, name: str, at_once: float, parts_told: int, part: float
) -> None:
    kept_apart = _read(name)
    asked = [row for row in kept_apart if row["kind"] in ("in_scope", "long_story")]
    found = [understander.understand(row["text"]) for row in asked]
    answered = [
        one.decision == "answer" and one.candidates[0].id in row["expect"]
        for row, one in zip(asked, found, strict=True)
    ]
    assert sum(answered) >= at_once * len(asked)
    parts = [one.facet == row["facet"] for row, one in zip(asked, found, strict=True) if row.get("facet") and one.facet]
    assert len(parts) >= parts_told and sum(parts) >= part * len(parts)


@pytest.mark.parametrize(
    ("text", "topic", "facet"),
    [
        ("lệ phí khai sinh", "khai-sinh", "fee"),
        ("khai sinh", "khai-sinh", "overview"),
        ("giấy tờ làm căn cước", "can-cuoc", "papers"),
        ("khai sinh ở đâu, bao nhiêu tiền", "khai-sinh", "place"),
    ],
)
def test_short_questions(understander: Understander, text: str, topic: str, facet: str) -> None:
    found = understander.understand(text)
    assert (found.decision, found.candidates[0].id, found.facet) == ("answer", topic, facet)


def test_two_parts_of_one_topic(understander: Understander) -> None:
    found = understander.understand("khai sinh ở đâu, bao nhiêu tiền")
    assert [(part.candidates[0].id, part.facet) for part in found.parts] == [
        ("khai-sinh", "place"),
        ("khai-sinh", "fee"),
    ]


@pytest.mark.parametrize("text", ["the con le phi", "lệ phí", "thế còn lệ phí?", "bao nhiêu tiền", "nộp ở đâu"])
def test_a_part_alone_needs_a_topic(understander: Understander, text: str) -> None:
    alone = understander.understand(text)
    assert (alone.decision, alone.candidates) == ("fallback", ())
    assert alone.facet in ("fee", "place")
    after = understander.understand(text, Context("khai-sinh", "papers"))
    assert (after.decision, after.candidates[0].id, after.follow_up) == ("answer", "khai-sinh", True)


def test_pointer_needs_a_near_example(understander: Understander) -> None:
    assert understander.understand("hôm nay tôi ăn gì").pointer in (None, "nau-an")
    assert understander.understand("mây trôi lững lờ ngang qua mái đình cổ").pointer is None


def test_complaint_is_one_question(understander: Understander) -> None:
    found = understander.understand("tôi muốn tố cáo cán bộ nhận tiền")
    assert [part.candidates[0].id for part in found.parts] == ["khieu-nai-to-cao"]


@pytest.mark.parametrize("text", ["toi muon phan anh ve rac", "đường làng em ổ gà đầy, đề nghị xã cho sửa"])
def test_reports_are_reports(understander: Understander, text: str) -> None:
    assert understander.understand(text).candidates[0].id == "@feedback"


def test_what_is_taken_back_does_not_count(understander: Understander) -> None:
    text = "đăng ký kết hôn, à không, ý tôi là xin giấy độc thân"
    after = corrected(normalize(text))
    assert after is not None and after.text == "xin giấy độc thân"
    assert understander.understand(text).candidates[0].id == "xac-nhan-doc-than"
    assert corrected(normalize("ý tôi là xin giấy độc thân")) is None


def test_reliability_picture() -> None:
    said = np.array([0.1, 0.1, 0.99, 0.99])
    right = np.array([False, True, True, True])
    points = bins(said, right)
    assert points == [(pytest.approx(0.1), 0.5, 2), (pytest.approx(0.99), 1.0, 2)]
    drawn = picture(points)
    assert drawn.startswith("<svg") and drawn.count("<circle") == 2
