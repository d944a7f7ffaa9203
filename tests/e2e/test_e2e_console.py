"""The console in a real Chromium: acts with and without the script, keys, axe on every page, two officials at once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e_console import AXE, Desk, OpenDesk, desks, new_official, send_report, take_down_reports
from e2e_product import Product
from playwright.sync_api import Browser, expect

from bot.store import cases
from bot.store.staff import Staff
from emulator import residents

COMMUNE = "ha-bac"
"""One that the other tests of this folder do not need empty."""
DESKTOP, PHONE, NARROW = (1366, 768), (390, 844), (320, 640)
PICTURE_BYTES = 300_000


@pytest.fixture(scope="module")
def chief(product: Product) -> Staff:
    """Sees and does everything of the commune."""
    return new_official(product, "quan-tri", COMMUNE, "Trần Thị Thử")


@pytest.fixture(scope="module")
def codes(product: Product, chief: Staff) -> list[str]:
    """Reports to look at."""
    return take_down_reports(product, chief)


@pytest.fixture
def open_desk(browser: Browser, product: Product) -> Iterator[OpenDesk]:
    """Open a browser as an official, signed in."""
    with desks(browser, product) as opener:
        yield opener


def _state(product: Product, code: str) -> str:
    with product.services.database.read() as connection:
        head = cases.find(connection, code)
    assert head is not None
    return head.state


def test_a_resident_hears_each_step_an_official_makes(open_desk: OpenDesk, product: Product, chief: Staff) -> None:
    resident = product.new_resident(COMMUNE)
    residents.send_text(product.zalo.emulator, resident.oa_id, resident.user_id, "xin chào")
    product.settle()
    code = send_report(product, resident, COMMUNE, "Nước máy đục ngầu từ hôm qua ở ngõ 4")
    page = open_desk(chief).open(f"/console/reports/{code}?folder=unassigned")
    page.get_by_label("Đơn vị").first.select_option(index=0)
    page.get_by_role("button", name="Giao", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(f"Đã giao {code}")
    page.goto(f"{product.url}/console/reports/{code}")
    page.get_by_text("Đã xử lý xong").first.click()
    page.locator("#resolve-words").fill("Đã thay lõi lọc trạm bơm sáng nay.")
    page.get_by_role("button", name="Đóng và báo").click()
    expect(page.get_by_role("status")).to_contain_text("đã xử lý xong")
    assert _state(product, code) == "resolved"
    product.settle()
    heard = "\n".join(product.replies(resident))
    assert "đã được giao cho" in heard
    assert "Đã thay lõi lọc trạm bơm sáng nay." in heard


def test_two_officials_at_once(open_desk: OpenDesk, product: Product, chief: Staff) -> None:
    code = send_report(product, product.new_resident(COMMUNE), COMMUNE, "Cống trước nhà số 8 bị tắc")
    first = open_desk(chief)
    second = open_desk(new_official(product, "chu-tich", COMMUNE))
    second.expected_statuses.add(409)
    for desk in (first, second):
        desk.open(f"/console/reports/{code}")
    first.page.get_by_role("button", name="Giao", exact=True).click()
    expect(first.page.get_by_role("status")).to_contain_text("Đã giao")
    second.page.get_by_text("Hỏi thêm người dân").click()
    second.page.locator("#ask-words").fill("Tắc đoạn nào ạ?")
    second.page.get_by_role("button", name="Gửi câu hỏi").click()
    expect(second.page.get_by_role("alert")).to_contain_text("Chưa ghi gì")
    expect(second.page.get_by_role("region", name="Vừa thay đổi")).to_contain_text("Giao việc")
    expect(second.page.locator("#ask-words")).to_have_value("Tắc đoạn nào ạ?")
    assert _state(product, code) == "assigned"
    second.page.get_by_role("button", name="Gửi câu hỏi").click()
    expect(second.page.get_by_role("status")).to_contain_text("Đã hỏi thêm")
    assert _state(product, code) == "waiting_resident"


def test_every_essential_act_without_the_script(open_desk: OpenDesk, product: Product, chief: Staff) -> None:
    desk = open_desk(chief, script=False)
    page = desk.open("/console/reports/new")
    page.get_by_label("Sự việc").fill("Đèn đường thôn Hạ tắt hai tuần nay")
    page.get_by_role("button", name="Ghi vào hàng đợi").click()
    code = page.get_by_role("heading", level=1).inner_text().split()[-1]
    page.locator("summary", has_text="Đã xử lý xong").click()
    page.locator("#resolve-words").fill("Đã thay bóng.")
    page.get_by_role("button", name="Đóng và báo").click()
    assert _state(product, code) == "resolved"
    page.goto(f"{product.url}/console/reports/new")
    page.get_by_label("Sự việc").fill("Cống đầu ngõ thôn Hạ bị tắc")
    page.get_by_role("button", name="Ghi vào hàng đợi").click()
    page.goto(f"{product.url}/console/reports")
    page.locator("[data-check]").first.check()
    page.locator("#bulk-unit").select_option(index=1)
    page.get_by_role("button", name="Giao", exact=False).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kết quả")


def _current(desk: Desk) -> str:
    return desk.page.locator("[data-row].current [data-check]").get_attribute("value") or ""


def test_a_walk_by_keys_alone(open_desk: OpenDesk, codes: list[str], chief: Staff) -> None:
    desk = open_desk(chief)
    page = desk.open("/console/reports?folder=all")
    listed = [box.get_attribute("value") for box in page.locator("[data-check]").all()]
    assert set(codes) <= set(listed)
    page.keyboard.press("j")
    assert _current(desk) == listed[0]
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert _current(desk) == listed[1]
    expect(page.locator("[data-bulk]")).to_be_hidden()
    page.keyboard.press("x")
    expect(page.locator("[data-bulk]")).to_contain_text("Với 1 dòng đã chọn")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("jkx?")  # in a field these are letters
    expect(page.locator("#q")).to_have_value("jkx?")
    expect(page.locator("#shortcuts")).to_be_hidden()
    assert _current(desk) == listed[1]
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    # Telex and the like compose: keys on their way to a letter are no shortcuts.
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', isComposing: true, bubbles: true}))"
    )
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', ctrlKey: true, bubbles: true}))")
    assert _current(desk) == listed[1]
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/console/reports/{listed[2]}**")
    page.keyboard.press("n")
    expect(page.locator("#note-words")).to_be_focused()
    page.keyboard.type("eramn")
    expect(page.locator("#note-words")).to_have_value("eramn")


def test_the_page_can_be_walked_with_tab_and_shows_where_one_is(
    open_desk: OpenDesk, codes: list[str], chief: Staff
) -> None:
    desk = open_desk(chief)
    page = desk.open("/console/reports?folder=all")
    assert codes[0] in page.content()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    seen = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        state = page.evaluate(
            "(() => { const e = document.activeElement, r = e.getBoundingClientRect(), s = getComputedStyle(e);"
            " return [e.tagName + (e.id || e.name || e.textContent.trim().slice(0, 20)), r.width * r.height > 0,"
            " s.outlineStyle !== 'none']; })()"
        )
        if state[0].startswith("BODY"):
            break  # round once
        assert state[1], state
        assert state[2], state
        seen.add(state[0])
    assert len(seen) > 20, "no trap"


def _pages(codes: list[str]) -> list[str]:
    return [
        "/console/",
        "/console/reports",
        "/console/reports?folder=twins",
        "/console/reports?folder=done&q=khong-co-gi",
        f"/console/reports/{codes[0]}",
        "/console/reports/new",
        "/console/reports/villages",
        "/console/profile",
        "/console/profile/second-factor",
        "/console/accounts",
        "/console/oa",
        "/console/audit",
        "/console/permissions",
        "/console/volunteers",
        "/console/files",
    ]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["1366x768", "390x844"])
def test_axe_finds_nothing_on_any_page(
    open_desk: OpenDesk, codes: list[str], chief: Staff, size: tuple[int, int]
) -> None:
    desk = open_desk(chief, size, policy=False)  # axe itself is a script the policy would refuse
    found = []
    for path in _pages(codes):
        page = desk.open(path)
        page.evaluate("document.querySelectorAll('main details').forEach((fold) => { fold.open = true; })")
        page.add_script_tag(path=str(AXE))
        violations = page.evaluate("axe.run().then((result) => result.violations)")
        found += [(path, each["id"], [node["target"] for node in each["nodes"]][:3]) for each in violations]
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
        if size == PHONE:  # and nothing runs off the narrowest phone
            page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW[0], path
            page.set_viewport_size({"width": size[0], "height": size[1]})
    desk.expected_statuses.add(404)
    desk.open("/console/nowhere").add_script_tag(path=str(AXE))
    found += [("404", each["id"], []) for each in desk.page.evaluate("axe.run().then((r) => r.violations)")]
    assert found == []


@pytest.fixture(scope="module")
def shown(product: Product) -> Staff:
    """Whose desk the pictures show: a handful of reports, one of them being worked on."""
    official = new_official(product, "chu-tich", "kien-minh", "Trần Thị Thử")
    take_down_reports(product, official)
    return official


@pytest.mark.parametrize(
    ("path", "name"), [("/console/", "console-home.png"), ("/console/reports", "console-reports.png")]
)
def test_pictures(open_desk: OpenDesk, shown: Staff, tmp_path: Path, path: str, name: str) -> None:
    """``PICTURES_TO=docs/pictures`` renews the pictures of the documentation."""
    page = open_desk(shown).open(path)
    picture = Path(os.environ.get("PICTURES_TO") or tmp_path) / name
    page.mouse.move(2, 2)
    page.screenshot(path=picture)
    assert 10_000 < picture.stat().st_size < PICTURE_BYTES
