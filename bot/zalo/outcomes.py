"""What a call to Zalo comes to. Outcomes are values, not exceptions: the engine stores them.

Tokens and texts stay out of ``repr``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.zalo.errors import ErrorRule

SendKind = Literal["sent", "refused", "not_sent", "in_doubt"]
OAuthFailureKind = Literal["terminal", "transient", "ambiguous", "bug"]


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """What became of one message.

    - ``sent``: Zalo took it; ``message_id``, ``sent_at_ms``, ``paid`` and ``quota_type`` as far as Zalo said.
    - ``refused``: Zalo answered that it did not; ``code``, ``message`` (Zalo's words) and ``rule`` say why and what
      to do.
    - ``not_sent``: not one byte of the request left; safe to try again.
    - ``in_doubt``: the request left, the answer is unknown; reconcile before trying again.

    ``paid`` is None where it cannot be known. ``message`` names the trouble for the last two, without personal data.
    """

    kind: SendKind
    message_id: str = ""
    sent_at_ms: int | None = None
    code: int | None = None
    message: str = ""
    rule: ErrorRule | None = None
    paid: bool | None = None
    quota_type: str = ""


@dataclass(frozen=True, slots=True)
class RecentMessage:
    """A row of the conversation. ``src`` is 0 for the OA, 1 for the resident; ``kind`` is Zalo's type (text, template
    ...)."""

    message_id: str
    text: str = field(repr=False)
    src: int
    time_ms: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class RecentMessages:
    """The last messages with one resident, in Zalo's order. ``clear`` only if Zalo answered properly and every row
    could be read."""

    clear: bool
    rows: tuple[RecentMessage, ...] = ()
    code: int | None = None
    complete: bool = False
    """Whether Zalo gave fewer rows than asked for, i.e. the whole conversation."""

    def reaches_back_to(self, time_ms: int) -> bool:
        """Whether the rows cover everything since then: only in that case does a missing message prove that it was
        not sent."""
        return self.clear and (self.complete or any(row.time_ms < time_ms for row in self.rows))


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """A call that only reads. ``ok`` with ``data``, or the error: ``rule`` where Zalo gave a code, else ``message``
    names the trouble."""

    ok: bool
    data: Mapping[str, object] = field(default_factory=dict, repr=False)
    code: int | None = None
    message: str = ""
    rule: ErrorRule | None = None


@dataclass(frozen=True, slots=True)
class UserQuota:
    """The pre-check of the 48 hour and 7 day windows; ``last_interaction_ms`` is None where Zalo knows of none."""

    answer: ApiAnswer
    last_interaction_ms: int | None = None
    replies_left: int | None = None


@dataclass(frozen=True, slots=True)
class TokenPair:
    """A grant. ``refresh_token`` is None where the reply had none: the old one stays valid then (contract 2)."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in_seconds: int


@dataclass(frozen=True, slots=True)
class OAuthFailure:
    """Why there is no token.

    ``terminal``: an admin must grant again (re-read the store first: another worker may have rotated). ``transient``:
    try later. ``ambiguous``: the token may be spent; re-read the store, try the old one once, then alert. ``bug``:
    our request is wrong.
    """

    kind: OAuthFailureKind
    code: int | None
    reason: str
