"""Conversations a person asked for or has: the queue, who has which, and the lines an official reads.

Lines are kept only from the moment somebody asked for a person (or an official joined in) until the conversation is
given back, sealed, and only as long as ``bot.journal.retention`` says; what was said before is not kept anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.store import contests, handover_notes
from bot.store.tables import resident, staff_request
from bot.store.takeover_tables import conversation_line, handover

WAITING, TAKEN, RELEASED = "waiting", "taken", "released"
OPEN = text("handover.state IN ('waiting', 'taken')")
_IS_TAKEN = text("handover.state = 'taken'")


@dataclass(frozen=True, slots=True)
class Handover:
    """A conversation in people's hands. ``taken_by`` is an e-mail, empty for somebody in Zalo's own manager."""

    id: int
    oa_id: str
    commune_id: str
    user_id: str
    state: str
    topic: str
    text: str = field(repr=False)
    asked_ms: int
    taken_by: str
    taken_ms: int | None
    until_ms: int
    released_ms: int | None
    anonymous_conversation: str | None
    last_interaction_ms: int | None
    stopped_reason: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """Something said. ``said_by`` is resident, bot or staff; ``kind`` text, or what was sent instead of words."""

    said_by: str
    kind: str
    text: str = field(repr=False)
    at_ms: int


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line on its way in; ``key`` makes it single. ``anonymous_conversation``: of whoever has no Zalo account."""

    key: str
    oa_id: str
    user_id: str
    said_by: str
    kind: str
    text: str = field(repr=False)
    at_ms: int
    anonymous_conversation: str | None = None


def queue(
    connection: Connection,
    vault: Vault,
    *,
    key: str,
    oa_id: str,
    commune_id: str,
    user_id: str,
    words: str,
    topic: str,
    at_ms: int,
) -> None:
    """Let a conversation wait for a person; one that waits already, or is a person's, stays as it is."""
    _open(
        connection, key=key, oa_id=oa_id, commune_id=commune_id, user_id=user_id, state=WAITING, topic=topic[:60],
        text_sealed=vault.encrypt(words, "handover.text"), asked_ms=at_ms,
    )  # fmt: skip


def _open(connection: Connection, **values: object) -> None:
    """Whether there was one already is not told: PostgreSQL's driver counts no rows where an insert may do nothing."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(upsert(handover).on_conflict_do_nothing().values(**values))


def join_in(
    connection: Connection, *, key: str, oa_id: str, commune_id: str, user_id: str, at_ms: int, until_ms: int
) -> None:
    """Somebody answered in Zalo's own manager: the conversation is a person's, at least until ``until_ms``.

    An official of ours who has it keeps it, for at least as long.
    """
    theirs = (handover.c.oa_id == oa_id) & (handover.c.user_id == user_id)
    taken = connection.execute(
        update(handover)
        .where(theirs, OPEN)
        .values(
            state=TAKEN,
            taken_ms=func.coalesce(handover.c.taken_ms, at_ms),
            until_ms=_later(connection, until_ms),
        )
    ).rowcount
    if not taken:
        _open(
            connection, key=key, oa_id=oa_id, commune_id=commune_id, user_id=user_id, state=TAKEN,
            asked_ms=at_ms, taken_ms=at_ms, until_ms=until_ms,
        )  # fmt: skip


def _later(connection: Connection, until_ms: int) -> ColumnElement[int]:
    greatest = func.greatest if connection.dialect.name == "postgresql" else func.max
    return greatest(handover.c.until_ms, until_ms)


def take(connection: Connection, handover_id: int, by: str, at_ms: int, until_ms: int) -> bool:
    """Give a waiting conversation, one of Zalo's manager, or one's own again to ``by``. False: somebody else has it,
    or it is over."""
    return bool(
        connection.execute(
            update(handover)
            .where(
                handover.c.id == handover_id,
                OPEN,
                (handover.c.state == WAITING) | handover.c.taken_by.in_(("", by)),
            )
            .values(
                state=TAKEN,
                taken_by=by,
                taken_ms=func.coalesce(handover.c.taken_ms, at_ms),
                until_ms=_later(connection, until_ms),
            )
        ).rowcount
    )


def release(connection: Connection, handover_id: int, by: str, at_ms: int, *, overdue_at_ms: int | None = None) -> bool:
    """Give a taken conversation back to the bot. False where it is nobody's any more, or, with ``overdue_at_ms``,
    where its time is not over at that moment (somebody spoke in between)."""
    wanted = (handover.c.id == handover_id) & _IS_TAKEN
    if overdue_at_ms is not None:
        wanted &= handover.c.until_ms <= overdue_at_ms
    given_back = connection.execute(
        update(handover)
        .where(wanted)
        .values(state=RELEASED, released_ms=at_ms, released_by=by)
        .returning(handover.c.oa_id, handover.c.user_id)
    ).first()
    if given_back is None:
        return False
    # What was asked of a person was asked of this one.
    connection.execute(
        update(staff_request)
        .where(
            staff_request.c.oa_id == given_back.oa_id,
            staff_request.c.user_id == given_back.user_id,
            staff_request.c.kind == "human",
            staff_request.c.answered_ms.is_(None),
        )
        .values(answered_ms=at_ms)
    )
    return True


def close_waiting(connection: Connection, asked_before_ms: int, at_ms: int) -> int:
    """End what waited until nobody could answer any more. Returns how many."""
    return connection.execute(
        update(handover)
        .where(text("handover.state = 'waiting'"), handover.c.asked_ms < asked_before_ms)
        .values(state=RELEASED, released_ms=at_ms)
    ).rowcount


def _with_resident() -> Select[Any]:
    return select(handover, resident.c.last_interaction_ms, resident.c.stopped_reason).outerjoin(
        resident, (resident.c.oa_id == handover.c.oa_id) & (resident.c.user_id == handover.c.user_id)
    )


def _read(vault: Vault, row: RowMapping) -> Handover:
    return Handover(
        id=row["id"],
        oa_id=row["oa_id"],
        commune_id=row["commune_id"],
        user_id=row["user_id"],
        state=row["state"],
        topic=row["topic"],
        text="" if row["text_sealed"] is None else vault.decrypt(row["text_sealed"], "handover.text"),
        asked_ms=row["asked_ms"],
        taken_by=row["taken_by"],
        taken_ms=row["taken_ms"],
        until_ms=row["until_ms"],
        released_ms=row["released_ms"],
        anonymous_conversation=row["anonymous_conversation"],
        last_interaction_ms=row["last_interaction_ms"] or None,
        stopped_reason=row["stopped_reason"],
    )


def find(connection: Connection, vault: Vault, handover_id: int) -> Handover | None:
    """One conversation by its id."""
    row = connection.execute(_with_resident().where(handover.c.id == handover_id)).mappings().first()
    return None if row is None else _read(vault, row)


def open_of(connection: Connection, vault: Vault, oa_id: str, user_id: str) -> Handover | None:
    """The conversation of a person that waits or is taken now."""
    row = (
        connection.execute(_with_resident().where(handover.c.oa_id == oa_id, handover.c.user_id == user_id, OPEN))
        .mappings()
        .first()
    )
    return None if row is None else _read(vault, row)


def list_open(connection: Connection, vault: Vault, commune_id: str | None, limit: int = 100) -> list[Handover]:
    """What waits or is taken, in a commune or in all: who waits longest comes first, then what is taken."""
    statement = _with_resident().where(OPEN)
    if commune_id is not None:
        statement = statement.where(handover.c.commune_id == commune_id)
    rows = connection.execute(statement.order_by(handover.c.state.desc(), handover.c.asked_ms).limit(limit))
    return [_read(vault, row) for row in rows.mappings()]


def overdue(connection: Connection, now_ms: int, limit: int = 100) -> list[int]:
    """Ids of taken conversations whose time is over."""
    return list(
        connection.execute(
            select(handover.c.id).where(_IS_TAKEN, handover.c.until_ms <= now_ms).order_by(handover.c.id).limit(limit)
        ).scalars()
    )


def keep_lines(connection: Connection, vault: Vault, lines: Sequence[NewLine]) -> None:
    """Keep those of ``lines`` whose conversation waits for a person or is a person's; forget the others at once.

    What the bot would have said in a conversation that was taken meanwhile is not kept: it is never sent.
    """
    if not lines:
        return
    people = sorted({(line.oa_id, line.user_id) for line in lines})
    found = connection.execute(
        select(handover.c.oa_id, handover.c.user_id, handover.c.id, handover.c.state).where(
            tuple_(handover.c.oa_id, handover.c.user_id).in_(people), OPEN
        )
    )
    kept = {(row.oa_id, row.user_id): (int(row.id), str(row.state)) for row in found}
    if not kept:
        return
    values = []
    for line in lines:
        number, state = kept.get((line.oa_id, line.user_id), (0, ""))
        if not number or (line.said_by == "bot" and state == TAKEN):
            continue
        values.append(
            {
                "key": line.key,
                "handover_id": number,
                "oa_id": line.oa_id,
                "user_id": line.user_id,
                "said_by": line.said_by,
                "kind": line.kind[:30],
                "text_sealed": vault.encrypt(line.text, "conversation_line.text"),
                "at_ms": line.at_ms,
            }
        )
        if line.anonymous_conversation is not None:
            connection.execute(
                update(handover)
                .where(handover.c.id == number)
                .values(anonymous_conversation=line.anonymous_conversation)
            )
    if values:
        upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
        connection.execute(upsert(conversation_line).on_conflict_do_nothing(), values)


def lines_of(connection: Connection, vault: Vault, handover_id: int, limit: int = 200) -> list[Line]:
    """The last lines of a conversation, oldest first."""
    rows = connection.execute(
        select(conversation_line)
        .where(conversation_line.c.handover_id == handover_id)
        .order_by(conversation_line.c.id.desc())
        .limit(limit)
    ).mappings()
    return [
        Line(row["said_by"], row["kind"], vault.decrypt(row["text_sealed"], "conversation_line.text"), row["at_ms"])
        for row in rows
    ][::-1]


def staff_lines(connection: Connection, handover_id: int) -> int:
    """How often officials spoke in it."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(conversation_line)
            .where(conversation_line.c.handover_id == handover_id, conversation_line.c.said_by == "staff")
        ).scalar_one()
    )


def erase(connection: Connection, oa_id: str, user_id: str) -> int:
    """Forget every conversation of a person. Returns how many rows went."""
    lines = handover_notes.erase(connection, oa_id, user_id) + contests.erase(connection, oa_id, user_id)
    lines += connection.execute(
        delete(conversation_line).where(conversation_line.c.oa_id == oa_id, conversation_line.c.user_id == user_id)
    ).rowcount
    return (
        lines
        + connection.execute(delete(handover).where(handover.c.oa_id == oa_id, handover.c.user_id == user_id)).rowcount
    )
