"""Typed answers to a list."""

from __future__ import annotations

import pytest

from intents import match_choice

TITLES = ["Đăng ký khai sinh", "Cấp bản sao trích lục hộ tịch", "Đăng ký lại khai sinh"]


@pytest.mark.parametrize(
    ("text", "index"),
    [("2", 1), ("số 2", 1), ("câu hai", 1), ("so 3 a", 2), ("chọn số 1 nhé", 0), ("cái đầu tiên nhé bạn ơi", None),
     ("cuối cùng", 2),
     ("4", None), ("0", None), ("đăng ký lại khai sinh", 2), ("dang ky khai sinh", 0), ("trich luc ho tich", 1),
      ("Đăng ký khai sih", 0),
     ("thời tiết", None), ("", None), ("khai sinh", None)],
)  # fmt: skip
def test_choice(text: str, index: int | None) -> None:
    assert match_choice(text, TITLES) == index


def test_nothing_to_choose_from() -> None:
    assert match_choice("1", []) is None
