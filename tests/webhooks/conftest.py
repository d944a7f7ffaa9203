"""The small install of ``tests/rig.py`` for this folder."""

import pytest
from rig import migrated_postgres, migrated_sqlite, rig, sqlite_rig

from bot.journal import writer

__all__ = ["migrated_postgres", "migrated_sqlite", "rig", "sqlite_rig"]


@pytest.fixture(autouse=True)
def a_busy_machine_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Zalo's two seconds are measured in the benchmarks; here a slow disk must not turn a 200 into a 503."""
    monkeypatch.setattr(writer, "WAIT_SECONDS", 30)
