"""What becomes of a send: every code of Zalo's, every way a call can end, and what each teaches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest
from rig import HOUR_MS, NOON_MS, OTHER_OA, OUR_OA, RESIDENT, Rig

from bot.clock import VIETNAM
from bot.encryption import Vault
from bot.journal import sending
from bot.journal.access import TokenKeeper
from bot.journal.outbox import ClaimedSend
from bot.journal.rate import APP_SCOPE, answers_scope, oa_scope
from bot.journal.sending import Finished, Pool, Sender, backoff_ms
from bot.journal.states import SEND_ATTEMPTS, OutboxState
from bot.replies import Button, Reply
from bot.store import accounts
from bot.store.residents import ResidentChange
from bot.store.residents import apply as apply_residents
from bot.zalo.errors import all_rules, rule
from bot.zalo.outcomes import OAuthFailure, SendOutcome, TokenPair

WITH_BUTTONS = Reply("Bác cần phần nào?", (Button("Lệ phí", "#hoixa:fee"),))
TEN_MINUTES = 600_000


@dataclass
class ZaloByHeart:
    """Answers sends and refreshes as told; remembers what was sent."""

    outcomes: list[SendOutcome] = field(default_factory=lambda: [SendOutcome("sent", "zalo-1")])
    refreshed: TokenPair | OAuthFailure = field(default_factory=lambda: TokenPair("new access", "new", 90_000))
    seen: list[tuple[str, str, Reply, bool, str | None]] = field(default_factory=list)
    refreshes: int = 0

    def send(self, token: str, user_id: str, reply: Reply, *, plain: bool, conversation_id: str | None) -> SendOutcome:
        self.seen.append((token, user_id, reply, plain, conversation_id))
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]

    def refresh(self, _token: str) -> TokenPair | OAuthFailure:
        self.refreshes += 1
        return self.refreshed


def refusal(code: int, message: str = "") -> SendOutcome:
    return SendOutcome("refused", code=code, message=message, rule=rule("oa", code, message))


def _sender(rig: Rig, zalo: ZaloByHeart, vault: Vault | None = None) -> Sender:
    keeper = TokenKeeper(rig.database, rig.vault, zalo, rig.clock, "0000000a")  # type: ignore[arg-type]
    return Sender(zalo, keeper, vault or rig.vault, rig.clock)  # type: ignore[arg-type]


def _go(rig: Rig, zalo: ZaloByHeart, **claim: Any) -> Finished:
    """Claim the one reply that is due, send it, write the result: a round of the worker."""
    (claimed,) = rig.claim_sends()
    finished = _sender(rig, zalo).send(replace(claimed, **claim))
    with rig.database.write() as connection:
        sending.record(connection, "0000000a", [finished], rig.clock.now_ms())
        sending.push_back(connection, rig.limiter, [finished])
    return finished


def _known(rig: Rig, last_ms: int | None = None) -> None:
    with rig.database.write() as connection:
        change = ResidentChange(OUR_OA, RESIDENT, NOON_MS, interaction_ms=last_ms or rig.clock.now_ms())
        apply_residents(connection, [change])


WAITS, GONE = OutboxState.READY, OutboxState.DEAD
PAUSED, STOPPED = "the OA is paused", "the resident is left alone"
EXPECTED: dict[int, tuple[OutboxState, bool, str]] = {
    # code: (state, whether the attempt counts, what else)
    -32: (WAITS, False, "the app slows down"),
    -100: (WAITS, True, ""),
    -200: (WAITS, True, ""),
    -201: (GONE, True, ""),
    -204: (WAITS, False, PAUSED),
    -205: (WAITS, False, PAUSED),
    -209: (WAITS, False, PAUSED),
    -210: (GONE, True, ""),
    -211: (WAITS, False, PAUSED),
    -212: (WAITS, False, PAUSED),
    -213: (GONE, True, STOPPED),
    -214: (WAITS, False, ""),
    -216: (WAITS, False, "the token is refreshed"),
    -217: (GONE, True, STOPPED),
    -218: (GONE, True, STOPPED),
    -219: (WAITS, False, PAUSED),
    -220: (WAITS, False, "the token is refreshed"),
    -221: (WAITS, False, PAUSED),
    -223: (WAITS, False, PAUSED),
    -224: (WAITS, False, "plain text from now on"),
    -227: (GONE, True, STOPPED),
    -230: (GONE, True, STOPPED),
    -232: (GONE, True, STOPPED),
    -233: (GONE, True, ""),
    -234: (WAITS, False, ""),
    -235: (WAITS, False, PAUSED),
    -237: (GONE, True, STOPPED),
    -238: (GONE, True, ""),
    -240: (GONE, True, ""),
    -241: (GONE, True, ""),
    -242: (GONE, True, ""),
    -244: (GONE, True, STOPPED),
    -248: (GONE, True, ""),
    -249: (GONE, True, ""),
    -320: (WAITS, False, PAUSED),
    -321: (WAITS, False, PAUSED),
    -403: (GONE, True, STOPPED),
    -1340: (GONE, True, ""),
    -1341: (GONE, True, ""),
}
DUE: dict[int, Callable[[int], bool]] = {
    -32: lambda wait: wait == 1000,
    -100: lambda wait: 500 <= wait <= 1000,
    -200: lambda wait: 500 <= wait <= 1000,
    -214: lambda wait: wait == 5000,
    -216: lambda wait: wait == 0,
    -220: lambda wait: wait == 0,
    -224: lambda wait: wait == 0,
    -234: lambda wait: wait == 18 * HOUR_MS,
}


def test_the_table_covers_every_code_of_the_contract() -> None:
    assert set(EXPECTED) == {code for surface, code in all_rules() if surface == "oa"}


@pytest.mark.parametrize("code", sorted(EXPECTED, reverse=True))
def test_each_code(code: int, sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    rig.connect_oa()
    _known(rig)
    rig.owe(rig.new_send(WITH_BUTTONS))
    zalo = ZaloByHeart([refusal(code)])
    begun_us = sending.now_us()
    _go(rig, zalo)
    state, burns, effect = EXPECTED[code]
    row, account, resident = rig.row(), rig.row("oa"), rig.row("resident")
    now = rig.clock.now_ms()
    assert (row.state, row.attempt, row.last_error) == (state, int(burns), f"zalo{code}")
    if state is WAITS:
        assert DUE.get(code, lambda wait: wait == TEN_MINUTES)(row.due_ms - now), row.due_ms - now
    assert (account.paused_until_ms, account.pause_reason) == (
        (now + TEN_MINUTES, f"zalo{code}") if effect == PAUSED else (0, None)
    )
    assert resident.stopped_reason == (f"zalo{code}" if effect == STOPPED else None)
    assert (account.plain_text_since_ms is not None) == (effect == "plain text from now on")
    assert zalo.refreshes == int(effect == "the token is refreshed")
    slowed = {one.scope for one in rig.rows("rate_limit") if one.next_us >= begun_us + sending.RATE_PAUSE_US}
    assert slowed == ({APP_SCOPE, answers_scope(APP_SCOPE)} if effect == "the app slows down" else set())


def test_a_code_nobody_has_described_is_not_tried_again(sqlite_rig: Rig) -> None:
    sqlite_rig.connect_oa()
    sqlite_rig.owe(sqlite_rig.new_send())
    _go(sqlite_rig, ZaloByHeart([refusal(-98765)]))
    assert (sqlite_rig.row().state, sqlite_rig.row().last_error) == (OutboxState.DEAD, "zalo-98765")


def test_too_fast_for_the_oa_alone_slows_the_oa_alone(sqlite_rig: Rig) -> None:
    sqlite_rig.connect_oa()
    sqlite_rig.owe(sqlite_rig.new_send())
    finished = _go(sqlite_rig, ZaloByHeart([refusal(-32, "Your OA has reached its limit")]))
    assert finished.push_back == oa_scope(OUR_OA)


def test_an_invalid_user_id_ends_the_resident_and_not_the_program(sqlite_rig: Rig) -> None:
    sqlite_rig.connect_oa()
    _known(sqlite_rig)
    sqlite_rig.owe(sqlite_rig.new_send())
    _go(sqlite_rig, ZaloByHeart([refusal(-201, "user_id is invalid!")]))
    assert sqlite_rig.row("resident").stopped_reason == "zalo-201"


def test_sent(rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send(WITH_BUTTONS, anonymous_conversation="conversation"))
    zalo = ZaloByHeart([SendOutcome("sent", "m" * 150)])
    _go(rig, zalo)
    row = rig.row()
    assert (row.state, row.sent_ms, row.attempt, row.owner) == (OutboxState.SENT, rig.clock.now_ms(), 1, None)
    assert row.zalo_msg_id == "m" * 120, "an id longer than any of Zalo's must not stop the worker"
    assert zalo.seen == [(f"access-{OUR_OA}", RESIDENT, WITH_BUTTONS, False, "conversation")]


def test_in_doubt_is_looked_at_after_the_echo_had_time(rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send())
    _go(rig, ZaloByHeart([SendOutcome("in_doubt", message="ReadTimeout")]))
    row = rig.row()
    assert (row.state, row.attempt, row.due_ms - rig.clock.now_ms()) == (OutboxState.IN_DOUBT, 1, 2000)


def test_a_client_that_breaks_is_in_doubt(sqlite_rig: Rig) -> None:
    class Broken(ZaloByHeart):
        def send(self, *_arguments: Any, **_options: Any) -> SendOutcome:
            raise RuntimeError("after the request left, perhaps")

    sqlite_rig.connect_oa()
    sqlite_rig.owe(sqlite_rig.new_send())
    assert _go(sqlite_rig, Broken()).result.state is OutboxState.IN_DOUBT
    assert sqlite_rig.row().last_error == "RuntimeError"


def test_what_breaks_before_the_request_left_is_no_doubt(sqlite_rig: Rig) -> None:
    """A reply sealed with another key cannot be read: nothing was sent, and nothing has to be looked for at Zalo."""
    rig = sqlite_rig
    rig.connect_oa()
    sealed = Vault("another key of thirty-two letters").encrypt(Reply("Xin chào").to_json(), "outbox.payload")
    rig.owe(rig.new_send(payload_sealed=sealed))
    zalo = ZaloByHeart()
    for attempt in range(1, SEND_ATTEMPTS + 1):
        finished = _go(rig, zalo)
        assert finished.result.state is (OutboxState.READY if attempt < SEND_ATTEMPTS else OutboxState.DEAD)
        assert rig.row().last_error == "DecryptionError"
        rig.clock.pass_ms(300_000)
    assert zalo.seen == []


def test_zalo_out_of_reach_burns_no_last_attempt_for_a_day(rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send())
    zalo = ZaloByHeart([SendOutcome("not_sent", message="ConnectTimeout")])
    begin = rig.clock.now_ms()
    while rig.clock.now_ms() - begin <= 24 * HOUR_MS:
        _go(rig, zalo)
        row = rig.row()
        assert (row.state, row.last_error) == (OutboxState.READY, "unreachable")
        assert row.attempt < SEND_ATTEMPTS
        assert 0 < row.due_ms - rig.clock.now_ms() <= 300_000
        rig.clock.pass_ms(max(row.due_ms - rig.clock.now_ms(), HOUR_MS))
    _go(rig, zalo)
    assert (rig.row().state, rig.row().last_error) == (OutboxState.DEAD, "unreachable")


def test_eight_attempts_and_no_ninth(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    rig.connect_oa()
    rig.owe(rig.new_send())
    zalo = ZaloByHeart([refusal(-100)])
    for attempt in range(1, SEND_ATTEMPTS + 1):
        _go(rig, zalo)
        row = rig.row()
        assert row.attempt == attempt
        assert row.state == (OutboxState.READY if attempt < SEND_ATTEMPTS else OutboxState.DEAD)
        rig.clock.pass_ms(300_000)
    assert len(zalo.seen) == SEND_ATTEMPTS


def test_a_general_failure_gets_one_more_try(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    rig.connect_oa()
    rig.owe(rig.new_send())
    zalo = ZaloByHeart([refusal(-200)])
    _go(rig, zalo)
    rig.clock.pass_ms(300_000)
    _go(rig, zalo)
    assert (rig.row().state, rig.row().attempt) == (OutboxState.DEAD, 2)


@pytest.mark.parametrize("attempt", range(1, 30))
def test_backoff_grows_to_five_minutes_and_is_spread(attempt: int) -> None:
    full = min(300_000, 500 * 2**attempt)
    waits = [backoff_ms(attempt) for _ in range(200)]
    assert min(waits) >= full // 2
    assert max(waits) <= full
    assert max(waits) - min(waits) > full // 5


@pytest.mark.parametrize(
    ("age_ms", "state"),
    [(48 * HOUR_MS, OutboxState.SENT), (7 * 24 * HOUR_MS, OutboxState.SENT), (7 * 24 * HOUR_MS + 1, OutboxState.DEAD)],
)
def test_outside_the_window_nothing_is_even_tried(age_ms: int, state: OutboxState, sqlite_rig: Rig) -> None:
    sqlite_rig.connect_oa()
    _known(sqlite_rig, sqlite_rig.clock.now_ms() - age_ms)
    sqlite_rig.owe(sqlite_rig.new_send())
    zalo = ZaloByHeart()
    _go(sqlite_rig, zalo)
    assert sqlite_rig.row().state == state
    assert len(zalo.seen) == (state is OutboxState.SENT)
    assert sqlite_rig.row().last_error == (None if state is OutboxState.SENT else "outside_window")


def test_whom_zalo_refused_gets_nothing_until_they_write(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    rig.connect_oa()
    _known(rig)
    rig.owe(rig.new_send(user_id=RESIDENT))
    zalo = ZaloByHeart([refusal(-244), SendOutcome("sent", "zalo-2")])
    _go(rig, zalo)
    rig.owe(rig.new_send())
    _go(rig, zalo)
    assert [row.last_error for row in rig.rows()] == ["zalo-244", "zalo-244"]
    assert len(zalo.seen) == 1
    _known(rig)
    rig.owe(rig.new_send())
    _go(rig, zalo)
    assert rig.rows()[2].state == OutboxState.SENT


def test_a_package_without_buttons_is_remembered(rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send(WITH_BUTTONS), rig.new_send(WITH_BUTTONS, user_id="another"))
    zalo = ZaloByHeart([refusal(-224), SendOutcome("sent", "zalo-1")])
    first, second = rig.claim_sends()
    finished = _sender(rig, zalo).send(first)
    with rig.database.write() as connection:
        sending.record(connection, "0000000a", [finished], rig.clock.now_ms())
    assert not second.plain
    (again,) = rig.claim_sends()
    assert again.plain
    _sender(rig, zalo).send(again)
    assert [seen[3] for seen in zalo.seen] == [False, True]
    rig.owe(rig.new_send(WITH_BUTTONS, user_id="third"))
    (later,) = rig.claim_sends()
    assert later.plain
    rig.connect_oa()
    with rig.database.write() as connection:
        accounts.forget_plain_text(connection, OUR_OA)
    rig.owe(rig.new_send(WITH_BUTTONS, user_id="fourth"))
    assert not rig.claim_sends()[0].plain


@pytest.mark.parametrize("reply", [Reply("Chỉ có chữ"), WITH_BUTTONS])
def test_a_package_that_refuses_even_plain_text_pauses_the_oa(reply: Reply, sqlite_rig: Rig) -> None:
    sqlite_rig.connect_oa()
    sqlite_rig.owe(sqlite_rig.new_send(reply))
    finished = _go(sqlite_rig, ZaloByHeart([refusal(-224)]), plain=bool(reply.buttons))
    assert (finished.plain_text, finished.pause_reason) == (False, "zalo-224")
    assert sqlite_rig.row().state == OutboxState.READY


def test_a_refused_token_is_refreshed_and_the_reply_leaves_with_the_new_one(rig: Rig) -> None:
    rig.connect_oa()
    rig.owe(rig.new_send())
    zalo = ZaloByHeart([refusal(-216), SendOutcome("sent", "zalo-1")])
    keeper = TokenKeeper(rig.database, rig.vault, zalo, rig.clock, "0000000a")  # type: ignore[arg-type]
    sender = Sender(zalo, keeper, rig.vault, rig.clock)  # type: ignore[arg-type]
    for _ in range(2):
        (claimed,) = rig.claim_sends()
        finished = sender.send(claimed)
        with rig.database.write() as connection:
            sending.record(connection, "0000000a", [finished], rig.clock.now_ms())
    assert [seen[0] for seen in zalo.seen] == [f"access-{OUR_OA}", "new access"]
    assert (rig.row().state, rig.row().attempt) == (OutboxState.SENT, 1)


def test_a_grant_refused_for_good_leaves_the_replies_waiting(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    rig.connect_oa()
    rig.owe(rig.new_send())
    zalo = ZaloByHeart([refusal(-216), SendOutcome("sent", "x")], OAuthFailure("terminal", -14014, ""))
    _go(rig, zalo)
    assert rig.row("oa_token").needs_grant
    assert rig.claim_sends() == []
    assert (rig.row().state, rig.row().attempt) == (OutboxState.READY, 0)
    rig.connect_oa()
    _go(rig, zalo)
    assert rig.row().state == OutboxState.SENT


def test_a_refresh_that_fails_for_the_moment_pauses_the_oa_briefly(sqlite_rig: Rig) -> None:
    sqlite_rig.connect_oa()
    sqlite_rig.owe(sqlite_rig.new_send())
    _go(sqlite_rig, ZaloByHeart([refusal(-216)], OAuthFailure("transient", None, "HTTP 502")))
    assert sqlite_rig.row("oa").paused_until_ms == sqlite_rig.clock.now_ms() + 5000
    assert (sqlite_rig.row().state, sqlite_rig.row().attempt) == (OutboxState.READY, 0)


def test_at_night_until_six(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    rig.connect_oa()
    for hour, minute in ((22, 0), (0, 30), (5, 59)):
        rig.clock.moment_ms = int(datetime(2026, 11, 22, hour, minute, tzinfo=VIETNAM).timestamp() * 1000)
        rig.owe(rig.new_send(user_id=f"at {hour}"))
        _go(rig, ZaloByHeart([refusal(-234)]))
        due = datetime.fromtimestamp(rig.rows()[-1].due_ms / 1000, VIETNAM)
        assert (due.hour, due.minute) == (6, 0)
        assert 0 < rig.rows()[-1].due_ms - rig.clock.now_ms() <= 24 * HOUR_MS


def test_a_send_does_not_leave_before_its_slot(sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(sending.time, "sleep", waits.append)
    monkeypatch.setattr(sending, "now_us", lambda: 1_000_000)
    sqlite_rig.connect_oa()
    sqlite_rig.owe(sqlite_rig.new_send())
    (claimed,) = sqlite_rig.claim_sends()
    sender = _sender(sqlite_rig, ZaloByHeart())
    sender.send(replace(claimed, slot_us=1_070_000))
    sender.send(replace(claimed, slot_us=900_000))
    assert waits == [pytest.approx(0.07)]


def test_the_pool_hands_back_every_result_and_counts_what_is_under_way() -> None:
    woken, gate = threading.Semaphore(0), threading.Event()
    pool = Pool(woken.release)
    for number in range(10):
        pool.submit(lambda number=number: (gate.wait(30), number)[1])  # type: ignore[misc]
    assert (pool.in_flight, pool.free) == (10, sending.POOL_THREADS - 10)
    assert pool.drain() == []
    gate.set()
    for _ in range(10):
        assert woken.acquire(timeout=30)
    assert sorted(pool.drain()) == list(range(10))  # type: ignore[type-var]
    assert (pool.in_flight, pool.free) == (0, sending.POOL_THREADS)
    pool.close()


def test_what_the_oas_teach_is_kept_apart(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    for oa_id in (OUR_OA, OTHER_OA):
        rig.connect_oa(oa_id)
        rig.owe(rig.new_send(oa_id=oa_id))
    claimed: list[ClaimedSend] = rig.claim_sends()
    sender = _sender(rig, ZaloByHeart([refusal(-204), SendOutcome("sent", "zalo-1")]))
    finished = [sender.send(send) for send in sorted(claimed, key=lambda send: send.oa_id != OUR_OA)]
    with rig.database.write() as connection:
        sending.record(connection, "0000000a", finished, rig.clock.now_ms())
    assert {row.oa_id: row.pause_reason for row in rig.rows("oa")} == {OUR_OA: "zalo-204", OTHER_OA: None}
