"""Models learned from use: asked for, learned by one worker at a time, put in force or refused with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from bot.store.learning_tables import learned_model

ASKED, LEARNING, IN_FORCE, REFUSED, FAILED, REPLACED = "asked", "learning", "in_force", "refused", "failed", "replaced"
EVERY_COMMUNE = "*"
LEASE_MS = 30 * 60_000
"""A worker that died while it learned leaves the row; after this long another begins anew."""


@dataclass(frozen=True, slots=True)
class LearnedModel:
    """One try. ``figures`` is JSON of ``intents.learning.Comparison``, or of the error."""

    id: int
    state: str
    folder: str
    examples: int
    figures: str
    asked_by: str
    asked_ms: int
    finished_ms: int | None


def ask(connection: Connection, asked_by: str, now_ms: int) -> int:
    """Ask for a new model, unless one is asked for already. Returns its id."""
    waiting = connection.execute(select(learned_model.c.id).where(learned_model.c.state == ASKED).limit(1)).scalar()
    if waiting is not None:
        return int(waiting)
    return int(
        connection.execute(
            insert(learned_model)
            .values(commune_id=EVERY_COMMUNE, state=ASKED, asked_by=asked_by, asked_ms=now_ms)
            .returning(learned_model.c.id)
        ).scalar_one()
    )


_WAITING = select(learned_model.c.id).where(learned_model.c.state.in_((ASKED, LEARNING))).limit(1)


def claim(connection: Connection, folder: str, now_ms: int) -> int | None:
    """Take the model asked for, if no other worker is learning one. ``folder`` gets the id where it says ``{id}``."""
    if connection.execute(_WAITING).first() is None:
        return None
    connection.execute(
        update(learned_model)
        .where(learned_model.c.state == LEARNING, learned_model.c.finished_ms < now_ms - LEASE_MS)
        .values(state=ASKED, finished_ms=None)
    )
    if connection.execute(select(learned_model.c.id).where(learned_model.c.state == LEARNING)).first() is not None:
        return None
    wanted = connection.execute(
        select(learned_model.c.id).where(learned_model.c.state == ASKED).order_by(learned_model.c.id).limit(1)
    ).scalar()
    if wanted is None:
        return None
    taken = connection.execute(
        update(learned_model)
        .where(learned_model.c.id == wanted, learned_model.c.state == ASKED)
        # While it is being learned ``finished_ms`` holds when that began: the lease counts from there.
        .values(state=LEARNING, folder=folder.format(id=wanted), finished_ms=now_ms)
    )
    return int(wanted) if taken.rowcount == 1 else None


def finish(connection: Connection, model_id: int, state: str, examples: int, figures: str, now_ms: int) -> None:
    """Write what became of it. One that is put in force replaces the one before."""
    if state == IN_FORCE:
        connection.execute(update(learned_model).where(learned_model.c.state == IN_FORCE).values(state=REPLACED))
    connection.execute(
        update(learned_model)
        .where(learned_model.c.id == model_id, learned_model.c.state == LEARNING)
        .values(state=state, examples=examples, figures=figures, finished_ms=now_ms)
    )


_IN_FORCE = select(learned_model.c.folder).where(learned_model.c.state == IN_FORCE).limit(1)


def folder_in_force(connection: Connection) -> str:
    """The folder of the model in force, "" where the packaged one is."""
    return str(connection.execute(_IN_FORCE).scalar() or "")


def find(connection: Connection, model_id: int) -> LearnedModel | None:
    """One try."""
    row = connection.execute(select(learned_model).where(learned_model.c.id == model_id)).first()
    return None if row is None else _model(row)


def latest(connection: Connection, limit: int = 20) -> list[LearnedModel]:
    """The last tries, newest first."""
    rows = connection.execute(select(learned_model).order_by(learned_model.c.id.desc()).limit(limit))
    return [_model(row) for row in rows]


def _model(row: Row[Any]) -> LearnedModel:
    return LearnedModel(
        id=row.id,
        state=row.state,
        folder=row.folder,
        examples=row.examples,
        figures=row.figures,
        asked_by=row.asked_by,
        asked_ms=row.asked_ms,
        finished_ms=row.finished_ms,
    )
