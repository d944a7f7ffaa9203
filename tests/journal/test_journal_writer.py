"""Group commit: everybody is answered after their own commit, and nobody before it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from rig import Rig, wait_until
from sqlalchemy import Connection

from bot.journal import writer as writer_module
from bot.journal.inbox import EchoRow, InboxRow
from bot.journal.writer import BATCH, InboxWriter, NotStored
from bot.store.database import Database


class Held:
    """Stands in the way of ``inbox.store``: ``entered`` once the writer is there, ``gate`` lets it on."""

    def __init__(self, store: Callable[..., None]) -> None:
        self._store = store
        self.entered, self.gate = threading.Event(), threading.Event()
        self.sizes: list[int] = []

    def store(self, connection: Connection, rows: Sequence[InboxRow]) -> None:
        self.entered.set()
        assert self.gate.wait(60)
        self.sizes.append(len(rows))
        self._store(connection, rows)

    def hold_one(self, writer: InboxWriter, rig: Rig) -> tuple[list[threading.Thread], list[str]]:
        """Bring one event and return when the writer is held with it."""
        brought = _bring(writer, rig, 1, "first")
        assert self.entered.wait(30)
        return brought


def _bring(writer: InboxWriter, rig: Rig, number: int, name: str = "m") -> tuple[list[threading.Thread], list[str]]:
    outcomes: list[str] = []

    def bring(name: str) -> None:
        try:
            writer.store(rig.event(name))
        except NotStored:
            outcomes.append("not stored")
        else:
            seen = any(row.msg_id == name for row in rig.rows("inbox"))
            outcomes.append("stored" if seen else "acknowledged before it was written")

    threads = [threading.Thread(target=bring, args=(f"{name}{n}",)) for n in range(number)]
    for thread in threads:
        thread.start()
    return threads, outcomes


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """The database stands still until the test opens the gate; nobody's patience ends meanwhile."""
    monkeypatch.setattr(writer_module, "WAIT_SECONDS", 30)
    gate = Held(writer_module.inbox.store)
    monkeypatch.setattr(writer_module.inbox, "store", gate.store)
    yield gate
    gate.gate.set()


def test_many_at_once_share_few_commits_and_all_are_there(rig: Rig, held: Held) -> None:
    writer = InboxWriter(rig.database)
    first, stored = held.hold_one(writer, rig)
    threads, outcomes = _bring(writer, rig, 60)
    wait_until(lambda: writer._queue.qsize() == 60, "the others queue behind the first")
    held.gate.set()
    for thread in [*first, *threads]:
        thread.join()
    writer.close()
    assert stored + outcomes == ["stored"] * 61
    assert len(rig.rows("inbox")) == 61
    assert held.sizes == [1, 60]


def test_a_batch_has_a_limit(sqlite_rig: Rig, held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "BATCH", 5)
    writer = InboxWriter(sqlite_rig.database)
    first, stored = held.hold_one(writer, sqlite_rig)
    threads, outcomes = _bring(writer, sqlite_rig, 23)
    wait_until(lambda: writer._queue.qsize() == 23, "the others queue")
    held.gate.set()
    for thread in [*first, *threads]:
        thread.join()
    writer.close()
    assert held.sizes == [1, 5, 5, 5, 5, 3]
    assert stored + outcomes == ["stored"] * 24
    assert BATCH == 200


def test_a_database_that_fails_fails_everybody_and_then_goes_on(
    sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = True
    write = Database.write

    @contextmanager
    def failing(self: Database) -> Iterator[Connection]:
        with write(self) as connection:
            yield connection
            if broken:
                raise OSError("disk full")

    monkeypatch.setattr(Database, "write", failing)
    writer = InboxWriter(sqlite_rig.database)
    threads, outcomes = _bring(writer, sqlite_rig, 12)
    for thread in threads:
        thread.join()
    assert outcomes == ["not stored"] * 12
    assert sqlite_rig.rows("inbox") == []
    broken = False
    writer.store(sqlite_rig.event("after"))
    assert sqlite_rig.row("inbox").msg_id == "after"
    writer.close()


def test_one_event_the_database_refuses_does_not_take_the_others_with_it(rig: Rig, held: Held) -> None:
    writer = InboxWriter(rig.database)
    first, stored = held.hold_one(writer, rig)
    threads, outcomes = _bring(writer, rig, 10)
    refused: list[str] = []

    def poison() -> None:
        echo = EchoRow("poison", None, "digest", 1)  # type: ignore[arg-type]
        try:
            writer.store(rig.event("poison", body_sealed=None, echo=echo))
        except NotStored:
            refused.append("poison")

    threads.append(threading.Thread(target=poison))
    threads[-1].start()
    wait_until(lambda: writer._queue.qsize() == 11, "all queue behind the first")
    held.gate.set()
    for thread in [*first, *threads]:
        thread.join()
    writer.close()
    assert stored + outcomes == ["stored"] * 11
    assert refused == ["poison"]


def test_a_full_queue_is_told_at_once(sqlite_rig: Rig, held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "QUEUE_LIMIT", 3)
    writer = InboxWriter(sqlite_rig.database)
    first, stored = held.hold_one(writer, sqlite_rig)
    threads, outcomes = _bring(writer, sqlite_rig, 8)
    wait_until(lambda: len(outcomes) == 5, "those beyond the queue are refused")
    assert outcomes == ["not stored"] * 5
    held.gate.set()
    for thread in [*first, *threads]:
        thread.join()
    writer.close()
    assert stored == ["stored"]
    assert outcomes.count("stored") == 3


def test_a_commit_that_takes_too_long_is_not_acknowledged(
    sqlite_rig: Rig, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "WAIT_SECONDS", 0.05)
    writer = InboxWriter(sqlite_rig.database)
    with pytest.raises(NotStored):
        writer.store(sqlite_rig.event("m1"))
    held.gate.set()
    wait_until(lambda: sqlite_rig.rows("inbox"), "it is stored all the same; the copy to come will be known")
    writer.close()


def test_closing_writes_what_waits(sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "WAIT_SECONDS", 30)
    writer = InboxWriter(sqlite_rig.database)
    threads, outcomes = _bring(writer, sqlite_rig, 20)
    for thread in threads:
        thread.join()
    writer.close()
    assert not writer._thread.is_alive()
    assert outcomes == ["stored"] * 20
