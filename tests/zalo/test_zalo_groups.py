"""Into a group of the OA: the sample's call, against a tiny server and against the emulated Zalo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from fake_zalo import PATIENT, FakeZalo
from zalo_samples import request, response

import emulator
from bot.people import group_address
from bot.replies import Button, Reply
from bot.zalo.client import ZaloClient
from emulator.application import RunningEmulator
from emulator.configuration import EmulatorConfiguration
from emulator.world import OfficialAccount

TOKEN, GROUP = "zA1-secret-token", "b81e5d3c90f7a264d1aa"
ADDRESS = group_address(GROUP)


def _client(url: str) -> ZaloClient:
    return ZaloClient(url, url, "1840275930164482011", "app-secret", read_timeout=PATIENT)


def test_it_makes_the_call_of_the_sample_without_mentions_and_buttons(zalo: FakeZalo) -> None:
    status, raw = response("group_message_ok")
    zalo.answers(raw, status)
    sample = request("group_message_text")
    reply = Reply("Chào [@6620491835570182944] cả nhà", (Button("Lệ phí", "#hoixa:fee"),))
    outcome = _client(zalo.url).send(TOKEN, ADDRESS, reply)
    assert (outcome.kind, bool(outcome.message_id), outcome.paid) == ("sent", True, None)
    assert (zalo.last.method, zalo.last.path) == (sample["method"], urlsplit(sample["url"]).path)
    assert json.loads(zalo.last.body) == {"recipient": {"group_id": GROUP}, "message": {"text": "Chào  cả nhà"}}


@pytest.mark.parametrize("text", ["", "dài " * 600])
def test_what_zalo_would_refuse_costs_no_call(zalo: FakeZalo, text: str) -> None:
    outcome = _client(zalo.url).send(TOKEN, ADDRESS, Reply(text))
    assert (outcome.kind, outcome.code, zalo.seen) == ("refused", -210, [])


@pytest.fixture(scope="module")
def running() -> Iterator[RunningEmulator]:
    with emulator.start(EmulatorConfiguration(seed=5)) as started:
        yield started


@pytest.fixture
def account(running: RunningEmulator) -> OfficialAccount:
    account = running.emulator.world.add_account("Xã Hà Đông")
    account.groups[GROUP] = True
    return account


def _send(running: RunningEmulator, account: OfficialAccount) -> tuple[str, int | None, str]:
    token = running.emulator.issue_tokens(account.oa_id).access_token
    outcome = _client(running.url).send(token, ADDRESS, Reply("Giờ làm việc: 7:30"))
    return outcome.kind, outcome.code, outcome.rule.action if outcome.rule else ""


def test_the_emulated_zalo_takes_it(running: RunningEmulator, account: OfficialAccount) -> None:
    assert _send(running, account) == ("sent", 0, "")


def test_a_group_that_is_off_or_not_ours_is_refused_for_good(
    running: RunningEmulator, account: OfficialAccount
) -> None:
    account.groups[GROUP] = False
    kind, code, action = _send(running, account)
    assert (kind, code) == ("refused", -237) and action != "retry"
    account.groups.clear()
    kind, code, action = _send(running, account)
    assert (kind, code) == ("refused", -403) and action != "retry"


def test_an_oa_whose_package_has_no_groups_is_refused(running: RunningEmulator, account: OfficialAccount) -> None:
    account.tier = "plain_text_only"
    assert _send(running, account)[:2] == ("refused", -224)
