"""The other ways of sending: `/v2.0/oa/message` (reactions, anonymous chats, broadcasts) and group messages."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response

from emulator import events, message_rules
from emulator.api_call import Call, answer_call, json_body, text_of
from emulator.articles import Articles
from emulator.assembly import Emulator
from emulator.errors import ApiError, invalid
from emulator.messages_api import check_package
from emulator.uploads import Uploads

ICONS = frozenset({"/-strong", "/-heart", ":>", "--b", ":-((", ":-h", ":o", "/-remove"})
REACTION_LIMIT = 50


def create_blueprint(emulator: Emulator, uploads: Uploads, articles: Articles) -> Blueprint:
    """Two endpoints of many meanings."""
    blueprint = Blueprint("other_messages_api", __name__)

    def version_two(call: Call) -> object:
        body = json_body()
        recipient = body.get("recipient")
        if not isinstance(recipient, Mapping):
            raise invalid("recipient")
        if "target" in recipient:
            return articles.broadcast(call, body)
        if "anonymous_id" in recipient:
            return answer_anonymous(call, uploads, body, recipient)
        if "sender_action" in body:
            return react(call, body, recipient)
        raise ApiError(-240)

    @blueprint.post("/v2.0/oa/message")
    def message() -> Response:
        return answer_call(emulator, version_two, is_send=True)

    @blueprint.post("/v3.0/oa/group/message")
    def group_message() -> Response:
        return answer_call(emulator, lambda call: send_to_group(call, uploads, json_body()), is_send=True)

    return blueprint


def react(call: Call, body: Mapping[str, object], recipient: Mapping[str, object]) -> object:
    """A reaction by the OA; its echo is oa_reacted_message."""
    action = body.get("sender_action")
    if not isinstance(action, Mapping):
        raise invalid("sender_action")
    icon = text_of(action, "react_icon")
    if icon not in ICONS:
        raise invalid("react_icon")
    world = call.emulator.world
    resident = world.resident(call.account.oa_id, text_of(recipient, "user_id"))
    message = world.message(text_of(action, "react_message_id"))
    if message is None or message.user_id != resident.user_id:
        raise invalid("react_message_id")
    with world.lock:
        if icon == "/-remove":
            message.reactions.clear()
        elif len(message.reactions) >= REACTION_LIMIT:
            raise ApiError(-210)
        else:
            message.reactions.append(icon)
        world.touch()
    call.emulator.emit(
        events.from_oa(
            call.emulator.app_id,
            "oa_reacted_message",
            user_id=resident.user_id,
            user_id_by_app=resident.user_id_by_app,
            oa_id=call.account.oa_id,
            message={"msg_id": message.message_id, "react_icon": icon},
            timestamp=call.emulator.timestamp(),
        ),
        call.account,
    )
    return {"message_id": message.message_id}


def answer_anonymous(
    call: Call, uploads: Uploads, body: Mapping[str, object], recipient: Mapping[str, object]
) -> object:
    """An answer to someone who is not logged in: both ids are needed; its echo names them."""
    anonymous_id, conversation_id = text_of(recipient, "anonymous_id"), text_of(recipient, "conversation_id")
    parsed = message_rules.parse(body.get("message"), call.account, uploads.check)
    if parsed.kind != "text" or parsed.buttons:
        raise ApiError(-233)
    check_package(call.account, parsed)
    message = call.emulator.world.record(
        oa_id=call.account.oa_id, user_id=anonymous_id, direction="out", kind="text", text=parsed.text
    )
    call.emulator.emit(
        {
            "app_id": call.emulator.app_id,
            "sender": {"id": call.account.oa_id},
            "recipient": {"id": anonymous_id},
            "event_name": "oa_send_anonymous_text",
            "message": {"conversation_id": conversation_id, "msg_id": message.message_id, "text": parsed.text},
            "timestamp": call.emulator.timestamp(),
        },
        call.account,
    )
    return {"message_id": message.message_id, "anonymous_id": anonymous_id, "conversation_id": conversation_id}


def send_to_group(call: Call, uploads: Uploads, body: Mapping[str, object]) -> object:
    """A message to a group of the OA's. ApiError -221, -224, -403 (not its group), -237 (switched off)."""
    recipient = body.get("recipient")
    if not isinstance(recipient, Mapping):
        raise invalid("recipient")
    group_id = text_of(recipient, "group_id")
    parsed = message_rules.parse(body.get("message"), call.account, uploads.check)
    if call.account.tier != "full":
        raise ApiError(-224)
    if not call.account.verified:
        raise ApiError(-221)
    if group_id not in call.account.groups:
        raise ApiError(-403)
    if not call.account.groups[group_id]:
        raise ApiError(-237)
    message = call.emulator.world.record(
        oa_id=call.account.oa_id, user_id=group_id, direction="out", kind=parsed.kind, text=parsed.text
    )
    call.emulator.emit(
        {
            "app_id": call.emulator.app_id,
            "oa_id": call.account.oa_id,
            "sender": {"id": call.account.oa_id},
            "recipient": {"id": group_id},
            "event_name": "oa_send_group_text",
            "message": {"text": parsed.text, "msg_id": message.message_id},
            "timestamp": call.emulator.timestamp(),
        },
        call.account,
    )
    return {"message_id": message.message_id, "group_id": group_id}
