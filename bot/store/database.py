"""The database behind one address: SQLite on an office PC, PostgreSQL for a city. One schema, one code path.

SQLite: WAL, ``synchronous=FULL`` (an acknowledged message survives a power cut), and around each write transaction
an flock on a side file, so that the kernel wakes the next waiter at once; SQLite's own busy handler sleeps up to
100 ms and is unfair to late comers (p99 32 ms against 81 ms, docs/decisions/0001). Readers never wait.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from bot.catalogue import CATALOGUE
from bot.store.failure import DatabaseError

CHANGE_CHANNEL = "hoixa_change"
BUSY_TIMEOUT_SECONDS = 10


class Database:
    """Opens read and write transactions. Safe to share between threads; make a new one after a fork."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._thread_lock = threading.Lock()
        self._lock_descriptor = -1
        if self.is_sqlite:
            path = make_url(url).database or ""
            self.path: Path | None = Path(path).absolute()
            self._check_folder(self.path)
            self.reader = self._sqlite_engine("BEGIN")
            self.writer = self._sqlite_engine("BEGIN IMMEDIATE")
        else:
            self.path = None
            self.reader = self.writer = create_engine(
                url, pool_pre_ping=True, pool_size=10, max_overflow=20, hide_parameters=True
            )

    @staticmethod
    def _check_folder(path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseError(CATALOGUE.word("database_folder", path=path.parent, reason=error.strerror)) from None
        target = path if path.exists() else path.parent
        if not os.access(target, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise DatabaseError(CATALOGUE.word("database_read_only", path=target))
        try:
            # Residents' words are sealed inside, yet nobody else of the machine has business here.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError:
            raise DatabaseError(CATALOGUE.word("database_read_only", path=path)) from None

    def _sqlite_engine(self, begin: str) -> Engine:
        engine = create_engine(
            self.url,
            connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
            pool_size=10,
            hide_parameters=True,  # an error's text ends in logs: it must not quote what a statement carried
        )

        @event.listens_for(engine, "connect")
        def prepare(connection: sqlite3.Connection, _record: object) -> None:
            connection.isolation_level = None  # we say BEGIN ourselves
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "temp_store=MEMORY"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction on one snapshot."""
        with self.reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction: committed at the end of the block, rolled back if it raises."""
        if not self.is_sqlite:
            with self.writer.begin() as connection:
                yield connection
            return
        with self._thread_lock:
            if self._lock_descriptor < 0:
                self._lock_descriptor = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._lock_descriptor, fcntl.LOCK_EX)
            try:
                with self.writer.begin() as connection:
                    yield connection
            finally:
                fcntl.flock(self._lock_descriptor, fcntl.LOCK_UN)

    def announce(self, connection: Connection) -> None:
        """Wake the workers when this transaction commits. SQLite's watchers see the commit itself."""
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_notify(:channel, '')"), {"channel": CHANGE_CHANNEL})

    def watch(self) -> ChangeWatcher:
        """A watcher of commits made through other connections. One thread uses it."""
        return SqliteWatcher(self.path) if self.path is not None else PostgresWatcher(self.url)

    def close(self) -> None:
        """Give all connections back."""
        self.reader.dispose()
        self.writer.dispose()
        if self._lock_descriptor >= 0:
            os.close(self._lock_descriptor)
            self._lock_descriptor = -1


class WakeUp:
    """A flag another thread can raise while the loop waits, and that ``select`` can wait for."""

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def fileno(self) -> int:
        """For ``select``."""
        return self._descriptor

    def set(self) -> None:
        """Wake the loop, now or at its next wait."""
        os.eventfd_write(self._descriptor, 1)

    def clear(self) -> None:
        """Lower the flag."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._descriptor)


class ChangeWatcher:
    """Waits until something was committed."""

    def wait(self, seconds: float, wake_up: WakeUp) -> bool:
        """True as soon as another connection has committed or ``wake_up`` is set; False after ``seconds``."""
        raise NotImplementedError

    def close(self) -> None:
        """Give the connection back."""
        raise NotImplementedError


class SqliteWatcher(ChangeWatcher):
    """``PRAGMA data_version`` changes when another connection commits; it reads no table and takes no lock."""

    INTERVAL_SECONDS = 0.005

    def __init__(self, path: Path | None) -> None:
        self._connection = sqlite3.connect(str(path), check_same_thread=False)
        self._seen = self._version()

    def _version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def wait(self, seconds: float, wake_up: WakeUp) -> bool:
        until = time.monotonic() + seconds
        while True:
            version = self._version()
            if version != self._seen:
                self._seen = version
                return True
            left = until - time.monotonic()
            if left <= 0:
                return False
            if select.select([wake_up], [], [], min(self.INTERVAL_SECONDS, left))[0]:
                wake_up.clear()
                return True

    def close(self) -> None:
        self._connection.close()


class PostgresWatcher(ChangeWatcher):
    """LISTEN on a connection of its own. Needs a direct connection, not pgbouncer in transaction mode."""

    def __init__(self, url: str) -> None:
        import psycopg

        address = make_url(url).set(drivername="postgresql").render_as_string(False)
        self._connection = psycopg.connect(address, autocommit=True)
        try:
            self._connection.execute(f"LISTEN {CHANGE_CHANNEL}")
        except BaseException:
            self._connection.close()
            raise

    def wait(self, seconds: float, wake_up: WakeUp) -> bool:
        readable = select.select([self._connection.fileno(), wake_up.fileno()], [], [], seconds)[0]
        if wake_up.fileno() in readable:
            wake_up.clear()
        if self._connection.fileno() in readable:
            for _notice in self._connection.notifies(timeout=0):
                pass  # one look finds all that was committed
        return bool(readable)

    def close(self) -> None:
        self._connection.close()
