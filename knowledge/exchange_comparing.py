"""Compares rows that come in with what stands: which edits they ask for, what is wrong with them. Writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from knowledge import wording
from knowledge.checking import EARLIEST_LOOK, MAXIMUM_SOURCE
from knowledge.exchange import Exchange, Fault, Row, tidy
from knowledge.overlay import PROFILE, UNIT_PREFIX, Edit, Overlay, packaged
from knowledge.profile_lists import LIST_KINDS, MAXIMUM_ITEM_TEXT
from knowledge.timeline import Segment, clip, merged
from knowledge.words import word

MAXIMUM_VALUE = 200
"""Code points of one value of the profile; several stand in one answer."""


@dataclass(frozen=True, slots=True)
class Change:
    """An edit that a row asks for (`edit.id` is 0: nothing is stored) and what it takes the place of."""

    edit: Edit
    before: tuple[Segment, ...]
    gives_back: bool
    place: str
    after: str = ""
    """The text that will stand: `edit.text`, or the release's where the edit gives it back."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences and faults. With any fault nothing may be written."""

    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    unchanged: int


def compare(exchange: Exchange, overlay: Overlay, on: date) -> Comparison:
    """Compare rows with what stands for the commune. `on` is today in Vietnam."""
    faults: list[Fault] = []
    changes: list[Change] = []
    unchanged = 0
    grouped: dict[tuple[str, str], list[Row]] = {}
    for row in exchange.rows:
        grouped.setdefault((row.subject, row.field), []).append(row)
    for (subject, field), rows in grouped.items():
        found = [*_row_faults(rows), *_order_faults(subject, field, rows, partial=exchange.partial)]
        faults.extend(found)
        if found:
            continue
        for row in rows:
            change = _change(row, overlay, on)
            if change is None:
                unchanged += 1
            elif change.edit.as_of > on:
                faults.append(Fault(row.place, word("fault_as_of_future")))
            elif change.edit.as_of < EARLIEST_LOOK:
                faults.append(Fault(row.place, word("fault_as_of_early")))
            else:
                changes.append(change)
    changes.extend(_removals(exchange, grouped, overlay, on))
    return Comparison(tuple(changes), tuple(faults), unchanged)


def _row_faults(rows: Sequence[Row]) -> Iterator[Fault]:
    for row in rows:
        for message in _faults_of(row):
            yield Fault(row.place, message)
        if row.valid_from is not None and row.valid_until is not None and row.valid_until < row.valid_from:
            yield Fault(row.place, word("fault_until_before_from"))


def _faults_of(row: Row) -> Iterator[str]:
    if len(row.source) > MAXIMUM_SOURCE:
        yield word("fault_source_long", length=len(row.source), most=MAXIMUM_SOURCE)
    yield from wording.faults_of_spelling(row.source)
    yield from wording.faults_of_spelling(row.text)
    if row.subject != PROFILE:
        if not row.source:
            yield word("fault_source_missing")
        yield from wording.faults_of_answer(row.text)
        return
    kind = LIST_KINDS.get(row.field.partition(".")[0])
    if kind is None:
        yield from _faults_of_value(row.text, MAXIMUM_VALUE)
        if row.field.startswith(UNIT_PREFIX) and not row.text:
            yield word("fault_unit_empty")
        return
    for field, text in json.loads(row.text).items():
        yield from _faults_of_value(text, wording.MAXIMUM_TEXT if field in kind.long_fields else MAXIMUM_ITEM_TEXT)


def _faults_of_value(text: str, most: int) -> Iterator[str]:
    if len(text) > most:
        yield word("fault_value_long", length=len(text), most=most)
    if "{" in text or "}" in text:
        yield word("fault_braces")


def _order_faults(subject: str, field: str, rows: Sequence[Row], *, partial: bool) -> Iterator[Fault]:
    """Rows of one part must follow each other day by day; of an item of a list there is one row."""
    ordered = sorted(rows, key=lambda row: row.start)
    is_item = subject == PROFILE and field.partition(".")[0] in LIST_KINDS
    for earlier, later in pairwise(ordered):
        if is_item:
            yield Fault(later.place, word("fault_twice", other=earlier.place))
        elif later.start <= earlier.until:
            yield Fault(later.place, word("fault_overlap", other=earlier.place))
        elif not partial and later.start > earlier.until + timedelta(days=1):
            yield Fault(later.place, word("fault_gap", other=earlier.place))
    if partial or subject == PROFILE:
        return
    if ordered[0].valid_from is not None:
        yield Fault(ordered[0].place, word("fault_first_open"))
    if ordered[-1].valid_until is not None:
        yield Fault(ordered[-1].place, word("fault_last_open"))


def _change(row: Row, overlay: Overlay, on: date) -> Change | None:
    standing = clip(overlay.timeline(row.subject, row.field), row.start, row.until)
    one = merged([_tidied(segment) for segment in standing])
    same_text = len(one) == 1 and one[0].text == row.text and _covers(one, row)
    if same_text and _agrees(row, one[0]):
        return None
    if not standing and not row.text:
        return None
    base = clip(packaged(overlay.library, overlay.commune, row.subject, row.field), row.start, row.until)
    source, as_of = row.source, row.as_of
    if same_text and not source:
        source = one[0].source
    if same_text and as_of is None:
        as_of = one[0].as_of
    source = source or word("source_own", commune=overlay.commune.full_name)
    gives_back = (
        row.subject != PROFILE
        and len(base) == 1
        and _covers(base, row)
        and _tidied(base[0]).content == (row.text, row.source, row.confidence, row.as_of)
    )
    edit = Edit(
        0,
        row.subject,
        row.field,
        "" if gives_back else row.text,
        row.confidence or "high",
        source,
        as_of or on,
        row.valid_from,
        row.valid_until,
        overlay.base_digest(row.subject, row.field),
    )
    return Change(edit, tuple(standing), gives_back, row.place, row.text)


def _tidied(segment: Segment) -> Segment:
    text = segment.text if segment.text.startswith('{"') else tidy(segment.text)
    return Segment(
        segment.start, segment.until, text, tidy(segment.source), segment.confidence, segment.as_of, segment.edit_id
    )


def _covers(segments: Sequence[Segment], row: Row) -> bool:
    return segments[0].start <= row.start and segments[-1].until >= row.until


def _agrees(row: Row, standing: Segment) -> bool:
    """Whether a row says nothing beside what stands; what it leaves out agrees."""
    return (
        row.source in ("", standing.source)
        and row.confidence in (None, standing.confidence)
        and row.as_of in (None, standing.as_of)
    )


def _removals(
    exchange: Exchange, grouped: dict[tuple[str, str], list[Row]], overlay: Overlay, on: date
) -> Iterator[Change]:
    """Items of lists given whole that are no longer among the rows."""
    profile = overlay.commune_on(on)
    for name in sorted(exchange.lists):
        kind = LIST_KINDS[name]
        for item in profile.items(name):
            field = f"{name}.{kind.key_of(item)}"
            if (PROFILE, field) not in grouped:
                own = word("source_own", commune=overlay.commune.full_name)
                digest = overlay.base_digest(PROFILE, field)
                edit = Edit(0, PROFILE, field, "", "high", own, on, None, None, digest)
                yield Change(edit, tuple(overlay.timeline(PROFILE, field)), False, word(f"sheet_{name}"))
