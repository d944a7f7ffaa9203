"""The calendar of a commune: announcements sent or planned, schedules, events; as rows, and as an iCal feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar
from icalendar import Event as Entry
from sqlalchemy import Connection

from bot.broadcasts.rules import Rule, moments_between
from bot.broadcasts.words import word
from bot.clock import VIETNAM, from_ms
from bot.store import broadcasts, events, schedules

PRODUCT = "-//Hoi Xa//VI"
AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """``kind`` is broadcast, schedule or event; ``key`` is the same for the same thing for ever."""

    key: str
    kind: str
    starts: datetime
    ends: datetime
    title: str
    place: str = ""
    state: str = ""


def calendar_rows(connection: Connection, commune_id: str, begin: datetime, end: datetime) -> list[CalendarRow]:
    """Everything that falls between, soonest first. A schedule's moments still to come are worked out from its rule."""
    begin_ms, end_ms = (int(one.timestamp() * 1000) for one in (begin, end))
    rows = []
    for one in broadcasts.planned(connection, commune_id, begin_ms, end_ms):
        starts = from_ms(one.started_ms or one.send_at_ms or 0).astimezone(VIETNAM)
        rows.append(CalendarRow(f"broadcast-{one.id}", "broadcast", starts, starts + AN_HOUR, one.title, "", one.state))
    for schedule in schedules.list_schedules(connection, commune_id, states=(schedules.ACTIVE,)):
        since = max(begin, from_ms(schedule.owed_from_ms or begin_ms))
        taken = schedules.fired_since(connection, schedule.id, begin_ms)
        for moment in moments_between(Rule.from_json(schedule.rule), since, end):
            moment_ms = int(moment.timestamp() * 1000)
            if moment_ms not in taken:
                key = f"schedule-{schedule.id}-{moment_ms}"
                rows.append(CalendarRow(key, "schedule", moment, moment + AN_HOUR, schedule.name))
    for event in events.list_events(connection, commune_id, begin_ms, end_ms):
        starts = from_ms(event.starts_ms).astimezone(VIETNAM)
        ends = starts + AN_HOUR if event.ends_ms is None else from_ms(event.ends_ms).astimezone(VIETNAM)
        rows.append(CalendarRow(f"event-{event.id}", "event", starts, ends, event.title, event.place))
    return sorted(rows, key=lambda row: (row.starts, row.key))


def calendar_feed(
    connection: Connection, commune_id: str, commune_name: str, host: str, begin: datetime, end: datetime, now: datetime
) -> bytes:
    """The same as an iCal file. ``host`` makes the ids unique in the world."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", word("calendar_name", name=commune_name))
    calendar.add("x-wr-timezone", "Asia/Ho_Chi_Minh")
    for row in calendar_rows(connection, commune_id, begin, end):
        entry = Entry()
        entry.add("uid", f"{row.key}@{host}")
        entry.add("dtstamp", now.astimezone(UTC))
        # In UTC: no calendar needs to know our time zone's rules.
        entry.add("dtstart", row.starts.astimezone(UTC))
        entry.add("dtend", row.ends.astimezone(UTC))
        entry.add("summary", row.title)
        if row.place:
            entry.add("location", row.place)
        calendar.add_component(entry)
    return bytes(calendar.to_ical())
