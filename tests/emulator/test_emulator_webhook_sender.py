"""Redelivery, giving up, the probe, and the troubles a webhook meets on its way."""

from __future__ import annotations

import json
import threading

import pytest
from emulator_harness import Harness, MakeHarness, Product, Received

from emulator.events import signature

SHORT_SECONDS = 1.0
"""For a product that will not answer in time; one that answers at once has done so by then."""


def _retries(product: Product, message_id: str) -> list[str]:
    return [
        item.headers.get("num_retry", "0")
        for item in product.events("user_send_text")
        if item.body["message"]["msg_id"] == message_id
    ]


def _message(harness: Harness, message_id: str) -> dict:
    found = harness.client.get("/emulator/messages", query_string={"user_id": harness.resident.user_id}).get_json()
    return next(item for item in found["messages"] if item["message_id"] == message_id)


def test_saving_a_url_probes_it_unsigned(harness: Harness, product: Product) -> None:
    answer = harness.client.post("/emulator/webhook", json={"url": product.url}).get_json()
    assert answer["probe"] == 200
    (probe,) = product.events()
    assert probe.raw == b"{}"
    assert "X-ZEvent-Signature" not in probe.headers


def test_a_url_that_refuses_the_probe_is_not_saved(harness: Harness, product: Product) -> None:
    product.answer = lambda received, number: 401
    other = product.url + "/other"
    answer = harness.client.post("/emulator/webhook", json={"url": other}).get_json()
    assert answer["probe"] == 401
    assert answer["url"] == product.url


def test_an_answered_message_is_acknowledged_once(harness: Harness, product: Product) -> None:
    message_id = harness.say()
    harness.settle()
    assert _retries(product, message_id) == ["0"]
    stored = _message(harness, message_id)
    assert (stored["acknowledged"], stored["attempts"]) == (True, 1)


def test_a_failed_delivery_comes_again_with_the_same_bytes(harness: Harness, product: Product) -> None:
    product.answer = lambda received, number: 500 if number <= 2 else 200
    message_id = harness.say()
    harness.settle()
    assert _retries(product, message_id) == ["0", "1", "2"]
    assert len({item.raw for item in product.events()}) == 1
    assert len({item.headers["X-ZEvent-Signature"] for item in product.events()}) == 1
    assert _message(harness, message_id)["acknowledged"] is True


def test_after_five_redeliveries_the_app_is_cut_off(harness: Harness, product: Product) -> None:
    product.answer = lambda received, number: 503
    message_id = harness.say()
    harness.settle()
    assert _retries(product, message_id) == ["0", "1", "2", "3", "4", "5"]
    assert _message(harness, message_id)["delivery_state"] == "abandoned"
    later = harness.say("còn ai không")
    harness.settle()
    assert _retries(product, later) == []
    assert _message(harness, later)["delivery_state"] == "suppressed"
    product.answer = lambda received, number: 200
    assert harness.client.post("/emulator/webhook", json={"url": product.url}).get_json()["disabled"] is False
    again = harness.say("lại đây")
    harness.settle()
    assert _message(harness, again)["acknowledged"] is True


def test_a_slow_answer_counts_as_none(make_harness: MakeHarness, product: Product) -> None:
    harness = make_harness(webhook_timeout_seconds=SHORT_SECONDS)
    released = threading.Event()
    product.answer = lambda received, number: released if number == 1 else 200
    message_id = harness.say()
    harness.settle()
    released.set()
    assert _retries(product, message_id) == ["0", "1"]
    (delivery,) = harness.client.get("/emulator/deliveries", query_string={"message_id": message_id}).get_json()
    assert [attempt["outcome"] for attempt in delivery["attempts"]] == ["timeout", 200]


def test_nobody_listening_is_retried_too(make_harness: MakeHarness) -> None:
    harness = make_harness(webhook_url="http://127.0.0.1:9/webhooks/zalo")
    message_id = harness.say()
    harness.settle()
    assert _message(harness, message_id)["attempts"] == 6


@pytest.mark.parametrize("trigger", ["status", "timeout"])
def test_redelivery_triggers_can_be_switched_off(trigger: str, make_harness: MakeHarness, product: Product) -> None:
    others = frozenset({"connection", "status", "timeout"} - {trigger})
    waits = {"webhook_timeout_seconds": SHORT_SECONDS} if trigger == "timeout" else {}
    harness = make_harness(redeliver_on=others, **waits)
    released = threading.Event()
    product.answer = lambda received, number: 500 if trigger == "status" else released
    message_id = harness.say()
    harness.settle()
    released.set()
    assert _retries(product, message_id) == ["0"]
    assert _message(harness, message_id)["delivery_state"] == "abandoned"


def _set(harness: Harness, **webhook: object) -> None:
    response = harness.client.post("/emulator/faults", json={"webhook": webhook})
    assert response.status_code == 200, response.get_json()


def test_duplicates_are_the_same_event(harness: Harness, product: Product) -> None:
    _set(harness, copies=4)
    message_id = harness.say()
    harness.settle()
    assert _retries(product, message_id) == ["0"] * 4
    assert len({item.raw for item in product.events()}) == 1


def test_a_dropped_event_arrives_by_redelivery(harness: Harness, product: Product) -> None:
    _set(harness, drop_next=1)
    lost = harness.say("mất")
    kept = harness.say("còn")
    harness.settle()
    assert _retries(product, lost) == ["1"]
    assert _retries(product, kept) == ["0"]
    assert _message(harness, lost)["acknowledged"] is True


def test_reordered_events_all_arrive(make_harness: MakeHarness, product: Product) -> None:
    harness = make_harness(sender_threads=1)
    _set(harness, reorder_batch=3)
    sent = [harness.say(f"tin {number}") for number in range(3)]
    harness.settle()
    arrived = [item.body["message"]["msg_id"] for item in product.events("user_send_text")]
    assert arrived == list(reversed(sent))


def test_an_incomplete_batch_is_not_held_for_ever(harness: Harness, product: Product) -> None:
    _set(harness, reorder_batch=10)
    message_id = harness.say()
    harness.settle()
    assert _retries(product, message_id) == ["0"]


def test_a_delay_holds_the_event_back(harness: Harness, product: Product) -> None:
    _set(harness, delay_seconds=30.0)
    harness.say()
    assert harness.emulator.sender.pending() == 1
    assert product.events() == []


def _mac(harness: Harness, received: Received) -> str:
    timestamp = str(received.body["timestamp"])
    return signature(harness.emulator.app_id, received.raw, timestamp, harness.account.secret_key)


@pytest.mark.parametrize("mode", ["prefixed", "bare", "bad", "missing"])
def test_signature_modes(mode: str, harness: Harness, product: Product) -> None:
    _set(harness, signature=mode)
    harness.say()
    harness.settle()
    (received,) = product.events()
    header = received.headers.get("X-ZEvent-Signature")
    good = _mac(harness, received)
    if mode == "prefixed":
        assert header == f"mac={good}"
    elif mode == "bare":
        assert header == good
    elif mode == "bad":
        assert header is not None
        assert header.startswith("mac=")
        assert header != f"mac={good}"
    else:
        assert header is None


def test_a_numeric_timestamp_is_signed_as_text(harness: Harness, product: Product) -> None:
    _set(harness, numeric_timestamp=True)
    harness.say()
    harness.settle()
    (received,) = product.events()
    assert isinstance(received.body["timestamp"], int)
    assert received.headers["X-ZEvent-Signature"] == f"mac={_mac(harness, received)}"


def test_unknown_and_made_up_events_can_be_sent(harness: Harness, product: Product) -> None:
    harness.act("event")
    harness.act("event", body={"event_name": "user_call_oa", "call_id": "c_7f3319"})
    harness.settle()
    names = sorted(item.event for item in product.events())
    assert names == ["user_call_oa", "user_did_something_new"]
    assert all(json.loads(item.raw)["app_id"] == harness.emulator.app_id for item in product.events())


def test_the_envelope_carries_the_emulated_time(harness: Harness, product: Product) -> None:
    harness.shift_hours(24)
    harness.say()
    harness.settle()
    now = harness.emulator.clock.now_ms()
    assert 0 <= now - int(product.events()[0].body["timestamp"]) < 60_000


def test_the_cut_off_itself_can_be_switched_off(make_harness: MakeHarness, product: Product) -> None:
    harness = make_harness(disable_when_exhausted=False)
    product.answer = lambda received, number: 503 if number <= 6 else 200
    lost = harness.say()
    harness.settle()
    later = harness.say("còn ai không")
    harness.settle()
    assert _message(harness, lost)["delivery_state"] == "abandoned"
    assert _message(harness, later)["acknowledged"] is True


def test_what_one_person_types_arrives_as_typed(harness: Harness, product: Product) -> None:
    sent = [harness.say(f"tin {number}") for number in range(30)]
    harness.settle()
    bodies = [item.body for item in product.events("user_send_text")]
    assert [body["message"]["msg_id"] for body in bodies] == sent
    times = [int(body["timestamp"]) for body in bodies]
    assert times == sorted(set(times))


def test_one_persons_failed_message_does_not_hold_up_the_next(harness: Harness, product: Product) -> None:
    product.answer = lambda received, number: 500 if number == 1 else 200
    first, second = harness.say("một"), harness.say("hai")
    harness.settle()
    assert _retries(product, first) == ["0", "1"]
    assert _retries(product, second) == ["0"]


def test_a_url_that_is_none_fails_like_a_dead_one(make_harness: MakeHarness) -> None:
    harness = make_harness(webhook_url="http://[broken")
    message_id = harness.say()
    harness.settle()
    assert _message(harness, message_id)["delivery_state"] == "abandoned"
