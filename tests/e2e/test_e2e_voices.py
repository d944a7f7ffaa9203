"""Neighbours who ask for each other, a mark at the desk, one's own data: at the chat page, answered in the console."""

from __future__ import annotations

import re

import pytest
from conftest import OpenPhone
from e2e_desk import official_at
from e2e_neighbours import PATIENCE_SECONDS, choose, neighbours
from e2e_phone import PHONE
from e2e_product import Product
from playwright.sync_api import Browser, expect

COMMUNE = "kien-minh"
LINK_CODE = re.compile(r"\bCG-[2-9A-Z]{6}\b")
RECEIPT = re.compile(r"\bXD-[2-9A-Z]{6}\b")
ENROLMENT_CODE = re.compile(r"^TO-[2-9A-Z]{4}-[2-9A-Z]{4}$")
ASKED = "chợ phiên họp những ngày nào"
ANSWER = "Chợ phiên họp ngày mùng 2 và mùng 7 âm lịch, từ 6 giờ sáng."
FOR_WHOM, TELEPHONE = "bà Năm đầu ngõ", "0912345678"
COMPLAINT = "ngồi chờ từ bảy rưỡi tới mười giờ"


def test_a_volunteer_asks_for_a_neighbour_and_both_hear_the_official(
    open_phone: OpenPhone, product: Product, browser: Browser
) -> None:
    phone = open_phone(COMMUNE, size=PHONE)
    with official_at(browser, product, "van-phong", "Chị Văn Phòng", commune=COMMUNE) as official:
        page = official.open("volunteers")
        page.get_by_label("Thôn, tổ").fill("Thôn Đông (mẫu)")
        page.get_by_role("button", name="Cấp mã").click()
        enrolment = page.locator(".notice .secret").inner_text()
        assert ENROLMENT_CODE.match(enrolment)

        assert "ghi bác vào tổ" in phone.say(enrolment.lower().replace("-", " "))
        assert "có đồng ý" in phone.say(f"chuyển giúp {ASKED}")
        choose(phone, "Có")
        phone.say(FOR_WHOM)
        shown = phone.say(TELEPHONE)
        for part in (ASKED, FOR_WHOM, TELEPHONE):
            assert part in shown
        filed = LINK_CODE.search(choose(phone, "Gửi đi"))
        assert filed is not None, phone.text_of_last()
        code = filed.group()

        (neighbour,) = neighbours(product, COMMUNE, 1)
        neighbour.write(code.lower().replace("-", ""))
        neighbour.hears("Khi có câu trả lời", code, ASKED)

        page = official.open("unanswered")
        card = page.locator("form.card", has_text=code)
        expect(card).to_contain_text(ASKED)
        expect(card).to_contain_text(FOR_WHOM)
        card.get_by_label("Câu trả lời").fill(ANSWER)
        card.get_by_role("button", name="Gửi câu trả lời").click()
        expect(page.get_by_role("status").first).to_contain_text(code)
        expect(page.locator("form.card", has_text=code)).to_have_count(0)

    expect(phone.last).to_contain_text(ANSWER, timeout=PATIENCE_SECONDS * 1000)
    assert FOR_WHOM in phone.text_of_last()
    heard = neighbour.hears(ANSWER, code)
    assert FOR_WHOM not in heard and TELEPHONE not in heard
    assert f"{code}" in phone.say("danh sách của tổ tôi") and "đã trả lời" in phone.text_of_last()
    assert "đã có trả lời" in phone.say(f"đã trả lời {code}")
    (stranger,) = neighbours(product, COMMUNE, 1)
    stranger.write(code)
    assert ANSWER not in stranger.hears("đã có người khác dùng")
    product.settle()
    for each in (product.replies(phone.resident), neighbour.read):
        assert sum(ANSWER in text for text in each) == 1


@pytest.mark.parametrize("package", ["full", "plain_text_only"])
def test_a_mark_at_the_desk_then_ones_own_data_shown_and_erased(
    open_phone: OpenPhone, product: Product, package: str
) -> None:
    phone = open_phone(COMMUNE, size=PHONE)
    product.zalo.emulator.world.account(phone.resident.oa_id).tier = package
    assert "phục vụ thế nào" in phone.say("#DG")
    assert "chưa vừa ý vì điều gì" in choose(phone, "2")
    choose(phone, "Nói thêm")
    phone.say(COMPLAINT)

    before = phone.replies.count()
    phone.type("dữ liệu của tôi")
    product.settle()
    expect(phone.last).to_contain_text(COMPLAINT)
    told = "\n".join(phone.replies.all_inner_texts()[before:])
    assert "Bác chấm 2/5" in told and "xóa dữ liệu" in told

    assert "xóa" in phone.say("xoá dữ liệu").lower()
    done = choose(phone, "Có, xóa hết")
    assert RECEIPT.search(done), done
    product.settle()
    assert "không giữ thông tin nào" in phone.say("dữ liệu của tôi")
    assert COMPLAINT not in phone.text_of_last()
    product.settle()
