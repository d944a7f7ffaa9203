"""Backup and restore: SQLite's own online backup, PostgreSQL's own pg_dump and pg_restore."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.store.database import Database
from bot.store.schema import refuse_later_revision


class CopyError(Exception):
    """``key`` and ``fields`` name the line of the command line's catalogue that tells a person."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields


def backup(database: Database, target: Path) -> None:
    """Write a consistent copy; nothing else has to stop. Raises :class:`CopyError`. A half-made file never remains."""
    partial = target.with_name(target.name + ".partial")
    try:
        if database.path is None:
            _run("pg_dump", database, "--format=custom", f"--file={partial}")
        else:
            with (
                contextlib.closing(sqlite3.connect(database.path)) as source,
                contextlib.closing(sqlite3.connect(partial)) as copy,
            ):
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
        partial.chmod(0o600)
        os.replace(partial, target)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CopyError("file_missing", path=target, reason=reason) from None
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


def restore(database: Database, source: Path, now_ms: int) -> str:
    """Put a backup in place. Returns where the former data stand.

    Raises :class:`CopyError`, and ``DatabaseError`` for the backup of a later release; nothing was replaced then.
    """
    if not source.is_file():
        raise CopyError("restore_bad", path=source)
    if database.path is None:
        _nobody_connected(database)
        _run("pg_restore", database, "--clean", "--if-exists", "--no-owner", "--single-transaction", str(source))
        return "PostgreSQL"
    _check_copy(source)
    kept = database.path.with_name(f"{database.path.name}.{now_ms}")
    with _nobody_else(database.path):
        incoming = database.path.with_name(database.path.name + ".incoming")
        shutil.copyfile(source, incoming)
        incoming.chmod(0o600)
        _set_aside(database.path, kept)
        os.replace(incoming, database.path)
    return str(kept)


def _set_aside(path: Path, kept: Path) -> None:
    """Keep the former database under another name, whole. It may be damaged: that is why people restore."""
    if path.exists():
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for suffix in ("-shm", "-wal", ""):
        with contextlib.suppress(FileNotFoundError):
            os.replace(path.with_name(path.name + suffix), kept.with_name(kept.name + suffix))


def _check_copy(source: Path) -> None:
    revision = None
    try:
        with contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        sound = False
    if not sound or revision is None:
        raise CopyError("restore_bad", path=source)
    refuse_later_revision(revision[0])


def _nobody_connected(database: Database) -> None:
    """Refuse while a worker or clock holds its sign of life (``bot.journal.liveness``) in this database."""
    with database.read() as connection:
        living = connection.execute(
            text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 77 AND granted"
                " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        ).scalar_one()
    database.reader.dispose()  # our own idle connections would keep pg_restore from its locks
    if living:
        raise CopyError("restore_running")


@contextlib.contextmanager
def _nobody_else(path: Path):  # type: ignore[no-untyped-def]
    """Refuse while any process of the install lives: each holds a lock file of its own."""
    for file in (path.parent / "owners").glob("*.lock"):
        descriptor = os.open(file, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CopyError("restore_running") from None
        finally:
            os.close(descriptor)
    yield


def _run(tool: str, database: Database, *arguments: str) -> None:
    url = make_url(database.url)
    connection = ["--host", url.host or "localhost", "--port", str(url.port or 5432), "--dbname", url.database or ""]
    if url.username:
        connection += ["--username", url.username]
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    if shutil.which(tool) is None:
        raise CopyError("backup_postgres_tool", tool=tool)
    done = subprocess.run([tool, *connection, *arguments], env=environment, check=False)
    if done.returncode != 0:
        raise CopyError("backup_postgres_failed", tool=tool)
