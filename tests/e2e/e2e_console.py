"""An official at the console in a real browser, and reports for them to work on."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from e2e_product import Product
from playwright.sync_api import Browser, ConsoleMessage, Page

from bot import credentials
from bot.cases.codes import new_code
from bot.casework import filing
from bot.casework.taking_down import TakenDown, take_down
from bot.conversation.acts import Contact, FileReport, Place
from bot.journal.processing import FiledAct
from bot.people import Person
from bot.store import staff as accounts
from bot.store.staff import NewStaff, Staff
from emulator.world import Resident

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PASSWORD = "bốn từ không liên quan"
PATIENCE_MILLISECONDS = 60_000
_numbers = count(1)

TEXTS = (
    ("Mất nước từ sáng nay ở xóm Đông, cả ngõ không có nước nấu cơm", "nuoc", "hotline", 1),
    ("Xóm Đông mất nước sạch từ 6 giờ sáng, đề nghị xã kiểm tra", "nuoc", "desk", 2),
    ("Đường liên thôn gần nhà văn hóa có ổ gà sâu, hai xe máy đã ngã", "duong_sa", "social", 72),
    ("Bóng đèn đường trước cổng trường mầm non cháy ba hôm nay", "dien", "hotline", 290),
    ("Rác đổ trộm ven mương sau chợ, mùi hôi nồng nặc", "rac_moi_truong", "team", 30),
    ("Cây phượng mục gốc nghiêng ra đường, sợ đổ khi mưa bão", "duong_sa", "desk", 3),
)


def new_official(product: Product, role: str, commune: str | None, name: str = "") -> Staff:
    """An account in the running product."""
    services = product.services
    address = f"{role}-{next(_numbers)}@{commune or 'city'}.example"
    new = NewStaff(commune, address, name or f"Cán bộ {role} (thử)", role, credentials.hash_password(PASSWORD))
    with services.database.write() as connection:
        return accounts.add(connection, new, services.clock.now_ms())


def take_down_reports(product: Product, by: Staff) -> list[str]:
    """A handful of reports of different ages; their codes."""
    services, codes = product.services, []
    assert by.commune_id is not None
    for text, category, source, hours in TEXTS:
        taken = TakenDown(
            kind="report", source=source, category=category, text=text, name="Bác Thử", phone="0912345678"
        )
        with services.database.write() as connection:
            moment = services.clock.now_ms() - hours * 3_600_000
            codes.append(take_down(connection, services.vault, by, by.commune_id, taken, moment).code)
    return codes


def send_report(product: Product, resident: Resident, commune: str, text: str) -> str:
    """A report as the worker files it for a resident who wrote; its code."""
    services, code = product.services, new_code("report", secrets.choice)
    report = FileReport(code, "nuoc", text, Place(), Contact("Bác Thử", "0912345678"))
    act = FiledAct(
        f"e2e:{code}", Person(resident.oa_id, resident.user_id), commune, "e2e", services.clock.now_ms(), report
    )
    with services.database.write() as connection:
        filing.file_report(connection, services.vault, act, report)
    return code


class Desk:
    """One official's browser. ``troubles`` are errors of the page: refused by the policy, missing, thrown."""

    def __init__(self, page: Page, product: Product, staff: Staff) -> None:
        self.page, self.product, self.staff = page, product, staff
        self.troubles: list[str] = []
        self.expected_statuses: set[int] = set()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        if any(f"status of {status}" in message.text for status in self.expected_statuses):
            return
        self.troubles.append(message.text)

    def open(self, path: str) -> Page:
        """A page of the console."""
        self.page.goto(f"{self.product.url}{path}")
        return self.page

    def sign_in(self) -> Desk:
        """Through the front door."""
        self.open("/console/")
        self.page.get_by_label("Địa chỉ thư điện tử").fill(self.staff.email)
        self.page.get_by_label("Mật khẩu").fill(PASSWORD)
        self.page.get_by_role("button", name="Đăng nhập").click()
        self.page.get_by_role("heading", name="Việc của tôi").wait_for()
        return self


OpenDesk = Callable[..., Desk]


@contextmanager
def desks(browser: Browser, product: Product) -> Iterator[OpenDesk]:
    """Hand out browsers; at the end each must have been without error."""
    opened: list[Desk] = []

    def open_desk(
        staff: Staff, size: tuple[int, int] = (1366, 768), *, script: bool = True, policy: bool = True
    ) -> Desk:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            java_script_enabled=script,
            bypass_csp=not policy,
        )
        desk = Desk(context.new_page(), product, staff)
        opened.append(desk)
        return desk.sign_in()

    try:
        yield open_desk
    finally:
        for desk in opened:
            desk.page.context.close()
    assert [trouble for desk in opened for trouble in desk.troubles] == []
