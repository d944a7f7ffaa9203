"""Welcome, small talk, things that are not text, emergencies, floods, and identity numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conversation_talk import Talk, text_of, titles, understood

EMERGENCY_NUMBERS = ("113", "114", "115", "112")


def test_the_welcome_says_what_this_is_what_not_to_send_and_shows_three_questions() -> None:
    outcome = Talk().sends("follow", first=True)
    text = text_of(outcome)
    assert "máy trả lời tự động của xã Hà Đông" in text
    assert "gặp cán bộ" in text
    assert "số căn cước" in text
    assert titles(outcome) == [
        "Làm khai sinh cần giấy tờ gì?",
        "Chứng thực bản sao hết bao nhiêu?",
        "Xã làm việc giờ nào?",
    ]


def test_a_sample_question_can_be_tapped_or_numbered() -> None:
    talk = Talk()
    talk.sends("chat_now", first=True)
    assert "Nội dung papers của khai-sinh" in text_of(talk.says("1"))


def test_following_and_chat_now_at_once_get_one_welcome() -> None:
    talk = Talk()
    assert talk.sends("follow").replies
    assert talk.sends("chat_now").replies == ()
    assert talk.sends("follow", after=timedelta(hours=1)).replies


def test_a_first_greeting_gets_the_welcome_and_a_first_question_its_answer_and_one_line() -> None:
    lines = {"chào": understood("chitchat", chitchat="greeting"), "kết hôn": understood("answer", "ket-hon")}
    assert "Bác đừng gửi số căn cước" in text_of(Talk(lines).says("chào", first=True))
    first = Talk(lines).says("kết hôn", first=True)
    assert text_of(first).startswith("Chào bác, tôi là máy")
    assert "của ket-hon" in text_of(first)
    assert len(first.replies) == 1
    assert not text_of(Talk(lines).says("kết hôn")).startswith("Chào bác")


@pytest.mark.parametrize("kind", ["greeting", "thanks", "goodbye", "praise", "who", "insult", "other", "moi-la", None])
def test_small_talk_is_short_and_calm(kind: str | None) -> None:
    outcome = Talk({"x": understood("chitchat", chitchat=kind)}).says("x")
    assert 0 < len(text_of(outcome)) <= 200
    assert outcome.requests == ()
    assert outcome.decision.decision == "chitchat"


KINDS = (
    "image", "gif", "link", "audio", "video", "sticker", "location", "file", "business_card", "submit_info",
    "anonymous_image", "anonymous_sticker", "anonymous_file",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_thing_gets_its_own_word(kind: str) -> None:
    outcome = Talk().sends(kind)
    assert len(outcome.replies) == 1
    assert "chưa xem được. Bác gõ giúp" not in text_of(outcome)
    assert outcome.requests == ()


def test_words_differ_where_they_should() -> None:
    assert "chưa nghe được" in text_of(Talk().sends("audio"))
    assert "gặp cán bộ" in text_of(Talk().sends("audio"))
    assert "ảnh căn cước" in text_of(Talk().sends("image"))
    assert "chưa xem được" in text_of(Talk().sends("hologram"))
    assert text_of(Talk().says("   ")) == text_of(Talk().sends("sticker"))


def test_the_words_under_a_photo_are_a_question() -> None:
    outcome = Talk({"kết hôn": understood("answer", "ket-hon")}).sends("image", "kết hôn")
    assert "của ket-hon" in text_of(outcome)


def test_a_business_card_is_not_read_as_a_question() -> None:
    talk = Talk({"Trần Thị B": understood("answer", "ket-hon")})
    talk.sends("business_card", "Trần Thị B")
    assert talk.understander.asked == []


def test_an_anonymous_text_is_a_text() -> None:
    assert "của ket-hon" in text_of(Talk({"x": understood("answer", "ket-hon")}).sends("anonymous_text", "x"))


def test_an_emergency_gets_the_numbers_before_anything_else() -> None:
    outcome = Talk({"nhà bên bị cháy": understood("answer", "bao-su-co-khan-cap")}).says("nhà bên bị cháy", first=True)
    text = text_of(outcome)
    assert text.startswith("Nếu đang nguy hiểm, bác GỌI NGAY")
    assert all(number in text for number in EMERGENCY_NUMBERS)
    assert outcome.decision.decision == "answer"
    assert outcome.decision.topics[0] == ("bao-su-co-khan-cap", 0.9)


@pytest.mark.parametrize(
    "text",
    [
        "dây điện đứt rơi xuống đường thôn Đoài",
        "day dien dut truoc cua nha toi",
        "có nhóm thanh niên đánh nhau trước cổng trường",
        "Cháy nhà ở xóm 2",
    ],
)
def test_danger_in_a_report_gets_the_numbers_first_and_the_report_is_kept(text: str) -> None:
    outcome = Talk({text: understood("action", "@feedback", action="feedback")}).says(text)
    assert text_of(outcome).startswith("Nếu đang nguy hiểm")
    assert outcome.state.dialogue is not None
    assert outcome.state.dialogue.values["what"] == text


def test_the_introduction_does_not_stand_before_the_numbers() -> None:
    text = "có người bị điện giật ở trạm bơm"
    said = text_of(Talk({text: understood("action", "@feedback", action="feedback")}).says(text, first=True))
    assert said.startswith("Nếu đang nguy hiểm")
    assert "tôi là máy trả lời tự động" in said


def test_papers_after_a_fire_are_about_papers() -> None:
    text = "hôm trước cháy nhà hết giấy tờ, làm lại giấy khai sinh"
    assert "nguy hiểm" not in text_of(Talk({text: understood("answer", "dang-ky-lai-khai-sinh")}).says(text))
    asked = "cháy nhà báo ai"
    assert text_of(Talk({asked: understood("answer", "gio-lam-viec")}).says(asked)).startswith("Nếu đang nguy hiểm")


def test_danger_while_a_report_is_awaited() -> None:
    talk = Talk({"tôi muốn phản ánh": understood("action", "@feedback", action="feedback")})
    talk.says("tôi muốn phản ánh")
    outcome = talk.says("có người bị điện giật ở trạm bơm")
    assert text_of(outcome).startswith("Nếu đang nguy hiểm")
    assert outcome.state.dialogue is not None
    assert outcome.state.dialogue.values["what"] == "có người bị điện giật ở trạm bơm"


@pytest.mark.parametrize(
    "text",
    ["chó chạy đầy đường", "hôm nay đánh con gì", "nuoc chay ra duong", "bóng đèn đường cháy từ hôm bão", "từ từ đã"],
)
def test_harmless_words_bring_no_alarm(text: str) -> None:
    outcome = Talk({text: understood("action", "@feedback", action="feedback")}).says(text)
    assert "nguy hiểm" not in text_of(outcome)


def test_a_flood_is_asked_to_wait_once_and_then_met_with_silence() -> None:
    talk = Talk({"kết hôn": understood("answer", "ket-hon")})
    moment = timedelta(seconds=1)
    for _ in range(8):
        assert "của ket-hon" in text_of(talk.says("kết hôn", after=moment))
    asked = [talk.says("kết hôn", after=moment) for _ in range(12)]
    spoken = [outcome for outcome in asked if outcome.replies]
    # A second refills a little, so one more may pass before the bucket is empty.
    assert ["chờ khoảng một phút" in text_of(outcome) for outcome in spoken] == [False, True]
    assert "của ket-hon" in text_of(talk.says("kết hôn", after=timedelta(seconds=61)))


def test_a_steady_flood_stays_silent_until_the_bucket_is_full() -> None:
    talk = Talk({"kết hôn": understood("answer", "ket-hon")})
    outcomes = [talk.says("kết hôn", after=timedelta(seconds=0.5)) for _ in range(100)]
    assert sum("chờ khoảng một phút" in text_of(outcome) for outcome in outcomes) == 1
    assert sum(bool(outcome.replies) for outcome in outcomes) <= 10


def test_everyday_pace_is_never_a_flood() -> None:
    talk = Talk({"kết hôn": understood("answer", "ket-hon")})
    assert all("của ket-hon" in text_of(talk.says("kết hôn", after=timedelta(seconds=8))) for _ in range(40))


def test_even_a_flood_gets_the_emergency_numbers_once_a_minute() -> None:
    talk = Talk()
    for _ in range(10):
        talk.says("alo", after=timedelta(seconds=1))
    outcomes = [talk.says("cứu với nhà cháy", after=timedelta(seconds=1)) for _ in range(20)]
    assert [text_of(outcome).startswith("Nếu đang nguy hiểm") for outcome in outcomes].count(True) == 1
    assert text_of(outcomes[0]).startswith("Nếu đang nguy hiểm")


def test_a_clock_set_back_neither_raises_nor_fills_the_bucket() -> None:
    talk = Talk({"kết hôn": understood("answer", "ket-hon")})
    outcomes = [talk.says("kết hôn", after=timedelta(seconds=-30)) for _ in range(12)]
    assert sum("của ket-hon" in text_of(outcome) for outcome in outcomes) == 8


def test_an_identity_number_is_answered_and_gently_declined() -> None:
    text = "căn cước 031088001234 của tôi hết hạn"
    outcome = Talk({text: understood("answer", "ket-hon")}).says(text)
    assert "không cần gửi số căn cước" in text_of(outcome)
    assert "031088001234" not in text_of(outcome)
