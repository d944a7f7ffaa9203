"""What the conversation may look up while it answers: reads only, each made when it is needed and not before.

``bot.casework.desk.StoreDesk`` answers from the store; :class:`EmptyDesk` serves the command line, where there is none.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from bot.cases import codes
from bot.conversation.taught import NOTHING_TAUGHT, TaughtIndex
from bot.people import Person

CaseKind = Literal["report", "initiative"]


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """An open case that may be the same thing. ``gist`` is its words, masked and shortened; ``score`` 0 to 1."""

    code: str
    gist: str = field(repr=False)
    place: str
    people: int
    filed: datetime
    score: float
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as its own sender may see it. ``state`` is one of the fixed states; ``answer`` the last public word."""

    code: str
    kind: CaseKind
    state: str
    gist: str = field(repr=False)
    filed: datetime
    due: datetime | None = None
    unit: str = ""
    answer: str = field(default="", repr=False)
    awaits_rating: bool = False


@dataclass(frozen=True, slots=True)
class CampaignView:
    """An open campaign for initiatives."""

    id: str
    title: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class VolunteerView:
    """A member of a village's team. ``village`` is an id of the commune's profile."""

    village: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ForwardView:
    """A question a volunteer forwarded."""

    link_code: str
    gist: str = field(repr=False)
    for_whom: str = field(repr=False)
    asked: datetime
    answered: bool


@dataclass(frozen=True, slots=True)
class EventView:
    """An event of the commune residents may sign up for. ``seats_left`` None: no limit."""

    id: int
    title: str
    place: str
    starts: datetime
    audience: str = ""
    seats_left: int | None = None
    signed_up: bool = False


class Desk(Protocol):
    """Reads of one moment. ``commune_id`` is a slug; nobody is shown a case that is not their own."""

    def new_code(self, kind: CaseKind) -> str:
        """A fresh code, unique in the install (should it ever be taken, storing fails and the message is redone)."""

    def new_link_code(self) -> str:
        """A fresh code for a forwarded question, ``CG-…``."""

    def new_receipt(self) -> str:
        """A fresh code that proves an erasure, ``XD-…``."""

    def similar_reports(self, commune_id: str, text: str, category: str, village: str) -> Sequence[SimilarCase]:
        """Open reports that may tell of the same thing, likest first, five at most."""

    def similar_initiatives(self, commune_id: str, text: str) -> Sequence[SimilarCase]:
        """Initiatives like this one, likest first, five at most."""

    def case(self, person: Person, code: str) -> CaseView | None:
        """A case the person filed, joined or supported; None for any other, and for a code nobody has."""

    def cases_of(self, person: Person) -> Sequence[CaseView]:
        """The person's last five cases, newest first."""

    def campaigns(self, commune_id: str, today: date) -> Sequence[CampaignView]:
        """Campaigns open today."""

    def volunteer(self, person: Person) -> VolunteerView | None:
        """The person's enrolment in a village's team."""

    def enrolment_village(self, commune_id: str, code: str) -> str | None:
        """The village an unused one-time code enrols for; None for a wrong, used or expired one."""

    def forwards_of(self, person: Person) -> Sequence[ForwardView]:
        """A volunteer's last ten forwarded questions, newest first."""

    def forward_exists(self, commune_id: str, link_code: str) -> bool:
        """Whether a link code is somebody's in this commune."""

    def has_consented(self, person: Person) -> bool:
        """Whether the person agreed to our keeping personal data."""

    def data_of(self, person: Person) -> Sequence[str]:
        """All we keep about a person, as readable paragraphs."""

    def taught(self, commune_id: str) -> TaughtIndex:
        """What officials of the commune taught: questions they answered before."""

    def events(self, commune_id: str, person: Person, now: datetime) -> Sequence[EventView]:
        """Events still to come, soonest first, ten at most."""


class EmptyDesk:
    """A commune where nothing was sent in yet. Codes are real ones."""

    def new_code(self, kind: CaseKind) -> str:
        """See :class:`Desk`."""
        return codes.new_code(kind, secrets.choice)

    def new_link_code(self) -> str:
        """See :class:`Desk`."""
        return codes.new_link_code(secrets.choice)

    def new_receipt(self) -> str:
        """See :class:`Desk`."""
        return codes.new_receipt(secrets.choice)

    def similar_reports(self, commune_id: str, text: str, category: str, village: str) -> Sequence[SimilarCase]:
        """None."""
        return ()

    def similar_initiatives(self, commune_id: str, text: str) -> Sequence[SimilarCase]:
        """None."""
        return ()

    def case(self, person: Person, code: str) -> CaseView | None:
        """None."""
        return None

    def cases_of(self, person: Person) -> Sequence[CaseView]:
        """None."""
        return ()

    def campaigns(self, commune_id: str, today: date) -> Sequence[CampaignView]:
        """None."""
        return ()

    def volunteer(self, person: Person) -> VolunteerView | None:
        """Nobody is one."""
        return None

    def enrolment_village(self, commune_id: str, code: str) -> str | None:
        """No code is good."""
        return None

    def forwards_of(self, person: Person) -> Sequence[ForwardView]:
        """None."""
        return ()

    def forward_exists(self, commune_id: str, link_code: str) -> bool:
        """None does."""
        return False

    def has_consented(self, person: Person) -> bool:
        """Not yet."""
        return False

    def data_of(self, person: Person) -> Sequence[str]:
        """Nothing."""
        return ()

    def taught(self, commune_id: str) -> TaughtIndex:
        """Nothing."""
        return NOTHING_TAUGHT

    def events(self, commune_id: str, person: Person, now: datetime) -> Sequence[EventView]:
        """None."""
        return ()
