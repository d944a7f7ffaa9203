"""Finds an old address in what somebody typed. Where the words fit several places, all are returned: never a guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from rapidfuzz import fuzz, process

from knowledge.addresses.book import HOME_PROVINCE, AddressBook, NewUnit, OldUnit
from knowledge.addresses.names import (
    DISTRICT_WORDS,
    PROVINCE_WORDS,
    WARD_WORDS,
    TypedWord,
    kind_of,
    without_kind,
    words_of,
)

LONGEST_NAME = 5
"""Words of a unit's name."""
LONGEST_MESSAGE = 80
"""Words looked at: an address stands early, and a long story must not cost time."""
SHORTEST_FUZZY_NAME = 8
"""Letters; shorter names differ by one letter from too many others."""
LEAST_LIKENESS = 88
MOST_PLACES = 8
"""More places of one name than this are no list to choose from; the district is asked instead."""

Kind = Literal["one", "split", "several", "new", "none"]
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found. "one": one old unit that went whole to one new unit; "split": one old unit, several new;
    "several": several old units of that name; "new": the name of a unit of today, in ``new``."""

    kind: Kind
    old: tuple[OldUnit, ...] = ()
    new: tuple[NewUnit, ...] = ()
    spelt_otherwise: bool = False


@dataclass(frozen=True, slots=True)
class _Hit:
    start: int
    end: int
    name: str
    kind: str
    """Kind typed before the name, folded; empty where none was."""


def finding_of(book: AddressBook, old: OldUnit, spelt_otherwise: bool = False) -> Finding:
    """Return what became of one old unit. Raises KeyError where the book does not have it."""
    new = book.new_of[old]
    return Finding("one" if len(new) == 1 else "split", (old,), new, spelt_otherwise)


def find_old_address(book: AddressBook, text: str, expected: bool = False) -> Finding:
    """Look for a ward and district of before 1/7/2025.

    ``expected`` says that the message answers our question for an address, so a bare name of a place is enough;
    otherwise the name needs its kind ("xã …") or its district behind it.
    """
    words = words_of(text)[:LONGEST_MESSAGE]
    districts = _hits(words, book.districts, DISTRICT_WORDS)
    provinces = _hits(words, book.provinces, PROVINCE_WORDS)
    wards = _hits(words, book.old_by_ward, WARD_WORDS)
    best = _best(book, words, wards, districts, provinces, expected)
    if best:
        return _told(book, best)
    for hit in _hits(words, book.new_by_name, WARD_WORDS):
        new = tuple(unit for unit in book.new_by_name[hit.name] if unit.province == HOME_PROVINCE)
        if new and (hit.kind or expected):
            return Finding("new", (), new)
    alike = _alike(book, words, districts, expected)
    return _told(book, alike, spelt_otherwise=True) if alike else Finding("none")


def _told(book: AddressBook, units: Sequence[OldUnit], spelt_otherwise: bool = False) -> Finding:
    if len(units) == 1:
        return finding_of(book, units[0], spelt_otherwise)
    return Finding("several", tuple(units), (), spelt_otherwise)


def _hits(words: Sequence[TypedWord], names: Mapping[str, _Value], kinds: Mapping[str, str]) -> list[_Hit]:
    hits = []
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST_NAME, len(words)) + 1):
            name = " ".join(word.folded for word in words[start:end])
            if name in names:
                hits.append(_Hit(start, end, name, _kind_before(words, start, kinds)))
    return hits


def _kind_before(words: Sequence[TypedWord], start: int, kinds: Mapping[str, str]) -> str:
    two = " ".join(word.folded for word in words[max(0, start - 2) : start])
    one = words[start - 1].folded if start else ""
    return kinds.get(two) or kinds.get(one, "")


def _best(
    book: AddressBook,
    words: Sequence[TypedWord],
    wards: Iterable[_Hit],
    districts: Sequence[_Hit],
    provinces: Sequence[_Hit],
    expected: bool,
) -> list[OldUnit]:
    scores: dict[OldUnit, float] = {}
    for hit in wards:
        typed = " ".join(word.typed for word in words[hit.start : hit.end])
        for old in book.old_by_ward[hit.name]:
            in_district = _names_district(book, hit, old, districts)
            in_province = any(
                old.province in book.provinces[other.name] for other in provinces if other.start >= hit.end
            )
            bare = not hit.kind and not in_district
            if (bare and not (expected and not hit.name.isdigit())) or not (
                in_district or in_province or book.is_home(old)
            ):
                continue
            score = 4.0 * in_district + 2.0 * in_province + 2.0 * bool(hit.kind) + book.is_home(old)
            # Kinds changed and people mix them up, so they only tell apart places of one name in one district.
            score += 0.5 * (in_district and hit.kind == kind_of(old.ward)) + 0.3 * (hit.end - hit.start)
            score += 0.6 * old.ward.lower().endswith(typed)
            scores[old] = max(score, scores.get(old, 0.0))
    if not scores:
        return []
    highest = max(scores.values())
    return sorted((old for old, score in scores.items() if score > highest - 0.05), key=lambda old: old.key)


def _names_district(book: AddressBook, ward: _Hit, old: OldUnit, districts: Sequence[_Hit]) -> bool:
    """Tell whether the unit's district is named: with its kind anywhere, or by name alone right behind the ward."""
    return any(
        (old.district, old.province) in book.districts[hit.name]
        and (hit.end <= ward.start or hit.start >= ward.end)
        and (hit.kind or ward.end <= hit.start <= ward.end + 1)
        for hit in districts
    )


def _alike(book: AddressBook, words: Sequence[TypedWord], districts: Sequence[_Hit], expected: bool) -> list[OldUnit]:
    """Find a long name typed with a slip, among the wards of the district named, or else of Hải Phòng."""
    named = {place for hit in districts if hit.kind for place in book.districts[hit.name]}
    pool: dict[str, list[OldUnit]] = {}
    for old in book.new_of:
        if (old.district, old.province) in named if named else book.is_home(old):
            pool.setdefault(without_kind(old.ward), []).append(old)
    best: tuple[float, list[OldUnit]] = (0.0, [])
    for start in range(len(words)):
        if not (expected or _kind_before(words, start, WARD_WORDS)):
            continue
        for length in (2, 3):
            name = " ".join(word.folded for word in words[start : start + length])
            if len(name) < SHORTEST_FUZZY_NAME or start + length > len(words):
                continue
            found = process.extract(name, list(pool), scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS, limit=2)
            if found and found[0][1] > best[0]:
                top = [match for match, score, _ in found if score == found[0][1]]
                best = (found[0][1], [old for match in top for old in pool[match]])
    return best[1]
