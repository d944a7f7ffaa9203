"""What a message does besides being answered: each act is data, stored in the transaction that stores the replies.

The conversation stays pure: it draws codes and looks things up through :class:`bot.conversation.desk.Desk`, and says
here what is to be written. Applying an act twice under one key changes nothing the second time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Channel = Literal["chat", "desk", "case"]


@dataclass(frozen=True, slots=True)
class SentThing:
    """A photo, file or other attachment as it came: ``url`` is Zalo's address of it, fetched later and checked then."""

    kind: str
    url: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where: ``village`` is an id of the commune's profile or "", ``words`` the resident's own, masked."""

    village: str = ""
    words: str = field(default="", repr=False)
    latitude: float | None = field(default=None, repr=False)
    longitude: float | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """Who to tell. Empty for an anonymous report; staff then see no name, and the sender still hears each step."""

    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class FileReport:
    """A confirmed report. ``category`` is an id of ``bot/cases/categories.yaml``, ``level`` urgent|normal|complex."""

    code: str
    category: str
    text: str = field(repr=False)
    place: Place
    contact: Contact
    level: str = "normal"
    things: tuple[SentThing, ...] = ()


@dataclass(frozen=True, slots=True)
class FileInitiative:
    """A confirmed initiative. Ids of ``bot/cases/initiative_fields.yaml``: ``field_id``, ``author_kind``, ``stage``."""

    code: str
    title: str = field(repr=False)
    problem: str = field(repr=False)
    proposal: str = field(repr=False)
    benefit: str = field(repr=False)
    field_id: str
    author_kind: str
    stage: str
    contact: Contact
    co_authors: str = field(default="", repr=False)
    campaign_id: str = ""
    village: str = ""
    things: tuple[SentThing, ...] = ()


@dataclass(frozen=True, slots=True)
class JoinReport:
    """ "Me too": the person is told of each step of an open report; their own words are kept with it."""

    code: str
    text: str = field(default="", repr=False)
    things: tuple[SentThing, ...] = ()


@dataclass(frozen=True, slots=True)
class SupportInitiative:
    """ "Ủng hộ ý này": counted once for each person."""

    code: str


@dataclass(frozen=True, slots=True)
class AddToCase:
    """More about an open case of one's own; a case waiting for the resident goes on."""

    code: str
    text: str = field(default="", repr=False)
    things: tuple[SentThing, ...] = ()


@dataclass(frozen=True, slots=True)
class ReopenCase:
    """ "Chưa xong": a resolved report of one's own is open again."""

    code: str
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Rate:
    """A mark from 1 to 5. ``case_code`` for a case, ``topic`` for an answer, neither for a visit to the desk."""

    mark: int
    channel: Channel
    reason: str = ""
    words: str = field(default="", repr=False)
    case_code: str = ""
    topic: str = ""
    facet: str = ""


@dataclass(frozen=True, slots=True)
class QueueForPerson:
    """ "Gặp cán bộ": the conversation waits for an official."""

    text: str = field(default="", repr=False)
    topic: str = ""


@dataclass(frozen=True, slots=True)
class EnrolVolunteer:
    """A one-time code of the commune, used up by the first who sends it."""

    code: str


@dataclass(frozen=True, slots=True)
class ForwardQuestion:
    """A volunteer asks for a neighbour who agreed. ``link_code`` lets the neighbour hear the answer in their own chat.

    ``answered`` when the bot knew, with the ``answer`` a neighbour who links later is sent; otherwise staff answer, and
    both are told.
    """

    link_code: str
    text: str = field(repr=False)
    for_whom: str = field(default="", repr=False)
    village: str = ""
    phone: str = field(default="", repr=False)
    topic: str = ""
    answered: bool = False
    answer: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LinkForward:
    """The neighbour sent the link code: they hear the answer too."""

    link_code: str


@dataclass(frozen=True, slots=True)
class MarkForwardAnswered:
    """The volunteer told the neighbour themselves."""

    link_code: str
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class FileTeamReport:
    """A volunteer's periodic report: classes held, people helped, what is hard."""

    classes: int
    people_helped: int
    difficulties: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """Before the first piece of personal data; ``scope`` names what for ("report", "initiative", "forward")."""

    scope: str


@dataclass(frozen=True, slots=True)
class ChooseAnnouncements:
    """``DỪNG`` and back again."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class EraseMyData:
    """Erase or anonymise everything of this person; ``receipt`` is what they were given."""

    receipt: str


@dataclass(frozen=True, slots=True)
class SignUp:
    """Take part in an event of the commune."""

    event_id: int
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CancelSignUp:
    """Take part no more."""

    event_id: int


@dataclass(frozen=True, slots=True)
class LearningHint:
    """What use teaches: ``kind`` is tap|not_that|fallback; ``text`` is masked before it is stored."""

    kind: str
    text: str = field(repr=False)
    wrong: str = ""
    right: str = ""


Act = (
    FileReport
    | FileInitiative
    | JoinReport
    | SupportInitiative
    | AddToCase
    | ReopenCase
    | Rate
    | QueueForPerson
    | EnrolVolunteer
    | ForwardQuestion
    | LinkForward
    | MarkForwardAnswered
    | FileTeamReport
    | GiveConsent
    | ChooseAnnouncements
    | EraseMyData
    | SignUp
    | CancelSignUp
    | LearningHint
)
