"""What the page says about the two windows of the contract's section 3.2, and about Zalo's refusals."""

from __future__ import annotations

import pytest
from emulator_harness import Harness

from emulator.clock import DAY_MS, HOUR_MS
from emulator.reply_window import describe
from emulator.world import Resident

NOW = 1_800_000_000_000


@pytest.mark.parametrize(
    ("age_ms", "words"),
    [
        (0, "miễn phí, còn 48 giờ"),
        (47 * HOUR_MS + 1, "miễn phí, còn 1 giờ"),
        (48 * HOUR_MS, "miễn phí, còn 0 giờ"),
        (48 * HOUR_MS + 1, "quá 48 giờ: mất phí, còn 5 ngày"),
        (6 * DAY_MS, "quá 48 giờ: mất phí, còn 24 giờ"),
        (7 * DAY_MS, "quá 48 giờ: mất phí, còn 0 giờ"),
        (7 * DAY_MS + 1, "quá 7 ngày: Zalo từ chối (-230)"),
    ],
)
def test_the_window_in_words(age_ms: int, words: str) -> None:
    resident = Resident("1", "2", "3", "Bác Một (thử)", last_interaction_ms=NOW - age_ms)
    assert describe(resident, NOW) == words


def test_before_the_first_message_only_welcomes_are_free() -> None:
    resident = Resident("1", "2", "3", "Bác Một (thử)")
    assert describe(resident, NOW) == "chưa mở: người dân chưa nhắn"
    resident.follower, resident.welcome_remain = True, 3
    assert describe(resident, NOW) == "còn 3 tin chào"


def test_the_page_tells_what_was_refused(harness: Harness) -> None:
    who = {"oa_id": harness.account.oa_id, "user_id": harness.resident.user_id}
    version = harness.client.get("/fragments", query_string=who).get_json()["version"]
    assert "Zalo đã từ chối" not in harness.client.get("/", query_string=who).get_data(as_text=True)
    harness.reply("chưa ai nhắn mà đã đáp")
    news = harness.client.get("/fragments", query_string=who | {"version": version, "wait": "1"}).get_json()
    assert "-232: 1 lần" in news["status"]
