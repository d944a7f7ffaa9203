"""The form of an event: read and checked, and what stands in it for a stored one."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from bot.store.events import KINDS, REMIND_HOURS, Event
from console.broadcasts_form import local_moment, local_text
from console.desk import word

SINGLE = ("kind", "title", "place", "village", "audience", "description", "starts", "ends", "seats", "remind_hours")
LONGEST = {"title": 300, "place": 300, "audience": 300, "description": 2_000}
MOST_SEATS = 10_000
_REMIND_TEXTS = tuple(str(hours) for hours in REMIND_HOURS)
EMPTY = {**dict.fromkeys(SINGLE, ""), "kind": "class", "remind_hours": str(REMIND_HOURS[0])}


def read_form(
    form: MultiDict[str, str], villages: set[str], now_ms: int, *, was_ms: int | None = None
) -> tuple[dict[str, str], dict[str, Any], dict[str, str]]:
    """(as typed, columns, errors by field). ``was_ms``: the hour it already had may stay though it has passed."""
    typed = {name: form.get(name, "").strip() for name in SINGLE}
    errors: dict[str, str] = {}
    values: dict[str, Any] = {
        "kind": typed["kind"] if typed["kind"] in KINDS else "other",
        "village": typed["village"] if typed["village"] in villages else "",
        **{name: " ".join(typed[name].split()) for name in ("title", "place", "audience")},
        "description": typed["description"].replace("\r\n", "\n"),
        "remind_hours": int(typed["remind_hours"]) if typed["remind_hours"] in _REMIND_TEXTS else REMIND_HOURS[0],
        "seats": None,
        "ends_ms": None,
    }
    for name, longest in LONGEST.items():
        if len(values[name]) > longest:
            errors[name] = word("ev_long", longest=longest)
    for name in ("title", "place"):
        if not values[name]:
            errors[name] = word(f"ev_need_{name}")
    starts = local_moment(typed["starts"])
    if starts is None:
        errors["starts"] = word("ev_need_start")
        return typed, values, errors
    values["starts_ms"] = int(starts.timestamp() * 1000)
    if values["starts_ms"] < now_ms and values["starts_ms"] != was_ms:
        errors["starts"] = word("ev_start_past")
    ends = local_moment(typed["ends"])
    if typed["ends"] and (ends is None or ends <= starts):
        errors["ends"] = word("ev_end_before")
    elif ends is not None:
        values["ends_ms"] = int(ends.timestamp() * 1000)
    if typed["seats"]:
        seats = typed["seats"]
        if seats.isascii() and seats.isdigit() and len(seats) < 7 and 1 <= int(seats) <= MOST_SEATS:
            values["seats"] = int(seats)
        else:
            errors["seats"] = word("ev_seats")
    return typed, values, errors


def typed_of(one: Event) -> dict[str, str]:
    """What stands in the form of a stored one."""
    return {
        **{name: getattr(one, name) for name in ("kind", "title", "place", "village", "audience", "description")},
        "starts": local_text(one.starts_ms),
        "ends": local_text(one.ends_ms),
        "remind_hours": str(one.remind_hours),
        "seats": "" if one.seats is None else str(one.seats),
    }
