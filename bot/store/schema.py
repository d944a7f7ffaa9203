"""Brings a database to the schema of this release, and refuses one from a later release.

Alembic is imported only when there is something to migrate: it takes 0.4 s that no start should pay.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError as SqlDatabaseError
from sqlalchemy.exc import OperationalError, ProgrammingError

from bot.catalogue import CATALOGUE
from bot.store.database import Database
from bot.store.failure import DatabaseError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every revision this release knows, oldest first; a test holds it to the migrations' folder."""
_NO_TABLE = ("no such table", "does not exist")


def alembic_configuration(connection: Connection) -> Config:
    """A configuration without an ini file, on an open connection."""
    from alembic.config import Config

    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    return configuration


def current_revision(database: Database) -> str | None:
    """The revision the database stands at; None where new. Raises :class:`DatabaseError` where it cannot be read."""
    try:
        with database.read() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (OperationalError, ProgrammingError) as error:
        if any(words in str(error.orig) for words in _NO_TABLE) and "database" not in str(error.orig):
            return None
        raise DatabaseError(CATALOGUE.word("database_unreachable")) from None
    except SqlDatabaseError:
        if database.path is not None:
            raise DatabaseError(CATALOGUE.word("database_damaged", path=database.path)) from None
        raise DatabaseError(CATALOGUE.word("database_unreachable")) from None


def check_known(database: Database) -> str | None:
    """The current revision. Raises :class:`DatabaseError` where a later release made the database."""
    current = current_revision(database)
    if current is not None:
        refuse_later_revision(current)
    return current


def refuse_later_revision(revision: str) -> None:
    """Raise :class:`DatabaseError` for a revision this release does not know."""
    if revision not in REVISIONS:
        raise DatabaseError(CATALOGUE.word("database_future", revision=revision))


def migrate(database: Database) -> bool:
    """Bring the schema to the newest revision. True if anything changed. Idempotent; safe beside other processes."""
    if check_known(database) == REVISIONS[-1]:
        return False
    from alembic import command

    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(79, 1)"))  # two processes may start at once
        command.upgrade(alembic_configuration(connection), "head")
    return True


def require_current(database: Database) -> None:
    """Raise :class:`DatabaseError` unless the schema is exactly this release's."""
    if check_known(database) != REVISIONS[-1]:
        raise DatabaseError(CATALOGUE.word("database_old"))
