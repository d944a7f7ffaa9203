"""Residents as an OA knows them: when they last wrote, where the conversation stands, whether we may write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection, Insert, bindparam, case, delete, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.people import Person
from bot.store.tables import decision, inbox, resident, staff_request
from bot.store.takeover_tables import handover


@dataclass(frozen=True, slots=True)
class Resident:
    """A stored resident. ``conversation_sealed`` is the encrypted state of the conversation.

    ``silent_until_ms`` comes from the open take-over of the conversation; 0 where nobody has it.
    """

    oa_id: str
    user_id: str
    conversation_sealed: bytes | None
    silent_until_ms: int
    is_follower: bool | None


@dataclass(frozen=True, slots=True)
class ResidentChange:
    """What an event changes. None leaves a field as it is.

    ``interaction_ms`` also lifts a refusal of Zalo's: who writes may be written to.
    """

    oa_id: str
    user_id: str
    seen_ms: int
    interaction_ms: int | None = None
    is_follower: bool | None = None
    conversation_sealed: bytes | None = None


# Statements of the hot path are built once: SQLAlchemy spends more time putting one together than SQLite running it.
_LOAD = (
    select(
        resident.c.oa_id,
        resident.c.user_id,
        resident.c.conversation_sealed,
        func.coalesce(handover.c.until_ms, 0),
        resident.c.is_follower,
    )
    .outerjoin(
        handover,
        (handover.c.oa_id == resident.c.oa_id)
        & (handover.c.user_id == resident.c.user_id)
        & text("handover.state = 'taken'"),
    )
    .where(tuple_(resident.c.oa_id, resident.c.user_id).in_(bindparam("people", expanding=True)))
)


def load(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Resident]:
    """The known ones among (oa_id, user_id) ``keys``."""
    wanted = list(set(keys))
    if not wanted:
        return {}
    rows = connection.execute(_LOAD, {"people": wanted})
    return {(row.oa_id, row.user_id): Resident(*row) for row in rows}


def last_interaction(connection: Connection, oa_id: str, user_id: str) -> int | None:
    """When a resident last interacted (0: never); None where the OA does not know them."""
    statement = select(resident.c.last_interaction_ms).where(resident.c.oa_id == oa_id, resident.c.user_id == user_id)
    return connection.execute(statement).scalar()


def lock(connection: Connection, keys: Iterable[tuple[str, str]]) -> None:
    """Lock these residents until the transaction ends, in one order for everybody. SQLite has one writer anyway."""
    wanted = sorted(set(keys))
    if wanted and connection.dialect.name == "postgresql":
        connection.execute(
            select(resident.c.user_id)
            .where(tuple_(resident.c.oa_id, resident.c.user_id).in_(wanted))
            .order_by(resident.c.oa_id, resident.c.user_id)
            .with_for_update()
        ).all()


@cache
def _upsert(dialect: str) -> Insert:
    statement = postgres_insert(resident) if dialect == "postgresql" else sqlite_insert(resident)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["oa_id", "user_id"],
        set_={
            "last_interaction_ms": case(
                (new.last_interaction_ms > resident.c.last_interaction_ms, new.last_interaction_ms),
                else_=resident.c.last_interaction_ms,
            ),
            "is_follower": func.coalesce(new.is_follower, resident.c.is_follower),
            "conversation_sealed": func.coalesce(new.conversation_sealed, resident.c.conversation_sealed),
            "stopped_reason": case((new.last_interaction_ms > 0, None), else_=resident.c.stopped_reason),
            "updated_ms": new.updated_ms,
        },
    )


def apply(connection: Connection, changes: Sequence[ResidentChange]) -> None:
    """Insert or update residents, in bulk."""
    if not changes:
        return
    connection.execute(
        _upsert(connection.dialect.name),
        [
            {
                "oa_id": change.oa_id,
                "user_id": change.user_id,
                "first_seen_ms": change.seen_ms,
                "last_interaction_ms": change.interaction_ms or 0,
                "is_follower": change.is_follower,
                "conversation_sealed": change.conversation_sealed,
                "updated_ms": change.seen_ms,
            }
            for change in sorted(changes, key=lambda change: (change.oa_id, change.user_id))
        ],
    )


def stop(connection: Connection, oa_id: str, user_id: str, reason: str) -> None:
    """Zalo refuses messages to this person, until they write again."""
    connection.execute(
        update(resident).where(resident.c.oa_id == oa_id, resident.c.user_id == user_id).values(stopped_reason=reason)
    )


def erase(connection: Connection, oa_id: str, user_id: str) -> None:
    """Forget a person (``user_withdraw``): state, requests, and what waits in the inbox. The outbox has its own."""
    connection.execute(delete(resident).where(resident.c.oa_id == oa_id, resident.c.user_id == user_id))
    connection.execute(delete(staff_request).where(staff_request.c.oa_id == oa_id, staff_request.c.user_id == user_id))
    theirs = select(inbox.c.id).where(
        inbox.c.oa_id == oa_id, or_(inbox.c.user_id == user_id, inbox.c.sender == user_id)
    )
    connection.execute(update(decision).where(decision.c.inbox_id.in_(theirs)).values(trace_sealed=None))
    connection.execute(
        update(inbox)
        .where(inbox.c.oa_id == oa_id, inbox.c.user_id == user_id, inbox.c.state.in_((2, 3)))
        .values(body_sealed=None)
    )


def reachable(connection: Connection, people: Iterable[Person]) -> dict[Person, tuple[int, str | None]]:
    """Of those we know: when they last interacted (Zalo's clock, 0: never), and why Zalo refuses them, if it does."""
    wanted = sorted((person.oa_id, person.user_id) for person in people)
    if not wanted:
        return {}
    rows = connection.execute(
        select(resident.c.oa_id, resident.c.user_id, resident.c.last_interaction_ms, resident.c.stopped_reason).where(
            tuple_(resident.c.oa_id, resident.c.user_id).in_(wanted)
        )
    )
    return {Person(row.oa_id, row.user_id): (row.last_interaction_ms, row.stopped_reason) for row in rows}
