"""Residents and officials on both sides of one desk, in a real Chromium: the chat page here, the console there."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from conftest import OpenPhone
from e2e_desk import Official, official_at
from e2e_neighbours import PATIENCE_SECONDS, all_say, neighbours
from e2e_phone import DESKTOP, PHONE, Phone
from e2e_product import Product
from playwright.sync_api import Browser, expect

REPORT_CODE = re.compile(r"\bPA-[2-9A-Z]{6}\b")
WATER = "mất nước từ sáng nay, cả ngõ không có nước nấu cơm"
FIXED = "Đã thay van ở trạm bơm, nước có lại từ 15 giờ hôm nay."
BIRTH = "làm khai sinh cần giấy tờ gì?"
MARKET = (
    "chợ phiên họp ngày nào",
    "cho phien hop ngay nao",
    "chợ phiên họp ngày nào vậy",
    "chợ phiên họp ngày nào hả",
    "chợ phiên họp ngày nào hả bác",
)
PICTURE_BYTES = 300_000
MARKET_ASKED = re.compile("chợ phiên|cho phien")
MARKET_ANSWER = "Chợ phiên họp ngày mùng 2 và mùng 7 âm lịch, từ 6 giờ sáng."


def code_in(text: str) -> str:
    found = REPORT_CODE.search(text)
    assert found is not None, text
    return found.group()


def says_done(official: Official, words: str) -> None:
    expect(official.page.get_by_role("status").first).to_contain_text(words)


def test_thirty_reports_become_one_case_and_all_thirty_are_told(
    open_phone: OpenPhone, product: Product, browser: Browser
) -> None:
    """Ten see that it was told before and join it; twenty file their own, which an official merges."""
    first = open_phone("dai-son", size=PHONE)
    first.say("#PA")
    first.say(WATER)
    first.say("ngõ 5 xóm Đông")
    kept = code_in(first.tap("Gửi đi"))

    others = neighbours(product, "dai-son", 28)
    all_say(others, "#PA")
    all_say(others, WATER)
    assert all(kept in told for told in all_say(others, "ngõ 5 xóm Đông"))
    joining, filing = others[:9], others[9:]
    assert all(kept in told for told in all_say(joining, "1"))
    all_say(filing, "gửi luôn")
    codes = [code_in(told) for told in all_say(filing, "gửi")]
    assert len({kept, *codes}) == 20

    last = open_phone("dai-son", size=PHONE)
    last.say("#PA")
    last.say(WATER)
    last.say("ngõ 5 xóm Đông")
    assert last.choices(), last.text_of_last()
    joined = code_in(last.tap(last.choices()[0]))

    with official_at(browser, product, "chu-tich", "Ông Chủ Trì", commune="dai-son") as official:
        page = official.open("reports?folder=all&category=nuoc")
        expect(page.locator("[data-row]")).to_have_count(20)
        page.locator("[data-check-all]").check()
        expect(page.locator("[data-bulk]")).to_contain_text("Với 20 dòng đã chọn")
        page.get_by_role("button", name="Gộp làm một").click()
        expect(page.locator(".sum")).to_have_text("19 mục xong.")
        page = official.open(f"reports/{kept}")
        expect(page.locator(".facts")).to_contain_text("30 người")
        page.locator("summary", has_text="Đã xử lý xong").click()
        page.locator("#resolve-words").fill(FIXED)
        page.get_by_role("button", name="Đóng và báo").click()
        says_done(official, "đã xử lý xong")

    for each in others:
        each.hears(FIXED)
    for phone in (first, last):
        expect(phone.last).to_contain_text("có vừa ý không?", timeout=PATIENCE_SECONDS * 1000)
        expect(phone.replies.filter(has_text=FIXED)).to_have_count(1)
    first.say("5")
    assert "đã xử lý xong" in last.say(joined).lower()
    product.settle()
    for each in others:
        assert sum(FIXED in text for text in each.read) == 1, each.read
    for each, code in zip(filing, codes, strict=True):
        assert any(code in text and kept in text for text in each.read), "told that it was put into the other"


def test_a_take_over_silences_the_bot_until_it_is_given_back(
    open_phone: OpenPhone, product: Product, browser: Browser
) -> None:
    phone = open_phone("dai-son", size=PHONE)
    phone.say("gặp cán bộ")
    with (
        official_at(browser, product, "van-phong", "Chị Văn Phòng", commune="dai-son") as official,
        official_at(browser, product, "hanh-chinh-cong", "Anh Một Cửa", commune="dai-son") as second,
    ):
        assert BIRTH not in official.open("conversations").locator("main").inner_text()
        page = official.page
        page.locator("[data-row]").first.get_by_role("link").click()
        page.get_by_role("button", name="Nhận trò chuyện này").click()
        expect(page.locator(".notice", has_text="Bạn đang nói chuyện")).to_be_visible()
        place = page.url.removeprefix(f"{product.url}/console/")

        heard = phone.replies.count()
        phone.type(BIRTH)
        # The page asks again by itself.
        expect(page.locator("#lines-title ~ [data-poll]")).to_contain_text(BIRTH, timeout=PATIENCE_SECONDS * 1000)
        product.settle()
        assert phone.replies.count() == heard, phone.text_of_last()

        page.get_by_label("Ghi chú", exact=True).fill("Nhà bác này ở ngõ 5, hỏi lại địa chính")
        page.get_by_role("button", name="Lưu ghi chú").click()
        page.get_by_label("Lời sẽ gửi").fill("Chào bác, bác mang giấy chứng sinh ra một cửa giúp tôi nhé.")
        page.get_by_role("button", name="Gửi cho người dân").click()
        expect(phone.last).to_contain_text("bác mang giấy chứng sinh ra một cửa")
        assert phone.replies.count() == heard + 1

        # A colleague is told who has it, and loses no word.
        page_of_second = second.open(place)
        expect(page_of_second.locator(".notice.warning")).to_contain_text(official.staff.email)
        page_of_second.get_by_label("Lời sẽ gửi").fill("Tôi trả lời nữa")
        page_of_second.get_by_role("button", name="Gửi cho người dân").click()
        expect(page_of_second.get_by_role("alert")).to_contain_text(official.staff.email)
        expect(page_of_second.get_by_label("Lời sẽ gửi")).to_have_value("Tôi trả lời nữa")

        # What the bot had said is contested; whoever mends answers finds it.
        page.locator("summary", has_text="Phản đối câu trả lời").click()
        page.get_by_label("Sai ở đâu").fill("Chưa nói cán bộ nào tiếp")
        page.get_by_role("button", name="Gửi phản đối").click()
        says_done(official, "Bị phản đối")
        page_of_second.goto(f"{product.url}/console/knowledge?folder=contested")
        contested = page_of_second.locator("article.card", has_text="Chưa nói cán bộ nào tiếp")
        expect(contested).to_contain_text("gặp cán bộ")
        contested.get_by_role("button", name="Đã xử lý").click()
        says_done(second, "xử lý xong")
        expect(contested).to_have_count(0)

        page.get_by_role("button", name="Trả lại cho máy").click()
        expect(phone.last).to_contain_text("Từ giờ tôi lại trả lời tự động")
    assert phone.replies.count() == heard + 2
    assert "Giấy chứng sinh" in phone.say(BIRTH)
    product.settle()
    assert not any("địa chính" in text for text in product.replies(phone.resident)), "a note goes nowhere"


def answered_by_an_official(official: Official, words: str) -> None:
    page = official.open("unanswered")
    row = page.locator("[data-row]", has_text=MARKET_ASKED)
    expect(row).to_have_count(1)
    expect(row.locator("td").nth(1)).to_have_text("5")
    row.get_by_role("link").click()
    expect(page.locator("#questions-title")).to_have_text("5 câu sẽ được trả lời")
    page.get_by_label("Câu trả lời").fill(words)
    page.get_by_label("Máy trả lời bằng câu trên").check()
    page.get_by_role("button", name="Gửi cho mọi người đã hỏi").click()
    expect(page.locator(".notice").first).to_contain_text("5 người")
    expect(page.locator("[data-row]", has_text=MARKET_ASKED)).to_have_count(0)


def test_answered_once_for_five_and_the_sixth_hears_it_from_the_bot(
    open_phone: OpenPhone, product: Product, browser: Browser
) -> None:
    phone = open_phone("dai-son", size=PHONE)
    assert MARKET_ANSWER not in phone.say(MARKET[0])
    others = neighbours(product, "dai-son", 4)
    assert not any(MARKET_ANSWER in told for told in all_say(others, MARKET[1:]))
    product.settle()
    with official_at(browser, product, "van-hoa-xa-hoi", "Chị Văn Hóa", commune="dai-son") as official:
        answered_by_an_official(official, MARKET_ANSWER)
        taught = official.open("unanswered/taught")
        expect(taught.locator("article.card", has_text=MARKET_ANSWER)).to_be_visible()
        expect(taught.get_by_role("button", name="Duyệt")).to_have_count(0)  # nobody approves their own
    expect(phone.last).to_contain_text(MARKET_ANSWER)
    for each in others:
        each.hears(MARKET_ANSWER)
    with official_at(browser, product, "chu-tich", "Ông Chủ Trì", commune="dai-son") as chair:
        page = chair.open("unanswered/taught")
        page.locator("article.card", has_text=MARKET_ANSWER).get_by_role("button", name="Duyệt").click()
        expect(page.locator(".notice").first).to_be_visible()
    sixth: Phone = open_phone("dai-son", size=PHONE)
    assert MARKET_ANSWER in sixth.say("chợ phiên họp ngày nào ạ")
    product.settle()
    for each in others:
        assert sum(MARKET_ANSWER in text for text in each.read) == 1


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1366x768", "390x844"])
def test_the_pages_are_sound_for_everybody(
    open_phone: OpenPhone, product: Product, browser: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    """axe finds nothing, and nothing runs out of the window. ``PICTURES_TO`` renews the picture of the documents."""
    phone = open_phone("le-dai-hanh", size=PHONE)
    phone.say(MARKET[0])
    phone.say("gặp cán bộ")
    with official_at(browser, product, "chu-tich", "Ông Chủ Trì", commune="le-dai-hanh", size=size) as official:
        page = official.open("conversations")
        page.locator("[data-row]").last.get_by_role("link").click()
        page.get_by_role("button", name="Nhận trò chuyện này").click()
        page.get_by_label("Lời sẽ gửi").fill("Chào bác, chợ phiên họp mùng 2 và mùng 7 âm lịch ạ.")
        page.get_by_role("button", name="Gửi cho người dân").click()
        page.get_by_label("Ghi chú", exact=True).fill("Dạy máy câu này luôn.")
        page.get_by_role("button", name="Lưu ghi chú").click()
        says_done(official, "Đã lưu ghi chú")
        conversation = page.url.removeprefix(f"{product.url}/console/")
        official.open(conversation)
        if size == DESKTOP:
            picture = Path(os.environ.get("PICTURES_TO") or tmp_path) / "console-conversation.png"
            page.screenshot(path=picture)
            assert 10_000 < picture.stat().st_size < PICTURE_BYTES
        official.open("knowledge/khai-sinh")
        page.locator("summary", has_text="Phản đối câu trả lời này").click()
        page.get_by_label("Sai ở đâu").fill("Thiếu phần trẻ sinh ở nhà")
        page.get_by_role("button", name="Gửi phản đối").click()
        question = official.open("unanswered").locator("[data-row]", has_text=MARKET_ASKED).get_by_role("link")
        address = str(question.get_attribute("href")).removeprefix("/console/")
        for path in (conversation, "conversations", "unanswered", address, "unanswered/taught",
                     "knowledge?folder=contested", "knowledge", "knowledge/khai-sinh"):  # fmt: skip
            official.open(path)
            page.locator("main details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
            assert official.violations() == [], path
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (path, wide)
        official.open(conversation)
        page.get_by_role("button", name="Trả lại cho máy").click()
