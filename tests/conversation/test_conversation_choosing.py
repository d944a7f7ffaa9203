"""Lists: taps, numbers, typed titles, their end; the question back where the meaning is unsure; ratings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conversation_talk import Talk, likely, payload, text_of, titles, understood

from bot.conversation.state import State

UNSURE = {"giấy khai sinh": understood("clarify", "khai-sinh", "dang-ky-lai-khai-sinh", "@feedback", facet="papers")}


def test_three_choices_and_a_person_where_unsure() -> None:
    outcome = Talk(UNSURE).says("giấy khai sinh")
    assert titles(outcome) == ["Đăng ký khai sinh", "Đăng ký lại khai sinh", "Gửi phản ánh", "Không phải, gặp cán bộ"]
    assert "từ 1 đến 4" in text_of(outcome)
    assert outcome.decision.topics == (("khai-sinh", 0.9), ("dang-ky-lai-khai-sinh", 0.7), ("@feedback", 0.5))
    assert outcome.requests == ()


def test_siblings_get_the_question_that_tells_them_apart() -> None:
    question = "Cháu chưa khai lần nào, hay sổ cũ mất hết?"
    unsure = likely(0.6, understood("clarify", "khai-sinh", "dang-ky-lai-khai-sinh", question=question))
    outcome = Talk({"x": unsure}).says("x")
    assert text_of(outcome).startswith(question)
    assert len(titles(outcome)) == 3


def test_a_choice_keeps_the_part_that_was_asked() -> None:
    talk = Talk(UNSURE)
    talk.says("giấy khai sinh")
    assert "Nội dung papers của dang-ky-lai-khai-sinh" in text_of(talk.says("2"))


def test_a_choice_may_be_typed_as_its_title() -> None:
    talk = Talk(UNSURE)
    talk.says("giấy khai sinh")
    assert "Nội dung papers của dang-ky-lai-khai-sinh" in text_of(talk.says("dang ky lai khai sinh"))


def test_a_question_near_a_title_is_not_taken_for_it() -> None:
    talk = Talk(UNSURE | {"đăng ký lại kết hôn": understood("answer", "ket-hon")})
    talk.says("giấy khai sinh")
    assert "của ket-hon" in text_of(talk.says("đăng ký lại kết hôn"))


def test_an_action_chosen_runs_on_the_message_it_was_asked_about() -> None:
    report = "cột đèn đầu thôn Đoài tắt ba hôm nay"
    talk = Talk({report: understood("clarify", "gio-lam-viec", "@feedback")})
    outcome = talk.says(payload(talk.says(report), "Gửi phản ánh"))
    assert outcome.state.dialogue is not None
    assert outcome.state.dialogue.values["what"] == report
    assert outcome.decision.action == "feedback"


def test_none_of_these_brings_a_person_with_the_question() -> None:
    talk = Talk(UNSURE)
    talk.says("giấy khai sinh")
    outcome = talk.says("4")
    assert [(request.kind, request.text) for request in outcome.requests] == [("human", "giấy khai sinh")]


def test_an_action_tapped_long_after_asks_what_it_is_about() -> None:
    talk = Talk(UNSURE)
    talk.says("giấy khai sinh")
    outcome = talk.says("#hoixa:action:feedback", after=timedelta(hours=3))
    assert outcome.requests == ()
    assert talk.state.dialogue is not None
    assert (talk.state.dialogue.name, talk.state.dialogue.asked) == ("report", "what")


def test_candidates_nobody_can_choose_are_left_out() -> None:
    outcome = Talk({"x": likely(0.6, understood("clarify", "@chitchat", "ket-hon", "chua-co"))}).says("x")
    assert titles(outcome) == ["Đăng ký kết hôn", "Không phải, gặp cán bộ"]
    assert "Có phải bác hỏi việc này" in text_of(outcome)


@pytest.mark.parametrize("text", ["không phải", "sai rồi", "Nhầm rồi!", "ko phải", "khong dung y toi"])
def test_not_that_offers_what_else_was_likely(text: str) -> None:
    talk = Talk({"làm giấy": understood("answer", "khai-sinh", "@idea", "ket-hon", "can-cuoc", facet="fee")})
    talk.says("làm giấy")
    outcome = talk.says(text)
    assert titles(outcome) == ["Đăng ký kết hôn", "Cấp căn cước", "Gặp cán bộ"]
    assert "Nội dung fee của ket-hon" in text_of(talk.says("1"))


def test_not_that_without_another_meaning_asks_to_say_it_again() -> None:
    talk = Talk({"kết hôn": understood("answer", "ket-hon")})
    talk.says("kết hôn")
    outcome = talk.says("sai rồi")
    assert "nói lại" in text_of(outcome)
    assert titles(outcome) == ["Gặp cán bộ"]


def test_not_that_means_nothing_long_after_the_answer() -> None:
    talk = Talk({"kết hôn": understood("answer", "ket-hon"), "sai rồi": understood("chitchat", chitchat="other")})
    talk.says("kết hôn")
    assert talk.says("sai rồi", after=timedelta(minutes=20)).trace["route"] == "chitchat_other"


def test_a_list_outlives_thanks_but_not_an_hour() -> None:
    talk = Talk(UNSURE | {"cảm ơn": understood("chitchat", chitchat="thanks")})
    talk.says("giấy khai sinh")
    talk.says("cảm ơn")
    assert "của khai-sinh" in text_of(talk.says("1", after=timedelta(minutes=50)))
    late = talk.says("1", after=timedelta(minutes=61))
    assert late.trace["route"] == "number_without_list"
    assert late.decision.decision == "chitchat"


def test_a_number_beyond_the_list_shows_it_again() -> None:
    talk = Talk(UNSURE)
    shown = talk.says("giấy khai sinh")
    outcome = talk.says("9")
    assert "từ 1 đến 4" in text_of(outcome)
    assert titles(outcome) == titles(shown)


def test_a_tap_works_however_old() -> None:
    outcome = Talk().says("#hoixa:answer:ket-hon:fee", after=timedelta(days=300))
    assert "Nội dung fee của ket-hon" in text_of(outcome)


@pytest.mark.parametrize(
    "text",
    [
        "#hoixa:", "#hoixa:answer", "#hoixa:answer:", "#hoixa:answer:mat-roi:fee", "#hoixa:more:mat-roi",
        "#hoixa:vote:7", "#hoixa:action:bay", "#hoixa:rate:5", "#hoixa:action", "#hoixa:::::",
    ],
)  # fmt: skip
def test_a_payload_nobody_knows_gets_a_helpful_word(text: str) -> None:
    outcome = Talk().says(text)
    assert "đã cũ" in text_of(outcome)
    assert "Làm khai sinh cần giấy tờ gì?" in titles(outcome)
    assert outcome.requests == ()


def test_a_part_nobody_knows_any_more_shows_the_overview() -> None:
    assert "Nội dung overview của ket-hon" in text_of(Talk().says("#hoixa:answer:ket-hon:gia-vang"))


def test_the_parts_of_an_unknown_part_can_still_be_opened() -> None:
    assert titles(Talk().says("#hoixa:more:phan-loai-rac:gia-vang")) == ["Lệ phí"]
    assert "hết các phần" in text_of(Talk().says("#hoixa:more:gio-lam-viec"))


def test_a_mark_counts_only_right_after_the_question() -> None:
    talk = Talk()
    talk.state = State().awaiting_rating(int(talk.now.timestamp() * 1000))
    outcome = talk.says("4", after=timedelta(hours=20))
    assert outcome.rating == 4
    assert talk.says("4").rating is None


def test_another_message_ends_the_wait_for_a_mark() -> None:
    talk = Talk({"kết hôn": understood("answer", "ket-hon")})
    talk.state = State().awaiting_rating(int(talk.now.timestamp() * 1000))
    assert "của ket-hon" in text_of(talk.says("kết hôn"))
    assert talk.state.expecting == "none"
    numbered = talk.says("2")
    assert numbered.rating is None
    assert "Nội dung fee của ket-hon" in text_of(numbered)


def test_a_mark_can_be_tapped_and_stars_typed() -> None:
    for text in ("#hoixa:rate:5", "5 sao", "5/5", "5"):
        talk = Talk()
        talk.state = State().awaiting_rating(int(talk.now.timestamp() * 1000))
        assert talk.says(text).rating == 5
    talk = Talk()
    talk.state = State().awaiting_rating(int(talk.now.timestamp() * 1000))
    assert talk.says("9").rating is None
