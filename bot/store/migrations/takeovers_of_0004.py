"""A part of revision 0004: conversations a person has, what residents attach to their cases. Never changed again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Up."""
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    # Who speaks in a row of the outbox (bot.journal.states.Voice). All that waits now are answers.
    op.add_column("outbox", sa.Column("voice", sa.SmallInteger(), nullable=False, server_default="0"))
    op.create_table(
        "handover",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False, server_default=""),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("taken_ms", sa.BigInteger(), nullable=True),
        sa.Column("until_ms", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("released_ms", sa.BigInteger(), nullable=True),
        sa.Column("released_by", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("anonymous_conversation", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("key", name=op.f("uq_handover_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_handover_open",
        "handover",
        ["oa_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'taken')"),
        postgresql_where=sa.text("state IN ('waiting', 'taken')"),
    )
    op.create_index(
        "ix_handover_taken",
        "handover",
        ["oa_id", "user_id", "until_ms"],
        sqlite_where=sa.text("state = 'taken'"),
        postgresql_where=sa.text("state = 'taken'"),
    )
    op.create_index("ix_handover_commune_id_state", "handover", ["commune_id", "state", "asked_ms"])
    op.create_index("ix_handover_oa_id_user_id", "handover", ["oa_id", "user_id"])
    # A person answering in Zalo's own manager was noted here, of people who may still be silent for minutes: a new
    # start after an update answers them, as the official's half hour is over by then or nearly so.
    op.drop_column("resident", "silent_until_ms")
    op.create_table(
        "conversation_line",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("handover_id", sa.BigInteger(), nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("said_by", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_line")),
        sa.UniqueConstraint("key", name=op.f("uq_conversation_line_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_conversation_line_handover_id", "conversation_line", ["handover_id", "id"])
    op.create_index("ix_conversation_line_oa_id_user_id", "conversation_line", ["oa_id", "user_id"])
    op.create_index("ix_conversation_line_at_ms", "conversation_line", ["at_ms"])
    op.create_table(
        "attachment",
        sa.Column("id", identity, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=130), nullable=False),
        sa.Column("act_key", sa.String(length=120), nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("user_id", sa.String(length=60), nullable=False),
        sa.Column("case_code", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("url_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False, server_default=""),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.Column("due_ms", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(length=16), nullable=True),
        sa.Column("digest", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("mime", sa.String(length=100), nullable=False, server_default=""),
        sa.Column("size", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("width", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("height", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("stored_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("key", name=op.f("uq_attachment_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_attachment_pending",
        "attachment",
        ["due_ms"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_attachment_case_code", "attachment", ["case_code", "id"])
    op.create_index("ix_attachment_act_key", "attachment", ["act_key"])
    op.create_index("ix_attachment_oa_id_user_id", "attachment", ["oa_id", "user_id"])
    op.create_table(
        "attachment_part",
        sa.Column("attachment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("oa_id", sa.String(length=40), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("attachment_id", "part", name=op.f("pk_attachment_part")),
    )


def drop() -> None:
    """Down."""
    for table in ("attachment_part", "attachment", "conversation_line", "handover"):
        op.drop_table(table)  # its indexes go with it
    op.add_column("resident", sa.Column("silent_until_ms", sa.BigInteger(), nullable=False, server_default="0"))
    op.drop_column("outbox", "voice")
