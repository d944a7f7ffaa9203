"""When people join a conversation: an official writing in Zalo's own manager, and the lines officials get to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bot.conversation import Incoming, Outcome
from bot.journal import silence
from bot.journal.inbox import ClaimedMessage
from bot.masking import masked
from bot.store import handovers
from bot.store.handovers import NewLine

STAFF_SILENCE_MS = 30 * 60_000
"""After an official wrote in Zalo's own manager the bot keeps silent this long (contract 7, pitfall 18)."""


@dataclass(frozen=True, slots=True)
class StaffJoined:
    """An official wrote in Zalo's own manager: a take-over, under a key of its own."""

    key: str
    oa_id: str
    commune_id: str
    user_id: str


def joined(message: ClaimedMessage, commune_id: str) -> StaffJoined:
    """The take-over an official's word in Zalo's manager is."""
    return StaffJoined(f"echo:{message.id}", message.oa_id, commune_id, message.user_id)


def line(message: ClaimedMessage, said_by: str, kind: str, text: str, at_ms: int, anonymous: str | None) -> NewLine:
    """One line of a message, its numbers covered."""
    return NewLine(
        f"in:{message.id}:{said_by}", message.oa_id, message.user_id, said_by, kind, masked(text), at_ms, anonymous
    )


def lines(
    message: ClaimedMessage, incoming: Incoming, outcome: Outcome, at_ms: int, anonymous: str | None
) -> tuple[NewLine, ...]:
    """What a resident said and what the bot answers, for whoever is to read it."""
    kind = incoming.kind.removeprefix("anonymous_")
    said = line(message, "resident", kind, incoming.text, at_ms, anonymous)
    words = "\n\n".join(reply.text for reply in outcome.replies)
    if not words:
        return (said,)
    # The bot's words while a person has the conversation are those of danger: they do leave, so staff see them.
    speaker = "danger" if incoming.silent else "bot"
    return (said, line(message, speaker, "text", words, at_ms, anonymous))


def let_join(connection: Connection, people: Sequence[StaffJoined], now_ms: int) -> None:
    """Give the conversations to whoever wrote in Zalo's manager. Last of a transaction's row locks."""
    if people:
        silence.fence(connection)
    for one in people:
        handovers.join_in(
            connection,
            key=one.key,
            oa_id=one.oa_id,
            commune_id=one.commune_id,
            user_id=one.user_id,
            at_ms=now_ms,
            until_ms=now_ms + STAFF_SILENCE_MS,
        )
