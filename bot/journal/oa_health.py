"""Whether an OA is really talking: health is what happened, not what is configured."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from bot.journal.states import OutboxState
from bot.store.tables import inbox, outbox

LOOKED_BACK = 20_000
"""Rows of the newest looked through: an OA that was silent for longer shows nothing, and no look takes long."""


@dataclass(frozen=True, slots=True)
class OaHealth:
    """Moments in ms, None where nothing was seen; ``failed`` counts sends given up lately."""

    received_ms: int | None
    sent_ms: int | None
    failed: int


def health_of(connection: Connection, oa_id: str) -> OaHealth:
    """The last event and the last send that Zalo took."""
    newest_in = select(func.max(inbox.c.id) - LOOKED_BACK).scalar_subquery()
    newest_out = select(func.max(outbox.c.id) - LOOKED_BACK).scalar_subquery()
    received = connection.execute(
        select(func.max(inbox.c.received_ms)).where(inbox.c.id > newest_in, inbox.c.oa_id == oa_id)
    ).scalar()
    recent = (outbox.c.id > newest_out) & (outbox.c.oa_id == oa_id)
    sent = connection.execute(select(func.max(outbox.c.sent_ms)).where(recent)).scalar()
    failed = connection.execute(
        select(func.count()).select_from(outbox).where(recent, outbox.c.state == OutboxState.DEAD)
    ).scalar_one()
    return OaHealth(received, sent, int(failed))
