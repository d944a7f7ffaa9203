"""The small install of ``tests/rig.py`` for this folder, and officials who look at its console."""

from collections.abc import Callable, Iterator

import pytest
from console_visitor import OpenConsole, Visitor, open_console_over
from rig import Rig, migrated_postgres, migrated_sqlite, rig, sqlite_rig

from bot import credentials

__all__ = ["migrated_postgres", "migrated_sqlite", "rig", "sqlite_rig"]


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Passwords cost time and memory on purpose; here they only have to fit or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(credentials, "MEMORY_KIB", 8)
        patch.setattr(credentials, "PASSES", 1)
        credentials._hasher.cache_clear()
        yield
    credentials._hasher.cache_clear()


@pytest.fixture
def open_console(sqlite_rig: Rig) -> OpenConsole:
    """Make an official of a post and commune, signed in: ``open_console("chu-tich")``."""
    return open_console_over(sqlite_rig)


@pytest.fixture
def everybody(open_console: OpenConsole) -> Callable[[], dict[str, Visitor]]:
    """One official of each post of ``ha-dong``, and the city's."""
    from bot.permissions import ROLES

    return lambda: {role: open_console(role) for role in ROLES}
