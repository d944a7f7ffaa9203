"""What residents (and the OA's staff on their phones) do, each act with the event it causes."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from emulator import events
from emulator.assembly import Emulator
from emulator.world import Message, OfficialAccount, Resident

KINDS_WITH_ATTACHMENT = (
    "image",
    "gif",
    "link",
    "audio",
    "video",
    "sticker",
    "location",
    "file",
    "business_card",
)
TAP_KINDS = frozenset({"oa.query.show", "oa.query.hide"})


def _both(emulator: Emulator, oa_id: str, user_id: str) -> tuple[OfficialAccount, Resident]:
    return emulator.world.account(oa_id), emulator.world.resident(oa_id, user_id)


def send_text(
    emulator: Emulator,
    oa_id: str,
    user_id: str,
    text: str,
    *,
    quote_message_id: str | None = None,
    title: str | None = None,
    decompose: bool = False,
) -> Message:
    """A resident writes. `decompose` sends the letters in NFD, as some phones do.

    `title` marks a tapped button: the page shows it, the webhook does not carry it. ApiError on unknown ids."""
    account, resident = _both(emulator, oa_id, user_id)
    if decompose:
        text = unicodedata.normalize("NFD", text)
    message = emulator.world.record(
        oa_id=oa_id,
        user_id=user_id,
        direction="in",
        kind="text" if title is None else "tap",
        text=text,
        title=title,
        quote_message_id=quote_message_id,
    )
    content: events.Body = {"text": text, "msg_id": message.message_id}
    if quote_message_id is not None:
        content["quote_msg_id"] = quote_message_id
    _emit_from_user(emulator, account, resident, message, "user_send_text", content)
    return message


def tap(emulator: Emulator, oa_id: str, user_id: str, button: Mapping[str, object]) -> Message | None:
    """A resident taps a button: `oa.query.*` arrives as user_send_text with the payload; `oa.open.*` sends nothing."""
    if button.get("type") not in TAP_KINDS:
        emulator.world.count("taps_without_event")
        return None
    return send_text(
        emulator, oa_id, user_id, str(button.get("payload", "")), title=str(button.get("title", "")) or None
    )


def send_attachment(
    emulator: Emulator, oa_id: str, user_id: str, kind: str, details: Mapping[str, object], text: str | None = None
) -> Message:
    """A resident sends a photo, place, sticker, voice, file… ValueError for an unknown kind."""
    account, resident = _both(emulator, oa_id, user_id)
    attachment = events.attachment(kind, details, emulator.media_base)
    message = emulator.world.record(
        oa_id=oa_id, user_id=user_id, direction="in", kind=kind, text=text or "", attachments=[attachment]
    )
    content: events.Body = {} if text is None else {"text": text}
    if text is None and kind in ("location", "video"):
        content["text"] = ""
    content |= {"msg_id": message.message_id, "attachments": [attachment]}
    _emit_from_user(emulator, account, resident, message, f"user_send_{kind}", content)
    return message


def _emit_from_user(
    emulator: Emulator,
    account: OfficialAccount,
    resident: Resident,
    message: Message,
    event_name: str,
    content: Mapping[str, object],
) -> None:
    emulator.world.interact(resident)
    body = events.from_user(
        emulator.app_id,
        event_name,
        user_id=resident.user_id,
        user_id_by_app=resident.user_id_by_app,
        oa_id=account.oa_id,
        message=content,
        timestamp=str(message.sent_ms),
    )
    emulator.emit(body, account, message)


def follow(emulator: Emulator, oa_id: str, user_id: str, *, following: bool = True, source: str = "oa_profile") -> None:
    """Follow or unfollow the OA."""
    account, resident = _both(emulator, oa_id, user_id)
    emulator.world.follow(resident, following)
    emulator.emit(
        events.follow(
            emulator.app_id,
            user_id=user_id,
            user_id_by_app=resident.user_id_by_app,
            oa_id=oa_id,
            following=following,
            source=source,
            timestamp=emulator.timestamp(),
        ),
        account,
    )


def click_chat_now(emulator: Emulator, oa_id: str, user_id: str) -> bool:
    """`user_click_chatnow`: once per person and OA, and only before any chat; False when nothing is sent."""
    account, resident = _both(emulator, oa_id, user_id)
    if resident.clicked_chat_now or emulator.world.conversation(oa_id, user_id):
        return False
    with emulator.world.lock:
        resident.clicked_chat_now = True
    emulator.world.interact(resident)
    _emit_about(emulator, account, resident, "user_click_chatnow")
    return True


def withdraw(emulator: Emulator, oa_id: str, user_id: str) -> None:
    """`user_withdraw`: the person asks that their data be deleted."""
    account, resident = _both(emulator, oa_id, user_id)
    _emit_about(emulator, account, resident, "user_withdraw")


def _emit_about(emulator: Emulator, account: OfficialAccount, resident: Resident, event_name: str) -> None:
    emulator.emit(
        events.about_user(
            emulator.app_id,
            event_name,
            user_id=resident.user_id,
            user_id_by_app=resident.user_id_by_app,
            oa_id=account.oa_id,
            timestamp=emulator.timestamp(),
        ),
        account,
    )


def submit_info(emulator: Emulator, oa_id: str, user_id: str, info: Mapping[str, object]) -> None:
    """`user_submit_info`, the answer to request_user_info."""
    account, resident = _both(emulator, oa_id, user_id)
    emulator.world.interact(resident)
    with emulator.world.lock:
        resident.shared_info = dict(info)
    emulator.emit(
        events.submit_info(emulator.app_id, user_id=user_id, oa_id=oa_id, info=info, timestamp=emulator.timestamp()),
        account,
    )


def react(emulator: Emulator, oa_id: str, user_id: str, message_id: str, icon: str = "/-heart") -> None:
    """A resident reacts to a message."""
    account, resident = _both(emulator, oa_id, user_id)
    message = emulator.world.message(message_id)
    if message is not None:
        with emulator.world.lock:
            message.reactions.append(icon)
    emulator.emit(
        events.from_user(
            emulator.app_id,
            "user_reacted_message",
            user_id=user_id,
            user_id_by_app=resident.user_id_by_app,
            oa_id=oa_id,
            message={"msg_id": message_id, "react_icon": icon},
            timestamp=emulator.timestamp(),
        ),
        account,
    )


def staff_reply(emulator: Emulator, oa_id: str, user_id: str, text: str, *, admin_id: str | None = None) -> Message:
    """A member of staff answers by hand in OA Manager: only the echo tells, with sender.admin_id."""
    account, resident = _both(emulator, oa_id, user_id)
    message = emulator.world.record(
        oa_id=oa_id, user_id=user_id, direction="out", kind="text", text=text, by_admin=True
    )
    emulator.emit_sent(
        account,
        resident,
        message,
        "oa_send_text",
        {"text": text, "msg_id": message.message_id},
        admin_id=admin_id or "1193847562009384756",
    )
    return message


def see_all(emulator: Emulator, oa_id: str, user_id: str) -> int:
    """The resident opens the chat: everything received and unseen becomes seen; returns how many."""
    account, resident = _both(emulator, oa_id, user_id)
    unseen = [
        message
        for message in emulator.world.conversation(oa_id, user_id)
        if message.direction == "out" and message.received and not message.seen
    ]
    if unseen:
        emulator.emit_seen(account, resident, unseen)
    return len(unseen)
