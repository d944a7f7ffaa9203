"""Teams of the villages: enrolment codes, members, their reports, the weekly digests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.people import Person
from bot.store.voice_tables import team_digest, team_report, volunteer, volunteer_code

DIFFICULTIES, DIGEST = "team_report.difficulties", "team_digest.document"


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a village's team."""

    person: Person
    commune_id: str
    village: str
    enrolled_ms: int


@dataclass(frozen=True, slots=True)
class TeamReport:
    """A volunteer's periodic report, opened."""

    person: Person
    commune_id: str
    village: str
    classes: int
    people_helped: int
    difficulties: str = field(repr=False)
    filed_ms: int


def _upsert(connection: Connection) -> Any:
    return postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert


# --- Enrolment ---


def code_digest(vault: Vault, commune_id: str, code: str) -> str:
    """What stands in the database for a code."""
    return vault.digest(f"volunteer_code:{commune_id}:{code}")


def add_code(
    connection: Connection, vault: Vault, commune_id: str, village: str, code: str, now_ms: int, expires_ms: int
) -> None:
    """Keep a one-time code. Raises IntegrityError where it is taken: draw another."""
    connection.execute(
        volunteer_code.insert().values(
            code_digest=code_digest(vault, commune_id, code),
            commune_id=commune_id,
            village=village[:200],
            created_ms=now_ms,
            expires_ms=expires_ms,
        )
    )


def village_of_code(connection: Connection, vault: Vault, commune_id: str, code: str, now_ms: int) -> str | None:
    """The village a code enrols for; None where it is wrong, used or expired."""
    return connection.execute(
        select(volunteer_code.c.village).where(
            volunteer_code.c.code_digest == code_digest(vault, commune_id, code),
            volunteer_code.c.used_ms.is_(None),
            volunteer_code.c.expires_ms > now_ms,
        )
    ).scalar()


def use_code(connection: Connection, vault: Vault, commune_id: str, code: str, key: str, now_ms: int) -> str | None:
    """Use a code up for the act ``key``. Returns its village; None where another came first or it is no good."""
    digest = code_digest(vault, commune_id, code)
    connection.execute(
        update(volunteer_code)
        .where(
            volunteer_code.c.code_digest == digest,
            volunteer_code.c.used_ms.is_(None),
            volunteer_code.c.expires_ms > now_ms,
        )
        .values(used_ms=now_ms, used_key=key)
    )
    return connection.execute(
        select(volunteer_code.c.village).where(volunteer_code.c.code_digest == digest, volunteer_code.c.used_key == key)
    ).scalar()


def enrol(connection: Connection, person: Person, commune_id: str, village: str, now_ms: int) -> None:
    """Make a person a member; who was one already moves to the new village."""
    statement = _upsert(connection)(volunteer).values(
        oa_id=person.oa_id,
        user_id=person.user_id,
        commune_id=commune_id,
        village=village,
        enrolled_ms=now_ms,
        left_ms=None,
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["oa_id", "user_id"],
            set_={"village": village, "commune_id": commune_id, "enrolled_ms": now_ms, "left_ms": None},
        )
    )


def member(connection: Connection, person: Person) -> Member | None:
    """The person's enrolment, None where there is none (any more)."""
    row = connection.execute(
        select(volunteer).where(
            volunteer.c.oa_id == person.oa_id, volunteer.c.user_id == person.user_id, volunteer.c.left_ms.is_(None)
        )
    ).first()
    return None if row is None else Member(person, row.commune_id, row.village, row.enrolled_ms)


def members(connection: Connection, commune_id: str) -> list[Member]:
    """All members of a commune's teams, by village, longest first."""
    rows = connection.execute(
        select(volunteer)
        .where(volunteer.c.commune_id == commune_id, volunteer.c.left_ms.is_(None))
        .order_by(volunteer.c.village, volunteer.c.enrolled_ms, volunteer.c.user_id)
    )
    return [Member(Person(row.oa_id, row.user_id), row.commune_id, row.village, row.enrolled_ms) for row in rows]


def remove(connection: Connection, person: Person, now_ms: int) -> bool:
    """End a membership. Whether there was one."""
    return bool(
        connection.execute(
            update(volunteer)
            .where(
                volunteer.c.oa_id == person.oa_id,
                volunteer.c.user_id == person.user_id,
                volunteer.c.left_ms.is_(None),
            )
            .values(left_ms=now_ms)
        ).rowcount
    )


# --- Reports and digests ---


def add_report(connection: Connection, vault: Vault, key: str, report: TeamReport) -> None:
    """Keep a report; a known key is left alone."""
    connection.execute(
        _upsert(connection)(team_report)
        .values(
            key=key,
            oa_id=report.person.oa_id,
            commune_id=report.commune_id,
            user_id=report.person.user_id,
            village=report.village,
            classes=report.classes,
            people_helped=report.people_helped,
            difficulties_sealed=vault.encrypt(report.difficulties, DIFFICULTIES),
            filed_ms=report.filed_ms,
        )
        .on_conflict_do_nothing()
    )


def reports(
    connection: Connection,
    vault: Vault,
    *,
    commune_id: str | None = None,
    person: Person | None = None,
    from_ms: int = 0,
    until_ms: int | None = None,
) -> list[TeamReport]:
    """Reports of a commune or a person in [``from_ms``, ``until_ms``), oldest first."""
    statement = select(team_report).where(team_report.c.filed_ms >= from_ms)
    if until_ms is not None:
        statement = statement.where(team_report.c.filed_ms < until_ms)
    if commune_id is not None:
        statement = statement.where(team_report.c.commune_id == commune_id)
    if person is not None:
        statement = statement.where(team_report.c.oa_id == person.oa_id, team_report.c.user_id == person.user_id)
    return [
        TeamReport(
            person=Person(row.oa_id, row.user_id),
            commune_id=row.commune_id,
            village=row.village,
            classes=row.classes,
            people_helped=row.people_helped,
            difficulties=vault.decrypt(row.difficulties_sealed, DIFFICULTIES),
            filed_ms=row.filed_ms,
        )
        for row in connection.execute(statement.order_by(team_report.c.filed_ms, team_report.c.id))
    ]


def communes_with_teams(connection: Connection) -> list[str]:
    """Communes that have, or had, a member of a team."""
    return sorted(connection.execute(select(volunteer.c.commune_id).distinct()).scalars())


def has_digest(connection: Connection, commune_id: str, week: str) -> bool:
    """Whether the digest of a week stands already."""
    found = select(func.count()).where(team_digest.c.commune_id == commune_id, team_digest.c.week == week)
    return bool(connection.execute(found).scalar())


def add_digest(
    connection: Connection, vault: Vault, commune_id: str, week: str, document: Mapping[str, object], now_ms: int
) -> None:
    """Keep the digest of a week; one that stands is left as it is."""
    sealed = vault.encrypt(json.dumps(document, ensure_ascii=False), DIGEST)
    connection.execute(
        _upsert(connection)(team_digest)
        .values(commune_id=commune_id, week=week, document_sealed=sealed, made_ms=now_ms)
        .on_conflict_do_nothing()
    )


def digests(
    connection: Connection, vault: Vault, commune_id: str, limit: int = 8
) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """(Monday of the week, document) of the last digests, newest first."""
    rows = connection.execute(
        select(team_digest.c.week, team_digest.c.document_sealed)
        .where(team_digest.c.commune_id == commune_id)
        .order_by(team_digest.c.week.desc())
        .limit(limit)
    )
    return [(row.week, json.loads(vault.decrypt(row.document_sealed, DIGEST))) for row in rows]
