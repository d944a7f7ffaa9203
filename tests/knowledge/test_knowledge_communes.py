"""Profiles: names of units, placeholders, empty contact fields, staff edits laid over."""

from __future__ import annotations

import pytest

import knowledge
from knowledge.communes import CONTACT_LABELS, PLACEHOLDERS


def commune(slug: str = "ha-dong") -> knowledge.Commune:
    return knowledge.load().communes[slug]


def test_the_five_communes_have_their_official_codes() -> None:
    codes = {slug: profile.unit_code for slug, profile in knowledge.load().communes.items()}
    assert codes == {
        "ha-dong": "10882", "dai-son": "11086", "kien-minh": "11725", "le-dai-hanh": "10603", "ha-bac": "10816",
    }  # fmt: skip


def test_units_carry_the_name_of_their_own_commune() -> None:
    assert commune().unit_name("economy_unit") == "Phòng Kinh tế xã Hà Đông"
    ward = commune("le-dai-hanh")
    assert ward.unit_name("economy_unit") == "Phòng Kinh tế, Hạ tầng và Đô thị phường Lê Đại Hành"
    assert ward.fill("{police} ở {subunit}") == "Công an phường Lê Đại Hành ở tổ dân phố"


def test_units_the_plan_does_not_name_are_marked() -> None:
    assert [unit.name for unit in commune().units if not unit.stated_in_plan] == ["Công an"]


def test_every_placeholder_has_a_value_in_every_commune() -> None:
    for profile in knowledge.load().communes.values():
        values = profile.placeholder_values()
        assert values.keys() == PLACEHOLDERS and all(values.values())


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{commune} có", "Xã Hà Đông có"),
        ("UBND {commune}.", "UBND xã Hà Đông."),
        ("Nộp tiền. {commune_type} thu", "Nộp tiền. Xã thu"),
        ("• {commune_type} thu\n{subunit} báo", "• Xã thu\nThôn báo"),
        ("ở {commune}, {subunit}", "ở xã Hà Đông, thôn"),
        ("Hỏi {mayor} nhé", "Hỏi xã Hà Đông nhé"),
    ],
)
def test_placeholders_take_a_capital_at_the_beginning_of_a_sentence(text: str, filled: str) -> None:
    assert commune().fill(text) == filled


def test_an_empty_profile_says_so_and_names_no_hours() -> None:
    assert commune().fill("{desk_contact}") == (
        "Xã chưa cập nhật địa chỉ, giờ làm việc và số điện thoại ở đây; "
        "bác đến trực tiếp Trung tâm Phục vụ hành chính công xã Hà Đông trong giờ hành chính."
    )
    assert ".." not in commune().fill("Nơi làm: {desk_contact}.")


def test_a_partly_filled_profile_tells_what_it_knows_and_what_not() -> None:
    filled = commune().overlaid({"desk_phone": "số tự điền", "desk_address": "thôn Một."})
    assert filled.fill("{desk_contact}") == ("Địa chỉ: thôn Một; điện thoại: số tự điền. Chưa cập nhật: giờ làm việc.")


def test_every_contact_field_is_empty_in_the_packaged_profiles_and_listed() -> None:
    for profile in knowledge.load().communes.values():
        assert [key for key, _ in profile.missing()] == list(CONTACT_LABELS)


def test_staff_edits_lie_over_the_profile_without_changing_it() -> None:
    profile = commune()
    edited = profile.overlaid({"hotline": " số tự điền ", "unit.culture_unit": "Phòng Văn hóa"})
    assert edited.contact.hotline == "số tự điền"
    assert edited.unit_name("culture_unit") == "Phòng Văn hóa xã Hà Đông"
    assert ("hotline", "Đường dây nóng") not in edited.missing()
    assert profile.contact.hotline is None
    assert edited.overlaid({"hotline": ""}).contact.hotline is None


@pytest.mark.parametrize("key", ["fax", "unit.mayor", "name"])
def test_an_unknown_field_cannot_be_edited(key: str) -> None:
    with pytest.raises(KeyError):
        commune().overlaid({key: "x"})
