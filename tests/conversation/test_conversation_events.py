"""Classes and events in the chat: found by asking, signed up for once, given back; schools are not meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from conversation_talk import BAC_TU, NOON, DeskByHeart, Talk, payload, tap, text_of, titles, understood

from bot.conversation.acts import CancelSignUp, SignUp
from bot.conversation.desk import EventView
from bot.people import Person

CLASS = EventView(7, "Lớp dùng VNeID", "Nhà văn hóa thôn Đoài", NOON + timedelta(days=2), "người cao tuổi", 3)
HELP = EventView(8, "Ngày giúp bà con làm hồ sơ", "Nhà văn hóa thôn Hạ", NOON + timedelta(days=4))


@dataclass
class EventDesk(DeskByHeart):
    """What is to come in ``ha-dong``."""

    coming: list[EventView] = field(default_factory=lambda: [CLASS, HELP])

    def events(self, commune_id: str, person: Person, now: datetime) -> Sequence[EventView]:
        return self.coming if commune_id == "ha-dong" and person == BAC_TU else ()


def talk_of(*coming: EventView, **lines: str) -> Talk:
    known = {line: understood("answer", topic) for line, topic in lines.items()}
    return Talk(known, desk=EventDesk(coming=list(coming)))


@pytest.mark.parametrize(
    "asked",
    ["bao giờ có lớp", "Bao gio co lop the", "sắp tới có lớp nào không", "xã có sự kiện gì", "lịch lớp học", "sự kiện",
     "khi nào mở lớp Bình dân học vụ số ạ"],
)  # fmt: skip
def test_asking_lists_what_is_to_come(asked: str) -> None:
    outcome = talk_of(CLASS, HELP).says(asked)
    said = text_of(outcome)
    assert "Lớp dùng VNeID: 12:00 thứ Ba 24/11, tại Nhà văn hóa thôn Đoài" in said
    assert titles(outcome)[:2] == ["Lớp dùng VNeID", "Ngày giúp bà con làm hồ sơ"]


def test_a_school_s_class_and_an_empty_calendar_are_answered_as_before() -> None:
    line = "khi nào có lớp 1 cho cháu vào"
    outcome = talk_of(CLASS, **{line: "khai-sinh"}).says(line)
    assert "VNeID" not in text_of(outcome)
    line = "bao giờ có lớp"
    outcome = talk_of(**{line: "khai-sinh"}).says(line)
    assert "khai-sinh" in text_of(outcome)


def test_signing_up_with_a_name() -> None:
    talk = talk_of(CLASS, HELP)
    outcome = tap(talk, talk.says("bao giờ có lớp"), "Lớp dùng VNeID")
    assert "Còn 3 chỗ" in text_of(outcome) and "người cao tuổi" in text_of(outcome)
    outcome = tap(talk, outcome, "Đăng ký")
    assert outcome.acts == () and "tên" in text_of(outcome)
    outcome = talk.says("Bà Năm đầu ngõ")
    assert outcome.acts == (SignUp(7, "Bà Năm đầu ngõ"),)
    assert "12:00 thứ Ba 24/11" in text_of(outcome) and talk.state.dialogue is None


def test_the_name_may_be_left_out_and_numbers_do_without_buttons() -> None:
    talk = talk_of(CLASS, HELP)
    talk.says("bao giờ có lớp")
    outcome = talk.says("2")
    assert "Ngày giúp bà con" in text_of(outcome)
    outcome = talk.says("1")
    outcome = talk.says("bỏ qua")
    assert outcome.acts == (SignUp(8, ""),)


def test_what_is_no_name_is_asked_again_and_leaving_signs_nobody_up() -> None:
    talk = talk_of(CLASS)
    tap(talk, talk.says("bao giờ có lớp"), "Đăng ký")
    assert talk.says("031099001234").acts == ()
    assert talk.says("thôi").acts == () and talk.state.dialogue is None


def test_a_seat_is_given_back_once() -> None:
    mine = replace(CLASS, signed_up=True)
    talk = talk_of(mine)
    outcome = talk.says("hủy đăng ký lớp")
    assert "đã đăng ký" in text_of(outcome) and "Đăng ký" not in titles(outcome)
    leave = payload(outcome, "Thôi, nhường chỗ")
    assert talk.says(leave).acts == (CancelSignUp(7),)
    talk.desk.coming = [CLASS]  # type: ignore[attr-defined]
    assert talk.says(leave).acts == ()


def test_full_gone_and_of_elsewhere() -> None:
    talk = talk_of(replace(CLASS, seats_left=0))
    outcome = talk.says("bao giờ có lớp")
    assert "hết chỗ" in text_of(outcome) and "Đăng ký" not in titles(outcome)
    assert talk.says("#hoixa:event_sign_up:7").acts == ()
    for stale in ("#hoixa:event:99", "#hoixa:event_sign_up:99", "#hoixa:event_leave:99", "#hoixa:event_sign_up:x"):
        outcome = talk.says(stale)
        assert outcome.acts == () and "không còn" in text_of(outcome)


def test_the_last_seat_went_while_the_name_was_asked() -> None:
    talk = talk_of(CLASS)
    tap(talk, talk.says("bao giờ có lớp"), "Đăng ký")
    talk.desk.coming = [replace(CLASS, seats_left=0)]  # type: ignore[attr-defined]
    outcome = talk.says("Bà Năm")
    assert outcome.acts == () and "hết chỗ" in text_of(outcome) and talk.state.dialogue is None
