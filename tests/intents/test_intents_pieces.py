"""Parts, cues, countries, noise, gate."""

from __future__ import annotations

import pytest

from intents import normalize
from intents.augment import Augmenter
from intents.calibrate import fold_of, thresholds
from intents.countries import speaks_of_abroad
from intents.cues import cue_facets
from intents.dataset import Line
from intents.focus import focus
from intents.parts import MAX_CUTS, cuts, questions


def test_cuts_are_few_and_strongest_first() -> None:
    found = cuts(
        normalize("khai sinh cần giấy gì? Tiện thể hỏi tạm trú ở đâu, và hộ chiếu mấy ngày, và căn cước, rồi sổ đỏ")
    )
    assert 1 <= len(found) <= MAX_CUTS
    assert [cut.strength for cut in found] == sorted((cut.strength for cut in found), reverse=True)
    assert found[0].strength == 3


def test_no_cut_in_a_plain_question() -> None:
    assert cuts(normalize("làm khai sinh cho con ở đâu")) == []


@pytest.mark.parametrize(("text", "yes"), [("nộp ở đâu", True), ("được không", True), ("tôi già rồi", False)])
def test_question_words(text: str, yes: bool) -> None:
    assert questions(normalize(text)) is yes


@pytest.mark.parametrize(
    ("text", "facets"),
    [
        ("hết bao nhiêu tiền", ["fee"]),
        ("can giay to gi", ["papers"]),
        ("cần giấy tờ gì, mất mấy ngày", ["papers", "time"]),
        ("khai sinh", []),
        ("bao nhiêu tuổi thì được làm", ["who"]),
        ("làm hộ chiếu", []),
        ("nộp hồ sơ", []),
        ("làm hộ mẹ được không", ["who"]),
        ("xác nhận lý lịch", []),
        ("du lịch", []),
        ("lịch tiếp dân", ["time"]),
        ("có phải về quê làm không", ["place"]),
        ("đóng mấy năm thì đủ", ["time"]),
    ],
)
def test_cues(text: str, facets: list[str]) -> None:
    assert cue_facets(normalize(text)) == facets


@pytest.mark.parametrize(
    "text", ["chong nguoi han quoc", "cưới người Nhật", "bên Đài Loan", "con sinh ở nước ngoài", "tòa bên Đức xử"]
)
def test_abroad(text: str) -> None:
    assert speaks_of_abroad(normalize(text).folded)


@pytest.mark.parametrize("text", ["chồng em người Thái Bình", "anh tôi đi làm", "giấy tờ nhà đất", "làm khai sinh"])
def test_at_home(text: str) -> None:
    assert not speaks_of_abroad(normalize(text).folded)


def test_noisy_copies_depend_on_text_and_number_alone() -> None:
    text = "làm giấy khai sinh cho con cần những giấy tờ gì"
    assert Augmenter().copy(text, 1) == Augmenter().copy(text, 1)
    assert len({Augmenter().copy(text, number) for number in range(1, 9)}) > 4


def test_focus_is_the_asking_clause() -> None:
    story = normalize(
        "nhà tôi ở xa, hai ông bà già yếu, con cái đi làm hết, hôm qua ra xã mà đông quá, "
        "vậy khai tử cho cụ thì nộp ở đâu, cảm ơn"
    )
    asked = focus(story)
    assert "nộp ở đâu" in asked.text and "nhà tôi" not in asked.text


def test_threshold_keeps_the_limit() -> None:
    import numpy as np

    confidence = np.linspace(0, 1, 1000)
    right = confidence > 0.7
    limit = thresholds(confidence, right, np.ones(1000, bool), np.zeros(1000, bool))[0]
    assert 0.67 <= limit <= 0.70
    assert thresholds(confidence, np.zeros(1000, bool), np.ones(1000, bool), np.zeros(1000, bool))[0] >= 0.98


def test_folds_keep_authors_apart() -> None:
    assert fold_of(Line("khai-sinh", "x", "j", "", "", "")) == "j"
    assert fold_of(Line("khai-sinh", "x", "catalogue", "", "", "")) is None
    assert fold_of(Line("khai-sinh", "x", "a", "", "", "")) is None
