"""Old addresses in the conversation: answered, asked about, never guessed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from conversation_talk import NOON, WORDS, understood

import knowledge
from bot.conversation import Conversation, Incoming, Outcome, State
from intents import Context, Understanding

LIBRARY = knowledge.load()


@dataclass
class Understander:
    """Knows the lines it was given; anything else is beyond it."""

    lines: dict[str, Understanding] = field(default_factory=dict)

    def understand(self, text: str, context: Context | None = None) -> Understanding:
        return self.lines.get(text, understood("fallback"))


def say(text: str, state: State | None = None, **lines: Understanding) -> Outcome:
    conversation = Conversation(
        Understander({key.replace("_", " "): value for key, value in lines.items()}), LIBRARY, WORDS
    )
    return conversation.respond(Incoming("text", text), state or State(), LIBRARY.communes["dai-son"], NOON)


def test_an_old_address_is_answered_with_todays_unit() -> None:
    outcome = say("xã Bình Lãng huyện Tứ Kỳ giờ là xã gì")
    assert "xã Bình Lãng, huyện Tứ Kỳ, tỉnh Hải Dương" in outcome.replies[0].text
    assert "xã Đại Sơn, thành phố Hải Phòng" in outcome.replies[0].text
    assert outcome.decision.decision == "answer"
    assert outcome.requests == ()


def test_a_missing_address_is_asked_for_and_then_answered() -> None:
    asked = say("địa chỉ mới của tôi là gì")
    assert asked.state.expecting == "old_address"
    told = say("bình lãng", asked.state)
    assert "xã Đại Sơn, thành phố Hải Phòng" in told.replies[0].text
    assert told.state.expecting == "none"


def test_a_divided_commune_is_never_guessed() -> None:
    text = say("xa hung dao huyen tu ky nay thuoc xa nao").replies[0].text
    assert "xã Đại Sơn" in text and "xã Tân Kỳ" in text
    assert "VNeID" in text and "không dám đoán" in text
    assert "Từ 01/7/2025 là" not in text


def test_several_places_of_a_name_are_offered_and_one_is_chosen_by_number_or_by_its_district() -> None:
    asked = say("xã Lê Lợi giờ là xã gì")
    titles = [button.title for button in asked.replies[0].buttons]
    assert "Xã Lê Lợi, huyện Gia Lộc, tỉnh Hải Dương" in titles
    number = str(titles.index("Xã Lê Lợi, huyện Gia Lộc, tỉnh Hải Dương") + 1)
    for answer in (number, "xã Lê Lợi huyện Gia Lộc"):
        told = say(answer, asked.state)
        assert "Xã Lê Lợi, huyện Gia Lộc" in told.replies[0].text
        assert told.state.expecting == "none"


def test_an_address_nobody_knows_is_said_to_be_unknown_and_another_question_is_answered() -> None:
    asked = say("địa chỉ mới của tôi")
    lost = say("xã Không Có Tên huyện Nào Đó", asked.state)
    assert "không tìm thấy" in lost.replies[0].text
    assert lost.state.expecting == "old_address"
    left = say(
        "lam khai sinh can gi", lost.state, lam_khai_sinh_can_gi=understood("answer", "khai-sinh", facet="papers")
    )
    assert "Giấy chứng sinh" in left.replies[0].text
    assert left.state.expecting == "none"


def test_never_mind_leaves_the_question() -> None:
    asked = say("địa chỉ mới của tôi")
    assert say("thôi", asked.state).state.expecting == "none"


def test_an_old_address_inside_a_question_on_the_certificate_comes_before_the_answer() -> None:
    line = understood("answer", "xac-nhan-dia-gioi")
    text = say("xác nhận xã Bình Lãng huyện Tứ Kỳ", xác_nhận_xã_Bình_Lãng_huyện_Tứ_Kỳ=line).replies[0].text
    assert text.index("xã Đại Sơn, thành phố Hải Phòng") < text.index("Xác nhận thông tin địa chỉ")


@pytest.mark.parametrize("question", ["xã mình gồm những xã nào", "xã Đại Sơn giờ gồm những xã nào"])
def test_what_the_commune_was_made_of(question: str) -> None:
    text = say(question).replies[0].text
    assert "• xã Bình Lãng (huyện Tứ Kỳ)" in text
    assert "• một phần xã Thanh Hải (huyện Thanh Hà)" in text


def test_a_button_of_an_address_lost_from_the_table_asks_again() -> None:
    outcome = say("#hoixa:address:Xã Ngày Xưa/Huyện Cổ Tích/Tỉnh Mơ")
    assert outcome.state.expecting == "old_address"


@pytest.mark.parametrize(
    "text",
    ["xã Bình Lãng, huyện Tứ Kỳ, Hải Dương", "em ở thôn 3 xã Bình Lãng huyện Tứ Kỳ ạ",
     "thon Nam xa Binh Lang huyen Tu Ky thi sao"],
)  # fmt: skip
def test_a_message_that_is_nothing_but_an_old_address_is_answered(text: str) -> None:
    outcome = say(text)
    assert "xã Đại Sơn, thành phố Hải Phòng" in outcome.replies[0].text
    assert outcome.decision.topics[0][0] == "xac-nhan-dia-gioi"


@pytest.mark.parametrize(
    "text",
    ["xã Bình Lãng huyện Tứ Kỳ mất điện", "tôi mua đất ở xã Bình Lãng huyện Tứ Kỳ", "xã Bình Lãng", "huyện Tứ Kỳ"],
)
def test_an_address_beside_something_else_is_no_question_for_it(text: str) -> None:
    assert not str(say(text).trace["route"]).startswith("address")


@pytest.mark.parametrize("text", ["phường Lê Đại Hành sáp nhập từ đâu", "xã Đại Sơn gồm những xã nào"])
def test_what_a_commune_was_made_of(text: str) -> None:
    assert "gồm các nơi cũ" in say(text).replies[0].text
