"""When everything has come to rest, and the assertion that each was answered exactly once."""

from __future__ import annotations

from .crowd import Crowd
from .product import Product
from .waiting import TookTooLong, wait_until, wait_until_none


def settle(product: Product, crowd: Crowd, seconds: float = 120.0) -> None:
    """Wait until nothing is under way anywhere: whatever is missing or too much then is so for good."""
    try:
        wait_until(crowd.all_acknowledged, "everything acknowledged", seconds)
        wait_until_none(lambda: product.open_rows(crowd.oa_ids), "open in the journal", seconds)
        wait_until_none(product.emulator.emulator.sender.pending, "on its way from Zalo", seconds)
    except TookTooLong as error:
        raise TookTooLong(f"{error}; so far: {crowd.verdict()}; replies by state: {product.outbox_states()}") from None


def settle_and_judge(product: Product, crowd: Crowd, seconds: float = 120.0) -> int:
    """Settle, and assert that each message was answered once and in order. Returns how many were."""
    settle(product, crowd, seconds)
    verdict = crowd.verdict()
    assert verdict.is_clean, str(verdict)
    return verdict.answered_once
