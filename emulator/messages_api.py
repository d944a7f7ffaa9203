"""`POST /v3.0/oa/message/cs`: answer a resident. Order of checks: JSON, recipient, limits, package, window, quota."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response

from emulator import events, message_rules
from emulator.api_call import Call, answer_call, json_body, text_of
from emulator.assembly import Emulator
from emulator.clock import DAY_MS, vietnam_date
from emulator.errors import ApiError, invalid
from emulator.reply_window import CONSULTATION_WINDOW_MS, REPLY_WINDOW_MS
from emulator.uploads import Uploads
from emulator.world import WELCOME_MESSAGES, Message, OfficialAccount, Resident

QUOTA_PERIOD_MS = 30 * DAY_MS
ECHO_EVENTS = {
    "text": "oa_send_text",
    "image": "oa_send_image",
    "gif": "oa_send_gif",
    "sticker": "oa_send_sticker",
    "file": "oa_send_file",
    "list": "oa_send_list",
    "request_user_info": "oa_send_template",
}


def create_blueprint(emulator: Emulator, uploads: Uploads) -> Blueprint:
    """The consultation message and the two retired ways of sending."""
    blueprint = Blueprint("messages_api", __name__)

    @blueprint.post("/v3.0/oa/message/cs")
    def consultation() -> Response:
        return answer_call(emulator, lambda call: send_consultation(call, uploads, json_body()), is_send=True)

    @blueprint.post("/v3.0/oa/message/transaction")
    @blueprint.post("/v3.0/oa/message/promotion")
    def retired() -> Response:
        def refuse(_call: Call) -> object:
            raise ApiError(-240)

        return answer_call(emulator, refuse, is_send=True)

    return blueprint


def find_recipient(call: Call, recipient: object) -> Resident:
    """By user_id, or by the id of a message the resident sent. ApiError -201."""
    if not isinstance(recipient, Mapping):
        raise invalid("recipient")
    world = call.emulator.world
    if recipient.get("message_id") is not None:
        message = world.message(text_of(recipient, "message_id"))
        if message is None or message.direction != "in" or message.oa_id != call.account.oa_id:
            raise invalid("message_id")
        return world.resident(call.account.oa_id, message.user_id)
    return world.resident(call.account.oa_id, text_of(recipient, "user_id"))


def check_package(account: OfficialAccount, parsed: message_rules.Parsed) -> None:
    """ApiError -224 where the OA's package does not include this message."""
    if account.tier == "no_api_sends" or (account.tier == "plain_text_only" and parsed.needs_package):
        raise ApiError(-224)


def check_person(resident: Resident) -> None:
    """ApiError -227 for a sleeping account, -244 where the resident turned this off."""
    if resident.inactive:
        raise ApiError(-227)
    if resident.blocked & {"cs", "all"}:
        raise ApiError(-244)


def charge(account: OfficialAccount, resident: Resident, now_ms: int) -> dict[str, str] | None:
    """The quota object of a send at this moment, with quotas counted down; None for a billed message.

    ApiError -230 (more than seven days), -232 (never interacted), -321 (nobody pays)."""
    if resident.last_interaction_ms is None:
        if resident.follower and resident.welcome_remain > 0:
            resident.welcome_remain -= 1
            return {
                "quota_type": "welcome_msg",
                "remain": str(resident.welcome_remain),
                "total": str(WELCOME_MESSAGES),
            }
        raise ApiError(-232)
    age = now_ms - resident.last_interaction_ms
    if age > CONSULTATION_WINDOW_MS:
        raise ApiError(-230)
    if age <= REPLY_WINDOW_MS:
        return {"quota_type": "reply"}
    if account.sub_quota_remain > 0:
        account.sub_quota_remain -= 1
        return {
            "quota_type": "sub_quota",
            "remain": str(account.sub_quota_remain),
            "total": str(account.sub_quota_total),
            "expired_date": vietnam_date(now_ms + QUOTA_PERIOD_MS),
        }
    if not account.has_money:
        raise ApiError(-321)
    return None


def send_consultation(call: Call, uploads: Uploads, body: Mapping[str, object]) -> dict[str, object]:
    """Check, store, echo; the reply's `data`."""
    world = call.emulator.world
    resident = find_recipient(call, body.get("recipient"))
    parsed = message_rules.parse(body.get("message"), call.account, uploads.check)
    check_package(call.account, parsed)
    with world.lock:
        check_person(resident)
        quota = charge(call.account, resident, call.emulator.clock.now_ms())
        message = world.record(
            oa_id=call.account.oa_id,
            user_id=resident.user_id,
            direction="out",
            kind=parsed.kind,
            text=parsed.text,
            buttons=parsed.buttons,
            attachments=parsed.attachments,
            quote_message_id=parsed.quote_message_id,
            request_number=call.number,
        )
    echo(call, resident, message)
    data: dict[str, object] = {
        "message_id": message.message_id,
        "user_id": resident.user_id,
        "sent_time": str(message.sent_ms),
    }
    if quota is not None:
        data["quota"] = quota
    return data


def echo(call: Call, resident: Resident, message: Message) -> None:
    """The `oa_send_*` event of a message, then its receipts."""
    emulator = call.emulator
    content: events.Body
    if message.buttons or message.kind == "request_user_info":
        attachment = events.template_attachment(f"zn_{message.message_id[:8]}", message.text, emulator.media_base)
        content = {"msg_id": message.message_id, "attachments": [attachment]}
    elif message.kind == "text":
        content = {"text": message.text, "msg_id": message.message_id}
    else:
        content = {"text": message.text} if message.text or message.kind == "list" else {}
        content |= {"msg_id": message.message_id, "attachments": _echo_attachments(message, emulator.media_base)}
    emulator.emit_sent(call.account, resident, message, ECHO_EVENTS[message.kind], content)


def _echo_attachments(message: Message, media_base: str) -> list[events.Body]:
    if message.kind == "list":
        elements = message.attachments[0]["payload"]
        assert isinstance(elements, Mapping)
        return [_list_link(element) for element in elements["elements"]]
    payload = message.attachments[0]["payload"]
    assert isinstance(payload, Mapping)
    return [
        events.attachment(message.kind, {"url": payload.get("url"), "id": payload.get("attachment_id")}, media_base)
    ]


def _list_link(element: Mapping[str, object]) -> events.Body:
    action = element.get("default_action")
    url = str(action.get("url", "")) if isinstance(action, Mapping) else ""
    return {
        "type": "link",
        "payload": {
            "title": element.get("title"),
            "thumbnail": element.get("image_url", ""),
            "description": element.get("subtitle", ""),
            "url": url,
        },
    }
