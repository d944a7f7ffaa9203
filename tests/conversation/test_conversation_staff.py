"""What goes to people: unanswered questions, "gặp cán bộ", reports, ideas; and staying silent when a person talks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from conversation_talk import Talk, commune, text_of, titles, understood

FEEDBACK = understood("action", "@feedback", action="feedback")
IDEA = understood("action", "@idea", action="idea")
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


def test_staff_see_what_the_last_answer_was_about() -> None:
    talk = Talk({"kết hôn": understood("answer", "ket-hon"), "gặp cán bộ": HUMAN})
    talk.says("kết hôn")
    assert talk.says("gặp cán bộ").requests[0].topics == ("ket-hon",)


@pytest.mark.parametrize(("kind", "understanding"), [("feedback", FEEDBACK), ("idea", IDEA)])
def test_a_report_or_idea_is_kept_whole_and_nothing_is_promised(kind: str, understanding: object) -> None:
    text = "Đèn đường ở thôn Đoài tắt ba hôm nay, gần nhà văn hóa"
    outcome = Talk({text: understanding}).says(text)
    assert requests_of(outcome) == [(kind, text)]
    assert "nguyên văn" in text_of(outcome)
    assert "chưa cấp được mã" in text_of(outcome)


@pytest.mark.parametrize(
    ("announcement", "kind", "understanding"),
    [
        ("tôi muốn phản ánh", "feedback", FEEDBACK),
        ("cho em phản ánh 1 việc ạ", "feedback", FEEDBACK),
        ("phan anh", "feedback", FEEDBACK),
        ("tôi có sáng kiến muốn gửi xã", "idea", IDEA),
    ],
)
def test_an_announcement_is_asked_about_and_the_next_message_is_kept(
    announcement: str, kind: str, understanding: object
) -> None:
    talk = Talk({announcement: understanding})
    asked = talk.says(announcement)
    assert asked.requests == ()
    assert "ở đâu" in text_of(asked)
    assert talk.state.expecting == f"{kind}_text"
    told = talk.says("ống nước vỡ trước cửa nhà văn hóa thôn Đoài")
    assert requests_of(told) == [(kind, f"{announcement}\nống nước vỡ trước cửa nhà văn hóa thôn Đoài")]
    assert talk.state.expecting == "none"
    assert talk.state.pending_text == ""


def test_a_report_told_in_several_messages_is_kept_in_several() -> None:
    report, question = "đèn đường hỏng", "thế sửa ở đâu?"
    talk = Talk({report: FEEDBACK, "ở đầu thôn Đoài ấy": understood("clarify", "ket-hon", "thuong-tru")})
    talk.says(report)
    assert requests_of(talk.says("ở đầu thôn Đoài ấy")) == [("feedback", "ở đầu thôn Đoài ấy")]
    assert requests_of(talk.says("từ hôm bão")) == [("feedback", "từ hôm bão")]
    assert requests_of(talk.says(question)) == [("unanswered", question)]
    assert requests_of(talk.says("xin chịu", after=timedelta(minutes=11))) == [("unanswered", "xin chịu")]


def test_a_question_after_a_report_is_answered() -> None:
    talk = Talk({"đèn đường hỏng": FEEDBACK, "kết hôn": understood("answer", "ket-hon")})
    talk.says("đèn đường hỏng")
    assert "của ket-hon" in text_of(talk.says("kết hôn"))


@pytest.mark.parametrize(
    ("text", "expecting"),
    [
        ("tôi có ý tưởng", "idea_text"),
        ("toi muon phan anh ve rac", "feedback_text"),
        ("em muốn hiến kế cho xã", "idea_text"),
    ],
)
def test_an_announcement_the_model_is_unsure_of_is_still_one(text: str, expecting: str) -> None:
    talk = Talk({text: understood("clarify", "@status", "@idea")})
    assert talk.says(text).requests == ()
    assert talk.state.expecting == expecting


@pytest.mark.parametrize("text", ["sáng kiến", "phản ánh ở đâu", "phản ánh đến đâu rồi", "sáng kiến trồng cây ở xã"])
def test_a_lone_word_or_a_question_is_no_announcement(text: str) -> None:
    talk = Talk({text: understood("clarify", "@status", "@idea")})
    assert talk.says(text).decision.decision == "clarify"


@pytest.mark.parametrize("word", ["huỷ", "hủy", "thôi", "Thôi!", "HUY", "thoi"])
def test_thoi_leaves(word: str) -> None:
    talk = Talk({"tôi muốn phản ánh": FEEDBACK})
    talk.says("tôi muốn phản ánh")
    outcome = talk.says(word)
    assert outcome.requests == ()
    assert talk.state.expecting == "none"


def test_a_real_question_in_the_middle_is_answered_and_the_report_still_awaited() -> None:
    talk = Talk({"tôi muốn phản ánh": FEEDBACK, "mà xã làm việc mấy giờ?": understood("answer", "gio-lam-viec")})
    talk.says("tôi muốn phản ánh")
    outcome = talk.says("mà xã làm việc mấy giờ?")
    assert "Nội dung overview của gio-lam-viec" in text_of(outcome)
    assert "vẫn chờ" in text_of(outcome)
    assert outcome.requests == ()
    told = talk.says("ống nước vỡ trước cửa")
    assert requests_of(told) == [("feedback", "tôi muốn phản ánh\nống nước vỡ trước cửa")]


def test_a_report_that_sounds_like_a_topic_is_still_a_report() -> None:
    talk = Talk({"tôi muốn phản ánh": FEEDBACK, "rác đổ đầy đầu thôn": understood("answer", "phan-loai-rac")})
    talk.says("tôi muốn phản ánh")
    assert requests_of(talk.says("rác đổ đầy đầu thôn"))[0][0] == "feedback"


def test_a_long_report_with_words_of_a_question_is_still_a_report() -> None:
    text = "họ đổ đất lấp cái ao làng xây nhà trái phép đã hai tháng mà không thấy ai nói gì"
    talk = Talk({"tôi muốn phản ánh": FEEDBACK, text: understood("answer", "phan-loai-rac")})
    talk.says("tôi muốn phản ánh")
    assert requests_of(talk.says(text))[0][0] == "feedback"


def test_a_number_while_a_report_is_awaited_is_no_report() -> None:
    talk = Talk({"tôi muốn phản ánh": FEEDBACK})
    talk.says("tôi muốn phản ánh")
    assert talk.says("2").requests == ()
    assert talk.state.expecting == "feedback_text"


def test_thanks_in_the_middle_are_no_report_but_anger_is() -> None:
    angry = "bọn mày để đường hỏng mãi thế à"
    talk = Talk(
        {
            "tôi muốn phản ánh": FEEDBACK,
            "vâng": understood("chitchat", chitchat="other"),
            angry: understood("chitchat", chitchat="insult"),
        }
    )
    talk.says("tôi muốn phản ánh")
    assert talk.says("vâng").requests == ()
    assert requests_of(talk.says(angry))[0][0] == "feedback"


def test_a_photo_in_the_middle_keeps_waiting_for_words() -> None:
    talk = Talk({"tôi muốn phản ánh": FEEDBACK})
    talk.says("tôi muốn phản ánh")
    assert "bằng chữ" in text_of(talk.sends("image"))
    assert talk.state.expecting == "feedback_text"
    assert requests_of(talk.sends("image", "ổ gà trước chợ"))[0][0] == "feedback"


def test_asking_for_a_person_in_the_middle_leaves_the_report() -> None:
    talk = Talk({"tôi muốn phản ánh": FEEDBACK, "cho gặp cán bộ": HUMAN})
    talk.says("tôi muốn phản ánh")
    assert requests_of(talk.says("cho gặp cán bộ")) == [("human", "cho gặp cán bộ")]
    assert talk.state.expecting == "none"


def test_the_wait_for_a_report_ends_after_an_hour() -> None:
    talk = Talk({"tôi muốn phản ánh": FEEDBACK, "kết hôn": understood("answer", "ket-hon")})
    talk.says("tôi muốn phản ánh")
    assert "của ket-hon" in text_of(talk.says("kết hôn", after=timedelta(minutes=61)))
    assert talk.state.expecting == "none"


def test_status_says_there_is_no_look_up_yet() -> None:
    outcome = Talk({"phản ánh của tôi đến đâu rồi": understood("action", "@status", action="status")}).says(
        "phản ánh của tôi đến đâu rồi"
    )
    assert "chưa tra được" in text_of(outcome)
    assert outcome.requests == ()


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
