"""The table of units before and after 1/7/2025, as the underthesea package carries it, indexed by folded names.

The file is read on its own: importing the package costs more than a second and ninety megabytes. Rows in which the
table has lost a name are mended from ``missing_names.tsv``; where that has none, the old unit is left out, for an
incomplete row would make a guess look like an answer.
"""

from __future__ import annotations

import csv
import importlib.util
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from sys import intern

from knowledge.addresses.names import without_kind
from knowledge.words import word

HOME_PROVINCE = word("home_province")
_FOLDER = Path(__file__).parent
_TABLE = Path("address", "data", "mapping.json")


@dataclass(frozen=True, slots=True)
class OldUnit:
    """A ward, commune or township before 1/7/2025, with its district and province as then named."""

    ward: str
    district: str
    province: str

    @property
    def key(self) -> str:
        """What tells it apart, free of colons: it travels in the payload of a button."""
        return "/".join((self.ward, self.district, self.province)).replace(":", "")


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A commune, ward or special zone of today."""

    name: str
    province: str


@dataclass(frozen=True, slots=True)
class AddressBook:
    """Every old unit with the new unit or units its land went to, and indexes by folded name without kind."""

    new_of: Mapping[OldUnit, tuple[NewUnit, ...]]
    old_by_ward: Mapping[str, tuple[OldUnit, ...]]
    districts: Mapping[str, frozenset[tuple[str, str]]]
    provinces: Mapping[str, frozenset[str]]
    new_by_name: Mapping[str, tuple[NewUnit, ...]]
    by_key: Mapping[str, OldUnit]

    def is_home(self, old: OldUnit) -> bool:
        """Tell whether the old unit's land lies in today's Hải Phòng."""
        return any(new.province == HOME_PROVINCE for new in self.new_of[old])

    def made_of(self, name: str) -> tuple[tuple[OldUnit, bool], ...]:
        """Return the old units a unit of Hải Phòng was made of; True where only a part of the old one went there."""
        new = NewUnit(name, HOME_PROVINCE)
        return tuple((old, len(news) > 1) for old, news in self.new_of.items() if new in news)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def home_units() -> dict[str, str]:
    """Return today's 114 units of Hải Phòng, code → name, as Decision 19/2025/QĐ-TTg lists them."""
    return {row["code"]: row["name"] for row in _rows(_FOLDER / "hai_phong_units.tsv")}


def table_path() -> Path:
    """Return where the installed package keeps its table. Raises FileNotFoundError where it is not installed."""
    found = importlib.util.find_spec("underthesea")
    if found is None or found.origin is None:
        raise FileNotFoundError("underthesea")
    return Path(found.origin).parent / _TABLE


def read_book(rows: Iterable[Mapping[str, str]], missing_names: Mapping[str, str]) -> AddressBook:
    """Index the rows of the table (its ``ward_mapping``)."""
    new_of: dict[OldUnit, list[NewUnit]] = {}
    incomplete: set[OldUnit] = set()
    for row in rows:
        ward = row["old_ward"] or missing_names.get(row["old_ward_key"], "")
        old = OldUnit(ward, intern(row["old_district"]), intern(row["old_province"]))
        name = row["new_ward"] or missing_names.get(row["new_ward_key"], "")
        if not ward or not name:
            incomplete.add(old)
            continue
        new = NewUnit(intern(name), intern(row["new_province"]))
        known = new_of.setdefault(old, [])
        if new not in known:
            known.append(new)
    whole = {old: tuple(news) for old, news in new_of.items() if old not in incomplete}
    return _indexed(whole)


def _indexed(new_of: dict[OldUnit, tuple[NewUnit, ...]]) -> AddressBook:
    wards: dict[str, list[OldUnit]] = defaultdict(list)
    districts: dict[str, set[tuple[str, str]]] = defaultdict(set)
    provinces: dict[str, set[str]] = defaultdict(set)
    new_units: dict[str, list[NewUnit]] = defaultdict(list)
    for old, news in new_of.items():
        wards[without_kind(old.ward)].append(old)
        districts[without_kind(old.district)].add((old.district, old.province))
        provinces[without_kind(old.province)].add(old.province)
        for new in news:
            named = new_units[without_kind(new.name)]
            if new not in named:
                named.append(new)
    return AddressBook(
        new_of=new_of,
        old_by_ward={name: tuple(units) for name, units in wards.items()},
        districts={name: frozenset(found) for name, found in districts.items()},
        provinces={name: frozenset(found) for name, found in provinces.items()},
        new_by_name={name: tuple(units) for name, units in new_units.items()},
        by_key={old.key: old for old in new_of},
    )


@cache
def address_book() -> AddressBook:
    """Return the book, read once for the life of the process. Raises OSError where the table is not there."""
    missing = {row["key"]: row["name"] for row in _rows(_FOLDER / "missing_names.tsv")}
    with table_path().open(encoding="utf-8") as file:
        return read_book(json.load(file)["ward_mapping"], missing)
