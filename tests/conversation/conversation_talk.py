"""A small library, a commune and an understander that knows its lines by heart, so that a test states what it means."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.cases import codes
from bot.conversation import Conversation, Incoming, Outcome, State, Words, load_words
from bot.conversation.acts import SentThing
from bot.conversation.desk import (
    CampaignView,
    CaseKind,
    CaseView,
    Desk,
    EmptyDesk,
    EventView,
    SimilarCase,
    VolunteerView,
)
from bot.people import Person
from intents import Candidate, Context, Part, Understanding
from knowledge import FACETS, Commune, FacetName, Library, Pointer, Topic
from knowledge.profile_lists import Village

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
"""Twelve o'clock in Vietnam."""


def understood(
    decision: str,
    *candidates: str,
    facet: str | None = None,
    action: str | None = None,
    parts: Sequence[Part] = (),
    pointer: str | None = None,
    chitchat: str | None = None,
    question: str | None = None,
    follow_up: bool = False,
) -> Understanding:
    """Write an understanding in one line; scores fall from 0.9."""
    return Understanding(
        normalised="",
        decision=decision,
        candidates=scored(*candidates),
        facet=facet,
        action=action,
        parts=tuple(parts),
        pointer=pointer,
        chitchat=chitchat,
        question=question,
        confidence=0.9,
        follow_up=follow_up,
    )


def scored(*ids: str) -> tuple[Candidate, ...]:
    """Candidates with falling scores."""
    return tuple(Candidate(id, round(0.9 - 0.2 * position, 1)) for position, id in enumerate(ids))


def likely(score: float, understanding: Understanding) -> Understanding:
    """The same, with the first candidate of this score and the others sharing the rest."""
    first, *others = understanding.candidates
    rest = tuple(Candidate(other.id, round((1 - score) / len(others), 3)) for other in others)
    return replace(understanding, candidates=(Candidate(first.id, score), *rest))


def part(text: str, decision: str, *candidates: str, facet: str | None = None, action: str | None = None) -> Part:
    """One question of several."""
    return Part(text, decision, scored(*candidates), facet, action)


@dataclass
class UnderstanderByHeart:
    """Understands exactly the lines it was given; anything else is out of its depth. Remembers what it was asked."""

    lines: dict[str, Understanding] = field(default_factory=dict)
    follow_ups: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, Context | None]] = field(default_factory=list)

    def understand(self, text: str, context: Context | None = None) -> Understanding:
        self.asked.append((text, context))
        if text in self.follow_ups and context and context.last_topic:
            return understood("answer", context.last_topic, facet=self.follow_ups[text], follow_up=True)
        return self.lines.get(text, understood("fallback"))


ALL_FACETS = FACETS


def topic(id: str, name: str, facets: Sequence[str] = ALL_FACETS, long: bool = False) -> Topic:
    """A topic whose every part says which it is."""
    text = "Nội dung {facet} của {id} tại {desk}." + (" Chữ thêm cho dài ra." * 60 if long else "")
    return Topic.model_validate(
        {
            "id": id,
            "group": "thu",
            "name": name,
            "short": name[:30],
            "owner_unit": "hanh-chinh-cong",
            "as_of": date(2026, 11, 21),
            "review_by": date(2027, 5, 21),
            "source": "Luật thử",
            "facets": {facet: {"text": text.replace("{facet}", facet).replace("{id}", id)} for facet in facets},
        }
    )


TOPICS = (
    topic("khai-sinh", "Đăng ký khai sinh"),
    topic("dang-ky-lai-khai-sinh", "Đăng ký lại khai sinh"),
    topic("ket-hon", "Đăng ký kết hôn", ("overview", "papers", "fee", "time", "place")),
    topic("phan-loai-rac", "Phân loại rác", ("overview", "fee")),
    topic("gio-lam-viec", "Giờ làm việc", ("overview",)),
    topic("dia-chi-lien-he", "Địa chỉ liên hệ", ("overview",)),
    topic("truyen-thanh", "Loa truyền thanh", ("overview",)),
    topic("nop-ho-so-truc-tuyen", "Nộp hồ sơ trực tuyến", ("overview", "online")),
    topic("bao-su-co-khan-cap", "Số điện thoại khẩn cấp", ("overview", "place")),
    topic("chung-thuc-ban-sao", "Chứng thực bản sao", long=True),
    topic("can-cuoc", "Cấp căn cước", long=True),
    topic("thuong-tru", "Đăng ký thường trú", long=True),
)

FACET_NAMES = {
    "overview": "Tổng quan",
    "papers": "Giấy tờ cần có",
    "fee": "Lệ phí",
    "time": "Bao lâu có",
    "place": "Làm ở đâu",
    "online": "Nộp qua mạng",
    "form": "Mẫu đơn",
    "who": "Ai được làm",
    "late": "Quá hạn",
    "result": "Nhận được gì",
}


def commune(**contact: str) -> Commune:
    """A commune whose contact data is empty unless given."""
    units = {
        "desk": "Trung tâm Phục vụ hành chính công",
        "police": "Công an",
        "culture_unit": "Phòng Văn hóa - Xã hội",
        "economy_unit": "Phòng Kinh tế",
        "office": "Văn phòng",
        "public_service": "Trung tâm Dịch vụ sự nghiệp công",
    }
    return Commune.model_validate(
        {
            "id": "ha-dong",
            "name": "Hà Đông",
            "type": "xã",
            "city": "Hải Phòng",
            "unit_code": "00000",
            "unit_code_source": "thử",
            "province_code": "31",
            "subunit": "thôn",
            "plan": {"title": "Kế hoạch thử"},
            "units": [{"role": role, "name": name} for role, name in units.items()],
            "contact": contact,
            "reporting": {"cycle": "năm", "to": "UBND"},
        }
    )


def library() -> Library:
    """The small library of these tests."""
    return Library(
        folder=Path("."),
        catalogue={},
        topics={each.id: each for each in TOPICS},
        communes={"ha-dong": commune()},
        pointers={
            "ly-hon-toa-an": Pointer.model_validate(
                {"id": "ly-hon-toa-an", "name": "Ly hôn", "text": "Ly hôn do Tòa án giải quyết, không phải {commune}."}
            )
        },
        local_facts={},
        facet_names={id: FacetName(name=name, phrase=name.lower()) for id, name in FACET_NAMES.items()},
    )


WORDS: Words = load_words()
BAC_TU = Person("oa-1", "user-1")


def commune_of_villages(*names: str) -> Commune:
    """A commune whose profile lists these villages."""
    return commune().model_copy(update={"villages": tuple(Village(name=name) for name in names)})


def photo(name: str = "1") -> SentThing:
    """A photo as Zalo's event tells of it."""
    return SentThing("image", f"https://photo.example/{name}.jpg")


@dataclass
class DeskByHeart(EmptyDesk):
    """Knows what a test tells it; codes are drawn from a fixed row."""

    own: dict[Person, list[CaseView]] = field(default_factory=dict)
    similar: list[SimilarCase] = field(default_factory=list)
    similar_ideas: list[SimilarCase] = field(default_factory=list)
    open_campaigns: list[CampaignView] = field(default_factory=list)
    member: VolunteerView | None = None
    coming: list[EventView] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def new_code(self, kind: CaseKind) -> str:
        return codes.new_code(kind, self.dice.choice)

    def similar_reports(self, commune_id: str, text: str, category: str, village: str) -> Sequence[SimilarCase]:
        return self.similar

    def similar_initiatives(self, commune_id: str, text: str) -> Sequence[SimilarCase]:
        return self.similar_ideas

    def volunteer(self, person: Person) -> VolunteerView | None:
        return self.member

    def events(self, commune_id: str, person: Person, now: datetime) -> Sequence[EventView]:
        return self.coming

    def case(self, person: Person, code: str) -> CaseView | None:
        return next((case for case in self.cases_of(person) if case.code == code), None)

    def cases_of(self, person: Person) -> Sequence[CaseView]:
        return self.own.get(person, [])[:5]

    def campaigns(self, commune_id: str, today: date) -> Sequence[CampaignView]:
        return self.open_campaigns


@dataclass
class Talk:
    """One resident talking: keeps the state and the clock, so that tests read as the talk does."""

    lines: dict[str, Understanding] = field(default_factory=dict)
    follow_ups: dict[str, str] = field(default_factory=dict)
    commune: Commune = field(default_factory=commune)
    state: State = field(default_factory=State)
    now: datetime = NOON
    desk: Desk = field(default_factory=DeskByHeart)
    person: Person = BAC_TU

    def __post_init__(self) -> None:
        self.understander = UnderstanderByHeart(self.lines, self.follow_ups)
        self.conversation = Conversation(self.understander, library(), WORDS, desk=self.desk)

    def says(self, text: str, *, after: timedelta = timedelta(seconds=20), first: bool = False) -> Outcome:
        """Send a text some time after the last message; the state passes through JSON as in the store."""
        return self.sends("text", text, after=after, first=first)

    def sends(
        self, kind: str, text: str = "", *, after: timedelta = timedelta(seconds=20), first: bool = False,
        silent: bool = False, things: Sequence[SentThing] = (), point: tuple[float, float] | None = None,
        name: str = "", phone: str = "",
    ) -> Outcome:  # fmt: skip
        """Send anything."""
        self.now += after
        latitude, longitude = point or (None, None)
        message = Incoming(kind, text, first, silent, self.person, tuple(things), latitude, longitude, name, phone)
        outcome = self.conversation.respond(message, self.state, self.commune, self.now)
        self.state = State.from_json(outcome.state.to_json())
        assert self.state == outcome.state
        return outcome


def text_of(outcome: Outcome) -> str:
    """Everything said, in one string."""
    return "\n\n".join(reply.text for reply in outcome.replies)


def titles(outcome: Outcome) -> list[str]:
    """What the buttons say."""
    return [button.title for reply in outcome.replies for button in reply.buttons]


def tap(talk: Talk, outcome: Outcome, title: str) -> Outcome:
    """Tap the button of that title."""
    return talk.says(payload(outcome, title))


def payload(outcome: Outcome, title: str) -> str:
    """What a tap on the button of that title sends."""
    return next(b.payload for reply in outcome.replies for b in reply.buttons if b.title == title)
