"""What goes to people: unanswered questions, "gặp cán bộ"; and staying silent when a person talks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from conversation_talk import Talk, commune, text_of, titles, understood

from bot.conversation.acts import QueueForPerson

HUMAN = understood("action", "@human", action="human")


def requests_of(outcome: object) -> list[tuple[str, str]]:
    return [(request.kind, request.text) for request in outcome.requests]


def test_no_answer_is_admitted_written_down_and_points_to_the_desk() -> None:
    talk = Talk(commune=commune(desk_phone="0225 123 456", desk_hours="7h30–17h00"))
    outcome = talk.says("con bò nhà tôi bị nhiễm phèn")
    assert requests_of(outcome) == [("unanswered", "con bò nhà tôi bị nhiễm phèn")]
    assert "chưa trả lời được" in text_of(outcome)
    assert "0225 123 456" in text_of(outcome)
    assert titles(outcome) == ["Gặp cán bộ"]
    assert outcome.decision.topics == ()


def test_an_empty_profile_is_said_to_be_empty() -> None:
    assert "chưa cập nhật giờ làm việc, địa chỉ" in text_of(Talk().says("điều lạ"))


def test_the_second_time_in_a_row_the_way_to_a_person_comes_first() -> None:
    talk = Talk({"kết hôn": understood("answer", "ket-hon")})
    first, second = talk.says("điều lạ"), talk.says("điều lạ nữa")
    assert text_of(first) != text_of(second)
    assert "vẫn chưa hiểu" in text_of(second)
    talk.says("kết hôn")
    assert text_of(talk.says("điều lạ")) == text_of(first)


def test_the_question_goes_with_the_resident_to_the_person() -> None:
    talk = Talk()
    talk.says("điều lạ")
    assert requests_of(talk.says("1")) == [("human", "điều lạ")]


def test_out_of_scope_is_declined_with_who_can_help_and_bothers_no_staff() -> None:
    outcome = Talk({"ly hôn": understood("fallback", pointer="ly-hon-toa-an")}).says("ly hôn")
    assert "Tòa án" in text_of(outcome)
    assert "xã Hà Đông" in text_of(outcome)
    assert outcome.requests == ()
    assert outcome.decision.pointer == "ly-hon-toa-an"


def test_a_pointer_we_are_not_sure_of_goes_to_staff_instead() -> None:
    unsure = replace(understood("fallback", pointer="ly-hon-toa-an"), confidence=0.4)
    outcome = Talk({"ống khói lò gạch": unsure}).says("ống khói lò gạch")
    assert requests_of(outcome) == [("unanswered", "ống khói lò gạch")]
    assert "Tòa án" not in text_of(outcome)


def test_a_pointer_nobody_wrote_is_like_no_answer() -> None:
    outcome = Talk({"x": understood("fallback", pointer="khong-co")}).says("x")
    assert requests_of(outcome) == [("unanswered", "x")]
    assert outcome.decision.pointer is None


def test_a_person_is_asked_for_honestly_with_the_hours_or_without() -> None:
    told = Talk({"gặp cán bộ": HUMAN}, commune=commune(desk_hours="7h30–17h00 thứ Hai–thứ Sáu")).says("gặp cán bộ")
    assert requests_of(told) == [("human", "gặp cán bộ")]
    assert "giờ làm việc: 7h30–17h00 thứ Hai–thứ Sáu" in text_of(told)
    assert "không dám hẹn trước" in text_of(told)
    untold = Talk({"gặp cán bộ": HUMAN}).says("gặp cán bộ")
    assert "xã chưa cập nhật giờ làm việc" in text_of(untold)


def test_the_queue_says_when_the_office_is_open() -> None:
    """22/11/2026 is a Sunday, and 24/11 a holiday."""

    def told(**after: float) -> str:
        talk = Talk({"gặp cán bộ": HUMAN}, commune=commune(desk_hours="7h30–11h30, 13h30–17h00"))
        outcome = talk.says("gặp cán bộ", after=timedelta(**after))
        assert outcome.acts == (QueueForPerson("gặp cán bộ", ""),)
        return text_of(outcome)

    assert "làm việc lại lúc 7:30 ngày 23/11/2026" in told()
    assert "vào hàng chờ gặp cán bộ" in told(hours=21)
    assert "làm việc lại lúc 13:30 hôm nay" in told(hours=24)
    assert "làm việc lại lúc 7:30 ngày 25/11/2026" in told(hours=30)


def test_staff_see_what_the_last_answer_was_about() -> None:
    talk = Talk({"kết hôn": understood("answer", "ket-hon"), "gặp cán bộ": HUMAN})
    talk.says("kết hôn")
    assert talk.says("gặp cán bộ").requests[0].topics == ("ket-hon",)


def test_the_bot_is_silent_while_a_person_has_the_conversation() -> None:
    talk = Talk({"kết hôn": understood("answer", "ket-hon")})
    talk.says("kết hôn")
    for kind, text in (("text", "1"), ("image", ""), ("follow", ""), ("text", "#hoixa:human")):
        outcome = talk.sends(kind, text, silent=True)
        assert (outcome.replies, outcome.requests) == ((), ())
        assert outcome.decision.decision == "silent"
    # Danger alone breaks the silence, and not again and again: the official may not be looking.
    first, second = (talk.sends("text", "cháy nhà", silent=True) for _ in range(2))
    assert "114" in text_of(first)
    assert (second.replies, second.requests) == ((), ())
    # The official may have asked "1 hay 2?": our own list no longer counts.
    assert talk.says("1").trace["route"] == "number_without_list"
