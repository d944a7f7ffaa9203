"""The week of the teams, village by village, for the commune: what is hard, how many were helped, what was asked."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.clock import VIETNAM
from bot.encryption import Vault
from bot.services import Services
from bot.store import forwards, volunteers

logger = logging.getLogger(__name__)

MOST_FORWARDS = 5_000
MOST_TOPICS = 5


def week_before(day: date) -> date:
    """Monday of the last whole week before ``day`` (weeks begin on Monday, in Vietnam)."""
    return day - timedelta(days=day.weekday() + 7)


def make_digest(connection: Connection, vault: Vault, commune_id: str, monday: date) -> Mapping[str, Any]:
    """Read a week together. Villages with most difficulties first; nobody is named."""
    from_ms, until_ms = _milliseconds(monday), _milliseconds(monday + timedelta(days=7))
    villages: dict[str, dict[str, Any]] = {}
    topics: dict[str, Counter[str]] = {}

    def village(name: str) -> dict[str, Any]:
        empty = {"village": name, "classes": 0, "people_helped": 0, "questions": 0, "open": 0, "difficulties": []}
        return villages.setdefault(name, empty)

    for report in volunteers.reports(connection, vault, commune_id=commune_id, from_ms=from_ms, until_ms=until_ms):
        row = village(report.village)
        row["classes"] += report.classes
        row["people_helped"] += report.people_helped
        if report.difficulties.strip():
            row["difficulties"].append(report.difficulties.strip())
    asked = forwards.forwards(
        connection, vault, commune_id, from_ms=from_ms, until_ms=until_ms, limit=MOST_FORWARDS
    )  # fmt: skip
    for one in asked:
        row = village(one.village)
        row["questions"] += 1
        row["open"] += one.answered_ms is None
        if one.topic:
            topics.setdefault(one.village, Counter())[one.topic] += 1
    for name, counted in topics.items():
        villages[name]["topics"] = counted.most_common(MOST_TOPICS)
    order = sorted(villages.values(), key=lambda row: (-len(row["difficulties"]), -row["questions"], row["village"]))
    members = Counter(one.village for one in volunteers.members(connection, commune_id))
    return {"week": monday.isoformat(), "villages": order, "members": dict(sorted(members.items()))}


def make_digests(services: Services, _owner: str) -> None:
    """Store last week's digest of every commune that has teams; one that stands is left as it is."""
    monday = week_before(services.clock.now().astimezone(VIETNAM).date())
    with services.database.read() as connection:
        wanted = [
            commune_id
            for commune_id in volunteers.communes_with_teams(connection)
            if not volunteers.has_digest(connection, commune_id, monday.isoformat())
        ]
    for commune_id in wanted:
        with services.database.write() as connection:
            document = make_digest(connection, services.vault, commune_id, monday)
            volunteers.add_digest(
                connection, services.vault, commune_id, monday.isoformat(), document, services.clock.now_ms()
            )
        logger.info("digest of the teams made", extra={"commune": commune_id})


def _milliseconds(day: date) -> int:
    return int(datetime.combine(day, time(), VIETNAM).timestamp() * 1000)
