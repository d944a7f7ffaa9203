"""Events of a commune: classes, help days, contests; who signed up. Seats are never oversold, a sign-up counts once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import BigInteger, Connection, RowMapping, cast, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.store.broadcast_tables import event, event_sign_up

KINDS = ("class", "help_day", "contest", "paperless_day", "other")
PLANNED, CANCELLED = "planned", "cancelled"
IN, OUT = "in", "cancelled"
NAME = "event_sign_up.name"
HOUR_MS = 3_600_000
REMIND_HOURS = (24, 3, 48, 72, 0)
"""How long before an event its people may be reminded, the usual one first; 0: never."""

SignUpOutcome = Literal["in", "already", "full", "gone"]


@dataclass(frozen=True, slots=True)
class Event:
    """``seats`` None: no limit. ``village`` "" for the whole commune. ``remind_hours`` 0: nobody is reminded."""

    id: int
    commune_id: str
    kind: str
    title: str
    place: str
    village: str
    audience: str
    description: str
    starts_ms: int
    ends_ms: int | None
    seats: int | None
    taken: int
    state: str
    author: str
    remind_hours: int

    @property
    def seats_left(self) -> int | None:
        """None where there is no limit."""
        return None if self.seats is None else max(0, self.seats - self.taken)


_COLUMNS = [event.c[name] for name in Event.__dataclass_fields__]


def _of(row: RowMapping) -> Event:
    return Event(**row)


def add(connection: Connection, now_ms: int, **values: Any) -> int:
    """A new event; its id. ``values`` are columns."""
    statement = insert(event).values(created_ms=now_ms, updated_ms=now_ms, state=PLANNED, **values)
    return int(connection.execute(statement.returning(event.c.id)).scalar_one())


def change(connection: Connection, event_id: int, now_ms: int, **values: Any) -> None:
    """Set columns. Fewer seats than are taken are allowed: nobody is put out, nobody more gets in."""
    connection.execute(update(event).where(event.c.id == event_id).values(updated_ms=now_ms, **values))


def get(connection: Connection, event_id: int) -> Event | None:
    """One event, also a past or cancelled one."""
    row = connection.execute(select(*_COLUMNS).where(event.c.id == event_id)).mappings().first()
    return None if row is None else _of(row)


def list_events(
    connection: Connection, commune_id: str, from_ms: int, until_ms: int | None = None, *, limit: int = 200
) -> list[Event]:
    """Those not cancelled that begin in these moments (or are still going on at the first), soonest first."""
    statement = select(*_COLUMNS).where(
        event.c.commune_id == commune_id,
        event.c.state == PLANNED,
        or_(event.c.starts_ms >= from_ms, event.c.ends_ms > from_ms),
    )
    if until_ms is not None:
        statement = statement.where(event.c.starts_ms < until_ms)
    statement = statement.order_by(event.c.starts_ms, event.c.id).limit(limit)
    return [_of(row) for row in connection.execute(statement).mappings()]


def signed_up(connection: Connection, oa_id: str, user_id: str, event_ids: Sequence[int]) -> set[int]:
    """Those of the events this person is in."""
    statement = select(event_sign_up.c.event_id).where(
        event_sign_up.c.oa_id == oa_id,
        event_sign_up.c.user_id == user_id,
        event_sign_up.c.state == IN,
        event_sign_up.c.event_id.in_(event_ids),
    )
    return set(connection.execute(statement).scalars())


def sign_up(
    connection: Connection, vault: Vault, event_id: int, oa_id: str, user_id: str, name: str, now_ms: int
) -> SignUpOutcome:
    """Take a seat: ``in``, ``already`` (said twice changes nothing), ``full``, or ``gone`` (past, cancelled, none).

    The event's row is taken first and its seat in one conditional statement, so that however many ask at once no more
    get in than there are seats.
    """
    one = connection.execute(select(*_COLUMNS).where(event.c.id == event_id).with_for_update()).mappings().first()
    if one is None or one["state"] != PLANNED or (one["ends_ms"] or one["starts_ms"]) <= now_ms:
        return "gone"
    mine = (
        (event_sign_up.c.event_id == event_id) & (event_sign_up.c.oa_id == oa_id) & (event_sign_up.c.user_id == user_id)
    )
    if connection.execute(select(event_sign_up.c.state).where(mine)).scalar() == IN:
        return "already"
    seat = (
        update(event)
        .where(event.c.id == event_id, or_(event.c.seats.is_(None), event.c.taken < event.c.seats))
        .values(taken=event.c.taken + 1)
    )
    if connection.execute(seat).rowcount != 1:
        return "full"
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    values = {
        "commune_id": one["commune_id"],
        "name_sealed": vault.encrypt(name, NAME) if name else None,
        "state": IN,
        "attended": None,
        "signed_ms": now_ms,
        "reminded_ms": None,
    }
    statement = upsert(event_sign_up).values(event_id=event_id, oa_id=oa_id, user_id=user_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["event_id", "oa_id", "user_id"], set_=values))
    return "in"


def cancel_sign_up(connection: Connection, event_id: int, oa_id: str, user_id: str) -> bool:
    """Give the seat back. False where there was none: said twice changes nothing."""
    connection.execute(select(event.c.id).where(event.c.id == event_id).with_for_update()).all()
    statement = (
        update(event_sign_up)
        .where(
            event_sign_up.c.event_id == event_id,
            event_sign_up.c.oa_id == oa_id,
            event_sign_up.c.user_id == user_id,
            event_sign_up.c.state == IN,
        )
        .values(state=OUT, name_sealed=None)
    )
    if connection.execute(statement).rowcount != 1:
        return False
    connection.execute(update(event).where(event.c.id == event_id).values(taken=event.c.taken - 1))
    return True


@dataclass(frozen=True, slots=True)
class SignedUp:
    """A person on the organiser's list. ``attended`` None: not written down yet."""

    oa_id: str
    user_id: str
    name: str = field(repr=False)
    attended: bool | None
    signed_ms: int
    reminded_ms: int | None


def list_sign_ups(connection: Connection, vault: Vault, event_id: int) -> list[SignedUp]:
    """Who is in, in the order they came."""
    rows = connection.execute(
        select(event_sign_up)
        .where(event_sign_up.c.event_id == event_id, event_sign_up.c.state == IN)
        .order_by(event_sign_up.c.signed_ms, event_sign_up.c.user_id)
    ).mappings()
    return [
        SignedUp(
            row["oa_id"],
            row["user_id"],
            vault.decrypt(row["name_sealed"], NAME) if row["name_sealed"] else "",
            row["attended"],
            row["signed_ms"],
            row["reminded_ms"],
        )
        for row in rows
    ]


def note_attendance(connection: Connection, event_id: int, people: Sequence[tuple[str, str]], attended: bool) -> int:
    """Write down who came (or did not) among those who are in: (oa_id, user_id). Returns how many were noted."""
    noted = 0
    for oa_id, user_id in people:
        statement = update(event_sign_up).where(
            event_sign_up.c.event_id == event_id,
            event_sign_up.c.oa_id == oa_id,
            event_sign_up.c.user_id == user_id,
            event_sign_up.c.state == IN,
        )
        noted += connection.execute(statement.values(attended=attended)).rowcount
    return noted


def to_remind(connection: Connection, from_ms: int, until_ms: int, limit: int) -> list[tuple[Event, str, str]]:
    """(event, oa_id, user_id) of people not yet reminded whose event begins in these moments, and no later after
    ``from_ms`` than the event's own ``remind_hours``. Locks their rows."""
    rows = connection.execute(
        select(*_COLUMNS, event_sign_up.c.oa_id, event_sign_up.c.user_id)
        .join(event_sign_up, event_sign_up.c.event_id == event.c.id)
        .where(
            event.c.state == PLANNED,
            event.c.starts_ms >= from_ms,
            event.c.starts_ms < until_ms,
            event.c.starts_ms - cast(event.c.remind_hours, BigInteger) * HOUR_MS <= from_ms,
            event_sign_up.c.state == IN,
            event_sign_up.c.reminded_ms.is_(None),
        )
        .order_by(event.c.starts_ms, event.c.id, event_sign_up.c.user_id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=event_sign_up)
    ).mappings()
    names = Event.__dataclass_fields__
    return [(Event(**{name: row[name] for name in names}), row["oa_id"], row["user_id"]) for row in rows]


def note_reminded(connection: Connection, event_id: int, oa_id: str, user_id: str, now_ms: int) -> None:
    """In the transaction that owes the reminder."""
    connection.execute(
        update(event_sign_up)
        .where(event_sign_up.c.event_id == event_id, event_sign_up.c.oa_id == oa_id, event_sign_up.c.user_id == user_id)
        .values(reminded_ms=now_ms)
    )
