"""The replies of one resident leave in order, whatever two workers do and whatever becomes of single sends."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig import OTHER_OA, OUR_OA, Rig
from sqlalchemy import text

from bot.journal import outbox
from bot.journal.outbox import ClaimedSend, SendResult
from bot.journal.states import Lane, OutboxState

OPEN = {OutboxState.READY, OutboxState.SENDING, OutboxState.IN_DOUBT}
RESULTS = (
    SendResult(0, OutboxState.SENT),
    SendResult(0, OutboxState.READY),
    SendResult(0, OutboxState.READY, due_ms=30_000),
    SendResult(0, OutboxState.IN_DOUBT),
    SendResult(0, OutboxState.DEAD),
)


def _check_turns(rig: Rig, claimed: list[ClaimedSend]) -> None:
    """No row was claimable while an earlier one of its resident and lane was open."""
    rows = {row.id: row for row in rig.rows()}
    for send in claimed:
        mine = rows[send.id]
        for row in rows.values():
            same = (row.oa_id, row.user_id, row.lane) == (mine.oa_id, mine.user_id, mine.lane)
            assert not (same and row.id < mine.id and row.state in OPEN), f"{mine.key} overtook {row.key}"


@settings(max_examples=30)
@given(seed=st.integers(0, 10**9))
def test_replies_of_one_resident_leave_in_order(seed: int, session_rig: Rig) -> None:
    rig, dice = session_rig, random.Random(seed)
    with rig.database.write() as connection:
        for table in ("outbox", "rate_limit"):
            connection.execute(text(f"DELETE FROM {table}"))
    left: defaultdict[tuple[str, str, int], list[int]] = defaultdict(list)
    held: dict[str, list[ClaimedSend]] = {"0000000a": [], "0000000b": []}
    for _ in range(40):
        act, owner = dice.choice(["owe", "owe", "claim", "finish", "finish", "settle", "wait"]), dice.choice([*held])
        if act == "owe":
            rig.owe(
                rig.new_send(
                    oa_id=dice.choice([OUR_OA, OTHER_OA]),
                    user_id=dice.choice("xy"),
                    lane=dice.choice([Lane.REPLY, Lane.REPLY, Lane.BROADCAST]),
                )
            )
        elif act == "claim":
            claimed = rig.claim_sends(owner, dice.randint(1, 4))
            _check_turns(rig, claimed)
            held[owner] += claimed
        elif act == "finish" and held[owner]:
            send = held[owner].pop(dice.randrange(len(held[owner])))
            result = dice.choice(RESULTS)
            due = rig.clock.now_ms() + result.due_ms
            with rig.database.write() as connection:
                outbox.record(connection, owner, [SendResult(send.id, result.state, due_ms=due)])
            if result.state is OutboxState.SENT:
                row = next(row for row in rig.rows() if row.id == send.id)
                left[row.oa_id, row.user_id, row.lane].append(row.id)
        elif act == "settle":
            with rig.database.write() as connection:
                connection.execute(
                    text("UPDATE outbox SET state = :state WHERE state = 4"), {"state": dice.choice([0, 2])}
                )
        else:
            rig.clock.pass_ms(60_000)
    for ids in left.values():
        assert ids == sorted(ids)


@pytest.fixture(scope="module")
def session_rig(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rig:
    """One install for all examples of the property."""
    import shutil

    from bot.store.database import Database

    target = tmp_path_factory.mktemp("order") / "hoixa.sqlite3"
    shutil.copyfile(request.getfixturevalue("migrated_sqlite"), target)
    rig = Rig(Database(f"sqlite:///{target}"))
    request.addfinalizer(rig.database.close)
    for oa_id in (OUR_OA, OTHER_OA):
        rig.connect_oa(oa_id)
    return rig


@pytest.mark.parametrize("state", [OutboxState.SENDING, OutboxState.IN_DOUBT, OutboxState.READY])
def test_a_later_reply_waits_for_an_open_one(state: OutboxState, rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send("first"))
    rig.change("outbox", state=state, due_ms=rig.clock.now_ms() + 60_000, owner="0000000b")
    rig.owe(rig.new_send("second"), rig.new_send("to another", user_id="another"))
    assert [send.user_id for send in rig.claim_sends()] == ["another"]


@pytest.mark.parametrize("state", [OutboxState.SENT, OutboxState.DEAD, OutboxState.CANCELLED, OutboxState.UNKNOWN])
def test_a_closed_reply_holds_up_nobody(state: OutboxState, rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send("first"))
    rig.change("outbox", state=state)
    rig.owe(rig.new_send("second"))
    assert len(rig.claim_sends()) == 1


def test_a_waiting_announcement_never_holds_up_an_answer(rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send("announcement", lane=Lane.BROADCAST, broadcast_id=1))
    rig.change("outbox", due_ms=rig.clock.now_ms() + 3_600_000)
    rig.owe(rig.new_send("answer"))
    assert [send.key for send in rig.claim_sends()] == [rig.rows()[1].key]


def test_answers_leave_before_announcements(rig: Rig) -> None:
    rig.connect_oa()
    for number in range(3):
        rig.owe(rig.new_send(lane=Lane.BROADCAST, user_id=f"reader {number}", key=f"announcement {number}"))
    rig.clock.pass_ms(5)
    for number in range(2):
        rig.owe(rig.new_send(user_id=f"asker {number}", key=f"answer {number}"))
    assert [send.key for send in rig.claim_sends(limit=3)] == ["answer 0", "answer 1", "announcement 0"]
