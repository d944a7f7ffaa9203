"""What the store holds of one person, read for themselves: nothing here is shown to anybody else."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from bot.encryption import Vault
from bot.people import Person
from bot.store.broadcast_tables import event, event_sign_up
from bot.store.case_records import CONTACT, PERSON_WORDS, PLACE, WORDS, CaseContact, CasePlace, CaseWords, unseal
from bot.store.case_tables import case_file, case_person
from bot.store.tables import resident, staff_request
from bot.store.takeover_tables import attachment, conversation_line

REQUEST, LINE, SIGN_UP = "staff_request.text", "conversation_line.text", "event_sign_up.name"


@dataclass(frozen=True, slots=True)
class Seen:
    """When a person first and last wrote. The messages themselves are forgotten once handled."""

    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class CaseOfPerson:
    """A case as its own sender, or somebody who joined it, may read it."""

    code: str
    kind: str
    own: bool
    at_ms: int
    words: str = field(repr=False)
    place: str = field(repr=False)
    contact: str = field(repr=False)


def seen(connection: Connection, person: Person) -> Seen | None:
    """When they wrote; None for somebody never heard of."""
    row = connection.execute(
        select(resident.c.first_seen_ms, resident.c.updated_ms).where(
            resident.c.oa_id == person.oa_id, resident.c.user_id == person.user_id
        )
    ).first()
    return None if row is None else Seen(row.first_seen_ms, row.updated_ms)


def requests(connection: Connection, vault: Vault, person: Person) -> list[tuple[int, str]]:
    """(moment, words) of what was written down for staff, oldest first."""
    rows = connection.execute(
        select(staff_request.c.created_ms, staff_request.c.text_sealed)
        .where(staff_request.c.oa_id == person.oa_id, staff_request.c.user_id == person.user_id)
        .order_by(staff_request.c.created_ms, staff_request.c.id)
    )
    return [(row.created_ms, vault.decrypt(row.text_sealed, REQUEST)) for row in rows]


def cases(connection: Connection, vault: Vault, person: Person) -> list[CaseOfPerson]:
    """Cases they filed, joined or supported, oldest first; of others' cases only their own words."""
    rows = connection.execute(
        select(
            case_person.c.known_code,
            case_person.c.joined_ms,
            case_person.c.words_sealed.label("added_sealed"),
            case_file.c.kind,
            case_file.c.oa_id,
            case_file.c.user_id,
            case_file.c.code,
            case_file.c.words_sealed,
            case_file.c.place_sealed,
            case_file.c.contact_sealed,
        )
        .join(case_file, case_file.c.id == case_person.c.case_id)
        .where(case_person.c.oa_id == person.oa_id, case_person.c.user_id == person.user_id)
        .order_by(case_person.c.joined_ms, case_person.c.id)
    ).all()
    found = []
    for row in rows:
        own = (row.oa_id, row.user_id) == (person.oa_id, person.user_id)
        words = unseal(vault, row.words_sealed, WORDS, CaseWords) if own else None
        place = unseal(vault, row.place_sealed, PLACE, CasePlace) if own else None
        contact = unseal(vault, row.contact_sealed, CONTACT, CaseContact) if own else None
        added = "" if row.added_sealed is None else vault.decrypt(row.added_sealed, PERSON_WORDS)
        found.append(
            CaseOfPerson(
                code=row.known_code,
                kind=row.kind,
                own=own,
                at_ms=row.joined_ms,
                words=_joined(words.whole, words.co_authors) if words is not None else added,
                place=place.words if place is not None else "",
                contact=_joined(contact.name, contact.phone) if contact is not None else "",
            )
        )
    return found


def conversation_lines(connection: Connection, vault: Vault, person: Person, limit: int = 200) -> list[tuple[int, str]]:
    """(moment, words) of what they said while a person of the commune had the conversation, oldest first."""
    rows = connection.execute(
        select(conversation_line.c.at_ms, conversation_line.c.text_sealed)
        .where(
            conversation_line.c.oa_id == person.oa_id,
            conversation_line.c.user_id == person.user_id,
            conversation_line.c.said_by == "resident",
        )
        .order_by(conversation_line.c.id)
        .limit(limit)
    )
    return [(row.at_ms, vault.decrypt(row.text_sealed, LINE)) for row in rows]


def files_kept(connection: Connection, person: Person) -> int:
    """How many photos and files they attached."""
    return int(
        connection.execute(
            select(func.count()).where(
                attachment.c.oa_id == person.oa_id,
                attachment.c.user_id == person.user_id,
                attachment.c.state == "stored",
            )
        ).scalar_one()
    )


def sign_ups(connection: Connection, vault: Vault, person: Person) -> list[tuple[str, str]]:
    """(event, name they gave) of what they signed up for."""
    rows = connection.execute(
        select(event.c.title, event_sign_up.c.name_sealed)
        .join(event, event.c.id == event_sign_up.c.event_id)
        .where(
            event_sign_up.c.oa_id == person.oa_id,
            event_sign_up.c.user_id == person.user_id,
            event_sign_up.c.state == "in",
        )
        .order_by(event_sign_up.c.signed_ms)
    )
    return [(row.title, "" if row.name_sealed is None else vault.decrypt(row.name_sealed, SIGN_UP)) for row in rows]


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
