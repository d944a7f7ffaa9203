"""The small install of ``tests/rig.py`` for this folder."""

from rig import migrated_postgres, migrated_sqlite, rig, sqlite_rig

__all__ = ["migrated_postgres", "migrated_sqlite", "rig", "sqlite_rig"]
