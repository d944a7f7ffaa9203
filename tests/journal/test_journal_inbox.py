"""Each event once, however often it comes and however many bring it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from rig import OTHER_OA, RESIDENT, Rig, wait_until
from sqlalchemy import text

from bot.journal import inbox
from bot.journal import writer as writer_module
from bot.journal.inbox import EchoRow
from bot.journal.states import InboxState
from bot.journal.writer import InboxWriter


def test_five_copies_at_once_are_one_row(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from five web processes: each has connections and a writer of its own."""
    monkeypatch.setattr(writer_module, "WAIT_SECONDS", 30)  # a busy machine is no fault of the journal
    databases = [rig.another_database() for _ in range(5)]
    writers = [InboxWriter(database) for database in databases]
    event = rig.event("the same")
    barrier = threading.Barrier(5)

    def bring(writer: InboxWriter) -> None:
        barrier.wait()
        writer.store(event)

    threads = [threading.Thread(target=bring, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for writer, database in zip(writers, databases, strict=True):
        writer.close()
        database.close()
    assert rig.row("inbox").msg_id == "the same"


@pytest.mark.parametrize(
    "difference", [{"event": "user_received_message"}, {"sender": "another"}, {"oa_id": OTHER_OA}, {"msg_id": "other"}]
)
def test_the_same_message_id_elsewhere_is_another_event(difference: dict[str, str], rig: Rig) -> None:
    event = rig.event("m1")
    rig.receive(event, replace(event, **difference), event)
    assert len(rig.rows("inbox")) == 2


def test_a_copy_that_comes_late_changes_nothing(rig: Rig) -> None:
    event = rig.event("m1")
    rig.receive(event)
    (claimed,) = rig.claim_events()
    with rig.database.write() as connection:
        inbox.finish(connection, "0000000a", [claimed.id])
    done = rig.row("inbox")
    assert (done.state, done.body_sealed, done.owner) == (InboxState.DONE, None, None)
    rig.clock.pass_ms(3_600_000)
    rig.receive(rig.event("m1"))
    assert rig.row("inbox") == done


def test_events_with_nothing_to_do_are_remembered_and_never_claimed(rig: Rig) -> None:
    rig.receive(rig.event("seen", body_sealed=None))
    assert rig.row("inbox").state == InboxState.DONE
    with rig.database.read() as connection:
        assert not inbox.anything_new(connection)
    assert rig.claim_events() == []


def test_an_echo_is_kept_once_for_settling_doubts(rig: Rig) -> None:
    echo = EchoRow("zalo-1", RESIDENT, "digest", 5)
    rig.receive(rig.event("zalo-1", event="oa_send_text", body_sealed=None, echo=echo))
    rig.receive(rig.event("zalo-1", event="oa_send_text", body_sealed=None, echo=replace(echo, text_digest="x")))
    assert (rig.row("echo").text_digest, rig.row("echo").sent_ms) == ("digest", 5)


def test_oldest_first_one_of_each_resident(rig: Rig) -> None:
    rig.receive(*(rig.event(f"{who}{number}", sender=who) for number in range(3) for who in "abc"))
    assert [message.msg_id for message in rig.claim_events()] == ["a0", "b0", "c0"]
    assert rig.claim_events() == []
    with rig.database.write() as connection:
        inbox.finish(connection, "0000000a", [2])
    assert [message.msg_id for message in rig.claim_events()] == ["b1"]


def test_the_same_resident_id_at_another_oa_does_not_wait(rig: Rig) -> None:
    rig.receive(rig.event("m1"), rig.event("m2", oa_id=OTHER_OA))
    assert len(rig.claim_events()) == 2


def test_no_more_than_asked_for(rig: Rig) -> None:
    rig.receive(*(rig.event(sender=f"resident {number}") for number in range(40)))
    assert len(rig.claim_events(limit=7)) == 7
    assert len(rig.claim_events()) == 25


def test_a_failing_event_is_tried_three_times_and_then_put_aside(rig: Rig) -> None:
    rig.receive(rig.event("poison"), rig.event("next of the same resident"))
    for attempt in range(3):
        (message,) = rig.claim_events()
        assert (message.msg_id, message.attempt) == ("poison", attempt)
        with rig.database.write() as connection:
            assert inbox.fail(connection, "0000000a", message, "KeyError") == (attempt == 2)
    poison = rig.rows("inbox")[0]
    assert (poison.state, poison.last_error) == (InboxState.DEAD, "KeyError")
    assert poison.body_sealed is not None, "kept for a person to look at"
    assert [message.msg_id for message in rig.claim_events()] == ["next of the same resident"]


def test_a_clean_stop_gives_back_what_was_not_handled(rig: Rig) -> None:
    rig.receive(rig.event("a", sender="a"), rig.event("b", sender="b"))
    first, second = rig.claim_events("0000000a", 1), rig.claim_events("0000000b", 1)
    assert first[0].id != second[0].id
    with rig.database.write() as connection:
        inbox.give_back(connection, "0000000a")
    states = {row.msg_id: (row.state, row.owner) for row in rig.rows("inbox")}
    assert states == {"a": (InboxState.NEW, None), "b": (InboxState.CLAIMED, "0000000b")}


def test_what_another_owner_holds_is_not_finished(rig: Rig) -> None:
    rig.receive(rig.event("m1"))
    (message,) = rig.claim_events("0000000a")
    with rig.database.write() as connection:
        inbox.finish(connection, "0000000b", [message.id])
        inbox.fail(connection, "0000000b", message, "KeyError")
    assert (rig.row("inbox").state, rig.row("inbox").attempt) == (InboxState.CLAIMED, 0)


def test_two_workers_never_claim_the_same_event(rig: Rig) -> None:
    rig.receive(*(rig.event(sender=f"resident {number % 60}") for number in range(300)))
    taken: dict[str, list[int]] = {"0000000a": [], "0000000b": []}
    databases = {owner: rig.another_database() for owner in taken}

    def work(owner: str) -> None:
        while True:
            with databases[owner].write() as connection:
                messages = inbox.claim(connection, owner, rig.clock.now_ms(), 10)
                inbox.finish(connection, owner, [message.id for message in messages])
                left = connection.execute(text("SELECT count(*) FROM inbox WHERE state IN (0, 1)")).scalar_one()
            taken[owner] += [message.id for message in messages]
            if not left:
                return

    threads = [threading.Thread(target=work, args=(owner,)) for owner in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in databases.values():
        database.close()
    assert sorted(taken["0000000a"] + taken["0000000b"]) == list(range(1, 301))


@pytest.mark.parametrize("rig", ["postgres"], indirect=True)
def test_a_claim_under_way_is_skipped_and_not_waited_for(rig: Rig) -> None:
    rig.receive(*(rig.event(sender=f"resident {number}") for number in range(4)))
    other = rig.another_database()
    with other.write() as connection:
        held = inbox.claim(connection, "0000000b", rig.clock.now_ms(), 2)
        mine: list[int] = []
        thread = threading.Thread(target=lambda: mine.extend(message.id for message in rig.claim_events()))
        thread.start()
        wait_until(lambda: mine, "a claim beside one that is not committed")
        thread.join()
    other.close()
    assert sorted([message.id for message in held] + mine) == [1, 2, 3, 4]
