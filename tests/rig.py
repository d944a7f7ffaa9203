"""A small install for tests of the engine: a migrated database, a vault, a clock the test moves, rows in one line."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.pool import QueuePool

from bot.clock import VIETNAM, Clock
from bot.encryption import Vault
from bot.journal import inbox as inbox_queue
from bot.journal import outbox as outbox_queue
from bot.journal.inbox import InboxRow
from bot.journal.outbox import NewSend
from bot.journal.rate import RateLimiter
from bot.journal.states import Lane, OutboxState
from bot.replies import Reply
from bot.services import Services
from bot.settings import Settings, load_settings
from bot.store import accounts, tables
from bot.store.database import Database
from bot.store.schema import migrate
from bot.zalo.client import ZaloClient
from bot.zalo.messages import render_plain

SECRET_KEY = "a key of the tests, and of nothing else"
OUR_OA = "2719364058812047735"
OTHER_OA = "1111222233334444555"
RESIDENT = "5093817264401928376"
OA_SECRET = "secret-of-the-oa"
APP_ID = "1234567890123456789"
NOON_MS = 1_795_323_600_000
"""22/11/2026, 12:00 in Vietnam."""
HOUR_MS = 3_600_000


def wait_until(condition: Callable[[], object], what: str, seconds: float = 60.0) -> Any:
    """The first true value of ``condition``. Fails the test, naming ``what``, when it stays false for ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"did not come true within {seconds:.0f} s: {what}")
        time.sleep(0.01)  # between two looks, not in place of one


class SetClock(Clock):
    """Stands still until the test moves it."""

    __slots__ = ("moment_ms",)

    def __init__(self, moment_ms: int = NOON_MS) -> None:
        super().__init__()
        self.moment_ms = moment_ms

    def now_ms(self) -> int:
        return self.moment_ms

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.moment_ms / 1000, VIETNAM)

    def pass_ms(self, milliseconds: int) -> None:
        """Let time pass."""
        self.moment_ms += milliseconds


@dataclass
class Rig:
    """Everything below the processes, over one database."""

    database: Database
    vault: Vault = field(default_factory=lambda: Vault(SECRET_KEY))
    clock: SetClock = field(default_factory=SetClock)
    limiter: RateLimiter = field(default_factory=lambda: RateLimiter(10_000, 10_000))
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    others: list[Database] = field(default_factory=list)

    def another_database(self) -> Database:
        """The same data through connections of another process; closed with the rig where the test does not do it."""
        self.others.append(Database(self.database.url))
        return self.others[-1]

    def close(self) -> None:
        """Give back all connections, once threads of the test that still use one are done with it.

        One given back after its pool was closed would stay open, and be found in the middle of another test.
        """
        for database in (*self.others, self.database):
            for engine in (database.reader, database.writer):
                pool = engine.pool
                assert isinstance(pool, QueuePool)
                wait_until(lambda pool=pool: pool.checkedout() == 0, "every connection is given back")  # type: ignore[misc]
            database.close()

    def connect_oa(self, oa_id: str = OUR_OA, commune: str = "ha-dong", secret: str = OA_SECRET) -> None:
        """An OA with a working pair."""
        with self.database.write() as connection:
            accounts.save_account(connection, self.vault, oa_id, commune, secret, self.clock.now_ms())
            accounts.save_tokens(
                connection, self.vault, oa_id, f"access-{oa_id}", f"refresh-{oa_id}", 90_000, self.clock.now_ms()
            )

    def event(self, msg_id: str | None = None, **changes: Any) -> InboxRow:
        """One event of the inbox."""
        values: dict[str, Any] = {
            "oa_id": OUR_OA,
            "event": "user_send_text",
            "msg_id": msg_id or f"message-{next(self.numbers)}",
            "sender": RESIDENT,
            "user_id": changes.get("sender", RESIDENT),
            "trace_id": "trace",
            "body_sealed": self.vault.encrypt("{}", "inbox.body"),
            "event_ms": self.clock.now_ms(),
            "received_ms": self.clock.now_ms(),
        }
        return InboxRow(**{**values, **changes})

    def receive(self, *rows: InboxRow) -> None:
        """Store events as the writer does."""
        with self.database.write() as connection:
            inbox_queue.store(connection, rows)

    def new_send(self, reply: str | Reply = "Xin chào", **changes: Any) -> NewSend:
        """One reply of the outbox."""
        reply = Reply(reply) if isinstance(reply, str) else reply
        values: dict[str, Any] = {
            "key": f"key-{next(self.numbers)}",
            "oa_id": OUR_OA,
            "user_id": RESIDENT,
            "trace_id": "trace",
            "payload_sealed": self.vault.encrypt(reply.to_json(), "outbox.payload"),
            "text_digest": self.vault.digest(reply.text),
            "plain_digest": self.vault.digest(render_plain(reply)),
            "not_before_ms": self.clock.now_ms(),
            "lane": Lane.REPLY,
        }
        return NewSend(**{**values, **changes})

    def owe(self, *sends: NewSend) -> None:
        """Put replies into the outbox."""
        with self.database.write() as connection:
            outbox_queue.enqueue(connection, sends, self.clock.now_ms())

    def claim_sends(self, owner: str = "0000000a", limit: int = 100) -> list[outbox_queue.ClaimedSend]:
        """Claim as a worker does."""
        with self.database.write() as connection:
            return outbox_queue.claim(connection, self.limiter, owner, self.clock.now_ms(), limit).sends

    def claim_events(self, owner: str = "0000000a", limit: int = 25) -> list[inbox_queue.ClaimedMessage]:
        """Claim as a worker does."""
        with self.database.write() as connection:
            return inbox_queue.claim(connection, owner, self.clock.now_ms(), limit)

    def in_doubt(self, reply: str | Reply = "Xin chào", *, attempt: int = 1, **changes: Any) -> int:
        """A send whose outcome is unknown, claimed just now. Returns its id."""
        send = self.new_send(reply, **changes)
        self.owe(send)
        now = self.clock.now_ms()
        with self.database.write() as connection:
            connection.execute(
                update(tables.outbox)
                .where(tables.outbox.c.key == send.key)
                .values(state=OutboxState.IN_DOUBT, attempt=attempt, claimed_ms=now, due_ms=now, owner=None)
            )
            return int(
                connection.execute(select(tables.outbox.c.id).where(tables.outbox.c.key == send.key)).scalar_one()
            )

    def rows(self, table: str = "outbox") -> list[Any]:
        """All rows of a table, oldest first where it has an id."""
        chosen = tables.metadata.tables[table]
        statement = select(chosen).order_by(*chosen.primary_key.columns)
        with self.database.read() as connection:
            return list(connection.execute(statement))

    def row(self, table: str = "outbox") -> Any:
        """The only row of a table."""
        (only,) = self.rows(table)
        return only

    def change(self, table: str, **values: Any) -> None:
        """Set columns of every row."""
        with self.database.write() as connection:
            connection.execute(update(tables.metadata.tables[table]).values(**values))

    def put(self, table: str, **values: Any) -> None:
        """Insert a row as it is."""
        with self.database.write() as connection:
            connection.execute(insert(tables.metadata.tables[table]).values(**values))

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """The whole database, to compare two moments."""
        with self.database.read() as connection:
            return {
                name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
                for name, table in tables.metadata.tables.items()
            }

    def settings(self, **environment: str) -> Settings:
        """Settings that lead to this database."""
        return load_settings(
            {
                "HOIXA_DATABASE_URL": self.database.url,
                "HOIXA_SECRET_KEY": SECRET_KEY,
                "HOIXA_ZALO_APP_ID": APP_ID,
                "HOIXA_ZALO_APP_SECRET": "an app secret of the tests",
                "HOIXA_ZALO_API_URL": "http://127.0.0.1:9",
                "HOIXA_ZALO_OAUTH_URL": "http://127.0.0.1:9",
                **environment,
            }
        )

    def services(self, client: ZaloClient | None = None, **environment: str) -> Services:
        """What processes share, over this rig's clock and database. ``client`` may be any stand-in."""
        settings = self.settings(**environment)
        chosen = client or ZaloClient(
            settings.zalo_api_url, settings.zalo_oauth_url, settings.zalo_app_id, settings.zalo_app_secret
        )
        return Services(settings, self.clock, self.vault, self.database, self.limiter, chosen)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "hoixa.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()  # the last one to leave puts the write-ahead log into the file
    assert not path.with_name(path.name + "-wal").exists()
    return path


@pytest.fixture(scope="session")
def migrated_postgres(request: pytest.FixtureRequest) -> str:
    """A PostgreSQL database at the newest schema, emptied before each use."""
    url: str = request.getfixturevalue("postgres_url")()
    database = Database(url)
    migrate(database)
    database.close()
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """The test runs once over SQLite and once over PostgreSQL."""
    if request.param == "sqlite":
        yield from _over_sqlite(request, tmp_path)
        return
    database = Database(request.getfixturevalue("migrated_postgres"))
    _empty(database)
    one = Rig(database)
    yield one
    one.close()


def _empty(database: Database) -> None:
    """Leave a PostgreSQL database as migrations made it: no rows, numbers from the beginning.

    TRUNCATE gives each table and index new files: two seconds for all of them, a few milliseconds for those in use.
    DELETE would be quick too, but leaves room where later rows land in another order than in a new database.
    """
    look = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables.metadata.tables)
    with database.write() as connection:
        in_use = list(connection.execute(text(look)).scalars())
        if in_use:
            connection.execute(text(f"TRUNCATE {', '.join(in_use)}"))
        connection.execute(
            text(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) "
                "FROM pg_sequences WHERE last_value IS NOT NULL"
            )
        )


@pytest.fixture
def sqlite_rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    """Over SQLite alone, where the database does not matter."""
    yield from _over_sqlite(request, tmp_path)


def _over_sqlite(request: pytest.FixtureRequest, folder: Path) -> Iterator[Rig]:
    target = folder / "hoixa.sqlite3"
    shutil.copyfile(request.getfixturevalue("migrated_sqlite"), target)
    one = Rig(Database(f"sqlite:///{target}"))
    yield one
    one.close()
