"""A desk that knows one volunteer, for talks of teams, personal data and marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conversation_talk import BAC_TU, NOON, DeskByHeart, Talk, commune_of_villages, understood

from bot.conversation.desk import ForwardView, VolunteerView
from bot.people import Person
from intents import Understanding

ENROLMENT = "TO-ABCD-EFGD"
LINK = "CG-7K3M9"
QUESTION = "mẹ tôi làm khai sinh cho cháu hết bao nhiêu"


@dataclass
class TeamDesk(DeskByHeart):
    """``team`` is the village of BAC_TU's enrolment, "" for nobody's."""

    team: str = "thôn đoài"
    codes_known: dict[str, str] = field(default_factory=dict)
    forwards: list[ForwardView] = field(default_factory=list)
    paragraphs: Sequence[str] = ()

    def volunteer(self, person: Person) -> VolunteerView | None:
        return VolunteerView(self.team, NOON) if self.team and person == BAC_TU else None

    def enrolment_village(self, commune_id: str, code: str) -> str | None:
        return self.codes_known.get(code) if commune_id == "ha-dong" else None

    def forwards_of(self, person: Person) -> Sequence[ForwardView]:
        return self.forwards if person == BAC_TU else ()

    def forward_exists(self, commune_id: str, link_code: str) -> bool:
        return any(one.link_code == link_code for one in self.forwards)

    def data_of(self, person: Person) -> Sequence[str]:
        return self.paragraphs if person == BAC_TU else ()


def talk_of(desk: TeamDesk | None = None, **lines: Understanding) -> Talk:
    """BAC_TU's talk in a commune of three villages."""
    known = {QUESTION: understood("answer", "khai-sinh", facet="fee"), **lines}
    return Talk(known, commune=commune_of_villages("Thôn Đoài", "Thôn Đông", "Thôn Hạ"), desk=desk or TeamDesk())
