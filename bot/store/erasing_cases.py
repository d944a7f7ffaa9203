"""Making a person's cases anonymous: the fact stays for the commune's figures, who it was does not.

A case still open keeps its words and place, for somebody must mend the lamp; they go when it is closed
(:func:`forget_closed`). An initiative the commune has recognised keeps what it proposes, as the commune's own record,
without its author.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from bot.cases.lifecycle import lifecycle
from bot.encryption import Vault
from bot.people import Person
from bot.store import cases, initiative_work
from bot.store.case_records import GIST, WORDS, CaseWords, seal, unseal
from bot.store.case_tables import case_event, case_file, case_person

PUBLIC_RECORD = frozenset({"recognised", "scaled"})
"""States in which an initiative's proposal is the commune's record."""
THEIR_EVENTS = ("filed", "added", "reopened", "joined", "supported")
FORGOTTEN = "withdrawn"
"""Stands as the user of a case whose sender is forgotten while it is open, until :func:`forget_closed` blanks it."""


def anonymise(connection: Connection, vault: Vault, person: Person) -> dict[str, int]:
    """Take a person out of all cases. Returns how many of their own and of others' they were in. Idempotent."""
    own = (case_file.c.oa_id == person.oa_id) & (case_file.c.user_id == person.user_id)
    joined = (case_person.c.oa_id == person.oa_id) & (case_person.c.user_id == person.user_id)
    rows = connection.execute(
        select(case_file.c.id, case_file.c.code, case_file.c.kind, case_file.c.state, case_file.c.merged_into).where(
            own
        )
    ).all()
    for row in rows:
        closed = bool(row.merged_into) or row.state not in lifecycle(row.kind).open_states
        connection.execute(
            update(case_file)
            .where(case_file.c.id == row.id)
            .values(user_id="" if closed else FORGOTTEN, contact_sealed=None, anonymous=True)
        )
        if closed:
            _blank(connection, vault, row.id, row.state)
    initiative_work.forget_stories(connection, [row.code for row in rows])
    seats = connection.execute(select(case_person).where(joined)).all()
    ids = {row.id for row in rows}
    # Their own words stand in the timelines of others' cases too; in their own open ones they stay until it is closed.
    connection.execute(
        update(case_event)
        .where(case_event.c.person_digest == cases.person_digest(vault, person), case_event.c.case_id.not_in(ids))
        .values(public_sealed=None, internal_sealed=None, person_digest=None)
    )
    connection.execute(delete(case_person).where(joined))
    return {"cases": len(rows), "joined_cases": len({seat.case_id for seat in seats} - ids)}


def forget_closed(connection: Connection, vault: Vault, limit: int = 100) -> int:
    """Blank cases that were closed since their sender was forgotten. Idempotent. Returns how many."""
    rows = connection.execute(
        select(case_file.c.id, case_file.c.state)
        .where(case_file.c.user_id == FORGOTTEN, _closed())
        .order_by(case_file.c.id)
        .limit(limit)
    ).all()
    for row in rows:
        connection.execute(update(case_file).where(case_file.c.id == row.id).values(user_id=""))
        _blank(connection, vault, row.id, row.state)
    return len(rows)


def _closed() -> ColumnElement[bool]:
    """A merged case counts as closed: it never moves again, and what it went into says what is to be mended."""
    kinds = [
        and_(case_file.c.kind == kind, case_file.c.state.not_in(lifecycle(kind).open_states))
        for kind in ("report", "initiative")
    ]
    return or_(case_file.c.merged_into != "", *kinds)


def _blank(connection: Connection, vault: Vault, case_id: int, state: str) -> None:
    """Take the sender's words off a closed case; of a recognised initiative only what names its authors."""
    values: dict[str, Any] = {"place_sealed": None, "contact_sealed": None}
    if state in PUBLIC_RECORD:
        sealed = connection.execute(select(case_file.c.words_sealed).where(case_file.c.id == case_id)).scalar()
        words = unseal(vault, sealed, WORDS, CaseWords) or CaseWords()
        kept = CaseWords(title=words.title, problem=words.problem, proposal=words.proposal, benefit=words.benefit)
        values["words_sealed"] = seal(vault, kept, WORDS)
    else:
        values |= {"gist_sealed": vault.encrypt("", GIST), "words_sealed": seal(vault, CaseWords(), WORDS)}
    connection.execute(update(case_file).where(case_file.c.id == case_id).values(**values))
    others = select(func.count()).where(case_person.c.case_id == case_id).scalar_subquery()
    connection.execute(
        update(case_event)
        .where(
            case_event.c.case_id == case_id,
            case_event.c.by == "",
            case_event.c.kind.in_(THEIR_EVENTS),
            or_(case_event.c.kind != "joined", others == 0),
        )
        .values(public_sealed=None, internal_sealed=None)
    )
