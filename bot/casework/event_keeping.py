"""What officials do with events: put up, change, call off (those signed up are told), write down who came. Audited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from bot import permissions
from bot.casework.refusals import CASE_WORDS
from bot.casework.volunteers_notices import tell
from bot.clock import VIETNAM, from_ms
from bot.encryption import Vault
from bot.people import Person
from bot.store import audit, events
from bot.store.events import Event
from bot.store.staff import Staff

ACT = "event.manage"


class EventOver(Exception):
    """It was called off, so nothing can be done with it any more."""


def put_up(connection: Connection, staff: Staff, commune_id: str, values: dict[str, Any], now_ms: int) -> int:
    """A new event; its id. ``values`` are columns of the event. Raises NotAllowed."""
    permissions.require(staff, ACT, commune_id)
    event_id = events.add(connection, now_ms, commune_id=commune_id, author=staff.email, **values)
    after = {"title": values["title"], "starts_ms": values["starts_ms"]}
    audit.record(connection, staff, ACT, commune_id, f"event:{event_id}", None, after, now_ms)
    return event_id


def change(connection: Connection, staff: Staff, one: Event, values: dict[str, Any], now_ms: int) -> None:
    """Other columns. Raises NotAllowed, and EventOver for one that was called off."""
    permissions.require(staff, ACT, one.commune_id)
    if one.state != events.PLANNED:
        raise EventOver
    events.change(connection, one.id, now_ms, **values)
    before = {name: getattr(one, name) for name in values if getattr(one, name) != values[name]}
    after = {name: values[name] for name in before}
    audit.record(connection, staff, ACT, one.commune_id, f"event:{one.id}", before, after, now_ms)


def call_off(connection: Connection, vault: Vault, staff: Staff, one: Event, why: str, now_ms: int) -> int:
    """It does not take place: everybody who signed up is told, with the reason. Returns how many are told.

    Raises NotAllowed, and EventOver where it was called off before: nobody is told twice.
    """
    permissions.require(staff, ACT, one.commune_id)
    if one.state != events.PLANNED:
        raise EventOver
    events.change(connection, one.id, now_ms, state=events.CANCELLED)
    starts = from_ms(one.starts_ms).astimezone(VIETNAM).strftime("%H:%M %d/%m")
    text = CASE_WORDS.word("event_called_off", title=one.title, starts=starts, why=why).strip()
    people = events.list_sign_ups(connection, vault, one.id) if one.starts_ms > now_ms else []
    for person in people:
        tell(
            connection,
            vault,
            Person(person.oa_id, person.user_id),
            text,
            key=f"event-off:{one.id}:{person.user_id}",
            trace_id=f"event{one.id}",
            now_ms=now_ms,
        )
    before, after = {"state": one.state}, {"state": events.CANCELLED, "told": len(people)}
    audit.record(connection, staff, ACT, one.commune_id, f"event:{one.id}", before, after, now_ms)
    return len(people)


def note_attendance(
    connection: Connection, vault: Vault, staff: Staff, one: Event, came: Sequence[tuple[str, str]], now_ms: int
) -> int:
    """Write down who came, (oa_id, user_id); everybody else on the list did not. Returns how many came."""
    permissions.require(staff, ACT, one.commune_id)
    listed = [(each.oa_id, each.user_id) for each in events.list_sign_ups(connection, vault, one.id)]
    wanted = set(came)
    count = events.note_attendance(connection, one.id, [each for each in listed if each in wanted], True)
    events.note_attendance(connection, one.id, [each for each in listed if each not in wanted], False)
    subject = f"event:{one.id}"
    audit.record(connection, staff, ACT, one.commune_id, subject, None, {"came": count, "of": len(listed)}, now_ms)
    return count
