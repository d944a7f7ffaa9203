"""Who is alive. A claim belongs to the random id of one process start, and a dead owner's claims come back at once.

The id comes from ``os.urandom``: a library that calls ``random.seed`` once gave every restarted worker its
predecessor's id, and the dead rows looked alive. SQLite: the owner holds an flock on a file of its own, which the
kernel drops when the process dies. PostgreSQL: a session advisory lock (77, owner), which the server drops with the
connection.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, delete, insert, select, text, update

from bot.clock import Clock
from bot.store.database import Database
from bot.store.tables import process

ADVISORY_CLASS = 77
BEAT_MS = 5_000
SILENT_MS = 20_000
"""A process that has not said "still here" for this long is not counted as running."""


def new_owner() -> str:
    """A random id, 31 bits: it is also the number of an advisory lock."""
    return f"{int.from_bytes(os.urandom(4), 'big') & 0x7FFFFFFF:08x}"


class Liveness:
    """Holds this process's sign of life, and tells whether another owner lives."""

    def __init__(self, database: Database, clock: Clock, kind: str) -> None:
        self.owner = new_owner()
        self._database = database
        self._clock = clock
        self._kind = kind
        self._descriptor = -1
        self._connection: Connection | None = None
        self._beat_ms = 0

    def __enter__(self) -> Liveness:
        try:
            self._take()
        except BaseException:
            self._let_go()
            raise
        return self

    def _take(self) -> None:
        if self._database.path is not None:
            path = self._file(self.owner)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        else:
            # Out of the pool: given back to it, the connection would go on holding the lock of somebody gone.
            self._connection = self._database.writer.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._connection.detach()
            self._connection.execute(
                text("SELECT pg_advisory_lock(:c, :o)"), {"c": ADVISORY_CLASS, "o": int(self.owner, 16)}
            )
        now = self._clock.now_ms()
        with self._database.write() as connection:
            connection.execute(
                insert(process).values(
                    owner=self.owner,
                    kind=self._kind,
                    host=socket.gethostname()[:120],
                    pid=os.getpid(),
                    started_ms=now,
                    beat_ms=now,
                )
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(Exception), self._database.write() as connection:
            connection.execute(delete(process).where(process.c.owner == self.owner))
        self._let_go()

    def _let_go(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
            with contextlib.suppress(OSError):
                self._file(self.owner).unlink()
        if self._connection is not None:
            # Said and not left to the end of the session, which the server comes to notice some time later.
            if not self._connection.invalidated:
                with contextlib.suppress(Exception):
                    self._connection.execute(
                        text("SELECT pg_advisory_unlock(:c, :o)"), {"c": ADVISORY_CLASS, "o": int(self.owner, 16)}
                    )
            self._connection.close()
            self._connection = None

    def _file(self, owner: str) -> Path:
        assert self._database.path is not None
        return self._database.path.parent / "owners" / f"{owner}.lock"

    def keep_up(self, connection: Connection) -> None:
        """Now and then say "still here", for people and health checks, and sweep up after the dead."""
        now = self._clock.now_ms()
        if now - self._beat_ms < BEAT_MS:
            return
        self._beat_ms = now
        connection.execute(update(process).where(process.c.owner == self.owner).values(beat_ms=now))
        self._sweep(connection)

    def still_ours(self) -> bool:
        """Whether our sign of life still stands; False where the connection that held it is gone."""
        if self._connection is None:
            return True
        try:
            self._connection.execute(text("SELECT 1"))
        except Exception:  # any failure means the same: the session, and the lock with it, is gone
            return False
        return True

    def dead_among(self, connection: Connection, owners: set[str]) -> set[str]:
        """Those of ``owners`` that no longer live. Removes what they left behind."""
        others = owners - {self.owner}
        if not others:
            return set()
        if self._database.path is not None:
            dead = {owner for owner in others if self._file_is_free(owner)}
        else:
            alive = connection.execute(
                text("SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = :c AND granted"),
                {"c": ADVISORY_CLASS},
            ).scalars()
            living = {f"{int(number):08x}" for number in alive}
            dead = others - living
        return dead

    def _sweep(self, connection: Connection) -> None:
        """Forget the process rows (and lock files) of dead owners."""
        owners = set(connection.execute(select(process.c.owner)).scalars())
        dead = self.dead_among(connection, owners)
        if not dead:
            return
        connection.execute(delete(process).where(process.c.owner.in_(dead)))
        if self._database.path is not None:
            for owner in dead:
                with contextlib.suppress(OSError):
                    self._file(owner).unlink()

    def _file_is_free(self, owner: str) -> bool:
        try:
            descriptor = os.open(self._file(owner), os.O_RDWR)
        except FileNotFoundError:
            return True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        else:
            return True
        finally:
            os.close(descriptor)
