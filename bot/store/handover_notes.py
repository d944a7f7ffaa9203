"""What officials note to each other beside a conversation. There is no way from here to a resident."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, insert, select

from bot.encryption import Vault
from bot.masking import masked
from bot.store.learning_tables import handover_note
from bot.store.takeover_tables import handover

TEXT = "handover_note.text"


@dataclass(frozen=True, slots=True)
class Note:
    """One note."""

    author: str
    text: str = field(repr=False)
    at_ms: int


def add(
    connection: Connection, vault: Vault, commune_id: str, handover_id: int, author: str, text: str, at_ms: int
) -> None:
    """Keep a note, identifying numbers covered."""
    connection.execute(
        insert(handover_note).values(
            commune_id=commune_id,
            handover_id=handover_id,
            author=author,
            text_sealed=vault.encrypt(masked(text), TEXT),
            at_ms=at_ms,
        )
    )


def notes_of(connection: Connection, vault: Vault, handover_id: int, limit: int = 100) -> list[Note]:
    """The notes beside a conversation, oldest first."""
    rows = connection.execute(
        select(handover_note)
        .where(handover_note.c.handover_id == handover_id)
        .order_by(handover_note.c.id)
        .limit(limit)
    )
    return [Note(row.author, vault.decrypt(row.text_sealed, TEXT), row.at_ms) for row in rows]


def erase(connection: Connection, oa_id: str, user_id: str) -> int:
    """Drop the notes beside a person's conversations. Before the conversations themselves. Returns how many."""
    theirs = select(handover.c.id).where(handover.c.oa_id == oa_id, handover.c.user_id == user_id)
    return connection.execute(delete(handover_note).where(handover_note.c.handover_id.in_(theirs))).rowcount
