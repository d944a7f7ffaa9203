"""Databases that cannot be opened say so in one Vietnamese line, whoever runs the program (root too)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from rig import Rig, wait_until
from sqlalchemy import text

from bot.store import database as database_module
from bot.store.database import Database, WakeUp
from bot.store.failure import DatabaseError
from bot.store.schema import current_revision, migrate


def _one_line(error: pytest.ExceptionInfo[DatabaseError]) -> str:
    line = str(error.value)
    assert "\n" not in line
    assert line
    return line


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("not a folder")
    with pytest.raises(DatabaseError) as error:
        Database(f"sqlite:///{blocked / 'var' / 'hoixa.sqlite3'}")
    assert str(blocked) in _one_line(error)


def test_a_folder_nobody_may_write_to() -> None:
    with pytest.raises(DatabaseError) as error:
        Database("sqlite:////proc/self/hoixa.sqlite3")
    assert "/proc" in _one_line(error)


def test_a_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module.os, "access", lambda path, mode: Path(path) != tmp_path)
    with pytest.raises(DatabaseError, match="HOIXA_DATA_DIR"):
        Database(f"sqlite:///{tmp_path / 'hoixa.sqlite3'}")


@pytest.mark.parametrize(
    "damage",
    [
        lambda good: b"this is no database, it is a letter to the commune" * 100,
        lambda good: good[:100] + os.urandom(len(good) - 100),
        lambda good: good[:16] + b"\xff" * 84 + good[100:],
        lambda good: good[:5000],
    ],
    ids=["another file", "pages overwritten", "header overwritten", "cut short"],
)
def test_a_damaged_file_is_called_damaged(
    damage: Callable[[bytes], bytes], migrated_sqlite: Path, tmp_path: Path
) -> None:
    path = tmp_path / "hoixa.sqlite3"
    path.write_bytes(damage(migrated_sqlite.read_bytes()))
    with pytest.raises(DatabaseError) as error:
        migrate(Database(f"sqlite:///{path}"))
    line = _one_line(error)
    assert str(path) in line
    assert "hoixa restore" in line


def test_a_server_that_does_not_answer() -> None:
    with pytest.raises(DatabaseError) as error:
        current_revision(Database("postgresql+psycopg://nobody:secret@127.0.0.1:9/nothing"))
    assert "secret" not in _one_line(error)


def test_what_is_committed_is_on_the_disk(sqlite_rig: Rig) -> None:
    for engine in (sqlite_rig.database.reader, sqlite_rig.database.writer):
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


def test_a_transaction_that_raises_leaves_nothing(rig: Rig) -> None:
    with pytest.raises(RuntimeError), rig.database.write() as connection:
        connection.execute(text("INSERT INTO rate_limit (scope, next_us) VALUES ('one', 1)"))
        raise RuntimeError
    assert rig.rows("rate_limit") == []
    rig.put("rate_limit", scope="two", next_us=2)
    assert [row.scope for row in rig.rows("rate_limit")] == ["two"]


def test_writers_of_several_processes_wait_for_each_other(rig: Rig) -> None:
    """Read, think, write back: only a lock around the whole transaction keeps each addition."""
    rig.put("rate_limit", scope="counter", next_us=0)
    others = [rig.another_database() for _ in range(3)]

    def add(database: Database) -> None:
        for _ in range(20):
            with database.write() as connection:
                value = connection.execute(
                    text("SELECT next_us FROM rate_limit" + ("" if database.is_sqlite else " FOR UPDATE"))
                ).scalar_one()
                connection.execute(text("UPDATE rate_limit SET next_us = :value"), {"value": value + 1})

    threads = [threading.Thread(target=add, args=(database,)) for database in (*others, others[0])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for database in others:
        database.close()
    assert rig.row("rate_limit").next_us == 80


def test_a_commit_elsewhere_wakes_the_watcher(rig: Rig) -> None:
    watcher, wake_up = rig.database.watch(), WakeUp()
    other = rig.another_database()
    try:
        assert not watcher.wait(0.0, wake_up)
        with other.write() as connection:
            connection.execute(text("INSERT INTO rate_limit (scope, next_us) VALUES ('one', 1)"))
            other.announce(connection)
        assert watcher.wait(20.0, wake_up)
        assert not watcher.wait(0.0, wake_up)
        wake_up.set()
        assert watcher.wait(20.0, wake_up)
        assert not watcher.wait(0.0, wake_up)
    finally:
        watcher.close()
        other.close()


def test_a_transaction_rolled_back_announces_nothing(rig: Rig) -> None:
    watcher, wake_up = rig.database.watch(), WakeUp()
    other = rig.another_database()
    try:
        with pytest.raises(RuntimeError), other.write() as connection:
            other.announce(connection)
            raise RuntimeError
        assert not watcher.wait(0.05, wake_up)
    finally:
        watcher.close()
        other.close()


def test_errors_of_the_database_do_not_quote_what_was_written(rig: Rig) -> None:
    """An error's text ends in logs and tracebacks; the values of its statement must not."""
    with pytest.raises(Exception) as error, rig.database.write() as connection:
        connection.execute(
            text("INSERT INTO rate_limit (scope, next_us) VALUES (:scope, NULL)"), {"scope": "Bác Ba 0912345678"}
        )
    assert "0912345678" not in str(error.value).replace("DETAIL", "").split("Failing row")[0]


def test_wait_until_waits_for_the_condition() -> None:
    answers = iter([False, False, "ready"])
    assert wait_until(lambda: next(answers), "the third answer") == "ready"
