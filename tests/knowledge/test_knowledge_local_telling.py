"""What a commune's own lists add to an answer, and how an empty one is admitted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import knowledge
from knowledge.profile_lists import LIST_KINDS, item_key
from knowledge.rendering import MAXIMUM_MESSAGE_LENGTH

TODAY = date(2026, 11, 22)
LIBRARY = knowledge.load()
PROFILE = LIBRARY.communes["ha-dong"]


def told(profile: knowledge.Commune, topic: str, facet: str) -> str:
    return LIBRARY.answer(topic, facet, profile, TODAY).text


def test_what_no_plan_states_is_empty_and_asked_for() -> None:
    for profile in LIBRARY.communes.values():
        assert [name for name, _ in profile.missing_lists()] == ["villages", "help_points", "volunteers", "groups"]


def test_what_a_plan_states_is_there() -> None:
    assert [item["day"] for item in LIBRARY.communes["kien-minh"].items("annual_events")] == ["21/4", "18/5"]
    assert {"name": "Mỗi thôn một sáng kiến"} in LIBRARY.communes["ha-bac"].items("campaigns")


def test_an_empty_list_is_admitted_where_the_topic_needs_it() -> None:
    text = told(PROFILE, "to-cong-nghe-so", "place")
    assert "Xã chưa cập nhật ở đây: điểm hỗ trợ số, người trong Tổ công nghệ số." in text
    assert "Xã chưa cập nhật ở đây: giờ phát loa truyền thanh" in told(PROFILE, "truyen-thanh", "time")
    assert "Phường chưa cập nhật" in told(LIBRARY.communes["le-dai-hanh"], "truyen-thanh", "time")


def test_a_filled_profile_is_told_and_admits_nothing() -> None:
    filled = PROFILE.overlaid({"broadcast_hours": "5 giờ và 17 giờ", "website": "trang của xã"}).with_items(
        "groups", [{"name": "Nhóm thôn Một", "link": "zalo.me/g/abc"}]
    )
    text = told(filled, "truyen-thanh", "time")
    assert "• Giờ phát loa truyền thanh: 5 giờ và 17 giờ" in text
    assert "• Nhóm thông tin: Nhóm thôn Một, zalo.me/g/abc" in text
    assert "chưa cập nhật" not in text


def test_a_village_is_told_without_its_long_rules() -> None:
    village = {"name": "Thôn Một", "leader": "Trưởng thôn", "contact": "", "rules": "Không đốt rơm."}
    text = told(PROFILE.with_items("villages", [village]), "dia-chi-lien-he", "overview")
    assert "• Thôn, tổ dân phố: Thôn Một, Trưởng thôn" in text and "rơm" not in text


@pytest.mark.parametrize("length", [10, 200])
def test_a_long_list_is_cut_and_the_answer_still_fits_one_message(length: int) -> None:
    points = [{"place": f"{number} " + "x" * length, "days": "y" * length} for number in range(40)]
    volunteers = [{"name": f"{number} " + "x" * length, "contact": "y" * length} for number in range(40)]
    full = PROFILE.with_items("help_points", points).with_items("volunteers", volunteers)
    for facet in ("overview", "time", "place"):
        text = told(full, "to-cong-nghe-so", facet)
        assert len(text) <= MAXIMUM_MESSAGE_LENGTH
        assert "mục nữa, bác hỏi Phòng Văn hóa - Xã hội xã Hà Đông" in text


@pytest.mark.parametrize("kind", sorted(LIST_KINDS))
def test_a_list_put_back_is_the_same_list(kind: str) -> None:
    for profile in LIBRARY.communes.values():
        assert profile.with_items(kind, profile.items(kind)) == profile


def test_items_are_told_apart_by_name_with_marks_without_case() -> None:
    assert item_key(" Thôn  HÀ ") == item_key("thôn hà") != item_key("thôn hạ")


def test_the_leader_of_a_group_is_called_as_the_plan_calls_them() -> None:
    assert PROFILE.fill("hỏi {subunit_leader}") == "hỏi trưởng thôn"
    assert LIBRARY.communes["le-dai-hanh"].fill("hỏi {subunit_leader}") == "hỏi tổ trưởng tổ dân phố"


def test_check_names_an_item_that_is_too_long_and_a_version_without_source(plant: Any) -> None:
    def lengthen(content: dict[str, object]) -> None:
        content["help_points"] = [{"place": "x" * 201}]

    def lose_source(content: dict[str, Any]) -> None:
        content["facets"]["fee"] = {"versions": [{"text": "Miễn.", "source": ""}]}

    assert [(one.where, one.message) for one in plant("communes/ha-dong.yaml", lengthen)] == [
        ("help_points.0.place", "dài 201 ký tự, tối đa 200")
    ]
    assert "facets.fee.versions.0.source" in {one.where for one in plant("topics/ho-tich/khai-sinh.yaml", lose_source)}
