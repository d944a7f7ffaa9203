"""What leaves and enters as a sheet or a pack: rows of answers and of the profile, apart from any file format."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.communes import CONTACT_LABELS, UNIT_LABELS
from knowledge.overlay import PROFILE, TOPIC_PREFIX, UNIT_PREFIX, Overlay
from knowledge.profile_lists import LIST_KINDS
from knowledge.schema import FACETS, Confidence
from knowledge.timeline import OPEN_END, OPEN_START, Segment, merged

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ufeff\u200b]|_x000D_")


@dataclass(frozen=True, slots=True)
class Row:
    """One wording. `place` is where it stands ("Câu trả lời, dòng 12"), for faults and differences.

    `source`, `confidence` and `as_of` left out in a sheet are "" or None: what stands there stays, else a default.
    """

    subject: str
    field: str
    text: str
    source: str = ""
    confidence: Confidence | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    as_of: date | None = None
    place: str = ""

    @property
    def start(self) -> date:
        """First day, `date.min` where open."""
        return self.valid_from or OPEN_START

    @property
    def until(self) -> date:
        """Last day, `date.max` where open."""
        return self.valid_until or OPEN_END


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where; both Vietnamese, for the officer who will mend it."""

    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """Rows on their way in or out.

    `lists` are the profile's lists that are given whole: what is not among the rows is taken off. With `partial`,
    rows of one part need not cover every day. `version` is that of the commune's edits when the file was made.
    """

    commune_id: str
    rows: tuple[Row, ...]
    lists: frozenset[str] = frozenset()
    partial: bool = False
    version: int | None = None


def tidy(text: str) -> str:
    """Return a text as it is kept: NFC, plain line ends, no control characters, no blanks at the ends of lines."""
    plain = unicodedata.normalize("NFC", re.sub(r"\r\n?", "\n", re.sub(r"[\t\u00a0]", " ", text)))
    return "\n".join(line.rstrip() for line in _CONTROL.sub("", plain).split("\n")).strip()


def row_of(subject: str, field: str, segment: Segment) -> Row:
    """Return a segment of a timeline as a row."""
    return Row(
        subject,
        field,
        segment.text,
        segment.source,
        segment.confidence,
        None if segment.start == OPEN_START else segment.start,
        None if segment.until == OPEN_END else segment.until,
        segment.as_of,
    )


def whole(overlay: Overlay, on: date, version: int | None = None) -> Exchange:
    """Return everything a commune can edit as it stands, edits included; its lists as they stand on the day."""
    rows = [*_answers(overlay), *_profile(overlay), *_items(overlay, on)]
    return Exchange(overlay.commune.id, tuple(rows), frozenset(LIST_KINDS), version=version)


def _answers(overlay: Overlay) -> Iterator[Row]:
    for topic in overlay.library.topics.values():
        for facet in FACETS:
            subject = f"{TOPIC_PREFIX}{topic.id}"
            for segment in merged(overlay.timeline(subject, facet)):
                yield row_of(subject, facet, segment)


def _profile(overlay: Overlay) -> Iterator[Row]:
    for field in (*CONTACT_LABELS, *(f"{UNIT_PREFIX}{role}" for role in UNIT_LABELS)):
        segments = merged(overlay.timeline(PROFILE, field))
        if not segments:
            yield Row(PROFILE, field, "")
        for segment in segments:
            yield row_of(PROFILE, field, segment)


def _items(overlay: Overlay, on: date) -> Iterator[Row]:
    profile = overlay.commune_on(on)
    for kind in LIST_KINDS.values():
        for item in profile.items(kind.name):
            text = json.dumps(item, ensure_ascii=False, sort_keys=True)
            yield Row(PROFILE, f"{kind.name}.{kind.key_of(item)}", text)
