"""Procedures beyond the curated topics, in talks; and that they take nothing from the curated ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from conversation_talk import NOON, Talk, payload, text_of, titles, understood

import intents
import knowledge
from bot.conversation import Conversation, State, Words, load_words
from bot.conversation.asking import ask
from bot.conversation.exchange import Outcome
from bot.conversation.long_tail import read_code
from knowledge import portal
from knowledge.portal import ApprovedFacet, Listing, Procedure, ProcedureIndex

LIBRARY = knowledge.load()
WORDS: Words = load_words()
INDEX = portal.packaged_index()
EVALUATION = Path(__file__).parents[2] / "intents/data/evaluation.jsonl"
COMMUNE = LIBRARY.communes["ha-dong"]
GUARDIANS = "3.000323"


@pytest.fixture
def talk() -> Talk:
    """Nobody understands anything here but codes and names, so what is answered is answered by the list."""
    talk = Talk(commune=COMMUNE)
    talk.conversation = Conversation(talk.understander, LIBRARY, WORDS, lambda _commune: INDEX)
    return talk


def _topics(outcome: Outcome) -> list[str]:
    return [topic for topic, _ in outcome.decision.topics]


def test_a_code_opens_its_card_with_status_place_link_and_source(talk: Talk) -> None:
    outcome = talk.says("mã 3.000323")
    assert (outcome.decision.decision, _topics(outcome)) == ("answer", [f"portal:{GUARDIANS}"])
    text = text_of(outcome)
    assert "Đăng ký giám sát việc giám hộ" in text
    assert "theo danh mục xem ngày 01/10/2026" in text
    assert "https://dichvucong.gov.vn/" in text
    assert "Nguồn:" in text
    assert titles(outcome) == ["Gặp cán bộ"]


@pytest.mark.parametrize("text", ["1.001193", "1001193", "mã thủ tục: 1.001193 ạ", "1.001193.02", "cho hỏi mã 1001193"])
def test_a_code_of_a_curated_topic_is_answered_by_the_topic(talk: Talk, text: str) -> None:
    outcome = talk.says(text)
    assert _topics(outcome) == ["khai-sinh"]
    assert "(mã 1.001193)" in text_of(outcome)
    assert "https://dichvucong.gov.vn/" in text_of(outcome)


def test_a_code_of_several_topics_offers_them(talk: Talk) -> None:
    outcome = talk.says("2.000884")
    assert outcome.decision.decision == "clarify"
    assert _topics(outcome) == ["chung-thuc-chu-ky", "xac-nhan-so-yeu-ly-lich"]
    assert _topics(talk.says("2")) == ["xac-nhan-so-yeu-ly-lich"]


def test_the_part_asked_beside_a_code_is_answered(talk: Talk) -> None:
    talk.lines["le phi"] = understood("fallback", facet="fee")
    assert talk.says("mã 1.001193 lệ phí").decision.facet == "fee"


@pytest.mark.parametrize("text", ["mã 1.001139", "1.00119", "mã thủ tục 12.345", "1.0011933"])
def test_a_mistyped_code_is_refused_not_guessed(talk: Talk, text: str) -> None:
    outcome = talk.says(text)
    assert outcome.decision.decision == "fallback"
    assert "sáu chữ số" in text_of(outcome)
    assert [request.kind for request in outcome.requests] == ["unanswered"]


def test_an_unknown_code_beside_a_clear_question_does_not_stand_in_its_way(talk: Talk) -> None:
    question = "làm khai sinh mã 1.999999 cần gì"
    talk.lines[question] = understood("answer", "khai-sinh", facet="papers")
    talk.lines["lam khai sinh can gi"] = understood("answer", "khai-sinh", facet="papers")
    assert _topics(talk.says(question)) == ["khai-sinh"]


@pytest.mark.parametrize(
    "text",
    ["tôi có 1500000 đồng", "gọi 0912345678", "giá 1.500.000đ", "ngày 1/7/2026", "số 3822123", "cccd 031088001234"],
)
def test_amounts_telephones_and_days_are_no_codes(text: str) -> None:
    assert read_code(text, INDEX) is None


def test_what_is_repealed_says_so_first_and_offers_the_topic_of_today(talk: Talk) -> None:
    outcome = talk.says("2.002621")
    assert "ĐÃ BÃI BỎ từ 08/09/2026" in text_of(outcome)
    topic = LIBRARY.topics["khai-sinh-lien-thong"]
    assert _topics(talk.says(payload(outcome, topic.name))) == ["khai-sinh-lien-thong"]
    assert "Nay làm theo mã 2.002854" in text_of(talk.says("2.002481"))


def test_what_is_to_come_says_from_when_and_twins_are_both_offered(talk: Talk) -> None:
    outcome = talk.says("cấp giấy chứng nhận bị phơi nhiễm với hiv do tai nạn rủi ro nghề nghiệp")
    assert outcome.decision.decision == "clarify"
    assert _topics(outcome) == ["portal:1.013860", "portal:1.013864"]
    assert titles(outcome)[0].startswith("1.013860 ")
    chosen = talk.says("2")
    assert _topics(chosen) == ["portal:1.013864"]
    assert "Áp dụng từ 01/03/2027" in text_of(chosen)


@pytest.mark.parametrize("decision", ["fallback", "clarify", "answer"])
def test_an_official_name_opens_its_card_whatever_else_was_thought(talk: Talk, decision: str) -> None:
    name = "dang ky giam sat viec giam ho"
    talk.lines[name] = understood(decision, "giam-ho")
    assert _topics(talk.says(name)) == [f"portal:{GUARDIANS}"]


def test_a_name_only_near_leaves_a_sure_answer_alone(talk: Talk) -> None:
    near = "đăng ký giám sát giám hộ"
    talk.lines[near] = understood("answer", "giam-ho")
    assert _topics(talk.says(near)) == ["giam-ho"]
    talk.lines[near] = understood("clarify", "giam-ho")
    assert f"portal:{GUARDIANS}" in _topics(talk.says(near))


def test_a_curated_topics_own_name_stays_with_the_topic(talk: Talk) -> None:
    for topic in LIBRARY.topics.values():
        talk.state = State()
        talk.lines[topic.name] = understood("answer", topic.id)
        assert _topics(talk.says(topic.name)) == [topic.id]


def test_a_name_a_topic_covers_is_answered_by_the_topic_with_the_link(talk: Talk) -> None:
    outcome = talk.says("Thủ tục đăng ký khai tử lưu động")
    assert _topics(outcome) == ["khai-tu"]
    assert "(mã 1.000419)" in text_of(outcome)


def test_plain_words_are_offered_where_there_was_no_answer_and_a_pointer_goes_first(talk: Talk) -> None:
    words = "muốn thôi trợ cấp sinh hoạt hàng tháng nghệ nhân ưu tú"
    outcome = talk.says(words)
    assert outcome.decision.decision == "clarify"
    assert set(_topics(outcome)) <= {"portal:1.014312", "portal:1.014310"}
    talk.lines[words] = understood("fallback", pointer="ly-hon-toa-an")
    assert talk.says(words).decision.pointer == "ly-hon-toa-an"


def test_an_unsure_topic_stays_first_beside_procedures_that_fit(talk: Talk) -> None:
    words = "giấy phép vận tải đường bộ quốc tế"
    unsure = understood("clarify", "ho-kinh-doanh")
    talk.lines[words] = replace(unsure, candidates=(replace(unsure.candidates[0], score=0.1),))
    topics = _topics(talk.says(words))
    assert topics[0] == "ho-kinh-doanh"
    assert any(topic.startswith("portal:") for topic in topics)


def test_a_name_typed_after_a_list_is_not_taken_for_a_title_near_it(talk: Talk) -> None:
    talk.lines["x"] = understood("clarify", "ho-kinh-doanh", "khai-sinh")
    talk.says("x")
    assert set(_topics(talk.says("thành lập hội"))) == {"portal:1.012929", "portal:1.013703"}


def test_approved_parts_are_buttons_and_a_follow_up_finds_them(talk: Talk) -> None:
    listing = Listing(code="1.000001", name="Đăng ký mượn xe đạp công cộng", as_of=NOON.date())
    facets = {
        "papers": ApprovedFacet("Nộp:\n• Tờ khai mượn xe", NOON.date()),
        "fee": ApprovedFacet("3.000 đồng", NOON.date()),
    }
    index = ProcedureIndex([Procedure(listing, facets)])
    talk.conversation = Conversation(talk.understander, LIBRARY, WORDS, lambda _commune: index)
    opened = talk.says("1.000001")
    assert titles(opened) == [LIBRARY.facet_names["papers"].name, LIBRARY.facet_names["fee"].name, "Gặp cán bộ"]
    assert "3.000 đồng" in text_of(talk.says("2"))
    talk.lines["cần giấy tờ gì"] = understood("fallback", facet="papers")
    asked = talk.says("cần giấy tờ gì")
    assert (asked.decision.facet, _topics(asked)) == ("papers", ["portal:1.000001"])
    assert "Tờ khai mượn xe" in text_of(asked)


def test_an_old_button_of_a_procedure_no_longer_there_gets_a_helpful_word(talk: Talk) -> None:
    assert "Nút này đã cũ" in text_of(talk.says("#hoixa:portal:9.999999"))
    assert "Nút này đã cũ" in text_of(talk.says("#hoixa:portal:"))


def test_without_a_list_everything_is_as_before() -> None:
    talk = Talk(commune=COMMUNE)
    assert talk.says("mã 3.000323").decision.decision == "fallback"
    assert "Nút này đã cũ" in text_of(talk.says("#hoixa:portal:3.000323"))


def test_a_report_being_told_is_not_searched_for_codes(talk: Talk) -> None:
    talk.lines["gửi phản ánh"] = understood("action", "@feedback", action="feedback")
    talk.says("gửi phản ánh")
    told = talk.says("tôi nộp hồ sơ mã 3.000323 đã một tháng mà chưa có kết quả gì cả")
    assert told.decision.action == "feedback"


@pytest.fixture(scope="module")
def understander() -> intents.Understander:
    try:
        return intents.load()
    except intents.ModelMissing as missing:
        pytest.skip(str(missing))


def _asked(understander: intents.Understander, texts: list[str], with_list: bool) -> list[tuple[object, object]]:
    conversation = Conversation(understander, LIBRARY, WORDS, (lambda _commune: INDEX) if with_list else None)
    documents = [ask(conversation, text, COMMUNE, NOON)[0] for text in texts]
    return [(document["decision"], document["topics"]) for document in documents]


@pytest.mark.slow
def test_the_curated_topics_lose_nothing_to_the_list(understander: intents.Understander) -> None:
    """Every question of the evaluation comes to the same decision and topics with the list as without it."""
    texts = [json.loads(line)["text"] for line in EVALUATION.read_text("utf-8").splitlines()]
    before, after = (_asked(understander, texts, with_list) for with_list in (False, True))
    changed = [text for text, one, other in zip(texts, before, after, strict=True) if one != other]
    assert len(changed) <= 0.005 * len(texts), changed


@pytest.mark.slow
def test_every_current_procedure_is_found_by_its_name_in_a_talk(understander: intents.Understander) -> None:
    """Its own card, its curated topic, or a choice among procedures of that name."""
    conversation = Conversation(understander, LIBRARY, WORDS, lambda _commune: INDEX)
    current = [one for one in INDEX.procedures.values() if one.status_on(NOON.date()) == "current"]
    lost = []
    for procedure in current:
        document, _state = ask(conversation, procedure.listing.name, COMMUNE, NOON)
        topics = document["topics"]
        assert isinstance(topics, list)
        if not {procedure.id, procedure.listing.topic} & {each["id"] for each in topics}:
            lost.append(procedure.code)
    assert len(lost) <= 0.03 * len(current), lost


def test_how_to_do_it_online_ends_with_the_link_to_the_very_procedure(talk: Talk) -> None:
    said = text_of(talk.says("#hoixa:answer:khai-sinh:online"))
    page = INDEX.by_code("1.001193")
    assert page is not None
    assert said.endswith(f"https://dichvucong.gov.vn/thu-tuc-hanh-chinh/{page.listing.formality_id}")
    unlisted = text_of(talk.says("#hoixa:answer:tam-tru:online"))
    assert unlisted.endswith("https://dichvucong.gov.vn/tim-kiem-thu-tuc-hanh-chinh?keyword=1.004194")
    assert "dichvucong.gov.vn/thu-tuc" not in text_of(talk.says("#hoixa:answer:khai-sinh:fee"))
