"""Answers, the parts offered after them, follow-ups and several questions at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from conversation_talk import Talk, library, part, payload, text_of, titles, topic, understood

from bot.conversation.speaking import LONGEST_MESSAGE
from bot.conversation.state import CONTEXT_LIVES
from knowledge.schema import TopicParts

PAPERS = {
    "lam khai sinh cho con can giay to gi": understood("answer", "khai-sinh", "dang-ky-lai-khai-sinh", facet="papers")
}


def test_the_demo_talk_papers_then_fee_then_a_number() -> None:
    talk = Talk(PAPERS, {"the con le phi": "fee"})
    papers = talk.says("lam khai sinh cho con can giay to gi")
    assert "Nội dung papers của khai-sinh" in text_of(papers)
    assert text_of(papers).startswith("Đăng ký khai sinh – Giấy tờ cần có\n")
    fee = talk.says("the con le phi")
    assert "Nội dung fee của khai-sinh" in text_of(fee)
    assert fee.decision.facet == "fee"
    first = titles(fee)[0]
    numbered = talk.says("1")
    assert first == "Giấy tờ cần có"
    assert "Nội dung papers của khai-sinh" in text_of(numbered)
    assert numbered.decision.topics == (("khai-sinh", 1.0),)


def test_an_answer_is_one_message_with_source_and_offers_four_parts_and_the_rest() -> None:
    outcome = Talk(PAPERS).says("lam khai sinh cho con can giay to gi")
    assert len(outcome.replies) == 1
    assert "Nguồn: Luật thử · Cập nhật 21/11/2026" in text_of(outcome)
    assert titles(outcome) == ["Lệ phí", "Bao lâu có", "Nộp qua mạng", "Làm ở đâu", "Phần khác"]


def test_the_rest_opens_the_parts_not_offered_yet() -> None:
    talk = Talk(PAPERS)
    rest = talk.says(payload(talk.says("lam khai sinh cho con can giay to gi"), "Phần khác"))
    assert titles(rest) == ["Ai được làm", "Mẫu đơn", "Quá hạn", "Nhận được gì", "Tổng quan"]
    assert "Nội dung late của khai-sinh" in text_of(talk.says("3"))


def test_no_rest_is_offered_where_four_parts_are_all() -> None:
    outcome = Talk({"kết hôn": understood("answer", "ket-hon")}).says("kết hôn")
    assert titles(outcome) == ["Giấy tờ cần có", "Lệ phí", "Bao lâu có", "Làm ở đâu"]


def test_a_part_the_library_lacks_is_said_to_be_missing() -> None:
    outcome = Talk({"muộn": understood("answer", "ket-hon", facet="late")}).says("muộn")
    assert "chưa có thông tin chắc chắn" in text_of(outcome)
    assert "Nội dung overview của ket-hon" in text_of(outcome)
    assert outcome.decision.facet == "late"


def test_context_is_given_for_fifteen_minutes_and_no_longer() -> None:
    talk = Talk(PAPERS, {"the con le phi": "fee"})
    talk.says("lam khai sinh cho con can giay to gi")
    talk.says("the con le phi", after=timedelta(minutes=14))
    assert talk.understander.asked[-1][1].last_topic == "khai-sinh"
    assert talk.understander.asked[-1][1].last_facet == "papers"
    late = talk.says("the con le phi", after=timedelta(minutes=16))
    assert talk.understander.asked[-1][1] is None
    assert late.decision.decision == "fallback"


def test_the_topic_of_a_tap_is_context_too() -> None:
    talk = Talk({}, {"the con le phi": "fee"})
    talk.says("#hoixa:ask:ket-hon")
    assert "Nội dung fee của ket-hon" in text_of(talk.says("the con le phi"))


def test_the_wording_is_that_of_the_day_in_vietnam() -> None:
    seen = []
    talk = Talk(PAPERS)
    library = talk.conversation._library

    class Recording:
        def __getattr__(self, name: str) -> object:
            return getattr(library, name)

        def answer(self, topic: str, facet: str | None, commune: object, on: object) -> object:
            seen.append(on)
            return library.answer(topic, facet, commune, on)

    talk.conversation._library = Recording()
    talk.now = talk.now.replace(hour=18)  # 01:00 of the next day in Vietnam
    talk.says("lam khai sinh cho con can giay to gi")
    assert str(seen[0]) == "2026-11-23"


BOTH = (
    part("khai sinh cần gì", "answer", "khai-sinh", facet="papers"),
    part("kết hôn hết bao nhiêu", "answer", "ket-hon", facet="fee"),
)


def test_two_questions_are_answered_in_one_message_with_the_buttons_of_the_last() -> None:
    talk = Talk({"hai câu": understood("answer", "khai-sinh", parts=BOTH)})
    outcome = talk.says("hai câu")
    assert len(outcome.replies) == 1
    assert text_of(outcome).index("Nội dung papers của khai-sinh") < text_of(outcome).index("Nội dung fee của ket-hon")
    assert payload(outcome, "Giấy tờ cần có") == "#hoixa:answer:ket-hon:papers"
    assert [topic for topic, _ in outcome.decision.topics] == ["khai-sinh", "ket-hon"]
    assert outcome.decision.decision == "answer"
    assert outcome.decision.parts == BOTH
    assert outcome.state.last_topic == "ket-hon"


def test_answers_too_long_for_one_message_come_in_two() -> None:
    long_parts = [part(topic, "answer", topic) for topic in ("chung-thuc-ban-sao", "can-cuoc")]
    outcome = Talk({"dài": understood("answer", "can-cuoc", parts=long_parts)}).says("dài")
    assert len(outcome.replies) == 2
    assert all(len(reply.text) <= LONGEST_MESSAGE for reply in outcome.replies)
    assert "Chứng thực bản sao" in outcome.replies[0].text
    assert "Cấp căn cước" in outcome.replies[1].text
    assert outcome.replies[0].buttons == ()
    assert outcome.replies[1].buttons


def test_a_part_without_an_answer_goes_to_staff_and_the_other_is_answered() -> None:
    parts = (BOTH[0], part("giá vàng mai lên không", "fallback"))
    outcome = Talk({"hai câu": understood("answer", "khai-sinh", parts=parts)}).says("hai câu")
    assert "Nội dung papers của khai-sinh" in text_of(outcome)
    assert "giá vàng mai lên không" in text_of(outcome)
    assert [(request.kind, request.text) for request in outcome.requests] == [("unanswered", "giá vàng mai lên không")]


def test_an_unsure_part_shows_its_choices_and_owns_the_buttons() -> None:
    parts = (part("giấy kia", "clarify", "dang-ky-lai-khai-sinh", "can-cuoc"), BOTH[1])
    talk = Talk({"hai câu": understood("answer", "ket-hon", parts=parts)})
    outcome = talk.says("hai câu")
    assert "• Đăng ký lại khai sinh" in text_of(outcome)
    assert titles(outcome) == ["Đăng ký lại khai sinh", "Cấp căn cước", "Không phải, gặp cán bộ"]
    assert "dang-ky-lai-khai-sinh" in text_of(talk.says("1"))


def test_a_report_beside_a_question_begins_with_the_whole_message() -> None:
    parts = (BOTH[0], part("đèn đường hỏng ở thôn Đoài", "action", "@feedback", action="feedback"))
    outcome = Talk({"cả hai": understood("answer", "khai-sinh", parts=parts)}).says("cả hai")
    assert outcome.state.dialogue is not None
    assert outcome.state.dialogue.values["what"] == "cả hai"
    assert outcome.decision.action == "feedback"


def test_a_topic_the_library_does_not_have_is_not_pretended() -> None:
    outcome = Talk({"lạ": understood("answer", "chua-co")}).says("lạ")
    assert outcome.decision.decision == "fallback"
    assert outcome.requests[0].kind == "unanswered"


def test_state_keeps_a_question_only_while_no_may_still_be_said_to_its_answer() -> None:
    talk = Talk(PAPERS)
    talk.says("lam khai sinh cho con can giay to gi")
    assert talk.state.asked == "lam khai sinh cho con can giay to gi"
    assert talk.state.pending_text == ""
    later = talk.state.without_what_is_too_old(talk.state.answered_at + CONTEXT_LIVES + 1)
    assert "giay to gi" not in later.to_json()


def test_a_part_without_a_procedure_asks_for_it_and_then_answers_that_part() -> None:
    talk = Talk(
        {
            "hết bao nhiêu tiền": understood("fallback", facet="fee"),
            "làm kết hôn": understood("answer", "ket-hon", facet="overview"),
        }
    )
    asked = talk.says("hết bao nhiêu tiền")
    assert asked.requests == ()
    assert "việc nào" in text_of(asked)
    assert talk.says("làm kết hôn").decision.facet == "fee"
    assert talk.says("làm kết hôn").decision.facet == "overview"


def test_words_of_a_topics_own_name_ask_for_no_part() -> None:
    lines = {
        "dang ky KHAI SINH": understood("answer", "khai-sinh", facet="late"),
        "đăng ký khai sinh trễ": understood("answer", "khai-sinh", facet="late"),
    }
    talk = Talk(lines)
    assert talk.says("dang ky KHAI SINH").decision.facet == "overview"
    assert talk.says("đăng ký khai sinh trễ").decision.facet == "late"


def test_parts_nobody_asks_of_a_topic_stand_behind_the_rest() -> None:
    parts = TopicParts(names={"time": "Ngày giờ làm việc"}, offered=("time",))
    hours = topic("gio-lam-viec", "Giờ làm việc", ("overview", "papers", "fee", "time"))
    known = replace(library(), topics={"gio-lam-viec": hours}, topic_parts={"gio-lam-viec": parts})
    talk = Talk({"giờ làm việc": understood("answer", "gio-lam-viec")})
    talk.conversation._library = known
    outcome = talk.says("giờ làm việc")
    assert titles(outcome) == ["Ngày giờ làm việc", "Phần khác"]
    assert titles(talk.says("2")) == ["Giấy tờ cần có", "Lệ phí"]
    assert text_of(talk.says("#hoixa:answer:gio-lam-viec:time")).startswith("Giờ làm việc – Ngày giờ làm việc")
