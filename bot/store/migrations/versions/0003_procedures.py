"""imported procedures and the parts drafted from them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "procedure",
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("imported_ms", sa.BigInteger(), nullable=False),
        sa.Column("change_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commune_id", "code", "kind", name=op.f("pk_procedure")),
    )
    op.create_index("ix_procedure_change_ms", "procedure", ["change_ms"])
    op.create_table(
        "procedure_facet",
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("facet", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("as_of", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_ms", sa.BigInteger(), nullable=True),
        sa.Column("drafted_ms", sa.BigInteger(), nullable=False),
        sa.Column("change_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commune_id", "code", "facet", name=op.f("pk_procedure_facet")),
    )
    op.create_index("ix_procedure_facet_change_ms", "procedure_facet", ["change_ms"])


def downgrade() -> None:
    op.drop_index("ix_procedure_facet_change_ms", table_name="procedure_facet")
    op.drop_table("procedure_facet")
    op.drop_index("ix_procedure_change_ms", table_name="procedure")
    op.drop_table("procedure")
