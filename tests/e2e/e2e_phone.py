"""A resident at the chat page: what they type, tap and read, in the words of a test."""

from __future__ import annotations

from dataclasses import dataclass, field

from e2e_product import Product
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

from emulator.world import Resident

DESKTOP = (1366, 768)
PHONE = (390, 844)
ANSWER_MILLISECONDS = 60_000
"""How long a page or an answer may take on a busy machine before something is surely wrong."""


@dataclass
class Phone:
    """One page, open on the talk of one resident with one commune."""

    page: Page
    product: Product
    resident: Resident
    troubles: list[str] = field(default_factory=list)
    """Console errors, page errors and requests to anywhere but this machine."""

    def __post_init__(self) -> None:
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        self.page.on("request", self._note_request)

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console {message.type}: {message.text}")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.product.zalo.url + "/", "data:")):
            self.troubles.append(f"request to {request.url}")

    def open(self) -> Phone:
        """Go to the page."""
        address = f"{self.product.zalo.url}/?oa_id={self.resident.oa_id}&user_id={self.resident.user_id}"
        self.page.goto(address, wait_until="load")
        return self

    def become_somebody_new(self) -> None:
        """Open the talk of another resident of the same commune, whom nobody has heard of."""
        self.resident = self.product.new_resident_of(self.resident.oa_id)
        self.open()

    @property
    def replies(self) -> Locator:
        """What the commune answered, as bubbles."""
        return self.page.locator("#log > .theirs")

    @property
    def last(self) -> Locator:
        """The newest bubble of the commune."""
        return self.replies.last

    def text_of_last(self) -> str:
        """Its text without the time below it."""
        return self.last.locator(".text").inner_text()

    def choices(self) -> list[str]:
        """Titles of the buttons under the newest bubble."""
        return self.last.locator(".buttons button").all_inner_texts()

    def type(self, text: str) -> None:
        """Write and send, without waiting for anything."""
        self.page.locator("#text").fill(text)
        self.page.locator(".composer .send").click()

    def say(self, text: str) -> str:
        """Write, send, and read the one reply."""
        before = self.replies.count()
        self.type(text)
        return self._read_after(before)

    def tap(self, title: str) -> str:
        """Tap a button under the newest bubble that has it, and read the reply."""
        before = self.replies.count()
        self.page.locator("#log .buttons").get_by_role("button", name=title, exact=True).last.click()
        return self._read_after(before)

    def send_thing(self, title: str) -> str:
        """Send what the attachment menu offers under this title, and read the reply."""
        before = self.replies.count()
        self.page.locator(".attach > summary").click()
        self.page.locator(".attach-menu").get_by_role("button", name=title, exact=True).click()
        return self._read_after(before)

    def press(self, title: str) -> None:
        """Press a button beside the phone."""
        self.page.locator(".side").get_by_role("button", name=title, exact=True).click()

    def open_switches(self) -> None:
        """Unfold the card with the faults."""
        card = self.page.locator("details.card").filter(has_text="Công tắc trục trặc")
        if card.get_attribute("open") is None:
            card.locator("summary").first.click()

    def switch_webhook(self, label: str, value: str) -> None:
        """Set one switch of the webhook."""
        self.open_switches()
        place = self.page.get_by_label(label)
        if label == "Chữ ký":
            place.select_option(value)
        else:
            place.fill(value)
        with self.page.expect_response("**/do/webhook-faults"):
            self.press("Đặt")

    def trouble_the_api(self, name: str, times: int = 1) -> None:
        """Have the next calls of the product fail."""
        self.open_switches()
        self.page.locator('select[name="trouble"]').select_option(name)
        self.page.get_by_label("Số lần (0: mãi)").fill(str(times))
        with self.page.expect_response("**/do/api-fault"):
            self.press("Thêm trục trặc")

    def _read_after(self, before: int) -> str:
        expect(self.replies).to_have_count(before + 1, timeout=ANSWER_MILLISECONDS)
        return self.text_of_last()
