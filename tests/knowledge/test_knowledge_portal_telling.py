"""What a resident reads of a procedure: status, replacement, link; and what officials read of an import."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

import knowledge
from knowledge import portal
from knowledge.communes import Commune
from knowledge.portal import ApprovedFacet, Listing, Procedure, ProcedureIndex, Record
from knowledge.portal.differences import Known, differences, doubts_about_topics, is_older, topics_by_code, unlisted
from knowledge.portal.links import is_search, link_to
from knowledge.portal.records import read_record
from knowledge.portal.rendering import card, facet_text, offered_facets, portal_line
from knowledge.rendering import MAXIMUM_MESSAGE_LENGTH

LIBRARY = knowledge.load()
COMMUNE = LIBRARY.communes["ha-dong"]
INDEX = portal.packaged_index()
ON = date(2026, 11, 22)
WARD = "019bad30-cd84-7750-aaa5-8100fc7ceef8"
PAGE = "019d2bfd-380b-73c4-9566-9e8b26bbfec6"
RECORD = read_record((Path(__file__).parent / "samples/portal-record.json").read_text("utf-8"))


def _listing(**fields: object) -> Listing:
    values: dict[str, object] = {"code": "1.000001", "name": "Đăng ký việc thử", "as_of": date(2026, 11, 1), **fields}
    return Listing(**values)  # type: ignore[arg-type]


def _card(listing: Listing, *others: Listing, on: date = ON, commune: Commune = COMMUNE) -> str:
    index = ProcedureIndex(Procedure(one) for one in (listing, *others))
    return card(Procedure(listing), index, commune, on)


def _commune(ward: str) -> Commune:
    return COMMUNE.overlaid({"ward_uuid": ward})


def test_no_packaged_commune_has_a_ward_uuid_and_officials_are_asked_for_it() -> None:
    for commune in LIBRARY.communes.values():
        assert commune.contact.ward_uuid is None
        assert "ward_uuid" in dict(commune.missing())


def test_without_a_ward_uuid_the_plain_page_or_a_search_by_code() -> None:
    assert link_to(_listing(formality_id=PAGE), COMMUNE) == f"https://dichvucong.gov.vn/thu-tuc-hanh-chinh/{PAGE}"
    search = link_to(_listing(), COMMUNE)
    assert search == "https://dichvucong.gov.vn/tim-kiem-thu-tuc-hanh-chinh?keyword=1.000001"
    assert is_search(search)


def test_with_a_ward_uuid_the_commune_s_own_link() -> None:
    commune = _commune(WARD.upper())
    link = urlsplit(link_to(_listing(formality_id=PAGE), commune))
    query = {name: values[0] for name, values in parse_qs(link.query).items()}
    assert link.path == "/tim-kiem-thu-tuc-hanh-chinh"
    assert query["formalityId"] == PAGE
    assert query["ward"] == query["agency"] == query["departmentId"] == WARD
    assert (query["wardCode"], query["provinceCode"]) == (commune.unit_code, "31")
    assert query["province"] == "019bad30-cd83-76ea-9f9a-bc6cebad4138"
    assert (query["searchType"], query["commune"], query["isProvince"]) == ("PROVINCE", "WARD", "0")
    assert "keyword=1.000001" in link_to(_listing(), commune)


@pytest.mark.parametrize("ward", ["chưa rõ", "019bad30", WARD + "x", "../../x"])
def test_what_is_no_uuid_is_no_ward(ward: str) -> None:
    assert link_to(_listing(formality_id=PAGE), _commune(ward)).endswith(PAGE)


def test_a_city_whose_id_nobody_knows_gets_the_plain_page() -> None:
    elsewhere = _commune(WARD).model_copy(update={"province_code": "01"})
    assert link_to(_listing(formality_id=PAGE), elsewhere).endswith(PAGE)


def test_what_is_in_force_says_since_when_it_was_looked_at() -> None:
    text = _card(_listing(formality_id=PAGE, decision="3266/QĐ-UBND", source_url="https://namsach.haiphong.gov.vn/x"))
    assert "Mã thủ tục: 1.000001" in text
    assert "theo danh mục xem ngày 01/11/2026" in text
    assert "Trung tâm Phục vụ hành chính công xã Hà Đông" in text
    assert PAGE in text
    assert "Nguồn: Quyết định 3266/QĐ-UBND (namsach.haiphong.gov.vn) · Cập nhật 01/11/2026" in text


def test_what_is_repealed_says_so_and_names_only_a_recorded_replacement() -> None:
    gone = _listing(status="repealed", repeal_date=date(2026, 9, 8), formality_id=PAGE)
    text = _card(gone)
    assert "ĐÃ BÃI BỎ từ 08/09/2026" in text
    assert "không có ghi chép thủ tục nào thay thế" in text
    assert "http" not in text
    replaced = replace(gone, replaced_by="2.000002")
    assert "Nay làm theo mã 2.000002." in _card(replaced)
    assert "Nay làm theo mã 2.000002: Việc mới." in _card(replaced, _listing(code="2.000002", name="Việc mới"))


def test_what_is_to_come_says_from_when() -> None:
    coming = _listing(status="future", active_date=date(2027, 3, 1))
    assert "CHƯA ÁP DỤNG. Áp dụng từ 01/03/2027" in _card(coming)
    assert "CHƯA ÁP DỤNG" not in _card(coming, on=date(2027, 3, 1))


def test_what_a_newer_list_lacks_is_told_honestly() -> None:
    text = _card(unlisted(_listing(), date(2027, 1, 5)))
    assert "Danh mục xem ngày 05/01/2027 không có thủ tục này" in text


def test_a_near_twin_is_pointed_out() -> None:
    text = card(INDEX.procedures["1.012786"], INDEX, COMMUNE, ON)
    assert "1.115621" in text
    assert "cần xác minh" not in text


def test_every_card_of_the_list_fits_one_message_and_shows_nothing_raw() -> None:
    for commune in (COMMUNE, _commune(WARD)):
        for procedure in INDEX.procedures.values():
            text = card(procedure, INDEX, commune, ON)
            assert len(text) <= MAXIMUM_MESSAGE_LENGTH
            assert not set(text) & set("{}")
            assert procedure.code in text
            assert procedure.status_on(ON) == "repealed" or "https://dichvucong.gov.vn/" in text


def test_only_approved_parts_are_offered_and_carry_their_source() -> None:
    facets = {"fee": ApprovedFacet(RECORD.facets["fee"], RECORD.updated)}
    procedure = portal.joined(None, RECORD, facets)
    assert offered_facets(procedure) == ("fee",)
    text = facet_text(procedure, "fee", COMMUNE)
    assert "3.000 đồng/thẻ" in text
    assert "Nguồn: Cổng dịch vụ công quốc gia, mã 9.999901 · Cập nhật 02/01/2099" in text
    with pytest.raises(KeyError):
        facet_text(procedure, "papers", COMMUNE)
    assert "chưa thấy trong danh mục" in card(procedure, ProcedureIndex([procedure]), COMMUNE, ON)


def test_a_record_lends_its_page_to_a_listing_without_one_and_never_its_name() -> None:
    listed = portal.joined(_listing(code="9.999901"), RECORD, {})
    assert listed.listing.name == "Đăng ký việc thử"
    assert listed.listing.formality_id == RECORD.formality_id
    assert "Đăng ký việc thử" in portal_line(listed.listing, COMMUNE)


def test_names_with_braces_cannot_reach_into_the_profile() -> None:
    facets = {"result": ApprovedFacet("Thẻ (desk)", ON)}
    assert "Trung tâm" not in facet_text(Procedure(_listing(), facets), "result", COMMUNE).split("\n")[0]


def test_an_import_shows_new_changed_and_gone() -> None:
    known = Known({one.code: one for one in (_listing(), _listing(code="1.000002"))}, {})
    changed = _listing(status="repealed", repeal_date=date(2026, 11, 20), as_of=date(2026, 11, 21))
    new = _listing(code="1.000003", name="Việc mới")
    found = differences(known, {one.code: one for one in (changed, new)}, {}, whole=True)
    assert [(one.kind, one.code) for one in found] == [
        ("changed", "1.000001"),
        ("new", "1.000003"),
        ("gone", "1.000002"),
    ]
    assert found[0].what == ("tình trạng", "ngày bãi bỏ")
    again = Known({one.code: one for one in (changed, new)}, {})
    assert differences(again, {one.code: one for one in (changed, new)}, {}, whole=True) == []
    assert differences(known, {changed.code: changed}, {}, whole=False)[-1].kind != "gone"


def test_a_new_look_alone_is_no_change() -> None:
    known = Known({"1.000001": _listing()}, {RECORD.code: RECORD})
    assert differences(known, {"1.000001": _listing(as_of=ON)}, {}, whole=False) == []
    assert differences(known, {}, {RECORD.code: replace(RECORD, updated=ON)}, whole=False) == []
    changed = replace(RECORD, fees=(5000,))
    assert [one.kind for one in differences(known, {}, {RECORD.code: changed}, whole=False)] == ["changed"]


def test_an_older_list_sets_nothing_back() -> None:
    known = Known({"1.000001": _listing(status="repealed", as_of=ON)}, {})
    older = _listing()
    assert is_older(known, older)
    assert [one.kind for one in differences(known, {"1.000001": older}, {}, whole=False)] == ["older"]


def test_curated_answers_that_now_differ_are_named() -> None:
    topic = LIBRARY.topics["khai-sinh"]
    code = topic.procedure_code
    assert code is not None
    assert topics_by_code([topic])[code] == [topic]
    repealed = {code: _listing(code=code, status="repealed")}
    assert doubts_about_topics([topic], repealed, {}, ON) == [f"chủ đề khai-sinh: mã {code} nay đã bãi bỏ"]
    record = Record(code, "x", "y", "", ON, {}, fees=(123_456,), working_days=77)
    told = doubts_about_topics([topic], {}, {code: record}, ON)
    assert any("123.456 đồng" in one for one in told)
    assert any("77 ngày" in one for one in told)


def test_curated_answers_agree_with_the_packaged_list() -> None:
    listings = {one.code: one for one in portal.packaged_listings()}
    assert doubts_about_topics(LIBRARY.topics.values(), listings, {}, ON) == []
