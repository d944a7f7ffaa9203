"""A person takes a conversation over, speaks in it, and gives it back; the bot is silent in between.

Every function works in the caller's transaction. Who may do what is asked here (:mod:`bot.permissions`), and every act
of an official is audited. After writing, call ``database.announce(connection)`` so that a worker looks at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from bot import permissions
from bot.catalogue import Catalogue
from bot.conversation.acts import QueueForPerson
from bot.encryption import Vault
from bot.journal import outbox, silence
from bot.journal.outbox import NewSend
from bot.journal.processing import FiledAct
from bot.journal.states import Voice
from bot.masking import masked
from bot.replies import Reply
from bot.services import Services
from bot.store import audit, handovers, residents
from bot.store.handovers import Handover, Line, NewLine
from bot.store.staff import Staff
from bot.zalo.messages import render_plain
from bot.zalo.splitting import split
from bot.zalo.windows import OPEN_MS, Window, open_until_ms, window

WORDS = Catalogue(Path(__file__).parent / "handover.yaml")
TAKEN_FOR_MS = 2 * 3_600_000
"""A conversation comes back by itself this long after an official's last word in it."""
MOST_CHARACTERS = 6_000

Reason = Literal["unknown", "over", "not_taken", "of_another", "window_closed", "stopped", "empty", "too_long"]


class HandoverRefused(Exception):
    """It cannot be done now. ``str(error)`` is one line of plain Vietnamese for the official."""

    def __init__(self, reason: Reason, **fields: object) -> None:
        super().__init__(WORDS.word(reason, **fields))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as an official sees it. ``reply_until_ms``: Zalo takes no answer after it; None: it takes none."""

    handover: Handover
    lines: Sequence[Line] = field(repr=False)
    reply_until_ms: int | None


def queue_for_person(connection: Connection, vault: Vault, filed: FiledAct, act: QueueForPerson) -> None:
    """Applier of "gặp cán bộ"."""
    handovers.queue(
        connection,
        vault,
        key=filed.key,
        oa_id=filed.person.oa_id,
        commune_id=filed.commune_id,
        user_id=filed.person.user_id,
        words=masked(act.text),
        topic=act.topic,
        at_ms=filed.at_ms,
    )


def list_open(connection: Connection, vault: Vault, commune_id: str | None) -> list[Handover]:
    """What waits for a person or is in a person's hands. Whoever shows it asks for "conversation.read" first."""
    return handovers.list_open(connection, vault, commune_id)


def show(connection: Connection, vault: Vault, handover_id: int, now_ms: int, staff: Staff | None) -> Conversation:
    """A conversation with its lines. ``staff`` None: whoever runs the install, at its own command line.

    Raises :class:`HandoverRefused` and ``permissions.NotAllowed``.
    """
    found = _find(connection, vault, handover_id)
    if staff is not None:
        permissions.require(staff, "conversation.read", found.commune_id)
    return Conversation(found, handovers.lines_of(connection, vault, handover_id), reply_until_ms(found, now_ms))


def reply_until_ms(conversation: Handover, now_ms: int) -> int | None:
    """Until when Zalo takes an official's answer; None where it takes none now."""
    last = conversation.last_interaction_ms
    if last is None or conversation.stopped_reason is not None or window(last, now_ms) is Window.CLOSED:
        return None
    return open_until_ms(last)


def take(connection: Connection, vault: Vault, staff: Staff, handover_id: int, now_ms: int) -> Handover:
    """Give the conversation to ``staff``: from the commit on the bot claims nothing of its own for it.

    Taking one's own again moves its end on. Raises :class:`HandoverRefused` and ``permissions.NotAllowed``.
    """
    found = _find(connection, vault, handover_id)
    permissions.require(staff, "conversation.take", found.commune_id)
    residents.lock(connection, [(found.oa_id, found.user_id)])
    silence.cancel_answers(connection, found.oa_id, [found.user_id])
    silence.fence(connection)
    if not handovers.take(connection, handover_id, staff.email, now_ms, now_ms + TAKEN_FOR_MS):
        _refuse(_find(connection, vault, handover_id))
    if found.taken_by != staff.email:
        _audit(connection, staff, "conversation.take", found, {"state": found.state}, now_ms)
    return _find(connection, vault, handover_id)


def reply(
    connection: Connection, vault: Vault, staff: Staff, handover_id: int, words: str, now_ms: int, *, key: str = ""
) -> Conversation:
    """Owe the resident an official's words. A conversation nobody has is taken by it.

    ``key``: the same one sends once (a form sent twice). Raises :class:`HandoverRefused` and
    ``permissions.NotAllowed``.
    """
    words = words.strip()
    if not words:
        raise HandoverRefused("empty")
    if len(words) > MOST_CHARACTERS:
        raise HandoverRefused("too_long", most=MOST_CHARACTERS)
    found = take(connection, vault, staff, handover_id, now_ms)
    if found.stopped_reason is not None:
        raise HandoverRefused("stopped")
    if reply_until_ms(found, now_ms) is None:
        raise HandoverRefused("window_closed")
    key = f"staff:{handover_id}:{key or secrets.token_hex(8)}"
    first = not handovers.staff_lines(connection, handover_id)
    _owe(connection, vault, found, WORDS.word("staff_speaks", text=words) if first else words, key, Voice.STAFF, now_ms)
    line = NewLine(key, found.oa_id, found.user_id, "staff", "text", words, now_ms)
    handovers.keep_lines(connection, vault, [line])
    _audit(connection, staff, "conversation.reply", found, {}, now_ms)
    return Conversation(found, handovers.lines_of(connection, vault, handover_id), reply_until_ms(found, now_ms))


def release(connection: Connection, vault: Vault, staff: Staff, handover_id: int, now_ms: int) -> Handover:
    """Give the conversation back to the bot, and tell the resident so.

    Raises :class:`HandoverRefused` and ``permissions.NotAllowed``.
    """
    found = _find(connection, vault, handover_id)
    permissions.require(staff, "conversation.take", found.commune_id)
    if found.state == handovers.WAITING:
        raise HandoverRefused("not_taken", id=handover_id)
    # Anybody who may take conversations may give one back: its official may have gone home.
    if not handovers.release(connection, handover_id, staff.email, now_ms):
        raise HandoverRefused("over", id=handover_id)
    _tell_returned(connection, vault, found, now_ms)
    _audit(connection, staff, "conversation.release", found, {"taken_by": found.taken_by}, now_ms)
    return _find(connection, vault, handover_id)


def return_overdue(services: Services, _owner: str) -> None:
    """Clock job: conversations whose official fell silent come back, and what nobody can answer any more is closed.

    Idempotent: a conversation comes back once, and what came back is not found again.
    """
    now = services.clock.now_ms()
    with services.database.read() as connection:
        ids = handovers.overdue(connection, now)
    for handover_id in ids:
        with services.database.write() as connection:
            found = handovers.find(connection, services.vault, handover_id)
            if found is None or not handovers.release(connection, handover_id, "", now, overdue_at_ms=now):
                continue
            _tell_returned(connection, services.vault, found, now)
            _audit(connection, None, "conversation.release", found, {"taken_by": found.taken_by}, now)
            services.database.announce(connection)
    with services.database.write() as connection:
        handovers.close_waiting(connection, now - OPEN_MS, now)


def _find(connection: Connection, vault: Vault, handover_id: int) -> Handover:
    found = handovers.find(connection, vault, handover_id)
    if found is None:
        raise HandoverRefused("unknown", id=handover_id)
    return found


def _refuse(found: Handover) -> None:
    if found.state == handovers.TAKEN:
        raise HandoverRefused("of_another", id=found.id, by=found.taken_by)
    raise HandoverRefused("over", id=found.id)


def _tell_returned(connection: Connection, vault: Vault, found: Handover, now_ms: int) -> None:
    if reply_until_ms(found, now_ms) is not None:
        _owe(connection, vault, found, WORDS.word("returned"), f"handover:{found.id}:over", Voice.NOTICE, now_ms)


def _owe(
    connection: Connection, vault: Vault, found: Handover, words: str, key: str, voice: Voice, now_ms: int
) -> None:
    outbox.enqueue(
        connection,
        [
            NewSend(
                key=f"{key}:{number}",
                oa_id=found.oa_id,
                user_id=found.user_id,
                trace_id=secrets.token_hex(16),
                payload_sealed=vault.encrypt(piece.to_json(), "outbox.payload"),
                text_digest=vault.digest(piece.text),
                plain_digest=vault.digest(render_plain(piece)),
                not_before_ms=None,
                anonymous_conversation=found.anonymous_conversation,
                voice=voice,
            )
            for number, piece in enumerate(split(Reply(words)))
        ],
        now_ms,
    )


def _audit(
    connection: Connection, staff: Staff | None, act: str, found: Handover, before: dict[str, object], at_ms: int
) -> None:
    audit.record(connection, staff, act, found.commune_id, f"conversation:{found.id}", before, None, at_ms)
