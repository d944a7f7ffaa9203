"""`POST /emulator/acts/<name>`: what a resident, or the OA's staff, does. The table at the end lists the names."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emulator import residents
from emulator.assembly import Emulator
from emulator.world import Message

Arguments = Mapping[str, object]
Result = Mapping[str, object]


def _who(arguments: Arguments) -> tuple[str, str]:
    oa_id, user_id = arguments.get("oa_id"), arguments.get("user_id")
    if not isinstance(oa_id, str) or not isinstance(user_id, str):
        raise ValueError("oa_id and user_id are needed, as text")
    return oa_id, user_id


def _sent(message: Message) -> Result:
    return {"message_id": message.message_id, "sequence": message.sequence}


def _optional(arguments: Arguments, name: str) -> str | None:
    value = arguments.get(name)
    return None if value is None else str(value)


def _mapping(arguments: Arguments, name: str) -> Mapping[str, object]:
    value = arguments.get(name, {})
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} must be an object")
    return value


def send(emulator: Emulator, arguments: Arguments) -> Result:
    """`kind` (text by default), `text`, `details` of an attachment, `quote_message_id`, `decompose` (NFD)."""
    oa_id, user_id = _who(arguments)
    kind = str(arguments.get("kind", "text"))
    if kind == "text":
        return _sent(
            residents.send_text(
                emulator,
                oa_id,
                user_id,
                str(arguments.get("text", "")),
                quote_message_id=_optional(arguments, "quote_message_id"),
                decompose=bool(arguments.get("decompose")),
            )
        )
    details = _mapping(arguments, "details")
    return _sent(residents.send_attachment(emulator, oa_id, user_id, kind, details, _optional(arguments, "text")))


def tap(emulator: Emulator, arguments: Arguments) -> Result:
    """`button`: {title, type, payload} as the OA sent it, or `message_id` and `index` of a button on the phone."""
    oa_id, user_id = _who(arguments)
    button = _mapping(arguments, "button")
    if "message_id" in arguments:
        message = emulator.world.message(str(arguments["message_id"]))
        index = int(str(arguments.get("index", 0)))
        if message is None or not 0 <= index < len(message.buttons):
            raise ValueError("no such button")
        button = message.buttons[index]
    sent = residents.tap(emulator, oa_id, user_id, button)
    return _sent(sent) if sent else {"message_id": None}


def follow(emulator: Emulator, arguments: Arguments) -> Result:
    """Follow; `source` as in the event."""
    residents.follow(emulator, *_who(arguments), source=str(arguments.get("source", "oa_profile")))
    return {"ok": True}


def unfollow(emulator: Emulator, arguments: Arguments) -> Result:
    """Unfollow."""
    residents.follow(emulator, *_who(arguments), following=False)
    return {"ok": True}


def chat_now(emulator: Emulator, arguments: Arguments) -> Result:
    """`sent` is false when Zalo would send nothing."""
    return {"sent": residents.click_chat_now(emulator, *_who(arguments))}


def react(emulator: Emulator, arguments: Arguments) -> Result:
    """`message_id`, `icon`."""
    oa_id, user_id = _who(arguments)
    residents.react(emulator, oa_id, user_id, str(arguments.get("message_id")), str(arguments.get("icon", "/-heart")))
    return {"ok": True}


def withdraw(emulator: Emulator, arguments: Arguments) -> Result:
    """The resident asks for deletion of their data."""
    residents.withdraw(emulator, *_who(arguments))
    return {"ok": True}


def submit_info(emulator: Emulator, arguments: Arguments) -> Result:
    """`info`: name, phone, …"""
    residents.submit_info(emulator, *_who(arguments), info=_mapping(arguments, "info"))
    return {"ok": True}


def see(emulator: Emulator, arguments: Arguments) -> Result:
    """The resident opens the chat."""
    return {"seen": residents.see_all(emulator, *_who(arguments))}


def staff_reply(emulator: Emulator, arguments: Arguments) -> Result:
    """Staff answer by hand: `text`."""
    oa_id, user_id = _who(arguments)
    return _sent(residents.staff_reply(emulator, oa_id, user_id, str(arguments.get("text", ""))))


def event(emulator: Emulator, arguments: Arguments) -> Result:
    """Any event: `oa_id`, `body`; app_id and timestamp are filled in where the body has none.

    Without a body: an event name Zalo might add one day."""
    account = emulator.world.account(str(arguments.get("oa_id")))
    body = dict(_mapping(arguments, "body")) or {"oa_id": account.oa_id, "event_name": "user_did_something_new"}
    body.setdefault("app_id", emulator.app_id)
    body.setdefault("timestamp", emulator.timestamp())
    delivery = emulator.emit(body, account)
    return {"number": delivery.number, "state": delivery.state}


ACTS: dict[str, Callable[[Emulator, Arguments], Result]] = {
    "send": send,
    "tap": tap,
    "follow": follow,
    "unfollow": unfollow,
    "chat-now": chat_now,
    "react": react,
    "withdraw": withdraw,
    "submit-info": submit_info,
    "see": see,
    "staff-reply": staff_reply,
    "event": event,
}
