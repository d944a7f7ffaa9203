"""Shape of the knowledge files: topics with dated facets, names of facets, pointers to others who can help.

Structure is checked here (unknown keys, wrong types); meaning is checked in `knowledge.checking`, so that one
slip of wording never takes a whole topic away from residents.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from knowledge.words import word

Confidence = Literal["high", "medium", "low"]

FACETS: tuple[str, ...] = ("overview", "papers", "fee", "time", "place", "online", "form", "who", "late", "result")
"""Every part of an answer a resident may ask for, in the order files are written."""

OFFERING_ORDER: tuple[str, ...] = (
    "papers", "fee", "time", "online", "place", "who", "form", "late", "result", "overview",
)  # fmt: skip
"""The same parts, what people ask most first: the order in which other parts are offered as buttons."""

PROCEDURE_FACETS: tuple[str, ...] = ("overview", "papers", "fee", "time", "place", "online", "form", "who", "result")
"""Parts every administrative procedure must have; `late` only where a deadline or penalty exists."""

OWNER_UNITS: dict[str, str] = {
    unit: word(f"owner_{unit}")
    for unit in (
        "hanh-chinh-cong",
        "van-hoa-xa-hoi",
        "kinh-te",
        "cong-an",
        "van-phong",
        "quan-su",
        "su-nghiep-cong",
        "ngoai-xa",
    )
}
"""Units that may own a topic, with the name shown to staff."""


def _without_outer_blanks(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_without_outer_blanks)]


class Model(BaseModel):
    """Base of all knowledge models: unchangeable, and an unknown key is an error (a misspelt key must be seen)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Version(Model):
    """A wording in force from `start` to `until`, both days included; None means open on that side.

    What a version does not say of itself (`confidence`, `source`, `as_of`, `review_by`) its facet or topic says.
    """

    start: date | None = Field(default=None, alias="from")
    until: date | None = None
    text: Text
    confidence: Confidence | None = None
    source: Text | None = None
    as_of: date | None = None
    review_by: date | None = None

    def in_force(self, on: date) -> bool:
        """Tell whether this wording applies on the given day (Vietnamese calendar day)."""
        return (self.start is None or self.start <= on) and (self.until is None or on <= self.until)


class Facet(Model):
    """One part of a topic's answer: a single `text`, or `versions` where a rule begins or ends on a day."""

    text: Text | None = None
    versions: tuple[Version, ...] = ()
    confidence: Confidence = "high"
    source: Text | None = None

    @model_validator(mode="after")
    def _exactly_one_kind_of_wording(self) -> Self:
        if (self.text is None) == (not self.versions):
            raise ValueError(word("schema_text_or_versions"))
        return self

    def all_versions(self) -> tuple[Version, ...]:
        """Return the dated wordings; a plain text is one wording open on both sides."""
        return self.versions if self.text is None else (Version(text=self.text),)

    def version_on(self, on: date) -> Version | None:
        """Return the version in force on the day, or None where none covers it (`check` reports such gaps)."""
        return next((version for version in self.all_versions() if version.in_force(on)), None)

    def version_nearest(self, on: date) -> Version:
        """Return the version in force, else the last one that began before the day, else the first of all."""
        in_force = self.version_on(on)
        if in_force is not None:
            return in_force
        begun = [version for version in self.versions if version.start is None or version.start <= on]
        return begun[-1] if begun else self.versions[0]

    def version_after(self, on: date) -> Version | None:
        """Return the version that takes over next after the day, if any."""
        later = [version for version in self.versions if version.start is not None and version.start > on]
        return min(later, key=lambda version: version.start or date.max, default=None)

    def text_on(self, on: date) -> str | None:
        """Return the wording in force on the day, or None where no version covers it."""
        version = self.version_on(on)
        return None if version is None else version.text

    def text_nearest(self, on: date) -> str:
        """Return the wording of `version_nearest`."""
        return self.version_nearest(on).text

    def boundary_days(self) -> tuple[date, ...]:
        """Return every first and last day named by the versions, for tests that move the clock over them."""
        days = [day for version in self.versions for day in (version.start, version.until) if day is not None]
        return tuple(sorted(set(days)))


class Topic(Model):
    """One thing residents ask about, with its parts; the file's folder gives `group`."""

    id: str
    group: str
    name: Text
    short: Text
    procedure_code: str | None = None
    also_codes: tuple[str, ...] = ()
    owner_unit: str
    as_of: date
    review_by: date
    source: Text
    legal_basis: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    facets: dict[str, Facet]

    @model_validator(mode="after")
    def _has_an_overview(self) -> Self:
        # The overview stands in for every part that is missing, so a topic without one could not answer at all.
        if "overview" not in self.facets:
            raise ValueError(word("schema_no_overview"))
        return self

    def other_facets(self, shown: str) -> tuple[str, ...]:
        """Return the parts this topic has besides the one shown, most asked first."""
        return tuple(name for name in OFFERING_ORDER if name in self.facets and name != shown)


class FacetName(Model):
    """How a part is called: `name` on a button, `phrase` inside a sentence ("phần lệ phí")."""

    name: Text
    phrase: Text


class TopicParts(Model):
    """How a topic calls parts for which the common name would not say what is in them, and which it offers as buttons.

    `offered` empty means all of them, what people ask most first; a part left out still answers when asked for.
    """

    names: dict[str, Text] = Field(default_factory=dict)
    offered: tuple[str, ...] = ()


class Pointer(Model):
    """A polite decline for something no commune decides, naming who can help; `related` are topics close to it."""

    id: str
    name: Text
    text: Text
    related: tuple[str, ...] = ()


class LocalFacts(Model):
    """What the commune's own profile adds to a topic once staff have filled it in: `fields` of the contact data and
    `lists`, shown with the parts named in `facets`, before the general text or after it.

    `tell_missing` says what is still empty, for topics whose own text does not.
    """

    facets: tuple[str, ...]
    fields: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    position: Literal["before", "after"] = "before"
    tell_missing: bool = False


class CatalogueRow(Model):
    """One line of topics.tsv, the list of topics the library must hold."""

    id: str
    group: str
    name: str
    scope: str
