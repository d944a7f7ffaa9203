"""Old addresses: the table agrees with the list of today's units, and nothing that could be two places is guessed."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import knowledge
from knowledge.addresses import address_book, find_old_address
from knowledge.addresses.book import HOME_PROVINCE, home_units, read_book, table_path
from knowledge.addresses.names import fold, kind_of, without_kind

BOOK = address_book()


def row(old: str, new: str, district: str = "Huyện Tứ Kỳ", kind: str = "merged") -> dict[str, str]:
    return {
        "old_province": "Tỉnh Hải Dương",
        "old_district": district,
        "old_ward": old,
        "old_ward_key": fold(old),
        "new_province": HOME_PROVINCE,
        "new_ward": new,
        "new_ward_key": fold(new) or "lost",
        "mapping_type": kind,
    }


def test_the_units_of_hai_phong_are_exactly_those_of_the_official_list() -> None:
    ours = {new.name for news in BOOK.new_of.values() for new in news if new.province == HOME_PROVINCE}
    # Bạch Long Vĩ had no wards before 1/7/2025, so no old ward leads there.
    assert set(home_units().values()) - ours == {"Đặc khu Bạch Long Vĩ"}
    assert ours <= set(home_units().values())
    assert len(home_units()) == 114


def test_the_five_communes_stand_in_the_list_with_their_codes() -> None:
    for commune in knowledge.load().communes.values():
        name = home_units()[commune.unit_code]
        assert name.lower() == commune.full_name.lower()


def test_what_the_plans_say_of_mergers_agrees_with_the_table() -> None:
    told = [commune for commune in knowledge.load().communes.values() if commune.merged_from is not None]
    assert told, "Đại Sơn's plan names its former communes"
    for commune in told:
        assert commune.merged_from is not None
        made_of = BOOK.made_of(home_units()[commune.unit_code])
        whole = {without_kind(old.ward) for old, partly in made_of if not partly}
        part = {without_kind(old.ward) for old, partly in made_of if partly}
        assert whole == {without_kind(name.split("(")[0].strip()) for name in commune.merged_from.whole}
        assert part == {without_kind(name.split("(")[0].strip()) for name in commune.merged_from.part}


def test_every_old_unit_of_the_city_is_found_by_its_full_address_with_and_without_marks() -> None:
    wrong = []
    kinds: Counter[str] = Counter()
    for old, news in BOOK.new_of.items():
        if not BOOK.is_home(old):
            continue
        expected = "one" if len(news) == 1 else "split"
        kinds[expected] += 1
        marked = f"{old.ward}, {old.district}, {old.province}"
        for text in (marked, marked.lower().replace(",", "")):
            finding = find_old_address(BOOK, text)
            if (finding.kind, finding.old, finding.new) != (expected, (old,), news):
                wrong.append((text, finding))
        bare = find_old_address(BOOK, fold(marked))
        if old not in bare.old or bare.kind not in (expected, "several"):
            wrong.append((fold(marked), bare))
    assert wrong == []
    assert kinds["one"] > 280 and kinds["split"] > 50


def test_a_split_unit_is_never_given_one_answer() -> None:
    rows = json.loads(table_path().read_text("utf-8"))["ward_mapping"]
    divided = {(r["old_ward"], r["old_district"], r["old_province"]) for r in rows if r["mapping_type"] == "divided"}
    for old, news in BOOK.new_of.items():
        if (old.ward, old.district, old.province) in divided:
            assert len(news) > 1, old


@pytest.mark.parametrize(
    ("text", "ward", "new"),
    [
        ("xã Bình Lãng huyện Tứ Kỳ giờ là xã gì", "Xã Bình Lãng", "Xã Đại Sơn"),
        ("xa binh lang h.tu ki tinh hai duong", "Xã Bình Lãng", "Xã Đại Sơn"),
        ("binh lang tu ky", "Xã Bình Lãng", "Xã Đại Sơn"),
        ("nha toi o thon 3 xã vĩnh cường", "Xã Vĩnh Cường", "Xã Hà Đông"),
        ("xa vinh cuongg thanh ha", "Xã Vĩnh Cường", "Xã Hà Đông"),
        ("p. an lac tp chi linh", "Phường An Lạc", "Phường Lê Đại Hành"),
        ("xã Cẩm Hoàng huyện Cẩm Giàng", "Xã Cẩm Hoàng", "Xã Cẩm Giang"),
        ("xã Quỳnh Hồng huyện Quỳnh Phụ thái bình", "Xã Quỳnh Hồng", "Xã Quỳnh Phụ"),
    ],
)
def test_addresses_as_people_type_them(text: str, ward: str, new: str) -> None:
    finding = find_old_address(BOOK, text)
    assert finding.kind == "one"
    assert (finding.old[0].ward, finding.new[0].name) == (ward, new)


@pytest.mark.parametrize("text", ["xa hung dao huyen tu ky", "Xã Thanh Hải, Thanh Hà", "phuc dien cam giang"])
def test_a_split_unit_names_all_its_successors(text: str) -> None:
    finding = find_old_address(BOOK, text)
    assert finding.kind == "split"
    assert len(finding.new) >= 2


def test_a_name_that_several_places_had_is_asked_about() -> None:
    finding = find_old_address(BOOK, "xã Lê Lợi giờ là xã gì")
    assert finding.kind == "several"
    assert {old.district for old in finding.old} >= {"Huyện Gia Lộc", "Quận An Dương"}


def test_marks_tell_names_apart_that_are_one_without_them() -> None:
    book = read_book([row("Xã Minh Quân", "Xã Một"), row("Xã Minh Quán", "Xã Hai")], {})
    assert find_old_address(book, "xã Minh Quán").new[0].name == "Xã Hai"
    assert find_old_address(book, "xa minh quan").kind == "several"


def test_a_row_without_a_name_leaves_the_whole_old_unit_out() -> None:
    book = read_book([row("Xã Vân Sơn", "Xã Một", kind="divided"), row("Xã Vân Sơn", "", kind="divided")], {})
    assert find_old_address(book, "xã Vân Sơn huyện Tứ Kỳ").kind == "none"
    mended = read_book([row("Xã Vân Sơn", "Xã Một"), row("Xã Vân Sơn", "")], {"lost": "Xã Hai"})
    assert find_old_address(mended, "xã Vân Sơn").kind == "split"


@pytest.mark.parametrize(
    "text", ["", "xã hội hóa", "xã mình ở đâu", "địa chỉ mới của tôi", "an sinh xã hội", "hai duong"]
)
def test_what_is_no_address_finds_nothing(text: str) -> None:
    assert find_old_address(BOOK, text).kind == "none"


def test_a_bare_name_counts_only_where_an_address_was_asked_for() -> None:
    assert find_old_address(BOOK, "bình lãng").kind == "none"
    assert find_old_address(BOOK, "bình lãng", expected=True).kind == "one"


def test_a_unit_of_today_is_recognised_with_what_it_was_made_of() -> None:
    finding = find_old_address(BOOK, "xã Hà Bắc")
    assert (finding.kind, finding.new[0].name) == ("new", "Xã Hà Bắc")
    assert ("Xã Tân Việt", False) in {(old.ward, partly) for old, partly in BOOK.made_of("Xã Hà Bắc")}


def test_names_are_folded_without_their_kind() -> None:
    assert without_kind("Thị trấn Thanh Hà") == "thanh ha"
    assert without_kind("Xã Đại Sơn") == "dai son"
    assert kind_of("Phường Lê Lợi") == "phuong"
    assert fold("Tứ Kỳ") == fold("Tứ Kì")


@given(st.text(max_size=300))
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    assert find_old_address(BOOK, text, expected=True).kind in ("one", "split", "several", "new", "none")
