"""Access tokens that die under load, and refreshes that fail: one refresh, and everything is answered in the end."""

from __future__ import annotations

import pytest

from .crowd import Crowd
from .product import Product
from .settling import settle_and_judge
from .waiting import wait_until

IN_FLIGHT = 20
LONGER_THAN_A_TOKEN_LIVES = 26 * 3600.0
LONGER_THAN_A_FAILED_REFRESH_WAITS = "400"


def _refusals(product: Product) -> int:
    """Sends refused for their token: -220 while it is merely old, -216 once the refresh has put an end to it."""
    counters = product.emulator.emulator.world.counters
    return counters["api_error_-220"] + counters["api_error_-216"]


def test_a_token_that_expires_with_twenty_sends_under_way_is_refreshed_once(
    product: Product, crowd: Crowd, oa_id: str
) -> None:
    zalo = product.emulator.emulator
    zalo.clock.shift(LONGER_THAN_A_TOKEN_LIVES)
    zalo.faults.update({"latency_milliseconds": 3000})  # all twenty have left before the first is refused
    refreshes, refusals = zalo.world.counters["oauth_calls"], _refusals(product)
    crowd.ask_everything([crowd.newcomer(1) for _ in range(IN_FLIGHT)])
    assert settle_and_judge(product, crowd) == IN_FLIGHT
    assert 1 < _refusals(product) - refusals <= IN_FLIGHT  # on a slow machine a few leave with the new token
    assert zalo.world.counters["oauth_calls"] - refreshes == 1
    assert oa_id in product.rows("SELECT oa_id, version FROM oa_token WHERE refreshed_ms > 0")


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["gateway_page", "http_500"])
def test_a_refresh_that_fails_is_tried_again(product: Product, crowd: Crowd, oa_id: str, fault: str) -> None:
    zalo = product.emulator.emulator
    zalo.clock.shift(LONGER_THAN_A_TOKEN_LIVES)
    zalo.faults.update({"oauth": {fault: 1}})
    crowd.ask(crowd.newcomer(2))
    failed = "SELECT oa_id, retry_ms FROM oa_token WHERE retry_ms > 0"
    wait_until(lambda: oa_id in product.rows(failed), "the failure noted", 60)
    # The next try comes minutes later; the worker's clock is put forward in place of waiting.
    product.restart_workers({"HOIXA_CLOCK_OFFSET_SECONDS": LONGER_THAN_A_FAILED_REFRESH_WAITS})
    try:
        crowd.ask_everything()
        assert settle_and_judge(product, crowd) == 2
    finally:
        product.restart_workers({"HOIXA_CLOCK_OFFSET_SECONDS": "0"})


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["empty", "-14014", "-14020", "quoted"])
def test_a_refresh_token_spent_without_our_knowing_waits_for_a_new_grant(
    product: Product, crowd: Crowd, oa_id: str, answer: str
) -> None:
    zalo = product.emulator.emulator
    pair = zalo.tokens.current(oa_id)
    assert pair is not None
    zalo.tokens.refresh(pair.refresh_token)  # as if our refresh had been carried out and its answer lost
    zalo.faults.update({"oauth": {"reused_refresh": answer}})
    crowd.ask(crowd.newcomer(1))
    told = "SELECT oa_id, 1 FROM oa_token WHERE needs_grant OR retry_ms > 0"
    wait_until(lambda: oa_id in product.rows(told), "the dead grant noted", 60)
    assert crowd.replies_got() == 0
    product.grant(oa_id)  # an admin of the OA grants again
    assert settle_and_judge(product, crowd) == 1
