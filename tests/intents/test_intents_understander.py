"""Whole decisions: fixed examples, invariance, follow-ups, several questions, hostile input, threads."""

from __future__ import annotations

import json
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intents import Context, Understander
from intents.dataset import pointer_ids, topics
from intents.lexicon import read_table
from intents.syllables import fold
from intents.understanding import CHITCHAT_KINDS, FACETS

BIRTH = Context("khai-sinh", "papers")


def first(understander: Understander, text: str, context: Context | None = None) -> str | None:
    found = understander.understand(text, context)
    return found.candidates[0].id if found.candidates else None


def test_papers_of_a_birth_certificate(understander: Understander) -> None:
    found = understander.understand("lam khai sinh cho con can giay to gi")
    assert (found.decision, found.candidates[0].id, found.facet) == ("answer", "khai-sinh", "papers")
    assert found.confidence > 0.8 and not found.follow_up


@pytest.mark.parametrize(
    ("text", "facet"),
    [("the con le phi", "fee"), ("thế còn lệ phí?", "fee"), ("thế nộp qua mạng được không", "online"), ("bao lâu",
     "time"), ("mất mấy ngày", "time"),
     ("còn chồng tôi thì sao", None), ("nộp ở đâu", "place"), ("có mẫu đơn không", "form")],
)  # fmt: skip
def test_follow_ups(understander: Understander, text: str, facet: str | None) -> None:
    found = understander.understand(text, BIRTH)
    assert (found.decision, found.candidates[0].id, found.follow_up) == ("answer", "khai-sinh", True)
    assert facet is None or found.facet == facet


def test_new_topic_after_a_topic_inherits_the_part(understander: Understander) -> None:
    found = understander.understand("thế còn khai tử thì sao", Context("khai-sinh", "fee"))
    assert (found.candidates[0].id, found.facet, found.follow_up) == ("khai-tu", "fee", True)


def test_context_does_not_swallow_new_questions(understander: Understander) -> None:
    assert first(understander, "đăng ký xe", BIRTH) == "dang-ky-xe"
    assert understander.understand("đèn đường hỏng cả tuần rồi", BIRTH).action == "feedback"
    assert understander.understand("cảm ơn nhé", BIRTH).chitchat == "thanks"
    assert understander.understand("cho tôi gặp cán bộ", BIRTH).action == "human"


@pytest.mark.parametrize("name", ["khai sinh", "kết hôn", "khai tử", "tạm trú", "căn cước", "hộ chiếu"])
@pytest.mark.parametrize("asking", ["{0} cần giấy gì", "{0} cần giấy tờ gì", "làm {0} mất bao lâu", "{0} làm ở đâu ạ"])
def test_plainest_questions_are_answered(understander: Understander, name: str, asking: str) -> None:
    found = understander.understand(asking.format(name))
    assert found.decision == "answer" and found.facet in ("papers", "time", "place")


def test_part_without_topic_is_not_answered(understander: Understander) -> None:
    for text in ("bao lâu", "thế còn lệ phí?", "nộp ở đâu"):
        assert understander.understand(text).decision in ("fallback", "clarify")


@pytest.mark.parametrize(
    "typed",
    [
        "đăng ký xe",
        "dang ky xe",
        "ĐĂNG KÝ XE",
        "Dang Ky Xe",
        unicodedata.normalize("NFD", "đăng ký xe"),
        "  đăng  ký xe ? ",
    ],
)
def test_short_title_is_answered(understander: Understander, typed: str) -> None:
    found = understander.understand(typed)
    assert (found.decision, found.candidates[0].id, found.facet) == ("answer", "dang-ky-xe", "overview")


def test_every_title_is_answered(understander: Understander) -> None:
    wrong = []
    for topic in topics():
        for text in (topic.name, fold(topic.name).upper()):
            found = understander.understand(text)
            if found.decision != "answer" or found.candidates[0].id != topic.id:
                wrong.append((text, found.decision, found.candidates[:2]))
    assert wrong == []


def test_every_alias_is_answered(understander: Understander) -> None:
    wrong = [
        (row["text"], found.decision, found.candidates[:2])
        for row in read_table("aliases.tsv")
        for found in [understander.understand(row["text"])]
        if found.decision != "answer" or found.candidates[0].id != row["label"]
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "topics_asked"),
    [("khai sinh cho con cần giấy gì và đăng ký tạm trú ở đâu", {"khai-sinh", "tam-tru"}),
     ("Làm căn cước mất bao lâu? Tiện thể hỏi luôn đổi bằng lái xe ở đâu?", {"can-cuoc", "giay-phep-lai-xe"})],
)  # fmt: skip
def test_double_questions(understander: Understander, text: str, topics_asked: set[str]) -> None:
    found = understander.understand(text)
    assert found.decision == "answer"
    assert {candidate.id for candidate in found.candidates} == topics_asked
    assert [part.candidates[0].id for part in found.parts] == [candidate.id for candidate in found.candidates]


@pytest.mark.parametrize(
    ("text", "action"),
    [("đèn đường đầu ngõ hỏng cả tháng không ai sửa", "feedback"), ("tôi đề xuất xã lắp camera ở ngã tư", "idea"),
     ("phản ánh của tôi gửi hôm trước tới đâu rồi", "status"), ("PA-7K2M3X", "status"), ("cho tôi gặp cán bộ thật",
      "human")],
)  # fmt: skip
def test_actions(understander: Understander, text: str, action: str) -> None:
    found = understander.understand(text)
    assert (found.decision, found.action, found.candidates[0].id) == ("action", action, f"@{action}")


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("thủ tục ly hôn đơn phương nộp ở đâu", "ly-hon-toa-an"),
        ("dự báo thời tiết ngày mai", "thoi-tiet"),
        ("你好", "ngoai-ngu"),
        ("thằng bot mất dạy", "chui-boi"),
    ],
)
def test_out_of_scope_points_on(understander: Understander, text: str, pointer: str) -> None:
    found = understander.understand(text)
    assert (found.decision, found.candidates, found.pointer) == ("fallback", (), pointer)
    assert pointer in pointer_ids()


def test_danger_comes_first(understander: Understander) -> None:
    found = understander.understand("nhà cháy rồi cứu với, đang đi làm khai sinh", BIRTH)
    assert first(understander, "cháy nhà hàng xóm rồi gọi số mấy") == "bao-su-co-khan-cap"
    assert found.decision in ("answer", "clarify")


_SAMPLE = [row["text"] for row in read_table("examples.tsv")][::61]


@given(st.sampled_from(_SAMPLE), st.sampled_from(["nfd", "upper", "zero", "eth", "emoji", "tone"]))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_spelling_changes_no_decision(understander: Understander, text: str, change: str) -> None:
    changed = {
        "nfd": lambda: unicodedata.normalize("NFD", text),
        "upper": lambda: text.upper(),
        "zero": lambda: "\u200b".join(text),
        "eth": lambda: text.replace("đ", "ð"),
        "emoji": lambda: text + " 🙏",
        "tone": lambda: text.replace("òa", "oà").replace("úy", "uý").replace("ủy", "uỷ").replace("óa", "oá"),
    }[change]()
    before, after = understander.understand(text), understander.understand(changed)
    assert (before.decision, before.candidates, before.facet) == (after.decision, after.candidates, after.facet)


@given(st.text(max_size=400))
@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_gets_a_sound_decision(understander: Understander, text: str) -> None:
    found = understander.understand(text, BIRTH)
    assert found.decision in ("answer", "clarify", "fallback", "action", "chitchat")
    assert found.facet is None or found.facet in FACETS
    assert found.chitchat is None or found.chitchat in CHITCHAT_KINDS
    assert found.pointer is None or found.pointer in pointer_ids()
    assert (found.action is not None) == (found.decision == "action")
    assert 0.0 <= found.confidence <= 1.0
    assert all(0.0 <= candidate.score <= 1.0 for candidate in found.candidates)
    assert len(found.candidates) <= 3
    if found.decision == "fallback":
        assert found.candidates == ()
    if found.decision == "answer":
        assert found.candidates and found.parts
    json.dumps(asdict(found), ensure_ascii=False)


@pytest.mark.parametrize(
    "hostile",
    ["a" * 50_000, "khai sinh " * 5_000, "e" + "\u0301" * 500, "\x00" * 5_000, "\u202eđăng ký xe",
     "😀" * 10_000, "?" * 50_000,
     "khai sinh? " * 5_000, "và " * 20_000, "<phone>" * 3_000, "\ud800 khai sinh", "1" * 50_000],
    ids=["a", "words", "marks", "nul", "rtl", "emoji", "signs", "questions", "and", "masks", "surrogate", "digits"],
)  # fmt: skip
def test_hostile_input_is_bounded(understander: Understander, hostile: str) -> None:
    understander.understand("nóng máy")
    started = time.thread_time()
    found = understander.understand(hostile, BIRTH)
    assert time.thread_time() - started < 1.5  # some hundredths, but a collection of garbage may fall into it
    assert found.decision


def test_threads_agree(understander: Understander) -> None:
    texts = _SAMPLE[:40]
    alone = [understander.understand(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(understander.understand, texts * 3))
    assert together == alone * 3


def test_inference_needs_no_scikit_learn() -> None:
    import subprocess
    import sys

    code = "import intents, sys; intents.load().understand('đăng ký xe'); sys.exit('sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_siblings_bring_their_question(understander: Understander) -> None:
    asked = {row["question"] for row in read_table("siblings.tsv")}
    questions = [
        found.question for text in _SAMPLE for found in [understander.understand(text)] if found.question is not None
    ]
    assert set(questions) <= asked
    for text in _SAMPLE:
        found = understander.understand(text)
        if found.decision == "clarify":
            assert found.question is None or len(found.candidates) >= 2
