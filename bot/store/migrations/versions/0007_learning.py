"""what officials taught the assistant, models learned since, notes beside conversations"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "taught",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("topic", sa.String(length=60), server_default="", nullable=False),
        sa.Column("facet", sa.String(length=20), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=True),
        sa.Column("valid_until", sa.String(length=10), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("approved_ms", sa.BigInteger(), nullable=True),
        sa.Column("change_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taught")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_taught_commune_id_state", "taught", ["commune_id", "state"])
    op.create_index("ix_taught_change_ms", "taught", ["change_ms"])
    op.create_table(
        "taught_question",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("taught_id", sa.BigInteger(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taught_question")),
        sa.UniqueConstraint("taught_id", "digest", name=op.f("uq_taught_question_taught_id_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_taught_question_commune_id", "taught_question", ["commune_id"])
    op.create_table(
        "learned_model",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("folder", sa.String(length=120), server_default="", nullable=False),
        sa.Column("examples", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("figures", sa.Text(), server_default="{}", nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("finished_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_model")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_learned_model_state", "learned_model", ["state"])
    op.create_table(
        "handover_note",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("handover_id", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_note")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_handover_note_handover_id", "handover_note", ["handover_id"])
    op.create_index("ix_handover_note_at_ms", "handover_note", ["at_ms"])
    op.create_table(
        "answer_contest",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("commune_id", sa.String(length=60), nullable=False),
        sa.Column("handover_id", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.String(length=60), server_default="", nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_by", sa.String(length=200), nullable=True),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_contest")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_answer_contest_commune_id_state", "answer_contest", ["commune_id", "state"])
    op.create_index("ix_answer_contest_handover_id", "answer_contest", ["handover_id"])
    op.create_index("ix_answer_contest_at_ms", "answer_contest", ["at_ms"])


def downgrade() -> None:
    op.drop_index("ix_answer_contest_at_ms", table_name="answer_contest")
    op.drop_index("ix_answer_contest_handover_id", table_name="answer_contest")
    op.drop_index("ix_answer_contest_commune_id_state", table_name="answer_contest")
    op.drop_table("answer_contest")
    op.drop_index("ix_handover_note_at_ms", table_name="handover_note")
    op.drop_index("ix_handover_note_handover_id", table_name="handover_note")
    op.drop_table("handover_note")
    op.drop_index("ix_learned_model_state", table_name="learned_model")
    op.drop_table("learned_model")
    op.drop_index("ix_taught_question_commune_id", table_name="taught_question")
    op.drop_table("taught_question")
    op.drop_index("ix_taught_change_ms", table_name="taught")
    op.drop_index("ix_taught_commune_id_state", table_name="taught")
    op.drop_table("taught")
