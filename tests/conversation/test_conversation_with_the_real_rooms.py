"""Talks with the packaged library and the built model; skipped, saying so, where no model was built."""

from __future__ import annotations

from datetime import timedelta

import pytest
from conversation_talk import NOON, Talk, payload, text_of, titles
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import intents
import knowledge
from bot.conversation import Conversation, State, Words, load_words
from bot.conversation.acts import FileReport
from bot.conversation.asking import ask
from bot.conversation.speaking import LONGEST_MESSAGE

LIBRARY = knowledge.load()
WORDS: Words = load_words()


@pytest.fixture(scope="session")
def understander() -> intents.Understander:
    try:
        return intents.load()
    except intents.ModelMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def talk(understander: intents.Understander) -> Talk:
    talk = Talk(commune=LIBRARY.communes["ha-dong"])
    talk.conversation = Conversation(understander, LIBRARY, WORDS)
    return talk


def test_the_demo_talk(talk: Talk) -> None:
    papers = talk.says("lam khai sinh cho con can giay to gi")
    assert (papers.decision.topics[0][0], papers.decision.facet) == ("khai-sinh", "papers")
    fee = talk.says("the con le phi")
    assert (fee.decision.topics[0][0], fee.decision.facet) == ("khai-sinh", "fee")
    assert "lệ phí" in text_of(fee).lower()
    numbered = talk.says("1")
    assert text_of(numbered) == text_of(papers)


def test_a_typed_title_and_the_rest_of_the_parts(talk: Talk) -> None:
    talk.says("lam khai sinh cho con can giay to gi")
    rest = talk.says("phan khac")
    assert "Quá hạn, mức phạt" in titles(rest)
    assert talk.says("qua han").decision.facet == "late"


def test_two_questions_in_one_message(talk: Talk) -> None:
    outcome = talk.says("làm khai sinh cần gì và kết hôn hết bao nhiêu tiền")
    assert [topic for topic, _ in outcome.decision.topics] == ["khai-sinh", "ket-hon"]
    assert len(outcome.replies) == 1


def test_emergency_report_idea_person_and_court(talk: Talk) -> None:
    assert text_of(talk.says("cháy nhà rồi cứu với")).startswith("Nếu đang nguy hiểm")
    assert talk.says("đèn đường đầu thôn hỏng cả tháng không ai sửa").decision.action == "feedback"
    assert "chưa có gì gửi đi" in text_of(talk.says("thôi"))
    assert talk.says("nên trồng cây ở sân nhà văn hóa cho mát").decision.action == "idea"
    talk.says("thôi")
    assert talk.says("gặp cán bộ").requests[0].kind == "human"
    elsewhere = talk.says("thủ tục ly hôn ở đâu")
    assert (elsewhere.decision.decision, elsewhere.decision.pointer) == ("fallback", "ly-hon-toa-an")
    assert elsewhere.requests == ()


def test_a_report_announced_then_told_with_a_question_between(talk: Talk) -> None:
    assert talk.says("tôi muốn phản ánh").requests == ()
    between = talk.says("làm khai sinh cần giấy tờ gì?")
    assert between.decision.decision == "answer"
    assert "đang gửi dở phản ánh" in text_of(between)
    talk.says("đèn đường thôn Đoài tắt ba hôm nay, tối lắm")
    (report,) = talk.says("gửi đi").acts
    assert isinstance(report, FileReport)
    assert "thôn Đoài" in report.text


def test_sample_questions_under_the_welcome_are_answered(talk: Talk) -> None:
    welcome = talk.sends("follow", first=True)
    assert len(titles(welcome)) == 3
    for title in titles(welcome):
        assert talk.says(payload(welcome, title)).decision.decision == "answer"
        typed, _ = ask(talk.conversation, title, talk.commune, NOON)
        tapped, _ = ask(talk.conversation, payload(welcome, title), talk.commune, NOON)
        assert typed["topics"][0]["id"] == tapped["topics"][0]["id"]


@pytest.mark.parametrize(
    ("text", "topic"),
    [("làm khai tử cần giấy tờ gì?", "khai-tu"), ("làm kết hôn cần giấy tờ gì", "ket-hon"), ("khai sinh", "khai-sinh")],
)
def test_a_question_near_a_sample_question_is_its_own(talk: Talk, text: str, topic: str) -> None:
    talk.sends("follow", first=True)
    assert talk.says(text).decision.topics[0][0] == topic


@pytest.mark.parametrize("commune_id", sorted(LIBRARY.communes))
def test_every_answer_of_every_commune_is_one_message_with_good_buttons(commune_id: str) -> None:
    talk = Talk(commune=LIBRARY.communes[commune_id])
    talk.conversation = Conversation(talk.understander, LIBRARY, WORDS)
    for topic in LIBRARY.topics.values():
        for facet in topic.facets:
            outcome = talk.says(f"#hoixa:answer:{topic.id}:{facet}", after=timedelta(minutes=5))
            assert len(outcome.replies) == 1, (topic.id, facet)
            assert len(outcome.replies[0].text) <= LONGEST_MESSAGE
            assert "{" not in outcome.replies[0].text
            assert len(outcome.replies[0].buttons) <= 5
            assert outcome.decision.topics == ((topic.id, 1.0),)


LINES = (
    "khai sinh", "thế còn lệ phí", "chứng thực và kết hôn", "1", "số 2", "phản ánh", "đường hỏng", "tôi có ý tưởng",
    "gặp cán bộ", "cháy", "thôi", "không phải", "ly hôn", "xin chào", "đồ ngu", "lam giay", "#hoixa:more:khai-sinh",
    "031088001234", "a" * 3000, "\u0301" * 500, "👍",
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(LINES) | st.text(max_size=60), max_size=8))
def test_any_words_are_survived(understander: intents.Understander, lines: list[str]) -> None:
    conversation = Conversation(understander, LIBRARY, WORDS)
    state: State | None = None
    for line in lines:
        document, state = ask(conversation, line, LIBRARY.communes["le-dai-hanh"], NOON, state)
        assert document["decision"] in ("answer", "clarify", "fallback", "action", "chitchat", "silent")
        assert len(document["buttons"]) <= 5
