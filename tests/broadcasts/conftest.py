"""The rig of the engine, for announcements."""

from __future__ import annotations

from rig import migrated_postgres, migrated_sqlite, rig, sqlite_rig

__all__ = ["migrated_postgres", "migrated_sqlite", "rig", "sqlite_rig"]
