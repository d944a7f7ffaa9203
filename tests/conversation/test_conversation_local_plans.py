"""A campaign called by name is answered from the resident's own plan; an idea that mentions it stays an idea."""

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


def say(text: str, commune: str, understanding: Understanding | None = None) -> Outcome:
    lines = {} if understanding is None else {text: understanding}
    conversation = Conversation(Understander(lines), LIBRARY, WORDS)
    return conversation.respond(Incoming("text", text), State(), LIBRARY.communes[commune], NOON)


@pytest.mark.parametrize(
    "text", ["mỗi thôn một sáng kiến", "moi thon 1 sang kien la gi", "Mỗi thôn một sáng kiến thế nào ạ?"]
)
def test_own_campaign(text: str) -> None:
    outcome = say(text, "ha-bac")
    assert "Ở xã Hà Bắc: Mỗi thôn một sáng kiến" in outcome.replies[0].text
    assert outcome.decision.topics[0][0] == "gui-sang-kien"
    assert outcome.requests == ()


def test_another_communes_campaign_is_not_given_as_ones_own() -> None:
    text = say("mỗi thôn một sáng kiến", "kien-minh").replies[0].text
    assert "không nêu phong trào Mỗi thôn một sáng kiến" in text
    assert "Hà Bắc" not in text


def test_targets_and_who_leads_what() -> None:
    assert "Trên 70% người dân" in say("chỉ tiêu đổi mới sáng tạo của xã", "ha-dong").replies[0].text
    assert "Đoàn thể".casefold() in say("ai phụ trách đổi mới sáng tạo ở xã", "dai-son").replies[0].text.casefold()


def test_the_campaigns_name_alone_is_a_question_even_where_it_is_taken_for_an_idea() -> None:
    idea = understood("action", "@idea", action="idea")
    assert say("mỗi thôn một sáng kiến", "ha-bac", idea).requests == ()


def test_an_idea_that_mentions_the_campaign_is_kept_as_an_idea() -> None:
    text = "mỗi thôn một sáng kiến, thôn tôi xin lắp đèn năng lượng mặt trời ở đường ra đồng"
    outcome = say(text, "ha-bac", understood("action", "@idea", action="idea"))
    assert outcome.state.dialogue is not None
    assert (outcome.state.dialogue.name, outcome.state.dialogue.values["proposal"]) == ("idea", text)


def test_the_fee_of_the_same_thing_is_answered_by_its_topic() -> None:
    text = "gửi sáng kiến mỗi thôn một sáng kiến có mất tiền không"
    outcome = say(text, "ha-bac", understood("answer", "gui-sang-kien", facet="fee"))
    assert "không mất tiền" in outcome.replies[0].text
