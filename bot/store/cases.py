"""Cases in the store: filing, changing under a version, the timeline, and who is told.

Nothing here decides anything: the moves and their words are :mod:`bot.casework`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, case, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.people import Person
from bot.store.case_records import (
    CONTACT,
    EVENT_INTERNAL,
    EVENT_PUBLIC,
    GIST,
    PERSON_WORDS,
    PLACE,
    WORDS,
    Case,
    CaseContact,
    CaseEvent,
    CaseHead,
    CasePerson,
    CasePlace,
    CaseWords,
    seal,
    unseal,
)
from bot.store.case_tables import case_event, case_file, case_person

HEAD_COLUMNS = tuple(case_file.c[name] for name in CaseHead.__dataclass_fields__)


class Stale(Exception):
    """Somebody changed the case since it was read. ``code`` names it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to file. ``key`` makes it unique whoever files it, and however often."""

    key: str
    code: str
    kind: str
    commune_id: str
    person: Person
    state: str
    category: str
    source: str
    at_ms: int
    gist: str = field(repr=False)
    words: CaseWords
    place: CasePlace | None = None
    contact: CaseContact | None = None
    level: str = ""
    village: str = ""
    unit: str = ""
    author_kind: str = ""
    stage: str = ""
    campaign_id: str = ""
    anonymous: bool = False
    due_ms: int | None = None


def _upsert(connection: Connection, table: Any) -> Any:
    return (postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert)(table)


def file(connection: Connection, vault: Vault, new: NewCase) -> int | None:
    """Store a case. Returns its id; None where this key filed it before. Raises IntegrityError for a code in use."""
    statement = (
        _upsert(connection, case_file)
        .values(
            key=new.key,
            code=new.code,
            kind=new.kind,
            commune_id=new.commune_id,
            oa_id=new.person.oa_id,
            user_id=new.person.user_id,
            state=new.state,
            category=new.category,
            level=new.level,
            village=new.village,
            unit=new.unit,
            source=new.source,
            author_kind=new.author_kind,
            stage=new.stage,
            campaign_id=new.campaign_id,
            anonymous=new.anonymous,
            gist_sealed=vault.encrypt(new.gist, GIST),
            words_sealed=seal(vault, new.words, WORDS),
            place_sealed=None if new.place is None else seal(vault, new.place, PLACE),
            contact_sealed=None if new.contact is None else seal(vault, new.contact, CONTACT),
            due_ms=new.due_ms,
            created_ms=new.at_ms,
            updated_ms=new.at_ms,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(case_file.c.id)
    )
    case_id: int | None = connection.execute(statement).scalar()
    return case_id


def head_of(row: Any) -> CaseHead:
    """The head in a row that begins with :data:`HEAD_COLUMNS`."""
    return CaseHead(*row[: len(HEAD_COLUMNS)])


def find(connection: Connection, code: str, *, lock: bool = False) -> CaseHead | None:
    """A case by its code, as written; None for a code nobody has. ``lock`` keeps others from changing it meanwhile."""
    statement: Select[Any] = select(*HEAD_COLUMNS).where(case_file.c.code == code)
    if lock:
        statement = statement.with_for_update()
    row = connection.execute(statement).first()
    return None if row is None else head_of(row)


def lock(connection: Connection, codes: Collection[str]) -> None:
    """Lock cases, and what they were merged into, in one order for everybody: two workers whose batches name the same
    cases must not wait for each other. SQLite has one writer anyway."""
    if not codes or connection.dialect.name != "postgresql":
        return
    into = select(case_file.c.merged_into).where(case_file.c.code.in_(codes), case_file.c.merged_into != "")
    wanted = sorted({*codes, *connection.execute(into).scalars()})
    connection.execute(
        select(case_file.c.id).where(case_file.c.code.in_(wanted)).order_by(case_file.c.code).with_for_update()
    ).all()


def find_by_key(connection: Connection, key: str) -> CaseHead | None:
    """The case an act filed; None where it filed none."""
    row = connection.execute(select(*HEAD_COLUMNS).where(case_file.c.key == key)).first()
    return None if row is None else head_of(row)


def read(connection: Connection, vault: Vault, code: str) -> Case | None:
    """A case with everything it says; None for a code nobody has."""
    sealed = (case_file.c.gist_sealed, case_file.c.words_sealed, case_file.c.place_sealed, case_file.c.contact_sealed)
    row = connection.execute(select(*HEAD_COLUMNS, *sealed).where(case_file.c.code == code)).first()
    if row is None:
        return None
    return Case(
        head_of(row),
        vault.decrypt(row.gist_sealed, GIST),
        unseal(vault, row.words_sealed, WORDS, CaseWords) or CaseWords(),
        unseal(vault, row.place_sealed, PLACE, CasePlace) or CasePlace(),
        unseal(vault, row.contact_sealed, CONTACT, CaseContact),
    )


def change(connection: Connection, head: CaseHead, now_ms: int, **values: Any) -> CaseHead:
    """Set columns of a case as it was read. Returns it as it is now. Raises :class:`Stale` where it changed since."""
    row = connection.execute(
        update(case_file)
        .where(case_file.c.id == head.id, case_file.c.version == head.version)
        .values(updated_ms=now_ms, version=head.version + 1, **values)
        .returning(*HEAD_COLUMNS)
    ).first()
    if row is None:
        raise Stale(head.code)
    return head_of(row)


def person_digest(vault: Vault, person: Person) -> str:
    """What stands for a resident beside their words; nobody without the key can tell whose it is."""
    return vault.digest(f"{person.oa_id}:{person.user_id}")


def add_event(
    connection: Connection,
    vault: Vault,
    head: CaseHead,
    kind: str,
    *,
    key: str,
    at_ms: int,
    before: str = "",
    after: str = "",
    by: str = "",
    public: str = "",
    internal: str = "",
    person: Person | None = None,
) -> bool:
    """Write an entry of the timeline. False where this key wrote it before. ``person`` whose words it keeps."""
    written = connection.execute(
        _upsert(connection, case_event)
        .values(
            key=key,
            case_id=head.id,
            commune_id=head.commune_id,
            kind=kind,
            before=before,
            after=after,
            by=by,
            public_sealed=vault.encrypt(public, EVENT_PUBLIC) if public else None,
            internal_sealed=vault.encrypt(internal, EVENT_INTERNAL) if internal else None,
            person_digest=person_digest(vault, person) if person is not None else None,
            at_ms=at_ms,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(case_event.c.id)
    )
    return written.first() is not None


def has_event(connection: Connection, key: str) -> bool:
    """Whether this key wrote an entry before."""
    return connection.execute(select(case_event.c.id).where(case_event.c.key == key)).first() is not None


def timeline(connection: Connection, vault: Vault, case_id: int) -> list[CaseEvent]:
    """Everything that happened to a case, oldest first."""
    rows = connection.execute(select(case_event).where(case_event.c.case_id == case_id).order_by(case_event.c.id))
    return [
        CaseEvent(
            row.id,
            row.kind,
            row.before,
            row.after,
            row.by,
            row.at_ms,
            "" if row.public_sealed is None else vault.decrypt(row.public_sealed, EVENT_PUBLIC),
            "" if row.internal_sealed is None else vault.decrypt(row.internal_sealed, EVENT_INTERNAL),
        )
        for row in rows
    ]


def last_public_words(connection: Connection, vault: Vault, case_id: int) -> str:
    """The last thing staff said to the people of a case; "" where they said nothing yet."""
    sealed = connection.execute(
        select(case_event.c.public_sealed)
        .where(case_event.c.case_id == case_id, case_event.c.by != "", case_event.c.public_sealed.is_not(None))
        .order_by(case_event.c.id.desc())
        .limit(1)
    ).scalar()
    return "" if sealed is None else vault.decrypt(sealed, EVENT_PUBLIC)


def add_person(
    connection: Connection,
    vault: Vault,
    head: CaseHead,
    person: Person,
    role: str,
    known_code: str,
    at_ms: int,
    words: str = "",
) -> bool:
    """Tell this person of every step from now on. False where they are told already, in whatever role."""
    added = connection.execute(
        _upsert(connection, case_person)
        .values(
            case_id=head.id,
            commune_id=head.commune_id,
            oa_id=person.oa_id,
            user_id=person.user_id,
            role=role,
            known_code=known_code,
            words_sealed=vault.encrypt(words, PERSON_WORDS) if words else None,
            joined_ms=at_ms,
        )
        .on_conflict_do_nothing(index_elements=["case_id", "oa_id", "user_id"])
        .returning(case_person.c.id)
    )
    return added.first() is not None


def people(connection: Connection, vault: Vault, case_id: int) -> list[CasePerson]:
    """Everyone who is told of a case, in the order they came."""
    rows = connection.execute(select(case_person).where(case_person.c.case_id == case_id).order_by(case_person.c.id))
    return [
        CasePerson(
            row.id,
            row.case_id,
            row.oa_id,
            row.user_id,
            row.role,
            row.known_code,
            row.joined_ms,
            row.mark,
            "" if row.words_sealed is None else vault.decrypt(row.words_sealed, PERSON_WORDS),
        )
        for row in rows
    ]


def role_of(connection: Connection, case_id: int, person: Person) -> str | None:
    """As what a person is told of a case; None where they are not."""
    role: str | None = connection.execute(
        select(case_person.c.role).where(
            case_person.c.case_id == case_id,
            case_person.c.oa_id == person.oa_id,
            case_person.c.user_id == person.user_id,
        )
    ).scalar()
    return role


def remove_people(connection: Connection, case_id: int, known_code: str) -> int:
    """Tell those who know the case under another code no more: it was split off again. Returns how many."""
    return connection.execute(
        case_person.delete().where(case_person.c.case_id == case_id, case_person.c.known_code == known_code)
    ).rowcount


def count_people(connection: Connection, case_id: int) -> tuple[int, int]:
    """Everyone told of a case, and of these its supporters."""
    supports = func.sum(case((case_person.c.role == "supporter", 1), else_=0))
    row = connection.execute(select(func.count(), supports).where(case_person.c.case_id == case_id)).one()
    return int(row[0]), int(row[1] or 0)


def ask_marks_anew(connection: Connection, case_id: int) -> None:
    """A case opened again asks its people for a mark once more when it is done."""
    connection.execute(update(case_person).where(case_person.c.case_id == case_id).values(mark=None, rated_ms=None))


def point_merged(connection: Connection, from_code: str, to_code: str, now_ms: int) -> None:
    """Cases merged into a case that is itself merged now go along with it."""
    connection.execute(
        update(case_file)
        .where(case_file.c.merged_into == from_code)
        .values(merged_into=to_code, updated_ms=now_ms, version=case_file.c.version + 1)
    )


def merged_codes(connection: Connection, code: str) -> Sequence[str]:
    """Codes of the cases merged into this one, oldest first."""
    return list(
        connection.execute(
            select(case_file.c.code).where(case_file.c.merged_into == code).order_by(case_file.c.id)
        ).scalars()
    )
