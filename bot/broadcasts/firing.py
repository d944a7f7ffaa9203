"""Schedules: handed in, approved by another person, and fired: each moment once, by whatever clock notices it.

Firing takes the moment and makes the announcement in one transaction. APScheduler's jobs come here, and so does the
look at what is owed (:func:`catch_up`), which finds what no job did: a machine switched off, a clock that died between
two lines. Whoever comes second finds the moment taken.
"""

from __future__ import annotations

import json
import logging
from datetime import timedelta

from sqlalchemy import Connection

from bot import permissions
from bot.broadcasts import acts
from bot.broadcasts.acts import ActError
from bot.broadcasts.rules import Rule, moments_between, next_after
from bot.broadcasts.spec import SpecError, read_spec
from bot.broadcasts.words import word
from bot.clock import from_ms
from bot.encryption import Vault
from bot.services import Services
from bot.store import audit, broadcasts, schedules
from bot.store import staff as accounts
from bot.store.broadcasts import SCHEDULED, SUBMITTED
from bot.store.schedules import ACTIVE, ENDED, PAUSED, Schedule
from bot.store.staff import Staff

logger = logging.getLogger(__name__)

LATE_MINUTES = 120
"""Unless the schedule says otherwise: later than this its own word decides (ask, send or skip)."""
LONGEST_LATE_DAYS = 40
"""What was owed longer ago is not even asked about."""


def create(
    connection: Connection,
    staff: Staff,
    commune_id: str,
    rule: Rule,
    document: dict[str, object],
    now_ms: int,
    *,
    late_policy: str = "ask",
    late_minutes: int = LATE_MINUTES,
) -> int:
    """A schedule handed in. ``document`` is an announcement's spec; its ``send_at`` means nothing here.

    Raises SpecError, NotAllowed.
    """
    permissions.require(staff, "broadcast.write", commune_id)
    kept = {**document, "send_at": None, "late": "send"}
    spec = read_spec(kept, now_ms)
    schedule_id = schedules.add(
        connection,
        now_ms,
        commune_id=commune_id,
        name=spec.title,
        rule=rule.to_json(),
        spec=json.dumps(kept, ensure_ascii=False),
        state=schedules.SUBMITTED,
        late_policy=late_policy,
        late_minutes=late_minutes,
        author=staff.email,
    )
    subject = f"schedule:{schedule_id}"
    audit.record(connection, staff, "broadcast.write", commune_id, subject, None, {"title": spec.title}, now_ms)
    return schedule_id


def _find(connection: Connection, schedule_id: int) -> Schedule:
    found = schedules.get(connection, schedule_id, lock=True)
    if found is None:
        raise ActError(word("act_no_schedule", id=schedule_id))
    return found


def approve(connection: Connection, staff: Staff, schedule_id: int, now_ms: int) -> None:
    """From now on its moments are owed. Raises ActError for its author."""
    one = _find(connection, schedule_id)
    permissions.require(staff, "broadcast.approve", one.commune_id)
    if one.state != schedules.SUBMITTED:
        raise ActError(word("act_schedule_state"))
    if accounts.address_of(staff.email) == accounts.address_of(one.author):
        raise ActError(word("act_author"))
    schedules.change(connection, one.id, now_ms, state=ACTIVE, approved_by=staff.email, owed_from_ms=now_ms)
    _audit(connection, staff, one, ACTIVE, now_ms)


def pause(connection: Connection, staff: Staff, schedule_id: int, now_ms: int) -> None:
    """Nothing fires until it is resumed."""
    _move(connection, staff, schedule_id, ACTIVE, PAUSED, now_ms)


def resume(connection: Connection, staff: Staff, schedule_id: int, now_ms: int) -> None:
    """Owed again from now on; what fell into the pause is nobody's."""
    _move(connection, staff, schedule_id, PAUSED, ACTIVE, now_ms)


def end(connection: Connection, staff: Staff, schedule_id: int, now_ms: int) -> None:
    """For good."""
    one = _find(connection, schedule_id)
    permissions.require(staff, "broadcast.control", one.commune_id)
    schedules.change(connection, one.id, now_ms, state=ENDED)
    _audit(connection, staff, one, ENDED, now_ms)


def _move(connection: Connection, staff: Staff, schedule_id: int, from_state: str, to_state: str, now_ms: int) -> None:
    one = _find(connection, schedule_id)
    permissions.require(staff, "broadcast.control", one.commune_id)
    if one.state != from_state:
        raise ActError(word("act_schedule_state"))
    owed = {"owed_from_ms": now_ms} if to_state == ACTIVE else {}
    schedules.change(connection, one.id, now_ms, state=to_state, **owed)
    _audit(connection, staff, one, to_state, now_ms)


def _audit(connection: Connection, staff: Staff, one: Schedule, state: str, now_ms: int) -> None:
    before, after = {"state": one.state}, {"state": state}
    audit.record(connection, staff, "broadcast.control", one.commune_id, f"schedule:{one.id}", before, after, now_ms)


def fire(connection: Connection, vault: Vault, schedule_id: int, fire_at_ms: int, now_ms: int) -> int | None:
    """Take one moment of a schedule and make its announcement, in the caller's transaction. Idempotent.

    Returns the announcement's id; None where the moment was taken, is not owed, or too late to be sent.
    """
    one = schedules.get(connection, schedule_id, lock=True)
    if one is None or one.state != ACTIVE or fire_at_ms <= (one.owed_from_ms or 0) or fire_at_ms > now_ms:
        return None
    if not schedules.claim_moment(connection, one, fire_at_ms, now_ms):
        return None
    late_ms = now_ms - fire_at_ms
    policy = "send" if late_ms <= one.late_minutes * 60_000 else one.late_policy
    if policy != "send":
        logger.error("scheduled announcement late", extra={"commune": one.commune_id, "action": policy, "ms": late_ms})
    made = None if policy == "skip" else _announce(connection, vault, one, fire_at_ms, now_ms, asks=policy == "ask")
    outcome = {"skip": "skipped", "ask": "asked"}.get(policy, "sent")
    if policy != "skip" and made is None:
        outcome = "broken"
    schedules.note_outcome(connection, one.id, fire_at_ms, outcome, made)
    if next_after(Rule.from_json(one.rule), from_ms(fire_at_ms)) is None:
        schedules.change(connection, one.id, now_ms, state=ENDED)
    return made


def _announce(
    connection: Connection, vault: Vault, one: Schedule, fire_at_ms: int, now_ms: int, *, asks: bool
) -> int | None:
    try:
        spec = read_spec(json.loads(one.spec), now_ms)
        made = acts.add(connection, None, one.commune_id, spec, now_ms, state=SUBMITTED, author=one.author)
    except (SpecError, ActError) as error:
        # The OA was removed, or this release's limits are others: a person must see it, and the clock go on.
        logger.exception(
            "scheduled announcement broken", extra={"commune": one.commune_id, "error": type(error).__name__}
        )
        return None
    key = f"schedule:{one.id}:{fire_at_ms}"
    if asks:
        broadcasts.change(connection, made, now_ms, fire_key=key, note="late")
        return made
    stored = broadcasts.get(connection, made)
    assert stored is not None
    values = acts.frozen(vault, stored, one.approved_by or "", now_ms)
    broadcasts.change(connection, made, now_ms, fire_key=key, state=SCHEDULED, **values)
    return made


def owed(connection: Connection, one: Schedule, now_ms: int) -> list[int]:
    """Moments (ms) of an active schedule that have come and that nobody took, oldest first."""
    if one.state != ACTIVE or one.owed_from_ms is None:
        return []
    since = max(one.owed_from_ms, now_ms - int(timedelta(days=LONGEST_LATE_DAYS).total_seconds() * 1000))
    due = [
        int(moment.timestamp() * 1000)
        for moment in moments_between(Rule.from_json(one.rule), from_ms(since), from_ms(now_ms))
    ]
    if not due:
        return []
    taken = schedules.fired_since(connection, one.id, due[0])
    return [moment for moment in due if moment not in taken]


def catch_up(services: Services) -> int:
    """Fire what is owed. Of several missed moments of one schedule the last alone may be sent: nobody wants five weekly
    notices at once; the others are written down as skipped. Returns how many moments were taken."""
    now = services.clock.now_ms()
    with services.database.read() as connection:
        due = {
            one.id: moments
            for one in schedules.list_schedules(connection, states=(ACTIVE,))
            if (moments := owed(connection, one, now))
        }
    taken = 0
    for schedule_id, moments in due.items():
        with services.database.write() as connection:
            one = schedules.get(connection, schedule_id, lock=True)
            if one is None or one.state != ACTIVE:
                continue
            for moment in moments[:-1]:
                if schedules.claim_moment(connection, one, moment, now):
                    schedules.note_outcome(connection, one.id, moment, "skipped", None)
                    logger.error("scheduled announcement missed", extra={"commune": one.commune_id, "ms": now - moment})
                    taken += 1
            taken += fire(connection, services.vault, schedule_id, moments[-1], now) is not None
            services.database.announce(connection)
    return taken
