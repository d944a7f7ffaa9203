"""The migrations make exactly the tables of the code, up and down, on both databases."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import LargeBinary, String, insert, inspect, select, text

from bot.store import tables
from bot.store.database import Database
from bot.store.failure import DatabaseError
from bot.store.schema import (
    REVISIONS,
    alembic_configuration,
    check_known,
    current_revision,
    migrate,
    require_current,
)


@pytest.fixture
def database(database_url: str) -> Any:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    assert current_revision(database) is None
    assert migrate(database)
    with database.write() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, tables.metadata) == []
        indexes = {index["name"] for name in tables.metadata.tables for index in inspect(connection).get_indexes(name)}
    assert {index.name for table in tables.metadata.tables.values() for index in table.indexes} <= indexes


def test_partial_indexes_are_partial(database: Database) -> None:
    migrate(database)
    statement = (
        "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = 'ix_outbox_ready'"
        if database.is_sqlite
        else "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_outbox_ready'"
    )
    with database.read() as connection:
        assert "state = 0" in connection.execute(text(statement)).scalar_one().replace("(", "").replace(")", "")


def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert migrate(database)
    assert not migrate(database)
    require_current(database)


def test_an_unmigrated_database_is_not_current(database: Database) -> None:
    with pytest.raises(DatabaseError, match="hoixa migrate"):
        require_current(database)


def _a_value(column: Any) -> Any:
    if isinstance(column.type, LargeBinary):
        return b"sealed"
    if isinstance(column.type, String):
        return "một"[: column.type.length]
    return 1 if str(column.type) != "BOOLEAN" else True


def test_every_revision_goes_up_and_down_with_data(database: Database) -> None:
    script = ScriptDirectory.from_config(_configuration(database))
    revisions = [revision.revision for revision in script.walk_revisions()][::-1]
    assert tuple(revisions) == REVISIONS
    for revision in revisions:
        _run(database, command.upgrade, revision)
        _fill_every_table(database)
    for revision in [*revisions[:-1][::-1], "base"]:
        _run(database, command.downgrade, revision)
    with database.read() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
    assert migrate(database)


def _configuration(database: Database) -> Any:
    with database.write() as connection:
        return alembic_configuration(connection)


def _run(database: Database, step: Any, revision: str) -> None:
    with database.write() as connection:
        step(alembic_configuration(connection), revision)


def _fill_every_table(database: Database) -> None:
    with database.write() as connection:
        present = set(inspect(connection).get_table_names())
        for name, table in tables.metadata.tables.items():
            if name not in present:
                continue
            existing = {column["name"] for column in inspect(connection).get_columns(name)}
            values = {column.name: _a_value(column) for column in table.columns if column.name in existing}
            if connection.execute(select(table.c[next(iter(values))]).limit(1)).first() is None:
                connection.execute(insert(table).values(**values))


def test_a_database_of_a_later_release_is_refused_and_left_alone(database: Database) -> None:
    migrate(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for ask in (check_known, migrate, require_current):
        with pytest.raises(DatabaseError, match="9999"):
            ask(database)
    assert current_revision(database) == "9999"


def test_two_processes_may_migrate_at_once(database: Database) -> None:
    databases = [Database(database.url) for _ in range(4)]
    barrier = threading.Barrier(len(databases))
    troubles: list[BaseException] = []

    def bring_up(one: Database) -> None:
        barrier.wait()
        try:
            migrate(one)
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=bring_up, args=(one,)) for one in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in databases:
        one.close()
    assert troubles == []
    assert current_revision(database) == REVISIONS[-1]


def test_every_table_says_whose_data_it_holds() -> None:
    for name, table in tables.metadata.tables.items():
        owned = {"commune_id", "oa_id"} & set(table.columns.keys())
        assert owned or name in tables.WITHOUT_COMMUNE, f"{name}: neither commune_id nor oa_id, and no reason given"
    known = {*tables.metadata.tables, "alembic_version"}
    assert set(tables.WITHOUT_COMMUNE) <= known
    for name, reason in tables.WITHOUT_COMMUNE.items():
        assert reason.strip()
        if name in tables.metadata.tables:
            assert not {"commune_id", "oa_id"} & set(tables.metadata.tables[name].columns.keys())


def test_moments_are_whole_numbers_of_64_bits() -> None:
    for table in tables.metadata.tables.values():
        for column in table.columns:
            if column.name.endswith(("_ms", "_us")):
                assert str(column.type) == "BIGINT", f"{table.name}.{column.name}"
            if column.name.endswith("_sealed"):
                assert isinstance(column.type, LargeBinary), f"{table.name}.{column.name}"
