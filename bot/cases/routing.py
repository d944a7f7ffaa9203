"""Which unit of the commune gets a case first: by what it is about, as far as the commune's profile has the unit."""

from __future__ import annotations

from bot.cases.categories import OTHER, categories
from bot.cases.initiative_fields import OTHER_FIELD, initiative_fields
from knowledge.communes import Commune
from knowledge.profile_lists import item_key

FALLBACK_UNITS = ("office", "desk", "culture_unit")
"""Where a commune has not the unit a category names; the last resort is nobody, and staff give it to somebody."""


def unit_for(kind: str, category: str, commune: Commune) -> str:
    """The role of the unit that gets a new case; "" where the profile has none of those that could.

    ``category`` is a report's category or an initiative's field; one unknown today counts as "anything else".
    """
    if kind == "report":
        wanted = categories().get(category, categories()[OTHER]).unit
    else:
        wanted = initiative_fields().get(category, initiative_fields()[OTHER_FIELD]).unit
    present = {unit.role for unit in commune.units if unit.role}
    return next((role for role in (wanted, *FALLBACK_UNITS) if role in present), "")


def unit_name(role: str, commune: Commune) -> str:
    """The unit's name with the commune; "" for a role the profile has not (a profile may change)."""
    for unit in commune.units:
        if unit.role == role and unit.role is not None:
            return commune.unit_name(unit.role)
    return ""


def village_id(name: str) -> str:
    """What cases keep of a village's name: without regard to case and blanks, marks kept."""
    return item_key(name)


def village_name(village: str, commune: Commune) -> str:
    """The village's name as the profile writes it; the id itself where the profile has it no more."""
    return next((one.name for one in commune.villages if item_key(one.name) == village), village)
