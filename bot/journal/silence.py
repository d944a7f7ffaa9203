"""While a person has a conversation the bot is silent: what of the outbox may leave, asked where sends are claimed.

The one truth is an open row of ``handover`` in state "taken" whose time is not over. It is read in the transaction
that claims, so what was claimed before a take-over is not recalled, and nothing of the bot's is claimed after it. On
PostgreSQL a take-over holds the row every claim locks first (:func:`fence`): a claim ended before it, or sees it.
While nobody has any conversation this costs a claim one look at an empty index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Connection, bindparam, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.selectable import FromClause

from bot.journal.rate import APP_SCOPE
from bot.journal.states import Lane, OutboxState, Voice
from bot.store.tables import outbox, rate_limit
from bot.store.takeover_tables import handover

TAKEN_OVER = "taken_over"
"""Why an answer of the bot was cancelled: a person has the conversation."""
_SPEAKS_ANYWAY = f"voice IN ({int(Voice.STAFF)}, {int(Voice.DANGER)})"


def fence(connection: Connection) -> None:
    """Wait for claims under way, and let none begin before this transaction ends. After every other row lock.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(insert(rate_limit).values(scope=APP_SCOPE, next_us=0).on_conflict_do_nothing())
        connection.execute(select(rate_limit.c.scope).where(rate_limit.c.scope == APP_SCOPE).with_for_update()).all()


_TAKEN = select(handover.c.oa_id, handover.c.user_id).where(
    text("handover.state = 'taken'"), handover.c.until_ms > bindparam("now_ms")
)


def taken_now(connection: Connection, now_ms: int) -> Mapping[str, Collection[str]]:
    """Residents, by OA, whose conversation a person has. A look at a small index of just these.

    A claim asks once it holds the app's rate, so the answer stands until it ends (see :func:`fence`).
    """
    found: defaultdict[str, list[str]] = defaultdict(list)
    for oa_id, user_id in connection.execute(_TAKEN, {"now_ms": now_ms}):
        found[oa_id].append(user_id)
    return found


def may_leave(user_ids: Collection[str]) -> ColumnElement[bool]:
    """Condition on a row of the outbox: it is not the bot talking to one of these residents, whom a person talks to.

    Announcements are no part of a conversation: they have a lane, quiet hours and a word of consent of their own.
    """
    if not user_ids:
        return true()
    return or_(outbox.c.lane != Lane.REPLY, text(f"outbox.{_SPEAKS_ANYWAY}"), outbox.c.user_id.not_in(user_ids))


def stands_before(earlier: FromClause, user_ids: Collection[str]) -> ColumnElement[bool]:
    """Condition on an earlier open row: the later one must wait for it. Words that leave anyway wait for what is under
    way, and not for what is held back."""
    if not user_ids:
        return true()
    return or_(
        earlier.c.state != OutboxState.READY,
        text(f"earlier.{_SPEAKS_ANYWAY}"),
        text(f"NOT outbox.{_SPEAKS_ANYWAY}"),
    )


def cancel_answers(connection: Connection, oa_id: str, user_ids: Collection[str]) -> int:
    """Cancel the bot's answers to these residents that have not left. Returns how many.

    Rows another transaction holds are left to the next claim: waiting for them here could be a deadlock.
    """
    ids = list(
        connection.execute(
            select(outbox.c.id)
            .where(
                text("outbox.state IN (0, 1, 4)"),  # as the index by resident says it, so that it is used
                outbox.c.state == OutboxState.READY,
                outbox.c.oa_id == oa_id,
                outbox.c.lane == Lane.REPLY,
                outbox.c.voice == Voice.ANSWER,
                outbox.c.user_id.in_(user_ids),
            )
            .with_for_update(skip_locked=True)
        ).scalars()
    )
    if ids:
        connection.execute(
            update(outbox).where(outbox.c.id.in_(ids)).values(state=OutboxState.CANCELLED, last_error=TAKEN_OVER)
        )
    return len(ids)
