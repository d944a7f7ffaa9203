"""Every table of the product, as SQLAlchemy Core metadata. The migrations must agree with it (a test compares them).

Moments are integers: milliseconds since 1970, UTC (``*_ms``); the rate limiter's are microseconds (``*_us``). People
are keyed by (oa_id, user_id), and Zalo's ids are strings, since they exceed 2^53. Columns named ``*_sealed`` are
encrypted by ``bot.encryption.Vault``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite only counts up by itself on INTEGER; PostgreSQL needs 64 bits for a city's messages.
Identity64 = BigInteger().with_variant(Integer, "sqlite")

WITHOUT_COMMUNE = {
    "rate_limit": "a row for each OA or Zalo app, and the app serves every commune",
    "process": "processes of the install serve every commune",
    "apscheduler_jobs": "APScheduler's own; its jobs name schedules, which have a commune",
    "alembic_version": "the migration tool's own",
}
"""Tables that carry neither commune_id nor oa_id, each with the reason. A meta-test holds the rest to the rule."""

oa = Table(
    "oa",
    metadata,
    Column("oa_id", String(40), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),
    # While the OA secret is being changed in Zalo's console both are accepted.
    Column("previous_secret_sealed", LargeBinary),
    Column("previous_secret_until_ms", BigInteger),
    # Zalo answered -224: the OA's package refuses buttons, so everything goes as plain text with numbers.
    Column("plain_text_since_ms", BigInteger),
    Column("paused_until_ms", BigInteger, nullable=False, server_default="0"),
    Column("pause_reason", String(60)),
    Column("added_ms", BigInteger, nullable=False),
)

oa_token = Table(
    "oa_token",
    metadata,
    Column("oa_id", String(40), primary_key=True),
    Column("access_sealed", LargeBinary, nullable=False),
    Column("refresh_sealed", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("issued_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    # When we ourselves last refreshed; 0 for a pair given by a grant or by hand, whose access token may be old.
    Column("refreshed_ms", BigInteger, nullable=False, server_default="0"),
    # The refresh token lives three months from its own issue (contract 2).
    Column("refresh_issued_ms", BigInteger, nullable=False),
    # Zalo refused the refresh token for good: an OA admin must grant again, and we do not hammer.
    Column("needs_grant", Boolean, nullable=False, server_default=text("false")),
    Column("last_error", String(80)),
    Column("retry_ms", BigInteger, nullable=False, server_default="0"),
    Column("lease_owner", String(40)),
    Column("lease_until_ms", BigInteger, nullable=False, server_default="0"),
)

oauth_attempt = Table(
    "oauth_attempt",
    metadata,
    Column("state", String(60), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("verifier_sealed", LargeBinary, nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("oa_id", String(40), nullable=False),
    Column("event", String(60), nullable=False),
    Column("msg_id", String(120), nullable=False),
    Column("sender", String(60), nullable=False),
    # Whose turn it is: messages of one resident are handled in order. Empty where order means nothing.
    Column("user_id", String(60), nullable=False),
    Column("trace_id", String(32), nullable=False),
    Column("body_sealed", LargeBinary),
    Column("state", SmallInteger, nullable=False),
    Column("attempt", SmallInteger, nullable=False, server_default="0"),
    Column("owner", String(16)),
    Column("claimed_ms", BigInteger),
    Column("event_ms", BigInteger),
    Column("received_ms", BigInteger, nullable=False),
    Column("last_error", String(80)),
    UniqueConstraint("oa_id", "event", "msg_id", "sender"),
    Index("ix_inbox_new", "id", sqlite_where=text("state = 0"), postgresql_where=text("state = 0")),
    Index("ix_inbox_owner", "owner", sqlite_where=text("state = 1"), postgresql_where=text("state = 1")),
    Index(
        "ix_inbox_turn",
        "oa_id",
        "user_id",
        "id",
        sqlite_where=text("state IN (0, 1)"),
        postgresql_where=text("state IN (0, 1)"),
    ),
    Index("ix_inbox_received_ms", "received_ms"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("key", String(120), nullable=False, unique=True),
    Column("oa_id", String(40), nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("broadcast_id", BigInteger),
    Column("trace_id", String(32), nullable=False),
    Column("payload_sealed", LargeBinary),
    # Digests of what Zalo may echo: with buttons, and as plain text with numbered choices.
    Column("text_digest", String(32), nullable=False),
    Column("plain_digest", String(32), nullable=False),
    # Set for people who write without a Zalo account of their own (contract 3.4).
    Column("anonymous_conversation", String(80)),
    # Who speaks (bot.journal.states.Voice): while a person has the conversation the bot's own rows do not leave.
    Column("voice", SmallInteger, nullable=False, server_default="0"),
    Column("state", SmallInteger, nullable=False),
    Column("attempt", SmallInteger, nullable=False, server_default="0"),
    Column("settle_attempt", SmallInteger, nullable=False, server_default="0"),
    Column("resends", SmallInteger, nullable=False, server_default="0"),
    Column("due_ms", BigInteger, nullable=False),
    Column("owner", String(16)),
    Column("claimed_ms", BigInteger),
    # No echo of this send can be older: the moment, by Zalo's clock, of the message it answers.
    Column("not_before_ms", BigInteger),
    Column("zalo_msg_id", String(120)),
    Column("created_ms", BigInteger, nullable=False),
    Column("sent_ms", BigInteger),
    Column("last_error", String(80)),
    Index(
        "ix_outbox_ready",
        "oa_id",
        "lane",
        "due_ms",
        "id",
        sqlite_where=text("state = 0 AND broadcast_id IS NULL"),
        postgresql_where=text("state = 0 AND broadcast_id IS NULL"),
    ),
    Index("ix_outbox_owner", "owner", sqlite_where=text("state = 1"), postgresql_where=text("state = 1")),
    Index("ix_outbox_doubt", "due_ms", sqlite_where=text("state = 4"), postgresql_where=text("state = 4")),
    Index(
        "ix_outbox_turn",
        "oa_id",
        "user_id",
        "lane",
        "id",
        sqlite_where=text("state IN (0, 1, 4)"),
        postgresql_where=text("state IN (0, 1, 4)"),
    ),
    Index(
        "ix_outbox_zalo_msg_id",
        "oa_id",
        "zalo_msg_id",
        sqlite_where=text("zalo_msg_id IS NOT NULL"),
        postgresql_where=text("zalo_msg_id IS NOT NULL"),
    ),
    # Announcements are claimed one by one: a paused one of 300,000 must not stand in the way of the next.
    Index(
        "ix_outbox_broadcast",
        "broadcast_id",
        "due_ms",
        "id",
        sqlite_where=text("state = 0 AND broadcast_id IS NOT NULL"),
        postgresql_where=text("state = 0 AND broadcast_id IS NOT NULL"),
    ),
    Index("ix_outbox_created_ms", "created_ms"),
    sqlite_autoincrement=True,
)

echo = Table(
    "echo",
    metadata,
    Column("oa_id", String(40), primary_key=True),
    Column("msg_id", String(120), primary_key=True),
    Column("user_id", String(60), nullable=False),
    Column("text_digest", String(32), nullable=False),
    Column("sent_ms", BigInteger, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    # Each echo settles one doubt only.
    Column("matched_outbox_id", BigInteger),
    Index("ix_echo_oa_id_user_id", "oa_id", "user_id"),
    Index("ix_echo_received_ms", "received_ms"),
)

resident = Table(
    "resident",
    metadata,
    Column("oa_id", String(40), primary_key=True),
    Column("user_id", String(60), primary_key=True),
    Column("first_seen_ms", BigInteger, nullable=False),
    # By Zalo's clock: the 48 hours and 7 days of contract 3.2 count from here.
    Column("last_interaction_ms", BigInteger, nullable=False),
    Column("is_follower", Boolean),
    Column("conversation_sealed", LargeBinary),
    # Zalo refuses messages to this person; lifted when they write again.
    Column("stopped_reason", String(40)),
    Column("updated_ms", BigInteger, nullable=False),
)

staff_request = Table(
    "staff_request",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("key", String(120), nullable=False, unique=True),
    Column("oa_id", String(40), nullable=False),
    Column("commune_id", String(60), nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("topics", String(200), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("answered_ms", BigInteger),
    Index("ix_staff_request_commune_id_created_ms", "commune_id", "created_ms"),
    Index("ix_staff_request_oa_id_user_id", "oa_id", "user_id"),
    sqlite_autoincrement=True,
)

decision = Table(
    "decision",
    metadata,
    Column("inbox_id", BigInteger, primary_key=True, autoincrement=False),
    Column("oa_id", String(40), nullable=False),
    Column("msg_id", String(120), nullable=False),
    Column("decision", String(20), nullable=False),
    Column("topic", String(60)),
    Column("facet", String(20)),
    Column("action", String(20)),
    Column("confidence", Float),
    Column("decided_ms", BigInteger, nullable=False),
    # Kept only under HOIXA_TRACE, for the chat page of the demo; never with the real Zalo.
    Column("trace_sealed", LargeBinary),
    Index("ix_decision_oa_id_msg_id", "oa_id", "msg_id"),
    Index("ix_decision_decided_ms", "decided_ms"),
)

knowledge_edit = Table(
    "knowledge_edit",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    # "topic:<id>" with a part of the answer as field, or "profile" (knowledge.overlay.Edit).
    Column("subject", String(80), nullable=False),
    Column("field", String(240), nullable=False),
    Column("text", Text, nullable=False),
    Column("confidence", String(10), nullable=False),
    Column("source", String(200), nullable=False),
    # Calendar days in Vietnam, written 2027-03-01; empty validity is open on that side.
    Column("as_of", String(10), nullable=False),
    Column("valid_from", String(10)),
    Column("valid_until", String(10)),
    # draft, approved or withdrawn. Everything before this column is written once and never changed.
    Column("state", String(10), nullable=False),
    Column("author", String(200), nullable=False),
    Column("approved_by", String(200)),
    Column("created_ms", BigInteger, nullable=False),
    Column("approved_ms", BigInteger),
    Column("base_digest", String(64), nullable=False),
    Index("ix_knowledge_edit_commune_id_state", "commune_id", "state"),
    sqlite_autoincrement=True,
)

knowledge_move = Table(
    "knowledge_move",
    metadata,
    # Grows with every change of any edit: the largest id is the version of all edits together.
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    Column("edit_id", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("moved_by", String(200), nullable=False),
    Column("moved_ms", BigInteger, nullable=False),
    Index("ix_knowledge_move_commune_id_edit_id", "commune_id", "edit_id"),
    sqlite_autoincrement=True,
)

procedure = Table(
    "procedure",
    metadata,
    # A commune's slug, or "*" for the city's list, which holds for every commune of the install.
    Column("commune_id", String(60), primary_key=True),
    Column("code", String(20), primary_key=True),
    # "list": what an official list says; "record": what the national portal's record says. Neither tells the other's.
    Column("kind", String(10), primary_key=True),
    Column("digest", String(64), nullable=False),
    # JSON of knowledge.portal.procedure: Listing or Record.
    Column("document", Text, nullable=False),
    # The file it came from.
    Column("source", String(200), nullable=False),
    Column("imported_ms", BigInteger, nullable=False),
    # Never falls, even where the clock is set back: its largest value is the version of the table.
    Column("change_ms", BigInteger, nullable=False),
    Index("ix_procedure_change_ms", "change_ms"),
)

procedure_facet = Table(
    "procedure_facet",
    metadata,
    Column("commune_id", String(60), primary_key=True),
    Column("code", String(20), primary_key=True),
    Column("facet", String(20), primary_key=True),
    Column("text", Text, nullable=False),
    # The record's own day, in Vietnam, written 2026-04-14.
    Column("as_of", String(10), nullable=False),
    # draft or approved; words that change are a draft again.
    Column("state", String(10), nullable=False),
    Column("approved_by", String(200)),
    Column("approved_ms", BigInteger),
    Column("drafted_ms", BigInteger, nullable=False),
    Column("change_ms", BigInteger, nullable=False),
    Index("ix_procedure_facet_change_ms", "change_ms"),
)

rate_limit = Table(
    "rate_limit",
    metadata,
    Column("scope", String(60), primary_key=True),
    # Theoretical arrival time of GCRA: when the next call may leave.
    Column("next_us", BigInteger, nullable=False),
)

process = Table(
    "process",
    metadata,
    Column("owner", String(16), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("host", String(120), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("beat_ms", BigInteger, nullable=False),
)
