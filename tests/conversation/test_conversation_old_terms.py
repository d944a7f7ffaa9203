"""What is gone is answered with what came in its place."""

from __future__ import annotations

import pytest
from conversation_talk import Talk, text_of, understood

ANSWERED = understood("answer", "khai-sinh", facet="papers")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("khai sinh có cần sổ hộ khẩu không", "Sổ hộ khẩu giấy đã bỏ từ 1/1/2023"),
        ("lam khai sinh mang chung minh thu duoc khong", "Chứng minh nhân dân đã hết giá trị"),
        ("khai sinh ở xã khác", None),
        ("làm khai sinh phải lên huyện à", "Từ 1/7/2025 không còn cấp huyện"),
        ("khai sinh cần giấy tờ gì", None),
    ],
)
def test_an_old_term_is_answered_with_the_new_one(text: str, told: str | None) -> None:
    said = text_of(Talk({text: ANSWERED}).says(text))
    assert "Nội dung papers của khai-sinh" in said
    if told is None:
        assert not any(phrase in said for phrase in ("không còn cấp huyện", "Sổ hộ khẩu giấy", "hết giá trị"))
    else:
        assert said.startswith(told) or f"\n{told}" in said


def test_two_old_terms_are_both_told_also_where_we_ask_back() -> None:
    text = "cmnd với sổ hộ khẩu có cần không"
    said = text_of(Talk({text: ANSWERED}).says(text))
    assert "Sổ hộ khẩu giấy" in said and "Chứng minh nhân dân" in said
    asked = text_of(Talk({text: understood("clarify", "khai-sinh", "khai-tu")}).says(text))
    assert asked.startswith("Sổ hộ khẩu giấy đã bỏ từ 1/1/2023") and "hết giá trị từ 1/1/2025" in asked
