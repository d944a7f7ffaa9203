"""Conversations a person has, their lines, and what residents attached to their cases.

Conventions of :mod:`bot.store.tables` hold here too.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, text

from bot.store.tables import Identity64, metadata

handover = Table(
    "handover",
    metadata,
    # What officials call the conversation by.
    Column("id", Identity64, primary_key=True, autoincrement=True),
    # The act or the event that opened it: applied twice it opens once.
    Column("key", String(120), nullable=False, unique=True),
    Column("oa_id", String(40), nullable=False),
    Column("commune_id", String(60), nullable=False),
    Column("user_id", String(60), nullable=False),
    # waiting, taken or released. While it is taken, and only then, the bot is silent: there is no other truth of it.
    Column("state", String(10), nullable=False),
    Column("topic", String(60), nullable=False, server_default=""),
    Column("text_sealed", LargeBinary),
    Column("asked_ms", BigInteger, nullable=False),
    # E-mail of the official; empty where somebody answered in Zalo's own manager.
    Column("taken_by", String(200), nullable=False, server_default=""),
    Column("taken_ms", BigInteger),
    # When it comes back by itself; each word of an official moves it on.
    Column("until_ms", BigInteger, nullable=False, server_default="0"),
    Column("released_ms", BigInteger),
    # Who gave it back; empty where it came back by itself.
    Column("released_by", String(200), nullable=False, server_default=""),
    # Set for people who write without a Zalo account of their own (contract 3.4).
    Column("anonymous_conversation", String(80)),
    Index(
        "ix_handover_open",
        "oa_id",
        "user_id",
        unique=True,
        sqlite_where=text("state IN ('waiting', 'taken')"),
        postgresql_where=text("state IN ('waiting', 'taken')"),
    ),
    # Asked for each send that is claimed: it holds the few conversations a person has just now.
    Index(
        "ix_handover_taken",
        "oa_id",
        "user_id",
        "until_ms",
        sqlite_where=text("state = 'taken'"),
        postgresql_where=text("state = 'taken'"),
    ),
    Index("ix_handover_commune_id_state", "commune_id", "state", "asked_ms"),
    Index("ix_handover_oa_id_user_id", "oa_id", "user_id"),
    sqlite_autoincrement=True,
)

conversation_line = Table(
    "conversation_line",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("key", String(160), nullable=False, unique=True),
    Column("handover_id", BigInteger, nullable=False),
    Column("oa_id", String(40), nullable=False),
    Column("user_id", String(60), nullable=False),
    # resident, bot or staff.
    Column("said_by", String(10), nullable=False),
    # text, or what else was sent: image, file, location…
    Column("kind", String(30), nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_conversation_line_handover_id", "handover_id", "id"),
    Index("ix_conversation_line_oa_id_user_id", "oa_id", "user_id"),
    Index("ix_conversation_line_at_ms", "at_ms"),
    sqlite_autoincrement=True,
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    # The act that brought it, and its place in it.
    Column("key", String(130), nullable=False, unique=True),
    # The act alone: the sender hears once about all things of one act.
    Column("act_key", String(120), nullable=False),
    Column("oa_id", String(40), nullable=False),
    Column("commune_id", String(60), nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("case_code", String(12), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("url_sealed", LargeBinary),
    # pending, stored or refused (why: bot.casework.attachments).
    Column("state", String(10), nullable=False),
    Column("reason", String(20), nullable=False, server_default=""),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    Column("due_ms", BigInteger, nullable=False),
    Column("owner", String(16)),
    # The vault's digest of the bytes as kept.
    Column("digest", String(32), nullable=False, server_default=""),
    Column("mime", String(100), nullable=False, server_default=""),
    Column("size", Integer, nullable=False, server_default="0"),
    Column("width", Integer, nullable=False, server_default="0"),
    Column("height", Integer, nullable=False, server_default="0"),
    Column("created_ms", BigInteger, nullable=False),
    Column("stored_ms", BigInteger),
    Index(
        "ix_attachment_pending",
        "due_ms",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index("ix_attachment_case_code", "case_code", "id"),
    Index("ix_attachment_act_key", "act_key"),
    Index("ix_attachment_oa_id_user_id", "oa_id", "user_id"),
    sqlite_autoincrement=True,
)

attachment_part = Table(
    "attachment_part",
    metadata,
    # Bytes in pieces, so that no transaction holds the write lock for long (docs/decisions/0012).
    Column("attachment_id", BigInteger, primary_key=True, autoincrement=False),
    Column("part", SmallInteger, primary_key=True, autoincrement=False),
    Column("oa_id", String(40), nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
)
