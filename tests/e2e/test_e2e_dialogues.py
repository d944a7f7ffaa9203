"""A report with its photo first, an initiative, a case by its code: by buttons, and by numbers on a small package."""

from __future__ import annotations

import re

import pytest
from conftest import OpenPhone
from e2e_phone import PHONE, Phone
from e2e_product import Product
from playwright.sync_api import expect

CODE = re.compile(r"\b(?:PA|SK)-[2-9A-Z]{6}\b")
PACKAGES = [pytest.param("ha-bac", "full", id="buttons"), pytest.param("kien-minh", "plain_text_only", id="numbers")]


def choose(phone: Phone, title: str) -> str:
    """Choose a line: by its button, or, where the OA may send none, by its number in the text."""
    if phone.choices():
        return phone.tap(title)
    line = re.search(rf"^(\d+)\. {re.escape(title)}$", phone.text_of_last(), re.MULTILINE)
    assert line is not None, phone.text_of_last()
    return phone.say(line.group(1))


ANOTHER = "Không phải, gửi việc mới"


def past_similar(phone: Phone) -> str:
    """What is shown now; reports of other tests may be like this one, and then it is said to be another."""
    offered = ANOTHER in phone.choices() or f". {ANOTHER}" in phone.text_of_last()
    return choose(phone, ANOTHER) if offered else phone.text_of_last()


def open_on(open_phone: OpenPhone, product: Product, commune: str, package: str) -> Phone:
    phone = open_phone(commune, size=PHONE)
    product.zalo.emulator.world.account(phone.resident.oa_id).tier = package
    return phone


def code_in(text: str) -> str:
    found = CODE.search(text)
    assert found is not None, text
    return found.group()


@pytest.mark.parametrize(("commune", "package"), PACKAGES)
def test_a_report_with_its_photo_first_then_by_its_code(
    open_phone: OpenPhone, product: Product, commune: str, package: str
) -> None:
    phone = open_on(open_phone, product, commune, package)
    assert "Tôi nhận được ảnh" in phone.send_thing("Ảnh mẫu")
    choose(phone, "Gửi phản ánh")
    where = phone.say("rác đổ đầy cổng chợ, mùi hôi lắm")
    assert "ở đâu" in where
    phone.say("cổng chợ, gần nhà văn hóa")
    shown = past_similar(phone)
    assert "Ảnh, tệp kèm theo: 1" in shown
    assert "cổng chợ, gần nhà văn hóa" in shown
    between = phone.say("làm khai sinh cần giấy tờ gì?")
    assert "Giấy chứng sinh" in between
    assert "đang gửi dở phản ánh" in between
    filed = choose(phone, "Gửi đi")
    code = code_in(filed)
    known = phone.say(code.lower().replace("-", ""))
    assert "Hiện nay: đã nhận" in known
    assert "rác đổ đầy cổng chợ" in known
    wrong = code[:3] + ("3" if code[3] != "3" else "4") + code[4:]
    assert "gõ nhầm một chữ" in phone.say(wrong)
    phone.become_somebody_new()
    assert "không thấy mã này" in phone.say(code)
    product.settle()


@pytest.mark.parametrize(("commune", "package"), PACKAGES)
def test_an_initiative_part_by_part(open_phone: OpenPhone, product: Product, commune: str, package: str) -> None:
    phone = open_on(open_phone, product, commune, package)
    phone.say("#SK")
    phone.say("nên lắp vòi rửa tay bằng tre ở sân đình cho các cháu")
    assert "đặt tên" in choose(phone, "Kể thêm")
    phone.say("Vòi rửa tay bằng tre")
    assert "ai được lợi" in choose(phone, "Bỏ qua")
    assert "lĩnh vực" in phone.say("trẻ nhỏ đỡ bệnh")
    assert "tư cách nào" in phone.say("6")
    shown = phone.say("gửi luôn")
    for part in ("Vòi rửa tay bằng tre", "trẻ nhỏ đỡ bệnh", "Y tế"):
        assert part in shown
    code = code_in(choose(phone, "Gửi đi"))
    assert code in phone.say("của tôi")
    product.settle()


def test_a_second_tap_on_send_files_nothing(open_phone: OpenPhone, product: Product) -> None:
    phone = open_phone("ha-bac")
    phone.say("#PA")
    phone.say("cột điện nghiêng ở ngõ 7, sắp vào nhà dân")
    past_similar(phone)
    if "Gửi đi" not in phone.choices():
        phone.say("ngõ 7")
        past_similar(phone)
    send = phone.page.locator("#log .buttons").get_by_role("button", name="Gửi đi", exact=True).last
    before = phone.replies.count()
    send.dblclick()
    expect(phone.replies).to_have_count(before + 2)
    said = phone.replies.all_inner_texts()[-2:]
    assert code_in(said[0]) == code_in(said[1])
    assert "đã gửi rồi" in said[1]
    product.settle()
