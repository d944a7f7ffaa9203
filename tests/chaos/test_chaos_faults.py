"""Everything that can go wrong on the way, one by one and together: each resident is answered exactly once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from emulator import ApiFault, Emulator, events
from emulator.faults import Faults

from .crowd import Crowd, was_acknowledged
from .product import Product
from .settling import settle, settle_and_judge
from .waiting import wait_until

RESIDENTS, QUESTIONS = 6, 2


@dataclass(frozen=True, slots=True)
class Trouble:
    """One line of the table: what is switched on, and the counter that proves it struck."""

    name: str
    switch_on: Callable[[Faults], None]
    proof: str
    seconds: float = 120.0


def _webhook(**values: object) -> Callable[[Faults], None]:
    return lambda faults: faults.update({"webhook": values})


def _api(kind: str, *, times: int = 3, **values: object) -> Callable[[Faults], None]:
    return lambda faults: faults.add(ApiFault(kind=kind, times=times, **values))  # type: ignore[arg-type]


def _both(*switches: Callable[[Faults], None]) -> Callable[[Faults], None]:
    def switch_on(faults: Faults) -> None:
        for switch in switches:
            switch(faults)

    return switch_on


QUICK = [
    Trouble("every event three times at once", _webhook(copies=3), "copies"),
    Trouble("events come late", _webhook(delay_seconds=0.3), "events"),
    Trouble("first attempts lost, then brought again", _webhook(drop_next=5), "webhook_failures"),
    Trouble("half of all first attempts lost", _webhook(drop_probability=0.5), "webhook_failures"),
    Trouble("events of many people out of order", _webhook(reorder_batch=4), "events"),
    Trouble("signature without its prefix", _webhook(signature="bare"), "events"),
    Trouble("timestamp as a number", _webhook(numeric_timestamp=True), "events"),
    Trouble("500, not delivered", _api("http_500"), "fault_http_500"),
    Trouble("500 after delivery", _api("http_500", delivered=True), "fault_http_500"),
    Trouble("connection reset before delivery", _api("reset"), "fault_reset"),
    Trouble("connection reset after delivery", _api("reset", delivered=True), "fault_reset"),
    Trouble("a page of HTML, not delivered", _api("html"), "fault_html"),
    Trouble("a page of HTML after delivery", _api("html", delivered=True), "fault_html"),
    Trouble("too fast (-32)", _api("error", code=-32), "api_error_-32"),
    Trouble("token invalid (-216)", _api("error", code=-216, times=1), "api_error_-216"),
    Trouble("package refuses buttons (-224)", _api("error", code=-224, only_packaged=True), "api_error_-224"),
    Trouble("sending failed, try again (-200)", _api("error", code=-200, times=1), "api_error_-200"),
]
SLOW = [
    Trouble("no answer, not delivered", _api("hang", seconds=11.0), "fault_hang", 120),
    Trouble("no answer after delivery", _api("hang", seconds=11.0, delivered=True), "fault_hang", 120),
    Trouble(
        "doubts while Zalo does not tell its record",
        _both(_api("reset"), _api("http_500", path_contains="/conversation", times=4)),
        "fault_reset",
        120,
    ),
    Trouble(
        "everything at once",
        _both(
            _webhook(copies=2, drop_probability=0.3, reorder_batch=3, delay_seconds=0.05, numeric_timestamp=True),
            _api("http_500", delivered=True),
            _api("reset", delivered=True),
            _api("reset"),
            _api("html"),
            _api("error", code=-32),
            _api("error", code=-216, times=1),
            _api("error", code=-224, times=2, only_packaged=True),
        ),
        "fault_reset",
        120,
    ),
]


def _counter(emulator: Emulator, trouble: Trouble) -> int:
    counters = emulator.world.counters
    if trouble.proof == "copies":  # more attempts than there were events
        return counters["webhook_attempts"] - counters["event_user_send_text"]
    return counters["event_user_send_text" if trouble.proof == "events" else trouble.proof]


def _answered_once_under(trouble: Trouble, product: Product, crowd: Crowd) -> None:
    zalo = product.emulator.emulator
    before = _counter(zalo, trouble)
    trouble.switch_on(zalo.faults)
    crowd.ask_everything([crowd.newcomer(QUESTIONS) for _ in range(RESIDENTS)], trouble.seconds)
    assert settle_and_judge(product, crowd, trouble.seconds) == RESIDENTS * QUESTIONS
    assert _counter(zalo, trouble) > before, "the fault never struck, so the test proves nothing"


@pytest.mark.parametrize("trouble", QUICK, ids=lambda trouble: trouble.name)
def test_each_is_answered_once_under(trouble: Trouble, product: Product, crowd: Crowd) -> None:
    _answered_once_under(trouble, product, crowd)


@pytest.mark.slow
@pytest.mark.parametrize("trouble", SLOW, ids=lambda trouble: trouble.name)
def test_each_is_answered_once_in_the_end_under(trouble: Trouble, product: Product, crowd: Crowd) -> None:
    _answered_once_under(trouble, product, crowd)


def test_five_copies_of_one_message_at_once_are_one_reply(product: Product, crowd: Crowd) -> None:
    product.emulator.emulator.faults.update({"webhook": {"copies": 5}})
    resident = crowd.newcomer(1)
    message = crowd.ask(resident)
    wait_until(lambda: message.attempts == 5, "five copies sent", 60)
    assert settle_and_judge(product, crowd) == 1


def test_a_bad_signature_is_refused_and_the_good_redelivery_answered(product: Product, crowd: Crowd) -> None:
    zalo = product.emulator.emulator
    zalo.faults.update({"webhook": {"signature": "bad"}})
    resident = crowd.newcomer(1)
    message = crowd.ask(resident)
    delivery = next(one for one in reversed(zalo.sender.recent) if one.message is message)
    wait_until(lambda: delivery.attempts, "the first attempt", 60)
    assert delivery.attempts[0]["outcome"] == 401
    zalo.faults.clear()
    timestamp, secret = str(message.sent_ms), zalo.world.account(resident.oa_id).secret_key
    mac = events.signature(zalo.app_id, delivery.raw_body, timestamp, secret)
    delivery.headers["X-ZEvent-Signature"] = f"mac={mac}"
    assert settle_and_judge(product, crowd) == 1


def test_unknown_events_between_messages_are_acknowledged_and_ignored(product: Product, crowd: Crowd) -> None:
    zalo = product.emulator.emulator
    people = [crowd.newcomer(QUESTIONS) for _ in range(RESIDENTS)]
    deliveries = []
    for resident in people:
        account = zalo.world.account(resident.oa_id)
        bodies: tuple[dict[str, object], ...] = (
            {"event_name": "user_did_something_new", "oa_id": account.oa_id, "user_id_by_app": resident.user_id},
            {
                "event_name": "oa_did_something_new",
                "sender": {"id": account.oa_id},
                "recipient": {"id": resident.user_id},
            },
        )
        for body in bodies:
            body |= {"app_id": zalo.app_id, "timestamp": zalo.timestamp()}
            deliveries.append(zalo.emit(body, account))
        crowd.ask(resident)
    crowd.ask_everything(people)
    assert settle_and_judge(product, crowd) == RESIDENTS * QUESTIONS
    assert {delivery.state for delivery in deliveries} == {"acknowledged"}


def test_messages_of_one_person_redelivered_out_of_turn_are_each_answered_once(product: Product, crowd: Crowd) -> None:
    zalo = product.emulator.emulator
    resident = crowd.newcomer(3)
    zalo.faults.update({"webhook": {"drop_next": 1}})
    for _ in resident.plan:  # the first is lost on the way and comes after the others
        crowd.ask(resident)
    wait_until(lambda: all(map(was_acknowledged, resident.asked)), "everything acknowledged", 60)
    settle(product, crowd)
    handled = product.rows(f"SELECT msg_id, id FROM inbox WHERE user_id = '{resident.user_id}'")
    came = sorted(resident.asked, key=lambda message: handled[message.message_id])
    assert came[-1] is resident.asked[0]
    resident.asked = came  # what they must get follows the order in which Zalo brought it
    assert settle_and_judge(product, crowd) == 3
