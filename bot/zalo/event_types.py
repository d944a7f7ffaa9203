"""The typed events of Zalo's webhook (contract 1.3 to 1.5).

Fields that hold what a person wrote or who they are stay out of ``repr``, so that an event written to a log shows ids
and kinds only.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Identity:
    """Who and what a body is about.

    ``oa_id`` is "" when the body is not about one of our OAs; ``user_id`` is the resident ("" where there is none; in
    anonymous events the anonymous id); ``sender`` is the side that acted; ``event`` is Zalo's name for the event,
    aliases replaced.
    """

    oa_id: str
    event: str
    user_id: str
    sender: str
    msg_id: str
    timestamp_ms: int | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment; fields its type does not have are empty (contract 1.3, table of payloads). ``size_bytes`` is
    Zalo's claim."""

    type: str
    url: str = field(default="", repr=False)
    thumbnail: str = field(default="", repr=False)
    title: str = field(default="", repr=False)
    description: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    size_bytes: int | None = None
    checksum: str = ""
    file_type: str = ""
    sticker_id: str = ""
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)
    text: str = field(default="", repr=False)
    card_phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """What every event has."""

    identity: Identity


@dataclass(frozen=True, slots=True)
class TextMessage(Event):
    """A resident wrote, or tapped a button or a menu item (contract 1.4: nothing marks a tap)."""

    text: str = field(default="", repr=False)
    quote_msg_id: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentMessage(Event):
    """A resident sent something else; ``kind`` is image, gif, link, audio, video, sticker, location, file or
    business_card."""

    kind: str
    text: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()
    quote_msg_id: str = ""


@dataclass(frozen=True, slots=True)
class Follow(Event):
    """A resident follows the OA."""

    source: str = ""


@dataclass(frozen=True, slots=True)
class Unfollow(Event):
    """A resident follows no more. They may still write."""

    source: str = ""


@dataclass(frozen=True, slots=True)
class ChatNow(Event):
    """A resident opened the chat for the first time, before any message."""


@dataclass(frozen=True, slots=True)
class SubmitInfo(Event):
    """The answer to a request for contact details, old and new shape alike."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    date_of_birth: str = field(default="", repr=False)
    gender: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    district: str = field(default="", repr=False)
    ward: str = field(default="", repr=False)
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Reaction(Event):
    """A reaction to message ``identity.msg_id``; ``by_oa`` when the OA's staff reacted."""

    icon: str = ""
    by_oa: bool = False


@dataclass(frozen=True, slots=True)
class Echo(Event):
    """Zalo tells of a message the OA sent: ours, or a member of staff's (``by_admin``)."""

    text: str = field(default="", repr=False)
    by_admin: bool = False
    admin_id: str = ""
    conversation_id: str = ""


@dataclass(frozen=True, slots=True)
class Receipt(Event):
    """Our messages reached the phone (``received``) or were read (``seen``)."""

    kind: str
    msg_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnonymousMessage(Event):
    """Somebody not signed in wrote; an answer needs ``identity.user_id`` (the anonymous id) and ``conversation_id``."""

    conversation_id: str
    kind: str = "text"
    text: str = field(default="", repr=False)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class GroupMessage(Event):
    """A message in a group of the OA; ``by_oa`` when the OA itself wrote it. Mentions stand in ``text`` as
    ``[@<id>]``."""

    group_id: str
    kind: str
    by_oa: bool = False
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class GroupEvent(Event):
    """Something happened to a group: created, joined, left ..."""

    group_id: str
    member_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call(Event):
    """A voice call ended. ``talk_time_ms`` is 0 when nobody answered. The phone number is not kept."""

    by_oa: bool
    talk_time_ms: int = 0

    @property
    def answered(self) -> bool:
        """Whether the two sides spoke."""
        return self.talk_time_ms > 0


@dataclass(frozen=True, slots=True)
class CallConsent(Event):
    """Permission for voice calls, keyed by a phone number that is not kept; ``state`` is SENT, EXPIRED, ALLOW,
    USER_BLOCKED or DENY."""

    state: str = ""


@dataclass(frozen=True, slots=True)
class Withdraw(Event):
    """A resident asks that their data be deleted."""


@dataclass(frozen=True, slots=True)
class TemplateEvent(Event):
    """About template messages (ZBS). Residents are known here by phone only, which is not kept: ``identity.user_id``
    is ""."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class OaNotice(Event):
    """The OA's package or quota changed; ``detail`` is fit for a log."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Ignored(Event):
    """A known body that has nothing to tell us."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unknown(Event):
    """A name not in the contract, or a body too damaged to use; ``reason`` says which, without personal data."""

    reason: str = ""
