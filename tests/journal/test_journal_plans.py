"""What is asked of the database many times a second walks no table, and idles when nothing can be done."""

from __future__ import annotations

import pytest
from rig import OUR_OA, Rig
from sqlalchemy import Connection, event

from bot.journal import batches, doubt, inbox, outbox, recovery
from bot.journal.liveness import Liveness
from bot.journal.outbox import SendResult
from bot.journal.rate import RateLimiter
from bot.journal.states import OutboxState
from bot.store import residents
from bot.store.residents import ResidentChange

MAY_BE_WALKED = {"oa", "oa_token", "process", "rate_limit", "owing", "alembic_version"}
"""Small for ever: a row for each OA or process, or none but what the query itself made."""


def _plans(rig: Rig, connection: Connection, statements: list[tuple[str, object]]) -> list[str]:
    steps = []
    for statement, parameters in statements:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE")):
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[arg-type]
            steps += [row[3] for row in rows]
    return steps


def test_no_round_of_the_worker_walks_a_growing_table(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    rig.connect_oa()
    rig.receive(rig.event())
    rig.owe(rig.new_send())
    rig.in_doubt(user_id="another")
    with rig.database.write() as connection:
        residents.apply(connection, [ResidentChange(OUR_OA, rig.rows()[0].user_id, 1, interaction_ms=1)])
    statements: list[tuple[str, object]] = []
    with Liveness(rig.database, rig.clock, "worker") as mine:

        @event.listens_for(rig.database.writer, "before_cursor_execute")
        def note(_c: object, _u: object, statement: str, parameters: object, _x: object, _many: bool) -> None:
            statements.append((statement, parameters))

        with rig.database.write() as connection:
            recovery.recover(connection, mine, rig.clock.now_ms())
            inbox.anything_new(connection)
            messages = inbox.claim(connection, mine.owner, rig.clock.now_ms())
            residents.load(connection, [(one.oa_id, one.user_id) for one in messages])
            sends = outbox.claim(connection, rig.limiter, mine.owner, rig.clock.now_ms(), 64).sends
            (one,) = doubt.claim(connection, rig.clock.now_ms(), 16)
            doubt.match_echo(connection, one)
        event.remove(rig.database.writer, "before_cursor_execute", note)
        assert messages
        assert sends
    with rig.database.read() as connection:
        steps = _plans(rig, connection, statements)
    walked = [
        step
        for step in steps
        # A virtual table is the list a statement brings along.
        if step.startswith("SCAN ") and not any(kind in step for kind in ("USING", "CONSTANT", "VIRTUAL TABLE"))
    ]
    growing = [step for step in walked if step.split()[1] not in MAY_BE_WALKED and "(subquery" not in step]
    assert growing == []
    assert any("ix_outbox_ready" in step for step in steps)
    assert any("ix_inbox_turn" in step for step in steps)


def test_results_find_their_rows_by_number(sqlite_rig: Rig) -> None:
    """Through the index by owner each result would go through all the others: 48 times 48 rows a round."""
    rig = sqlite_rig
    rig.connect_oa()
    rig.owe(rig.new_send())
    statements: list[tuple[str, object]] = []

    @event.listens_for(rig.database.writer, "before_cursor_execute")
    def note(_c: object, _u: object, statement: str, parameters: object, _x: object, _many: bool) -> None:
        statements.append((statement, parameters))

    with rig.database.write() as connection:
        (send,) = outbox.claim(connection, rig.limiter, "0000000a", rig.clock.now_ms(), 64).sends
        batches.mark_as_sending(connection, [send.id], "0000000a", rig.clock.now_ms())
        states = outbox.record(connection, "0000000a", [SendResult(send.id, OutboxState.SENT)])
    event.remove(rig.database.writer, "before_cursor_execute", note)
    assert states == {send.id: OutboxState.SENT}
    asked = [one for one in statements if "json_each" in one[0] and "outbox SET" in one[0]]
    assert len(asked) == 2
    with rig.database.read() as connection:
        for one in asked:
            found = [step for step in _plans(rig, connection, [one]) if step.startswith("SEARCH outbox")]
            assert found == ["SEARCH outbox USING INTEGER PRIMARY KEY (rowid=?)"]


@pytest.mark.parametrize("limit", [1, 20])
def test_what_waits_for_its_time_does_not_keep_the_worker_awake(limit: int, sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    rig.connect_oa()
    limiter = RateLimiter(limit, 60)
    rig.owe(rig.new_send(), rig.new_send(user_id="another"))
    rig.change("outbox", due_ms=rig.clock.now_ms() + 300_000)
    with rig.database.write() as connection:
        claim = outbox.claim(connection, limiter, "0000000a", rig.clock.now_ms(), 64)
    assert (claim.sends, claim.rate_held) == ([], False)
    rig.clock.pass_ms(300_000)
    rig.owe(*(rig.new_send(user_id=f"resident {number}") for number in range(40)))
    with rig.database.write() as connection:
        claim = outbox.claim(connection, limiter, "0000000a", rig.clock.now_ms(), 64)
    assert claim.sends
    assert claim.rate_held, "more is due than the rate lets go: look again soon"
