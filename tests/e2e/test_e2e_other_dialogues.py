"""What the first files of dialogues leave out, in a real browser: more said, a case opened again, a team's report
and question, a class signed up for and left. By buttons, and by numbers where the package allows plain text alone."""

from __future__ import annotations

import pytest
from conftest import OpenPhone
from e2e_neighbours import PATIENCE_SECONDS
from e2e_product import Product
from playwright.sync_api import expect
from test_e2e_dialogues import PACKAGES, choose, code_in, open_on, past_similar

from bot.casework import moving, volunteers
from bot.store import events, staff
from bot.store.staff import NewStaff, Staff

DAY_MS = 86_400_000


def _official(product: Product, commune: str) -> Staff:
    services = product.services
    email = f"giai-quyet@{commune}.example"
    with services.database.write() as connection:
        known = staff.find(connection, email)
        new = NewStaff(commune, email, "Người giải quyết", "chu-tich", "no password fits this")
        return known or staff.add(connection, new, services.clock.now_ms())


def _move(product: Product, official: Staff, code: str, state: str) -> None:
    services = product.services
    with services.database.write() as connection:
        moving.move(connection, services.vault, official, code, state, "", "", services.clock.now_ms())


@pytest.mark.parametrize(("commune", "package"), PACKAGES)
def test_more_is_said_of_a_case_and_it_is_opened_again(
    open_phone: OpenPhone, product: Product, commune: str, package: str
) -> None:
    phone = open_on(open_phone, product, commune, package)
    phone.say("#PA")
    phone.say("nắp cống trước cổng trạm y tế bị vỡ")
    past_similar(phone)
    if "Gửi đi" not in phone.text_of_last() and "Gửi đi" not in phone.choices():
        phone.say("cổng trạm y tế")
        past_similar(phone)
    code = code_in(choose(phone, "Gửi đi"))
    phone.say(code)
    assert "nói thêm gì" in choose(phone, "Nói thêm cho việc này")
    assert code in phone.say("hôm qua có cháu bé suýt ngã")
    official = _official(product, commune)
    _move(product, official, code, "assigned")
    _move(product, official, code, "resolved")
    expect(phone.page.locator("#log")).to_contain_text("đã xử lý xong", timeout=PATIENCE_SECONDS * 1000)
    product.settle()
    phone.say(code)
    assert "còn vướng gì" in choose(phone, "Chưa xong, mở lại")
    assert "mở lại" in phone.say("mới kê tấm ván, chưa thay nắp")
    assert "đang được xử lý" in phone.say(code)
    product.settle()


@pytest.mark.parametrize(("commune", "package"), PACKAGES)
def test_a_team_reports_and_forwards_and_a_class_is_signed_up_for_and_left(
    open_phone: OpenPhone, product: Product, commune: str, package: str
) -> None:
    services = product.services
    now = services.clock.now_ms()
    with services.database.write() as connection:
        code = volunteers.issue_code(connection, services.vault, None, commune, "Thôn Đông (mẫu)", now, 14)
        events.add(
            connection, now, commune_id=commune, kind="class", title=f"Lớp dùng VNeID {package}", place="Nhà văn hóa",
            starts_ms=now + DAY_MS, seats=5, audience="", author="x@example.vn",
        )  # fmt: skip
    phone = open_on(open_phone, product, commune, package)
    assert "ghi bác vào tổ" in phone.say(code)
    phone.say("báo cáo tổ")
    phone.say("2")
    phone.say("khoảng 15 người")
    shown = phone.say("bà con hay quên mật khẩu")
    assert "Lớp đã mở: 2. Người đã giúp: 15." in shown
    choose(phone, "Gửi đi")
    assert "có đồng ý" in phone.say("chuyển giúp chợ phiên họp những ngày nào")
    choose(phone, "Có")
    phone.say("bà Năm đầu ngõ")
    assert "bà Năm đầu ngõ" in phone.say("bỏ qua")
    assert "CG-" in choose(phone, "Gửi đi")
    product.settle()
    phone.become_somebody_new()  # whoever writes so fast is asked to wait
    assert "Lớp dùng VNeID" in phone.say("bao giờ có lớp")
    if "Đăng ký" not in phone.choices() and "Đăng ký" not in phone.text_of_last():
        choose(phone, f"Lớp dùng VNeID {package}")
    choose(phone, "Đăng ký")
    assert "Lớp dùng VNeID" in phone.say("Bà Năm đầu ngõ")
    phone.say("bao giờ có lớp")
    if "Thôi, nhường chỗ" not in phone.choices() and "Thôi, nhường chỗ" not in phone.text_of_last():
        choose(phone, f"Lớp dùng VNeID {package}")
    assert "bỏ tên bác" in choose(phone, "Thôi, nhường chỗ")
    product.settle()
