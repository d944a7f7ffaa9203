"""Group commit: everybody is answered after their own commit, and nobody before it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from rig import Rig, wait_until
from sqlalchemy import Connection

from bot.journal import writer as writer_module
from bot.journal.inbox import EchoRow
from bot.journal.writer import BATCH, InboxWriter, NotStored
from bot.store.database import Database


def _bring(writer: InboxWriter, rig: Rig, number: int) -> tuple[list[threading.Thread], list[str]]:
    outcomes: list[str] = []

    def bring(name: str) -> None:
        try:
            writer.store(rig.event(name))
        except NotStored:
            outcomes.append("not stored")
        else:
            seen = any(row.msg_id == name for row in rig.rows("inbox"))
            outcomes.append("stored" if seen else "acknowledged before it was written")

    threads = [threading.Thread(target=bring, args=(f"m{n}",)) for n in range(number)]
    for thread in threads:
        thread.start()
    return threads, outcomes


def test_many_at_once_share_few_commits_and_all_are_there(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[int] = []
    gate = threading.Event()
    store = writer_module.inbox.store

    def slow_first(connection: Connection, rows: list[object]) -> None:
        if not commits:
            gate.wait(30)
        commits.append(len(rows))
        store(connection, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(writer_module.inbox, "store", slow_first)
    monkeypatch.setattr(writer_module, "WAIT_SECONDS", 30)
    writer = InboxWriter(rig.database)
    threads, outcomes = _bring(writer, rig, 60)
    wait_until(lambda: writer._queue.qsize() >= 59, "the others queue behind the first")
    gate.set()
    for thread in threads:
        thread.join()
    writer.close()
    assert outcomes == ["stored"] * 60
    assert len(rig.rows("inbox")) == sum(commits) == 60
    assert len(commits) <= 3


def test_a_batch_has_a_limit(sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, sizes = threading.Event(), []
    monkeypatch.setattr(writer_module, "BATCH", 5)
    store = writer_module.inbox.store

    def counted(connection: Connection, rows: list[object]) -> None:
        gate.wait(30)
        sizes.append(len(rows))
        store(connection, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(writer_module.inbox, "store", counted)
    monkeypatch.setattr(writer_module, "WAIT_SECONDS", 30)
    writer = InboxWriter(sqlite_rig.database)
    threads, outcomes = _bring(writer, sqlite_rig, 23)
    wait_until(lambda: writer._queue.qsize() >= 18, "the others queue")
    gate.set()
    for thread in threads:
        thread.join()
    writer.close()
    assert max(sizes) <= 5
    assert outcomes == ["stored"] * 23
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


def test_one_event_the_database_refuses_does_not_take_the_others_with_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "WAIT_SECONDS", 30)
    gate, store = threading.Event(), writer_module.inbox.store

    def held(connection: Connection, rows: list[object]) -> None:
        gate.wait(30)
        store(connection, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(writer_module.inbox, "store", held)
    writer = InboxWriter(rig.database)
    threads, outcomes = _bring(writer, rig, 10)
    refused: list[str] = []

    def poison() -> None:
        echo = EchoRow("poison", None, "digest", 1)  # type: ignore[arg-type]
        try:
            writer.store(rig.event("poison", body_sealed=None, echo=echo))
        except NotStored:
            refused.append("poison")

    thread = threading.Thread(target=poison)
    thread.start()
    wait_until(lambda: writer._queue.qsize() >= 10, "all queue behind the first")
    gate.set()
    for one in [*threads, thread]:
        one.join()
    writer.close()
    assert outcomes == ["stored"] * 10
    assert refused == ["poison"]


def test_a_full_queue_is_told_at_once(sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, store = threading.Event(), writer_module.inbox.store
    monkeypatch.setattr(writer_module, "QUEUE_LIMIT", 3)
    monkeypatch.setattr(writer_module, "WAIT_SECONDS", 30)

    def held(connection: Connection, rows: list[object]) -> None:
        gate.wait(30)
        store(connection, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(writer_module.inbox, "store", held)
    writer = InboxWriter(sqlite_rig.database)
    first, stored = _bring(writer, sqlite_rig, 1)
    wait_until(lambda: writer._queue.empty(), "the writer has taken the first")
    threads, outcomes = _bring(writer, sqlite_rig, 8)
    wait_until(lambda: len(outcomes) == 5, "those beyond the queue are refused")
    assert outcomes == ["not stored"] * 5
    gate.set()
    for thread in [*first, *threads]:
        thread.join()
    writer.close()
    assert stored == ["stored"]
    assert outcomes.count("stored") == 3


def test_a_commit_that_takes_too_long_is_not_acknowledged(sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, store = threading.Event(), writer_module.inbox.store
    monkeypatch.setattr(writer_module, "WAIT_SECONDS", 0.05)

    def held(connection: Connection, rows: list[object]) -> None:
        gate.wait(30)
        store(connection, rows)  # type: ignore[arg-type]

    monkeypatch.setattr(writer_module.inbox, "store", held)
    writer = InboxWriter(sqlite_rig.database)
    with pytest.raises(NotStored):
        writer.store(sqlite_rig.event("m1"))
    gate.set()
    wait_until(lambda: sqlite_rig.rows("inbox"), "it is stored all the same; the copy to come will be known")
    writer.close()


def test_closing_writes_what_waits(sqlite_rig: Rig) -> None:
    writer = InboxWriter(sqlite_rig.database)
    threads, outcomes = _bring(writer, sqlite_rig, 20)
    for thread in threads:
        thread.join()
    writer.close()
    assert not writer._thread.is_alive()
    assert outcomes == ["stored"] * 20
