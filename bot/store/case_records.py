"""What a case is made of once its sealed columns are open, and how they are sealed: one place, one set of contexts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TypeVar

from bot.encryption import Vault

GIST = "case_file.gist"
WORDS = "case_file.words"
PLACE = "case_file.place"
CONTACT = "case_file.contact"
EVENT_PUBLIC = "case_event.public"
EVENT_INTERNAL = "case_event.internal"
PERSON_WORDS = "case_person.words"


@dataclass(frozen=True, slots=True)
class CaseWords:
    """The sender's own words, masked. A report has ``text`` alone; an initiative the others."""

    text: str = field(default="", repr=False)
    title: str = field(default="", repr=False)
    problem: str = field(default="", repr=False)
    proposal: str = field(default="", repr=False)
    benefit: str = field(default="", repr=False)
    co_authors: str = field(default="", repr=False)

    @property
    def whole(self) -> str:
        """Everything said of the matter itself, for finding twins; co-authors are no part of it."""
        return "\n".join(part for part in (self.text, self.title, self.problem, self.proposal, self.benefit) if part)


@dataclass(frozen=True, slots=True)
class CasePlace:
    """Where, beside the village: the sender's words, masked, and a point on the map."""

    words: str = field(default="", repr=False)
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CaseContact:
    """Whom to ring. Kept only sealed, and not at all for an anonymous case."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CaseHead:
    """A case without what is sealed: what lists, moves and permissions need."""

    id: int
    code: str
    kind: str
    commune_id: str
    oa_id: str
    user_id: str
    state: str
    category: str
    level: str
    village: str
    unit: str
    assignee: str
    source: str
    author_kind: str
    stage: str
    campaign_id: str
    anonymous: bool
    due_ms: int | None
    left_minutes: int | None
    escalated: int
    reason: str
    resolved_ms: int | None
    reopened: int
    people: int
    supporters: int
    merged_into: str
    created_ms: int
    updated_ms: int
    version: int


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of a list: the head and a line of words, masked."""

    head: CaseHead
    gist: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """A case opened. ``contact`` is None where there is none or it is anonymous."""

    head: CaseHead
    gist: str = field(repr=False)
    words: CaseWords
    place: CasePlace
    contact: CaseContact | None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One entry of the timeline. ``public`` was told or said to its people; ``internal`` is for staff alone."""

    id: int
    kind: str
    before: str
    after: str
    by: str
    at_ms: int
    public: str = field(default="", repr=False)
    internal: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CasePerson:
    """Somebody told of a case. ``known_code`` is the code they were given; ``words`` what they added, masked."""

    id: int
    case_id: int
    oa_id: str
    user_id: str
    role: str
    known_code: str
    joined_ms: int
    mark: int | None
    words: str = field(default="", repr=False)


Record = TypeVar("Record", CaseWords, CasePlace, CaseContact)


def seal(vault: Vault, record: CaseWords | CasePlace | CaseContact, context: str) -> bytes:
    """Encrypt a record as compact JSON without its empty fields."""
    filled = {name: value for name, value in asdict(record).items() if value not in ("", None)}
    return vault.encrypt(json.dumps(filled, ensure_ascii=False, separators=(",", ":")), context)


def unseal(vault: Vault, sealed: bytes | None, context: str, kind: type[Record]) -> Record | None:
    """Read back what :func:`seal` wrote; None where nothing is kept."""
    return None if sealed is None else kind(**json.loads(vault.decrypt(sealed, context)))
