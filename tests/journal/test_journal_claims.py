"""What is claimed, by whom, and what becomes of the claims of the dead."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import pytest
from rig import OTHER_OA, OUR_OA, Rig
from sqlalchemy import select, text

from bot.journal import outbox, recovery
from bot.journal.liveness import Liveness, new_owner
from bot.journal.outbox import SendResult
from bot.journal.states import LEASE_MS, InboxState, OutboxState
from bot.store import accounts, tables
from bot.store.residents import ResidentChange
from bot.store.residents import apply as apply_residents


def test_owners_are_random_although_a_library_seeds_the_dice() -> None:
    owners = set()
    for _ in range(5):
        random.seed(0)
        owners.add(new_owner())
    assert len(owners) == 5
    assert all(0 <= int(owner, 16) < 2**31 and len(owner) == 8 for owner in owners)


def test_a_key_is_owed_once(rig: Rig) -> None:
    first = rig.new_send("first", key="in:1:0")
    rig.owe(first)
    rig.owe(rig.new_send("second", key="in:1:0"), rig.new_send("third", key="in:1:1"))
    assert [row.key for row in rig.rows()] == ["in:1:0", "in:1:1"]
    assert rig.rows()[0].payload_sealed == first.payload_sealed


def test_only_what_is_due(rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send())
    rig.change("outbox", due_ms=rig.clock.now_ms() + 1)
    assert rig.claim_sends() == []
    rig.clock.pass_ms(1)
    (claimed,) = rig.claim_sends("0000000b")
    row = rig.row()
    assert (row.state, row.owner, row.claimed_ms, row.attempt) == (
        OutboxState.SENDING, "0000000b", rig.clock.now_ms(), 1,
    )  # fmt: skip
    assert claimed.attempt == 1
    assert rig.claim_sends() == []


@pytest.mark.parametrize(
    "prepare",
    [
        lambda connection, now: accounts.pause(connection, OUR_OA, now + 1, "zalo-204"),
        lambda connection, now: accounts.lease_refresh(connection, OUR_OA, "someone", now + 1),
        lambda connection, now: accounts.note_refresh_failure(connection, OUR_OA, "x", retry_ms=0, needs_grant=True),
        lambda connection, now: connection.execute(text("DELETE FROM oa_token WHERE oa_id = :oa"), {"oa": OUR_OA}),
    ],
    ids=["paused", "token being refreshed", "needs a grant", "no token"],
)
def test_an_oa_that_may_not_send_waits_and_others_go_on(prepare: Callable[..., object], rig: Rig) -> None:
    for oa_id in (OUR_OA, OTHER_OA):
        rig.connect_oa(oa_id)
        rig.owe(rig.new_send(oa_id=oa_id))
    with rig.database.write() as connection:
        prepare(connection, rig.clock.now_ms())
    assert [send.oa_id for send in rig.claim_sends()] == [OTHER_OA]
    assert [row.state for row in rig.rows()] == [OutboxState.READY, OutboxState.SENDING]


def test_a_claim_brings_what_the_sender_must_know(rig: Rig) -> None:
    rig.connect_oa()
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        accounts.remember_plain_text(connection, OUR_OA, now)
        apply_residents(
            connection,
            [
                ResidentChange(OUR_OA, "known", now, interaction_ms=now - 5),
                ResidentChange(OTHER_OA, "unknown", now, interaction_ms=now - 7),
            ],
        )
        connection.execute(text("UPDATE resident SET stopped_reason = 'zalo-230' WHERE user_id = 'known'"))
    rig.owe(rig.new_send(user_id="known"), rig.new_send(user_id="unknown"))
    known, unknown = rig.claim_sends()
    assert (known.plain, known.last_interaction_ms, known.stopped_reason) == (True, now - 5, "zalo-230")
    assert (unknown.last_interaction_ms, unknown.stopped_reason) == (None, None), "known at another OA only"


def test_results_are_written_by_the_holder_only(rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send())
    (claimed,) = rig.claim_sends("0000000a")
    sent = SendResult(claimed.id, OutboxState.SENT, zalo_msg_id="zalo", sent_ms=9)
    with rig.database.write() as connection:
        outbox.record(connection, "0000000b", [sent])
    assert rig.row().state == OutboxState.SENDING
    with rig.database.write() as connection:
        outbox.record(connection, "0000000a", [sent])
        outbox.record(connection, "0000000a", [SendResult(claimed.id, OutboxState.READY)])
    row = rig.row()
    assert (row.state, row.owner, row.zalo_msg_id, row.sent_ms, row.attempt) == (OutboxState.SENT, None, "zalo", 9, 1)


def test_an_attempt_that_does_not_burn_is_given_back(rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send())
    for _ in range(3):
        (claimed,) = rig.claim_sends()
        with rig.database.write() as connection:
            outbox.record(connection, "0000000a", [SendResult(claimed.id, OutboxState.READY, burns=False)])
    assert rig.row().attempt == 0


def test_two_workers_never_send_the_same_reply(rig: Rig) -> None:
    for oa_id in (OUR_OA, OTHER_OA):
        rig.connect_oa(oa_id)
    rig.owe(
        *(
            rig.new_send(user_id=f"resident {number % 40}", oa_id=(OUR_OA, OTHER_OA)[number % 2])
            for number in range(160)
        )
    )
    taken: dict[str, list[int]] = {"0000000a": [], "0000000b": []}
    databases = {owner: rig.another_database() for owner in taken}

    def work(owner: str) -> None:
        while True:
            with databases[owner].write() as connection:
                claim = outbox.claim(connection, rig.limiter, owner, rig.clock.now_ms(), 10)
                results = [SendResult(send.id, OutboxState.SENT) for send in claim.sends]
                outbox.record(connection, owner, results)
                left = connection.execute(text("SELECT count(*) FROM outbox WHERE state IN (0, 1)")).scalar_one()
            taken[owner] += [send.id for send in claim.sends]
            if not left:
                return

    threads = [threading.Thread(target=work, args=(owner,)) for owner in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases.values():
        database.close()
    assert sorted(taken["0000000a"] + taken["0000000b"]) == list(range(1, 161))


def _recover(rig: Rig, mine: Liveness) -> tuple[int, int]:
    with rig.database.write() as connection:
        return recovery.recover(connection, mine, rig.clock.now_ms())


def test_the_dead_lose_their_claims_at_once_and_the_living_keep_theirs(rig: Rig) -> None:
    rig.connect_oa()
    rig.receive(rig.event("a", sender="a"), rig.event("b", sender="b"), rig.event("c", sender="c"))
    rig.owe(*(rig.new_send(user_id=user) for user in "abc"))
    other = rig.another_database()
    with Liveness(rig.database, rig.clock, "worker") as mine, Liveness(other, rig.clock, "worker") as living:
        for owner in (mine.owner, living.owner, "7ffffffe"):
            assert len(rig.claim_events(owner, 1)) == 1
            assert len(rig.claim_sends(owner, 1)) == 1
        assert _recover(rig, mine) == (1, 1)
        assert [(row.state, row.owner) for row in rig.rows("inbox")] == [
            (InboxState.CLAIMED, mine.owner), (InboxState.CLAIMED, living.owner), (InboxState.NEW, None),
        ]  # fmt: skip
        assert [(row.state, row.owner) for row in rig.rows()] == [
            (OutboxState.SENDING, mine.owner), (OutboxState.SENDING, living.owner), (OutboxState.IN_DOUBT, None),
        ]  # fmt: skip
        assert rig.rows()[2].due_ms == rig.clock.now_ms() + recovery.SETTLE_AFTER_MS
        assert rig.rows()[2].attempt == 1, "the attempt was made, for all we know"
        assert _recover(rig, mine) == (0, 0)
    other.close()


def test_who_has_left_is_dead_to_the_others(rig: Rig) -> None:
    rig.receive(rig.event())
    other = rig.another_database()
    with Liveness(rig.database, rig.clock, "worker") as mine:
        with Liveness(other, rig.clock, "worker") as leaving:
            rig.claim_events(leaving.owner)
            assert {row.owner for row in rig.rows("process")} == {mine.owner, leaving.owner}
            assert _recover(rig, mine) == (0, 0)
        assert _recover(rig, mine) == (1, 0)
        assert rig.row("process").owner == mine.owner
    assert rig.rows("process") == []
    other.close()


def test_a_claim_past_its_lease_is_taken_back_from_the_living_too(rig: Rig) -> None:
    rig.connect_oa()
    rig.receive(rig.event())
    rig.owe(rig.new_send())
    with Liveness(rig.database, rig.clock, "worker") as mine:
        rig.claim_events(mine.owner)
        rig.claim_sends(mine.owner)
        rig.clock.pass_ms(LEASE_MS)
        assert _recover(rig, mine) == (0, 0)
        rig.clock.pass_ms(1)
        assert _recover(rig, mine) == (1, 1)
    assert (rig.row("inbox").state, rig.row().state) == (InboxState.NEW, OutboxState.IN_DOUBT)


def test_the_rows_of_the_dead_are_swept_from_the_list_of_processes(rig: Rig) -> None:
    rig.put("process", owner="7ffffffe", kind="worker", host="here", pid=1, started_ms=1, beat_ms=1)
    with Liveness(rig.database, rig.clock, "worker") as mine:
        with rig.database.write() as connection:
            mine.keep_up(connection)
        assert [row.owner for row in rig.rows("process")] == [mine.owner]
        rig.clock.pass_ms(10_000)
        with rig.database.write() as connection:
            mine.keep_up(connection)
        assert rig.row("process").beat_ms == rig.clock.now_ms()


def test_a_sign_of_life_that_was_cut_is_noticed(rig: Rig) -> None:
    with Liveness(rig.database, rig.clock, "worker") as mine:
        assert mine.still_ours()
        if rig.database.is_sqlite:
            return  # the kernel holds it as long as the process lives
        other = rig.another_database()
        with other.write() as connection:
            connection.execute(
                text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :owner"),
                {"owner": int(mine.owner, 16)},
            )
        assert not mine.still_ours()
        other.close()


def test_a_sign_of_life_that_cannot_be_written_is_given_up(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that fails at its start must not seem alive, nor leave a connection open."""
    failing = Liveness(rig.database, rig.clock, "worker")
    with Liveness(rig.database, rig.clock, "worker") as mine:
        with monkeypatch.context() as patch:
            patch.setattr(rig.database, "write", fail_to_write)
            with pytest.raises(OSError, match="disk full"):
                failing.__enter__()

        with rig.database.read() as connection:
            assert mine.dead_among(connection, {failing.owner}) == {failing.owner}


def fail_to_write() -> None:
    raise OSError("disk full")


def test_the_forgotten_get_nothing_more(rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send("sent before"))
    (sent,) = rig.claim_sends()
    with rig.database.write() as connection:
        outbox.record(connection, "0000000a", [SendResult(sent.id, OutboxState.SENT)])
    rig.owe(rig.new_send("leaving now"), rig.new_send("waiting"), rig.new_send("another's", user_id="another"))
    rig.in_doubt("in doubt")
    (leaving,) = rig.claim_sends(limit=1)
    with rig.database.write() as connection:
        outbox.cancel_for_resident(connection, OUR_OA, sent.user_id)
    states = [(row.state, row.payload_sealed is None) for row in rig.rows()]
    assert states == [
        (OutboxState.SENT, True),
        (OutboxState.SENDING, False),
        (OutboxState.CANCELLED, True),
        (OutboxState.READY, False),
        (OutboxState.CANCELLED, True),
    ]
    with rig.database.write() as connection:
        outbox.record(connection, "0000000a", [SendResult(leaving.id, OutboxState.READY)])
        rows = connection.execute(select(tables.outbox.c.state).where(tables.outbox.c.id == leaving.id)).scalar_one()
    assert rows == OutboxState.CANCELLED, "one that was leaving is not sent again"
    assert rig.rows()[1].payload_sealed is None


def test_the_dead_get_a_new_start_on_an_operators_word(rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send(user_id="a"), rig.new_send(user_id="b"))
    rig.change("outbox", state=OutboxState.DEAD, attempt=8, last_error="zalo-200")
    with rig.database.write() as connection:
        connection.execute(text("UPDATE outbox SET payload_sealed = NULL WHERE user_id = 'b'"))
        assert outbox.requeue_dead(connection, rig.clock.now_ms()) == 1
    assert [(row.state, row.attempt) for row in rig.rows()] == [(OutboxState.READY, 0), (OutboxState.DEAD, 8)]
    assert len(rig.claim_sends()) == 1
