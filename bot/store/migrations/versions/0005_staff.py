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


def downgrade() -> None:
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
