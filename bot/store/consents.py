"""What residents agreed to: keeping their data, and hearing announcements. Who said nothing hears them."""

from __future__ import annotations

from sqlalchemy import Connection, Select, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.people import Person
from bot.store.voice_tables import announcement_choice, consent


def give(connection: Connection, person: Person, commune_id: str, scope: str, at_ms: int) -> None:
    """Keep that a person agreed, once for each ``scope``; the first time counts."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(
        upsert(consent)
        .values(
            oa_id=person.oa_id, user_id=person.user_id, scope=scope[:20], commune_id=commune_id, given_ms=at_ms
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def given(connection: Connection, person: Person) -> dict[str, int]:
    """What a person agreed to: scope and moment."""
    rows = connection.execute(
        select(consent.c.scope, consent.c.given_ms)
        .where(consent.c.oa_id == person.oa_id, consent.c.user_id == person.user_id)
        .order_by(consent.c.given_ms, consent.c.scope)
    )
    return {row.scope: row.given_ms for row in rows}


def choose_announcements(connection: Connection, person: Person, wanted: bool, at_ms: int) -> None:
    """Keep a person's latest choice; an older one, handled late, does not undo it."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = upsert(announcement_choice).values(
        oa_id=person.oa_id, user_id=person.user_id, wanted=wanted, at_ms=at_ms
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["oa_id", "user_id"],
            set_={"wanted": statement.excluded.wanted, "at_ms": statement.excluded.at_ms},
            where=statement.excluded.at_ms >= announcement_choice.c.at_ms,
        )
    )


def wants_announcements(connection: Connection, person: Person) -> bool:
    """Whether announcements may go to a person: yes, unless they said no."""
    wanted = connection.execute(
        select(announcement_choice.c.wanted).where(
            announcement_choice.c.oa_id == person.oa_id, announcement_choice.c.user_id == person.user_id
        )
    ).scalar()
    return wanted is not False


def opted_out(_connection: Connection, oa_id: str) -> Select[tuple[str]]:
    """The users of an OA who want no announcements, as a query to be run, or used in another's ``NOT IN``."""
    return select(announcement_choice.c.user_id).where(
        announcement_choice.c.oa_id == oa_id, announcement_choice.c.wanted.is_(False)
    )
