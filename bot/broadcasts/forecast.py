"""Before it is sent: who would get it now, who not and why, what it would cost, when the last one has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.broadcasts import reasons
from bot.broadcasts.hours import NIGHT, end_of, is_within
from bot.broadcasts.spec import Spec
from bot.clock import VIETNAM
from bot.journal.rate import ANNOUNCEMENT_SHARE, MARGIN
from bot.settings import Settings
from bot.store import broadcast_recipients, broadcasts
from bot.store.broadcast_recipients import Reach
from bot.zalo.windows import FREE_MS, OPEN_MS

PAID_MESSAGE_VND = 55
"""One message between 48 hours and 7 days after the last interaction, without a package quota (contract 3.2)."""
PRICES_AS_OF = date(2026, 11, 21)
"""The day the contract's price stands for."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """``ends`` None: nobody to send to. ``waits`` is the slug of what it would wait for before it begins.

    For an article ``total`` and ``reachable`` mean nothing: Zalo chooses, counts and tells.
    """

    kind: str
    total: int
    free: int
    paid: int
    reasons: dict[str, int] = field(default_factory=dict)
    cost_vnd: int = 0
    prices_as_of: date = PRICES_AS_OF
    begins: datetime | None = None
    ends: datetime | None = None
    waits: str | None = None

    @property
    def reachable(self) -> int:
        """Who would get it."""
        return self.free + self.paid

    @property
    def unreachable(self) -> int:
        """For whom the loudspeaker and the notice board are."""
        return self.total - self.reachable


def forecast(connection: Connection, settings: Settings, commune_id: str, spec: Spec, now: datetime) -> Forecast:
    """As things stand at ``now``; read anew whenever it is shown. Raises LookupError where the commune has no OA."""
    oa_id = broadcasts.oa_of(connection, commune_id)
    if oa_id is None:
        raise LookupError(commune_id)
    now_ms = int(now.timestamp() * 1000)
    begins, waits = _beginning(settings, spec, now)
    if spec.kind != "message":
        count = len(spec.segment.groups) if spec.kind == "group" else 1
        return Forecast(spec.kind, count, count, 0, begins=begins, ends=begins, waits=waits)
    # A window moves with the hour of sending: who falls silent until then is counted as silent now.
    at_ms = max(now_ms, int(begins.timestamp() * 1000))
    open_since = at_ms - (FREE_MS if spec.details.free_only else OPEN_MS)
    reach = broadcast_recipients.reach(
        connection, oa_id, spec.segment, now_ms, free_since_ms=at_ms - FREE_MS, open_since_ms=open_since
    )
    return _of_message(settings, reach, begins, waits)


def _beginning(settings: Settings, spec: Spec, now: datetime) -> tuple[datetime, str | None]:
    begins = now.astimezone(VIETNAM)
    if spec.send_at_ms is not None:
        begins = max(begins, datetime.fromtimestamp(spec.send_at_ms / 1000, VIETNAM))
    waits = None
    if is_within(settings.quiet_hours, begins):
        begins, waits = end_of(settings.quiet_hours, begins), reasons.QUIET_HOURS
    if spec.kind == "article" and is_within(NIGHT, begins):
        begins, waits = end_of(NIGHT, begins), reasons.NIGHT
    return begins, waits


def _of_message(settings: Settings, reach: Reach, begins: datetime, waits: str | None) -> Forecast:
    count = reach.free + reach.paid
    ends = None
    if count:
        ends = end_at_rate(count, begins, settings)
    return Forecast(
        "message",
        reach.total,
        reach.free,
        reach.paid,
        reach.reasons,
        cost_vnd=reach.paid * PAID_MESSAGE_VND,
        begins=begins,
        ends=ends,
        waits=waits,
    )


def end_at_rate(count: int, begins: datetime, settings: Settings) -> datetime:
    """When the last of ``count`` has it: at announcements' share of the OA's rate or the app's, whichever is slower,
    with quiet hours left out."""
    per_second = min(settings.zalo_rate_per_second, settings.zalo_app_rate_per_second) * ANNOUNCEMENT_SHARE / MARGIN
    left = timedelta(seconds=count / per_second)
    moment, quiet = begins, settings.quiet_hours
    while quiet is not None and quiet.begin != quiet.end:
        stop = moment.replace(hour=quiet.begin.hour, minute=quiet.begin.minute, second=0, microsecond=0)
        stop = stop if stop > moment else stop + timedelta(days=1)
        if moment + left <= stop:
            break
        left -= stop - moment
        moment = end_of(quiet, stop)
    return moment + left
