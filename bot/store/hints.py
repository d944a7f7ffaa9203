"""What use teaches: taps after a wrong answer, words of "no", questions without an answer. No names beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.encryption import Vault
from bot.store.voice_tables import learning_hint

TEXT = "learning_hint.text"


@dataclass(frozen=True, slots=True)
class NewHint:
    """``kind`` is tap, not_that or fallback; ``text`` normalised and masked; topics are ids or ""."""

    key: str
    oa_id: str
    commune_id: str
    kind: str
    text: str = field(repr=False)
    wrong_topic: str
    right_topic: str
    at_ms: int


def add(connection: Connection, vault: Vault, hint: NewHint) -> None:
    """Keep a hint; a known key is left alone."""
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    connection.execute(
        upsert(learning_hint)
        .values(
            key=hint.key,
            oa_id=hint.oa_id,
            commune_id=hint.commune_id,
            kind=hint.kind[:20],
            text_sealed=vault.encrypt(hint.text, TEXT),
            wrong_topic=hint.wrong_topic[:60],
            right_topic=hint.right_topic[:60],
            hinted_ms=hint.at_ms,
        )
        .on_conflict_do_nothing()
    )


def list_hints(connection: Connection, vault: Vault, commune_id: str, from_ms: int, limit: int = 1000) -> list[NewHint]:
    """Hints of a commune since a moment, newest first."""
    rows = connection.execute(
        select(learning_hint)
        .where(learning_hint.c.commune_id == commune_id, learning_hint.c.hinted_ms >= from_ms)
        .order_by(learning_hint.c.hinted_ms.desc(), learning_hint.c.id.desc())
        .limit(limit)
    )
    return [
        NewHint(
            key=row.key,
            oa_id=row.oa_id,
            commune_id=row.commune_id,
            kind=row.kind,
            text=vault.decrypt(row.text_sealed, TEXT),
            wrong_topic=row.wrong_topic,
            right_topic=row.right_topic,
            at_ms=row.hinted_ms,
        )
        for row in rows
    ]
