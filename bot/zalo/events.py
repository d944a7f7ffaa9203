"""From a webhook body to a typed event. Nothing here raises, whatever the body holds (contract 1.3 to 1.5)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping

from bot.zalo.event_types import (
    AnonymousMessage,
    Attachment,
    AttachmentMessage,
    Call,
    CallConsent,
    ChatNow,
    Echo,
    Event,
    Follow,
    GroupEvent,
    GroupMessage,
    Identity,
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
from bot.zalo.fields import clean_text, decimal, identifier, mapping, sequence, whole_number

__all__ = [
    "ALIASES", "AnonymousMessage", "Attachment", "AttachmentMessage", "Call", "CallConsent", "ChatNow", "Echo",
    "Event", "Follow", "GroupEvent", "GroupMessage", "Identity", "Ignored", "OaNotice", "Reaction", "Receipt",
    "SubmitInfo", "TemplateEvent", "TextMessage", "Unfollow", "Unknown", "Withdraw", "event_name", "identify",
    "oa_candidates", "parse",
]  # fmt: skip

Body = Mapping[str, object]

ALIASES: Mapping[str, str] = {
    "react_request_join_group": "accept_request_join_group",
    "react_request_join_group_accept": "accept_request_join_group",
    "react_request_join_group_reject": "reject_request_join_group",
    "user_leave_group": "user_out_group",
}
"""Spellings that differ between the sources of the contract (1.4)."""

_PHONE = re.compile(r"\+?(84|0)\d{9}")


def oa_candidates(body: Body) -> list[str]:
    """The ids among which our OA may be, likeliest first: the OA named outright, else the two sides of a message.

    The receiver looks these up to find the secret to verify with, before the body is trusted.
    """
    named = _named_oa(body)
    if named:
        return [named]
    sides = (identifier(mapping(body.get(side)).get("id")) for side in ("recipient", "sender"))
    return list(dict.fromkeys(side for side in sides if side))


def identify(body: Body, own: Collection[str]) -> Identity:
    """Who and what the body is about, by the robust rule of contract 1.3. ``own`` holds the ids of the OAs we serve.

    Which side of a message is the OA is settled by ``own``, never by the event's name: single projects report the two
    sides swapped.
    """
    event = event_name(body)
    sender = identifier(mapping(body.get("sender")).get("id"))
    recipient = identifier(mapping(body.get("recipient")).get("id"))
    oa_id = next((candidate for candidate in oa_candidates(body) if candidate in own), "")
    user_id = _resident(body, event, oa_id, sender, recipient)
    return Identity(
        oa_id=oa_id,
        event=event,
        user_id=user_id,
        sender=sender or user_id,
        msg_id=identifier(mapping(body.get("message")).get("msg_id")) or identifier(body.get("msg_id")),
        timestamp_ms=whole_number(body.get("timestamp")),
    )


def event_name(body: Body) -> str:
    """The event's name with aliases replaced, "" where there is none."""
    name = identifier(body.get("event_name"))
    return ALIASES.get(name, name)


def parse(body: Body, own: Collection[str]) -> Event:
    """The typed event of a body. A damaged body gives :class:`Unknown` with the reason; no body raises."""
    identity = identify(body, own)
    if not identity.event:
        if not body:
            return Ignored(identity, reason="probe sent when the webhook address is saved")
        return Unknown(identity, reason="no event_name")
    reader = _READERS.get(identity.event)
    if reader is None:
        return Unknown(identity, reason="event not in the contract")
    if not identity.oa_id:
        return Unknown(identity, reason="not about one of our OAs")
    event = reader(identity, body)
    if not identity.user_id and isinstance(event, _NEEDS_RESIDENT):
        return Unknown(identity, reason="no resident in the body")
    return event


def _named_oa(body: Body) -> str:
    return identifier(body.get("oa_id")) or identifier(body.get("oaId"))


def _resident(body: Body, event: str, oa_id: str, sender: str, recipient: str) -> str:
    if event == "user_received_message" and _is_template_receipt(body):
        return ""  # the recipient is a phone number or its hash (contract 1.5), which we do not keep
    if event.startswith("oa_send_group_"):
        return ""  # the recipient is a group
    direct = identifier(body.get("user_id")) or identifier(mapping(body.get("follower")).get("id"))
    if direct:
        return direct
    if sender and sender != oa_id and oa_id:
        return sender
    if recipient and recipient != oa_id and oa_id:
        return recipient
    return ""


def _is_template_receipt(body: Body) -> bool:
    """Tell the ZBS form of ``user_received_message`` from the OA's own: only the former has these fields."""
    message = mapping(body.get("message"))
    if "tracking_id" in message or "delivery_time" in message:
        return True
    recipient = identifier(mapping(body.get("recipient")).get("id"))
    return "user_id_by_app" not in body and _PHONE.fullmatch(recipient) is not None


def _attachments(body: Body) -> tuple[Attachment, ...]:
    found = []
    for entry in sequence(mapping(body.get("message")).get("attachments")):
        fields = mapping(entry)
        payload = mapping(fields.get("payload"))
        coordinates = mapping(payload.get("coordinates"))
        description, card_phone = _business_card(clean_text(payload.get("description")))
        found.append(
            Attachment(
                type=clean_text(fields.get("type")),
                url=clean_text(payload.get("url")),
                thumbnail=clean_text(payload.get("thumbnail")),
                title=clean_text(payload.get("title")),
                description=description,
                name=clean_text(payload.get("name")),
                size_bytes=whole_number(payload.get("size")),
                checksum=clean_text(payload.get("checksum")),
                file_type=clean_text(payload.get("type")),
                sticker_id=identifier(payload.get("id")),
                latitude=decimal(coordinates.get("latitude")),
                longitude=decimal(coordinates.get("longitude")),
                text=clean_text(payload.get("text")),
                card_phone=card_phone,
            )
        )
    return tuple(found)


def _business_card(description: str) -> tuple[str, str]:
    """(description, phone): a business card hides both in a JSON text (contract 1.3)."""
    if not description.startswith("{"):
        return description, ""
    try:
        card = json.loads(description)
    except (ValueError, RecursionError):
        return description, ""
    if not isinstance(card, dict) or "phone" not in card:
        return description, ""
    return "", identifier(card.get("phone"))


def _message_text(body: Body) -> str:
    return clean_text(mapping(body.get("message")).get("text"))


def _quote(body: Body) -> str:
    return identifier(mapping(body.get("message")).get("quote_msg_id"))


def _text(identity: Identity, body: Body) -> Event:
    return TextMessage(identity, text=_message_text(body), quote_msg_id=_quote(body))


def _with_attachments(identity: Identity, body: Body) -> Event:
    kind = identity.event.removeprefix("user_send_")
    return AttachmentMessage(
        identity, kind=kind, text=_message_text(body), attachments=_attachments(body), quote_msg_id=_quote(body)
    )


def _follow(identity: Identity, body: Body) -> Event:
    return Follow(identity, source=clean_text(body.get("source")))


def _unfollow(identity: Identity, body: Body) -> Event:
    return Unfollow(identity, source=clean_text(body.get("source")))


def _chat_now(identity: Identity, body: Body) -> Event:
    return ChatNow(identity)


def _withdraw(identity: Identity, body: Body) -> Event:
    return Withdraw(identity)


def _submit_info(identity: Identity, body: Body) -> Event:
    info = mapping(body.get("info"))
    full = mapping(info.get("full_address"))

    def either(new: str, old: str) -> str:
        return clean_text(full.get(new)).strip() or clean_text(info.get(old)).strip()

    return SubmitInfo(
        identity,
        name=clean_text(info.get("name")).strip(),
        phone=identifier(info.get("phone")),
        date_of_birth=clean_text(info.get("user_dob")).strip(),
        gender=clean_text(info.get("gender")).strip(),
        city=either("user_city", "city"),
        district=clean_text(info.get("district")).strip(),
        ward=either("user_ward", "ward"),
        address=either("user_address", "address"),
    )


def _reaction(identity: Identity, body: Body) -> Event:
    icon = clean_text(mapping(body.get("message")).get("react_icon"))
    return Reaction(identity, icon=icon, by_oa=identity.event == "oa_reacted_message")


def _echo(identity: Identity, body: Body) -> Event:
    text = _message_text(body) or next((item.text for item in _attachments(body) if item.text), "")
    admin_id = identifier(mapping(body.get("sender")).get("admin_id"))
    conversation_id = identifier(mapping(body.get("message")).get("conversation_id"))
    return Echo(identity, text=text, by_admin=bool(admin_id), admin_id=admin_id, conversation_id=conversation_id)


def _received(identity: Identity, body: Body) -> Event:
    if _is_template_receipt(body):
        return TemplateEvent(identity, detail="delivery receipt of a template message")
    return _receipt(identity, body, "received")


def _seen(identity: Identity, body: Body) -> Event:
    return _receipt(identity, body, "seen")


def _receipt(identity: Identity, body: Body, kind: str) -> Event:
    listed = [identifier(entry) for entry in sequence(mapping(body.get("message")).get("msg_ids"))]
    ids = dict.fromkeys(entry for entry in (identity.msg_id, *listed) if entry)
    return Receipt(identity, kind=kind, msg_ids=tuple(ids))


def _anonymous(identity: Identity, body: Body) -> Event:
    conversation_id = identifier(mapping(body.get("message")).get("conversation_id"))
    if not conversation_id:
        return Unknown(identity, reason="no conversation_id: an anonymous person cannot be answered")
    return AnonymousMessage(
        identity,
        conversation_id=conversation_id,
        kind=identity.event.removeprefix("anonymous_send_"),
        text=_message_text(body),
        attachments=_attachments(body),
    )


def _group_message(identity: Identity, body: Body) -> Event:
    by_oa = identity.event.startswith("oa_")
    kind = identity.event.removeprefix("oa_send_group_").removeprefix("user_send_group_")
    group_id = identifier(mapping(body.get("recipient")).get("id"))
    return GroupMessage(identity, group_id=group_id, kind=kind, by_oa=by_oa, text=_message_text(body))


def _group_event(identity: Identity, body: Body) -> Event:
    members = (identifier(mapping(entry).get("id")) for entry in sequence(body.get("users")))
    return GroupEvent(
        identity, group_id=identifier(body.get("group_id")), member_ids=tuple(member for member in members if member)
    )


def _call(identity: Identity, body: Body) -> Event:
    talk_time = whole_number(body.get("talk_time")) or 0
    return Call(identity, by_oa=identity.event == "oa_call_user", talk_time_ms=max(0, talk_time))


def _consent(identity: Identity, body: Body) -> Event:
    return CallConsent(identity, state=clean_text(body.get("request_type")) or clean_text(body.get("user_consent")))


def _template(identity: Identity, body: Body) -> Event:
    return TemplateEvent(identity)


_CHANGES = ("quota", "status", "quality", "tag")


def _change(identity: Identity, body: Body) -> Event:
    """Say what changed from which value to which: the pairs are called prev_… and new_… under one of four keys."""
    subject = identifier(body.get("template_id"))
    parts = [f"template {subject}"] if subject else []
    for key in _CHANGES:
        for name, value in mapping(body.get(key)).items():
            shown = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            parts.append(f"{clean_text(name)[:40]}={clean_text(shown)[:80]}")
    reason = clean_text(body.get("reason"))[:200]
    detail = " ".join([*parts, f"reason={reason}"] if reason else parts)
    is_template = "template" in identity.event
    return TemplateEvent(identity, detail=detail) if is_template else OaNotice(identity, detail=detail)


def _extension(identity: Identity, body: Body) -> Event:
    through = clean_text(mapping(body.get("extension_sub_info")).get("valid_through_date"))
    return OaNotice(identity, detail=f"extension {identifier(body.get('extension_id'))} until {through}")


def _ignored(identity: Identity, body: Body) -> Event:
    return Ignored(identity, reason="nothing in it concerns the assistant")


_Reader = Callable[[Identity, Body], Event]
_NEEDS_RESIDENT = (
    TextMessage, AttachmentMessage, Follow, Unfollow, ChatNow, SubmitInfo, Withdraw, AnonymousMessage, Echo,
)  # fmt: skip

_ATTACHMENT_KINDS = ("image", "gif", "link", "audio", "video", "sticker", "location", "file", "business_card")
_GROUP_KINDS = ("text", "image", "link", "audio", "video", "business_card", "sticker", "gif", "file")
_ANONYMOUS_KINDS = ("text", "image", "file", "sticker")

_READERS: Mapping[str, _Reader] = {
    "user_send_text": _text,
    **{f"user_send_{kind}": _with_attachments for kind in _ATTACHMENT_KINDS},
    "follow": _follow,
    "unfollow": _unfollow,
    "user_click_chatnow": _chat_now,
    "user_submit_info": _submit_info,
    "user_withdraw": _withdraw,
    "user_reacted_message": _reaction,
    "oa_reacted_message": _reaction,
    "user_received_message": _received,
    "user_seen_message": _seen,
    **{f"oa_send_{kind}": _echo for kind in ("text", "image", "gif", "list", "file", "sticker", "template")},
    **{f"oa_send_anonymous_{kind}": _echo for kind in _ANONYMOUS_KINDS},
    **{f"anonymous_send_{kind}": _anonymous for kind in _ANONYMOUS_KINDS},
    **{f"user_send_group_{kind}": _group_message for kind in _GROUP_KINDS},
    **{f"oa_send_group_{kind}": _group_message for kind in (*_GROUP_KINDS, "location")},
    **dict.fromkeys(
        (
            "create_group", "user_join_group", "user_request_join_group", "accept_request_join_group",
            "reject_request_join_group", "add_group_admin", "remove_group_admin", "update_group_info",
            "user_out_group", "delete_group",
        ),
        _group_event,
    ),
    "user_call_oa": _call,
    "oa_call_user": _call,
    "oa_send_consent": _consent,
    "user_reply_consent": _consent,
    "user_feedback": _template,
    "user_click_response_button": _template,
    "event_journey_acknowledged": _template,
    "event_journey_time_out": _template,
    "change_oa_daily_quota": _change,
    "change_template_status": _change,
    "change_template_quality": _change,
    "change_template_quota": _change,
    "change_oa_template_tags": _change,
    "extension_purchased": _extension,
    "add_user_to_tag": _ignored,
    "remove_user_from_tag": _ignored,
    "remove_tag": _ignored,
    "update_user_info": _ignored,
    "widget_interaction_accepted": _ignored,
    "widget_failed_to_sync_user_external_id": _ignored,
}  # fmt: skip
"""Event name to the function that reads it: every event of the contract's index has one (a test holds this against
the table)."""
