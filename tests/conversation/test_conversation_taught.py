"""A question a person answered is known again when others ask it in their own words; another question is not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.conversation.taught import TaughtAnswer, TaughtIndex, grouped, telling_words

TODAY = date(2026, 11, 22)
QUESTION = "Xã mình có lớp dạy bơi miễn phí cho trẻ em không?"
OTHERS = (
    "Bao giờ trạm bơm thôn 3 chạy lại?",
    "Có được mượn hội trường nhà văn hóa làm đám cưới không?",
    "Lịch phát thuốc diệt chuột năm nay thế nào?",
    "Chợ phiên dịp tết họp ở đâu?",
)


def _answer(*questions: str, until: date | None = None, id: int = 1) -> TaughtAnswer:
    return TaughtAnswer(id, "Có, vào tháng 6.", "", "", TODAY, until, questions)


@pytest.fixture
def index() -> TaughtIndex:
    return TaughtIndex([_answer(QUESTION), *(_answer(other, id=number) for number, other in enumerate(OTHERS, 2))])


@pytest.mark.parametrize(
    "asked",
    [
        "xa minh co lop day boi mien phi cho tre em khong",
        "cho hỏi lớp dạy bơi miễn phí cho trẻ em ạ",
        "Lớp dạy bơi miễn phí trẻ em có không bác ơi",
        "lop day boii mien phi cho tre em",
    ],
)
def test_the_same_question_is_known_again(index: TaughtIndex, asked: str) -> None:
    found = index.nearest(asked, TODAY)
    assert found is not None
    assert found.question == QUESTION


@pytest.mark.parametrize(
    "asked",
    [
        "lớp học tiếng anh miễn phí cho trẻ em ở đâu",
        "dạy bơi",
        "bơi",
        "đăng ký khai sinh cho trẻ em cần giấy gì",
        "có lớp xóa mù chữ không",
        "",
        "???",
    ],
)
def test_another_question_is_not(index: TaughtIndex, asked: str) -> None:
    assert index.nearest(asked, TODAY) is None


def test_an_answer_that_is_over_is_given_no_more() -> None:
    index = TaughtIndex([_answer(QUESTION, until=TODAY)])
    assert index.nearest(QUESTION, TODAY) is not None
    assert index.nearest(QUESTION, TODAY + timedelta(days=1)) is None


def test_an_empty_index_knows_nothing() -> None:
    assert not TaughtIndex(())
    assert TaughtIndex(()).nearest(QUESTION, TODAY) is None


def test_politeness_carries_nothing_but_a_message_of_nothing_else_stays_whole() -> None:
    assert telling_words("dạ cháu chào bác ạ, cho cháu hỏi lớp bơi") == ("lop", "boi")
    assert telling_words("dạ vâng ạ") != ()


def test_questions_that_ask_the_same_are_put_together() -> None:
    questions = [
        "Xã có lớp dạy bơi miễn phí cho trẻ em không",
        "bao giờ trạm bơm chạy",
        "lop day boi mien phi cho tre em",
        "cho em hỏi lớp dạy bơi miễn phí cho các trẻ em ạ",
        "tram bom bao gio chay vay",
    ]
    assert sorted(sorted(group) for group in grouped(questions)) == [[0, 2, 3], [1, 4]]
