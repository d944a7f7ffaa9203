"""A report as lists and pages show it: names in place of ids, the deadline as a chip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.cases import deadlines
from bot.cases.categories import categories, levels
from bot.cases.deadlines import Timer
from bot.cases.lifecycle import lifecycle
from bot.cases.routing import village_name
from bot.cases.working_time import OfficeHours
from bot.clock import from_ms
from bot.store.case_records import CaseHead, CaseLine
from console.desk import word
from knowledge import Commune

STATE_TONES = {
    "received": "warning",
    "assigned": "",
    "waiting_resident": "quiet",
    "resolved": "good",
    "out_of_scope": "quiet",
    "refused": "quiet",
}
_CHIP_TONES = {"waiting": "paused", "in_time": "ok", "soon": "soon", "overdue": "late", "none": "none"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A deadline in words. ``tone`` as ``ui.deadline`` of the components knows it."""

    tone: str
    text: str


def length_in_words(minutes: int, hours: OfficeHours) -> str:
    """Working time as people say it: days of the office, hours, minutes."""
    minutes = abs(minutes)
    a_day = hours.minutes_a_day
    if minutes >= 2 * a_day:
        return word("length_days", count=minutes // a_day)
    if minutes >= 60:
        return word("length_hours", count=minutes // 60)
    return word("length_minutes", count=minutes)


def chip_of(head: CaseHead, now: datetime, hours: OfficeHours) -> Chip:
    """What stands beside a case: how much working time is left, or since when it is late."""
    if lifecycle(head.kind).states[head.state].final:
        return Chip("done", word("chip_done"))
    due = None if head.due_ms is None else from_ms(head.due_ms)
    kind, minutes = deadlines.chip(Timer(due, head.left_minutes), now, hours)
    if kind == "none":
        return Chip("none", "")
    return Chip(_CHIP_TONES[kind], word(f"chip_{kind}", length=length_in_words(minutes, hours)))


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of the list."""

    head: CaseHead
    gist: str
    chip: Chip
    state: str
    state_tone: str
    category: str
    level: str
    village: str
    unit: str
    source: str


def row_of(line: CaseLine, commune: Commune, now: datetime, hours: OfficeHours) -> ReportRow:
    """The line in words."""
    head = line.head
    return ReportRow(
        head=head,
        gist=line.gist,
        chip=chip_of(head, now, hours),
        state=state_name(head),
        state_tone=STATE_TONES.get(head.state, ""),
        category=category_name(head.category),
        level=level_name(head.level),
        village=village_name(head.village, commune) if head.village else "",
        unit=unit_label(head.unit, commune),
        source=word(f"source_{head.source}"),
    )


def state_name(head: CaseHead) -> str:
    """The state as staff call it."""
    return lifecycle(head.kind).states[head.state].staff


def category_name(category: str) -> str:
    """A category's name; the id for one of an earlier release."""
    known = categories().get(category)
    return category if known is None else known.name


def level_name(level: str) -> str:
    """How urgent, in a word."""
    known = levels().get(level)
    return "" if known is None else known.name


def unit_label(unit: str, commune: Commune) -> str:
    """A unit as its commune calls it; "" for none."""
    from knowledge.communes import UNIT_LABELS

    named = next((each.name for each in commune.units if each.role == unit and unit), "")
    return named or {str(role): label for role, label in UNIT_LABELS.items()}.get(unit, unit)


def choices(commune: Commune) -> dict[str, list[tuple[str, str]]]:
    """What filters and forms offer: categories, levels, villages, units, sources."""
    from bot.cases.routing import village_id
    from console.report_folders import SOURCES

    return {
        "categories": [(each.id, each.name) for each in categories().values()],
        "levels": [(each.id, each.name) for each in levels().values()],
        "villages": [(village_id(each.name), each.name) for each in commune.villages],
        "units": [(str(each.role), each.name) for each in commune.units if each.role],
        "sources": [(source, word(f"source_{source}")) for source in SOURCES],
        "states": [(state.id, state.staff) for state in lifecycle("report").states.values()],
    }
