"""The fixed shape of ``ask --json``."""

from __future__ import annotations

import json

from conversation_talk import NOON, Talk, commune, part, understood

from bot.conversation.asking import ask

KEYS = ["id", "text", "decision", "topics", "facet", "action", "parts", "reply", "buttons", "ms"]


def test_the_shape_of_an_answer() -> None:
    talk = Talk({"x": understood("answer", "khai-sinh", "@idea", "ket-hon", facet="fee")})
    document, state = ask(talk.conversation, "x", commune(), NOON, message_id="7")
    assert list(document) == KEYS
    assert document["id"] == "7"
    assert document["topics"] == [{"id": "khai-sinh", "score": 0.9}, {"id": "ket-hon", "score": 0.5}]
    assert (document["decision"], document["facet"], document["action"]) == ("answer", "fee", None)
    assert document["buttons"][0] == {"title": "Giấy tờ cần có", "payload": "#hoixa:answer:khai-sinh:papers"}
    assert document["ms"] >= 0
    assert state.last_topic == "khai-sinh"
    json.dumps(document)


def test_a_talk_goes_on_with_its_state() -> None:
    talk = Talk({"x": understood("answer", "khai-sinh", facet="papers")}, {"the con le phi": "fee"})
    _, state = ask(talk.conversation, "x", commune(), NOON)
    document, _ = ask(talk.conversation, "the con le phi", commune(), NOON, state)
    assert document["facet"] == "fee"
    assert "Nội dung fee của khai-sinh" in document["reply"]


def test_a_clarification_names_the_choices_and_a_pointer_is_shown() -> None:
    talk = Talk(
        {
            "x": understood("clarify", "khai-sinh", "@feedback"),
            "y": understood("fallback", "ket-hon", pointer="ly-hon-toa-an"),
        }
    )
    document, _ = ask(talk.conversation, "x", commune(), NOON)
    assert [topic["id"] for topic in document["topics"]] == ["khai-sinh", "@feedback"]
    document, _ = ask(talk.conversation, "y", commune(), NOON)
    assert (document["decision"], document["topics"], document["pointer"]) == ("fallback", [], "ly-hon-toa-an")


def test_two_questions_are_an_answer_with_both_topics_and_their_parts() -> None:
    parts = [part("a", "answer", "khai-sinh", facet="papers"), part("b", "answer", "ket-hon", facet="fee")]
    talk = Talk({"x": understood("answer", "khai-sinh", parts=parts)})
    document, _ = ask(talk.conversation, "x", commune(), NOON)
    assert [topic["id"] for topic in document["topics"]] == ["khai-sinh", "ket-hon"]
    assert document["parts"][1] == {
        "text": "b", "decision": "answer", "topics": [{"id": "ket-hon", "score": 0.9}], "facet": "fee", "action": None,
    }  # fmt: skip


def test_a_long_talk_read_from_a_file_is_no_flood() -> None:
    talk = Talk({"x": understood("answer", "khai-sinh")})
    state = None
    for _ in range(30):
        document, state = ask(talk.conversation, "x", commune(), NOON, state)
        assert document["decision"] == "answer"


def test_an_action_is_named() -> None:
    talk = Talk({"x": understood("action", "@feedback", action="feedback")})
    document, _ = ask(talk.conversation, "x", commune(), NOON)
    assert (document["decision"], document["action"]) == ("action", "feedback")
