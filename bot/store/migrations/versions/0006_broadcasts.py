"""announcements, schedules and events"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "apscheduler_jobs",
        sa.Column("id", sa.Unicode(length=191), nullable=False),
        sa.Column("next_run_time", sa.Float(precision=25), nullable=True),
        sa.Column("job_state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_apscheduler_jobs")),
    )
    op.create_index(op.f("ix_apscheduler_jobs_next_run_time"), "apscheduler_jobs", ["next_run_time"], unique=False)
    op.create_table(
        "broadcast",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("fire_key", sa.String(length=120), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("send_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("late_policy", sa.String(length=10), server_default="ask", nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("approved_ms", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("freeze_after", sa.String(length=60), server_default="", nullable=False),
        sa.Column("frozen_ms", sa.BigInteger(), nullable=True),
        sa.Column("fan_after", sa.String(length=60), server_default="", nullable=False),
        sa.Column("fanned_ms", sa.BigInteger(), nullable=True),
        sa.Column("payload_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("text_digest", sa.String(length=32), server_default="", nullable=False),
        sa.Column("plain_digest", sa.String(length=32), server_default="", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("skipped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_doubt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=True),
        sa.Column("finished_ms", sa.BigInteger(), nullable=True),
        sa.Column("article_token_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("article_id", sa.String(length=120), nullable=True),
        sa.Column("zalo_msg_id", sa.String(length=120), nullable=True),
        sa.Column("note", sa.String(length=60), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
        sa.UniqueConstraint("fire_key", name=op.f("uq_broadcast_fire_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_broadcast_commune_id_created_ms", "broadcast", ["commune_id", "created_ms"], unique=False)
    op.create_index(
        "ix_broadcast_open",
        "broadcast",
        ["id"],
        unique=False,
        sqlite_where=sa.text("finished_ms IS NULL AND state IN ('scheduled', 'running', 'paused', 'cancelled')"),
        postgresql_where=sa.text("finished_ms IS NULL AND state IN ('scheduled', 'running', 'paused', 'cancelled')"),
    )
    op.create_table(
        "broadcast_reason",
        sa.Column("broadcast_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("broadcast_id", "reason", name=op.f("pk_broadcast_reason")),
    )
    op.create_table(
        "broadcast_receipt",
        sa.Column("broadcast_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("broadcast_id", "user_id", "kind", name=op.f("pk_broadcast_receipt")),
    )
    op.create_table(
        "broadcast_recipient",
        sa.Column("broadcast_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("broadcast_id", "revision", "user_id", name=op.f("pk_broadcast_recipient")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "broadcast_schedule",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("spec", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("late_policy", sa.String(length=10), nullable=False),
        sa.Column("late_minutes", sa.Integer(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("owed_from_ms", sa.BigInteger(), nullable=True),
        sa.Column("change_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_schedule")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_broadcast_schedule_change_ms", "broadcast_schedule", ["change_ms"], unique=False)
    op.create_index("ix_broadcast_schedule_commune_id", "broadcast_schedule", ["commune_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("village", sa.String(length=200), server_default="", nullable=False),
        sa.Column("audience", sa.String(length=300), server_default="", nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends_ms", sa.BigInteger(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.Column("remind_hours", sa.Integer(), server_default="24", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_commune_id_starts_ms", "event", ["commune_id", "starts_ms"], unique=False)
    op.create_table(
        "event_sign_up",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.Column("signed_ms", sa.BigInteger(), nullable=False),
        sa.Column("reminded_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("event_id", "oa_id", "user_id", name=op.f("pk_event_sign_up")),
    )
    op.create_index("ix_event_sign_up_oa_id_user_id", "event_sign_up", ["oa_id", "user_id"], unique=False)
    op.create_table(
        "fire",
        sa.Column("schedule_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fire_at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("broadcast_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("fired_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("schedule_id", "fire_at_ms", name=op.f("pk_fire")),
    )
    op.create_table(
        "resident_tag",
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("tag", sa.String(length=60), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("tagged_by", sa.String(length=200), nullable=False),
        sa.Column("tagged_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("oa_id", "user_id", "tag", name=op.f("pk_resident_tag")),
    )
    op.create_index("ix_resident_tag_commune_id_tag", "resident_tag", ["commune_id", "tag"], unique=False)
    op.create_table(
        "segment",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("commune_id", "name", name="uq_segment_commune_id_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "staff_notice",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_staff_notice_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_staff_notice_commune_id_created_ms", "staff_notice", ["commune_id", "created_ms"], unique=False)
    # Announcements have an index of their own, so that they are not looked through for answers.
    op.drop_index("ix_outbox_ready", table_name="outbox")
    _create_ready_index("state = 0 AND broadcast_id IS NULL")
    op.create_index(
        "ix_outbox_broadcast",
        "outbox",
        ["broadcast_id", "due_ms", "id"],
        unique=False,
        sqlite_where=sa.text("state = 0 AND broadcast_id IS NOT NULL"),
        postgresql_where=sa.text("state = 0 AND broadcast_id IS NOT NULL"),
    )


def _create_ready_index(condition: str) -> None:
    op.create_index(
        "ix_outbox_ready",
        "outbox",
        ["oa_id", "lane", "due_ms", "id"],
        unique=False,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_ready", table_name="outbox")
    _create_ready_index("state = 0")
    op.drop_index(
        "ix_outbox_broadcast",
        table_name="outbox",
        sqlite_where=sa.text("state = 0 AND broadcast_id IS NOT NULL"),
        postgresql_where=sa.text("state = 0 AND broadcast_id IS NOT NULL"),
    )
    op.drop_index("ix_staff_notice_commune_id_created_ms", table_name="staff_notice")
    op.drop_table("staff_notice")
    op.drop_table("segment")
    op.drop_index("ix_resident_tag_commune_id_tag", table_name="resident_tag")
    op.drop_table("resident_tag")
    op.drop_table("fire")
    op.drop_index("ix_event_sign_up_oa_id_user_id", table_name="event_sign_up")
    op.drop_table("event_sign_up")
    op.drop_index("ix_event_commune_id_starts_ms", table_name="event")
    op.drop_table("event")
    op.drop_index("ix_broadcast_schedule_commune_id", table_name="broadcast_schedule")
    op.drop_index("ix_broadcast_schedule_change_ms", table_name="broadcast_schedule")
    op.drop_table("broadcast_schedule")
    op.drop_table("broadcast_recipient")
    op.drop_table("broadcast_receipt")
    op.drop_table("broadcast_reason")
    op.drop_index(
        "ix_broadcast_open",
        table_name="broadcast",
        sqlite_where=sa.text("finished_ms IS NULL AND state IN ('scheduled', 'running', 'paused', 'cancelled')"),
        postgresql_where=sa.text("finished_ms IS NULL AND state IN ('scheduled', 'running', 'paused', 'cancelled')"),
    )
    op.drop_index("ix_broadcast_commune_id_created_ms", table_name="broadcast")
    op.drop_table("broadcast")
    op.drop_index(op.f("ix_apscheduler_jobs_next_run_time"), table_name="apscheduler_jobs")
    op.drop_table("apscheduler_jobs")
