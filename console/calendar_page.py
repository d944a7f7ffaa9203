"""The month of a commune: announcements, schedules, events, days of every year; and the same as a feed for calendars.

The feed's address holds a token made from the install's key: whoever has the address sees titles and hours, nothing
else. It stays the same until the key changes.
"""

from __future__ import annotations

import calendar
import hmac
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.broadcasts.calendar_feed import CalendarRow, calendar_feed, calendar_rows
from bot.broadcasts.rules import lunar
from bot.cases.working_time import holiday_name
from bot.clock import VIETNAM
from console.access import can_at_all, my_commune, needs, public
from console.desk import ConsoleDesk, the_desk, word

_DAYS = Path(__file__).with_name("calendar_days.yaml")
FIRST_YEAR, LAST_YEAR = 2020, 2100
FEED_BEFORE, FEED_AFTER = timedelta(days=31), timedelta(days=183)
LUNAR_SHOWN = (1, 15)


@cache
def yearly_days() -> dict[tuple[int, int], tuple[str, ...]]:
    """(month, day) → names."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for row in yaml.safe_load(_DAYS.read_text("utf-8")):
        key = (row["month"], row["day"])
        found[key] = (*found.get(key, ()), row["name"])
    return found


def _month() -> date:
    text = request.args.get("month", "")
    if not text:
        return the_desk().clock.now().astimezone(VIETNAM).date().replace(day=1)
    try:
        month = datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        abort(404)
    if not FIRST_YEAR <= month.year <= LAST_YEAR:
        abort(404)
    return month


def _address(row: CalendarRow) -> str:
    number = row.key.split("-")[1]
    if row.kind == "broadcast":
        return url_for("broadcasts.page", broadcast_id=int(number))
    if row.kind == "event":
        return url_for("events.page", event_id=int(number)) if can_at_all("event.manage") else ""
    return url_for("broadcasts.schedules")


def _day(day: date, month: date, rows: list[CalendarRow], today: date) -> dict[str, Any]:
    by_moon = lunar(day)
    shows_moon = by_moon.day in LUNAR_SHOWN
    names = [*yearly_days().get((day.month, day.day), ())]
    if holiday := holiday_name(day):
        names.insert(0, holiday)
    return {
        "date": day,
        "name": word(f"bc_weekday_{day.weekday()}"),
        "is_here": day.month == month.month,
        "is_today": day == today,
        "moon": word("cal_lunar_first", day=by_moon.day, month=by_moon.month) if shows_moon else "",
        "names": names,
        "rows": [{"row": row, "url": _address(row), "kind": word(f"cal_kind_{row.kind}")} for row in rows],
    }


@needs("broadcast.read")
def page() -> ResponseReturnValue:
    """One month, weeks from Monday."""
    desk, commune_id, month = the_desk(), my_commune(), _month()
    weeks = calendar.Calendar().monthdatescalendar(month.year, month.month)
    begin = datetime.combine(weeks[0][0], time(), VIETNAM)
    end = datetime.combine(weeks[-1][-1] + timedelta(days=1), time(), VIETNAM)
    today = desk.clock.now().astimezone(VIETNAM).date()
    by_day: dict[date, list[CalendarRow]] = {}
    with desk.database.read() as connection:
        for row in calendar_rows(connection, commune_id, begin, end):
            by_day.setdefault(row.starts.date(), []).append(row)
    before, after = month - timedelta(days=1), month.replace(day=28) + timedelta(days=7)
    return render_template(
        "calendar/page.html",
        title=word("cal_month", month=month.month, year=month.year),
        weekdays=[word(f"bc_weekday_{each}") for each in range(7)],
        weeks=[[_day(day, month, by_day.get(day, []), today) for day in week] for week in weeks],
        before=before.strftime("%Y-%m"),
        after=after.strftime("%Y-%m"),
        feed_url=f"{desk.services.settings.public_url or request.host_url.rstrip('/')}{_feed_path(desk, commune_id)}",
    )


def _token(desk: ConsoleDesk, commune_id: str) -> str:
    return desk.vault.digest(f"calendar-feed:{commune_id}")


def _feed_path(desk: ConsoleDesk, commune_id: str) -> str:
    return url_for("calendar.feed", commune_id=commune_id, token=_token(desk, commune_id))


@public("calendar programs cannot sign in; the address holds a secret token of the commune")
def feed(commune_id: str, token: str) -> Response:
    """The iCal file: a month back, half a year ahead. 404 for any other token, as for a commune nobody knows."""
    desk = the_desk()
    if not hmac.compare_digest(token.encode(), _token(desk, commune_id).encode()):
        abort(404)
    commune = desk.commune(commune_id)
    if commune is None:
        abort(404)
    now = desk.clock.now()
    host = urlsplit(desk.services.settings.public_url).hostname or request.host.split(":")[0]
    with desk.database.read() as connection:
        content = calendar_feed(
            connection, commune_id, commune.full_name, host, now - FEED_BEFORE, now + FEED_AFTER, now
        )
    return Response(content, mimetype="text/calendar")


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """The month and the feed."""
    blueprint = Blueprint("calendar", __name__)
    blueprint.get("/calendar")(page)
    blueprint.get("/calendar/<commune_id>/<token>.ics")(feed)
    return blueprint
