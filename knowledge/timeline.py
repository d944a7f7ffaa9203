"""Wordings over time: pieces that never overlap, and how a newer one is laid over what is there.

Days are calendar days in Vietnam; ``date.min`` and ``date.max`` stand for "open on that side".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from knowledge.schema import Confidence

OPEN_START = date.min
OPEN_END = date.max
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Segment:
    """What is said from `start` to `until`, both included. `edit_id` is the staff's edit it comes from, 0 if packaged.

    `as_of` is None where nobody has said when it was looked at (empty fields of a profile).
    """

    start: date
    until: date
    text: str
    source: str
    confidence: Confidence
    as_of: date | None
    edit_id: int = 0

    @property
    def content(self) -> tuple[str, str, str, date | None]:
        """What a reader of a sheet sees, without the days it holds for."""
        return self.text, self.source, self.confidence, self.as_of


def clip(segments: Iterable[Segment], start: date, until: date) -> list[Segment]:
    """Return the parts of the segments that lie between two days, both included."""
    return [
        replace(segment, start=max(segment.start, start), until=min(segment.until, until))
        for segment in segments
        if segment.start <= until and segment.until >= start
    ]


def lay_over(segments: Sequence[Segment], start: date, until: date, newer: Sequence[Segment]) -> list[Segment]:
    """Return the timeline with everything between two days (included) replaced by `newer`, which lies between them."""
    before = clip(segments, OPEN_START, start - _ONE_DAY) if start > OPEN_START else []
    after = clip(segments, until + _ONE_DAY, OPEN_END) if until < OPEN_END else []
    return [*before, *newer, *after]


def merged(segments: Sequence[Segment]) -> list[Segment]:
    """Return the timeline with neighbours of equal content made one."""
    joined: list[Segment] = []
    for segment in segments:
        last = joined[-1] if joined else None
        if last is not None and last.content == segment.content and last.until + _ONE_DAY == segment.start:
            joined[-1] = replace(last, until=segment.until)
        else:
            joined.append(segment)
    return joined


def on_day(segments: Iterable[Segment], day: date) -> Segment | None:
    """Return the segment in force on the day."""
    return next((segment for segment in segments if segment.start <= day <= segment.until), None)


def digest(segments: Iterable[Segment]) -> str:
    """Return a short digest of words, sources, confidence and days; a mere new look (`as_of`) leaves it as it is."""
    document = [
        (segment.start.isoformat(), segment.until.isoformat(), segment.text, segment.source, segment.confidence)
        for segment in segments
    ]
    return hashlib.sha256(json.dumps(document, ensure_ascii=False).encode()).hexdigest()[:32]
