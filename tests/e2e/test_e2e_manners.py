"""Danger first, a sensible word for what is no text, patience with floods, silence while an official speaks."""

from __future__ import annotations

import pytest
from conftest import OpenPhone
from e2e_product import Product
from playwright.sync_api import expect

THINGS = {
    "Ảnh mẫu": "nhận được ảnh",
    "Vị trí": "nhận được vị trí",
    "Nhãn dán": "Bác cần hỏi việc gì",
    "Ghi âm": "chưa nghe được tin nói",
    "Tệp": "nhận thêm, tất cả là 3",  # with the photo and the place before it
}


@pytest.mark.parametrize("words", ["cháy nhà rồi, cứu với", "chay nha cuu voi", "CÓ NGƯỜI ĐUỐI NƯỚC"])
def test_danger_gets_the_numbers_before_anything_else(open_phone: OpenPhone, words: str) -> None:
    first_line = open_phone().say(words).splitlines()[0]
    places = [first_line.index(number) for number in ("114", "115", "113", "112")]
    assert "GỌI NGAY" in first_line
    assert places == sorted(places)


def test_danger_while_a_report_is_being_told(open_phone: OpenPhone) -> None:
    phone = open_phone()
    assert "việc gì, ở đâu" in phone.say("tôi muốn phản ánh")
    assert "114" in phone.say("chập điện cháy nhà ở thôn 3, có người bị ngất xỉu").splitlines()[0]


def test_whatever_is_sent_gets_a_sensible_word(open_phone: OpenPhone) -> None:
    phone = open_phone()
    for title, words in THINGS.items():
        assert words in phone.send_thing(title), title
    broken = phone.page.evaluate("[...document.querySelectorAll('#log img')].filter((i) => !i.naturalWidth).length")
    assert broken == 0


def test_a_flood_is_asked_once_to_slow_down(open_phone: OpenPhone, product: Product) -> None:
    phone = open_phone()
    for number in range(14):
        phone.type(f"{number} đăng ký khai sinh")
    please_wait = phone.replies.filter(has_text="Bác nhắn nhanh quá")
    expect(please_wait).to_have_count(1)
    product.settle()
    replies = product.replies(phone.resident)
    assert sum("Bác nhắn nhanh quá" in text for text in replies) == 1
    assert len(replies) < 14
    expect(phone.replies).to_have_count(len(replies))
    # What was left unanswered is explained too.
    expect(phone.page.locator("#trace .badge.strong")).to_have_text("im lặng")


def test_while_an_official_answers_the_assistant_keeps_out(open_phone: OpenPhone, product: Product) -> None:
    phone = open_phone()
    phone.say("lam khai sinh cho con can giay to gi")
    card = phone.page.locator("details.card").filter(has_text="Cán bộ trả lời tay")
    card.locator("summary").click()
    card.get_by_label("Lời của cán bộ").fill("Bác mang giấy chứng sinh ra bộ phận một cửa.")
    card.get_by_role("button", name="Gửi").click()
    expect(phone.replies).to_have_count(2)
    expect(phone.last.locator(".badge")).to_have_text("Cán bộ")
    product.settle()
    phone.type("the con le phi")
    expect(phone.page.locator("#trace .quoted")).to_have_text("the con le phi")
    expect(phone.page.locator("#trace .badge.strong")).to_have_text("im lặng")
    product.settle()
    assert len(product.replies(phone.resident)) == 2
