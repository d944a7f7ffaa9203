"""What is kept of residents' wishes beside their cases: volunteers, forwarded questions, ratings, consents, hints.

Conventions of :mod:`bot.store.tables` hold here too. Villages stand by
``knowledge.profile_lists.item_key`` of their name.
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
    Text,
)

from bot.store.tables import Identity64, metadata

volunteer_code = Table(
    "volunteer_code",
    metadata,
    # The vault's digest of commune and code: whoever reads the database cannot enrol with it.
    Column("code_digest", String(32), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("village", String(200), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
    # The act that used it up: the same act may say so twice, nobody else.
    Column("used_key", String(120)),
)

volunteer = Table(
    "volunteer",
    metadata,
    Column("oa_id", String(40), primary_key=True),
    Column("user_id", String(60), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("village", String(200), nullable=False),
    Column("enrolled_ms", BigInteger, nullable=False),
    Column("left_ms", BigInteger),
    Index("ix_volunteer_commune_id_village", "commune_id", "village"),
)

forward = Table(
    "forward",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("key", String(120), nullable=False, unique=True),
    Column("oa_id", String(40), nullable=False),
    Column("commune_id", String(60), nullable=False),
    # The volunteer; "" once they asked to be forgotten.
    Column("user_id", String(60), nullable=False),
    Column("link_code", String(12), nullable=False, unique=True),
    Column("village", String(200), nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("for_whom_sealed", LargeBinary, nullable=False),
    Column("phone_sealed", LargeBinary),
    Column("topic", String(60), nullable=False),
    Column("asked_ms", BigInteger, nullable=False),
    # bot, staff or volunteer: who answered, with the words kept for a neighbour who links later.
    Column("answered_by", String(10)),
    Column("answered_ms", BigInteger),
    Column("answer_sealed", LargeBinary),
    Column("answer_key", String(120)),
    Column("neighbour_user_id", String(60)),
    Column("linked_ms", BigInteger),
    Index("ix_forward_oa_id_user_id", "oa_id", "user_id"),
    Index("ix_forward_commune_id_asked_ms", "commune_id", "asked_ms"),
    sqlite_autoincrement=True,
)

team_report = Table(
    "team_report",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("key", String(120), nullable=False, unique=True),
    Column("oa_id", String(40), nullable=False),
    Column("commune_id", String(60), nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("village", String(200), nullable=False),
    Column("classes", Integer, nullable=False),
    Column("people_helped", Integer, nullable=False),
    Column("difficulties_sealed", LargeBinary, nullable=False),
    Column("filed_ms", BigInteger, nullable=False),
    Index("ix_team_report_commune_id_filed_ms", "commune_id", "filed_ms"),
    sqlite_autoincrement=True,
)

team_digest = Table(
    "team_digest",
    metadata,
    Column("commune_id", String(60), primary_key=True),
    # Monday of the week told of, a day in Vietnam, written 2026-11-16.
    Column("week", String(10), primary_key=True),
    # JSON: villages with their classes, people helped, open questions and difficulties.
    Column("document_sealed", LargeBinary, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
)

rating = Table(
    "rating",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("key", String(120), nullable=False, unique=True),
    Column("oa_id", String(40), nullable=False),
    Column("commune_id", String(60), nullable=False),
    # "" once the person asked to be forgotten: the mark stays as a figure.
    Column("user_id", String(60), nullable=False),
    # chat, desk or case.
    Column("channel", String(10), nullable=False),
    Column("mark", SmallInteger, nullable=False),
    Column("reason", String(40), nullable=False),
    Column("words_sealed", LargeBinary),
    Column("case_code", String(12), nullable=False),
    Column("topic", String(60), nullable=False),
    Column("facet", String(20), nullable=False),
    Column("unit", String(40), nullable=False),
    Column("village", String(200), nullable=False),
    Column("rated_ms", BigInteger, nullable=False),
    Index("ix_rating_commune_id_rated_ms", "commune_id", "rated_ms"),
    Index("ix_rating_oa_id_user_id", "oa_id", "user_id"),
    sqlite_autoincrement=True,
)

consent = Table(
    "consent",
    metadata,
    Column("oa_id", String(40), primary_key=True),
    Column("user_id", String(60), primary_key=True),
    # What for: report, initiative, forward.
    Column("scope", String(20), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("given_ms", BigInteger, nullable=False),
)

announcement_choice = Table(
    "announcement_choice",
    metadata,
    Column("oa_id", String(40), primary_key=True),
    Column("user_id", String(60), primary_key=True),
    Column("wanted", Boolean, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

erasure = Table(
    "erasure",
    metadata,
    # Proof that it was done; whose data it was is nowhere any more.
    Column("receipt", String(20), primary_key=True),
    Column("oa_id", String(40), nullable=False),
    Column("commune_id", String(60), nullable=False),
    Column("erased_ms", BigInteger, nullable=False),
    # JSON: rows erased and made anonymous, by kind.
    Column("counts", Text, nullable=False),
)

learning_hint = Table(
    "learning_hint",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("key", String(120), nullable=False, unique=True),
    Column("oa_id", String(40), nullable=False),
    Column("commune_id", String(60), nullable=False),
    # tap, not_that or fallback.
    Column("kind", String(20), nullable=False),
    # Normalised and masked, and whose it was is not kept.
    Column("text_sealed", LargeBinary, nullable=False),
    Column("wrong_topic", String(60), nullable=False),
    Column("right_topic", String(60), nullable=False),
    Column("hinted_ms", BigInteger, nullable=False),
    Index("ix_learning_hint_commune_id_hinted_ms", "commune_id", "hinted_ms"),
    sqlite_autoincrement=True,
)
