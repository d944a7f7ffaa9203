"""The memory between two messages survives every version of itself; messages and payloads keep Zalo's limits."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.acts import SentThing
from bot.conversation.dialogue_state import DialogueState
from bot.conversation.payloads import LONGEST_TITLE, button, is_tap, read_tap, shortened
from bot.conversation.speaking import LONGEST_MESSAGE, lay_out
from bot.conversation.state import State
from bot.replies import Button

FULL = State(
    last_topic="khai-sinh",
    last_facet="fee",
    wanted_facet="time",
    answered_at=5,
    alternatives=("ket-hon",),
    asked="lệ phí khai sinh",
    menu=(Button("Lệ phí", "#hoixa:answer:a:fee"),),
    menu_at=6,
    expecting="old_address",
    expecting_since=7,
    pending_text="chữ",
    unanswered_in_a_row=2,
    welcomed_at=8,
    emergency_at=9,
    bucket=3.5,
    bucket_at=10,
    told_to_wait=True,
    dialogue=DialogueState(
        "report",
        11,
        touched_at=12,
        values={"what": "đèn hỏng"},
        skipped=("category",),
        asked="where",
        trail=("what",),
        things=(SentThing("image", "https://photo.example/1.jpg", "ảnh", 5),),
        asked_to_go_on=True,
        waiting_text="ở đầu làng",
        refused=1,
    ),
    filed=(("abc", "PA-7K3M9X"),),
    filed_at=13,
    things=(SentThing("location", "", "20.9,106.5"),),
    things_at=14,
    answered_conversations=3,
    answer_counted_at=15,
    rating_asked_at=16,
    checklist="khai-sinh",
    ticked=("giay-chung-sinh",),
    checklist_at=12,
)


def test_every_field_goes_through_json() -> None:
    assert State.from_json(FULL.to_json()) == FULL
    assert all(getattr(FULL, field.name) != getattr(State(), field.name) for field in fields(State))


def test_fields_of_other_versions_are_ignored_and_missing_ones_start_afresh() -> None:
    document = json.dumps({"last_topic": "ket-hon", "mood": "good"})
    assert State.from_json(document) == State(last_topic="ket-hon")


@pytest.mark.parametrize(
    "document",
    [
        None, "", "{", "[]", "7", "null", '{"menu": 3}', '{"menu": [["a"], 5, [1, 2]]}', '{"expecting": "war"}',
        '{"bucket": "full"}', '{"bucket": NaN}', '{"answered_at": true}', '{"answered_at": 1e300}', '{"last_topic": 5}',
        '{"told_to_wait": 1}', '{"pending_text": null}', '{"expecting": []}', '{"dialogue": 5}',
        '{"dialogue": {"name": "report"}}',
        '{"dialogue": {"name": "report", "opened_at": 1, "touched_at": true, "values": {}}}',
        '{"dialogue": {"name": "report", "opened_at": 1, "touched_at": 1, "values": {"what": 5}}}',
        '{"filed": [["a"], 3]}', '{"things": [{"kind": "image"}, 7]}',
    ],
)  # fmt: skip
def test_a_memory_that_cannot_be_read_is_a_fresh_one(document: str | None) -> None:
    assert State.from_json(document) == State()


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), lambda inner: st.lists(inner)))
def test_any_value_in_any_field_is_survived(value: object) -> None:
    state = State.from_json(json.dumps({field.name: value for field in fields(State)}))
    assert State.from_json(state.to_json()) == state


def test_a_long_title_is_cut_after_a_word() -> None:
    title = button("Đăng ký " + "thay đổi nội dung " * 10, "human").title
    assert len(title) <= LONGEST_TITLE
    assert title.endswith(("đổi…", "nội…", "dung…", "thay…"))


@given(st.text(), st.integers(min_value=1, max_value=120))
def test_shortened_is_short(text: str, longest: int) -> None:
    assert len(shortened(text, longest)) <= longest


def test_a_payload_too_long_is_refused_not_cut() -> None:
    with pytest.raises(ValueError, match="payload"):
        button("x", "ask", "a" * 1000)


def test_taps_are_read_as_they_were_made() -> None:
    payload = button("x", "answer", "khai-sinh", "fee").payload
    assert payload == "#hoixa:answer:khai-sinh:fee"
    assert is_tap(payload)
    assert (read_tap(payload).verb, read_tap(payload).argument(0), read_tap(payload).argument(1)) == (
        "answer", "khai-sinh", "fee",
    )  # fmt: skip
    assert read_tap("#hoixa:ask:x").argument(5) is None
    assert not is_tap("hoixa")


@given(st.lists(st.text(max_size=4000), max_size=4))
def test_nothing_said_is_lost_or_too_long(blocks: list[str]) -> None:
    replies = lay_out(blocks, (Button("a", "#hoixa:human"),))
    assert all(0 < len(reply.text) <= LONGEST_MESSAGE for reply in replies)
    import unicodedata

    said = "".join("".join(reply.text.split()) for reply in replies)
    assert said == "".join("".join(unicodedata.normalize("NFC", block).split()) for block in blocks)
    assert all(not reply.buttons for reply in replies[:-1])


def test_a_long_text_is_torn_at_a_paragraph() -> None:
    first, second = lay_out(["a" * 1500 + "\n\n" + "b " * 600])
    assert first.text == "a" * 1500
    assert second.text.startswith("b")
