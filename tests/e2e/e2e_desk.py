"""An official at the console in a real browser: signs in, opens pages, and the page must have been without error."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from e2e_phone import ANSWER_MILLISECONDS, DESKTOP
from e2e_product import Product
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from bot import credentials
from bot.store import staff as accounts
from bot.store.staff import NewStaff, Staff

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
PASSWORD = "bốn từ không liên quan"
PAGE_MILLISECONDS = ANSWER_MILLISECONDS
"""The console is built at its first request."""


@dataclass
class Official:
    """One browser of one official, on the console of the product under test."""

    page: Page
    product: Product
    staff: Staff
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        self.page.on("request", self._note_request)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            self.troubles.append(f"console {message.type}: {message.text}")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.product.url + "/", "data:")):
            self.troubles.append(f"request to {request.url}")

    def open(self, path: str) -> Page:
        """Go to a page of the console."""
        self.page.goto(f"{self.product.url}/console/{path}", wait_until="load")
        return self.page

    def sign_in(self) -> None:
        """Through the door, as anybody does."""
        self.open("sign-in")
        self.page.get_by_label("Địa chỉ thư điện tử").fill(self.staff.email)
        self.page.get_by_label("Mật khẩu").fill(PASSWORD)
        self.page.get_by_role("button", name="Đăng nhập").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Việc của tôi")

    def violations(self) -> Sequence[object]:
        """What axe finds on the page as it stands."""
        # The page's own policy forbids scripts without its nonce; axe is the test's, not the page's.
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run().then((result) => result.violations)")
        return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]


@contextmanager
def official_at(
    browser: Browser,
    product: Product,
    role: str,
    name: str,
    *,
    commune: str = "ha-dong",
    size: tuple[int, int] = DESKTOP,
    script: bool = True,
) -> Iterator[Official]:
    """An official of a post with an account of their own, signed in; at the end the pages must have been sound."""
    place = None if role == "thanh-pho" else commune
    email = f"{role}-{secrets.token_hex(4)}@{place or 'city'}.example"
    with product.services.database.write() as connection:
        new = NewStaff(place, email, name, role, credentials.hash_password(PASSWORD))
        staff = accounts.add(connection, new, product.services.clock.now_ms())
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        java_script_enabled=script,
    )
    context.set_default_timeout(PAGE_MILLISECONDS)
    official = Official(context.new_page(), product, staff)
    try:
        official.sign_in()
        yield official
        assert official.troubles == []
    finally:
        context.close()
