"""Every event the emulator sends by itself has the shape of the contract's sample, and a good signature."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from emulator_harness import SAMPLES, Harness, Product, sample, shape

from emulator.events import encode, signature

VECTORS = json.loads((SAMPLES / "signature_vectors.json").read_text(encoding="utf-8"))["vectors"]
BUTTONS = {"type": "template", "payload": {"buttons": [{"title": "A", "type": "oa.query.show", "payload": "#a"}]}}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["event"])
def test_signature_of_the_contract(vector: dict) -> None:
    raw = vector["raw_body"].encode("utf-8")
    mac = signature(vector["app_id"], raw, vector["timestamp"], vector["oa_secret_key"])
    assert vector["headers" if "headers" in vector else "header"]["X-ZEvent-Signature"] == f"mac={mac}"


def test_bodies_are_compact_and_unescaped() -> None:
    body = json.loads(VECTORS[0]["raw_body"])
    assert encode(body).decode("utf-8") == VECTORS[0]["raw_body"]


def _media(harness: Harness, media_type: str, **element: object) -> None:
    attachment = {
        "type": "template",
        "payload": {"template_type": "media", "elements": [{"media_type": media_type, **element}]},
    }
    text = "hình minh họa" if media_type == "image" else ""
    assert harness.reply(text, attachment=attachment)["error"] == 0


def _upload(harness: Harness, kind: str, name: str) -> str:
    import io

    response = harness.client.post(
        f"/v2.0/oa/upload/{kind}",
        data={"file": (io.BytesIO(b"x"), name)},
        headers={"access_token": harness.access_token},
    )
    return next(iter(response.get_json()["data"].values()))


def _list(harness: Harness) -> None:
    harness.account.list_template = True
    body = sample("requests", "cs_list_template")["json"]
    body["recipient"]["user_id"] = harness.resident.user_id
    assert harness.post("/v3.0/oa/message/cs", body)["error"] == 0


def _request_info(harness: Harness) -> None:
    body = sample("requests", "cs_request_user_info")["json"]
    body["recipient"]["user_id"] = harness.resident.user_id
    assert harness.post("/v3.0/oa/message/cs", body)["error"] == 0


def _file(harness: Harness) -> None:
    token = _upload(harness, "file", "a.pdf")
    body = {"attachment": {"type": "file", "payload": {"token": token}}}
    answer = harness.post("/v3.0/oa/message/cs", {"recipient": {"user_id": harness.resident.user_id}, "message": body})
    assert answer["error"] == 0


def _react_by_oa(harness: Harness) -> None:
    body = sample("requests", "react")["json"]
    body["recipient"]["user_id"] = harness.resident.user_id
    body["sender_action"]["react_message_id"] = harness.say()
    assert harness.post("/v2.0/oa/message", body)["error"] == 0


def _tags(harness: Harness, last: str) -> None:
    who = {"user_id": harness.resident.user_id, "tag_name": "Hoàn thành"}
    for path in ("tagfollower", "rmfollowerfromtag", "rmtag"):
        assert harness.post(f"/v2.0/oa/tag/{path}", who)["error"] == 0
        if path == last:
            return


def _group(harness: Harness) -> None:
    harness.account.groups["b81e5d3c90f7a264d1aa"] = True
    assert harness.post("/v3.0/oa/group/message", sample("requests", "group_message_text")["json"])["error"] == 0


def _attachment(kind: str, text: str | None = None, **details: object) -> Callable[[Harness], object]:
    return lambda harness: harness.act("send", kind=kind, text=text, details=details)


CAUSES: dict[str, Callable[[Harness], object]] = {
    "user_send_text": lambda harness: harness.say(),
    "user_send_text__quote": lambda harness: harness.act("send", text="ý này", quote_message_id="4f1c"),
    "user_send_text__button_click": lambda harness: harness.act(
        "tap", button={"type": "oa.query.show", "title": "Tiếp", "payload": "#tiep"}
    ),
    "user_send_image": _attachment("image", "ảnh"),
    "user_send_gif": _attachment("gif"),
    "user_send_link": _attachment("link", "https://example.vn", url="https://example.vn"),
    "user_send_audio": _attachment("audio"),
    "user_send_video": _attachment("video"),
    "user_send_sticker": _attachment("sticker"),
    "user_send_location": _attachment("location"),
    "user_send_file": _attachment("file"),
    "user_send_business_card": _attachment("business_card", "Danh thiếp"),
    "user_reacted_message": lambda harness: harness.act("react", message_id=harness.reply()["data"]["message_id"]),
    "user_submit_info": lambda harness: harness.act("submit-info", info=sample("events", "user_submit_info")["info"]),
    "user_click_chatnow": lambda harness: harness.act("chat-now"),
    "user_withdraw": lambda harness: harness.act("withdraw"),
    "follow": lambda harness: harness.act("follow"),
    "unfollow": lambda harness: harness.act("unfollow"),
    "oa_send_text": lambda harness: harness.reply(),
    "oa_send_text__by_admin": lambda harness: harness.act("staff-reply", text="Xã đây bác"),
    "oa_send_text__template": lambda harness: harness.reply("Chọn", attachment=BUTTONS),
    "oa_send_template": _request_info,
    "oa_send_image": lambda harness: _media(harness, "image", url="https://example.vn/a.jpg"),
    "oa_send_gif": lambda harness: _media(
        harness, "gif", attachment_id=_upload(harness, "gif", "a.gif"), width=1, height=1
    ),
    "oa_send_sticker": lambda harness: _media(harness, "sticker", attachment_id="30012"),
    "oa_send_file": _file,
    "oa_send_list": _list,
    "oa_reacted_message": _react_by_oa,
    "user_received_message": lambda harness: harness.reply(),
    "user_seen_message": lambda harness: harness.reply(),
    "add_user_to_tag": lambda harness: _tags(harness, "tagfollower"),
    "remove_user_from_tag": lambda harness: _tags(harness, "rmfollowerfromtag"),
    "remove_tag": lambda harness: _tags(harness, "rmtag"),
    "oa_send_group_text": _group,
    "oa_send_anonymous_text": lambda harness: harness.post(
        "/v2.0/oa/message", sample("requests", "anonymous_text")["json"]
    ),
}


@pytest.mark.parametrize("name", sorted(CAUSES))
def test_event_has_the_shape_of_its_sample(name: str, harness: Harness, product: Product) -> None:
    expected = sample("events", name)
    if name.startswith(("oa_send", "oa_reacted", "user_reacted", "user_received", "user_seen")):
        harness.emulator.world.interact(harness.resident)
    CAUSES[name](harness)
    harness.settle()
    received = product.events(expected["event_name"])[-1]
    assert shape(received.body) == shape(expected)
    mac = signature(harness.emulator.app_id, received.raw, received.body["timestamp"], harness.account.secret_key)
    assert received.headers["X-ZEvent-Signature"] == f"mac={mac}"
    assert "num_retry" not in received.headers


def test_the_two_sides_stand_where_they_belong(harness: Harness, product: Product) -> None:
    sent = harness.say("Chào xã")
    answered = harness.reply("Chào bác")["data"]["message_id"]
    harness.settle()
    user, office = harness.resident.user_id, harness.account.oa_id
    inbound = product.events("user_send_text")[0].body
    assert (inbound["sender"]["id"], inbound["recipient"]["id"]) == (user, office)
    assert inbound["message"] == {"text": "Chào xã", "msg_id": sent}
    for name in ("oa_send_text", "user_received_message"):
        body = product.events(name)[0].body
        assert (body["sender"]["id"], body["recipient"]["id"]) == (office, user)
        assert body["message"]["msg_id"] == answered
    assert product.events("user_seen_message")[0].body["message"]["msg_ids"] == [answered]


def test_echo_then_receipt_then_seen(harness: Harness, product: Product) -> None:
    harness.say()
    harness.settle()
    harness.reply()
    harness.settle()
    names = [item.event for item in product.events()]
    assert names == ["user_send_text", "oa_send_text", "user_received_message", "user_seen_message"]


def test_a_template_echo_carries_its_text_in_the_payload(harness: Harness, product: Product) -> None:
    harness.say()
    harness.reply("Bác chọn một mục", attachment=BUTTONS)
    harness.settle()
    message = product.events("oa_send_text")[0].body["message"]
    assert "text" not in message
    assert message["attachments"][0]["payload"]["text"] == "Bác chọn một mục"


def test_opening_buttons_send_nothing(harness: Harness, product: Product) -> None:
    button = {"type": "oa.open.url", "title": "Mở", "payload": {"url": "https://example.vn"}}
    assert harness.act("tap", button=button) == {"message_id": None}
    harness.settle()
    assert product.events() == []


def test_chat_now_comes_once_and_only_before_any_chat(harness: Harness) -> None:
    assert harness.act("chat-now") == {"sent": True}
    assert harness.act("chat-now") == {"sent": False}


def test_letters_may_come_decomposed(harness: Harness, product: Product) -> None:
    harness.act("send", text="hộ tịch", decompose=True)
    harness.settle()
    text = product.events("user_send_text")[0].body["message"]["text"]
    assert text != "hộ tịch"
    assert "\u0323" in text


def test_an_oa_that_granted_nothing_sends_nothing(harness: Harness, product: Product) -> None:
    harness.account.granted = False
    message_id = harness.say()
    harness.settle()
    assert product.events() == []
    stored = harness.emulator.world.message(message_id)
    assert stored is not None
    assert stored.delivery_state == "suppressed"
