"""The small install of ``tests/rig.py`` for this folder, and officials who look at its console."""

from collections.abc import Callable

import pytest
from console_visitor import OpenConsole, Visitor, open_console_over
from rig import Rig, migrated_postgres, migrated_sqlite, rig, sqlite_rig

__all__ = ["migrated_postgres", "migrated_sqlite", "rig", "sqlite_rig"]


@pytest.fixture
def open_console(sqlite_rig: Rig) -> OpenConsole:
    """Make an official of a post and commune, signed in: ``open_console("chu-tich")``."""
    return open_console_over(sqlite_rig)


@pytest.fixture
def everybody(open_console: OpenConsole) -> Callable[[], dict[str, Visitor]]:
    """One official of each post of ``ha-dong``, and the city's."""
    from bot.permissions import ROLES

    return lambda: {role: open_console(role) for role in ROLES}
