"""Forgetting one person in the tables of teams, marks and consents. What stays is a figure and names nobody.

Kept: a mark without its words, a team's report of its village, a neighbour's open question (somebody waits for the
answer), and a "no" to announcements, for forgetting it would send them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.people import Person
from bot.store import forwards, ratings
from bot.store.broadcast_tables import broadcast_receipt, broadcast_recipient, event, event_sign_up, resident_tag
from bot.store.voice_tables import (
    announcement_choice,
    consent,
    erasure,
    forward,
    team_report,
    volunteer,
)


def forget_voices(connection: Connection, vault: Vault, person: Person) -> dict[str, int]:
    """Erase or make anonymous all of a person in these tables. Returns how many rows, by kind. Idempotent."""
    nothing = {
        "for_whom_sealed": vault.encrypt("", forwards.FOR_WHOM),
        "phone_sealed": None,
    }
    words = {"text_sealed": vault.encrypt("", forwards.TEXT), "answer_sealed": None}
    theirs = (forward.c.oa_id == person.oa_id) & (forward.c.user_id == person.user_id)
    somebody_waits = forward.c.neighbour_user_id.is_not(None) & forward.c.answered_ms.is_(None)
    counts = {
        "ratings": ratings.forget(connection, person),
        "forwards": connection.execute(
            update(forward).where(theirs, ~somebody_waits).values(user_id="", **nothing, **words)
        ).rowcount
        + connection.execute(update(forward).where(theirs, somebody_waits).values(user_id="", **nothing)).rowcount,
        "asked_for_them": connection.execute(
            update(forward)
            .where(forward.c.oa_id == person.oa_id, forward.c.neighbour_user_id == person.user_id)
            .values(neighbour_user_id=None, linked_ms=None, **nothing)
        ).rowcount,
        "reports": connection.execute(
            update(team_report)
            .where(team_report.c.oa_id == person.oa_id, team_report.c.user_id == person.user_id)
            .values(user_id="")
        ).rowcount,
        "membership": connection.execute(
            delete(volunteer).where(volunteer.c.oa_id == person.oa_id, volunteer.c.user_id == person.user_id)
        ).rowcount,
        "consents": connection.execute(
            delete(consent).where(consent.c.oa_id == person.oa_id, consent.c.user_id == person.user_id)
        ).rowcount,
        "announcement_choice": connection.execute(
            delete(announcement_choice).where(
                announcement_choice.c.oa_id == person.oa_id,
                announcement_choice.c.user_id == person.user_id,
                announcement_choice.c.wanted.is_(True),
            )
        ).rowcount,
    }
    return counts


def forget_announcements(connection: Connection, person: Person, commune_id: str) -> dict[str, int]:
    """Take a person out of announcements and events: their seat is free again. Idempotent."""
    theirs = (event_sign_up.c.oa_id == person.oa_id) & (event_sign_up.c.user_id == person.user_id)
    seats = select(event_sign_up.c.event_id).where(theirs, event_sign_up.c.state == "in")
    connection.execute(
        update(event).where(event.c.id.in_(seats), event.c.taken > 0).values(taken=event.c.taken - 1)
    )  # fmt: skip
    named = {
        "tags": delete(resident_tag).where(
            resident_tag.c.oa_id == person.oa_id, resident_tag.c.user_id == person.user_id
        ),
        "sign_ups": delete(event_sign_up).where(theirs),
        "recipients": delete(broadcast_recipient).where(
            broadcast_recipient.c.commune_id == commune_id, broadcast_recipient.c.user_id == person.user_id
        ),
        "receipts": delete(broadcast_receipt).where(
            broadcast_receipt.c.commune_id == commune_id, broadcast_receipt.c.user_id == person.user_id
        ),
    }
    return {name: connection.execute(statement).rowcount for name, statement in named.items()}


def record_erasure(
    connection: Connection, oa_id: str, commune_id: str, receipt: str, counts: Mapping[str, int], at_ms: int
) -> None:
    """Keep the proof of an erasure: when and how much, not whose. A known receipt is left alone."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(
        upsert(erasure)
        .values(
            receipt=receipt,
            oa_id=oa_id,
            commune_id=commune_id,
            erased_ms=at_ms,
            counts=json.dumps(dict(counts), sort_keys=True),
        )
        .on_conflict_do_nothing()
    )


def find_erasure(connection: Connection, receipt: str) -> dict[str, object] | None:
    """What a receipt proves; None for one nobody was given."""
    row = connection.execute(select(erasure).where(erasure.c.receipt == receipt)).first()
    if row is None:
        return None
    return {"receipt": row.receipt, "commune": row.commune_id, "erased_ms": row.erased_ms, **json.loads(row.counts)}
