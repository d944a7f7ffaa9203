"""In a group: silent unless called, and then nothing of anybody's own."""

from __future__ import annotations

import pytest
from conversation_talk import Talk, part, text_of, understood
from conversation_voices import QUESTION, TeamDesk, talk_of

from bot.conversation.exchange import Outcome
from bot.conversation.flood import BUCKET_SIZE
from bot.conversation.groups import question_for_us
from bot.conversation.state import State

CALL = "[@oa-1]"


def _says(talk: Talk, text: str) -> Outcome:
    return talk.sends("group_text", text)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (f"{CALL} làm khai sinh", "làm khai sinh"),
        (f"ad {CALL} ơi, làm khai sinh", "ad ơi, làm khai sinh"),
        (f"{CALL}", ""),
        ("/hỏi làm khai sinh", "làm khai sinh"),
        ("#HOI làm khai sinh", "làm khai sinh"),
        ("/hỏi xã: làm khai sinh", "làm khai sinh"),
        ("làm khai sinh", None),
        ("[@somebody] làm khai sinh", None),
        ("/hoicho làm gì", None),
        ("hỏi xã làm khai sinh", None),
    ],
)
def test_who_is_meant(text: str, question: str | None) -> None:
    from conversation_talk import WORDS

    assert question_for_us(text, "oa-1", WORDS.cues["group_call"]) == question


def test_talk_among_people_gets_no_word_and_leaves_no_trace() -> None:
    talk = talk_of()
    outcome = _says(talk, QUESTION)
    assert outcome.replies == () and outcome.acts == () and outcome.requests == ()
    assert talk.state == State()


def test_a_question_is_answered_without_buttons_and_nothing_is_remembered() -> None:
    talk = talk_of()
    outcome = _says(talk, f"{CALL} {QUESTION}")
    assert "Nội dung fee của khai-sinh" in text_of(outcome)
    assert all(reply.buttons == () for reply in outcome.replies)
    assert talk.state.last_topic is None and talk.state.menu == ()


def test_several_questions_are_answered() -> None:
    line = "khai sinh và kết hôn"
    parts = (part("khai sinh", "answer", "khai-sinh", facet="fee"), part("kết hôn", "answer", "ket-hon", facet="time"))
    talk = talk_of(**{line: understood("answer", "khai-sinh", "ket-hon", parts=parts)})
    said = text_of(_says(talk, f"{CALL} {line}"))
    assert "khai-sinh" in said and "ket-hon" in said


@pytest.mark.parametrize(
    "words",
    ["phản ánh của tôi đến đâu rồi", "danh sách của tổ tôi", "dữ liệu của tôi", "CG-7K3M9X", "PA-7K3M9X", "gặp cán bộ",
     "xóa dữ liệu", "dừng tin", "đèn hỏng ở thôn Đoài", "TO-ABCD-EFGH"],
)  # fmt: skip
def test_nothing_of_anybodys_own_is_said_or_done(words: str) -> None:
    line = understood("action", "@status", action="status")
    desk = TeamDesk(paragraphs=("Phản ánh PA-7K3M9X: đèn hỏng",))
    talk = talk_of(desk, **{"phản ánh của tôi đến đâu rồi": line})
    outcome = _says(talk, f"/hỏi {words}")
    assert outcome.acts == () and outcome.requests == ()
    assert "nhắn riêng" in text_of(outcome)
    assert "đèn hỏng ở" not in text_of(outcome) and "PA-7K3M9X" not in text_of(outcome)


def test_danger_gets_the_numbers_only_when_called() -> None:
    talk = talk_of()
    assert "114" in text_of(_says(talk, f"{CALL} cháy nhà rồi"))
    assert _says(talk, "cháy nhà rồi").replies == ()


def test_an_identity_number_is_warned_about() -> None:
    assert "số căn cước" in text_of(_says(talk_of(), f"{CALL} số 031085012345 của tôi"))


def test_a_dialogue_in_the_private_chat_is_untouched() -> None:
    talk = talk_of()
    talk.says("báo cáo tổ")
    before = talk.state.dialogue
    _says(talk, f"{CALL} 5")
    assert talk.state.dialogue == before and before is not None


def test_one_who_floods_a_group_is_answered_no_more() -> None:
    talk = talk_of()
    from datetime import timedelta

    answers = [
        bool(talk.sends("group_text", f"{CALL} {QUESTION}", after=timedelta(milliseconds=10)).replies)
        for _ in range(20)
    ]
    assert sum(answers) == int(BUCKET_SIZE)


def test_a_tap_typed_in_a_group_does_nothing() -> None:
    outcome = _says(talk_of(), f"{CALL} #hoixa:human")
    assert outcome.acts == () and outcome.requests == ()
