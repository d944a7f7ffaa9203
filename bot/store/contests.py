"""Answers of the bot that officials hold to be wrong, kept until somebody has looked at each."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, func, insert, select, update

from bot.encryption import Vault
from bot.masking import masked
from bot.store.learning_tables import answer_contest
from bot.store.takeover_tables import handover

ANSWER, REASON = "answer_contest.answer", "answer_contest.reason"
OPEN, CLOSED = "open", "closed"


@dataclass(frozen=True, slots=True)
class Contest:
    """An answer and what is wrong with it. ``topic`` "" where it is not known; ``handover_id``: where it was said."""

    id: int
    topic: str
    handover_id: int | None
    answer: str = field(repr=False)
    reason: str = field(repr=False)
    author: str
    at_ms: int


def add(
    connection: Connection,
    vault: Vault,
    commune_id: str,
    author: str,
    answer: str,
    reason: str,
    at_ms: int,
    *,
    topic: str = "",
    handover_id: int | None = None,
) -> int:
    """Keep a contest, identifying numbers covered. Returns its id."""
    inserted = connection.execute(
        insert(answer_contest).values(
            commune_id=commune_id,
            handover_id=handover_id,
            topic=topic,
            answer_sealed=vault.encrypt(masked(answer), ANSWER),
            reason_sealed=vault.encrypt(masked(reason), REASON),
            state=OPEN,
            author=author,
            at_ms=at_ms,
        )
    )
    assert inserted.inserted_primary_key is not None
    return int(inserted.inserted_primary_key[0])


def list_open(connection: Connection, vault: Vault, commune_id: str, limit: int) -> list[Contest]:
    """What nobody has looked at yet, the oldest first."""
    rows = connection.execute(
        select(answer_contest)
        .where(answer_contest.c.commune_id == commune_id, answer_contest.c.state == OPEN)
        .order_by(answer_contest.c.id)
        .limit(limit)
    )
    return [
        Contest(
            row.id,
            row.topic,
            row.handover_id,
            vault.decrypt(row.answer_sealed, ANSWER),
            vault.decrypt(row.reason_sealed, REASON),
            row.author,
            row.at_ms,
        )
        for row in rows
    ]


def count_open(connection: Connection, commune_id: str) -> int:
    """How many nobody has looked at yet."""
    is_open = (answer_contest.c.commune_id == commune_id) & (answer_contest.c.state == OPEN)
    return int(connection.execute(select(func.count()).select_from(answer_contest).where(is_open)).scalar_one())


def close(connection: Connection, commune_id: str, contest_id: int, by: str, at_ms: int) -> bool:
    """Mark it as looked at; False where it is not open in this commune."""
    closed = connection.execute(
        update(answer_contest)
        .where(
            answer_contest.c.id == contest_id,
            answer_contest.c.commune_id == commune_id,
            answer_contest.c.state == OPEN,
        )
        .values(state=CLOSED, closed_by=by, closed_ms=at_ms)
    )
    return closed.rowcount == 1


def erase(connection: Connection, oa_id: str, user_id: str) -> int:
    """Drop what was contested in a person's conversations. Before the conversations themselves. Returns how many."""
    theirs = select(handover.c.id).where(handover.c.oa_id == oa_id, handover.c.user_id == user_id)
    return connection.execute(delete(answer_contest).where(answer_contest.c.handover_id.in_(theirs))).rowcount
