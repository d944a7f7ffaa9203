"""A resident asks, reads on by number and by button, is asked back, asks at another commune."""

from __future__ import annotations

import unicodedata

import pytest
from conftest import OpenPhone
from e2e_phone import DESKTOP, PHONE, Phone
from e2e_product import Product
from playwright.sync_api import expect

import intents

QUESTION = "lam khai sinh cho con can giay to gi"
UNSURE = ("giấy tờ đất", "làm giấy", "xin giấy cho con", "xin xác nhận", "hỏi về giấy tờ của con")
"""Which of them is unsure depends on what the model learnt; one always is."""


@pytest.fixture(scope="session")
def unsure_message() -> str:
    """A message between three meanings."""
    understander = intents.load()
    for text in UNSURE:
        understood = understander.understand(text)
        topics = [candidate.id for candidate in understood.candidates if not candidate.id.startswith("@")]
        if understood.decision == "clarify" and understood.question is None and len(topics) == 3:
            return text
    raise AssertionError("every one of these is understood, or none: find another")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1366x768", "390x844"])
def test_from_following_to_the_last_part_of_an_answer(open_phone: OpenPhone, size: tuple[int, int]) -> None:
    phone = open_phone(size=size)
    phone.press("Quan tâm")
    expect(phone.replies).to_have_count(1)
    assert phone.text_of_last().startswith("Chào bác, tôi là máy trả lời tự động của xã Hà Đông.")
    assert len(phone.choices()) == 3

    papers = phone.say(QUESTION)
    assert papers.startswith("Đăng ký khai sinh – Giấy tờ cần có")
    assert "Giấy chứng sinh" in papers
    assert "Nguồn:" in papers
    fee = phone.say("the con le phi")
    assert fee.startswith("Đăng ký khai sinh – Lệ phí")
    first = phone.choices()[0]
    assert phone.say("1").startswith(f"Đăng ký khai sinh – {first}")
    assert phone.tap("Bao lâu có").startswith("Đăng ký khai sinh – Bao lâu có")
    shown = set(phone.choices())
    assert "phần nào nữa" in phone.tap("Phần khác")
    rest = phone.choices()
    assert rest
    assert not shown & set(rest)
    assert phone.tap(rest[0]).startswith(f"Đăng ký khai sinh – {rest[0]}")

    overflow = phone.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0


def test_an_answer_longer_than_the_phone_is_shown_from_its_beginning(open_phone: OpenPhone) -> None:
    phone = open_phone(size=PHONE)
    phone.say(QUESTION)
    phone.say("the con le phi")
    mine = phone.page.locator("#log > .mine").last
    expect(mine).to_be_in_viewport(ratio=1)
    expect(phone.page.get_by_text("Đăng ký khai sinh – Lệ phí").first).to_be_in_viewport()


def test_however_it_is_typed_the_reply_is_the_same(open_phone: OpenPhone, product: Product) -> None:
    plain = "đăng ký xe"
    decomposed = unicodedata.normalize("NFD", plain)
    assert "\u0323" not in plain
    assert "\u0306" in decomposed or "\u0301" in decomposed
    spelled = (
        plain,
        "dang ky xe",
        decomposed,
        plain.upper(),
        "DANG KY XE",
        unicodedata.normalize("NFD", plain.upper()),
    )
    replies = set()
    phone = open_phone()
    for text in spelled:
        phone.become_somebody_new()
        replies.add(phone.say(text))
        sent = product.zalo.emulator.world.conversation(phone.resident.oa_id, phone.resident.user_id)[0]
        assert sent.text == text  # neither the page nor the way to the product mended it
    assert len(replies) == 1
    assert "Đăng ký xe" in replies.pop()


def test_marks_below_a_letter_sent_apart(open_phone: OpenPhone) -> None:
    composed, apart = "hộ nghèo được hỗ trợ gì", unicodedata.normalize("NFD", "hộ nghèo được hỗ trợ gì")
    assert "\u0323" in apart
    phone = open_phone()
    reply = phone.say(apart)
    phone.become_somebody_new()
    assert phone.say(composed) == reply


def test_unsure_it_asks_back_and_offers_a_person(open_phone: OpenPhone, unsure_message: str) -> None:
    phone = open_phone()
    phone.say(unsure_message)
    choices = phone.choices()
    assert len(choices) == 4
    assert choices[-1] == "Không phải, gặp cán bộ"
    assert phone.tap(choices[2]).startswith(choices[2])


def test_none_of_the_choices_leads_to_a_person(open_phone: OpenPhone, unsure_message: str) -> None:
    phone = open_phone()
    phone.say(unsure_message)
    by_button = phone.tap("Không phải, gặp cán bộ")
    assert "cán bộ" in by_button
    assert "Trung tâm Phục vụ hành chính công xã Hà Đông" in by_button
    phone.become_somebody_new()
    # The last line, where the desk is, stays the same however the clock moves on meanwhile.
    assert by_button.splitlines()[-1] in phone.say("gặp cán bộ")


def test_each_commune_names_its_own_desk(open_phone: OpenPhone) -> None:
    phone = open_phone()
    assert "xã Hà Đông" in phone.say("đăng ký khai sinh làm ở đâu, nộp chỗ nào") + phone.say("gap can bo")
    phone.page.get_by_label("Xã, phường").select_option(label="Phường Lê Đại Hành")
    expect(phone.page.get_by_role("heading", level=1)).to_have_text("Phường Lê Đại Hành")
    expect(phone.page.locator("#m-empty")).to_be_visible()
    papers = phone.say(QUESTION)
    fee = phone.tap("Lệ phí")
    person = phone.say("gap can bo")
    assert "Trung tâm Phục vụ hành chính công phường Lê Đại Hành" in fee
    assert "phường Lê Đại Hành" in papers
    assert "Bác có thể" in person
    assert "Hà Đông" not in papers + fee + person
    assert "xã" not in person.split("phường Lê Đại Hành")[-1]


def test_old_buttons_far_up_still_work(open_phone: OpenPhone) -> None:
    phone = open_phone()
    phone.press("Quan tâm")
    expect(phone.replies).to_have_count(1)
    phone.say(QUESTION)
    phone.say("the con le phi")
    assert "Chứng thực bản sao" in phone.tap("Chứng thực bản sao hết bao nhiêu?")


def test_the_page_shows_what_is_written_and_runs_none_of_it(open_phone: OpenPhone) -> None:
    phone = open_phone()
    written = "<img src=x onerror=alert(1)> khai sinh 👶 & “lệ phí”?"
    phone.say(written)
    expect(phone.page.locator("#log > .mine .text").last).to_have_text(written)
    assert phone.page.locator("#log img").count() == 0


def test_erased_on_request_means_forgotten(open_phone: OpenPhone, product: Product) -> None:
    phone: Phone = open_phone()
    phone.say(QUESTION)
    phone.press("Xin xóa dữ liệu")
    product.settle()
    after = phone.say("1")
    assert after.startswith("Chào bác, tôi là máy trả lời tự động")  # as to somebody never heard of
    assert "danh sách để chọn" in after
