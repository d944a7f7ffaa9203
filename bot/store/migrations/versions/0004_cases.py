"""what residents send in, and what is kept of their wishes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_cases()


def downgrade() -> None:
    _drop_cases()


# --- Cases ---


def _create_cases() -> None:
    op.create_table(
        "case_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False, server_default=""),
        sa.Column("village", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("unit", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("assignee", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("author_kind", sa.String(length=20), nullable=False, server_default=""),
        sa.Column("stage", sa.String(length=20), nullable=False, server_default=""),
        sa.Column("campaign_id", sa.String(length=60), nullable=False, server_default=""),
        sa.Column("anonymous", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("gist_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("place_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("due_ms", sa.BigInteger(), nullable=True),
        sa.Column("left_minutes", sa.Integer(), nullable=True),
        sa.Column("escalated", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("reason", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("resolved_ms", sa.BigInteger(), nullable=True),
        sa.Column("reopened", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("people", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("supporters", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("merged_into", sa.String(length=12), nullable=False, server_default=""),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("code", name=op.f("uq_case_file_code")),
        sa.UniqueConstraint("key", name=op.f("uq_case_file_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_case_file_assignee",
        "case_file",
        ["commune_id", "assignee", "state"],
        sqlite_where=sa.text("assignee <> ''"),
        postgresql_where=sa.text("assignee <> ''"),
    )
    op.create_index(
        "ix_case_file_campaign",
        "case_file",
        ["commune_id", "campaign_id"],
        sqlite_where=sa.text("campaign_id <> ''"),
        postgresql_where=sa.text("campaign_id <> ''"),
    )
    op.create_index("ix_case_file_category", "case_file", ["commune_id", "kind", "category", "state", "created_ms"])
    op.create_index("ix_case_file_created", "case_file", ["commune_id", "kind", "merged_into", "created_ms"])
    op.create_index(
        "ix_case_file_due",
        "case_file",
        ["due_ms"],
        sqlite_where=sa.text("due_ms IS NOT NULL"),
        postgresql_where=sa.text("due_ms IS NOT NULL"),
    )
    op.create_index("ix_case_file_folder", "case_file", ["commune_id", "kind", "merged_into", "state", "due_ms"])
    op.create_index("ix_case_file_kind_created", "case_file", ["kind", "created_ms"])
    op.create_index(
        "ix_case_file_merged",
        "case_file",
        ["merged_into"],
        sqlite_where=sa.text("merged_into <> ''"),
        postgresql_where=sa.text("merged_into <> ''"),
    )
    op.create_index("ix_case_file_unit", "case_file", ["commune_id", "kind", "unit", "state", "due_ms"])
    op.create_index("ix_case_file_updated", "case_file", ["commune_id", "kind", "merged_into", "updated_ms"])
    op.create_index("ix_case_file_village", "case_file", ["commune_id", "kind", "village", "state", "created_ms"])
    op.create_table(
        "case_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("after", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("by", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("public_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("internal_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
        sa.UniqueConstraint("key", name=op.f("uq_case_event_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_case_event_case_id", "case_event", ["case_id", "id"])
    op.create_index("ix_case_event_commune_id_at_ms", "case_event", ["commune_id", "at_ms"])
    op.create_table(
        "case_person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("known_code", sa.String(length=12), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("joined_ms", sa.BigInteger(), nullable=False),
        sa.Column("mark", sa.SmallInteger(), nullable=True),
        sa.Column("rated_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_person")),
        sa.UniqueConstraint("case_id", "oa_id", "user_id", name=op.f("uq_case_person_case_id_oa_id_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_case_person_oa_id_user_id", "case_person", ["oa_id", "user_id", "case_id"])


def _drop_cases() -> None:
    op.drop_index("ix_case_person_oa_id_user_id", table_name="case_person")
    op.drop_table("case_person")
    op.drop_index("ix_case_event_case_id", table_name="case_event")
    op.drop_index("ix_case_event_commune_id_at_ms", table_name="case_event")
    op.drop_table("case_event")
    op.drop_index("ix_case_file_assignee", table_name="case_file")
    op.drop_index("ix_case_file_campaign", table_name="case_file")
    op.drop_index("ix_case_file_category", table_name="case_file")
    op.drop_index("ix_case_file_created", table_name="case_file")
    op.drop_index("ix_case_file_due", table_name="case_file")
    op.drop_index("ix_case_file_folder", table_name="case_file")
    op.drop_index("ix_case_file_kind_created", table_name="case_file")
    op.drop_index("ix_case_file_merged", table_name="case_file")
    op.drop_index("ix_case_file_unit", table_name="case_file")
    op.drop_index("ix_case_file_updated", table_name="case_file")
    op.drop_index("ix_case_file_village", table_name="case_file")
    op.drop_table("case_file")
