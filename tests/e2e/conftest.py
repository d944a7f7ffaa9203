"""One product, one Chromium, a fresh page and a fresh resident for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e_phone import ANSWER_MILLISECONDS, DESKTOP, Phone
from e2e_product import Product, running_product
from playwright.sync_api import Browser, expect, sync_playwright

import intents

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

OpenPhone = Callable[..., Phone]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for the browser carries the mark, and is skipped where there is none.

    These tests come last and together: the product and the browser do not run beside tests that need neither.
    """
    items.sort(key=lambda item: Path(__file__).parent in item.path.parents)
    missing = None if shutil.which(CHROMIUM) else f"no {CHROMIUM} (Debian: apt-get install chromium)"
    for item in items:
        if "browser" not in getattr(item, "fixturenames", ()):
            continue
        item.add_marker(pytest.mark.browser)
        if missing is not None:
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The emulated Zalo and ``hoixa serve``, for all tests of this folder."""
    try:
        intents.load()
    except intents.ModelMissing as error:
        pytest.fail(str(error))
    with running_product(tmp_path_factory.mktemp("hoixa")) as both:
        yield both


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium with a profile of its own that can reach this machine only."""
    expect.set_options(timeout=ANSWER_MILLISECONDS)  # Playwright's own five seconds are for machines with nothing to do
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture
def open_phone(browser: Browser, product: Product) -> Iterator[OpenPhone]:
    """Open the page as a new resident of a commune; afterwards the page must have been without error."""
    opened: list[Phone] = []

    def open_page(
        commune: str = "ha-dong",
        size: tuple[int, int] = DESKTOP,
        *,
        name: str = "Bác Mới (thử)",
        script: bool = True,
    ) -> Phone:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            java_script_enabled=script,
        )
        context.set_default_timeout(ANSWER_MILLISECONDS)
        phone = Phone(context.new_page(), product, product.new_resident(commune, name))
        opened.append(phone)
        return phone.open()

    yield open_page
    troubles = [trouble for phone in opened for trouble in phone.troubles]
    for phone in opened:
        phone.page.context.close()
    product.all_is_well_again()
    assert troubles == []
