"""Slows guessing down. What is slowed is always a pair of account and address, an address, or an account on a device
that was signed in before: a stranger who guesses wrongly a thousand times does not shut the owner out.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.store.staff_tables import sign_in_throttle

FORGIVEN_AFTER_MS = 60 * 60_000
LONGEST_WAIT_MS = 15 * 60_000
_FIRST_WAIT_MS = 2_000


def wait_after(failures: int, free: int) -> int:
    """How long nothing is tried after that many failures in a row, in ms: nothing for the first ``free``, then twice
    as long each time, a quarter of an hour at most."""
    over = failures - free
    return 0 if over <= 0 else min(_FIRST_WAIT_MS * 2 ** min(over - 1, 12), LONGEST_WAIT_MS)


def waits_until(connection: Connection, scopes: Sequence[str]) -> int:
    """Until when these scopes must wait, ms; 0: they need not."""
    statement = select(func.max(sign_in_throttle.c.wait_until_ms)).where(sign_in_throttle.c.scope.in_(scopes))
    return connection.execute(statement).scalar() or 0


def note_failure(connection: Connection, scope: str, commune_id: str | None, free: int, now_ms: int) -> None:
    """One more failure of a scope; the count starts anew an hour after the last."""
    row = connection.execute(
        select(sign_in_throttle.c.failures, sign_in_throttle.c.changed_ms)
        .where(sign_in_throttle.c.scope == scope)
        .with_for_update()
    ).first()
    failures = 1 if row is None or now_ms - row.changed_ms > FORGIVEN_AFTER_MS else row.failures + 1
    values = {
        "commune_id": commune_id,
        "failures": failures,
        "wait_until_ms": now_ms + wait_after(failures, free),
        "changed_ms": now_ms,
    }
    upsert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = upsert(sign_in_throttle).values(scope=scope, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["scope"], set_=values))


def forgive(connection: Connection, scopes: Sequence[str]) -> None:
    """They came in."""
    connection.execute(delete(sign_in_throttle).where(sign_in_throttle.c.scope.in_(scopes)))


def forget_old(connection: Connection, changed_before_ms: int) -> None:
    """Rows that mean nothing any more."""
    connection.execute(delete(sign_in_throttle).where(sign_in_throttle.c.changed_ms < changed_before_ms))


def take_back(connection: Connection, scope: str) -> None:
    """The try that was counted was a good one."""
    connection.execute(
        update(sign_in_throttle)
        .where(sign_in_throttle.c.scope == scope, sign_in_throttle.c.failures > 0)
        .values(failures=sign_in_throttle.c.failures - 1, wait_until_ms=0)
    )
