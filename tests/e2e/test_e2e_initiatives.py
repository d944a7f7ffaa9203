"""An idea's whole way in a real browser: sent in the chat, scored by two, tried, recognised; its author hears it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from conftest import OpenPhone
from e2e_desk import Official, official_at
from e2e_phone import DESKTOP, PHONE, Phone
from e2e_product import Product
from playwright.sync_api import Browser, expect

CODE = re.compile(r"\bSK-[2-9A-Z]{6}\b")
PICTURE_BYTES = 400_000


def send_idea(phone: Phone, idea: str) -> str:
    """Through the dialogue of the chat, with nothing but the idea; its code."""
    phone.say("#SK")
    phone.say(idea)
    phone.say("gửi luôn")
    found = CODE.search(phone.tap("Gửi đi"))
    assert found is not None, phone.text_of_last()
    return found.group()


def score(official: Official, code: str, value: str) -> None:
    page = official.open(f"initiatives/{code}")
    for name in ("Tính mới", "Tính khả thi", "Hiệu quả", "Khả năng nhân rộng"):
        page.get_by_label(re.compile(f"^{name}")).fill(value)
    page.get_by_role("button", name="Ghi phiếu").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã ghi phiếu chấm")


def move(official: Official, code: str, name: str) -> None:
    page = official.open(f"initiatives/{code}")
    fold = page.locator("details").filter(has=page.locator("summary", has_text=re.compile(f"^{name}$")))
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()
    fold.get_by_role("button", name=name).click()
    expect(page.get_by_role("status").first).to_contain_text("tác giả được báo ngay")


def test_from_the_chat_to_recognition(
    open_phone: OpenPhone, product: Product, browser: Browser, tmp_path: Path
) -> None:
    """``PICTURES_TO`` with a whole path renews the picture of the documents."""
    phone = open_phone("ha-dong", size=PHONE)
    idea = "nên gắn bộ hẹn giờ cho máy bơm nước ruộng để nhà nông đỡ phải ra đồng ban đêm"
    code = send_idea(phone, idea)
    heard = len(product.replies(phone.resident))

    def heard_again(words: str) -> None:
        nonlocal heard
        expect(phone.last).to_contain_text(words)
        assert code in phone.text_of_last()
        heard += 1
        assert len(product.replies(phone.resident)) == heard

    with (
        official_at(browser, product, "chu-tich", "Ông Chủ Trì") as chair,
        official_at(browser, product, "kinh-te", "Chị Kinh Tế") as first,
        official_at(browser, product, "hanh-chinh-cong", "Anh Một Cửa") as second,
    ):
        page = chair.open("initiatives")
        expect(page.locator("tr", has_text=code)).to_contain_text(idea)
        move(chair, code, "Đưa vào thẩm định")
        heard_again("thẩm định")

        page = chair.open(f"initiatives/{code}")
        page.locator("summary", has_text="Mở chấm điểm").click()
        for name in ("Chị Kinh Tế", "Anh Một Cửa"):
            page.get_by_label(re.compile(name)).check()
        page.get_by_role("button", name="Mở chấm", exact=True).click()
        expect(page.get_by_role("status").first).to_contain_text("Đã mở chấm")

        assert "1 phiếu của bạn" in first.open("").locator("main").inner_text()
        score(first, code, "7,5")
        page = chair.open(f"initiatives/{code}")
        expect(page.locator("#council")).to_contain_text("1/2 phiếu")
        assert "7,5" not in page.content() and "75" not in page.locator("#council").inner_text()
        score(second, code, "8")
        page = chair.open(f"initiatives/{code}")
        page.get_by_role("button", name="Chốt điểm").click()
        expect(page.locator("#council")).to_contain_text("77,5%")
        picture = Path(os.environ.get("PICTURES_TO") or tmp_path) / "console-initiatives.png"
        chair.open(f"initiatives/{code}").screenshot(path=picture)
        assert 10_000 < picture.stat().st_size < PICTURE_BYTES

        move(chair, code, "Cho làm thử")
        heard_again("làm thử")
        move(chair, code, "Công nhận")
        heard_again("công nhận")

        # A paper comes from the worker.
        page = chair.open(f"initiatives/{code}")
        page.locator("summary", has_text="Giấy tờ").click()
        page.get_by_role("button", name="Giấy công nhận").click()
        with page.expect_download(timeout=60_000) as waiting:
            page.get_by_role("link", name="Tải về").first.click(timeout=60_000)
        assert waiting.value.suggested_filename == f"giay-cong-nhan-{code}.docx"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1366x768", "390x844"])
def test_the_pages_are_sound_for_everybody(
    open_phone: OpenPhone, product: Product, browser: Browser, size: tuple[int, int]
) -> None:
    """axe finds nothing, and nothing runs out of the window."""
    code = send_idea(open_phone("ha-dong", size=PHONE), "nên có tủ sách chung ở nhà văn hóa thôn cho trẻ")
    with official_at(browser, product, "van-hoa-xa-hoi", "Chị Văn Hóa", size=size) as official:
        for path in ("initiatives?folder=all", f"initiatives/{code}", "initiatives/sheet", "campaigns", "campaigns/new",
                     "initiative-figures"):  # fmt: skip
            page = official.open(path)
            page.locator("details.acts-fold, .acts details").evaluate_all(
                "(all) => all.forEach((one) => { one.open = true; })"
            )
            assert official.violations() == [], path
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (path, wide)


def test_the_list_by_keyboard_alone(open_phone: OpenPhone, product: Product, browser: Browser) -> None:
    codes = [
        send_idea(open_phone("le-dai-hanh", size=PHONE), f"nên đặt bảng chỉ đường ở ngõ số {number} cho dễ tìm")
        for number in (3, 5)
    ]
    with official_at(browser, product, "chu-tich", "Ông Chủ Trì", commune="le-dai-hanh") as official:
        page = official.open("initiatives?folder=new")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("x")
        expect(page.locator("[data-check]:checked")).to_have_count(1)
        page.keyboard.press("/")
        page.keyboard.type("jx")
        expect(page.locator("[data-check]:checked")).to_have_count(1)  # keys rest while one types
        page.keyboard.press("Tab")
        page.locator("[data-row]").first.get_by_role("link").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/initiatives/SK-"))
        shown = CODE.search(page.locator("h1").inner_text())
        assert shown is not None and shown.group() in codes
        page.keyboard.press("n")
        expect(page.locator("#note-words")).to_be_focused()
        page.keyboard.type("Hỏi lại tổ trưởng")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status").first).to_contain_text("Chỉ cán bộ đọc được")
        # Deciding brings the next of the folder up.
        page = official.open(f"initiatives/{codes[0]}?list=folder%3Dnew")
        page.keyboard.press("e")
        page.get_by_role("button", name="Đưa vào thẩm định").click()
        expect(page.locator("h1")).to_contain_text(codes[1])
