"""Marks in the chat: asked rarely, one tap, never in the way; why, by a tap or in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from conversation_talk import Talk, payload, tap, text_of, titles, understood

from bot.conversation.acts import Rate
from bot.conversation.dialogues.satisfaction import ASK_AGAIN_AFTER, ASKED_EVERY
from bot.conversation.exchange import Outcome

LINE = "làm khai sinh hết bao nhiêu"
GOOD, BAD = "Được việc", "Chưa được"
NEXT_DAY = timedelta(days=1)


def _talk() -> Talk:
    return Talk({LINE: understood("answer", "khai-sinh", facet="fee"), "alo": understood("chitchat")})


def _asked(outcome: Outcome) -> bool:
    return GOOD in titles(outcome)


def _until_asked(talk: Talk) -> Outcome:
    for _ in range(ASKED_EVERY):
        outcome = talk.says(LINE, after=NEXT_DAY)
    assert _asked(outcome)
    return outcome


def test_the_fifth_answered_conversation_is_asked_and_the_others_not() -> None:
    talk = _talk()
    asked = [_asked(talk.says(LINE, after=NEXT_DAY)) for _ in range(ASKED_EVERY)]
    assert asked == [False] * (ASKED_EVERY - 1) + [True]


def test_many_questions_of_one_conversation_count_once() -> None:
    talk = _talk()
    assert not any(_asked(talk.says(LINE, after=timedelta(minutes=1))) for _ in range(12))


def test_nobody_is_asked_again_within_seven_days() -> None:
    talk = _talk()
    _until_asked(talk)
    week = timedelta(milliseconds=ASK_AGAIN_AFTER)
    soon = [_asked(talk.says(LINE, after=timedelta(hours=2))) for _ in range(3 * ASKED_EVERY)]
    assert not any(soon)
    assert _asked(talk.says(LINE, after=week))


def test_only_answers_are_asked_about_and_never_within_a_dialogue() -> None:
    talk = _talk()
    for _ in range(ASKED_EVERY - 1):
        talk.says(LINE, after=NEXT_DAY)
    assert not _asked(talk.says("alo", after=NEXT_DAY))
    talk.says("xóa dữ liệu")
    assert not _asked(talk.says(LINE, after=timedelta(hours=2)))
    talk.says("thôi")
    assert _asked(talk.says(LINE, after=timedelta(hours=2)))


def test_danger_is_never_asked_about() -> None:
    line = "cháy nhà rồi"
    talk = Talk({line: understood("answer", "bao-su-co-khan-cap")})
    assert not any(_asked(talk.says(line, after=NEXT_DAY)) for _ in range(2 * ASKED_EVERY))


def test_the_marks_stand_behind_the_parts_so_that_a_typed_one_is_still_the_next_part() -> None:
    outcome = _until_asked(_talk())
    assert titles(outcome)[-2:] == [GOOD, BAD] and len(titles(outcome)) == 5
    talk = _talk()
    outcome = _until_asked(talk)
    first = titles(outcome)[0]
    assert first in text_of(talk.says("1"))


def test_a_tap_is_a_mark_of_that_answer() -> None:
    talk = _talk()
    outcome = tap(talk, _until_asked(talk), GOOD)
    assert outcome.acts == (Rate(5, "chat", topic="khai-sinh", facet="fee"),)
    assert outcome.rating == 5


def test_a_low_mark_is_asked_why_and_nothing_has_to_be_said() -> None:
    talk = _talk()
    outcome = tap(talk, _until_asked(talk), BAD)
    assert outcome.acts == (Rate(2, "chat", topic="khai-sinh", facet="fee"),)
    reasons = outcome
    outcome = tap(talk, reasons, "Không đúng điều cần")
    assert outcome.acts == (Rate(2, "chat", "wrong", topic="khai-sinh", facet="fee"),)
    assert "Nội dung fee" in text_of(talk.says(LINE))


def test_words_may_be_added() -> None:
    talk = _talk()
    reasons = tap(talk, _until_asked(talk), BAD)
    tap(talk, reasons, "Nói thêm")
    outcome = talk.says("lệ phí này cũ rồi")
    assert outcome.acts == (Rate(2, "chat", words="lệ phí này cũ rồi", topic="khai-sinh", facet="fee"),)
    assert talk.state.dialogue is None


def test_adding_words_can_be_left() -> None:
    talk = _talk()
    tap(talk, tap(talk, _until_asked(talk), BAD), "Nói thêm")
    assert talk.says("thôi").acts == () and talk.state.dialogue is None


def test_a_visit_to_the_desk_is_rated_by_its_code() -> None:
    talk = _talk()
    talk.conversation._library = replace(talk.conversation._library, short_codes={"DG": "@rating"})
    talk.says("#DG")
    outcome = talk.says("2")
    assert outcome.acts == (Rate(2, "desk"),)
    assert titles(outcome) == ["Chậm", "Khó hiểu", "Không đúng điều cần", "Thái độ", "Nói thêm"]
    outcome = talk.says(payload(outcome, "Thái độ"))
    assert outcome.acts == (Rate(2, "desk", "manner"),)


@pytest.mark.parametrize(
    "broken", ["rated:chat:9:a:b", "rated:moon:5", "rate_reason:chat:2:a:b:rude", "rate_words:x:y"]
)
def test_a_broken_tap_is_an_old_button(broken: str) -> None:
    outcome = _talk().says(f"#hoixa:{broken}")
    assert outcome.acts == () and outcome.trace["route"] == "old_button"
