"""How fast calls may leave: GCRA over one row per OA and one for the Zalo app, shared by all processes.

Each call gets a moment of its own (a slot). Slots of one scope lie at least one interval apart, so that no sliding
second holds more than the limit: there is no burst allowance at all, since 0.25 s of it gave 75 calls in a second for
a limit of 60. The interval is 2 % longer than 1/limit, which leaves room for calls that leave a little late.
Slots are spent when claimed: a crash may waste a few, never exceed.

While an announcement runs, its slots lie a little ahead and an answer would wait for them. So one answer may leave at
once in each fifth interval, and what comes after the slots already given out waits one interval longer: the sum stays
the same, and any sliding second holds at most one more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.journal import batches
from bot.store.database import Database
from bot.store.tables import rate_limit

MARGIN = 1.02
HORIZON_US = 100_000
"""How far ahead slots are given out: a worker paces its sends by them without asking again."""

LONGEST_QUEUE_US = 60_000_000
"""A next slot further away than this (or than a hundred intervals, where the limit is slow) comes from a clock that has
since been set back: waiting for it would silence the office."""
LONGEST_QUEUE_INTERVALS = 100


ANNOUNCEMENT_SHARE = 0.8
"""Announcements leave a fifth of either rate to answers."""
ANNOUNCEMENT_HORIZON_US = 40_000
"""An answer that comes meanwhile waits for the slots already given out, so announcements get few ahead."""


ANSWERS_SHARE = 0.2
"""What may leave at once, past the slots announcements already have: the fifth they leave to answers."""


def oa_scope(oa_id: str) -> str:
    """The scope of one OA's sends."""
    return f"oa:{oa_id}"


def announcement_scope(oa_id: str) -> str:
    """The scope of one OA's announcements, beside :func:`oa_scope`, which counts them too."""
    return f"announce:{oa_id}"


ANNOUNCEMENTS_SCOPE = "announce"
"""The scope of the announcements of all OAs."""

ANSWERS_SCOPE = "answer"
"""The scope of all answers that left at once past an announcement's slots."""


def answers_scope(scope: str) -> str:
    """The scope of such answers of one OA, given its :func:`oa_scope`; of all, given :data:`APP_SCOPE`."""
    return ANSWERS_SCOPE if scope == APP_SCOPE else f"{ANSWERS_SCOPE}:{scope.removeprefix('oa:')}"


APP_SCOPE = "app"
"""The scope of all calls of the Zalo app, sends included."""


def now_us() -> int:
    """Real time in microseconds. Never shifted: a rate is a rate."""
    return time.time_ns() // 1000


# Several of these run in every claim, so they are built once.
_LOCK = select(rate_limit.c.next_us).where(rate_limit.c.scope == bindparam("of")).with_for_update()
_LOCK_THREE = (
    select(rate_limit.c.scope, rate_limit.c.next_us)
    .where(rate_limit.c.scope.in_([bindparam("first"), bindparam("second"), bindparam("third")]))
    .with_for_update()
)


class RateLimiter:
    """Plans slots inside a claim's own transaction, so that the budget holds across processes and kill -9."""

    def __init__(self, oa_per_second: float, app_per_second: float) -> None:
        self._oa_interval_us = MARGIN * 1_000_000 / oa_per_second
        self._app_interval_us = MARGIN * 1_000_000 / app_per_second

    def _lock(self, connection: Connection, scope: str) -> int:
        row = connection.execute(_LOCK, {"of": scope}).scalar_one_or_none()
        if row is not None:
            return int(row)
        insert = postgres_insert if connection.dialect.name == "postgresql" else sqlite_insert
        connection.execute(insert(rate_limit).values(scope=scope, next_us=0).on_conflict_do_nothing())
        return int(connection.execute(_LOCK, {"of": scope}).scalar_one())

    def begin(self, connection: Connection) -> RatePlan:
        """Lock the app's row (always first: one order, no deadlock) and start planning."""
        return RatePlan(self, connection, _believable(self._lock(connection, APP_SCOPE), self._app_interval_us))

    @property
    def oa_interval_us(self) -> float:
        """Microseconds between two sends of one OA."""
        return self._oa_interval_us

    @property
    def app_interval_us(self) -> float:
        """Microseconds between two calls of the app."""
        return self._app_interval_us

    def lock_oa(self, connection: Connection, oa_id: str) -> int:
        """Lock one OA's row and read it."""
        return _believable(self._lock(connection, oa_scope(oa_id)), self._oa_interval_us)

    def lock_share(self, connection: Connection, scope: str, interval_us: float) -> int:
        """Lock and read the row of announcements' share of a rate."""
        return _believable(self._lock(connection, scope), interval_us)

    def lock_for_announcements(self, connection: Connection, oa_id: str) -> dict[str, int]:
        """Those rows of :meth:`lock_oa` and :meth:`lock_share` that are there, locked in one look; by scope.

        The caller holds the app's row, so no other claim is at these and their order is of no account.
        """
        intervals = {oa_scope(oa_id): self._oa_interval_us, **self.share_intervals(oa_id)}
        of = dict(zip(("first", "second", "third"), intervals, strict=True))
        rows = connection.execute(_LOCK_THREE, of)
        return {scope: _believable(next_us, intervals[scope]) for scope, next_us in rows}

    def share_intervals(self, oa_id: str) -> dict[str, float]:
        """Microseconds between two announcements, by scope."""
        return {
            announcement_scope(oa_id): self._oa_interval_us / ANNOUNCEMENT_SHARE,
            ANNOUNCEMENTS_SCOPE: self._app_interval_us / ANNOUNCEMENT_SHARE,
        }

    def push_back(self, connection: Connection, scope: str, until_us: int) -> None:
        """Zalo said "too fast" (-32): nothing of this scope leaves before ``until_us``."""
        current = self._lock(connection, APP_SCOPE)  # first, as in a claim: the other order would be a deadlock
        if scope != APP_SCOPE:
            current = self._lock(connection, scope)
        at_once = answers_scope(scope)
        for pushed, known in ((scope, current), (at_once, self._lock(connection, at_once))):
            if until_us > known:
                batches.set_next_moments(connection, {pushed: until_us})

    def wait_for_app_slot(self, database: Database, stop: threading.Event | None = None) -> None:
        """Take one slot of the app for a call that is not a send, and wait for it. Called from worker threads."""
        with database.write() as connection:
            plan = self.begin(connection)
            slot = plan.take_app()
            plan.finish()
        delay = (slot - now_us()) / 1_000_000
        if delay > 0:
            (stop or threading.Event()).wait(delay)


def _believable(next_us: int, interval_us: float) -> int:
    return next_us if next_us <= now_us() + max(LONGEST_QUEUE_US, LONGEST_QUEUE_INTERVALS * interval_us) else 0


class RatePlan:
    """Slots of one claim. ``finish`` writes what was spent."""

    def __init__(self, limiter: RateLimiter, connection: Connection, app_next_us: int) -> None:
        self._limiter = limiter
        self._connection = connection
        self._now = now_us()
        self._app_next = float(app_next_us)
        self._oa_next: dict[str, float] = {}
        self._shares: dict[str, float] = {}
        self._shares_spent: set[str] = set()
        self._oa_spent: set[str] = set()
        self._app_spent = False
        self._at_once: dict[str, int] = {}

    def take_app(self) -> int:
        """One slot of the app, however far ahead it lies."""
        slot = max(self._now, self._app_next)
        self._app_next = slot + self._limiter.app_interval_us
        self._app_spent = True
        return int(slot)

    def slots(self, oa_id: str, wanted: int, *, at_once: bool = False) -> list[int]:
        """Up to ``wanted`` slots of this OA (and the app) within the horizon, without spending them. ``at_once``: an
        announcement is under way, and the first of them need not wait for the slots it has."""
        if oa_id not in self._oa_next:
            self._oa_next[oa_id] = float(self._limiter.lock_oa(self._connection, oa_id))
        slots: list[int] = []
        oa_next, app_next = self._oa_next[oa_id], self._app_next
        oa_interval, app_interval = self._limiter.oa_interval_us, self._limiter.app_interval_us
        if at_once and wanted > 0 and max(oa_next, app_next) > self._now:
            free = self._slot_at_once(oa_id)
            if free < max(oa_next, app_next):
                self._at_once[oa_id] = free
                slots.append(free)
                oa_next, app_next = oa_next + oa_interval, app_next + app_interval
        while len(slots) < wanted:
            slot = max(self._now, oa_next, app_next)
            if slot > self._now + HORIZON_US:
                break
            slots.append(int(slot))
            oa_next, app_next = slot + oa_interval, slot + app_interval
        return slots

    def _slot_at_once(self, oa_id: str) -> int:
        """When an answer may leave past the slots given out: now, unless another has just done so."""
        for scope, interval in self._intervals_at_once(oa_id).items():
            if scope not in self._shares:
                self._shares[scope] = float(self._limiter.lock_share(self._connection, scope, interval))
        return int(max(self._now, *(self._shares[scope] for scope in self._intervals_at_once(oa_id))))

    def _intervals_at_once(self, oa_id: str) -> dict[str, float]:
        return {
            answers_scope(oa_scope(oa_id)): self._limiter.oa_interval_us / ANSWERS_SHARE,
            answers_scope(APP_SCOPE): self._limiter.app_interval_us / ANSWERS_SHARE,
        }

    def spend(self, oa_id: str, slots: list[int]) -> None:
        """Mark these slots of :meth:`slots` as used."""
        at_once = self._at_once.pop(oa_id, None)
        if not slots:
            return
        if at_once is not None:
            for scope, interval in self._intervals_at_once(oa_id).items():
                self._shares[scope] = at_once + interval
                self._shares_spent.add(scope)
        if at_once is not None and len(slots) == 1:
            # It took nobody's slot; whoever comes next waits one interval longer.
            self._oa_next[oa_id] = max(self._oa_next[oa_id], at_once) + self._limiter.oa_interval_us
            self._app_next = max(self._app_next, at_once) + self._limiter.app_interval_us
        else:
            self._oa_next[oa_id] = slots[-1] + self._limiter.oa_interval_us
            self._app_next = slots[-1] + self._limiter.app_interval_us
        self._oa_spent.add(oa_id)
        self._app_spent = True

    def announcement_slots(self, oa_id: str, wanted: int) -> list[int]:
        """As :meth:`slots`, but with four fifths of either rate and a near horizon."""
        intervals = self._limiter.share_intervals(oa_id)
        if oa_id not in self._oa_next or not intervals.keys() <= self._shares.keys():
            self._look_at_shares(oa_id, intervals)
        slots: list[int] = []
        oa_next, app_next = self._oa_next[oa_id], self._app_next
        share_next = max(self._shares[scope] for scope in intervals)
        # The slower of the two shares decides: after the first slot both count from the same moment.
        oa_interval, app_interval = self._limiter.oa_interval_us, self._limiter.app_interval_us
        share_interval = max(intervals.values())
        horizon = self._now + ANNOUNCEMENT_HORIZON_US
        while len(slots) < wanted:
            slot = max(self._now, oa_next, app_next, share_next)
            if slot > horizon:
                break
            slots.append(int(slot))
            oa_next, app_next, share_next = slot + oa_interval, slot + app_interval, slot + share_interval
        return slots

    def _look_at_shares(self, oa_id: str, intervals: Mapping[str, float]) -> None:
        """Lock what is not yet held; what this claim has already spent of a rate stays as it is."""
        limiter, connection = self._limiter, self._connection
        found = limiter.lock_for_announcements(connection, oa_id)
        if oa_id not in self._oa_next:
            scope = oa_scope(oa_id)
            self._oa_next[oa_id] = float(found[scope] if scope in found else limiter.lock_oa(connection, oa_id))
        for scope, interval in intervals.items():
            if scope not in self._shares:
                known = found[scope] if scope in found else limiter.lock_share(connection, scope, interval)
                self._shares[scope] = float(known)

    def spend_announcements(self, oa_id: str, slots: list[int]) -> None:
        """Mark these slots of :meth:`announcement_slots` as used."""
        self.spend(oa_id, slots)
        if slots:
            for scope, interval in self._limiter.share_intervals(oa_id).items():
                self._shares[scope] = slots[-1] + interval
                self._shares_spent.add(scope)

    def finish(self) -> None:
        """Write the new state of every scope something was spent of."""
        moments = {oa_scope(oa_id): int(self._oa_next[oa_id]) for oa_id in self._oa_spent}
        moments |= {scope: int(self._shares[scope]) for scope in self._shares_spent}
        if self._app_spent:
            moments[APP_SCOPE] = int(self._app_next)
        if moments:
            batches.set_next_moments(self._connection, moments)
