from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from zalo_samples import RESIDENT, request

from bot.replies import Button, Reply
from bot.zalo.messages import (
    PLAIN_CHOICE_HINT,
    ButtonTooLong,
    MessageEmpty,
    MessageLimitError,
    MessageTooLong,
    TooManyButtons,
    anonymous_body,
    cs_body,
    render_plain,
)

CHOICES = Reply("Bác hỏi phần nào ạ?", (Button("Lệ phí", "#hoixa:facet:fee"), Button("Giấy tờ", "#hoixa:facet:papers")))


def shape(value: Any) -> Any:
    """Keys and types only."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return type(value).__name__


def test_text_equals_the_sample() -> None:
    assert cs_body(RESIDENT, Reply("Chào bạn!"), plain=False) == request("cs_text")["json"]


def test_buttons_have_the_shape_of_the_sample() -> None:
    sample = request("cs_text_buttons")["json"]
    body: Any = cs_body(RESIDENT, CHOICES, plain=False)
    sample_payload = sample["message"]["attachment"].pop("payload")
    payload = body["message"]["attachment"].pop("payload")
    assert shape(body) == shape(sample)
    assert set(payload) == set(sample_payload) == {"buttons"}
    assert [shape(button) for button in payload["buttons"]] == [shape(sample_payload["buttons"][0])] * 2
    assert payload["buttons"][0] == {"title": "Lệ phí", "type": "oa.query.show", "payload": "#hoixa:facet:fee"}


def test_the_template_type_is_a_setting() -> None:
    body: Any = cs_body(RESIDENT, CHOICES, plain=False, template_type="button")
    assert body["message"]["attachment"]["payload"]["template_type"] == "button"


def test_plain_writes_the_buttons_out() -> None:
    body: Any = cs_body(RESIDENT, CHOICES, plain=True)
    assert body["message"] == {"text": f"Bác hỏi phần nào ạ?\n\n1. Lệ phí\n2. Giấy tờ\n{PLAIN_CHOICE_HINT}"}
    assert render_plain(Reply("Dạ."), hint="x") == "Dạ."


def test_anonymous_equals_the_sample_and_never_has_buttons() -> None:
    sample = request("anonymous_text")["json"]
    ids = sample["recipient"]
    assert anonymous_body(ids["anonymous_id"], ids["conversation_id"], Reply("Chào bạn")) == sample
    body: Any = anonymous_body("a", "c", CHOICES)
    assert set(body["message"]) == {"text"}


def test_bodies_are_nfc() -> None:
    decomposed = unicodedata.normalize("NFD", "Lệ phí ở phường")
    body: Any = cs_body(RESIDENT, Reply(decomposed, (Button(decomposed, "#hoixa:x"),)), plain=False)
    assert body["message"]["text"] == "Lệ phí ở phường"
    assert body["message"]["attachment"]["payload"]["buttons"][0]["title"] == "Lệ phí ở phường"


def buttons(count: int, title: str = "a", payload: str = "#hoixa:a") -> tuple[Button, ...]:
    return tuple(Button(title, payload) for _ in range(count))


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply("a" * 2001), MessageTooLong),
        (Reply("🙏" * 1001), MessageTooLong),
        (Reply(" \n"), MessageEmpty),
        (Reply("a", buttons(6)), TooManyButtons),
        (Reply("a", buttons(1, title="a" * 101)), ButtonTooLong),
        (Reply("a", buttons(1, title="")), ButtonTooLong),
        (Reply("a", buttons(1, payload="a" * 1001)), ButtonTooLong),
        (Reply("a", buttons(1, payload="")), ButtonTooLong),
    ],
)
def test_over_the_limits(reply: Reply, error: type[MessageLimitError]) -> None:
    with pytest.raises(error):
        cs_body(RESIDENT, reply, plain=False)


@pytest.mark.parametrize(
    "reply", [Reply("a" * 2000), Reply("🙏" * 1000), Reply("a", buttons(5, "a" * 100, "a" * 1000))]
)
def test_the_limits_themselves_are_fine(reply: Reply) -> None:
    assert cs_body(RESIDENT, reply, plain=False)["recipient"] == {"user_id": RESIDENT}


def test_an_error_never_repeats_what_was_written() -> None:
    with pytest.raises(MessageTooLong) as raised:
        cs_body(RESIDENT, Reply("bí mật " * 400), plain=False)
    assert "bí mật" not in str(raised.value)
