"""Brings a database to the schema of this release, and refuses one from a later release."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError as SqlDatabaseError

from bot.catalogue import CATALOGUE
from bot.store.database import Database, DatabaseError

MIGRATIONS = Path(__file__).parent / "migrations"


def alembic_configuration(connection: Connection) -> Config:
    """A configuration without an ini file, on an open connection."""
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    configuration.attributes["connection"] = connection
    return configuration


def head_revision() -> str:
    """The newest revision this release knows."""
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    head = ScriptDirectory.from_config(configuration).get_current_head()
    assert head is not None
    return head


def current_revision(database: Database) -> str | None:
    """The revision the database stands at; None where it is new."""
    try:
        with database.read() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except SqlDatabaseError as error:
        if database.path is not None and "not a database" in str(error):
            raise DatabaseError(CATALOGUE.word("database_damaged", path=database.path)) from None
        raise DatabaseError(CATALOGUE.word("database_unreachable")) from None


def check_known(database: Database) -> str | None:
    """The current revision. Raises :class:`DatabaseError` where a later release made the database."""
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    current = current_revision(database)
    known = {revision.revision for revision in ScriptDirectory.from_config(configuration).walk_revisions()}
    if current is not None and current not in known:
        raise DatabaseError(CATALOGUE.word("database_future", revision=current))
    return current


def migrate(database: Database) -> bool:
    """Bring the schema to :func:`head_revision`. True if anything changed. Idempotent; safe beside other processes."""
    if check_known(database) == head_revision():
        return False
    with database.write() as connection:
        command.upgrade(alembic_configuration(connection), "head")
    return True


def require_current(database: Database) -> None:
    """Raise :class:`DatabaseError` unless the schema is exactly this release's."""
    if check_known(database) != head_revision():
        raise DatabaseError(CATALOGUE.word("database_old"))
