"""Statements of the hot path that touch many rows at once, each with one parameter for all of them.

The rows travel as one JSON document: a statement whose text does not depend on how many they are is put together and
prepared once, and PostgreSQL is asked once instead of once for each row. States stand in them by number
(``bot.journal.states.OutboxState``: 1 sending, 2 sent, 5 cancelled), as the partial indexes need it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, TextClause, text

Result = tuple[int, int, int, int, str | None, int | None, str | None]
"""Id, state, due_ms, attempts given back, zalo_msg_id, sent_ms, error."""

# Who asked to be forgotten while a send was under way gets no second try of it: what was not sent is cancelled.
_RECORD = """
    UPDATE outbox SET
        state = CASE WHEN outbox.last_error = 'withdrawn' AND r.state <> 2 THEN 5 ELSE r.state END,
        last_error = CASE WHEN outbox.last_error = 'withdrawn' AND r.state <> 2 THEN 'withdrawn' ELSE r.error END,
        payload_sealed = CASE WHEN outbox.last_error = 'withdrawn' THEN NULL ELSE outbox.payload_sealed END,
        owner = NULL,
        due_ms = r.due_ms,
        attempt = outbox.attempt - r.given_back,
        zalo_msg_id = coalesce(r.zalo_msg_id, outbox.zalo_msg_id),
        sent_ms = coalesce(r.sent_ms, outbox.sent_ms)
    FROM {results} AS r
    WHERE outbox.id = r.id AND {owner} = :owner AND outbox.state = 1
    RETURNING outbox.id, outbox.state
"""
_RESULTS = {
    "sqlite": """(
        SELECT value ->> 0 AS id, value ->> 1 AS state, value ->> 2 AS due_ms, value ->> 3 AS given_back,
            value ->> 4 AS zalo_msg_id, value ->> 5 AS sent_ms, value ->> 6 AS error
        FROM json_each(:results))""",
    "postgresql": """(
        SELECT (d ->> 0)::bigint AS id, (d ->> 1)::smallint AS state, (d ->> 2)::bigint AS due_ms,
            (d ->> 3)::smallint AS given_back, d ->> 4 AS zalo_msg_id, (d ->> 5)::bigint AS sent_ms, d ->> 6 AS error
        FROM json_array_elements(CAST(:results AS json)) AS d)""",
}
# SQLite must look rows up by their number: through the index by owner each result would go through all the others.
_OWNER = {"sqlite": "+outbox.owner", "postgresql": "outbox.owner"}
_MARK = """
    UPDATE outbox SET state = 1, owner = :claimer, claimed_ms = :now, attempt = attempt + 1
    WHERE id {among}
"""
_AMONG = {
    "sqlite": "IN (SELECT value FROM json_each(:ids))",
    "postgresql": "= ANY(ARRAY(SELECT json_array_elements_text(CAST(:ids AS json))::bigint))",
}


_SPEND = """
    UPDATE rate_limit SET next_us = CAST(r.value AS bigint) FROM {moments} AS r WHERE rate_limit.scope = r.key
"""
_MOMENTS = {"sqlite": "json_each(:moments)", "postgresql": "json_each_text(CAST(:moments AS json))"}
_DIALECTS = ("sqlite", "postgresql")


def _of_both(statement: str, **parts: Mapping[str, str]) -> dict[str, TextClause]:
    """The statement in either dialect; a colon of a cast is no parameter."""
    return {
        dialect: text(statement.format(**{name: part[dialect] for name, part in parts.items()}).replace("::", r"\:\:"))
        for dialect in _DIALECTS
    }


_RECORD_OF = _of_both(_RECORD, results=_RESULTS, owner=_OWNER)
_MARK_OF = _of_both(_MARK, among=_AMONG)
_SPEND_OF = _of_both(_SPEND, moments=_MOMENTS)


def record(connection: Connection, owner: str, results: Sequence[Result]) -> dict[int, int]:
    """Write results to those rows ``owner`` still holds: the state of each by id."""
    rows = connection.execute(_RECORD_OF[connection.dialect.name], {"owner": owner, "results": json.dumps(results)})
    return {row_id: state for row_id, state in rows.all()}  # noqa: C416 - rows of SQLAlchemy are no pairs to mypy


def mark_as_sending(connection: Connection, ids: Sequence[int], owner: str, now_ms: int) -> None:
    """Make these rows, which the caller has locked, the owner's."""
    parameters = {"ids": json.dumps(ids), "claimer": owner, "now": now_ms}
    connection.execute(_MARK_OF[connection.dialect.name], parameters)


def set_next_moments(connection: Connection, moments: Mapping[str, int]) -> None:
    """Write from when on each of these rates has a place again (microseconds), by scope."""
    connection.execute(_SPEND_OF[connection.dialect.name], {"moments": json.dumps(moments)})
