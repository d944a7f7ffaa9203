"""Backup beside a running service, and back again."""

from __future__ import annotations

import sqlite3
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from rig import Rig
from sqlalchemy import text

from bot.journal.liveness import Liveness
from bot.store import copies
from bot.store.copies import CopyError
from bot.store.database import Database
from bot.store.failure import DatabaseError
from bot.store.schema import migrate


def _scopes(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.execute(text("SELECT scope FROM rate_limit ORDER BY scope")).scalars())


def test_a_copy_made_while_others_write_is_whole_and_comes_back(rig: Rig, tmp_path: Path) -> None:
    """Rows come in pairs, in one transaction: a copy with half a pair would not be consistent."""
    other, stop, started = rig.another_database(), threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            with other.write() as connection:
                for side in ("a", "b"):
                    connection.execute(
                        text("INSERT INTO rate_limit (scope, next_us) VALUES (:scope, 1)"),
                        {"scope": f"{number:05}{side}"},
                    )
            number += 1
            if number == 5:
                started.set()

    writer = threading.Thread(target=write)
    writer.start()
    target = tmp_path / "copy"
    try:
        assert started.wait(30)
        copies.backup(rig.database, target)
    finally:
        stop.set()
        writer.join()
    other.close()
    written = _scopes(rig.database)
    rig.database.close()
    kept = copies.restore(rig.database, target, 42)
    restored = _scopes(rig.database)
    assert 10 <= len(restored) <= len(written)
    assert len(restored) % 2 == 0
    assert restored == written[: len(restored)]
    assert target.stat().st_mode & 0o077 == 0
    if rig.database.path is not None:
        former = Database(f"sqlite:///{kept}")
        assert _scopes(former) == written
        former.close()


def test_a_restored_database_goes_on_working(rig: Rig, tmp_path: Path) -> None:
    rig.receive(rig.event("one"))
    copies.backup(rig.database, tmp_path / "copy")
    rig.receive(rig.event("two"))
    rig.database.close()
    copies.restore(rig.database, tmp_path / "copy", 42)
    assert not migrate(rig.database)
    rig.receive(rig.event("one"), rig.event("three"))
    assert [row.msg_id for row in rig.rows("inbox")] == ["one", "three"]


@pytest.mark.parametrize(
    "make",
    [
        lambda path: None,
        lambda path: path.mkdir(),
        lambda path: path.write_text("một lá thư"),
        lambda path: path.write_bytes(b""),
        lambda path: sqlite3.connect(path).execute("CREATE TABLE another (program TEXT)").connection.close(),
    ],
    ids=["missing", "a folder", "a text", "empty", "another program's database"],
)
def test_a_wrong_file_is_refused_and_nothing_is_touched(
    make: Callable[[Path], object], sqlite_rig: Rig, tmp_path: Path
) -> None:
    sqlite_rig.receive(sqlite_rig.event("one"))
    make(tmp_path / "wrong")
    before = sqlite_rig.everything()
    with pytest.raises(CopyError) as error:
        copies.restore(sqlite_rig.database, tmp_path / "wrong", 42)
    assert error.value.key == "restore_bad"
    assert sqlite_rig.everything() == before


def test_a_cut_copy_is_refused(sqlite_rig: Rig, tmp_path: Path) -> None:
    copies.backup(sqlite_rig.database, tmp_path / "copy")
    whole = (tmp_path / "copy").read_bytes()
    (tmp_path / "copy").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CopyError, match="restore_bad"):
        copies.restore(sqlite_rig.database, tmp_path / "copy", 42)


def test_a_copy_of_a_later_release_is_refused_before_anything_is_replaced(sqlite_rig: Rig, tmp_path: Path) -> None:
    copies.backup(sqlite_rig.database, tmp_path / "copy")
    with sqlite3.connect(tmp_path / "copy") as copy:
        copy.execute("UPDATE alembic_version SET version_num = '9999'")
    copy.close()
    before = sqlite_rig.everything()
    with pytest.raises(DatabaseError, match="9999"):
        copies.restore(sqlite_rig.database, tmp_path / "copy", 42)
    assert sqlite_rig.everything() == before


def test_nothing_is_restored_while_a_process_lives(rig: Rig, tmp_path: Path) -> None:
    copies.backup(rig.database, tmp_path / "copy")
    other = rig.another_database()
    with Liveness(other, rig.clock, "worker"), pytest.raises(CopyError) as error:
        copies.restore(rig.database, tmp_path / "copy", 42)
    assert error.value.key == "restore_running"
    other.close()
    rig.database.close()
    copies.restore(rig.database, tmp_path / "copy", 42)


def test_a_damaged_database_can_be_replaced_by_its_copy(sqlite_rig: Rig, tmp_path: Path) -> None:
    """Restoring is what the message about a damaged database tells people to do."""
    sqlite_rig.receive(sqlite_rig.event("one"))
    copies.backup(sqlite_rig.database, tmp_path / "copy")
    sqlite_rig.database.close()
    path = sqlite_rig.database.path
    assert path is not None
    path.write_bytes(b"a letter where the database was" * 200)
    kept = copies.restore(sqlite_rig.database, tmp_path / "copy", 42)
    assert sqlite_rig.row("inbox").msg_id == "one"
    assert Path(kept).read_bytes().startswith(b"a letter")


@pytest.mark.parametrize("place", ["no such folder/copy", "a file/copy"])
def test_a_copy_that_cannot_be_written_says_so(place: str, rig: Rig, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    with pytest.raises(CopyError) as error:
        copies.backup(rig.database, tmp_path / place)
    assert error.value.key in {"file_missing", "backup_postgres_failed"}
    assert not list(tmp_path.glob("**/*.partial"))


@pytest.mark.postgres
def test_postgres_without_its_tools_says_which(
    postgres_url: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies.shutil, "which", lambda tool: None)
    with pytest.raises(CopyError) as error:
        copies.backup(Database(postgres_url()), tmp_path / "copy")
    assert error.value.fields == {"tool": "pg_dump"}


def test_the_password_of_postgres_is_no_argument(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments of a process are seen by everybody on the machine."""
    calls: list[tuple[list[str], dict[str, str]]] = []

    def run(arguments: list[str], *, env: dict[str, str], check: bool) -> subprocess.CompletedProcess[bytes]:
        calls.append((arguments, env))
        return subprocess.CompletedProcess(arguments, 1)

    monkeypatch.setattr(copies.subprocess, "run", run)
    monkeypatch.setattr(copies.shutil, "which", lambda tool: f"/usr/bin/{tool}")
    with pytest.raises(CopyError, match="backup_postgres_failed"):
        copies.backup(Database("postgresql+psycopg://hoixa:very%20secret@db:5433/commune"), tmp_path / "copy")
    ((arguments, environment),) = calls
    assert "very secret" not in " ".join(arguments)
    assert environment["PGPASSWORD"] == "very secret"
    assert arguments[:7] == ["pg_dump", "--host", "db", "--port", "5433", "--dbname", "commune"]
