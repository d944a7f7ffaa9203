from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from zalo_samples import EVENT_FILES, OUR_OA, RESIDENT, event

from bot.zalo.effects import Effect, effect_of, is_interaction
from bot.zalo.event_types import (
    AnonymousMessage,
    AttachmentMessage,
    Call,
    CallConsent,
    ChatNow,
    Echo,
    Event,
    Follow,
    GroupEvent,
    GroupMessage,
    Ignored,
    OaNotice,
    Reaction,
    Receipt,
    SubmitInfo,
    TemplateEvent,
    TextMessage,
    Unfollow,
    Unknown,
    Withdraw,
)
from bot.zalo.events import identify, oa_candidates, parse

OWN = {OUR_OA}

EXPECTED: dict[str, type[Event]] = {
    "user_send_text": TextMessage,
    "follow": Follow,
    "unfollow": Unfollow,
    "user_click_chatnow": ChatNow,
    "user_submit_info": SubmitInfo,
    "user_withdraw": Withdraw,
    "user_received_message": Receipt,
    "user_seen_message": Receipt,
    "user_reacted_message": Reaction,
    "oa_reacted_message": Reaction,
    "user_call_oa": Call,
    "oa_call_user": Call,
    "oa_send_consent": CallConsent,
    "user_reply_consent": CallConsent,
    "change_oa_daily_quota": OaNotice,
    "extension_purchased": OaNotice,
    "add_user_to_tag": Ignored,
    "remove_user_from_tag": Ignored,
    "remove_tag": Ignored,
    "update_user_info": Ignored,
    "widget_interaction_accepted": Ignored,
    "widget_failed_to_sync_user_external_id": Ignored,
    "user_feedback": TemplateEvent,
    "user_click_response_button": TemplateEvent,
    "": Ignored,
}
BY_BEGINNING: tuple[tuple[str, type[Event]], ...] = (
    ("user_send_group_", GroupMessage),
    ("oa_send_group_", GroupMessage),
    ("user_send_", AttachmentMessage),
    ("anonymous_send_", AnonymousMessage),
    ("oa_send_", Echo),
    ("change_", TemplateEvent),
    ("event_journey_", TemplateEvent),
)


def expected_type(file: str, name: str) -> type[Event]:
    if file == "zbs_user_received_message.json":
        return TemplateEvent
    if name in EXPECTED:
        return EXPECTED[name]
    return next((kind for beginning, kind in BY_BEGINNING if name.startswith(beginning)), GroupEvent)


@pytest.mark.parametrize("file", EVENT_FILES)
def test_every_sample_becomes_its_type(file: str) -> None:
    body = event(file.removesuffix(".json"))
    found = parse(body, OWN)
    assert type(found) is expected_type(file, body.get("event_name", ""))
    if body:
        assert found.identity.oa_id == OUR_OA
        assert found.identity.timestamp_ms == 1795257600123


@pytest.mark.parametrize("file", EVENT_FILES)
def test_the_resident_is_never_one_of_our_oas_nor_a_phone(file: str) -> None:
    identity = identify(event(file.removesuffix(".json")), OWN)
    assert identity.user_id in {"", RESIDENT, "7ac1f09e52d8b3641c9f", "6620491835570182944"}


@pytest.mark.parametrize("file", EVENT_FILES)
def test_nothing_personal_shows_in_the_repr_of_an_event(file: str) -> None:
    body = event(file.removesuffix(".json"))
    shown = repr(parse(body, OWN))
    message = body.get("message", {})
    for secret in (message.get("text"), "84900000011", "84900000012", "84900000013", "Nguyễn Văn A", "12 Đường Mẫu"):
        assert not secret or secret not in shown


def test_text_quote_and_button_tap() -> None:
    quoted = parse(event("user_send_text__quote"), OWN)
    assert isinstance(quoted, TextMessage)
    assert (quoted.text, quoted.quote_msg_id) == ("Ý em là bài này", "4f1c09d27ab3658ee091")
    tapped = parse(event("user_send_text__button_click"), OWN)
    assert isinstance(tapped, TextMessage)
    assert tapped.text == "#lesson:next:42"


def test_attachments_keep_what_their_type_has() -> None:
    file = parse(event("user_send_file"), OWN)
    assert isinstance(file, AttachmentMessage)
    assert (file.kind, file.attachments[0].name, file.attachments[0].size_bytes) == ("file", "bt1.pdf", 184320)
    place = parse(event("user_send_location"), OWN)
    assert isinstance(place, AttachmentMessage)
    assert (place.attachments[0].latitude, place.attachments[0].longitude) == (10.7769, 106.7009)
    card = parse(event("user_send_business_card"), OWN)
    assert isinstance(card, AttachmentMessage)
    assert (card.kind, card.text) == ("business_card", "Trần Thị B")
    assert (card.attachments[0].card_phone, card.attachments[0].description) == ("84900000011", "")


def test_echo_text_from_either_place_and_staff_by_admin_id() -> None:
    plain = parse(event("oa_send_text"), OWN)
    assert isinstance(plain, Echo)
    assert plain.text == "Chào bạn, mình đây."
    ours = parse(event("oa_send_text__template"), OWN)
    assert isinstance(ours, Echo)
    assert (ours.text, ours.by_admin, ours.identity.user_id) == ("Chọn một mục", False, RESIDENT)
    staff = parse(event("oa_send_text__by_admin"), OWN)
    assert isinstance(staff, Echo)
    assert staff.by_admin
    assert (effect_of(ours), effect_of(staff)) == (Effect.ECHO, Effect.STAFF_ECHO)


def test_receipts_of_both_kinds() -> None:
    received = parse(event("user_received_message"), OWN)
    assert isinstance(received, Receipt)
    assert (received.kind, received.msg_ids, received.identity.user_id) == (
        "received",
        ("8a7730be41c5d92f60b7",),
        RESIDENT,
    )
    seen = parse(event("user_seen_message"), OWN)
    assert isinstance(seen, Receipt)
    assert (seen.kind, seen.msg_ids) == ("seen", ("8a7730be41c5d92f60b7", "e2590c8f1b7da4463d18"))


@pytest.mark.parametrize(
    "phone", ["84900000012", "0900000012", "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab"]
)
def test_the_template_form_of_a_receipt_leaves_no_phone(phone: str) -> None:
    body = event("zbs_user_received_message")
    body["recipient"]["id"] = phone
    found = parse(body, OWN)
    assert isinstance(found, TemplateEvent)
    assert phone not in repr(found)
    assert effect_of(found) is Effect.IGNORE


def test_a_bare_phone_as_recipient_is_a_template_receipt_too() -> None:
    body = event("zbs_user_received_message")
    body["message"] = {"msg_id": "c90e17a4d2f8b635e071"}
    assert isinstance(parse(body, OWN), TemplateEvent)


def test_contact_details_in_new_and_old_shape() -> None:
    new, old = parse(event("user_submit_info"), OWN), parse(event("user_submit_info__legacy"), OWN)
    assert isinstance(new, SubmitInfo)
    assert isinstance(old, SubmitInfo)
    assert (new.city, new.ward, new.address) == ("Thành phố Hồ Chí Minh", "Phường Sài Gòn", "12 Đường Mẫu")
    assert (old.city, old.district, old.ward) == ("Hồ Chí Minh", "Quận 1", "Phường Bến Nghé")
    assert new.identity.msg_id == ""
    assert new.phone == old.phone == "84900000012"


@pytest.mark.parametrize("name", ["user_submit_info", "user_seen_message", "user_send_text", "oa_send_text"])
def test_swapped_sides_give_the_same_people(name: str) -> None:
    body = event(name)
    swapped = dict(body, sender=body["recipient"], recipient=body["sender"])
    straight, turned = identify(body, OWN), identify(swapped, OWN)
    assert (straight.oa_id, straight.user_id) == (turned.oa_id, turned.user_id) == (OUR_OA, RESIDENT)


def test_candidates_for_the_oa() -> None:
    assert oa_candidates(event("follow")) == [OUR_OA]
    assert oa_candidates(event("change_oa_daily_quota")) == [OUR_OA]
    assert oa_candidates(event("user_send_text")) == [OUR_OA, RESIDENT]
    assert oa_candidates(event("oa_send_text")) == [RESIDENT, OUR_OA]
    assert oa_candidates({}) == []


def test_an_oa_that_is_not_ours_has_no_effect() -> None:
    found = parse(event("user_send_text"), {"1"})
    assert isinstance(found, Unknown)
    assert (found.identity.oa_id, effect_of(found), is_interaction(found)) == ("", Effect.IGNORE, False)


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("react_request_join_group", "accept_request_join_group"),
        ("react_request_join_group_accept", "accept_request_join_group"),
        ("react_request_join_group_reject", "reject_request_join_group"),
        ("user_leave_group", "user_out_group"),
    ],
)
def test_aliases(alias: str, name: str) -> None:
    found = parse(dict(event(name), event_name=alias), OWN)
    assert isinstance(found, GroupEvent)
    assert found.identity.event == name


def test_numbers_as_ids_and_times_lose_no_digit() -> None:
    body = json.loads(
        '{"event_name":"user_send_text","sender":{"id":5093817264401928376},"recipient":{"id":2719364058812047735},'
        '"message":{"msg_id":123456789012345678,"text":"a"},"timestamp":1795257600123}'
    )
    identity = identify(body, OWN)
    assert (identity.oa_id, identity.user_id, identity.msg_id) == (OUR_OA, RESIDENT, "123456789012345678")
    assert identity.timestamp_ms == 1795257600123


def test_notices_tell_the_operator_what_changed() -> None:
    quota = parse(event("change_oa_daily_quota"), OWN)
    assert isinstance(quota, OaNotice)
    assert quota.detail == "prev_value=5000 new_value=10000"
    status = parse(event("change_template_status"), OWN)
    assert isinstance(status, TemplateEvent)
    expected = "template 501233 prev_status=PENDING_REVIEW new_status=REJECT reason=Logo không hợp lệ"
    assert status.detail == expected


@pytest.mark.parametrize("damaged", [5.093817264401928e18, True, None, [], {}, "9" * 1000])
def test_what_is_no_id(damaged: Any) -> None:
    """A float has lost its last digits: ids pass 2^53."""
    body = dict(event("user_send_text"), sender={"id": damaged})
    assert isinstance(parse(body, OWN), Unknown)


def test_texts_are_made_fit_for_a_database() -> None:
    body = event("user_send_text")
    body["message"]["text"] = "Cho tôi ho\u0309i\x00 \ud83d\ude4f \ud800"
    found = parse(body, OWN)
    assert isinstance(found, TextMessage)
    assert found.text == "Cho tôi hỏi 🙏 \ufffd"
    found.text.encode("utf-8")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"event_name": "user_send_poem", "oa_id": OUR_OA}, "event not in the contract"),
        ({"sender": {"id": "1"}}, "no event_name"),
        ({"event_name": "user_send_text", "recipient": {"id": OUR_OA}}, "no resident in the body"),
        ({"event_name": "follow", "oa_id": OUR_OA, "follower": None}, "no resident in the body"),
        ({"event_name": ["follow"]}, "no event_name"),
    ],
)
def test_damaged_bodies_say_what_is_wrong(body: dict[str, Any], reason: str) -> None:
    found = parse(body, OWN)
    assert isinstance(found, Unknown)
    assert found.reason == reason


def test_an_anonymous_message_without_conversation_cannot_be_answered() -> None:
    body = event("anonymous_send_text")
    found = parse(body, OWN)
    assert isinstance(found, AnonymousMessage)
    assert (found.identity.user_id, found.conversation_id) == ("7ac1f09e52d8b3641c9f", "d40b77e2915fa638c0e4")
    del body["message"]["conversation_id"]
    assert isinstance(parse(body, OWN), Unknown)


ODD_VALUES = (
    None, True, 0, -1, 5093817264401928376, 10**40, 1.5, float("nan"), float("inf"), "", "a", "\x00", "\ud800", "{",
    '{"phone":1}', OUR_OA, RESIDENT, "-5", "٣", "9" * 5000,
)  # fmt: skip
JUNK = st.recursive(
    st.sampled_from(ODD_VALUES),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "url", "\ud800"]), inner),
    max_leaves=4,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(EVENT_FILES), st.data())
def test_no_damage_raises(file: str, data: st.DataObject) -> None:
    """Any field of a sample, at any depth, may be anything."""
    body = event(file.removesuffix(".json"))
    places: list[tuple[Any, Any]] = []

    def collect(value: Any) -> None:
        entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in entries:
            places.append((value, key))
            collect(inner)

    collect(body)
    for container, key in data.draw(st.lists(st.sampled_from(places), max_size=4)) if places else ():
        container[key] = data.draw(JUNK)
    found = parse(body, OWN)
    assert isinstance(effect_of(found), Effect)
    assert found.identity == identify(body, OWN)
    repr(found).encode("utf-8")
