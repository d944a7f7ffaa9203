"""Staff accounts, their sessions, the audit log, council scores and campaigns.

Conventions of :mod:`bot.store.tables` hold here too: every table carries commune_id or oa_id, moments are ``*_ms``,
what people wrote and who they are is ``*_sealed``. Officials are named by their address of work, which is no secret.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from bot.store.tables import Identity64, metadata

# --- accounts, sessions, audit -------------------------------------------------------------------------------------

staff = Table(
    "staff",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    # Empty for the city's accounts, which see the figures of every commune and no message.
    Column("commune_id", String(60)),
    # As bot.store.staff.address_of writes it, so that capitals make no second account.
    Column("email", String(200), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(30), nullable=False),
    Column("unit", String(40), nullable=False, server_default=""),
    Column("village", String(80), nullable=False, server_default=""),
    # argon2id, in its own encoded form, which carries salt and cost.
    Column("password_hash", String(200), nullable=False),
    Column("must_change_password", Boolean, nullable=False, server_default=text("false")),
    Column("totp_sealed", LargeBinary),
    # The last time step a code was taken for: one code serves once.
    Column("totp_step", BigInteger, nullable=False, server_default="0"),
    # Keyed digests, one a line; a used one is taken out.
    Column("recovery_digests", Text, nullable=False, server_default=""),
    Column("created_ms", BigInteger, nullable=False),
    Column("password_ms", BigInteger, nullable=False),
    Column("signed_in_ms", BigInteger),
    Column("disabled_ms", BigInteger),
    Index("ix_staff_commune_id", "commune_id"),
    sqlite_autoincrement=True,
)

staff_session = Table(
    "staff_session",
    metadata,
    # Keyed digest of the cookie's token: who reads the database cannot sign in with it.
    Column("digest", String(32), primary_key=True),
    # The token before the last rotation, good for some seconds more: pages ask for several things at once.
    Column("previous_digest", String(32)),
    Column("staff_id", BigInteger, nullable=False),
    Column("commune_id", String(60)),
    Column("begun_ms", BigInteger, nullable=False),
    Column("rotated_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    # False between the password and the second factor.
    Column("is_whole", Boolean, nullable=False),
    Index("ix_staff_session_previous_digest", "previous_digest"),
    Index("ix_staff_session_staff_id", "staff_id"),
    Index("ix_staff_session_seen_ms", "seen_ms"),
)

sign_in_throttle = Table(
    "sign_in_throttle",
    metadata,
    # Keyed digest of what is slowed down: an account from one address, an address, an account on a known device.
    Column("scope", String(32), primary_key=True),
    # Of the account tried; empty for the city's and for an account nobody has.
    Column("commune_id", String(60)),
    Column("failures", Integer, nullable=False),
    Column("wait_until_ms", BigInteger, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Index("ix_sign_in_throttle_changed_ms", "changed_ms"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    # Empty for what belongs to the whole install or to the city.
    Column("commune_id", String(60)),
    # Empty for what the system did by itself.
    Column("staff_id", BigInteger),
    Column("actor", String(200), nullable=False),
    Column("act", String(60), nullable=False),
    # What it was done to: "case:PA-…", "staff:12".
    Column("subject", String(120), nullable=False),
    # JSON objects, masked; empty where there was nothing.
    Column("before", Text, nullable=False, server_default=""),
    Column("after", Text, nullable=False, server_default=""),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_audit_commune_id_id", "commune_id", "id"),
    Index("ix_audit_subject", "subject"),
    sqlite_autoincrement=True,
)

# --- council scores and campaigns (initiatives) --------------------------------------------------------------------
