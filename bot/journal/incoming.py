"""From a typed event of Zalo's to what the conversation gets to see of it."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import Incoming
from bot.conversation.acts import SentThing
from bot.people import NOBODY, Person
from bot.store.residents import Resident
from bot.zalo import event_types as zalo_events


def incoming_of(event: zalo_events.Event, resident: Resident | None, now_ms: int, person: Person = NOBODY) -> Incoming:
    """What the conversation gets to see of an event."""
    incoming = Incoming(
        "other", is_first=resident is None, silent=resident is not None and resident.silent_until_ms > now_ms,
        person=person,
    )  # fmt: skip
    match event:
        case zalo_events.TextMessage(text=text):
            return replace(incoming, kind="text", text=text)
        case zalo_events.AttachmentMessage(kind=kind, text=text, attachments=attachments):
            point = next((one for one in attachments if one.latitude is not None), None)
            return replace(
                incoming,
                kind=kind,
                text=text,
                things=tuple(SentThing(one.type, one.url, one.name, one.size_bytes) for one in attachments),
                latitude=point.latitude if point else None,
                longitude=point.longitude if point else None,
            )
        case zalo_events.AnonymousMessage(kind=kind, text=text):
            return replace(incoming, kind=f"anonymous_{kind}", text=text)
        case zalo_events.Follow():
            return replace(incoming, kind="follow")
        case zalo_events.ChatNow():
            return replace(incoming, kind="chat_now")
        case zalo_events.SubmitInfo(name=name, phone=phone):
            return replace(incoming, kind="submit_info", name=name, phone=phone)
    return incoming
