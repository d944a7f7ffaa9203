"""Numbers that identify somebody are covered in kept words, however they are typed; dates, sums and codes stay."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from bot.catalogue import CATALOGUE
from bot.masking import holds_identity_number, masked

PHONE, NUMBER = CATALOGUE.word("masked_phone"), CATALOGUE.word("masked_number")


@pytest.mark.parametrize(
    "typed",
    ["0912345678", "0912 345 678", "09.12.34.56.78", "091-234-5678", "+84 912 345 678", "84912345678",
     "(0225) 3 123 456", "０９１２３４５６７８", "024.3826.1234", "٠٩١٢٣٤٥٦٧٨"],
)  # fmt: skip
def test_phone_numbers_are_covered(typed: str) -> None:
    assert masked(f"gọi {typed} nhé") == f"gọi {PHONE} nhé"


@pytest.mark.parametrize(
    "typed", ["001085012345", "001 085 012345", "001.085.012.345", "0010-8501-2345", "031234567", "1903 4567 8901 2345"]
)
def test_identity_and_account_numbers_are_covered(typed: str) -> None:
    text = masked(f"số {typed}, cảm ơn")
    assert typed not in text and text.startswith("số [") and text.endswith("], cảm ơn")


@pytest.mark.parametrize(
    "text",
    ["ngày 01.07.2025 10h", "01/07/2025 8", "22.11.2026 12 30", "1.500.000.000 đồng", "1 500 000 đồng", "PA-7K3M9X",
     "số nhà 12 ngõ 345", "năm 2024-2025 2026", "1.004222.000.00.00.H24", "gọi 113 114 115", "19001009", "15A-123.45",
     "chưa có số nào", ""],
)  # fmt: skip
def test_what_identifies_nobody_stays_letter_for_letter(text: str) -> None:
    assert masked(text) == text


def test_several_in_one_text() -> None:
    assert masked("0912345678, 0987654321 và 001085012345") == f"{PHONE}, {PHONE} và {NUMBER}"
    assert masked("12.345.678 và 0912345678") == f"12.345.678 và {PHONE}"


def test_an_identity_number_is_told_from_a_phone() -> None:
    assert holds_identity_number("số 001085012345")
    assert not holds_identity_number("gọi 0912345678") and not holds_identity_number("1.500.000.000 đồng")


@given(some.text(max_size=60), some.sampled_from(["0912345678", "001085012345"]), some.text(max_size=60))
@example("", "0912345678", "")
@example("a", "001085012345", "b")
def test_no_text_around_it_lets_a_number_through_and_masking_twice_changes_nothing(
    before: str, number: str, after: str
) -> None:
    text = f"{before} {number} {after}"
    once = masked(text)
    assert masked(once) == once
    assert number not in once


@given(some.text(alphabet="0123456789 .-+()", max_size=200))
def test_any_row_of_digits_and_gaps_is_masked_once(text: str) -> None:
    assert masked(masked(text)) == masked(text)
