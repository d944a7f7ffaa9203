"""What the desk keeps of an initiative besides the case: its story, its way to the city, a year's target."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.store.case_records import CONTACT, GIST, PLACE, WORDS, Case, CaseContact, CasePlace, CaseWords, unseal
from bot.store.case_tables import case_event, case_file
from bot.store.cases import HEAD_COLUMNS, head_of
from bot.store.council_tables import city_referral, initiative_story, initiative_target, saved_filter

DRAFT, SUBMITTED, APPROVED = "draft", "submitted", "approved"


def read_cases(connection: Connection, vault: Vault, commune_id: str, codes: Collection[str]) -> Mapping[str, Case]:
    """Cases of one commune with everything they say, by code; one query however many they are."""
    if not codes:
        return {}
    sealed = (case_file.c.gist_sealed, case_file.c.words_sealed, case_file.c.place_sealed, case_file.c.contact_sealed)
    rows = connection.execute(
        select(*HEAD_COLUMNS, *sealed).where(case_file.c.code.in_(codes), case_file.c.commune_id == commune_id)
    )
    return {
        row.code: Case(
            head_of(row),
            vault.decrypt(row.gist_sealed, GIST),
            unseal(vault, row.words_sealed, WORDS, CaseWords) or CaseWords(),
            unseal(vault, row.place_sealed, PLACE, CasePlace) or CasePlace(),
            unseal(vault, row.contact_sealed, CONTACT, CaseContact),
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Referral:
    """An initiative sent on to the city. ``note`` is for the commune's own eyes and never leaves it."""

    id: int
    commune_id: str
    case_code: str
    destination: str
    referred_on: date
    note: str = field(repr=False)
    referred_by: int
    referred_ms: int


@dataclass(frozen=True, slots=True)
class CityReferral:
    """A referral as the city's role sees it: no person, no text."""

    commune_id: str
    case_code: str
    destination: str
    referred_on: date
    field_id: str
    state: str


def refer(
    connection: Connection,
    vault: Vault,
    commune_id: str,
    case_code: str,
    destination: str,
    referred_on: date,
    note: str,
    staff_id: int,
    now_ms: int,
) -> bool:
    """Record it. False where this initiative was referred there already."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    made = connection.execute(
        upsert(city_referral)
        .values(
            commune_id=commune_id,
            case_code=case_code,
            destination=destination,
            referred_on=referred_on.isoformat(),
            note_sealed=vault.encrypt(note, "city_referral.note") if note else None,
            referred_by=staff_id,
            referred_ms=now_ms,
        )
        .on_conflict_do_nothing()
    )
    return made.rowcount == 1


def referrals_of(connection: Connection, vault: Vault, commune_id: str, case_code: str) -> list[Referral]:
    """Where an initiative was referred to, oldest first."""
    rows = connection.execute(
        select(city_referral)
        .where(city_referral.c.commune_id == commune_id, city_referral.c.case_code == case_code)
        .order_by(city_referral.c.id)
    )
    return [
        Referral(
            row.id,
            row.commune_id,
            row.case_code,
            row.destination,
            date.fromisoformat(row.referred_on),
            "" if row.note_sealed is None else vault.decrypt(row.note_sealed, "city_referral.note"),
            row.referred_by,
            row.referred_ms,
        )
        for row in rows
    ]


def referrals_for_the_city(connection: Connection, limit: int = 200) -> list[CityReferral]:
    """The newest referrals of every commune, without a person and without a text."""
    rows = connection.execute(
        select(
            city_referral.c.commune_id,
            city_referral.c.case_code,
            city_referral.c.destination,
            city_referral.c.referred_on,
            case_file.c.category,
            case_file.c.state,
        )
        .join(case_file, case_file.c.code == city_referral.c.case_code)
        .order_by(city_referral.c.referred_on.desc(), city_referral.c.id.desc())
        .limit(limit)
    )
    return [CityReferral(row[0], row[1], row[2], date.fromisoformat(row[3]), row[4], row[5]) for row in rows]


@dataclass(frozen=True, slots=True)
class Story:
    """A "Gương đổi mới sáng tạo" of one initiative. ``author_id``: the last who wrote at it."""

    case_code: str
    commune_id: str
    title: str
    body: str = field(repr=False)
    state: str
    author_id: int
    approved_by: int | None
    approved_ms: int | None
    version: int
    changed_ms: int


def story(connection: Connection, vault: Vault, commune_id: str, case_code: str) -> Story | None:
    """The story of an initiative; None while nobody wrote one."""
    row = connection.execute(
        select(initiative_story).where(
            initiative_story.c.case_code == case_code, initiative_story.c.commune_id == commune_id
        )
    ).first()
    if row is None:
        return None
    return Story(
        row.case_code,
        row.commune_id,
        vault.decrypt(row.title_sealed, "initiative_story.title"),
        vault.decrypt(row.body_sealed, "initiative_story.body"),
        row.state,
        row.author_id,
        row.approved_by,
        row.approved_ms,
        row.version,
        row.changed_ms,
    )


def write_story(
    connection: Connection,
    vault: Vault,
    commune_id: str,
    case_code: str,
    seen_version: int,
    title: str,
    body: str,
    state: str,
    author_id: int,
    now_ms: int,
) -> bool:
    """Keep the words; what was approved is not any more. False where somebody wrote since ``seen_version`` (0: new)."""
    values = {
        "title_sealed": vault.encrypt(title, "initiative_story.title"),
        "body_sealed": vault.encrypt(body, "initiative_story.body"),
        "state": state,
        "author_id": author_id,
        "approved_by": None,
        "approved_ms": None,
        "version": seen_version + 1,
        "changed_ms": now_ms,
    }
    if seen_version == 0:
        upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
        made = connection.execute(
            upsert(initiative_story)
            .values(case_code=case_code, commune_id=commune_id, **values)
            .on_conflict_do_nothing()
        )
        return made.rowcount == 1
    return _move_story(connection, commune_id, case_code, seen_version, values)


def approve_story(
    connection: Connection, commune_id: str, case_code: str, seen_version: int, approved_by: int, now_ms: int
) -> bool:
    """Approve the words as seen. False where somebody wrote since."""
    values = {"state": APPROVED, "approved_by": approved_by, "approved_ms": now_ms, "version": seen_version + 1}
    return _move_story(connection, commune_id, case_code, seen_version, values)


def _move_story(
    connection: Connection, commune_id: str, case_code: str, seen_version: int, values: Mapping[str, object]
) -> bool:
    changed = connection.execute(
        update(initiative_story)
        .where(
            initiative_story.c.case_code == case_code,
            initiative_story.c.commune_id == commune_id,
            initiative_story.c.version == seen_version,
        )
        .values(**values)
    )
    return changed.rowcount == 1


def forget_stories(connection: Connection, case_codes: Collection[str]) -> int:
    """Delete the stories of these initiatives: somebody told of in them asked to be forgotten. Returns how many."""
    if not case_codes:
        return 0
    gone = connection.execute(initiative_story.delete().where(initiative_story.c.case_code.in_(case_codes)))
    return int(gone.rowcount)


def set_target(
    connection: Connection, commune_id: str, year: int, target: int, staff_id: int, now_ms: int
) -> int | None:
    """How many recognised initiatives the commune aims at in a year. Returns the former target."""
    where = (initiative_target.c.commune_id == commune_id) & (initiative_target.c.year == year)
    former: int | None = connection.execute(select(initiative_target.c.target).where(where)).scalar()
    if former is None:
        connection.execute(
            insert(initiative_target).values(
                commune_id=commune_id, year=year, target=target, set_by=staff_id, set_ms=now_ms
            )
        )
    else:
        connection.execute(update(initiative_target).where(where).values(target=target, set_by=staff_id, set_ms=now_ms))
    return former


def targets(connection: Connection, year: int, commune_id: str | None = None) -> Mapping[str, int]:
    """Commune to target of a year; of one commune or of all."""
    statement = select(initiative_target.c.commune_id, initiative_target.c.target).where(
        initiative_target.c.year == year
    )
    if commune_id is not None:
        statement = statement.where(initiative_target.c.commune_id == commune_id)
    return {row[0]: row[1] for row in connection.execute(statement)}


@dataclass(frozen=True, slots=True)
class YearFigures:
    """One commune's year: initiatives sent in it by their state of now, and how many were recognised in it."""

    sent_by_state: Mapping[str, int]
    recognised: int

    @property
    def sent(self) -> int:
        """All that were sent."""
        return sum(self.sent_by_state.values())


def year_figures(
    connection: Connection, begin_ms: int, end_ms: int, commune_ids: Collection[str]
) -> Mapping[str, YearFigures]:
    """The figures of these communes between two moments; two queries however many there are.

    An initiative merged into another is not counted twice. One counts as recognised in the year it was first moved
    there, whenever it was sent.
    """
    sent: dict[str, dict[str, int]] = defaultdict(dict)
    rows = connection.execute(
        select(case_file.c.commune_id, case_file.c.state, func.count())
        .where(
            case_file.c.commune_id.in_(commune_ids),
            case_file.c.kind == "initiative",
            case_file.c.merged_into == "",
            case_file.c.created_ms >= begin_ms,
            case_file.c.created_ms < end_ms,
        )
        .group_by(case_file.c.commune_id, case_file.c.state)
    )
    for commune_id, state, count in rows:
        sent[commune_id][state] = count
    first_recognised = (
        select(case_event.c.case_id, case_event.c.commune_id, func.min(case_event.c.at_ms).label("at_ms"))
        .join(case_file, case_file.c.id == case_event.c.case_id)
        .where(
            case_event.c.commune_id.in_(commune_ids),
            case_event.c.kind == "moved",
            case_event.c.after == "recognised",
            case_event.c.at_ms < end_ms,
            case_file.c.kind == "initiative",
            case_file.c.merged_into == "",
        )
        .group_by(case_event.c.case_id, case_event.c.commune_id)
        .subquery()
    )
    recognised = {
        row[0]: row[1]
        for row in connection.execute(
            select(first_recognised.c.commune_id, func.count())
            .where(first_recognised.c.at_ms >= begin_ms)
            .group_by(first_recognised.c.commune_id)
        )
    }
    return {
        commune_id: YearFigures(sent.get(commune_id, {}), recognised.get(commune_id, 0)) for commune_id in commune_ids
    }


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter an official named. ``query`` is the query part of the address."""

    id: int
    name: str
    query: str = field(repr=False)


def save_filter(
    connection: Connection, vault: Vault, commune_id: str, staff_id: int, page: str, name: str, query: str, now_ms: int
) -> None:
    """Keep a filter under a name, in place of the one of that name."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    values = {"query_sealed": vault.encrypt(query, "saved_filter.query"), "saved_ms": now_ms}
    connection.execute(
        upsert(saved_filter)
        .values(commune_id=commune_id, staff_id=staff_id, page=page, name=name, **values)
        .on_conflict_do_update(index_elements=["staff_id", "page", "name"], set_=values)
    )


def saved_filters(connection: Connection, vault: Vault, staff_id: int, page: str) -> list[SavedFilter]:
    """One official's filters of a page, by name."""
    rows = connection.execute(
        select(saved_filter)
        .where(saved_filter.c.staff_id == staff_id, saved_filter.c.page == page)
        .order_by(saved_filter.c.name)
    )
    return [SavedFilter(row.id, row.name, vault.decrypt(row.query_sealed, "saved_filter.query")) for row in rows]


def forget_filter(connection: Connection, staff_id: int, filter_id: int) -> bool:
    """Delete one's own filter."""
    return bool(
        connection.execute(
            saved_filter.delete().where(saved_filter.c.id == filter_id, saved_filter.c.staff_id == staff_id)
        ).rowcount
    )
