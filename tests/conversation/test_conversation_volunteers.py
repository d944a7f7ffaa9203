"""Volunteers in the chat: enrolled by a code, asking for a neighbour with consent, their list, their report."""

from __future__ import annotations

import random

import pytest
from conversation_talk import BAC_TU, NOON, payload, tap, text_of, titles, understood
from conversation_voices import QUESTION, TeamDesk, talk_of

from bot.cases.codes import new_link_code
from bot.cases.enrolment_codes import new_enrolment_code, read_enrolment_code
from bot.conversation.acts import (
    EnrolVolunteer,
    FileTeamReport,
    ForwardQuestion,
    GiveConsent,
    LinkForward,
    MarkForwardAnswered,
)
from bot.conversation.desk import ForwardView
from bot.people import Person

DICE = random.Random(3)
CODE = new_enrolment_code(DICE.choice)
LINK = new_link_code(DICE.choice)
OTHER_LINK = new_link_code(DICE.choice)


def _view(code: str = LINK, answered: bool = False) -> ForwardView:
    return ForwardView(code, "Xin cấp lại giấy khai sinh", "bà Năm", NOON, answered)


@pytest.mark.parametrize("typed", [CODE, CODE.lower(), CODE.replace("-", ""), CODE.replace("-", " "), f" {CODE}. "])
def test_a_code_enrols_however_it_is_typed(typed: str) -> None:
    talk = talk_of(TeamDesk(team="", codes_known={CODE: "thôn đoài"}))
    outcome = talk.says(typed.strip(" .") if typed.endswith(". ") else typed)
    assert outcome.acts == (EnrolVolunteer(CODE),)
    assert "Thôn Đoài" in text_of(outcome)


def test_a_wrong_used_or_mistyped_code_enrols_nobody() -> None:
    talk = talk_of(TeamDesk(team=""))
    wrong = CODE[:-1] + ("2" if CODE[-1] != "2" else "3")
    for typed in (CODE, wrong):
        outcome = talk.says(typed)
        assert outcome.acts == () and "không dùng được" in text_of(outcome)


@pytest.mark.parametrize("words", ["to xin hoi nhe", "tờ khai ở đâu", "to rong qua", "to khai sinh"])
def test_words_that_begin_like_a_code_are_words(words: str) -> None:
    assert read_enrolment_code(words) is None


def test_every_single_wrong_sign_of_a_code_is_found() -> None:
    signs = CODE.removeprefix("TO-").replace("-", "")
    for place, sign in enumerate(signs):
        other = "2" if sign != "2" else "3"
        found = read_enrolment_code(f"TO-{signs[:place]}{other}{signs[place + 1 :]}")
        assert found is not None and found[1] is False


def test_a_question_the_bot_knows_is_answered_at_once_and_can_be_linked() -> None:
    talk = talk_of()
    outcome = talk.says("chuyển giúp")
    outcome = talk.says(QUESTION)  # a neighbour's message, forwarded, looks like any other text
    outcome = tap(talk, outcome, "Có")
    assert GiveConsent("forward") in outcome.acts
    talk.says("bà Năm đầu ngõ")
    outcome = talk.says("0912 345 678")
    assert "bà Năm đầu ngõ" in text_of(outcome) and "Thôn Đoài" in text_of(outcome)
    outcome = tap(talk, outcome, "Gửi đi")
    (act,) = [act for act in outcome.acts if isinstance(act, ForwardQuestion)]
    assert (act.text, act.for_whom, act.phone) == (QUESTION, "bà Năm đầu ngõ", "0912345678")
    assert (act.village, act.topic, act.answered) == ("thôn đoài", "khai-sinh", True)
    assert "Nội dung fee của khai-sinh" in act.answer and act.answer in text_of(outcome)
    assert act.link_code in text_of(outcome)


def test_a_question_the_bot_does_not_know_goes_to_staff() -> None:
    talk = talk_of()
    outcome = talk.says("chuyển giúp: bà Sáu hỏi bao giờ xã sửa cầu ao")
    outcome = tap(talk, outcome, "Không")
    outcome = tap(talk, outcome, "Gửi đi")
    (act,) = outcome.acts
    assert isinstance(act, ForwardQuestion)
    assert act.text == "bà Sáu hỏi bao giờ xã sửa cầu ao"
    assert (act.answered, act.answer, act.for_whom, act.phone) == (False, "", "", "")
    assert "chuyển cán bộ" in text_of(outcome)


def test_without_consent_no_name_is_asked_for() -> None:
    talk = talk_of()
    talk.says("chuyển giúp")
    outcome = talk.says(QUESTION)
    outcome = talk.says("không")
    assert "Hỏi giúp: không ghi tên" in text_of(outcome)
    assert outcome.acts == ()


def test_the_village_can_be_changed_and_leaving_files_nothing() -> None:
    talk = talk_of()
    talk.says("chuyen giup")
    talk.says(QUESTION)
    outcome = talk.says("không")
    outcome = tap(talk, outcome, "Sửa lại") if "Sửa lại" in titles(outcome) else talk.says("sửa")
    outcome = tap(talk, outcome, "Nơi ở")
    outcome = talk.says("thôn đông")
    assert "Thôn Đông" in text_of(outcome)
    assert talk.says("thôi").acts == ()
    assert talk.state.dialogue is None


def test_somebody_elses_hoi_giup_is_a_question() -> None:
    line = "hỏi giúp mẹ tôi làm khai sinh"
    talk = talk_of(TeamDesk(team=""), **{line: understood("answer", "khai-sinh", facet="papers")})
    outcome = talk.says(line)
    assert "Nội dung papers của khai-sinh" in text_of(outcome) and talk.state.dialogue is None
    assert "thành viên tổ" in text_of(talk.says("chuyển giúp"))


def test_the_list_shows_what_waits_and_marks_it_by_a_tap() -> None:
    desk = TeamDesk(forwards=[_view(), _view(OTHER_LINK, answered=True)])
    talk = talk_of(desk)
    outcome = talk.says("Danh sách của tổ tôi")
    assert f"{LINK}, 22/11, hỏi giúp bà Năm" in text_of(outcome)
    assert titles(outcome) == [f"Đã trả lời {LINK}"]
    outcome = talk.says(payload(outcome, f"Đã trả lời {LINK}"))
    assert outcome.acts == (MarkForwardAnswered(LINK),)


def test_an_empty_list_and_a_stranger() -> None:
    assert "chưa chuyển câu nào" in text_of(talk_of().says("danh sách tổ"))
    stranger = talk_of(TeamDesk(team="", forwards=[_view()]))
    outcome = stranger.says("danh sách của tổ tôi")
    assert "bà Năm" not in text_of(outcome) and LINK not in text_of(outcome)


def test_an_answer_given_by_the_volunteer_is_marked_with_its_words() -> None:
    talk = talk_of(TeamDesk(forwards=[_view(), _view(OTHER_LINK, answered=True)]))
    assert talk.says(f"đã trả lời {LINK} mang theo căn cước").acts == (
        MarkForwardAnswered(LINK, "mang theo căn cước"),
    )  # fmt: skip
    assert talk.says(f"da tra loi {LINK.lower()}").acts == (MarkForwardAnswered(LINK),)
    assert talk.says(f"đã trả lời {OTHER_LINK}").acts == ()
    not_theirs = new_link_code(DICE.choice)
    assert "không thấy" in text_of(talk.says(f"đã trả lời {not_theirs}"))


def test_a_neighbour_links_and_hears_no_more_than_that() -> None:
    talk = talk_of(TeamDesk(forwards=[_view()]))
    talk.person = Person("oa-1", "neighbour")
    outcome = talk.says(LINK.lower().replace("-", " "))
    assert outcome.acts == (LinkForward(LINK),)
    assert "bà Năm" not in text_of(outcome)
    unknown = new_link_code(DICE.choice)
    outcome = talk.says(unknown)
    assert outcome.acts == () and "không tìm thấy" in text_of(outcome)


def test_ones_own_link_code_tells_how_it_stands() -> None:
    talk = talk_of(TeamDesk(forwards=[_view(), _view(OTHER_LINK, answered=True)]))
    outcome = talk.says(LINK)
    assert outcome.acts == () and "đang chờ" in text_of(outcome) and titles(outcome) == [f"Đã trả lời {LINK}"]
    assert "đã có trả lời" in text_of(talk.says(OTHER_LINK))


def test_a_code_works_in_the_middle_of_another_dialogue() -> None:
    talk = talk_of(TeamDesk(team="", codes_known={CODE: "thôn đoài"}))
    talk.person = BAC_TU
    talk.says("xóa dữ liệu")
    assert talk.says(CODE).acts == (EnrolVolunteer(CODE),)
    assert talk.state.dialogue is not None


def test_a_report_by_a_short_form() -> None:
    talk = talk_of()
    talk.says("báo cáo tổ")
    assert "con số" in text_of(talk.says("nhiều lắm"))
    talk.says("2")
    talk.says("khoảng 15 người")
    outcome = talk.says("bà con hay quên mật khẩu")
    assert "Lớp đã mở: 2. Người đã giúp: 15." in text_of(outcome)
    outcome = tap(talk, outcome, "Gửi đi")
    assert outcome.acts == (FileTeamReport(2, 15, "bà con hay quên mật khẩu"),)


def test_a_report_needs_no_difficulty_and_a_member() -> None:
    talk = talk_of()
    for said in ("bao cao to", "0", "0", "bỏ qua"):
        outcome = talk.says(said)
    assert "Khó khăn: không có" in text_of(outcome)
    assert tap(talk, outcome, "Gửi đi").acts == (FileTeamReport(0, 0, ""),)
    assert "thành viên tổ" in text_of(talk_of(TeamDesk(team="")).says("báo cáo tổ"))
