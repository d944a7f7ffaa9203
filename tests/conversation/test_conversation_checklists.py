"""Ticking papers in chat: by tap, by number, by name; left by any other question, kept for an hour."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from conversation_talk import NOON, WORDS, understood

import knowledge
from bot.conversation import Conversation, Incoming, Outcome, State
from bot.replies import Button
from intents import Context, Understanding

LIBRARY = knowledge.load()
PAPERS = "#hoixa:answer:khai-sinh:papers"
OPEN = "#hoixa:checklist:khai-sinh"


@dataclass
class Understander:
    """Knows the lines it was given; anything else is beyond it."""

    lines: dict[str, Understanding] = field(default_factory=dict)

    def understand(self, text: str, context: Context | None = None) -> Understanding:
        return self.lines.get(text, understood("fallback"))


def say(text: str, state: State | None = None, now: datetime = NOON, **lines: Understanding) -> Outcome:
    conversation = Conversation(Understander(lines), LIBRARY, WORDS)
    return conversation.respond(Incoming("text", text), state or State(), LIBRARY.communes["ha-bac"], now)


def titles(outcome: Outcome) -> list[str]:
    return [button.title for button in outcome.replies[-1].buttons]


def ticked(outcome: Outcome) -> list[str]:
    return [line[2:] for line in outcome.replies[-1].text.splitlines() if line.startswith("✔ ")]


def test_an_answer_on_papers_offers_to_tick_them() -> None:
    outcome = say(PAPERS)
    number = titles(outcome).index("Đánh dấu giấy đã có") + 1
    assert number > 1, "a typed 1 means the part most people ask next"
    assert len(titles(outcome)) <= 5
    opened = say(str(number), outcome.state)
    assert "Giấy chứng sinh" in titles(opened)
    assert opened.state.expecting == "checklist"


def test_every_other_part_is_still_within_reach_below_an_answer_on_papers() -> None:
    outcome = say(PAPERS)
    shown = {button.payload for button in outcome.replies[0].buttons}
    more = say(next(payload for payload in shown if ":more:" in payload), outcome.state)
    shown |= {button.payload for button in more.replies[0].buttons}
    for facet in set(LIBRARY.topics["khai-sinh"].other_facets("papers")) - {"overview"}:
        assert f"#hoixa:answer:khai-sinh:{facet}" in shown


@pytest.mark.parametrize(
    "message",
    [
        "đã có giấy chứng sinh ✔",
        "co giay chung sinh roi",
        "Giấy chứng sinh",
        "2",
        "số 2",
        "tôi đã có giấy chứng sinh rồi nhé",
        "#hoixa:tick:khai-sinh:giay-chung-sinh",
    ],
)
def test_a_paper_is_ticked_by_name_by_number_and_by_tap(message: str) -> None:
    outcome = say(message, say(OPEN).state)
    assert ticked(outcome) == ["Giấy chứng sinh"]
    assert "Giấy chứng sinh" not in titles(outcome)


def test_several_are_ticked_at_once_and_what_is_missing_is_listed_on_request() -> None:
    outcome = say("1 3", say(OPEN).state)
    assert len(ticked(outcome)) == 2
    asked = say("còn thiếu gì", outcome.state)
    assert titles(asked)[0] == "Giấy chứng sinh"
    named = say("có tờ khai, căn cước rồi", say(OPEN).state)
    assert len(ticked(named)) == 2


def test_a_tick_is_taken_back() -> None:
    outcome = say("chưa có giấy chứng sinh", say("2", say(OPEN).state).state)
    assert ticked(outcome) == []


def test_when_all_that_everybody_needs_is_there_it_says_where_to_go() -> None:
    outcome = say("1 2 3", say(OPEN).state)
    text = outcome.replies[0].text
    assert "Đủ giấy rồi" in text
    assert "Trung tâm Phục vụ hành chính công xã Hà Bắc" in text
    assert "Mang thai hộ".casefold() in text.casefold(), "what only some need is named, not demanded"
    assert outcome.state.expecting == "none"
    assert "Nộp qua mạng" in titles(outcome)


def test_what_the_police_take_goes_to_the_police() -> None:
    outcome = say("đủ rồi", say("#hoixa:checklist:tam-tru").state)
    assert "Công an xã Hà Bắc" in outcome.replies[0].text


def test_a_paper_that_stands_in_for_another_completes_the_list() -> None:
    state = say("#hoixa:checklist:khai-tu").state
    names = say("1 3 4", state)
    assert "Đủ giấy rồi" in names.replies[0].text


def test_another_question_is_answered_and_the_ticks_wait_for_an_hour() -> None:
    state = say("2", say(OPEN).state).state
    question = "ket hon can gi"
    other = say(question, state, **{question: understood("answer", "ket-hon", facet="fee")})
    assert other.decision.topics[0][0] == "ket-hon"
    assert other.state.expecting == "none"
    assert ticked(say(OPEN, other.state)) == ["Giấy chứng sinh"]
    assert ticked(say(OPEN, other.state, NOON + timedelta(minutes=61))) == []


def test_after_another_answer_a_number_is_that_answers_again() -> None:
    state = say("2", say(OPEN).state).state
    other = say("#hoixa:answer:ket-hon:fee", state)
    picked = say("1", other.state)
    assert picked.decision.topics[0][0] == "ket-hon"


def test_never_mind_closes_the_list() -> None:
    assert say("thôi", say(OPEN).state).state.expecting == "none"


def test_a_long_list_is_numbered_in_the_text() -> None:
    outcome = say("#hoixa:checklist:sang-ten-so-do")
    assert titles(outcome) == []
    assert "8. " in outcome.replies[0].text
    after = say("1 2 3 4", outcome.state)
    assert len(ticked(after)) == 4


def test_a_list_no_longer_true_is_not_shown() -> None:
    spring = datetime(2027, 3, 2, 5, tzinfo=NOON.tzinfo)
    outcome = say("#hoixa:answer:sang-ten-so-do:papers", now=spring)
    assert "Đánh dấu giấy đã có" not in titles(outcome)
    old_button = say("#hoixa:checklist:sang-ten-so-do", now=spring)
    assert old_button.state.expecting == "none"


def test_a_tap_on_a_paper_that_is_gone_ticks_nothing() -> None:
    assert ticked(say("#hoixa:tick:khai-sinh:so-ho-khau")) == []


@pytest.mark.parametrize("topic", sorted(LIBRARY.checklists))
def test_every_checklist_fits_zalo(topic: str) -> None:
    for number in range(len(LIBRARY.checklists[topic]) + 1):
        have = " ".join(str(each) for each in range(1, number + 1)) or "còn thiếu gì"
        outcome = say(have, say(f"#hoixa:checklist:{topic}").state)
        for reply in outcome.replies:
            assert len(reply.text) <= 1900
            assert len(reply.buttons) <= 5
            assert all(isinstance(button, Button) and len(button.title) <= 100 for button in reply.buttons)
