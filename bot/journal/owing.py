"""Which OAs owe something, and which of them may send now: asked at every claim, so each is a few index seeks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select, text

from bot.store.tables import oa, oa_token

# One index seek for each OA that owes something, instead of a scan of all that is owed.
_OAS_THAT_OWE = text(
    """
    WITH RECURSIVE owing(oa_id) AS (
        SELECT min(oa_id) FROM outbox WHERE state = 0 AND broadcast_id IS NULL
        UNION ALL
        SELECT (SELECT min(outbox.oa_id) FROM outbox
                WHERE outbox.state = 0 AND outbox.broadcast_id IS NULL AND outbox.oa_id > owing.oa_id)
        FROM owing WHERE owing.oa_id IS NOT NULL
    )
    SELECT oa_id FROM owing WHERE oa_id IS NOT NULL
    """
)


def oas_that_owe(connection: Connection) -> list[str]:
    """OAs with at least one row READY, due or not, that belongs to no announcement."""
    return list(connection.execute(_OAS_THAT_OWE).scalars())


# Statements of the hot path are built once: SQLAlchemy spends more time putting one together than SQLite running it.
_SENDABLE = (
    select(oa.c.oa_id, oa.c.plain_text_since_ms)
    .join(oa_token, oa_token.c.oa_id == oa.c.oa_id)
    .where(
        oa.c.oa_id.in_(bindparam("oa_ids", expanding=True)),
        oa.c.paused_until_ms <= bindparam("now"),
        oa_token.c.needs_grant.is_(False),
        oa_token.c.lease_until_ms <= bindparam("now"),  # the pair is being refreshed: the old token is dying
    )
)


def sendable_oas(connection: Connection, oa_ids: Sequence[str], now_ms: int) -> dict[str, bool]:
    """Those of ``oa_ids`` that may send now (connected, token good, not paused), with "plain text only"."""
    rows = connection.execute(_SENDABLE, {"oa_ids": list(oa_ids), "now": now_ms})
    return {oa_id: plain_since is not None for oa_id, plain_since in rows}
