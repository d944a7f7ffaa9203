"""Troubles of the API, with and without the message having gone; limits; what the rate recorder says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
import requests
from emulator_harness import PATIENCE_SECONDS, Harness, MakeHarness, sample
from rig import wait_until

from emulator import EmulatorConfiguration, RunningEmulator, start
from emulator.rate import busiest_window


def _set(harness: Harness, *faults: dict[str, object]) -> None:
    response = harness.client.post("/emulator/faults", json={"api": list(faults)})
    assert response.status_code == 200, response.get_json()


def _raw_reply(harness: Harness) -> tuple[int, bytes]:
    body = {"recipient": {"user_id": harness.resident.user_id}, "message": {"text": "Chào bác"}}
    response = harness.client.post("/v3.0/oa/message/cs", json=body, headers={"access_token": harness.access_token})
    return response.status_code, response.data


def _delivered(harness: Harness) -> int:
    return len([item for item in harness.emulator.world.messages() if item.direction == "out"])


@pytest.mark.parametrize(
    ("code", "name"),
    [(-32, "err_rate_limit_app"), (-216, "err_token_invalid"), (-224, "err_tier"), (-200, "err_send_failed")],
)
def test_a_refusal_for_so_many_calls(code: int, name: str, harness: Harness) -> None:
    harness.say()
    _set(harness, {"kind": "error", "code": code, "times": 2})
    assert [harness.reply() for _ in range(2)] == [sample("responses", name)["json"]] * 2
    assert _delivered(harness) == 0
    assert harness.reply()["error"] == 0


@pytest.mark.parametrize("delivered", [False, True])
@pytest.mark.parametrize(("kind", "status"), [("http_500", 500), ("html", 504)])
def test_a_broken_answer(kind: str, status: int, delivered: bool, harness: Harness) -> None:
    harness.say()
    _set(harness, {"kind": kind, "delivered": delivered})
    assert _raw_reply(harness)[0] == status
    assert _delivered(harness) == int(delivered)
    assert harness.reply()["error"] == 0


def test_a_fault_may_strike_one_oa_or_one_person_only(harness: Harness) -> None:
    other = harness.emulator.world.add_resident(harness.account.oa_id, "Bác khác")
    harness.say()
    _set(
        harness,
        {"kind": "error", "code": -200, "times": None, "user_id": other.user_id},
        {"kind": "error", "code": -200, "times": None, "oa_id": "another"},
    )
    assert harness.reply()["error"] == 0
    body = {"recipient": {"user_id": other.user_id}, "message": {"text": "a"}}
    assert harness.post("/v3.0/oa/message/cs", body)["error"] == -200
    assert harness.post("/v3.0/oa/message/cs", body)["error"] == -200
    harness.client.delete("/emulator/faults")
    assert harness.post("/v3.0/oa/message/cs", body)["error"] == -232


def test_faults_strike_sends_unless_told_otherwise(harness: Harness) -> None:
    _set(harness, {"kind": "error", "code": -216})
    assert harness.get("/v2.0/oa/getoa")["error"] == 0
    _set(harness, {"kind": "error", "code": -216, "path_contains": ""})
    assert harness.get("/v2.0/oa/getoa")["error"] == -216


@pytest.mark.parametrize(
    "wanted",
    [
        {"api": [{"kind": "meteor"}]},
        {"api": [{"kind": "hang", "seconds": "long"}]},
        {"webhook": {"copies": "many"}},
        {"webhook": {"unheard": 1}},
        {"weather": 1},
    ],
)
def test_nonsense_switches_are_refused(wanted: dict[str, object], harness: Harness) -> None:
    before = harness.client.get("/emulator/faults").get_json()
    assert harness.client.post("/emulator/faults", json=wanted).status_code == 400
    assert harness.client.get("/emulator/faults").get_json() == before


@pytest.fixture
def running() -> Iterator[RunningEmulator]:
    with start(EmulatorConfiguration(seed_communes=True, seen_delay_seconds=0.0)) as emulator:
        yield emulator


def _send(running: RunningEmulator, session: requests.Session, timeout: float) -> requests.Response:
    account = running.emulator.world.accounts()[0]
    resident = running.emulator.world.residents(account.oa_id)[0]
    running.emulator.world.interact(resident)
    pair = running.emulator.tokens.current(account.oa_id)
    assert pair is not None
    return session.post(
        f"{running.url}/v3.0/oa/message/cs",
        json={"recipient": {"user_id": resident.user_id}, "message": {"text": "Chào bác"}},
        headers={"access_token": pair.access_token},
        timeout=timeout,
    )


@pytest.mark.parametrize("delivered", [False, True])
def test_a_connection_cut_before_the_answer(delivered: bool, running: RunningEmulator) -> None:
    running.emulator.faults.update({"api": [{"kind": "reset", "delivered": delivered}]})
    with requests.Session() as session:
        with pytest.raises(requests.ConnectionError):
            _send(running, session, timeout=PATIENCE_SECONDS)
        assert len(running.emulator.world.messages()) == int(delivered)
        assert _send(running, session, timeout=PATIENCE_SECONDS).json()["error"] == 0


@pytest.mark.parametrize("delivered", [False, True])
def test_an_answer_that_comes_too_late(delivered: bool, running: RunningEmulator) -> None:
    running.emulator.faults.update({"api": [{"kind": "hang", "seconds": 30, "delivered": delivered}]})
    with requests.Session() as session:
        with pytest.raises(requests.ReadTimeout):
            _send(running, session, timeout=1.0)
        assert len(running.emulator.world.messages()) == int(delivered)
        assert _send(running, session, timeout=PATIENCE_SECONDS).json()["error"] == 0


def test_a_connection_is_kept_alive_and_ids_never_repeat(running: RunningEmulator) -> None:
    with requests.Session() as session:
        replies = [_send(running, session, timeout=PATIENCE_SECONDS).json() for _ in range(20)]
    assert len({reply["data"]["message_id"] for reply in replies}) == 20
    assert all(isinstance(reply["data"]["sent_time"], str) for reply in replies)


def test_many_at_once(running: RunningEmulator) -> None:
    errors: list[int] = []

    def work() -> None:
        with requests.Session() as session:
            errors.extend(_send(running, session, timeout=PATIENCE_SECONDS).json()["error"] for _ in range(10))

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == [0] * 100
    figures = requests.get(f"{running.url}/emulator/rates", timeout=PATIENCE_SECONDS).json()
    account = running.emulator.world.accounts()[0]
    assert figures["sends"]["per_oa"][account.oa_id]["count"] == 100
    assert 1 <= figures["sends"]["app"]["busiest_second"] <= 100


def test_past_the_minutes_limit_calls_are_not_executed(make_harness: MakeHarness) -> None:
    harness = make_harness(calls_per_minute=3)
    harness.say()
    assert [harness.reply()["error"] for _ in range(5)] == [0, 0, 0, -32, -32]
    assert _delivered(harness) == 3
    assert harness.client.get("/emulator/rates").get_json()["refused"] == 2


def test_an_oa_may_have_a_limit_of_its_own(make_harness: MakeHarness) -> None:
    harness = make_harness(oa_calls_per_minute=1)
    harness.say()
    assert [harness.reply()["error"] for _ in range(2)] == [0, -32]
    assert harness.reply() == sample("responses", "err_rate_limit_oa")["json"]
    other = harness.emulator.world.add_account("Xã khác")
    harness.access_token = harness.emulator.issue_tokens(other.oa_id).access_token
    assert harness.get("/v2.0/oa/getoa")["error"] == 0


@pytest.mark.parametrize(
    ("moments", "expected"),
    [([], 0), ([5.0], 1), ([0.0, 0.999, 1.0], 2), ([0.9, 1.1, 1.2, 5.0], 3), ([0.0, 1.0, 2.0], 1)],
)
def test_the_busiest_second(moments: list[float], expected: int) -> None:
    assert busiest_window(moments) == expected


def test_hanging_calls_end_when_the_emulator_stops() -> None:
    running = start(EmulatorConfiguration(seed_communes=True))
    running.emulator.faults.update({"api": [{"kind": "hang", "seconds": 600, "delivered": True}]})
    ended = threading.Event()

    def call() -> None:
        with requests.Session() as session:
            _send(running, session, timeout=PATIENCE_SECONDS)
        ended.set()

    thread = threading.Thread(target=call)
    thread.start()
    wait_until(running.emulator.world.messages, "the message is there")
    running.stop()
    thread.join(PATIENCE_SECONDS)
    assert ended.is_set()


def test_state_is_json_all_through(harness: Harness) -> None:
    json.dumps(harness.client.get("/emulator/state").get_json())
