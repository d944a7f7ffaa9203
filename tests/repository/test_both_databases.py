"""The shared fixtures themselves: both databases answer, a new one is empty, and PostgreSQL syncs what it commits."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from bot.settings import Settings, load_settings


def test_each_database_is_fresh_and_keeps_what_is_written(database_url: str) -> None:
    engine = create_engine(database_url)
    try:
        assert inspect(engine).get_table_names() == []
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE kept (words TEXT)"))
            connection.execute(text("INSERT INTO kept VALUES ('Đăng ký khai sinh')"))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT words FROM kept")).scalar_one() == "Đăng ký khai sinh"
    finally:
        engine.dispose()


@pytest.mark.postgres
def test_the_postgres_of_the_tests_is_as_durable_as_an_install(postgres_url: Callable[[], str]) -> None:
    first, second = postgres_url(), postgres_url()
    assert first != second
    assert load_settings({"HOIXA_SECRET_KEY": "k" * 32, "HOIXA_DATABASE_URL": first}).database_url == first
    engine = create_engine(first)
    try:
        with engine.connect() as connection:
            assert connection.execute(text("SHOW fsync")).scalar_one() == "on"
            assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    finally:
        engine.dispose()


def test_settings_of_tests_lead_to_no_real_zalo(settings: Settings) -> None:
    assert not settings.talks_to_real_zalo
    assert settings.is_sqlite
    assert [name for name in os.environ if name.startswith("HOIXA_")] == []
    assert not Path(".env").exists()
