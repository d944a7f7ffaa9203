"""The state of Zalo's side: Official Accounts, their residents and every message, behind one lock."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from emulator.clock import SECOND_MS, EmulatorClock
from emulator.errors import ApiError, invalid
from emulator.identifiers import IdentifierFactory

Tier = Literal["full", "plain_text_only", "no_api_sends"]
Direction = Literal["in", "out"]
WELCOME_MESSAGES = 3


@dataclass(slots=True)
class OfficialAccount:
    """One OA and what its package allows."""

    oa_id: str
    name: str
    secret_key: str
    alias: str = ""
    description: str = ""
    tier: Tier = "full"
    verified: bool = True
    disabled: bool = False
    sub_quota_total: int = 500
    sub_quota_remain: int = 500
    has_money: bool = True
    article_quota: int = 100
    broadcast_quota: int = 4
    buttons_template_type: Literal["absent", "any"] = "absent"
    list_template: bool = False
    granted: bool = False
    tags: list[str] = field(default_factory=list)
    groups: dict[str, bool] = field(default_factory=dict)
    """Its groups: id -> whether the group is enabled."""

    def to_json(self) -> dict[str, object]:
        """All fields, the OA secret key among them: a product under test needs it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Resident:
    """One person as one OA knows them: the same person has another user_id at another OA."""

    oa_id: str
    user_id: str
    user_id_by_app: str
    name: str
    follower: bool = False
    followed_ms: int | None = None
    last_interaction_ms: int | None = None
    welcome_remain: int = 0
    blocked: set[str] = field(default_factory=set)
    inactive: bool = False
    alias: str = ""
    external_id: str = ""
    tags: list[str] = field(default_factory=list)
    shared_info: dict[str, object] = field(default_factory=dict)
    clicked_chat_now: bool = False
    reads_messages: bool = True
    """Whether user_seen_message follows the receipt."""

    def to_json(self) -> dict[str, object]:
        """Everything known, as JSON values."""
        data: dict[str, object] = {name: getattr(self, name) for name in self.__slots__}
        data["blocked"] = sorted(self.blocked)
        return data


@dataclass(slots=True)
class Message:
    """One message of a conversation, in either direction."""

    sequence: int
    message_id: str
    oa_id: str
    user_id: str
    direction: Direction
    kind: str
    text: str
    sent_ms: int
    buttons: list[dict[str, object]] = field(default_factory=list)
    attachments: list[dict[str, object]] = field(default_factory=list)
    title: str | None = None
    """What the resident saw on the button they tapped; the webhook carries the payload in `text`."""
    request_number: int | None = None
    quote_message_id: str | None = None
    by_admin: bool = False
    received: bool = False
    seen: bool = False
    reactions: list[str] = field(default_factory=list)
    delivery_state: str | None = None
    """Inbound only: pending, acknowledged, abandoned, suppressed."""
    attempts: int = 0

    def to_json(self) -> dict[str, object]:
        """All fields; `acknowledged` says whether the product answered 200 to an inbound message."""
        data: dict[str, object] = {name: getattr(self, name) for name in self.__slots__}
        data["acknowledged"] = self.delivery_state == "acknowledged" if self.direction == "in" else None
        return data


class World:
    """Holds everything; every public method takes the lock itself."""

    def __init__(self, clock: EmulatorClock, identifiers: IdentifierFactory) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.identifiers = identifiers
        self.counters: Counter[str] = Counter()
        self._accounts: dict[str, OfficialAccount] = {}
        self._residents: dict[str, dict[str, Resident]] = {}
        self._conversations: dict[tuple[str, str], list[Message]] = {}
        self._messages: dict[str, Message] = {}
        self._sequence = 0
        self._version = 0

    @property
    def version(self) -> int:
        """Grows with every visible change, so that a page can ask cheaply whether anything is new."""
        return self._version

    def touch(self) -> None:
        """Note a visible change."""
        with self.lock:
            self._version += 1

    def count(self, name: str, amount: int = 1) -> int:
        """Add to a named counter and return its new value."""
        with self.lock:
            self.counters[name] += amount
            return self.counters[name]

    def add_account(
        self, name: str, *, oa_id: str | None = None, secret_key: str | None = None, alias: str = ""
    ) -> OfficialAccount:
        """Create an OA; ids and secrets are made up where none is given. ValueError when the id is taken."""
        with self.lock:
            chosen = oa_id or self.identifiers.number()
            if chosen in self._accounts:
                raise ValueError(f"oa_id {chosen} exists")
            account = OfficialAccount(
                oa_id=chosen, name=name, secret_key=secret_key or self.identifiers.opaque(32), alias=alias
            )
            self._accounts[chosen] = account
            self._residents[chosen] = {}
            self._version += 1
            return account

    def accounts(self) -> list[OfficialAccount]:
        """Every OA in order of creation."""
        with self.lock:
            return list(self._accounts.values())

    def account(self, oa_id: str) -> OfficialAccount:
        """One OA. ApiError -205 when there is none."""
        with self.lock:
            if oa_id not in self._accounts:
                raise ApiError(-205)
            return self._accounts[oa_id]

    def add_resident(
        self, oa_id: str, name: str, *, user_id: str | None = None, user_id_by_app: str | None = None
    ) -> Resident:
        """Create a resident of an OA. ApiError -205 for an unknown OA, ValueError when the id is taken there."""
        with self.lock:
            self.account(oa_id)
            chosen = user_id or self.identifiers.number()
            if chosen in self._residents[oa_id]:
                raise ValueError(f"user_id {chosen} exists")
            resident = Resident(
                oa_id=oa_id,
                user_id=chosen,
                user_id_by_app=user_id_by_app or self.identifiers.number(),
                name=name,
            )
            self._residents[oa_id][chosen] = resident
            self._version += 1
            return resident

    def residents(self, oa_id: str) -> list[Resident]:
        """The residents of one OA in order of creation."""
        with self.lock:
            self.account(oa_id)
            return list(self._residents[oa_id].values())

    def resident(self, oa_id: str, user_id: str) -> Resident:
        """One resident of one OA. ApiError `-201 user_id is invalid!` when there is none."""
        with self.lock:
            found = self._residents.get(oa_id, {}).get(user_id)
            if found is None:
                raise invalid("user_id")
            return found

    def record(
        self, *, oa_id: str, user_id: str, direction: Direction, kind: str, text: str, **more: object
    ) -> Message:
        """Store a message under a new unique id at the emulated time and return it."""
        with self.lock:
            self._sequence += 1
            conversation = self._conversations.setdefault((oa_id, user_id), [])
            message = Message(
                sequence=self._sequence,
                message_id=self.identifiers.opaque(),
                oa_id=oa_id,
                user_id=user_id,
                direction=direction,
                kind=kind,
                text=text,
                sent_ms=self._next_moment(conversation),
                **more,  # type: ignore[arg-type]
            )
            conversation.append(message)
            self._messages[message.message_id] = message
            self.counters[f"messages_{direction}"] += 1
            self._version += 1
            return message

    def _next_moment(self, conversation: list[Message]) -> int:
        """Now, or a little later: one conversation's times grow strictly, so that its order can be told from them."""
        now = self.clock.now_ms()
        last = conversation[-1].sent_ms if conversation else 0
        return last + 1 if now <= last < now + SECOND_MS else now

    def message(self, message_id: str) -> Message | None:
        """A message by its id, or None."""
        with self.lock:
            return self._messages.get(message_id)

    def conversation(self, oa_id: str, user_id: str) -> list[Message]:
        """The messages between one OA and one resident, oldest first."""
        with self.lock:
            return list(self._conversations.get((oa_id, user_id), ()))

    def messages(self, oa_id: str | None = None, user_id: str | None = None) -> list[Message]:
        """Every message, oldest first, of one OA or one resident where given."""
        with self.lock:
            chosen: Iterable[Message]
            if oa_id is not None and user_id is not None:
                chosen = self._conversations.get((oa_id, user_id), ())
            else:
                chosen = (
                    message
                    for message in self._messages.values()
                    if oa_id in (None, message.oa_id) and user_id in (None, message.user_id)
                )
            return list(chosen)

    def interact(self, resident: Resident) -> None:
        """The resident did something that opens the reply window."""
        with self.lock:
            resident.last_interaction_ms = self.clock.now_ms()
            resident.welcome_remain = 0

    def follow(self, resident: Resident, following: bool) -> None:
        """Follow or unfollow. A new follower who never wrote may be sent three welcome messages."""
        with self.lock:
            resident.follower = following
            if following:
                resident.followed_ms = self.clock.now_ms()
                if resident.last_interaction_ms is None:
                    resident.welcome_remain = WELCOME_MESSAGES
            self._version += 1

    def clear_messages(self) -> None:
        """Forget conversations and counters; OAs and residents stay."""
        with self.lock:
            self._conversations.clear()
            self._messages.clear()
            self.counters.clear()
            self._version += 1

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self.clear_messages()
            self._accounts.clear()
            self._residents.clear()
