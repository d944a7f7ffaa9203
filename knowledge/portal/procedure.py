"""One procedure of the official lists, as far as the lists and the national portal's records tell it.

A list (``procedures.tsv`` and files like it) says what is in force; a record of the portal says what the procedure
asks for, and nothing about its validity (docs of the portal's record, section 4). So the two are kept apart and joined
by code, never by name.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from dataclasses import field as attribute
from datetime import date
from typing import Literal, get_args

Status = Literal["current", "repealed", "future", "unlisted"]
"""What a list says of the procedure on its day; "unlisted": a newer whole list lacks it, or no list ever had it."""
STATUSES: tuple[str, ...] = get_args(Status)
OnlineFee = Literal["yes", "no", "unknown"]
CODE = re.compile(r"[1-9]\.\d{6}")
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOPIC_PREFIX = "portal:"
"""Ids of these procedures in decisions: ``portal:1.001193``."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of an official list. Days are calendar days in Vietnam; an empty text means that nothing is stated."""

    code: str
    name: str
    as_of: date
    field: str = ""
    status: Status = "current"
    active_date: date | None = None
    repeal_date: date | None = None
    decision: str = ""
    formality_id: str = ""
    level_note: str = ""
    online_fee_free: OnlineFee = "unknown"
    everyday: bool | None = None
    topic: str = ""
    replaced_by: str = ""
    source_url: str = ""

    def to_json(self) -> str:
        """A stable document: equal listings give equal texts."""
        return _stable(asdict(self))

    @classmethod
    def from_json(cls, document: str) -> Listing:
        """Read what ``to_json`` wrote. Raises ValueError, TypeError or KeyError for anything else."""
        values = {key: value for key, value in json.loads(document).items() if key in {f.name for f in fields(cls)}}
        for name in ("as_of", "active_date", "repeal_date"):
            if values.get(name):
                values[name] = date.fromisoformat(values[name])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Record:
    """What a record of the portal says, cleaned. ``facets`` are drafts: none may reach residents unapproved.

    ``fees`` are amounts in đồng; ``working_days`` None where the record states none or disagrees with itself.
    """

    code: str
    name: str
    field: str
    formality_id: str
    updated: date
    facets: Mapping[str, str] = attribute(default_factory=dict)
    fees: tuple[int, ...] = ()
    working_days: int | None = None
    legal_basis: tuple[str, ...] = ()

    def to_json(self) -> str:
        """A stable document: equal records give equal texts."""
        return _stable(asdict(self))

    @classmethod
    def from_json(cls, document: str) -> Record:
        """Read what ``to_json`` wrote. Raises ValueError, TypeError or KeyError for anything else."""
        values = {key: value for key, value in json.loads(document).items() if key in {f.name for f in fields(cls)}}
        values["updated"] = date.fromisoformat(values["updated"])
        for name in ("fees", "legal_basis"):
            values[name] = tuple(values.get(name, ()))
        return cls(**values)


@dataclass(frozen=True, slots=True)
class ApprovedFacet:
    """A part of the answer an officer has read and approved."""

    text: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure as residents may meet it: its listing, and the parts approved from its record.

    ``record_only``: no list has it, so what stands in ``listing`` is the record's and says nothing of its validity.
    """

    listing: Listing
    facets: Mapping[str, ApprovedFacet] = attribute(default_factory=dict)
    record_only: bool = False

    @property
    def code(self) -> str:
        """Its code, "1.001193"."""
        return self.listing.code

    @property
    def id(self) -> str:
        """Its id in decisions."""
        return TOPIC_PREFIX + self.listing.code

    def status_on(self, day: date) -> Status:
        """What the listing comes to on a day: a future procedure begins, a repeal ahead has not happened yet."""
        listing = self.listing
        if listing.status == "future" and listing.active_date is not None and listing.active_date <= day:
            return "current"
        if listing.status == "repealed" and listing.repeal_date is not None and listing.repeal_date > day:
            return "current"
        return listing.status


def joined(listing: Listing | None, record: Record | None, facets: Mapping[str, ApprovedFacet]) -> Procedure:
    """Join a listing and a record of one code; either may be missing, not both. The listing's name wins."""
    if listing is None:
        assert record is not None
        stand_in = Listing(
            code=record.code,
            name=record.name,
            as_of=record.updated,
            field=record.field,
            status="unlisted",
            formality_id=record.formality_id,
        )
        return Procedure(stand_in, facets, record_only=True)
    if record is not None and not listing.formality_id:
        listing = replace(listing, formality_id=record.formality_id)
    return Procedure(listing, facets)


def digest_of(document: str) -> str:
    """A short digest of a document, to tell whether anything changed."""
    return hashlib.sha256(document.encode()).hexdigest()[:32]


def _stable(document: Mapping[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, sort_keys=True, default=str, separators=(",", ":"))
