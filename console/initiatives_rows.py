"""An initiative as lists and pages show it: names in place of ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.cases.initiative_fields import author_kinds, initiative_fields, stages
from bot.cases.lifecycle import lifecycle
from bot.cases.routing import village_id, village_name
from bot.cases.working_time import OfficeHours
from bot.store.case_records import CaseHead, CaseLine
from bot.store.council import Progress
from bot.store.staff import Staff
from console.report_rows import Chip, chip_of, unit_label
from knowledge import Commune

STATE_TONES = {
    "submitted": "warning",
    "assessing": "",
    "trial": "",
    "recognised": "good",
    "scaled": "good",
    "declined": "quiet",
}
TABLE = lifecycle("initiative")


@dataclass(frozen=True, slots=True)
class InitiativeRow:
    """One line of the list."""

    head: CaseHead
    gist: str
    chip: Chip
    state: str
    state_tone: str
    field: str
    author: str
    village: str
    unit: str
    assignee: str
    campaign: str
    council: Progress | None
    waits_for_me: bool


@dataclass(frozen=True, slots=True)
class Names:
    """What rows need to be put in words; read once for a page."""

    commune: Commune
    now: datetime
    hours: OfficeHours
    officials: Mapping[str, Staff]
    campaigns: Mapping[str, str]

    def official(self, email: str) -> str:
        """The name of an account; the address where it is gone."""
        known = self.officials.get(email)
        return email if known is None else known.name

    def official_of(self, staff_id: int) -> str:
        """The same by the account's number."""
        return next((one.name for one in self.officials.values() if one.id == staff_id), "")

    def unit(self, unit: str) -> str:
        """A unit as the commune calls it."""
        return unit_label(unit, self.commune)

    def village(self, village: str) -> str:
        """A village as the profile writes it."""
        return village_name(village, self.commune) if village else ""


def state_name(state: str) -> str:
    """A state as staff call it."""
    known = TABLE.states.get(state)
    return state if known is None else known.staff


def field_name(field: str) -> str:
    """A field of the plans; the id for one of an earlier release."""
    known = initiative_fields().get(field)
    return field if known is None else known.name


def author_name(author_kind: str) -> str:
    """Which kind of author."""
    return author_kinds().get(author_kind, author_kind)


def stage_name(stage: str) -> str:
    """How far the author says it is."""
    return stages().get(stage, stage)


def row_of(line: CaseLine, names: Names, council: Progress | None, waits_for_me: bool) -> InitiativeRow:
    """The line in words."""
    head = line.head
    return InitiativeRow(
        head=head,
        gist=line.gist,
        chip=chip_of(head, names.now, names.hours),
        state=state_name(head.state),
        state_tone=STATE_TONES.get(head.state, ""),
        field=field_name(head.category),
        author=author_name(head.author_kind),
        village=names.village(head.village),
        unit=names.unit(head.unit),
        assignee=names.official(head.assignee) if head.assignee else "",
        campaign=names.campaigns.get(head.campaign_id, ""),
        council=council,
        waits_for_me=waits_for_me,
    )


def choices(names: Names) -> dict[str, list[tuple[str, str]]]:
    """What filters and forms offer."""
    return {
        "states": [(state.id, state.staff) for state in TABLE.states.values()],
        "fields": [(one.id, one.name) for one in initiative_fields().values()],
        "authors": list(author_kinds().items()),
        "villages": [(village_id(one.name), one.name) for one in names.commune.villages],
        "units": [(str(one.role), one.name) for one in names.commune.units if one.role],
        "officials": [
            (one.email, one.name)
            for one in sorted(names.officials.values(), key=lambda one: one.name)
            if not one.disabled
        ],
        "campaigns": list(names.campaigns.items()),
    }
