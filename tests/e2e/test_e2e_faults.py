"""What goes wrong on the way is switched on at the page; in the end the resident has each answer exactly once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import OpenPhone
from e2e_phone import Phone
from e2e_product import Product
from playwright.sync_api import expect

QUESTION = "lam khai sinh cho con can giay to gi"
PATIENCE = 90_000
"""Milliseconds: a reply in doubt is looked up with Zalo before it is sent again."""

FAULTS: dict[str, Callable[[Phone], None]] = {
    "every event three times": lambda phone: phone.switch_webhook("Số bản mỗi tin", "3"),
    "events late": lambda phone: phone.switch_webhook("Đến chậm (giây)", "0.7"),
    "event lost, redelivered": lambda phone: phone.switch_webhook("Rơi mất (tin tới)", "1"),
    "API 500": lambda phone: phone.trouble_the_api("http_500"),
    "-32": lambda phone: phone.trouble_the_api("rate"),
    "-216": lambda phone: phone.trouble_the_api("token"),
    "-220": lambda phone: phone.trouble_the_api("expired"),
    "cut after delivery": lambda phone: phone.trouble_the_api("reset_sent"),
    "cut before delivery": lambda phone: phone.trouble_the_api("reset_lost"),
    "page of a gateway": lambda phone: phone.trouble_the_api("html"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_answer_once_in_the_end(open_phone: OpenPhone, product: Product, fault: str) -> None:
    # A pair of tokens just refreshed is not refreshed again at once, so the second such fault has an OA of its own.
    phone = open_phone("le-dai-hanh" if fault == "-220" else "dai-son")
    FAULTS[fault](phone)
    phone.type(QUESTION)
    expect(phone.replies).to_have_count(1, timeout=PATIENCE)
    assert "Đăng ký khai sinh – Giấy tờ cần có" in phone.text_of_last()
    product.settle()
    assert len(product.replies(phone.resident)) == 1
    expect(phone.page.locator("#log > .mine .why")).to_contain_text("bot đã nhận")


def test_a_wrong_signature_is_not_believed(open_phone: OpenPhone, product: Product) -> None:
    phone = open_phone("dai-son")
    phone.switch_webhook("Chữ ký", "bad")
    phone.type(QUESTION)
    expect(phone.page.locator("#log > .mine .why")).to_contain_text("đang gửi lại")
    product.settle(redeliveries=False)
    assert product.replies(phone.resident) == []
    phone.switch_webhook("Chữ ký", "prefixed")
    assert "Lệ phí" in phone.say("lệ phí đăng ký khai sinh")
    product.settle(redeliveries=False)
    assert len(product.replies(phone.resident)) == 1


def test_a_cheap_package_gets_plain_text_with_numbers(open_phone: OpenPhone, product: Product) -> None:
    phone = open_phone("kien-minh")
    phone.open_switches()
    phone.page.get_by_label("Gói của xã").select_option("plain_text_only")
    with phone.page.expect_response("**/do/account"):
        phone.press("Đổi")
    answer = phone.say(QUESTION)
    assert phone.choices() == []
    first = next(line for line in answer.splitlines() if line.startswith("1. "))
    assert answer.rstrip().endswith("Bác nhắn số để chọn.")
    expect(phone.page.locator("#refusals")).to_contain_text("-224")
    assert phone.say("1").startswith(f"Đăng ký khai sinh – {first.removeprefix('1. ')}")
    product.settle()
    assert len(product.replies(phone.resident)) == 2


def test_after_48_hours_a_reply_costs_and_the_page_says_so(open_phone: OpenPhone, product: Product) -> None:
    phone = open_phone("ha-bac")
    account = product.zalo.emulator.world.account(phone.resident.oa_id)
    included = account.sub_quota_remain
    window = phone.page.locator("#window")
    phone.trouble_the_api("rate", times=0)
    phone.type(QUESTION)
    expect(window).to_contain_text("miễn phí, còn 48 giờ")
    phone.press("+49 giờ")
    expect(window).to_contain_text("quá 48 giờ: mất phí, còn 5 ngày")
    expect(phone.page.locator("#status")).to_contain_text("lệch 49.0 giờ")
    phone.press("Bỏ hết trục trặc")
    expect(phone.replies).to_have_count(1, timeout=PATIENCE)
    assert account.sub_quota_remain == included - 1
    phone.say("the con le phi")  # writing opens the free window again
    expect(window).to_contain_text("miễn phí, còn 48 giờ")
    product.settle()
    assert account.sub_quota_remain == included - 1


def test_after_seven_days_zalo_refuses_and_the_page_says_so(open_phone: OpenPhone, product: Product) -> None:
    phone = open_phone("ha-dong")
    phone.trouble_the_api("rate", times=0)
    phone.type(QUESTION)
    expect(phone.page.locator("#log > .mine .why")).to_contain_text("bot đã nhận")
    phone.press("+8 ngày")
    expect(phone.page.locator("#window")).to_contain_text("quá 7 ngày: Zalo từ chối (-230)")
    phone.press("Bỏ hết trục trặc")
    expect(phone.page.locator("#refusals")).to_contain_text("-230: 1 lần", timeout=PATIENCE)
    product.settle()
    assert product.replies(phone.resident) == []
    # The resident comes back: answered as ever, and only what they ask now.
    assert phone.say("lệ phí đăng ký khai sinh").startswith("Đăng ký khai sinh – Lệ phí")
    product.settle()
    assert len(product.replies(phone.resident)) == 1
