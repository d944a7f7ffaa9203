"""Folders and filters of reports: each is a narrowing of one list, written in the address so that it can be shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.cases.deadlines import SOON_HOURS
from bot.cases.lifecycle import WAITING, lifecycle
from bot.cases.working_time import OfficeHours, add_working_hours
from bot.clock import VIETNAM
from bot.permissions import Scope, scope_of, unit_of
from bot.store import case_twins
from bot.store.case_lists import CaseFilter, Order, count_by_state, count_cases
from bot.store.staff import Staff

REPORT = lifecycle("report")
OPEN = REPORT.open_states
TIMED = tuple(state for state in OPEN if state != WAITING)
CLOSED = tuple(state.id for state in REPORT.states.values() if state.final)
TWIN_SCORE = 0.6
"""From here two open reports are in the folder of likely twins."""
MOST_TWINS = 300
SOURCES = ("zalo", "hotline", "desk", "social", "team")


@dataclass(frozen=True, slots=True)
class Moments:
    """What a folder is reckoned from. ``soon_ms``: whatever is due before it is due within a working day."""

    now_ms: int
    soon_ms: int


def moments(now: datetime, hours: OfficeHours) -> Moments:
    """The moments of a look at the list."""
    soon = add_working_hours(now, SOON_HOURS, hours)
    return Moments(int(now.timestamp() * 1000), int(soon.timestamp() * 1000))


@dataclass(frozen=True, slots=True)
class Folder:
    """``narrow`` gets the filter of what the official may see."""

    key: str
    narrow: Callable[[CaseFilter, Staff, Moments], CaseFilter]
    order: Order = "desk"
    tone: str = ""


FOLDERS: Mapping[str, Folder] = {
    folder.key: folder
    for folder in (
        Folder("mine", lambda all_, me, _at: replace(all_, assignee=me.email, states=OPEN)),
        Folder("unit", lambda all_, me, _at: replace(all_, unit=unit_of(me), states=OPEN)),
        Folder("unassigned", lambda all_, _me, _at: replace(all_, states=("received",)), tone="warning"),
        Folder("overdue", lambda all_, _me, at: replace(all_, states=TIMED, due_before_ms=at.now_ms), tone="bad"),
        Folder(
            "soon",
            lambda all_, _me, at: replace(all_, states=TIMED, due_from_ms=at.now_ms, due_before_ms=at.soon_ms),
            tone="warning",
        ),
        Folder("waiting", lambda all_, _me, _at: replace(all_, states=(WAITING,)), order="changed"),
        Folder("twins", lambda all_, _me, _at: replace(all_, states=OPEN)),
        Folder("reopened", lambda all_, _me, _at: replace(all_, states=OPEN, reopened=True), tone="bad"),
        Folder("done", lambda all_, _me, _at: replace(all_, states=CLOSED), order="changed"),
        Folder("open", lambda all_, _me, _at: replace(all_, states=OPEN)),
        Folder("all", lambda all_, _me, _at: all_, order="newest"),
    )
}
FIRST_FOLDER = "open"


def visible(staff: Staff, act: str = "case.read") -> CaseFilter | None:
    """All reports this official may see; None where there are none for them at all."""
    scope = scope_of(staff, act)
    if scope is None or staff.commune_id is None:
        return None
    whole = CaseFilter(kind="report", commune_id=staff.commune_id)
    if scope is Scope.UNIT:
        return replace(whole, units=(unit_of(staff), ""))
    if scope is Scope.VILLAGE:
        return replace(whole, village=staff.village) if staff.village else None
    return whole


def folders_of(staff: Staff) -> list[Folder]:
    """The folders that mean something to this official."""
    left_out = set() if unit_of(staff) else {"unit"}
    if scope_of(staff, "case.move") is None:
        left_out |= {"mine", "twins"}
    return [folder for folder in FOLDERS.values() if folder.key not in left_out]


def twins(connection: Any, commune_id: str) -> Sequence[str]:
    """Codes of open reports with a likely twin, likest first; the worker looks for them now and then."""
    return case_twins.codes_with_twins(connection, commune_id, REPORT.kind, OPEN, TWIN_SCORE)


def narrowed(folder: Folder, all_: CaseFilter, staff: Staff, at: Moments, with_twins: Sequence[str]) -> CaseFilter:
    """What stands in a folder; ``with_twins`` as :func:`twins` gave them."""
    wanted = folder.narrow(all_, staff, at)
    return replace(wanted, codes=tuple(with_twins[:MOST_TWINS])) if folder.key == "twins" else wanted


def _day(text: str) -> int | None:
    """Midnight in Vietnam of a day written 2026-11-22, ms; None where it is no day."""
    try:
        return int(datetime.fromisoformat(text[:10]).replace(tzinfo=VIETNAM).timestamp() * 1000)
    except ValueError:
        return None


def with_filters(wanted: CaseFilter, given: Mapping[str, str]) -> CaseFilter:
    """Narrow a folder by what the address asks for; what makes no sense narrows nothing.

    A village's official stays within their village whatever the address says.
    """
    changes: dict[str, Any] = {}
    for name in ("category", "level", "source"):
        if value := given.get(name, "")[:40]:
            changes[name] = value
    if (village := given.get("village", "")[:200]) and not wanted.village:
        changes["village"] = village
    for name in ("unit", "assignee"):
        if (value := given.get(name, "")[:200]) and not getattr(wanted, name):
            changes[name] = value
    if (state := given.get("state", "")) in REPORT.states and (not wanted.states or state in wanted.states):
        changes["states"] = (state,)
    if (begins := _day(given.get("from", ""))) is not None:
        changes["created_from_ms"] = begins
    if (ends := _day(given.get("to", ""))) is not None:
        changes["created_until_ms"] = ends + int(timedelta(days=1).total_seconds() * 1000)
    return replace(wanted, **changes)


def counts(connection: Any, all_: CaseFilter, staff: Staff, at: Moments) -> dict[str, int]:
    """How many are in each folder: one look by state, and one for each folder that is more than states."""
    by_state = count_by_state(connection, all_)
    found = {
        "unassigned": by_state.get("received", 0),
        "waiting": by_state.get(WAITING, 0),
        "done": sum(by_state.get(state, 0) for state in CLOSED),
        "open": sum(by_state.get(state, 0) for state in OPEN),
        "all": sum(by_state.values()),
    }
    for key in ("mine", "unit", "overdue", "soon", "reopened"):
        if key != "unit" or unit_of(staff):
            found[key] = count_cases(connection, FOLDERS[key].narrow(all_, staff, at))
    return found
