"""Every procedure of the official list is found by its code and its name; plain words find everyday ones first."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import knowledge
from knowledge import portal
from knowledge.portal import Listing, Procedure, ProcedureIndex
from knowledge.portal.cleaning import folded
from knowledge.portal.index import tier_of

INDEX = portal.packaged_index()
CURRENT = [one for one in INDEX.procedures.values() if one.listing.status == "current"]
ON = date(2026, 11, 22)


def _drop_a_letter(name: str) -> str:
    place = random.Random(name).randrange(1, len(name) - 1)
    return name[:place] + name[place + 1 :]


def _found_share(change: Callable[[str], str]) -> float:
    """Share of the current rows found alone, or among the choices where names coincide or nearly do."""
    found = 0
    for procedure in CURRENT:
        result = INDEX.by_name(change(procedure.listing.name))
        codes = [hit.procedure.code for hit in result.hits]
        found += codes[:1] == [procedure.code] if result.kind == "confident" else procedure.code in codes
    return found / len(CURRENT)


def test_the_packaged_list_is_whole() -> None:
    assert len(INDEX.procedures) == 321
    assert len(CURRENT) >= 280
    assert {one.listing.status for one in INDEX.procedures.values()} == {"current", "repealed", "future"}


def test_every_curated_topic_named_by_the_list_exists() -> None:
    topics = knowledge.load().topics
    named = {one.listing.topic for one in INDEX.procedures.values()} - {""}
    assert named and named <= set(topics)


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (str, 1.0),
        (folded, 1.0),
        (str.upper, 1.0),
        (lambda name: f"Cho tôi hỏi thủ tục {name.lower()} cần giấy tờ gì ạ?", 0.97),
        (lambda name: name + ".", 1.0),
        (_drop_a_letter, 0.95),
    ],
    ids=["as written", "without marks", "capitals", "inside a question", "full stop", "a letter dropped"],
)
def test_current_procedures_are_found_by_their_names(change: Callable[[str], str], least: float) -> None:
    assert _found_share(change) >= least


@pytest.mark.parametrize("status", ["repealed", "future"])
def test_procedures_not_in_force_are_found_too(status: str) -> None:
    for procedure in INDEX.procedures.values():
        if procedure.listing.status == status:
            hits = INDEX.by_name(procedure.listing.name).hits
            assert procedure.code in [hit.procedure.code for hit in hits]


def test_a_code_finds_exactly_its_procedure_and_a_slip_finds_none() -> None:
    assert all(INDEX.by_code(one.code) is one for one in INDEX.procedures.values())
    assert INDEX.by_code("1.001139") is None
    assert INDEX.by_code("") is None


def test_two_procedures_of_one_name_are_both_offered() -> None:
    found = INDEX.by_name("Cấp giấy chứng nhận bị phơi nhiễm với HIV do tai nạn rủi ro nghề nghiệp")
    assert found.kind == "choices"
    assert found.same_name
    assert [hit.procedure.code for hit in found.hits] == ["1.013860", "1.013864"]


def test_a_name_with_a_word_more_is_asked_about_not_taken() -> None:
    found = INDEX.by_name("rút yêu cầu trợ giúp pháp lý")
    assert found.kind == "choices"
    assert [hit.procedure.code for hit in found.hits] == ["2.001680", "2.000829"]


def test_a_name_cut_short_may_be_another() -> None:
    found = INDEX.by_name("Cấp, cấp lại Giấy phép vận tải đường bộ quốc tế giữa Việt Nam và")
    assert found.kind == "choices"


def test_a_slip_is_forgiven() -> None:
    found = INDEX.by_name("dang ky giam sat viec giam hoj")
    assert (found.kind, found.hits[0].procedure.code) == ("confident", "3.000323")


@pytest.mark.parametrize("words", ["giấy phép vận tải", "giay phep kinh doanh van tai", "xin cấp giấy phép vận tải"])
def test_border_permits_never_stand_before_everyday_procedures(words: str) -> None:
    tiers = [tier_of(hit.procedure.listing) for hit in INDEX.by_words(words).hits]
    assert tiers[0] == 1
    assert tiers == sorted(tiers)


def test_a_border_permit_is_found_by_who_asks_for_it() -> None:
    hits = INDEX.by_words("giấy phép vận tải Campuchia").hits
    assert hits[0].procedure.code == "1.000302"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("bồi thường do cán bộ làm sai", "2.002165"),
        ("toi muon xin phu hieu xe tai", "2.002288"),
        ("thi công chức xã", "1.014111"),
        ("mở cửa hàng bán gas cần giấy tờ gì", "2.001283"),
        ("thôi quốc tịch việt nam thì làm thế nào", "2.002036"),
    ],
)
def test_what_residents_say_is_asked_about_never_taken(words: str, code: str) -> None:
    for found in (INDEX.by_name(words), INDEX.by_words(words)):
        assert found.kind != "confident"
        if found.hits:
            assert found.hits[0].procedure.code == code
    assert INDEX.by_name(words).hits or INDEX.by_words(words).hits


def test_every_saying_belongs_to_a_procedure_in_force() -> None:
    for code, words in portal.sayings():
        assert INDEX.procedures[code].status_on(ON) == "current", code
        assert words.strip()


@pytest.mark.parametrize("name", ["Lào", "Campuchia", "Trung Quốc", "quá cảnh", "ASEAN", "GMS"])
def test_border_names_are_rare_whatever_the_list_says(name: str) -> None:
    assert tier_of(_listing(f"Cấp giấy phép {name} cho xe", everyday=True)) == 3


def test_a_row_that_does_not_say_is_ranked_by_its_field() -> None:
    assert tier_of(_listing("Đăng ký việc này", field="Hộ tịch")) == 1
    assert tier_of(_listing("Đăng ký việc này", field="Báo chí")) == 3
    assert tier_of(_listing("Đăng ký việc này", field="Lĩnh vực mới")) == 2


@pytest.mark.parametrize(
    "text", ["", " ", "?", "làm", "thời tiết hôm nay thế nào", "mua xe trả góp ở đâu rẻ", "ly hôn ở đâu", "đ" * 3000]
)
def test_what_is_no_procedure_finds_none(text: str) -> None:
    assert INDEX.by_name(text).kind == "none"
    assert INDEX.by_words(text).kind == "none"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_may_be_searched(text: str) -> None:
    for hit in (*INDEX.by_name(text).hits, *INDEX.by_words(text).hits):
        assert 0 <= hit.likeness <= 100.001
        assert 0 <= hit.coverage <= 100.001


def test_an_empty_index_finds_nothing() -> None:
    empty = ProcedureIndex([])
    assert empty.by_name("đăng ký khai sinh").kind == "none"
    assert empty.by_words("đăng ký khai sinh").kind == "none"


def test_days_turn_future_into_current_and_repeals_begin_on_theirs() -> None:
    begin, end = date(2027, 3, 1), date(2026, 12, 1)
    coming = Procedure(_listing("Việc sắp có", status="future", active_date=begin))
    assert [coming.status_on(day) for day in (ON, begin)] == ["future", "current"]
    going = Procedure(_listing("Việc sắp bỏ", status="repealed", repeal_date=end))
    assert [going.status_on(day) for day in (ON, end)] == ["current", "repealed"]


def _listing(name: str, **fields: object) -> Listing:
    return Listing(code="1.000001", name=name, as_of=ON, **fields)  # type: ignore[arg-type]
