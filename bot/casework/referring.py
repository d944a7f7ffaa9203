"""An initiative goes up to the city: a recorded step with a day and a place; the city sees that, and no text."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection

from bot.encryption import Vault
from bot.permissions import require
from bot.store import audit, initiative_work
from bot.store.case_records import CaseHead
from bot.store.staff import Staff

LONGEST_PLACE = 120


class ReferralProblem(ValueError):
    """``reason`` is a slug: place_missing, day_wrong, already."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def refer(
    connection: Connection,
    vault: Vault,
    who: Staff,
    head: CaseHead,
    place: str,
    day: date,
    note: str,
    now: datetime,
) -> None:
    """Record that an initiative was sent on. ``note`` stays in the commune. Raises ``NotAllowed`` and
    :class:`ReferralProblem`."""
    require(who, "initiative.decide", head.commune_id, village=head.village, unit=head.unit)
    if not place.strip():
        raise ReferralProblem("place_missing")
    if day > now.date():
        raise ReferralProblem("day_wrong")
    now_ms = int(now.timestamp() * 1000)
    destination = place.strip()[:LONGEST_PLACE]
    if not initiative_work.refer(
        connection, vault, head.commune_id, head.code, destination, day, note.strip(), who.id, now_ms
    ):
        raise ReferralProblem("already")
    after = {"destination": destination, "day": day}
    audit.record(connection, who, "initiative.refer", head.commune_id, f"case:{head.code}", None, after, now_ms)
