"""Questions volunteers forward for their neighbours: who asked, for whom, who answered, who hears the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.people import Person
from bot.store.voice_tables import forward

TEXT, FOR_WHOM, PHONE, ANSWER = "forward.text", "forward.for_whom", "forward.phone", "forward.answer"


@dataclass(frozen=True, slots=True)
class NewForward:
    """A question asked for a neighbour; all words masked, the phone as it was given. ``answer`` where the bot knew."""

    key: str
    person: Person
    commune_id: str
    link_code: str
    village: str
    text: str = field(repr=False)
    for_whom: str = field(repr=False)
    phone: str = field(repr=False)
    topic: str
    at_ms: int
    answered_by: str | None = None
    answer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Forward:
    """A stored one, opened. ``answered_by`` is bot, staff, volunteer or None."""

    key: str
    person: Person
    commune_id: str
    link_code: str
    village: str
    text: str = field(repr=False)
    for_whom: str = field(repr=False)
    phone: str = field(repr=False)
    topic: str
    asked_ms: int
    answered_by: str | None
    answered_ms: int | None
    answer: str = field(repr=False)
    answer_key: str | None
    neighbour: Person | None


def add_forward(connection: Connection, vault: Vault, new: NewForward) -> bool:
    """Keep a question; a known key is left alone. Whether it is new."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = upsert(forward).values(
        key=new.key,
        oa_id=new.person.oa_id,
        commune_id=new.commune_id,
        user_id=new.person.user_id,
        link_code=new.link_code,
        village=new.village[:200],
        text_sealed=vault.encrypt(new.text, TEXT),
        for_whom_sealed=vault.encrypt(new.for_whom, FOR_WHOM),
        phone_sealed=vault.encrypt(new.phone, PHONE) if new.phone else None,
        topic=new.topic[:60],
        asked_ms=new.at_ms,
        answered_by=new.answered_by,
        answered_ms=new.at_ms if new.answered_by else None,
        answer_sealed=vault.encrypt(new.answer, ANSWER) if new.answered_by else None,
        answer_key=new.key if new.answered_by else None,
    )
    stored = connection.execute(statement.on_conflict_do_nothing(index_elements=["key"]).returning(forward.c.id))
    return stored.first() is not None


def find_forward(connection: Connection, vault: Vault, commune_id: str, link_code: str) -> Forward | None:
    """The question of a link code; None for another commune's and for a code nobody has."""
    row = connection.execute(
        select(forward).where(forward.c.commune_id == commune_id, forward.c.link_code == link_code)
    ).first()
    return None if row is None else _forward(row, vault)


def forwards_of(connection: Connection, vault: Vault, person: Person, limit: int = 10) -> list[Forward]:
    """A volunteer's last questions, newest first."""
    rows = connection.execute(
        select(forward)
        .where(forward.c.oa_id == person.oa_id, forward.c.user_id == person.user_id)
        .order_by(forward.c.asked_ms.desc(), forward.c.id.desc())
        .limit(limit)
    )
    return [_forward(row, vault) for row in rows]


def asked_for(connection: Connection, vault: Vault, neighbour: Person) -> list[Forward]:
    """Questions a person linked to: asked for them by a volunteer, oldest first."""
    rows = connection.execute(
        select(forward)
        .where(forward.c.oa_id == neighbour.oa_id, forward.c.neighbour_user_id == neighbour.user_id)
        .order_by(forward.c.id)
    )
    return [_forward(row, vault) for row in rows]


def forwards(
    connection: Connection,
    vault: Vault,
    commune_id: str,
    *,
    open_only: bool = False,
    village: str | None = None,
    from_ms: int = 0,
    until_ms: int | None = None,
    limit: int = 500,
) -> list[Forward]:
    """Questions of a commune, newest first."""
    statement = select(forward).where(forward.c.commune_id == commune_id, forward.c.asked_ms >= from_ms)
    if until_ms is not None:
        statement = statement.where(forward.c.asked_ms < until_ms)
    if open_only:
        statement = statement.where(forward.c.answered_ms.is_(None))
    if village is not None:
        statement = statement.where(forward.c.village == village)
    rows = connection.execute(statement.order_by(forward.c.asked_ms.desc(), forward.c.id.desc()).limit(limit))
    return [_forward(row, vault) for row in rows]


def link(connection: Connection, commune_id: str, link_code: str, neighbour: Person, now_ms: int) -> bool:
    """Let a neighbour hear the answer too. Whether they do now: the first who sends the code, and nobody after."""
    connection.execute(
        update(forward)
        .where(
            forward.c.commune_id == commune_id,
            forward.c.oa_id == neighbour.oa_id,
            forward.c.link_code == link_code,
            forward.c.neighbour_user_id.is_(None),
            forward.c.user_id != neighbour.user_id,
        )
        .values(neighbour_user_id=neighbour.user_id, linked_ms=now_ms)
    )
    linked = connection.execute(
        select(forward.c.id).where(
            forward.c.commune_id == commune_id,
            forward.c.oa_id == neighbour.oa_id,
            forward.c.link_code == link_code,
            forward.c.neighbour_user_id == neighbour.user_id,
        )
    )
    return linked.first() is not None


def answer(
    connection: Connection,
    vault: Vault,
    commune_id: str,
    link_code: str,
    by: str,
    words: str,
    key: str,
    now_ms: int,
) -> bool:
    """Mark a question answered by ``by`` under ``key``. Whether it was this answer: the first counts."""
    connection.execute(
        update(forward)
        .where(
            forward.c.commune_id == commune_id, forward.c.link_code == link_code, forward.c.answered_ms.is_(None)
        )
        .values(answered_by=by, answered_ms=now_ms, answer_sealed=vault.encrypt(words, ANSWER), answer_key=key)
    )  # fmt: skip
    ours = connection.execute(
        select(forward.c.id).where(
            forward.c.commune_id == commune_id, forward.c.link_code == link_code, forward.c.answer_key == key
        )
    )
    return ours.first() is not None


def _forward(row: Row[Any], vault: Vault) -> Forward:
    return Forward(
        key=row.key,
        person=Person(row.oa_id, row.user_id),
        commune_id=row.commune_id,
        link_code=row.link_code,
        village=row.village,
        text=vault.decrypt(row.text_sealed, TEXT),
        for_whom=vault.decrypt(row.for_whom_sealed, FOR_WHOM),
        phone="" if row.phone_sealed is None else vault.decrypt(row.phone_sealed, PHONE),
        topic=row.topic,
        asked_ms=row.asked_ms,
        answered_by=row.answered_by,
        answered_ms=row.answered_ms,
        answer="" if row.answer_sealed is None else vault.decrypt(row.answer_sealed, ANSWER),
        answer_key=row.answer_key,
        neighbour=None if row.neighbour_user_id is None else Person(row.oa_id, row.neighbour_user_id),
    )
