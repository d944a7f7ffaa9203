"""The page itself: the trace of a decision, keyboard alone, screen readers, nothing from elsewhere, pictures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import OpenPhone
from e2e_phone import DESKTOP, PHONE, Phone
from playwright.sync_api import expect

QUESTION = "lam khai sinh cho con can giay to gi"
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PICTURE_BYTES = 300_000
MOST_TABS = 12


def test_the_trace_of_the_message_just_sent(open_phone: OpenPhone) -> None:
    phone = open_phone()
    reply = phone.say("Làm KHAI SINH cho con cần giấy tờ gì?")
    trace = phone.page.locator("#trace")
    expect(trace.locator(".quoted")).to_have_text("Làm KHAI SINH cho con cần giấy tờ gì?")
    headings = trace.get_by_role("heading").all_inner_texts()
    assert headings == ["Chữ đã chuẩn hóa", "Các khả năng", "Cửa quyết định", "Lời đáp"]
    expect(trace.locator(".steps .code").first).to_contain_text("làm khai sinh cho con cần giấy tờ gì")
    expect(trace.locator(".bars .name").first).to_have_text("Đăng ký khai sinh")
    expect(trace.locator(".badge.strong")).to_have_text("trả lời")
    expect(trace).to_contain_text("phần hỏi: Giấy tờ cần có")
    assert trace.locator(".reply").inner_text() == reply

    phone.say("the con le phi")
    expect(trace.locator(".quoted")).to_have_text("the con le phi")
    # An older message is explained when asked.
    phone.page.locator("#log .why").first.click()
    expect(trace.locator(".quoted")).to_have_text("Làm KHAI SINH cho con cần giấy tờ gì?")


def _tab_to(phone: Phone, selector: str, key: str = "Tab") -> None:
    for _ in range(MOST_TABS):
        phone.page.keyboard.press(key)
        if phone.page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{MOST_TABS} times {key} did not reach {selector}")


def test_with_the_keyboard_alone(open_phone: OpenPhone) -> None:
    phone = open_phone(size=PHONE)  # where nothing is focused at first
    page = phone.page
    _tab_to(phone, ".skip")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(phone.replies).to_have_count(1)
    expect(page.locator("#text")).to_be_focused()
    _tab_to(phone, "#log .buttons button", "Shift+Tab")
    expect(page.locator(":focus")).to_have_text("Phần khác")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.keyboard.press("Enter")
    expect(phone.replies).to_have_count(2)
    assert "phần nào nữa" in phone.text_of_last()
    _tab_to(phone, "#log .why", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#trace .quoted")).not_to_be_empty()


def test_a_new_line_does_not_send(open_phone: OpenPhone) -> None:
    phone = open_phone()
    expect(phone.page.locator("#text")).to_be_focused()
    phone.page.keyboard.type("lam khai sinh")
    phone.page.keyboard.press("Shift+Enter")
    phone.page.keyboard.type("can giay to gi")
    expect(phone.page.locator("#log > .mine")).to_have_count(0)
    phone.page.keyboard.press("Enter")
    expect(phone.replies).to_have_count(1)
    assert "Giấy tờ cần có" in phone.text_of_last()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1366x768", "390x844"])
def test_axe_finds_nothing(open_phone: OpenPhone, size: tuple[int, int]) -> None:
    phone = open_phone(size=size)
    log = phone.page.get_by_role("log")
    assert log.get_attribute("aria-live") == "polite"
    phone.say(QUESTION)
    phone.send_thing("Nhãn dán")
    phone.open_switches()
    expect(phone.page.locator("#trace .steps")).to_be_visible()
    phone.page.add_script_tag(path=str(AXE))
    found = phone.page.evaluate("axe.run().then((result) => result.violations)")
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []


def test_a_new_message_is_announced_once(open_phone: OpenPhone) -> None:
    """The log is changed only where something is new: a reader hears no message twice."""
    phone = open_phone()
    phone.say(QUESTION)
    phone.page.evaluate(
        """() => {
            window.heard = [];
            new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => {
                if (node.nodeType === 1 && node.id) window.heard.push(node.id);
            }))).observe(document.getElementById("log"), { childList: true });
        }"""
    )
    phone.say("the con le phi")
    expect(phone.last).to_contain_text("đã xem")
    heard = phone.page.evaluate("window.heard")
    assert len(heard) == len(set(heard)) == 2


def test_works_without_the_script(open_phone: OpenPhone) -> None:
    phone = open_phone(script=False)
    phone.page.locator("#text").fill(QUESTION)
    phone.page.locator(".composer .send").click()
    expect(phone.page.locator("#log > .mine")).to_have_count(1)
    phone.product.settle()
    phone.open()
    expect(phone.replies).to_have_count(1)
    assert "Đăng ký khai sinh" in phone.text_of_last()


@pytest.mark.parametrize(("size", "name"), [(DESKTOP, "chat.png"), (PHONE, "chat-phone.png")], ids=["desktop", "phone"])
def test_pictures(open_phone: OpenPhone, tmp_path: Path, size: tuple[int, int], name: str) -> None:
    """``PICTURES_TO=docs/pictures`` renews the pictures of the documentation."""
    phone = open_phone(size=size, name="Bác Một (thử)")
    phone.say(QUESTION)
    fee = phone.say("the con le phi")
    assert "Lệ phí" in fee
    expect(phone.page.locator("#trace .quoted")).to_have_text("the con le phi")
    expect(phone.last).to_contain_text("đã xem")
    picture = Path(os.environ.get("PICTURES_TO") or tmp_path) / name
    phone.page.mouse.move(2, 2)
    phone.page.screenshot(path=picture)
    assert 10_000 < picture.stat().st_size < PICTURE_BYTES
