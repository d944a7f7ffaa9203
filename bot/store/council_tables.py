"""Work around initiatives at the desk: council scoring, campaigns, stories, referrals, saved filters, exports.

Conventions of :mod:`bot.store.tables` hold here too: every table carries commune_id, moments are ``*_ms``, what people
wrote is ``*_sealed``. Calendar days are Vietnam's, written 2027-03-01. Initiatives are named by their code.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.store.tables import Identity64, metadata

council_sheet = Table(
    "council_sheet",
    metadata,
    # A sheet is never changed once written: a new one retires it, and closed rounds keep the sheet they used.
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    Column("name", String(120), nullable=False),
    # Marks go from 0 to this.
    Column("scale", SmallInteger, nullable=False),
    # The part of the best possible result, in percent, from which the council recommends recognition.
    Column("pass_percent", SmallInteger, nullable=False),
    # JSON: a list of {key, name, weight} (bot.casework.council_sheet).
    Column("criteria", Text, nullable=False),
    Column("created_by", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("retired_ms", BigInteger),
    Index("ix_council_sheet_commune_id", "commune_id"),
    sqlite_autoincrement=True,
)

council_round = Table(
    "council_round",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    Column("case_code", String(12), nullable=False),
    # 1 for the first scoring of an initiative; scoring it again is another round, and the earlier one stays.
    Column("number", SmallInteger, nullable=False),
    Column("sheet_id", BigInteger, nullable=False),
    # open or closed
    Column("state", String(10), nullable=False),
    # Why it is scored again; empty for the first round.
    Column("reason_sealed", LargeBinary),
    Column("opened_by", BigInteger, nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    Column("due_on", String(10)),
    Column("closed_by", BigInteger),
    Column("closed_ms", BigInteger),
    # Percent of the best possible result; set when closed.
    Column("result_percent", Float),
    UniqueConstraint("case_code", "number"),
    Index("ix_council_round_commune_id_state", "commune_id", "state"),
    sqlite_autoincrement=True,
)

council_member = Table(
    "council_member",
    metadata,
    Column("round_id", BigInteger, primary_key=True, autoincrement=False),
    Column("staff_id", BigInteger, primary_key=True, autoincrement=False),
    Column("commune_id", String(60), nullable=False),
    Column("named_ms", BigInteger, nullable=False),
    Index("ix_council_member_staff_id", "staff_id"),
)

council_vote = Table(
    "council_vote",
    metadata,
    Column("round_id", BigInteger, primary_key=True, autoincrement=False),
    Column("staff_id", BigInteger, primary_key=True, autoincrement=False),
    Column("commune_id", String(60), nullable=False),
    # JSON: criterion key to mark. Sealed, so that nobody reads it in the file before the round is closed.
    Column("marks_sealed", LargeBinary, nullable=False),
    Column("remark_sealed", LargeBinary),
    Column("voted_ms", BigInteger, nullable=False),
)

campaign = Table(
    "campaign",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    # village, staff or contest
    Column("kind", String(10), nullable=False),
    Column("title", String(200), nullable=False),
    Column("about", Text, nullable=False),
    Column("begins", String(10), nullable=False),
    Column("ends", String(10)),
    # What the whole campaign aims at, where no village has a target of its own.
    Column("target", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_by", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("closed_ms", BigInteger),
    Index("ix_campaign_commune_id_begins", "commune_id", "begins"),
    sqlite_autoincrement=True,
)

campaign_target = Table(
    "campaign_target",
    metadata,
    Column("campaign_id", BigInteger, primary_key=True, autoincrement=False),
    Column("village", String(200), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("target", Integer, nullable=False),
)

initiative_target = Table(
    "initiative_target",
    metadata,
    Column("commune_id", String(60), primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("target", Integer, nullable=False),
    Column("set_by", BigInteger, nullable=False),
    Column("set_ms", BigInteger, nullable=False),
)

city_referral = Table(
    "city_referral",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    Column("case_code", String(12), nullable=False),
    # The office or programme of the city, as the official names it; no person.
    Column("destination", String(200), nullable=False),
    Column("referred_on", String(10), nullable=False),
    Column("note_sealed", LargeBinary),
    Column("referred_by", BigInteger, nullable=False),
    Column("referred_ms", BigInteger, nullable=False),
    UniqueConstraint("case_code", "destination"),
    Index("ix_city_referral_commune_id", "commune_id"),
    sqlite_autoincrement=True,
)

initiative_story = Table(
    "initiative_story",
    metadata,
    Column("case_code", String(12), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("title_sealed", LargeBinary, nullable=False),
    Column("body_sealed", LargeBinary, nullable=False),
    # draft, submitted or approved
    Column("state", String(10), nullable=False),
    # The last who wrote at it, who therefore may not approve it.
    Column("author_id", BigInteger, nullable=False),
    Column("approved_by", BigInteger),
    Column("approved_ms", BigInteger),
    Column("version", Integer, nullable=False),
    Column("changed_ms", BigInteger, nullable=False),
    Index("ix_initiative_story_commune_id_state", "commune_id", "state"),
)

case_twin = Table(
    "case_twin",
    metadata,
    # Two cases that may be one; the smaller code first, so that a pair is one row.
    Column("code", String(12), primary_key=True),
    Column("other_code", String(12), primary_key=True),
    Column("commune_id", String(60), nullable=False),
    Column("kind", String(12), nullable=False),
    # 0 to 1 (bot.cases.similarity).
    Column("score", Float, nullable=False),
    Column("found_ms", BigInteger, nullable=False),
    # An official looked at both and said they are two.
    Column("parted_by", BigInteger),
    Column("parted_ms", BigInteger),
    Index("ix_case_twin_other_code", "other_code"),
    # Everything the folder of twins reads, so that it reads the index alone.
    Index("ix_case_twin_folder", "commune_id", "kind", "parted_ms", "score", "code", "other_code"),
)

twin_search = Table(
    "twin_search",
    metadata,
    # Up to which change of its cases a commune was searched for twins.
    Column("commune_id", String(60), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("until_ms", BigInteger, nullable=False),
)

saved_filter = Table(
    "saved_filter",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    Column("commune_id", String(60), nullable=False),
    Column("staff_id", BigInteger, nullable=False),
    # Which list it is a filter of, e.g. "initiatives".
    Column("page", String(40), nullable=False),
    Column("name", String(80), nullable=False),
    # The query part of the address. Sealed: a search may hold a resident's name.
    Column("query_sealed", LargeBinary, nullable=False),
    Column("saved_ms", BigInteger, nullable=False),
    UniqueConstraint("staff_id", "page", "name"),
    sqlite_autoincrement=True,
)

export_job = Table(
    "export_job",
    metadata,
    Column("id", Identity64, primary_key=True, autoincrement=True),
    # "*" for the city's role, which belongs to no commune.
    Column("commune_id", String(60), nullable=False),
    Column("staff_id", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    # JSON. Sealed: a filter may hold a resident's name.
    Column("parameters_sealed", LargeBinary, nullable=False),
    # waiting, running, done or failed
    Column("state", String(10), nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("file_name", String(120), nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("result_sealed", LargeBinary),
    # A reason's slug, or an exception's type.
    Column("error", String(80), nullable=False),
    Column("requested_ms", BigInteger, nullable=False),
    Column("claimed_ms", BigInteger, nullable=False),
    Column("finished_ms", BigInteger, nullable=False),
    # The row and the file in it are deleted from here on.
    Column("expires_ms", BigInteger, nullable=False),
    Index("ix_export_job_state_id", "state", "id"),
    Index("ix_export_job_expires_ms", "expires_ms"),
    sqlite_autoincrement=True,
)
