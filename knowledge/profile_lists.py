"""Lists of a commune's profile: villages, help points, volunteers, groups, yearly days, campaigns.

A plan states few of them; what it does not state stays empty until the commune fills it in. One table says which
lists there are and of which texts an item consists, so that sheets, edits, checks and answers need no code for each.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.schema import Model, Text
from knowledge.words import word

MAXIMUM_ITEM_TEXT = 200
"""Code points of one text of an item; a village's rules may be as long as an answer."""


class Village(Model):
    """A village or residential group: who leads it (title and name as published), how to reach them, its rules."""

    name: Text
    leader: Text = ""
    contact: Text = ""
    rules: Text = ""


class HelpPoint(Model):
    """A place where volunteers help with phones and online services, and on which days."""

    place: Text
    days: Text = ""


class Volunteer(Model):
    """One entry of the volunteers' directory; `contact` is what the commune itself has published, nothing private."""

    name: Text
    village: Text = ""
    contact: Text = ""


class Group(Model):
    """A group residents may join, with its link."""

    name: Text
    link: Text = ""


@dataclass(frozen=True, slots=True)
class ListKind:
    """One list of the profile. The first of `fields` names the item; `personal` lists never leave their commune."""

    name: str
    fields: tuple[str, ...]
    personal: bool = False
    long_fields: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """The list's name for staff."""
        return word(f"list_{self.name}")

    def key_of(self, item: Mapping[str, str]) -> str:
        """Return what tells items of this list apart: their name without regard to case and blanks."""
        return item_key(item.get(self.fields[0], ""))

    def described(self, item: Mapping[str, str]) -> str:
        """Return the item in one line for residents: "nhà văn hóa thôn Một, sáng thứ Bảy". Long texts stay out."""
        return ", ".join(item[field] for field in self.fields if field not in self.long_fields and item.get(field))


LIST_KINDS: dict[str, ListKind] = {
    kind.name: kind
    for kind in (
        ListKind("villages", ("name", "leader", "contact", "rules"), True, frozenset({"rules"})),
        ListKind("help_points", ("place", "days")),
        ListKind("volunteers", ("name", "village", "contact"), True),
        ListKind("groups", ("name", "link")),
        ListKind("annual_events", ("day", "name")),
        ListKind("campaigns", ("name",)),
    )
}
ASKED_LISTS: tuple[str, ...] = ("villages", "help_points", "volunteers", "groups")
"""Lists every commune should fill in; the others are empty where the plan names none."""


def item_key(name: str) -> str:
    """Return the name as a key: NFC, without capitals, single blanks. Marks stay: Hà and Hạ are two villages."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
