"""What officials taught the assistant, models learned since, and what they note to each other beside a conversation.

Conventions of :mod:`bot.store.tables` hold here too.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, Table, Text, UniqueConstraint

from bot.store.tables import Identity64, metadata

taught = Table(
    "taught",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    # Either a topic (and perhaps a part of it) that the questions mean, or words of the commune's own.
    Column("topic", String(60), nullable=False, server_default=""),
    Column("facet", String(20), nullable=False, server_default=""),
    Column("words", Text, nullable=False, server_default=""),
    # draft, approved or withdrawn; only approved ones answer.
    Column("state", String(10), nullable=False),
    Column("author", String(200), nullable=False),
    Column("approved_by", String(200)),
    # A calendar day in Vietnam, written 2027-03-01: the last on which it answers; empty for no end.
    Column("valid_until", String(10)),
    Column("created_ms", BigInteger, nullable=False),
    Column("approved_ms", BigInteger),
    # Never falls: its largest value is the version of all that was taught.
    Column("change_ms", BigInteger, nullable=False),
    Index("ix_taught_commune_id_state", "commune_id", "state"),
    Index("ix_taught_change_ms", "change_ms"),
    sqlite_autoincrement=True,
)

taught_question = Table(
    "taught_question",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    Column("taught_id", BigInteger, nullable=False),
    # A resident's words, covered as bot.masking says.
    Column("text_sealed", LargeBinary, nullable=False),
    Column("digest", String(32), nullable=False),
    UniqueConstraint("taught_id", "digest"),
    Index("ix_taught_question_commune_id", "commune_id"),
    sqlite_autoincrement=True,
)

learned_model = Table(
    "learned_model",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    # "*": one model serves every commune of the install.
    Column("commune_id", String(60), nullable=False),
    # asked, learning, in_force, refused, failed or replaced.
    Column("state", String(10), nullable=False),
    Column("folder", String(120), nullable=False, server_default=""),
    Column("examples", BigInteger, nullable=False, server_default="0"),
    # JSON: what was measured before and after, and why it was refused.
    Column("figures", Text, nullable=False, server_default="{}"),
    Column("asked_by", String(200), nullable=False),
    Column("asked_ms", BigInteger, nullable=False),
    Column("finished_ms", BigInteger),
    Index("ix_learned_model_state", "state"),
    sqlite_autoincrement=True,
)

handover_note = Table(
    "handover_note",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    Column("handover_id", BigInteger, nullable=False),
    Column("author", String(200), nullable=False),
    # For officials alone: no code sends it anywhere.
    Column("text_sealed", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_handover_note_handover_id", "handover_id"),
    Index("ix_handover_note_at_ms", "at_ms"),
    sqlite_autoincrement=True,
)

answer_contest = Table(
    "answer_contest",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    # The conversation it was said in; empty for an answer read among what we know.
    Column("handover_id", BigInteger),
    Column("topic", String(60), nullable=False, server_default=""),
    Column("answer_sealed", LargeBinary, nullable=False),
    Column("reason_sealed", LargeBinary, nullable=False),
    # open or closed.
    Column("state", String(10), nullable=False),
    Column("author", String(200), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("closed_by", String(200)),
    Column("closed_ms", BigInteger),
    Index("ix_answer_contest_commune_id_state", "commune_id", "state"),
    Index("ix_answer_contest_handover_id", "handover_id"),
    Index("ix_answer_contest_at_ms", "at_ms"),
    sqlite_autoincrement=True,
)
