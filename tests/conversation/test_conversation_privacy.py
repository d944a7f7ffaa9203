"""A person's data in the chat: shown, erased after one question, announcements stopped by words that mean it."""

from __future__ import annotations

import pytest
from conversation_talk import photo, tap, text_of, titles, understood
from conversation_voices import TeamDesk, talk_of

from bot.conversation.acts import ChooseAnnouncements, EraseMyData
from bot.conversation.speaking import LONGEST_MESSAGE
from bot.people import Person

OFF, ON = ChooseAnnouncements(False), ChooseAnnouncements(True)


@pytest.mark.parametrize(
    "words",
    ["DỪNG", "dừng", "Dừng!", "dung tin", "dừng tin", "DUNG TIN", "thôi nhận tin", "dừng nhận thông báo"],
)
def test_announcements_are_stopped_by_words_that_mean_it(words: str) -> None:
    outcome = talk_of().says(words)
    assert outcome.acts == (OFF,) and "nhận tin" in text_of(outcome)


@pytest.mark.parametrize(
    "words", ["dung", "DUNG", "Dung", "đúng", "dùng", "đừng", "dung roi", "dung the", "dừng xe ở đâu"]
)
def test_a_bare_dung_stops_nothing(words: str) -> None:
    assert talk_of().says(words).acts == ()


@pytest.mark.parametrize(("words", "acts"), [("nhận tin", (ON,)), ("nhan lai tin", (ON,)), ("nhan tin", ())])
def test_announcements_are_taken_up_again(words: str, acts: tuple[object, ...]) -> None:
    """ "nhan tin" without marks is "nhắn tin" to most."""
    assert talk_of().says(words).acts == acts


def test_a_lone_stop_inside_a_form_leaves_the_form() -> None:
    talk = talk_of()
    talk.says("xoá dữ liệu")
    outcome = talk.says("dừng")
    assert outcome.acts == () and talk.state.dialogue is None and "dừng tin" in text_of(outcome)


def test_the_whole_word_works_inside_a_form_and_while_an_official_has_the_conversation() -> None:
    talk = talk_of()
    talk.says("xoá dữ liệu")
    assert talk.says("dừng tin").acts == (OFF,)
    outcome = talk_of().sends("text", "dừng tin", silent=True)
    assert outcome.acts == (OFF,) and outcome.replies == ()


def test_ones_data_is_shown_to_oneself() -> None:
    desk = TeamDesk(paragraphs=("Phản ánh PA-7K3M9X: đèn hỏng", "Bác chấm 5/5"))
    talk = talk_of(desk)
    outcome = talk.says("Dữ liệu của tôi")
    assert "đèn hỏng" in text_of(outcome) and "xóa dữ liệu" in text_of(outcome)
    talk.person = Person("oa-1", "somebody else")
    assert "đèn hỏng" not in text_of(talk.says("dữ liệu của tôi"))


def test_much_data_comes_in_few_messages_and_says_what_is_left() -> None:
    desk = TeamDesk(paragraphs=tuple(f"Mục {number}: " + "chữ " * 100 for number in range(200)))
    outcome = talk_of(desk).says("du lieu cua toi")
    assert 2 <= len(outcome.replies) <= 12
    assert all(len(reply.text) <= LONGEST_MESSAGE for reply in outcome.replies)
    assert "mục nữa" in outcome.replies[-1].text


def test_erasing_asks_once_and_gives_a_receipt() -> None:
    talk = talk_of()
    outcome = talk.says("xóa dữ liệu của tôi")
    assert outcome.acts == () and titles(outcome)[:2] == ["Có, xóa hết", "Không xóa"]
    outcome = tap(talk, outcome, "Có, xóa hết")
    (act,) = outcome.acts
    assert isinstance(act, EraseMyData) and act.receipt.startswith("XD-") and act.receipt in text_of(outcome)


@pytest.mark.parametrize("answer", ["không", "thôi", "2", "khong xoa"])
def test_erasing_is_left_by_anything_but_yes(answer: str) -> None:
    talk = talk_of()
    talk.says("xóa dữ liệu")
    assert talk.says(answer).acts == ()
    assert talk.state.dialogue is None


def test_erasing_is_not_done_twice_by_a_second_tap() -> None:
    talk = talk_of()
    outcome = talk.says("xóa dữ liệu")
    tap(talk, outcome, "Có, xóa hết")
    assert tap(talk, outcome, "Có, xóa hết").acts == ()


@pytest.mark.parametrize(
    ("kind", "text", "warned"),
    [
        ("image", "căn cước của tôi đây", True),
        ("image", "cccd", True),
        ("image", "đèn đường hỏng", False),
        ("text", "tôi gửi cccd rồi nhé", True),
        ("text", "làm căn cước cần gì", False),
        ("text", "chụp cccd gửi được không?", False),
    ],
)
def test_a_photo_said_to_be_an_identity_card_is_warned_about(kind: str, text: str, warned: bool) -> None:
    things = (photo(),) if kind == "image" else ()
    outcome = talk_of().sends(kind, text, things=things)
    assert ("giấy tờ tùy thân bác đừng gửi" in text_of(outcome)) is warned


def test_an_identity_number_is_warned_about() -> None:
    line = "số của tôi 031085012345"
    talk = talk_of(**{line: understood("answer", "khai-sinh", facet="fee")})
    assert "không cần gửi số căn cước" in text_of(talk.says(line))
