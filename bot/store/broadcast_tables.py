"""Announcements, their recipients and schedules, events and who signed up.

Conventions of :mod:`bot.store.tables` hold here too: every table carries commune_id or oa_id, moments are ``*_ms``,
what people wrote and who they are is ``*_sealed``. An announcement's own words are the commune's, for everybody.
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
    String,
    Table,
    Text,
    Unicode,
    UniqueConstraint,
    text,
)

from bot.store.tables import Identity64, metadata

broadcast = Table(
    "broadcast",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    Column("oa_id", String(40), nullable=False),
    # Made by a schedule: "schedule:<id>:<moment>", once and never twice. NULL where a person made it.
    Column("fire_key", String(120), unique=True),
    # message, article or group.
    Column("kind", String(10), nullable=False),
    # draft, submitted, scheduled, running, paused, cancelled, done.
    Column("state", String(10), nullable=False),
    Column("title", String(300), nullable=False),
    Column("text", Text, nullable=False),
    # JSON of bot.broadcasts.spec: what only one kind has (cover, target, groups), free_only, topic of the button.
    Column("details", Text, nullable=False),
    # JSON of bot.broadcasts.spec.Segment.
    Column("segment", Text, nullable=False),
    # NULL: as soon as it is approved.
    Column("send_at_ms", BigInteger),
    # ask, send or skip where it could not begin in time.
    Column("late_policy", String(10), nullable=False, server_default="ask"),
    Column("author", String(200), nullable=False),
    Column("approved_by", String(200)),
    Column("approved_ms", BigInteger),
    # Grows with every change of content: recipients belong to the revision that was approved.
    Column("revision", Integer, nullable=False, server_default="1"),
    # Recipients are written down in slices after approval, then handed to the outbox in slices when it begins. Each
    # cursor is the last user_id done; the moment is NULL until all are.
    Column("freeze_after", String(60), nullable=False, server_default=""),
    Column("frozen_ms", BigInteger),
    Column("fan_after", String(60), nullable=False, server_default=""),
    Column("fanned_ms", BigInteger),
    # The approved message as the outbox sends it, once for all recipients.
    Column("payload_sealed", LargeBinary),
    Column("text_digest", String(32), nullable=False, server_default=""),
    Column("plain_digest", String(32), nullable=False, server_default=""),
    # Progress, changed in the transaction that writes the results it counts.
    Column("total", Integer, nullable=False, server_default="0"),
    Column("sent", Integer, nullable=False, server_default="0"),
    Column("skipped", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("in_doubt", Integer, nullable=False, server_default="0"),
    Column("started_ms", BigInteger),
    Column("finished_ms", BigInteger),
    # Zalo's own ids of an article on its way.
    Column("article_token_sealed", LargeBinary),
    Column("article_id", String(120)),
    Column("zalo_msg_id", String(120)),
    # A slug: why it waits for a person again, or stands still.
    Column("note", String(60)),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Index("ix_broadcast_commune_id_created_ms", "commune_id", "created_ms"),
    Index(
        "ix_broadcast_open",
        "id",
        sqlite_where=text("finished_ms IS NULL AND state IN ('scheduled', 'running', 'paused', 'cancelled')"),
        postgresql_where=text("finished_ms IS NULL AND state IN ('scheduled', 'running', 'paused', 'cancelled')"),
    ),
    sqlite_autoincrement=True,
)

broadcast_recipient = Table(
    "broadcast_recipient",
    metadata,
    Column("broadcast_id", BigInteger, primary_key=True, autoincrement=False),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("user_id", String(60), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    # Why this person was left out before anything was sent; NULL where the outbox row tells the rest.
    Column("reason", String(20)),
    sqlite_with_rowid=False,
)

broadcast_reason = Table(
    "broadcast_reason",
    metadata,
    Column("broadcast_id", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", String(20), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("count", Integer, nullable=False),
)

broadcast_receipt = Table(
    "broadcast_receipt",
    metadata,
    Column("broadcast_id", BigInteger, primary_key=True, autoincrement=False),
    Column("user_id", String(60), primary_key=True),
    # received or seen.
    Column("kind", String(10), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

broadcast_schedule = Table(
    "broadcast_schedule",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    Column("name", String(300), nullable=False),
    # JSON of bot.broadcasts.rules.Rule and of bot.broadcasts.spec.Spec.
    Column("rule", Text, nullable=False),
    Column("spec", Text, nullable=False),
    # submitted, active, paused or ended.
    Column("state", String(10), nullable=False),
    Column("late_policy", String(10), nullable=False),
    Column("late_minutes", Integer, nullable=False),
    Column("author", String(200), nullable=False),
    Column("approved_by", String(200)),
    # Moments after this one are owed; those before it are nobody's.
    Column("owed_from_ms", BigInteger),
    # Never falls: its largest value tells the clock that schedules have changed.
    Column("change_ms", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Index("ix_broadcast_schedule_commune_id", "commune_id"),
    Index("ix_broadcast_schedule_change_ms", "change_ms"),
    sqlite_autoincrement=True,
)

fire = Table(
    "fire",
    metadata,
    Column("schedule_id", BigInteger, primary_key=True, autoincrement=False),
    Column("fire_at_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("commune_id", String(60), nullable=False),
    Column("broadcast_id", BigInteger),
    # sent, asked, skipped or broken (the spec fits no more).
    Column("outcome", String(10), nullable=False),
    Column("fired_ms", BigInteger, nullable=False),
)

segment = Table(
    "segment",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    Column("name", String(200), nullable=False),
    Column("document", Text, nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    UniqueConstraint("commune_id", "name", name="uq_segment_commune_id_name"),
    sqlite_autoincrement=True,
)

resident_tag = Table(
    "resident_tag",
    metadata,
    Column("oa_id", String(40), primary_key=True),
    Column("user_id", String(60), primary_key=True),
    Column("tag", String(60), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("tagged_by", String(200), nullable=False),
    Column("tagged_ms", BigInteger, nullable=False),
    Index("ix_resident_tag_commune_id_tag", "commune_id", "tag"),
)

event = Table(
    "event",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    # class, help_day, contest, paperless_day, other.
    Column("kind", String(20), nullable=False),
    Column("title", String(300), nullable=False),
    Column("place", String(300), nullable=False),
    # knowledge.profile_lists.item_key of the village's name; "" for the whole commune.
    Column("village", String(200), nullable=False, server_default=""),
    Column("audience", String(300), nullable=False, server_default=""),
    Column("description", Text, nullable=False, server_default=""),
    Column("starts_ms", BigInteger, nullable=False),
    Column("ends_ms", BigInteger),
    # NULL: no limit. ``taken`` is changed with the sign-ups, under one condition, so that seats are never oversold.
    Column("seats", Integer),
    Column("taken", Integer, nullable=False, server_default="0"),
    # How long before it begins those signed up are reminded; 0: never.
    Column("remind_hours", Integer, nullable=False, server_default="24"),
    # planned or cancelled.
    Column("state", String(10), nullable=False),
    Column("author", String(200), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Index("ix_event_commune_id_starts_ms", "commune_id", "starts_ms"),
    sqlite_autoincrement=True,
)

event_sign_up = Table(
    "event_sign_up",
    metadata,
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("oa_id", String(40), primary_key=True),
    Column("user_id", String(60), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("name_sealed", LargeBinary),
    # in or cancelled.
    Column("state", String(10), nullable=False),
    # Written down by the organiser afterwards; NULL while nobody did.
    Column("attended", Boolean),
    Column("signed_ms", BigInteger, nullable=False),
    Column("reminded_ms", BigInteger),
    Index("ix_event_sign_up_oa_id_user_id", "oa_id", "user_id"),
)

staff_notice = Table(
    "staff_notice",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    # "<kind>:<commune>:<day>": said once.
    Column("key", String(160), nullable=False, unique=True),
    Column("commune_id", String(60), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("text", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger),
    Index("ix_staff_notice_commune_id_created_ms", "commune_id", "created_ms"),
    sqlite_autoincrement=True,
)

# APScheduler's own table; what is pickled in it is a rule and a number.
apscheduler_jobs = Table(
    "apscheduler_jobs",
    metadata,
    Column("id", Unicode(191), primary_key=True),
    Column("next_run_time", Float(25), index=True),
    Column("job_state", LargeBinary, nullable=False),
)
