"""A commune's profile: names of its units, contact data staff fill in, and what its innovation plan promises.

Contact fields start empty because the communes' published plans do not state them; an empty field is answered
honestly ("xã chưa cập nhật …") and listed by `Commune.missing()`, never filled by guessing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field, PrivateAttr
from pydantic_core import PydanticKnownError

from knowledge.profile_lists import ASKED_LISTS, LIST_KINDS, Group, HelpPoint, Village, Volunteer
from knowledge.schema import Model, Text, Topic
from knowledge.words import word

UnitRole = Literal["desk", "police", "culture_unit", "economy_unit", "office", "public_service"]

UNIT_LABELS: dict[UnitRole, str] = {role: word(f"unit_{role}") for role in get_args(UnitRole)}

COMMUNE_TYPES: tuple[str, ...] = (word("commune_type_rural"), word("commune_type_urban"))
"""What a commune may be since July 2025: a rural one or a ward."""

PLACEHOLDERS: frozenset[str] = frozenset(
    {
        "commune",
        "commune_type",
        "desk",
        "police",
        "desk_contact",
        "subunit",
        "subunit_leader",
        "culture_unit",
        "economy_unit",
    }
)
"""Names that may stand in braces in a topic's or pointer's text."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SENTENCE_END = (".", "!", "?", "•", ":\n")


class Contact(Model):
    """Contact data of the commune, all filled in by its staff."""

    desk_address: Text | None = None
    desk_hours: Text | None = None
    desk_phone: Text | None = None
    office_address: Text | None = None
    office_phone: Text | None = None
    police_address: Text | None = None
    police_phone: Text | None = None
    hotline: Text | None = None
    reception_days: Text | None = None
    email: Text | None = None
    website: Text | None = None
    broadcast_hours: Text | None = None
    # Title and name of each, as the commune itself has published them.
    leaders: Text | None = None
    # The commune's id on the national portal, read off its address bar; without it links are those for everybody.
    ward_uuid: Text | None = None


CONTACT_LABELS: dict[str, str] = {field: word(f"contact_{field}") for field in Contact.model_fields}
"""Contact fields of a profile with the label staff see; the keys are also those of an overlay."""


class Unit(Model):
    """A unit of the commune: its name and duties as the plan words them, and the role the product knows it by."""

    role: UnitRole | None = None
    name: Text
    duties: Text = ""
    stated_in_plan: bool = True


class Plan(Model):
    """The commune's innovation plan: the source of everything in the profile beside unit code and contact."""

    title: Text
    number: str | None = None
    dated: str | None = None


class Reporting(Model):
    """When and to whom units report, in the plan's own words; `deadlines` maps a report to its day."""

    cycle: Text
    to: Text
    deadlines: dict[str, str] = Field(default_factory=dict)
    reviews: tuple[str, ...] = ()


class MeasuredValue(Model):
    """A figure of the plan with how exact it is."""

    value: float
    note: str = ""


class Merger(Model):
    """Former communes that make up this one, with the legal basis as the plan gives it."""

    whole: tuple[str, ...] = ()
    part: tuple[str, ...] = ()
    legal_basis: str = ""


_LIST_MODELS: Mapping[str, type[Model]] = {
    "villages": Village,
    "help_points": HelpPoint,
    "volunteers": Volunteer,
    "groups": Group,
}


def _known_type(value: object) -> object:
    if value not in COMMUNE_TYPES:
        raise PydanticKnownError("literal_error", {"expected": ", ".join(COMMUNE_TYPES)})
    return value


class Commune(Model):
    """Profile of one commune. `type` is "xã" or "phường"; `unit_code` the five digits of the statistics office."""

    id: str
    name: Text
    type: Annotated[str, BeforeValidator(_known_type)]
    city: Text
    unit_code: str
    unit_code_source: Text
    province_code: str
    subunit: Text
    subunit_note: str | None = None
    subunit_leader: str | None = None
    description: str | None = None
    population: MeasuredValue | None = None
    area_km2: MeasuredValue | None = None
    merged_from: Merger | None = None
    plan: Plan
    units: tuple[Unit, ...]
    contact: Contact = Contact()
    targets: dict[str, str | int] = Field(default_factory=dict)
    campaigns: tuple[str, ...] = ()
    annual_events: dict[str, str] = Field(default_factory=dict)
    contests: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    reporting: Reporting
    notes: tuple[str, ...] = ()
    villages: tuple[Village, ...] = ()
    help_points: tuple[HelpPoint, ...] = ()
    volunteers: tuple[Volunteer, ...] = ()
    groups: tuple[Group, ...] = ()
    # Not part of the files: what staff edited, laid over by knowledge.overlay.
    _edited_topics: Mapping[str, Topic] = PrivateAttr(default_factory=dict)

    @property
    def edited_topics(self) -> Mapping[str, Topic]:
        """Topics as the commune's staff edited them; empty in a packaged profile."""
        return self._edited_topics

    def with_topics(self, topics: Mapping[str, Topic]) -> Commune:
        """Return the profile carrying topics its staff edited."""
        carrying = self.model_copy()
        carrying._edited_topics = topics
        return carrying

    def items(self, kind: str) -> tuple[dict[str, str], ...]:
        """Return one of the lists of LIST_KINDS, each item as its texts by field. Raises KeyError for another."""
        fields = LIST_KINDS[kind].fields
        if kind == "annual_events":
            return tuple(dict(zip(fields, pair, strict=True)) for pair in self.annual_events.items())
        if kind == "campaigns":
            return tuple({fields[0]: name} for name in self.campaigns)
        return tuple({field: getattr(item, field) for field in fields} for item in getattr(self, kind))

    def with_items(self, kind: str, items: Iterable[Mapping[str, str]]) -> Commune:
        """Return the profile with one of its lists replaced. Raises KeyError for an unknown list."""
        first, *others = LIST_KINDS[kind].fields
        if kind == "annual_events":
            return self.model_copy(update={kind: {item[first]: item[others[0]] for item in items}})
        if kind == "campaigns":
            return self.model_copy(update={kind: tuple(item[first] for item in items)})
        model = _LIST_MODELS[kind]
        return self.model_copy(update={kind: tuple(model(**item) for item in items)})

    def missing_lists(self) -> list[tuple[str, str]]:
        """List the lists still empty that every commune should fill in, as (key, Vietnamese label)."""
        return [(name, LIST_KINDS[name].label) for name in ASKED_LISTS if not self.items(name)]

    @property
    def full_name(self) -> str:
        """The name inside a sentence: "xã Hà Đông"."""
        return f"{self.type} {self.name}"

    def unit_name(self, role: UnitRole) -> str:
        """Return the unit's name with the commune: "Phòng Kinh tế xã Hà Đông". Raises KeyError where it has none."""
        for unit in self.units:
            if unit.role == role:
                bare = unit.name.removesuffix(f" {self.type}")
                return f"{bare} {self.full_name}"
        raise KeyError(role)

    def missing(self) -> list[tuple[str, str]]:
        """List the contact fields still empty as (key, Vietnamese label), in the order staff should fill them."""
        return [(key, label) for key, label in CONTACT_LABELS.items() if not getattr(self.contact, key)]

    def told(self, fields: Iterable[str]) -> list[str]:
        """Return "label: value" for the fields staff have filled in. Raises KeyError for an unknown field."""
        values = [(CONTACT_LABELS[field], getattr(self.contact, field)) for field in fields]
        return [f"{label}: {value}" for label, value in values if value]

    def overlaid(self, values: Mapping[str, str]) -> Commune:
        """Return the profile with staff edits laid over it; an empty value empties the field.

        Keys are those of CONTACT_LABELS, or "unit.<role>" for a unit's name. Raises KeyError for any other key.
        """
        contact: dict[str, str | None] = {}
        unit_names: dict[str, str] = {}
        for key, value in values.items():
            if key in CONTACT_LABELS:
                contact[key] = value.strip() or None
            elif key.startswith("unit.") and key.removeprefix("unit.") in UNIT_LABELS:
                unit_names[key.removeprefix("unit.")] = value.strip()
            else:
                raise KeyError(key)
        units = tuple(
            unit.model_copy(update={"name": unit_names[unit.role]}) if unit.role and unit_names.get(unit.role) else unit
            for unit in self.units
        )
        return self.model_copy(update={"contact": self.contact.model_copy(update=contact), "units": units})

    def desk_contact(self) -> str:
        """Say where and when the one-stop desk works, or honestly that the commune has not told yet."""
        values = {
            word("desk_address"): self.contact.desk_address,
            word("desk_hours"): self.contact.desk_hours,
            word("desk_phone"): self.contact.desk_phone,
        }
        known = [f"{label}: {value.rstrip('.')}" for label, value in values.items() if value]
        unknown = [label for label, value in values.items() if not value]
        if not known:
            return word("desk_untold", commune_type=self.type, desk=self.unit_name("desk"))
        sentence = "; ".join(known) + "."
        return word("desk_partly_told", told=sentence, fields=", ".join(unknown)) if unknown else sentence

    def placeholder_values(self) -> dict[str, str]:
        """Return what each placeholder of PLACEHOLDERS stands for in this commune."""
        return {
            "commune": self.full_name,
            "commune_type": self.type,
            "desk": self.unit_name("desk"),
            "police": self.unit_name("police"),
            "desk_contact": self.desk_contact(),
            "subunit": self.subunit,
            "subunit_leader": self.subunit_leader or word("subunit_leader", subunit=self.subunit),
            "culture_unit": self.unit_name("culture_unit"),
            "economy_unit": self.unit_name("economy_unit"),
        }

    def fill(self, text: str) -> str:
        """Replace the placeholders of a text; a value beginning a sentence gets its capital letter.

        A placeholder nobody knows becomes the commune's name rather than braces on a resident's phone;
        `check` reports it before that can happen.
        """
        values = self.placeholder_values()

        def value_in_place(match: re.Match[str]) -> str:
            value = values.get(match.group(1), self.full_name)
            before = text[: match.start()].rstrip(" ")
            if not before or before.endswith("\n") or before.endswith(_SENTENCE_END):
                value = value[0].upper() + value[1:]
            if text[match.end() : match.end() + 1] in {".", ";", ","}:
                value = value.removesuffix(".")
            return value

        return _PLACEHOLDER.sub(value_in_place, text)


def placeholders_in(text: str) -> set[str]:
    """Return the names standing in braces in a text, known or not."""
    return set(_PLACEHOLDER.findall(text))
