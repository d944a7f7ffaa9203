"""Marks from 1 to 5, of an answer, a case or a visit to the desk, and the figures made of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, case, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.people import Person
from bot.store.case_tables import case_file, case_person
from bot.store.voice_tables import rating, volunteer

GroupBy = Literal["topic", "facet", "unit", "village", "channel", "reason"]
SATISFIED = 4
"""From this mark on somebody counts as satisfied."""
WORDS = "rating.words"


@dataclass(frozen=True, slots=True)
class NewRating:
    """A mark. ``words`` are masked already; ``key`` makes it unique."""

    key: str
    person: Person
    commune_id: str
    channel: str
    mark: int
    reason: str
    words: str = field(repr=False)
    case_code: str
    topic: str
    facet: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Marks of one group: how many, their mean, and the share in percent of those who are satisfied."""

    group: str
    count: int
    mean: float
    satisfied_percent: float


@dataclass(frozen=True, slots=True)
class RatingView:
    """One mark as staff read it."""

    commune_id: str
    channel: str
    mark: int
    reason: str
    words: str = field(repr=False)
    case_code: str
    topic: str
    facet: str
    unit: str
    village: str
    rated_ms: int


def add(connection: Connection, vault: Vault, new: NewRating) -> None:
    """Keep a mark; a known key is left alone. Where it is about a case, the person's place in the case has it too."""
    unit, village = _where_it_belongs(connection, new)
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    stored = connection.execute(
        upsert(rating)
        .values(
            key=new.key,
            oa_id=new.person.oa_id,
            commune_id=new.commune_id,
            user_id=new.person.user_id,
            channel=new.channel,
            mark=new.mark,
            reason=new.reason[:40],
            words_sealed=vault.encrypt(new.words, WORDS) if new.words else None,
            case_code=new.case_code,
            topic=new.topic[:60],
            facet=new.facet[:20],
            unit=unit,
            village=village,
            rated_ms=new.at_ms,
        )
        .on_conflict_do_nothing()
        .returning(rating.c.id)
    ).scalar()
    if stored is None or not new.case_code:
        return
    connection.execute(
        update(case_person)
        .where(
            case_person.c.oa_id == new.person.oa_id,
            case_person.c.user_id == new.person.user_id,
            case_person.c.known_code == new.case_code,
        )
        .values(mark=new.mark, rated_ms=new.at_ms)
    )


def _where_it_belongs(connection: Connection, new: NewRating) -> tuple[str, str]:
    """(unit, village): of the case for a case, the village of a team's member otherwise."""
    if new.case_code:
        row = connection.execute(
            select(case_file.c.unit, case_file.c.village)
            .join(case_person, case_person.c.case_id == case_file.c.id)
            .where(
                case_person.c.known_code == new.case_code,
                case_person.c.oa_id == new.person.oa_id,
                case_person.c.user_id == new.person.user_id,
            )
        ).first()
        return ("", "") if row is None else (row.unit, row.village)
    village = connection.execute(
        select(volunteer.c.village).where(
            volunteer.c.oa_id == new.person.oa_id,
            volunteer.c.user_id == new.person.user_id,
            volunteer.c.left_ms.is_(None),
        )
    ).scalar()
    return "", village or ""


def add_reason(connection: Connection, vault: Vault, key: str, reason: str, words: str) -> None:
    """Lay why beside a mark given before; masked words. Nothing where the mark is gone."""
    values: dict[str, Any] = {}
    if reason:
        values["reason"] = reason[:40]
    if words:
        values["words_sealed"] = vault.encrypt(words, WORDS)
    if values:
        connection.execute(update(rating).where(rating.c.key == key).values(**values))


def same_before(connection: Connection, new: NewRating, since_ms: int) -> str | None:
    """The key of the mark this one tells more about: same person, thing and mark, not older than ``since_ms``."""
    return connection.execute(
        select(rating.c.key)
        .where(
            rating.c.oa_id == new.person.oa_id,
            rating.c.user_id == new.person.user_id,
            rating.c.channel == new.channel,
            rating.c.case_code == new.case_code,
            rating.c.topic == new.topic,
            rating.c.mark == new.mark,
            rating.c.rated_ms >= since_ms,
            rating.c.key != new.key,
        )
        .order_by(rating.c.rated_ms.desc(), rating.c.id.desc())
        .limit(1)
    ).scalar()


def satisfaction(
    connection: Connection,
    commune_id: str | None,
    from_ms: int,
    until_ms: int,
    by: GroupBy | None = None,
    channels: Iterable[str] = ("chat", "case", "desk"),
) -> list[Satisfaction]:
    """Figures of [``from_ms``, ``until_ms``), all together or by group, most marks first; None: every commune."""
    group: ColumnElement[str] | None = None if by is None else rating.c[by]
    columns: list[ColumnElement[Any]] = [
        func.count().label("marks"),
        func.avg(rating.c.mark).label("mean"),
        func.sum(case((rating.c.mark >= SATISFIED, 1), else_=0)).label("satisfied"),
    ]
    statement = select(*columns).where(
        rating.c.rated_ms >= from_ms, rating.c.rated_ms < until_ms, rating.c.channel.in_(list(channels))
    )
    if commune_id is not None:
        statement = statement.where(rating.c.commune_id == commune_id)
    if group is not None:
        statement = statement.add_columns(group.label("group")).group_by(group)
    found = [row for row in connection.execute(statement) if row.marks]
    figures = [
        Satisfaction(
            group="" if by is None else str(row.group),
            count=int(row.marks),
            mean=round(float(row.mean), 2),
            satisfied_percent=round(100 * int(row.satisfied) / int(row.marks), 1),
        )
        for row in found
    ]
    return sorted(figures, key=lambda one: (-one.count, one.group))


def list_ratings(
    connection: Connection, vault: Vault, commune_id: str, from_ms: int, until_ms: int, limit: int = 500
) -> list[RatingView]:
    """Marks of a commune, newest first, with their words: for staff who may read them."""
    rows = connection.execute(
        select(rating)
        .where(rating.c.commune_id == commune_id, rating.c.rated_ms >= from_ms, rating.c.rated_ms < until_ms)
        .order_by(rating.c.rated_ms.desc(), rating.c.id.desc())
        .limit(limit)
    )
    return [_view(row, vault) for row in rows]


def of_person(connection: Connection, vault: Vault, person: Person) -> list[RatingView]:
    """All marks of one person, oldest first."""
    rows = connection.execute(
        select(rating)
        .where(rating.c.oa_id == person.oa_id, rating.c.user_id == person.user_id)
        .order_by(rating.c.rated_ms, rating.c.id)
    )
    return [_view(row, vault) for row in rows]


def _view(row: Row[Any], vault: Vault) -> RatingView:
    return RatingView(
        commune_id=row.commune_id,
        channel=row.channel,
        mark=row.mark,
        reason=row.reason,
        words="" if row.words_sealed is None else vault.decrypt(row.words_sealed, WORDS),
        case_code=row.case_code,
        topic=row.topic,
        facet=row.facet,
        unit=row.unit,
        village=row.village,
        rated_ms=row.rated_ms,
    )


def forget(connection: Connection, person: Person) -> int:
    """Take the person and their words off their marks; the marks stay as figures. Returns how many."""
    return connection.execute(
        update(rating)
        .where(rating.c.oa_id == person.oa_id, rating.c.user_id == person.user_id)
        .values(user_id="", words_sealed=None, case_code="")
    ).rowcount
