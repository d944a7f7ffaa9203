"""What the commune's own profile tells, asked in words; an empty profile is admitted and never filled by guessing."""

from __future__ import annotations

import pytest
from conversation_talk import Talk, commune, text_of, titles, understood

from bot.conversation import Outcome
from intents import Understanding
from knowledge import Commune
from knowledge.communes import Unit
from knowledge.profile_lists import Group, Village

VILLAGES = (
    Village(name="Thôn Đoài", leader="Trưởng thôn: ông A", rules="Giữ sạch đường làng."),
    Village(name="Thôn Đoài Trong", leader="Trưởng thôn: bà B"),
)
UNSURE = understood("clarify", "khai-sinh")


def profile(**contact: str) -> Commune:
    units = (
        Unit(role="desk", name="Trung tâm Phục vụ hành chính công", duties="nhận hồ sơ"),
        Unit(role="economy_unit", name="Phòng Kinh tế", duties="chợ, hợp tác xã"),
        Unit(role="police", name="Công an"),
    )
    others = tuple(unit for unit in commune().units if unit.role not in ("desk", "economy_unit", "police"))
    groups = (Group(name="Nhóm thôn Đoài", link="https://zalo.me/g/x"),)
    update = {"villages": VILLAGES, "groups": groups, "units": (*units, *others)}
    return commune(**contact).model_copy(update=update)


def told(text: str, understanding: Understanding = UNSURE, own: Commune | None = None) -> Outcome:
    return Talk({text: understanding}, commune=own or profile(hotline="0225 1234567")).says(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("trưởng thôn Đoài là ai", "Thôn Đoài\nNgười phụ trách: Trưởng thôn: ông A\nQuy ước: Giữ sạch đường làng."),
        ("truong thon doai trong la ai", "Thôn Đoài Trong\nNgười phụ trách: Trưởng thôn: bà B"),
        ("quy ước thôn Đoài Trong", "chưa cập nhật quy ước của nơi này"),
        ("trưởng thôn Bắc là ai", "Thôn, tổ dân phố: Thôn Đoài, Trưởng thôn: ông A"),
        ("xã mình có những thôn nào", "Thôn, tổ dân phố: Thôn Đoài, Trưởng thôn: ông A"),
        ("phòng kinh tế phụ trách gì", "Phòng Kinh tế xã Hà Đông lo: chợ, hợp tác xã."),
        ("công an xã làm gì", "không nêu riêng việc của Công an"),
        (
            "xã có những phòng nào",
            "• Trung tâm Phục vụ hành chính công: nhận hồ sơ\n• Phòng Kinh tế: chợ, hợp tác xã\nTheo",
        ),
        ("đường dây nóng", "Đường dây nóng: 0225 1234567"),
        ("cho xin nhóm zalo của xã", "Nhóm thông tin: Nhóm thôn Đoài, https://zalo.me/g/x"),
        ("chủ tịch xã là ai", "Xã chưa cập nhật tên, chức vụ lãnh đạo ở đây."),
    ],
)
def test_the_profile_answers(text: str, said: str) -> None:
    outcome = told(text)
    assert said in text_of(outcome)
    assert outcome.decision.decision == "answer"


def test_a_village_offers_to_report_and_to_propose_there() -> None:
    assert titles(told("trưởng thôn Đoài là ai")) == ["Gửi phản ánh", "Gửi sáng kiến"]


@pytest.mark.parametrize(
    "text", ["xã mình có những thôn nào", "đường dây nóng", "nhóm zalo của xã", "chủ tịch xã là ai"]
)
def test_what_the_profile_lacks_is_said_to_be_lacking(text: str) -> None:
    said = text_of(told(text, own=commune()))
    assert "chưa cập nhật" in said and "Trung tâm Phục vụ hành chính công" in said


@pytest.mark.parametrize(
    ("text", "understanding"),
    [
        ("xã mình nên lập nhóm zalo từng thôn", understood("clarify", "@idea", "truyen-thanh")),
        ("trưởng thôn Đoài là ai mà không chịu ký", understood("action", "@feedback", action="feedback")),
        ("khai sinh liên hệ ai ở thôn Đoài", understood("answer", "khai-sinh", facet="place")),
        ("đường dây nóng điện lực", understood("fallback", pointer="ly-hon-toa-an")),
        ("phòng kinh tế", UNSURE),
        ("thôn Đoài mất điện", UNSURE),
        ("hôm qua tôi ra gặp ông trưởng thôn Đoài hỏi quy ước mà ông ấy bảo là chưa có giấy gì", UNSURE),
    ],
)
def test_other_messages_that_name_the_same_things_are_left_alone(text: str, understanding: Understanding) -> None:
    assert not str(told(text, understanding).trace["route"]).startswith("own:")
