"""knowledge edits and their moves"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "knowledge_edit",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("field", sa.String(length=240), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("confidence", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("as_of", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.String(length=10), nullable=True),
        sa.Column("valid_until", sa.String(length=10), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("approved_ms", sa.BigInteger(), nullable=True),
        sa.Column("base_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_edit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_knowledge_edit_commune_id_state", "knowledge_edit", ["commune_id", "state"])
    op.create_table(
        "knowledge_move",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("edit_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("moved_by", sa.String(length=200), nullable=False),
        sa.Column("moved_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge_move")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_knowledge_move_commune_id_edit_id", "knowledge_move", ["commune_id", "edit_id"])


def downgrade() -> None:
    op.drop_index("ix_knowledge_move_commune_id_edit_id", table_name="knowledge_move")
    op.drop_table("knowledge_move")
    op.drop_index("ix_knowledge_edit_commune_id_state", table_name="knowledge_edit")
    op.drop_table("knowledge_edit")
