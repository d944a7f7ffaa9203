"""What the codes of posters and stickers open in the conversation."""

from __future__ import annotations

from dataclasses import dataclass

from conversation_talk import NOON, WORDS, understood

import knowledge
from bot.conversation import Conversation, Incoming, Outcome, State
from intents import Context, Understanding
from knowledge import Commune
from knowledge.profile_lists import Village

LIBRARY = knowledge.load()
COMMUNE = LIBRARY.communes["ha-bac"]


@dataclass
class OutOfItsDepth:
    """Understands nothing: codes need no understanding."""

    def understand(self, text: str, context: Context | None = None) -> Understanding:
        return understood("fallback")


def say(text: str, state: State | None = None, commune: Commune = COMMUNE) -> Outcome:
    conversation = Conversation(OutOfItsDepth(), LIBRARY, WORDS)
    return conversation.respond(Incoming("text", text), state or State(), commune, NOON)


def test_a_topics_code_opens_its_overview() -> None:
    for text in ("#KS", "ks", "# ks", "#Ks"):
        outcome = say(text)
        assert outcome.decision.topics == (("khai-sinh", 1.0),)
        assert outcome.replies[0].text.startswith("Đăng ký khai sinh")


def test_a_reports_and_an_ideas_code_ask_for_it() -> None:
    for code, name in (("#PA", "report"), ("#SK", "idea")):
        dialogue = say(code).state.dialogue
        assert dialogue is not None
        assert dialogue.name == name


def test_the_rating_code_asks_for_a_mark_and_takes_it() -> None:
    asked = say("#DG")
    assert len(asked.replies[0].buttons) == 5
    assert say("4", asked.state).rating == 4
    assert say(asked.replies[0].buttons[4].payload, asked.state).rating == 5


def test_the_code_of_reception_days_opens_them() -> None:
    assert say("#TCD").decision.topics[0][0] == "lich-tiep-cong-dan"


def test_a_village_is_told_as_published_with_ways_to_report_and_propose() -> None:
    villages = (Village(name="Thôn Một", leader="Trưởng thôn", contact="nhà văn hóa thôn", rules="Giữ sạch đường"),)
    told = say("#t1", commune=COMMUNE.model_copy(update={"villages": (*villages, Village(name="Thôn Hai"))}))
    assert told.replies[0].text.splitlines() == [
        "Thôn Một", "Người phụ trách: Trưởng thôn, nhà văn hóa thôn", "Quy ước: Giữ sạch đường",
    ]  # fmt: skip
    assert [button.payload for button in told.replies[0].buttons] == ["#hoixa:action:feedback", "#hoixa:action:idea"]
    bare = say("#T2", commune=COMMUNE.model_copy(update={"villages": (*villages, Village(name="Thôn Hai"))}))
    assert "chưa cập nhật" in bare.replies[0].text


def test_a_code_nobody_knows_is_said_to_be_unknown() -> None:
    for text in ("#ZZZ", "#T7"):
        outcome = say(text)
        assert "Mã này tôi không có" in outcome.replies[0].text
        assert outcome.requests == ()


def test_letters_without_their_mark_may_be_the_report_that_was_awaited() -> None:
    asked = say("#PA")
    told = say("KT", asked.state)
    assert told.state.dialogue is not None
    assert told.state.dialogue.values["what"] == "KT"
    left = say("#KT", asked.state)
    assert left.decision.topics[0][0] == "khai-tu"
