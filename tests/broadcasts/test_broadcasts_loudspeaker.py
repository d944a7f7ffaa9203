"""What the village loudspeaker says: nothing left to guess."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.broadcasts.loudspeaker import loudspeaker_text, spell_digits, spell_number, spell_out

NUMBERS = {
    0: "không", 1: "một", 4: "bốn", 5: "năm", 10: "mười", 11: "mười một", 14: "mười bốn", 15: "mười lăm",
    20: "hai mươi", 21: "hai mươi mốt", 24: "hai mươi tư", 25: "hai mươi lăm", 55: "năm mươi lăm", 91: "chín mươi mốt",
    100: "một trăm", 101: "một trăm linh một", 105: "một trăm linh năm", 110: "một trăm mười", 115: "một trăm mười lăm",
    121: "một trăm hai mươi mốt", 999: "chín trăm chín mươi chín", 1000: "một nghìn",
    1001: "một nghìn không trăm linh một",
    1015: "một nghìn không trăm mười lăm", 1945: "một nghìn chín trăm bốn mươi lăm",
    2026: "hai nghìn không trăm hai mươi sáu", 10_000: "mười nghìn", 50_500: "năm mươi nghìn năm trăm",
    105_000: "một trăm linh năm nghìn", 1_000_000: "một triệu", 1_000_005: "một triệu không trăm linh năm",
    2_350_000: "hai triệu ba trăm năm mươi nghìn", 1_000_000_000: "một tỷ",
    3_000_020_000: "ba tỷ không trăm hai mươi nghìn", -7: "âm bảy",
}  # fmt: skip


@pytest.mark.parametrize(("number", "words"), NUMBERS.items())
def test_numbers(number: int, words: str) -> None:
    assert spell_number(number) == words


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("ngày 25/12/2026", "ngày hai mươi lăm tháng mười hai năm hai nghìn không trăm hai mươi sáu"),
        ("25/12", "ngày hai mươi lăm tháng mười hai"),
        ("ngày 5/1", "ngày mùng năm tháng một"),
        ("ngày 4/4", "ngày mùng bốn tháng tư"),
        ("ngày 10/6", "ngày mùng mười tháng sáu"),
        ("21-4-2026", "ngày hai mươi mốt tháng tư năm hai nghìn không trăm hai mươi sáu"),
        ("tháng 6/2026", "tháng sáu năm hai nghìn không trăm hai mươi sáu"),
        ("8h", "tám giờ"),
        ("8h30", "tám giờ rưỡi"),
        ("7h15", "bảy giờ mười lăm phút"),
        ("17g00", "mười bảy giờ"),
        ("13:30–17:00", "mười ba giờ rưỡi đến mười bảy giờ"),
        ("7h30-11h", "bảy giờ rưỡi đến mười một giờ"),
        ("8 giờ 30 sáng", "tám giờ rưỡi sáng"),
        ("50.000đ", "năm mươi nghìn đồng"),
        ("1.000.005 đồng", "một triệu không trăm linh năm đồng"),
        ("12,5%", "mười hai phẩy năm phần trăm"),
        ("0,05 ha", "không phẩy không năm héc ta"),
        ("1.250 m2", "một nghìn hai trăm năm mươi mét vuông"),
        ("khoảng 2km", "khoảng hai ki lô mét"),
        ("3-5 hồ sơ", "ba đến năm hồ sơ"),
        ("0912 345 678", "không, chín một hai, ba bốn năm, sáu bảy tám"),
        ("0912.345.678", "không, chín một hai, ba bốn năm, sáu bảy tám"),
        ("gọi 113", "gọi một một ba"),
        ("Tổng đài 1022", "Tổng đài một không hai hai"),
        ("số 24 đường 5", "số hai mươi tư đường năm"),
        ("mang CCCD và thẻ BHYT", "mang căn cước công dân và thẻ bảo hiểm y tế"),
        ("UBND xã", "Ủy ban nhân dân xã"),
        ("TP. Hải Phòng", "thành phố Hải Phòng"),
        ("Nghị định 118/2025/NĐ-CP", "Nghị định một trăm mười tám năm hai nghìn không trăm hai mươi lăm"),
        ("Xem https://dichvucong.gov.vn nhé", "Xem trang thông tin của xã nhé"),
        ("thứ 7", "thứ bảy"),
        ("45/2", "bốn mươi lăm trên hai"),
        ("không có số nào", "không có số nào"),
        ("OAN, TPX và CCCDX", "OAN, TPX và CCCDX"),
    ],
)
def test_what_is_written_and_what_is_said(written: str, spoken: str) -> None:
    assert spell_out(written) == spoken


def test_a_whole_announcement_names_who_speaks_and_says_the_matter_twice() -> None:
    said = loudspeaker_text("Tiêm chủng 28/11", "Sáng thứ 7, 8h.\n\nMang theo sổ.", "UBND xã Hà Đông")
    assert said.splitlines() == [
        "Xin mời bà con nghe thông báo của Ủy ban nhân dân xã Hà Đông.",
        "Nội dung: Tiêm chủng ngày hai mươi tám tháng mười một.",
        "Sáng thứ bảy, tám giờ.",
        "Mang theo sổ.",
        "Xin nhắc lại. Tiêm chủng ngày hai mươi tám tháng mười một.",
        "Xin cảm ơn bà con đã lắng nghe.",
    ]


@given(st.integers(0, 10**12))
def test_every_number_is_words_alone_and_no_two_are_the_same(number: int) -> None:
    words = spell_number(number)
    assert re.fullmatch(r"[^\W\d]+(?: [^\W\d]+)*", words)
    assert words != spell_number(number + 1)


@given(st.text(alphabet="0123456789hgđ/.,:-% ngàymtCD\n", max_size=60))
def test_nothing_a_person_types_breaks_it(text: str) -> None:
    assert isinstance(spell_out(text), str)


def test_long_runs_of_digits_are_read_one_by_one() -> None:
    assert spell_digits("001") == "không không một"
    assert spell_out("001099012345") == "không không một, không chín chín, không một hai, ba bốn năm"
