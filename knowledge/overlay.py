"""What a commune's staff edited and approved, laid over the packaged answers and profile. Pure.

An edit is dated: it holds from a day to a day, and of two edits that hold on the same day the one approved later wins.
A release never overwrites an edit; where the packaged text changed since, :meth:`Overlay.conflicts` says so and the
staff's text stays in force.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.communes import CONTACT_LABELS, UNIT_LABELS, Commune
from knowledge.library import Library
from knowledge.profile_lists import LIST_KINDS
from knowledge.schema import FACETS, Confidence, Facet, Topic, Version
from knowledge.timeline import OPEN_END, OPEN_START, Segment, clip, digest, lay_over, on_day

PROFILE = "profile"
TOPIC_PREFIX = "topic:"
UNIT_PREFIX = "unit."


@dataclass(frozen=True, slots=True)
class Edit:
    """One approved edit. `subject` is "topic:<id>" with a facet as `field`, or "profile" with a contact field,
    "unit.<role>" or "<list>.<key>" (its `text` is then the item as JSON).

    An empty `text` gives a facet back to the packaged wording, empties a contact field, takes an item off its list.
    `base_digest` is the digest of the packaged segments when the edit was written; `order` grows with approval.
    """

    id: int
    subject: str
    field: str
    text: str
    confidence: Confidence
    source: str
    as_of: date
    valid_from: date | None
    valid_until: date | None
    base_digest: str
    order: int = 0

    @property
    def start(self) -> date:
        """First day, `date.min` where open."""
        return self.valid_from or OPEN_START

    @property
    def until(self) -> date:
        """Last day, `date.max` where open."""
        return self.valid_until or OPEN_END


@dataclass(frozen=True, slots=True)
class Conflict:
    """An edit in force now or later whose packaged text changed since it was written. `gone`: no longer packaged."""

    edit_id: int
    subject: str
    field: str
    gone: bool
    packaged_text: str
    edited_text: str


def known(library: Library, subject: str, field: str) -> bool:
    """Tell whether this can be edited at all."""
    if subject.startswith(TOPIC_PREFIX):
        return subject.removeprefix(TOPIC_PREFIX) in library.topics and field in FACETS
    if subject != PROFILE:
        return False
    kind, _, key = field.partition(".")
    if kind in LIST_KINDS:
        return bool(key)
    return field in CONTACT_LABELS or (field.startswith(UNIT_PREFIX) and key in UNIT_LABELS)


def packaged(library: Library, commune: Commune, subject: str, field: str) -> tuple[Segment, ...]:
    """Return what the release itself says, as a timeline; empty where it says nothing. Raises KeyError if unknown."""
    if not known(library, subject, field):
        raise KeyError(f"{subject} {field}")
    if subject == PROFILE:
        text = _profile_value(commune, field)
        return (Segment(OPEN_START, OPEN_END, text, "", "high", None),) if text else ()
    topic = library.topics[subject.removeprefix(TOPIC_PREFIX)]
    facet = topic.facets.get(field)
    if facet is None:
        return ()
    return tuple(
        Segment(
            version.start or OPEN_START,
            version.until or OPEN_END,
            version.text,
            version.source or facet.source or topic.source,
            version.confidence or facet.confidence,
            version.as_of or topic.as_of,
        )
        for version in facet.all_versions()
    )


def _profile_value(commune: Commune, field: str) -> str:
    if field in CONTACT_LABELS:
        return getattr(commune.contact, field) or ""
    kind, _, key = field.partition(".")
    if kind in LIST_KINDS:
        found = next((item for item in commune.items(kind) if LIST_KINDS[kind].key_of(item) == key), None)
        return "" if found is None else item_text(found)
    return next((unit.name for unit in commune.units if unit.role == key), "")


def item_text(item: Mapping[str, str]) -> str:
    """Return a list's item as the text of an edit: JSON, one spelling for one item."""
    return json.dumps(dict(item), ensure_ascii=False, sort_keys=True)


class Overlay:
    """The edits of one commune over one library. Building it costs with the number of edits; asking it does not."""

    def __init__(self, library: Library, commune: Commune, edits: Iterable[Edit] = ()) -> None:
        self.library = library
        self.commune = commune
        self.edits: Sequence[Edit] = sorted(edits, key=lambda edit: (edit.order, edit.id))
        self._timelines: dict[tuple[str, str], tuple[Segment, ...]] = {}
        for edit in self.edits:
            if known(library, edit.subject, edit.field):
                self._lay(edit)
        self._topics = self._edited_topics()
        self._of_day: tuple[date, Commune] | None = None

    def _lay(self, edit: Edit) -> None:
        key = edit.subject, edit.field
        base = packaged(self.library, self.commune, *key)
        segment = Segment(edit.start, edit.until, edit.text, edit.source, edit.confidence, edit.as_of, edit.id)
        gives_back = not edit.text and edit.subject != PROFILE
        newer = clip(base, edit.start, edit.until) if gives_back else [segment]
        self._timelines[key] = tuple(lay_over(self._timelines.get(key, base), edit.start, edit.until, newer))

    def timeline(self, subject: str, field: str) -> tuple[Segment, ...]:
        """Return what is said over time, edits and packaged text together. Raises KeyError for an unknown field."""
        return self._timelines.get((subject, field)) or packaged(self.library, self.commune, subject, field)

    def _edited_topics(self) -> dict[str, Topic]:
        facets: dict[str, dict[str, Facet]] = {}
        for (subject, field), segments in self._timelines.items():
            if subject == PROFILE or not any(segment.edit_id for segment in segments):
                continue
            topic = self.library.topics[subject.removeprefix(TOPIC_PREFIX)]
            facets.setdefault(topic.id, {})[field] = _facet(topic, segments)
        return {
            topic_id: self.library.topics[topic_id].model_copy(
                update={"facets": {**self.library.topics[topic_id].facets, **edited}}
            )
            for topic_id, edited in facets.items()
        }

    def commune_on(self, day: date) -> Commune:
        """Return the profile as it stands on a day, carrying the edited topics; kept until another day is asked."""
        if self._of_day is None or self._of_day[0] != day:
            self._of_day = day, self._profile_on(day).with_topics(self._topics)
        return self._of_day[1]

    def _profile_on(self, day: date) -> Commune:
        values: dict[str, str] = {}
        items: dict[str, dict[str, str]] = {}
        for (subject, field), segments in self._timelines.items():
            if subject != PROFILE:
                continue
            segment = on_day(segments, day)
            text = "" if segment is None else segment.text
            kind, _, key = field.partition(".")
            if kind in LIST_KINDS:
                items.setdefault(kind, {})[key] = text
            elif text or field in CONTACT_LABELS:
                values[field] = text
        profile = self.commune.overlaid(values)
        for kind, edited in items.items():
            profile = profile.with_items(kind, _items_with(self.commune.items(kind), kind, edited))
        return profile

    def base_digest(self, subject: str, field: str) -> str:
        """Return the digest of what the release says now, to be kept with an edit. Raises KeyError if unknown."""
        return digest(packaged(self.library, self.commune, subject, field))

    def conflicts(self, on: date) -> list[Conflict]:
        """List the edits in force on the day or later whose packaged text is not the one they were written over."""
        by_id = {edit.id: edit for edit in self.edits}
        living = {
            segment.edit_id
            for segments in self._timelines.values()
            for segment in segments
            if segment.edit_id and segment.until >= on
        }
        found = []
        for edit in self.edits:
            gone = not known(self.library, edit.subject, edit.field)
            if gone and edit.until >= on:
                found.append(Conflict(edit.id, edit.subject, edit.field, True, "", edit.text))
            elif edit.id in living and edit.base_digest != self.base_digest(edit.subject, edit.field):
                base = clip(packaged(self.library, self.commune, edit.subject, edit.field), edit.start, edit.until)
                text = "\n".join(segment.text for segment in base if segment.until >= on)
                found.append(Conflict(edit.id, edit.subject, edit.field, False, text, by_id[edit.id].text))
        return found

    def overdue(self, on: date) -> list[tuple[str, date]]:
        """List (topic id, day last looked at) of the topics with a wording in force that is past its review."""
        found = []
        for topic in self.library.topics.values():
            shown = self._topics.get(topic.id, topic)
            looks = [
                version.as_of or topic.as_of
                for facet in shown.facets.values()
                if (version := facet.version_on(on)) is not None and (version.review_by or topic.review_by) < on
            ]
            if looks:
                found.append((topic.id, min(looks)))
        return found


def _facet(topic: Topic, segments: Sequence[Segment]) -> Facet:
    interval = topic.review_by - topic.as_of
    versions = tuple(
        Version.model_validate(
            {
                "from": None if segment.start == OPEN_START else segment.start,
                "until": None if segment.until == OPEN_END else segment.until,
                "text": segment.text,
                "confidence": segment.confidence,
                "source": segment.source,
                "as_of": segment.as_of,
                "review_by": None if segment.as_of is None else segment.as_of + interval,
            }
        )
        for segment in segments
    )
    return Facet(versions=versions)


def _items_with(items: Iterable[Mapping[str, str]], kind: str, edited: Mapping[str, str]) -> list[dict[str, str]]:
    """Items of a list with edits by key laid over: changed ones keep their place, new ones come last."""
    listed = {LIST_KINDS[kind].key_of(item): dict(item) for item in items}
    for key, text in edited.items():
        if not text:
            listed.pop(key, None)
        else:
            listed[key] = json.loads(text)
    return list(listed.values())
