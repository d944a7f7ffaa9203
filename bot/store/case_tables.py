"""What residents send in, and what is kept of their wishes: cases, attachments, volunteers, ratings, consents.

Conventions of :mod:`bot.store.tables` hold here too: every table carries commune_id or oa_id, moments are ``*_ms``,
what people wrote and who they are is ``*_sealed``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from bot.store.tables import Identity64, metadata

# --- Cases (bot.store.cases) ---

case_file = Table(
    "case_file",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    # The act that filed it: applying the act twice files it once.
    Column("key", String(120), nullable=False, unique=True),
    Column("code", String(12), nullable=False, unique=True),
    # report or initiative.
    Column("kind", String(12), nullable=False),
    Column("commune_id", String(60), nullable=False),
    # The resident who filed it; both empty where an official took it down.
    Column("oa_id", String(40), nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("state", String(20), nullable=False),
    # A report's category, an initiative's field of the plans.
    Column("category", String(40), nullable=False),
    Column("level", String(10), nullable=False, server_default=""),
    # knowledge.profile_lists.item_key of the village's name; empty where nobody said.
    Column("village", String(200), nullable=False, server_default=""),
    # Role of the unit in the commune's profile (knowledge.communes.UnitRole), empty while nobody has it.
    Column("unit", String(40), nullable=False, server_default=""),
    # E-mail of the official who has it.
    Column("assignee", String(200), nullable=False, server_default=""),
    # zalo, hotline, desk, social or team.
    Column("source", String(10), nullable=False),
    Column("author_kind", String(20), nullable=False, server_default=""),
    Column("stage", String(20), nullable=False, server_default=""),
    Column("campaign_id", String(60), nullable=False, server_default=""),
    Column("anonymous", Boolean, nullable=False, server_default=false()),
    # A line for lists and for finding twins, masked.
    Column("gist_sealed", LargeBinary, nullable=False),
    # JSON of bot.store.case_records: CaseWords, Place, Contact (none for an anonymous case).
    Column("words_sealed", LargeBinary, nullable=False),
    Column("place_sealed", LargeBinary),
    Column("contact_sealed", LargeBinary),
    # The timer: none on final states and while we wait for the resident (then what is left is kept in minutes).
    Column("due_ms", BigInteger),
    Column("left_minutes", Integer),
    # Which step of escalation was told already: 0 none.
    Column("escalated", SmallInteger, nullable=False, server_default="0"),
    # Why it was refused, declined or out of scope: an id of bot/cases/lifecycle.yaml.
    Column("reason", String(40), nullable=False, server_default=""),
    Column("resolved_ms", BigInteger),
    Column("reopened", SmallInteger, nullable=False, server_default="0"),
    # Everyone told of it; of these the supporters of an initiative.
    Column("people", Integer, nullable=False, server_default="0"),
    Column("supporters", Integer, nullable=False, server_default="0"),
    # The code it was merged into; empty while it stands for itself.
    Column("merged_into", String(12), nullable=False, server_default=""),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    # Grows with every change: who changes it says which version they saw.
    Column("version", Integer, nullable=False, server_default="1"),
    Index("ix_case_file_folder", "commune_id", "kind", "merged_into", "state", "due_ms"),
    Index("ix_case_file_created", "commune_id", "kind", "merged_into", "created_ms"),
    Index("ix_case_file_updated", "commune_id", "kind", "updated_ms"),
    Index("ix_case_file_unit", "commune_id", "kind", "unit", "state", "due_ms"),
    Index("ix_case_file_village", "commune_id", "kind", "village", "state", "created_ms"),
    Index("ix_case_file_category", "commune_id", "kind", "category", "state", "created_ms"),
    Index(
        "ix_case_file_assignee",
        "commune_id",
        "assignee",
        "state",
        sqlite_where=text("assignee <> ''"),
        postgresql_where=text("assignee <> ''"),
    ),
    Index(
        "ix_case_file_campaign",
        "commune_id",
        "campaign_id",
        sqlite_where=text("campaign_id <> ''"),
        postgresql_where=text("campaign_id <> ''"),
    ),
    Index(
        "ix_case_file_due",
        "due_ms",
        sqlite_where=text("due_ms IS NOT NULL"),
        postgresql_where=text("due_ms IS NOT NULL"),
    ),
    Index("ix_case_file_kind_created", "kind", "created_ms"),
    Index(
        "ix_case_file_merged",
        "merged_into",
        sqlite_where=text("merged_into <> ''"),
        postgresql_where=text("merged_into <> ''"),
    ),
    sqlite_autoincrement=True,
)

case_event = Table(
    "case_event",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("key", String(160), nullable=False, unique=True),
    Column("case_id", BigInteger, nullable=False),
    Column("commune_id", String(60), nullable=False),
    # filed, moved, assigned, answered, asked, added, noted, joined, supported, merged, split, reopened, escalated.
    Column("kind", String(20), nullable=False),
    Column("before", String(200), nullable=False, server_default=""),
    Column("after", String(200), nullable=False, server_default=""),
    # E-mail of an official; empty for a resident or the product itself.
    Column("by", String(200), nullable=False, server_default=""),
    # What the people concerned were told or said, and what only staff may read.
    Column("public_sealed", LargeBinary),
    Column("internal_sealed", LargeBinary),
    # Keyed digest of the resident whose words these are: what they said is found again when they ask to be forgotten.
    Column("person_digest", String(32)),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_case_event_person_digest", "person_digest"),
    Index("ix_case_event_case_id", "case_id", "id"),
    Index("ix_case_event_commune_id_at_ms", "commune_id", "at_ms"),
    sqlite_autoincrement=True,
)

case_person = Table(
    "case_person",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("case_id", BigInteger, nullable=False),
    Column("commune_id", String(60), nullable=False),
    Column("oa_id", String(40), nullable=False),
    Column("user_id", String(60), nullable=False),
    # filer, joined, supporter or co_author.
    Column("role", String(12), nullable=False),
    # The code the person knows: their own, where their case was merged into this one.
    Column("known_code", String(12), nullable=False),
    Column("words_sealed", LargeBinary),
    Column("joined_ms", BigInteger, nullable=False),
    # Their mark after it was resolved; asked again after a reopening.
    Column("mark", SmallInteger),
    Column("rated_ms", BigInteger),
    UniqueConstraint("case_id", "oa_id", "user_id", name="uq_case_person_case_id_oa_id_user_id"),
    Index("ix_case_person_oa_id_user_id", "oa_id", "user_id", "case_id"),
    sqlite_autoincrement=True,
)
