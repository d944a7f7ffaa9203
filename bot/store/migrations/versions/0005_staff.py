"""staff accounts, sessions, the audit log and council work"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    # accounts, sessions, audit
    op.create_table(
        "staff",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("unit", sa.String(length=40), server_default="", nullable=False),
        sa.Column("village", sa.String(length=80), server_default="", nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recovery_digests", sa.Text(), server_default="", nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("password_ms", sa.BigInteger(), nullable=False),
        sa.Column("signed_in_ms", sa.BigInteger(), nullable=True),
        sa.Column("disabled_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_staff_commune_id", "staff", ["commune_id"])
    op.create_table(
        "staff_session",
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("previous_digest", sa.String(length=32), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=True),
        sa.Column("begun_ms", sa.BigInteger(), nullable=False),
        sa.Column("rotated_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_staff_session")),
    )
    op.create_index("ix_staff_session_previous_digest", "staff_session", ["previous_digest"])
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"])
    op.create_index("ix_staff_session_seen_ms", "staff_session", ["seen_ms"])
    op.create_table(
        "sign_in_throttle",
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("wait_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_sign_in_throttle")),
    )
    op.create_index("ix_sign_in_throttle_changed_ms", "sign_in_throttle", ["changed_ms"])
    op.create_table(
        "audit",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("before", sa.Text(), server_default="", nullable=False),
        sa.Column("after", sa.Text(), server_default="", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_commune_id_id", "audit", ["commune_id", "id"])
    op.create_index("ix_audit_subject", "audit", ["subject"])
    # council scores and campaigns: below this line
    _create_council_work()


def downgrade() -> None:
    _drop_council_work()
    # council scores and campaigns: below this line
    # accounts, sessions, audit
    op.drop_index("ix_audit_subject", table_name="audit")
    op.drop_index("ix_audit_commune_id_id", table_name="audit")
    op.drop_table("audit")
    op.drop_index("ix_sign_in_throttle_changed_ms", table_name="sign_in_throttle")
    op.drop_table("sign_in_throttle")
    op.drop_index("ix_staff_session_seen_ms", table_name="staff_session")
    op.drop_index("ix_staff_session_staff_id", table_name="staff_session")
    op.drop_index("ix_staff_session_previous_digest", table_name="staff_session")
    op.drop_table("staff_session")
    op.drop_index("ix_staff_commune_id", table_name="staff")
    op.drop_table("staff")


# --- Council, campaigns, stories, referrals, saved filters, exports (bot/store/council_tables.py) ---


def _create_council_work() -> None:
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "council_sheet",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("scale", sa.SmallInteger(), nullable=False),
        sa.Column("pass_percent", sa.SmallInteger(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("retired_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_sheet")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_council_sheet_commune_id", "council_sheet", ["commune_id"])
    op.create_table(
        "council_round",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("case_code", sa.String(length=12), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("sheet_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("opened_by", sa.BigInteger(), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.Column("result_percent", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_round")),
        sa.UniqueConstraint("case_code", "number", name=op.f("uq_council_round_case_code_number")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_council_round_commune_id_state", "council_round", ["commune_id", "state"])
    op.create_table(
        "council_member",
        sa.Column("round_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("named_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "staff_id", name=op.f("pk_council_member")),
    )
    op.create_index("ix_council_member_staff_id", "council_member", ["staff_id"])
    op.create_table(
        "council_vote",
        sa.Column("round_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("marks_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("remark_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("voted_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", "staff_id", name=op.f("pk_council_vote")),
    )
    op.create_table(
        "campaign",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("begins", sa.String(length=10), nullable=False),
        sa.Column("ends", sa.String(length=10), nullable=True),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_campaign_commune_id_begins", "campaign", ["commune_id", "begins"])
    op.create_table(
        "campaign_target",
        sa.Column("campaign_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("village", sa.String(length=200), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "village", name=op.f("pk_campaign_target")),
    )
    op.create_table(
        "initiative_target",
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.BigInteger(), nullable=False),
        sa.Column("set_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commune_id", "year", name=op.f("pk_initiative_target")),
    )
    op.create_table(
        "city_referral",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("case_code", sa.String(length=12), nullable=False),
        sa.Column("destination", sa.String(length=200), nullable=False),
        sa.Column("referred_on", sa.String(length=10), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("referred_by", sa.BigInteger(), nullable=False),
        sa.Column("referred_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_referral")),
        sa.UniqueConstraint("case_code", "destination", name=op.f("uq_city_referral_case_code_destination")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_city_referral_commune_id", "city_referral", ["commune_id"])
    op.create_table(
        "initiative_story",
        sa.Column("case_code", sa.String(length=12), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("title_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.BigInteger(), nullable=True),
        sa.Column("approved_ms", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("case_code", name=op.f("pk_initiative_story")),
    )
    op.create_index("ix_initiative_story_commune_id_state", "initiative_story", ["commune_id", "state"])
    op.create_table(
        "case_twin",
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("other_code", sa.String(length=12), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("found_ms", sa.BigInteger(), nullable=False),
        sa.Column("parted_by", sa.BigInteger(), nullable=True),
        sa.Column("parted_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("code", "other_code", name=op.f("pk_case_twin")),
    )
    op.create_index("ix_case_twin_commune_id_kind", "case_twin", ["commune_id", "kind"])
    op.create_index("ix_case_twin_other_code", "case_twin", ["other_code"])
    op.create_table(
        "twin_search",
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commune_id", "kind", name=op.f("pk_twin_search")),
    )
    op.create_table(
        "saved_filter",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("staff_id", "page", "name", name=op.f("uq_saved_filter_staff_id_page_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "export_job",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parameters_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("result_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("error", sa.String(length=80), nullable=False),
        sa.Column("requested_ms", sa.BigInteger(), nullable=False),
        sa.Column("claimed_ms", sa.BigInteger(), nullable=False),
        sa.Column("finished_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_job")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_export_job_expires_ms", "export_job", ["expires_ms"])
    op.create_index("ix_export_job_state_id", "export_job", ["state", "id"])


def _drop_council_work() -> None:
    op.drop_index("ix_export_job_expires_ms", table_name="export_job")
    op.drop_index("ix_export_job_state_id", table_name="export_job")
    op.drop_table("export_job")
    op.drop_table("saved_filter")
    op.drop_table("twin_search")
    op.drop_index("ix_case_twin_other_code", table_name="case_twin")
    op.drop_index("ix_case_twin_commune_id_kind", table_name="case_twin")
    op.drop_table("case_twin")
    op.drop_index("ix_initiative_story_commune_id_state", table_name="initiative_story")
    op.drop_table("initiative_story")
    op.drop_index("ix_city_referral_commune_id", table_name="city_referral")
    op.drop_table("city_referral")
    op.drop_table("initiative_target")
    op.drop_table("campaign_target")
    op.drop_index("ix_campaign_commune_id_begins", table_name="campaign")
    op.drop_table("campaign")
    op.drop_table("council_vote")
    op.drop_index("ix_council_member_staff_id", table_name="council_member")
    op.drop_table("council_member")
    op.drop_index("ix_council_round_commune_id_state", table_name="council_round")
    op.drop_table("council_round")
    op.drop_index("ix_council_sheet_commune_id", table_name="council_sheet")
    op.drop_table("council_sheet")
