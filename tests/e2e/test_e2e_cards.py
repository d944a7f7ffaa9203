"""Every printed card holds all it says on its one A5 page, in a real browser."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import Browser

import knowledge
from knowledge.cards import card, sticker_sheet

A5 = {"width": 559, "height": 794}
A4 = {"width": 794, "height": 1123}
OVERFLOW = """() => ['.card', '.body', '.steps', '.fact', '.sticker', '.sheet'].flatMap(name =>
  [...document.querySelectorAll(name)]
  .filter(e => e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2)
  .map(() => name))"""
LIBRARY = knowledge.load()
ACCOUNT = "1234567890123456789"


def test_nothing_is_cut_off_on_any_card_or_sticker(browser: Browser) -> None:
    page = browser.new_page(viewport=A5)
    try:
        cut_off = {}
        for commune in (LIBRARY.communes["ha-bac"], LIBRARY.communes["le-dai-hanh"]):
            for topic in LIBRARY.topics:
                page.set_content(card(LIBRARY, commune, topic, ACCOUNT, date(2026, 11, 22)))
                found = page.evaluate(OVERFLOW)
                if found:
                    cut_off[commune.id, topic] = found
        page.set_viewport_size(A4)
        page.set_content(sticker_sheet(LIBRARY, LIBRARY.communes["le-dai-hanh"], ACCOUNT))
        assert page.evaluate(OVERFLOW) == []
        assert cut_off == {}
    finally:
        page.close()
