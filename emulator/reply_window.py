"""Until when an answer to a resident is free, paid for or refused (contract, section 3.2), in words for the page."""

from __future__ import annotations

from emulator.clock import DAY_MS, HOUR_MS
from emulator.world import Resident

REPLY_WINDOW_MS = 48 * HOUR_MS
CONSULTATION_WINDOW_MS = 7 * DAY_MS


def describe(resident: Resident, now_ms: int) -> str:
    """One line; both limits are inclusive."""
    if resident.last_interaction_ms is None:
        if resident.follower and resident.welcome_remain > 0:
            return f"còn {resident.welcome_remain} tin chào"
        return "chưa mở: người dân chưa nhắn"
    age_ms = now_ms - resident.last_interaction_ms
    if age_ms <= REPLY_WINDOW_MS:
        return f"miễn phí, còn {_left(REPLY_WINDOW_MS - age_ms)}"
    if age_ms <= CONSULTATION_WINDOW_MS:
        return f"quá 48 giờ: mất phí, còn {_left(CONSULTATION_WINDOW_MS - age_ms)}"
    return "quá 7 ngày: Zalo từ chối (-230)"


def _left(milliseconds: int) -> str:
    """Rounded up, so that "1 giờ" is never less than what is left."""
    hours = -(-milliseconds // HOUR_MS)
    return f"{hours} giờ" if hours <= REPLY_WINDOW_MS // HOUR_MS else f"{-(-milliseconds // DAY_MS)} ngày"
