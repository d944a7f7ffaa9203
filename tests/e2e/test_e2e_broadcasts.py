"""An announcement's whole way in a real browser: written, approved by another, received by each exactly once."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from e2e_desk import Official, official_at
from e2e_phone import DESKTOP, PHONE
from e2e_product import Product
from playwright.sync_api import Browser, expect
from rig import wait_until

from bot.casework import event_keeping
from bot.store import broadcasts, events
from emulator import residents
from emulator.world import Resident

COMMUNE = "kien-minh"
SENT_MILLISECONDS = 90_000
PICTURE_BYTES = 400_000


def neighbours(product: Product, count: int) -> list[Resident]:
    """Residents who have just written, so that they may be written to."""
    found = [product.new_resident(COMMUNE, f"Bác Nghe {number} (thử)") for number in range(count)]
    for one in found:
        residents.send_text(product.zalo.emulator, one.oa_id, one.user_id, "xin chào")
    for one in found:
        wait_until(lambda one=one: product.replies(one), "the greeting", 60)  # type: ignore[misc]
    return found


def fill(official: Official, title: str, text: str) -> None:
    """The form with nothing but what must be there."""
    page = official.open("broadcasts/new")
    page.get_by_label("Tiêu đề").fill(title)
    page.get_by_label("Nội dung").fill(text)


def number_of(official: Official) -> int:
    return int(official.page.url.rsplit("/", 1)[1])


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_written_approved_by_another_received_once(
    product: Product, browser: Browser, tmp_path: Path, script: bool
) -> None:
    """``PICTURES_TO`` with a whole path renews the picture of the documents."""
    title = f"Tiêm chủng cho trẻ đợt {1 if script else 2}"
    listeners = neighbours(product, 3)
    with (
        official_at(browser, product, "truyen-thong", "Chị Truyền Thông", commune=COMMUNE, script=script) as author,
        official_at(browser, product, "chu-tich", "Ông Chủ Tịch", commune=COMMUNE, script=script) as chair,
    ):
        fill(author, title, "Sáng thứ Bảy 28/11, trạm y tế tiêm cho trẻ dưới 5 tuổi.\nMang theo sổ tiêm chủng.")
        page = author.page
        if script:
            expect(page.locator("#seen .phone")).to_contain_text("Mang theo sổ tiêm chủng")
            expect(page.locator("#seen")).to_contain_text("Gửi được")
        else:
            page.get_by_role("button", name="Xem trước và dự báo").click()
            expect(page.locator("#seen")).to_contain_text("Gửi được")
        page.get_by_role("button", name="Gửi duyệt").click()
        expect(page.get_by_role("status").first).to_contain_text("Đã gửi duyệt")
        number = number_of(author)
        expect(page.get_by_text("Người soạn không tự duyệt được")).to_be_visible()
        expect(page.get_by_role("button", name="Duyệt")).to_have_count(0)

        assert title in chair.open("").locator("main").inner_text()
        page = chair.open(f"broadcasts/{number}")
        page.get_by_role("button", name="Duyệt").click()
        expect(page.get_by_role("status").first).to_contain_text("Đã duyệt")
        if script:
            expect(page.locator("[data-poll] .badge")).to_have_text("Xong", timeout=SENT_MILLISECONDS)
        wait_until(lambda: _state(product, number) == broadcasts.DONE, "the announcement is done", 90)
        page = chair.open(f"broadcasts/{number}")
        expect(page.locator("main")).to_contain_text("Tới máy")
        picture = Path(os.environ.get("PICTURES_TO") or tmp_path) / "console-broadcast.png"
        page.screenshot(path=picture if script else tmp_path / "plain.png")
        if script:
            assert 10_000 < picture.stat().st_size < PICTURE_BYTES
    for one in listeners:
        assert sum(title in text for text in product.replies(one)) == 1


def _state(product: Product, number: int) -> str:
    with product.services.database.read() as connection:
        one = broadcasts.get(connection, number)
    assert one is not None
    return one.state


def _something_of_each(product: Product, official: Official) -> tuple[int, int]:
    """(an announcement handed in, an event with people)."""
    fill(official, "Ngày không giấy tờ tháng 12", "Thứ Sáu 4/12, bà con làm thủ tục tại xã không cần bản giấy.")
    page = official.page
    page.get_by_label("Vào ngày giờ đã hẹn").check()
    now = product.services.clock.now()
    page.locator("#send_at").fill((now + timedelta(days=3)).strftime("%Y-%m-%dT08:00"))
    page.get_by_role("button", name="Gửi duyệt").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã gửi duyệt")
    number, now_ms = number_of(official), product.services.clock.now_ms()
    values = {
        "kind": "class", "title": "Lớp dùng VNeID cho người cao tuổi", "place": "Nhà văn hóa thôn Đoài",
        "audience": "người cao tuổi", "starts_ms": now_ms + 2 * 86_400_000, "seats": 20,
    }  # fmt: skip
    with product.services.database.write() as connection:
        event_id = event_keeping.put_up(connection, official.staff, COMMUNE, values, now_ms)
        for place, name in enumerate(("Bà Năm", "Ông Sáu", "")):
            person = f"e2e-{event_id}-{place}"
            oa_id = product.oa_id(COMMUNE)
            events.sign_up(connection, product.services.vault, event_id, oa_id, person, name, now_ms)
    return number, event_id


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1366x768", "390x844"])
def test_the_pages_are_sound_for_everybody(
    product: Product, browser: Browser, tmp_path: Path, size: tuple[int, int]
) -> None:
    """axe finds nothing, and nothing runs out of the window."""
    with official_at(browser, product, "van-hoa-xa-hoi", "Chị Văn Hóa", commune=COMMUNE, size=size) as official:
        number, event_id = _something_of_each(product, official)
        paths = (
            "broadcasts", "broadcasts/new", f"broadcasts/{number}", f"broadcasts/{number}/edit",
            f"broadcasts/{number}/people", f"broadcasts/{number}/results", f"broadcasts/{number}/loudspeaker",
            "broadcasts/schedules", "calendar", "events", "events/new", f"events/{event_id}", f"events/{event_id}/edit",
        )  # fmt: skip
        for place, path in enumerate(paths):
            page = official.open(path)
            page.screenshot(path=tmp_path / f"{place:02d}.png", full_page=True)
            page.locator("main details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
            if place == 1:
                page.screenshot(path=tmp_path / "open.png", full_page=True)
            assert official.violations() == [], path
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (path, wide)
        board = official.open(f"broadcasts/{number}/notice")
        expect(board.get_by_role("heading", level=2)).to_have_text("Ngày không giấy tờ tháng 12")
        board.screenshot(path=tmp_path / "board.png", full_page=True)
        assert "Noto Serif" in board.evaluate("getComputedStyle(document.body).fontFamily"), "its style is let in"
