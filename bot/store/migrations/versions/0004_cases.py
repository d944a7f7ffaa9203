"""what residents send in, and what is kept of their wishes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations import takeovers_of_0004

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_cases()
    _create_voices()
    takeovers_of_0004.create()


def downgrade() -> None:
    takeovers_of_0004.drop()
    _drop_voices()
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
    op.create_index("ix_case_file_updated", "case_file", ["commune_id", "kind", "updated_ms"])
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
        sa.Column("person_digest", sa.String(length=32), nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
        sa.UniqueConstraint("key", name=op.f("uq_case_event_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_case_event_person_digest", "case_event", ["person_digest"])
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
    op.drop_index("ix_case_event_person_digest", table_name="case_event")
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


# --- Volunteers, forwarded questions, ratings, consents, hints ---


def _create_voices() -> None:
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "volunteer_code",
        sa.Column("code_digest", sa.String(length=32), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("village", sa.String(length=200), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=True),
        sa.Column("used_key", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("code_digest", name=op.f("pk_volunteer_code")),
    )
    op.create_table(
        "volunteer",
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("village", sa.String(length=200), nullable=False),
        sa.Column("enrolled_ms", sa.BigInteger(), nullable=False),
        sa.Column("left_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("oa_id", "user_id", name=op.f("pk_volunteer")),
    )
    op.create_index("ix_volunteer_commune_id_village", "volunteer", ["commune_id", "village"])
    op.create_table(
        "forward",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("link_code", sa.String(length=12), nullable=False),
        sa.Column("village", sa.String(length=200), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("for_whom_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("answered_by", sa.String(length=10), nullable=True),
        sa.Column("answered_ms", sa.BigInteger(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer_key", sa.String(length=120), nullable=True),
        sa.Column("neighbour_user_id", sa.String(length=60), nullable=True),
        sa.Column("linked_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forward")),
        sa.UniqueConstraint("key", name=op.f("uq_forward_key")),
        sa.UniqueConstraint("link_code", name=op.f("uq_forward_link_code")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_forward_commune_id_asked_ms", "forward", ["commune_id", "asked_ms"])
    op.create_index("ix_forward_oa_id_user_id", "forward", ["oa_id", "user_id"])
    op.create_table(
        "team_report",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("village", sa.String(length=200), nullable=False),
        sa.Column("classes", sa.Integer(), nullable=False),
        sa.Column("people_helped", sa.Integer(), nullable=False),
        sa.Column("difficulties_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("filed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_report")),
        sa.UniqueConstraint("key", name=op.f("uq_team_report_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_team_report_commune_id_filed_ms", "team_report", ["commune_id", "filed_ms"])
    op.create_table(
        "team_digest",
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("document_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commune_id", "week", name=op.f("pk_team_digest")),
    )
    op.create_table(
        "rating",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("mark", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("case_code", sa.String(length=12), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("facet", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("village", sa.String(length=200), nullable=False),
        sa.Column("rated_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("key", name=op.f("uq_rating_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rating_commune_id_rated_ms", "rating", ["commune_id", "rated_ms"])
    op.create_index("ix_rating_oa_id_user_id", "rating", ["oa_id", "user_id"])
    op.create_table(
        "consent",
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("given_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("oa_id", "user_id", "scope", name=op.f("pk_consent")),
    )
    op.create_table(
        "announcement_choice",
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("oa_id", "user_id", name=op.f("pk_announcement_choice")),
    )
    op.create_table(
        "erasure",
        sa.Column("receipt", sa.String(length=20), nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("erased_ms", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_erasure")),
    )
    op.create_table(
        "learning_hint",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("wrong_topic", sa.String(length=60), nullable=False),
        sa.Column("right_topic", sa.String(length=60), nullable=False),
        sa.Column("hinted_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_hint")),
        sa.UniqueConstraint("key", name=op.f("uq_learning_hint_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_learning_hint_commune_id_hinted_ms", "learning_hint", ["commune_id", "hinted_ms"])


def _drop_voices() -> None:
    for table in (
        "learning_hint",
        "erasure",
        "announcement_choice",
        "consent",
        "rating",
        "team_digest",
        "team_report",
        "forward",
        "volunteer",
        "volunteer_code",
    ):
        op.drop_table(table)  # its indexes go with it
