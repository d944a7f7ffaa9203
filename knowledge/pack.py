"""A pack: the answers one commune edited, as one file another commune can take over. No profile, no contact data.

The file is JSON with the format's version and a digest, so that a file cut short or changed by hand is refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.exchange import Exchange, Fault, Row, row_of, tidy
from knowledge.library import Library
from knowledge.overlay import PROFILE, TOPIC_PREFIX, Overlay
from knowledge.schema import FACETS, Confidence
from knowledge.timeline import merged
from knowledge.words import word

KIND = "hoixa-knowledge-pack"
FORMAT = 1
MAXIMUM_FILE = 5_000_000
_TEXT_KEYS = ("topic", "facet", "text", "source", "confidence")
_DAY_KEYS = ("valid_from", "valid_until", "as_of")
_CONTACT_DATA = re.compile(r"(?<![\d/])0\d(?:[ .-]?\d){7,9}(?!\d)|[\w.+-]+@[\w-]+\.\w+")
_CONFIDENCES: Mapping[str, Confidence] = {"high": "high", "medium": "medium", "low": "low"}


class WrongPack(ValueError):
    """Not a pack, of another format, or damaged; the message is Vietnamese."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack's document, the (topic, facet) left out for contact data, and those that name the commune itself."""

    document: Mapping[str, object]
    left_out: tuple[tuple[str, str], ...]
    naming: tuple[tuple[str, str], ...]


def pack(overlay: Overlay, on: date) -> Packed:
    """Return the edited answers in force on the day or later. Texts of the release itself stay out.

    A wording with a telephone number or an address of mail is contact data and stays out too. One that names the
    commune goes along but is named: what is true of one commune need not be true of another.
    """
    entries, left_out, naming = [], [], []
    edited = sorted({(edit.subject, edit.field) for edit in overlay.edits if edit.subject != PROFILE})
    for subject, field in edited:
        topic_id = subject.removeprefix(TOPIC_PREFIX)
        if topic_id not in overlay.library.topics:
            continue
        for segment in merged(overlay.timeline(subject, field)):
            if not segment.edit_id or segment.until < on:
                continue
            if _CONTACT_DATA.search(segment.text):
                left_out.append((topic_id, field))
                continue
            if overlay.commune.full_name.casefold() in segment.text.casefold():
                naming.append((topic_id, field))
            entries.append(_entry(row_of(subject, field, segment)))
    document = {
        "kind": KIND,
        "format": FORMAT,
        "from": overlay.commune.id,
        "made": on.isoformat(),
        "digest": _digest(entries),
        "entries": entries,
    }
    return Packed(document, tuple(left_out), tuple(naming))


def _entry(row: Row) -> dict[str, str | None]:
    return {
        "topic": row.subject.removeprefix(TOPIC_PREFIX),
        "facet": row.field,
        "text": row.text,
        "source": row.source,
        "confidence": row.confidence,
        "valid_from": None if row.valid_from is None else row.valid_from.isoformat(),
        "valid_until": None if row.valid_until is None else row.valid_until.isoformat(),
        "as_of": None if row.as_of is None else row.as_of.isoformat(),
    }


def _digest(entries: object) -> str:
    return hashlib.sha256(json.dumps(entries, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def write_pack(document: Mapping[str, object], path: Path) -> None:
    """Write a pack. Raises OSError."""
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_pack(path: Path, library: Library, commune_id: str) -> tuple[Exchange, list[Fault]]:
    """Read a pack for another commune. Raises WrongPack, and OSError where it cannot be opened."""
    if path.stat().st_size > MAXIMUM_FILE:
        raise WrongPack(word("file_too_large", most=MAXIMUM_FILE // 1_000_000))
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise WrongPack(word("pack_not_ours")) from None
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise WrongPack(word("pack_not_ours"))
    if document.get("format") != FORMAT:
        raise WrongPack(word("pack_format", found=document.get("format"), wanted=FORMAT))
    entries = document.get("entries")
    if not isinstance(entries, list) or _digest(entries) != document.get("digest"):
        raise WrongPack(word("pack_damaged"))
    rows, faults = [], []
    for number, entry in enumerate(entries, 1):
        place = word("pack_row", number=number)
        row = _row(entry, library, place)
        if isinstance(row, Fault):
            faults.append(row)
        else:
            rows.append(row)
    return Exchange(commune_id, tuple(rows), partial=True), faults


def _row(entry: object, library: Library, place: str) -> Row | Fault:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in _TEXT_KEYS):
        return Fault(place, word("pack_not_ours"))
    if entry["topic"] not in library.topics:
        return Fault(place, word("fault_topic", raw=entry["topic"][:60]))
    if entry["facet"] not in FACETS:
        return Fault(place, word("fault_facet", raw=entry["facet"][:60]))
    days: dict[str, date | None] = {}
    for key in _DAY_KEYS:
        try:
            days[key] = None if entry.get(key) is None else date.fromisoformat(entry[key])
        except (TypeError, ValueError):
            return Fault(place, word("fault_day", raw=str(entry[key])[:40]))
    confidence = _CONFIDENCES.get(entry["confidence"])
    if confidence is None:
        return Fault(place, word("fault_confidence", raw=entry["confidence"][:60]))
    subject = f"{TOPIC_PREFIX}{entry['topic']}"
    text, source = tidy(entry["text"]), tidy(entry["source"])
    return Row(subject, entry["facet"], text, source, confidence, place=place, **days)
