"""Tokens are refreshed by one holder at a time, stored before they are used, and never hammered."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from rig import OUR_OA, Rig

from bot.journal.access import LEASE_MS, REFRESH_AT_MS, TRANSIENT_WAIT_MS, TokenKeeper, days_left
from bot.store import accounts
from bot.store.accounts import StoredTokens
from bot.store.database import Database
from bot.zalo.client import ZaloClient
from bot.zalo.outcomes import OAuthFailure, TokenPair

DAY_MS = 86_400_000


@dataclass
class OAuthByHeart:
    """Answers refreshes as told and remembers what it was given. ``during`` runs while Zalo "thinks"."""

    answer: TokenPair | OAuthFailure = field(default_factory=lambda: TokenPair("new access", "new refresh", 90_000))
    during: Callable[[], None] = lambda: None
    seen: list[str] = field(default_factory=list)

    def refresh(self, refresh_token: str) -> TokenPair | OAuthFailure:
        self.seen.append(refresh_token)
        self.during()
        return self.answer


def _keeper(rig: Rig, zalo: OAuthByHeart, owner: str = "0000000a", database: Database | None = None) -> TokenKeeper:
    return TokenKeeper(database or rig.database, rig.vault, zalo, rig.clock, owner)  # type: ignore[arg-type]


def _stored(rig: Rig) -> StoredTokens:
    with rig.database.read() as connection:
        stored = accounts.read_tokens(connection, rig.vault, OUR_OA)
    assert stored is not None
    return stored


def test_twenty_refused_calls_in_flight_cost_one_refresh(rig: Rig) -> None:
    """Ten threads in each of two processes, all refused with the same old token."""
    rig.connect_oa()
    zalo = OAuthByHeart()
    databases = [rig.another_database() for _ in range(2)]
    keepers = [_keeper(rig, zalo, f"0000000{n}", database) for n, database in enumerate(databases)]
    barrier = threading.Barrier(20)
    outcomes: list[str] = []

    def refused(keeper: TokenKeeper) -> None:
        token = keeper.get(OUR_OA)
        assert token is not None
        barrier.wait()
        outcomes.append(keeper.refresh(OUR_OA, token.version))

    threads = [threading.Thread(target=refused, args=(keepers[n % 2],)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert zalo.seen == [f"refresh-{OUR_OA}"]
    assert outcomes.count("refreshed") == 1
    assert set(outcomes) <= {"refreshed", "already", "held"}
    for keeper in keepers:
        token = keeper.get(OUR_OA)
        assert token is not None
        if token.text != "new access":  # it was read while the refresh was under way: one refused call puts it right
            assert keeper.refresh(OUR_OA, token.version) == "already"
            token = keeper.get(OUR_OA)
        assert token is not None
        assert token.text == "new access"
    assert len(zalo.seen) == 1
    for database in databases:
        database.close()


def test_while_one_refreshes_the_others_are_told_so(rig: Rig) -> None:
    rig.connect_oa()
    zalo, meanwhile = OAuthByHeart(), []
    other = _keeper(rig, OAuthByHeart(), "0000000b")
    zalo.during = lambda: meanwhile.append(other.refresh(OUR_OA, 1))
    assert _keeper(rig, zalo).refresh(OUR_OA, 1) == "refreshed"
    assert meanwhile == ["held"]
    assert (_stored(rig).lease_owner, _stored(rig).lease_until_ms) == (None, 0)


def test_the_lease_of_the_dead_ends_by_itself(rig: Rig) -> None:
    rig.connect_oa()
    with rig.database.write() as connection:
        accounts.lease_refresh(connection, OUR_OA, "a dead one", rig.clock.now_ms() + LEASE_MS)
    zalo = OAuthByHeart()
    keeper = _keeper(rig, zalo)
    assert keeper.refresh(OUR_OA, 1) == "held"
    rig.clock.pass_ms(LEASE_MS)
    assert keeper.refresh(OUR_OA, 1) == "refreshed"
    assert len(zalo.seen) == 1


def test_a_lease_outlives_the_longest_call() -> None:
    client = ZaloClient("http://127.0.0.1:9", "http://127.0.0.1:9", "", "")
    transport = client._transport
    longest = sum(transport._timeouts) + transport._longest_answer_seconds
    assert longest * 1000 < LEASE_MS


def test_a_failure_that_comes_late_does_not_spoil_the_pair_another_got(rig: Rig) -> None:
    rig.connect_oa()
    zalo = OAuthByHeart(OAuthFailure("terminal", -14014, "used before"))

    def another_is_quicker() -> None:
        with rig.database.write() as connection:
            accounts.save_tokens(connection, rig.vault, OUR_OA, "theirs", "their refresh", 90_000, rig.clock.now_ms())

    zalo.during = another_is_quicker
    assert _keeper(rig, zalo).refresh(OUR_OA, 1) == "already"
    stored = _stored(rig)
    assert (stored.access_token, stored.needs_grant, stored.last_error) == ("theirs", False, None)


def test_a_pair_that_comes_late_does_not_replace_a_new_grant(rig: Rig) -> None:
    rig.connect_oa()
    zalo = OAuthByHeart(during=lambda: rig.connect_oa(secret="granted anew"))
    assert _keeper(rig, zalo).refresh(OUR_OA, 1) == "already"
    assert (_stored(rig).access_token, _stored(rig).version) == (f"access-{OUR_OA}", 2)


@pytest.mark.parametrize("kind", ["terminal", "bug"])
def test_refused_for_good_needs_a_grant_and_is_not_asked_again(kind: str, rig: Rig) -> None:
    rig.connect_oa()
    zalo = OAuthByHeart(OAuthFailure(kind, -14014, "refused"))  # type: ignore[arg-type]
    keeper = _keeper(rig, zalo)
    assert keeper.refresh(OUR_OA, 1) == "needs_grant"
    assert keeper.refresh(OUR_OA, 1) == "needs_grant"
    rig.clock.pass_ms(10 * DAY_MS)
    assert keeper.refresh_old_ones() == 0
    assert keeper.get(OUR_OA) is None
    assert len(zalo.seen) == 1
    assert _stored(rig).last_error == f"{kind}:-14014"
    rig.connect_oa()
    token = keeper.get(OUR_OA)
    assert token is not None
    assert token.version == 2


def test_a_passing_failure_waits_before_the_next_try(rig: Rig) -> None:
    rig.connect_oa()
    zalo = OAuthByHeart(OAuthFailure("transient", None, "HTTP 502"))
    keeper = _keeper(rig, zalo)
    assert keeper.refresh(OUR_OA, 1) == "wait"
    rig.clock.pass_ms(TRANSIENT_WAIT_MS - 1)
    assert keeper.refresh(OUR_OA, 1) == "wait"
    assert len(zalo.seen) == 1
    rig.clock.pass_ms(1)
    zalo.answer = TokenPair("new access", "new refresh", 90_000)
    assert keeper.refresh(OUR_OA, 1) == "refreshed"


def test_an_ambiguous_refresh_is_tried_once_more_soon_and_then_rarely(rig: Rig) -> None:
    rig.connect_oa()
    zalo = OAuthByHeart(OAuthFailure("ambiguous", None, "answer broke off"))
    keeper = _keeper(rig, zalo)
    for wait_ms in (TRANSIENT_WAIT_MS, 5 * TRANSIENT_WAIT_MS, 5 * TRANSIENT_WAIT_MS):
        assert keeper.refresh(OUR_OA, 1) == "wait"
        assert _stored(rig).retry_ms == rig.clock.now_ms() + wait_ms
        assert not _stored(rig).needs_grant
        rig.clock.pass_ms(wait_ms)
    assert zalo.seen == [f"refresh-{OUR_OA}"] * 3


def test_a_refresh_without_a_refresh_token_keeps_the_old_one(rig: Rig) -> None:
    rig.connect_oa()
    zalo = OAuthByHeart(TokenPair("new access", None, 90_000))
    assert _keeper(rig, zalo).refresh(OUR_OA, 1) == "refreshed"
    assert (_stored(rig).access_token, _stored(rig).refresh_token) == ("new access", f"refresh-{OUR_OA}")


def test_a_pair_refreshed_a_moment_ago_is_not_cured_by_another_refresh(rig: Rig) -> None:
    rig.connect_oa()
    zalo = OAuthByHeart()
    keeper = _keeper(rig, zalo)
    keeper.refresh(OUR_OA, 1)
    assert keeper.refresh(OUR_OA, 2) == "wait"
    rig.clock.pass_ms(10_000)
    assert keeper.refresh(OUR_OA, 2) == "refreshed"
    assert zalo.seen == [f"refresh-{OUR_OA}", "new refresh"]


def test_an_oa_nobody_connected_has_no_token(rig: Rig) -> None:
    zalo = OAuthByHeart()
    keeper = _keeper(rig, zalo)
    assert keeper.get(OUR_OA) is None
    assert keeper.refresh(OUR_OA, 1) == "needs_grant"
    assert zalo.seen == []


def test_pairs_are_refreshed_at_twenty_hours_once(rig: Rig) -> None:
    rig.connect_oa()
    zalo = OAuthByHeart()
    keepers = [_keeper(rig, zalo, owner) for owner in ("0000000a", "0000000b")]
    rig.clock.pass_ms(REFRESH_AT_MS - 1)
    assert keepers[0].refresh_old_ones() == 0
    rig.clock.pass_ms(1)
    assert [keeper.refresh_old_ones() for keeper in keepers] == [1, 0]
    assert len(zalo.seen) == 1


def test_days_until_the_grant_ends(rig: Rig) -> None:
    rig.connect_oa()
    stored = _stored(rig)
    assert days_left(stored, rig.clock.now_ms()) == 90
    assert days_left(stored, rig.clock.now_ms() + 89 * DAY_MS) == 1
    assert days_left(stored, rig.clock.now_ms() + 91 * DAY_MS) == 0
