"""Alembic's entry: runs the migrations on the connection that ``bot.store.schema`` hands over."""

from __future__ import annotations

from alembic import context

# Importing them fills the metadata.
from bot.store import (  # noqa: F401
    broadcast_tables,
    case_tables,
    council_tables,
    learning_tables,
    staff_tables,
    takeover_tables,
    voice_tables,
)
from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
