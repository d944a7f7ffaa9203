"""What an import changes, said before it is done; and which curated answers it puts in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

from knowledge.portal.cleaning import folded
from knowledge.portal.drafting import money
from knowledge.portal.procedure import Listing, Record
from knowledge.portal.words import cues, word
from knowledge.schema import Topic

_SILENT = frozenset({"code", "as_of"})
"""A mere new look at a list is no change of the procedure."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One procedure that an import touches. ``what`` names the fields that change.

    ``kind``: "new", "changed", "gone", or "older": the import's look is older than what is known, which stays.
    """

    kind: str
    code: str
    name: str
    what: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of procedures before an import, by code."""

    listings: Mapping[str, Listing]
    records: Mapping[str, Record]


def differences(
    known: Known, listings: Mapping[str, Listing], records: Mapping[str, Record], whole: bool
) -> list[Difference]:
    """Compare an import with what is known, by code. ``whole``: the listings are all there are, others are gone."""
    found: list[Difference] = []
    for code in sorted({*listings, *records}):
        names: list[str] = []
        listing, record = listings.get(code), records.get(code)
        if listing is not None and is_older(known, listing):
            found.append(Difference("older", code, listing.name, tuple(changed_fields(known.listings[code], listing))))
            listing = None
        if listing is None and record is None:
            continue
        if listing is not None and code in known.listings:
            names.extend(changed_fields(known.listings[code], listing))
        if record is not None and code in known.records and record_changed(known.records[code], record):
            names.append(word("field_record"))
        if code not in known.listings and code not in known.records:
            found.append(Difference("new", code, (listing or records[code]).name))
        elif listing is not None and code not in known.listings:
            found.append(Difference("changed", code, listing.name, (word("field_status"), *names)))
        elif record is not None and code not in known.records:
            found.append(Difference("changed", code, known.listings[code].name, (*names, word("field_record"))))
        elif names:
            found.append(Difference("changed", code, (listing or records[code]).name, tuple(names)))
    if whole:
        found.extend(Difference("gone", one.code, one.name) for one in gone(known, listings))
    return found


def is_older(known: Known, listing: Listing) -> bool:
    """Tell whether a listing would set back what a later look has found: a correction, or a newer list."""
    standing = known.listings.get(listing.code)
    return standing is not None and listing.as_of < standing.as_of and bool(changed_fields(standing, listing))


def gone(known: Known, listings: Mapping[str, Listing]) -> list[Listing]:
    """Listings that a whole newer list lacks and that were in force or to come."""
    return [
        one
        for code, one in sorted(known.listings.items())
        if code not in listings and one.status in ("current", "future")
    ]


def unlisted(listing: Listing, as_of: date) -> Listing:
    """The listing as it stands once a whole list of a later day lacks it."""
    return replace(listing, status="unlisted", as_of=as_of)


def changed_fields(before: Listing, after: Listing) -> list[str]:
    """Name, in Vietnamese, the fields whose value differs."""
    return [
        word(f"field_{one.name}")
        for one in fields(Listing)
        if one.name not in _SILENT and getattr(before, one.name) != getattr(after, one.name)
    ]


def record_changed(before: Record, after: Record) -> bool:
    """Tell whether a record says something else; a new stamp alone does not count."""
    return replace(before, updated=after.updated) != after


def topics_by_code(topics: Iterable[Topic]) -> dict[str, list[Topic]]:
    """Curated topics by each of their codes; several may share one."""
    found: dict[str, list[Topic]] = {}
    for topic in topics:
        for code in dict.fromkeys(filter(None, (topic.procedure_code, *topic.also_codes))):
            found.setdefault(code, []).append(topic)
    return found


def doubts_about_topics(
    topics: Iterable[Topic], listings: Mapping[str, Listing], records: Mapping[str, Record], on: date
) -> list[str]:
    """Name every curated answer whose code, fee or time differs from what is imported. Vietnamese sentences."""
    doubts: list[str] = []
    for code, named in sorted(topics_by_code(topics).items()):
        for topic in named:
            listing, record = listings.get(code), records.get(code)
            if listing is not None:
                doubts.extend(_doubts_of_listing(topic, listing, on))
            # A side code's fee and time may rightly differ from the topic's own.
            if record is not None and code == topic.procedure_code:
                doubts.extend(_doubts_of_record(topic, record, on))
    return doubts


def _doubts_of_listing(topic: Topic, listing: Listing, on: date) -> Iterable[str]:
    if listing.status == "repealed":
        yield word("flag_repealed", topic=topic.id, code=listing.code)
    said = f" {folded(_text(topic, 'fee', on) + ' ' + _text(topic, 'online', on))} "
    if listing.online_fee_free == "yes" and not any(f" {cue} " in said for cue in cues("free_of_charge")):
        yield word("flag_free", topic=topic.id, code=listing.code)


def _doubts_of_record(topic: Topic, record: Record, on: date) -> Iterable[str]:
    fee, time = _text(topic, "fee", on), _text(topic, "time", on)
    for amount in record.fees:
        if not re.search(rf"(?<![\d.]){re.escape(money(amount))}(?![\d.]*\d)", fee):
            yield word("flag_fee", topic=topic.id, code=record.code, amount=money(amount))
    if record.working_days is not None and not re.search(rf"(?<!\d)0?{record.working_days}(?!\d)", time):
        yield word("flag_time", topic=topic.id, code=record.code, days=record.working_days)


def _text(topic: Topic, facet: str, on: date) -> str:
    found = topic.facets.get(facet)
    return "" if found is None else found.text_nearest(on)
