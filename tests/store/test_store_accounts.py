"""Official accounts and their tokens, as stored."""

from __future__ import annotations

import pytest
from rig import OA_SECRET, OTHER_OA, OUR_OA, Rig

from bot.encryption import DecryptionError, Vault
from bot.store import accounts
from bot.store.accounts import OAuthAttempt

DAY_MS = 86_400_000


def _accounts(rig: Rig) -> list[accounts.Account]:
    with rig.database.read() as connection:
        return accounts.list_accounts(connection, rig.vault, rig.clock.now_ms())


def _tokens(rig: Rig) -> accounts.StoredTokens:
    with rig.database.read() as connection:
        stored = accounts.read_tokens(connection, rig.vault, OUR_OA)
    assert stored is not None
    return stored


def test_the_former_secret_is_accepted_for_a_day(rig: Rig) -> None:
    rig.connect_oa()
    assert _accounts(rig)[0].secrets == (OA_SECRET,)
    rig.connect_oa(secret="a new secret")
    assert _accounts(rig)[0].secrets == ("a new secret", OA_SECRET)
    rig.clock.pass_ms(DAY_MS - 1)
    assert _accounts(rig)[0].secrets == ("a new secret", OA_SECRET)
    rig.clock.pass_ms(1)
    assert _accounts(rig)[0].secrets == ("a new secret",)


def test_connecting_again_with_the_same_secret_keeps_the_former_one(rig: Rig) -> None:
    rig.connect_oa()
    rig.connect_oa(secret="a new secret")
    rig.connect_oa(secret="a new secret")
    assert _accounts(rig)[0].secrets == ("a new secret", OA_SECRET)


def test_secrets_and_tokens_are_sealed(rig: Rig) -> None:
    rig.connect_oa()
    raw = repr(rig.everything())
    for secret in (OA_SECRET, f"access-{OUR_OA}", f"refresh-{OUR_OA}"):
        assert secret not in raw
    with rig.database.read() as connection, pytest.raises(DecryptionError):
        accounts.list_accounts(connection, Vault("another key of thirty-two letters"), rig.clock.now_ms())


def test_connecting_again_lifts_the_pause_and_moves_the_commune(rig: Rig) -> None:
    rig.connect_oa()
    with rig.database.write() as connection:
        accounts.pause(connection, OUR_OA, rig.clock.now_ms() + DAY_MS, "zalo-204")
    assert _accounts(rig)[0].pause_reason == "zalo-204"
    rig.connect_oa(commune="dai-son")
    (account,) = _accounts(rig)
    assert (account.commune_id, account.paused_until_ms, account.pause_reason) == ("dai-son", 0, None)


def test_a_longer_pause_is_not_cut_short_by_a_later_one(rig: Rig) -> None:
    rig.connect_oa()
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        accounts.pause(connection, OUR_OA, now + 600_000, "zalo-204")
        accounts.pause(connection, OUR_OA, now + 5_000, "zalo-216")
    (account,) = _accounts(rig)
    assert (account.paused_until_ms, account.pause_reason) == (now + 600_000, "zalo-204")
    rig.clock.pass_ms(600_001)
    with rig.database.write() as connection:
        accounts.pause(connection, OUR_OA, rig.clock.now_ms() + 5_000, "zalo-216")
    assert _accounts(rig)[0].pause_reason == "zalo-216"


def test_a_new_pair_clears_every_mark_of_trouble(rig: Rig) -> None:
    rig.connect_oa()
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        accounts.lease_refresh(connection, OUR_OA, "someone", now + 30_000)
        accounts.note_refresh_failure(connection, OUR_OA, "terminal:-14014", retry_ms=now + 60_000, needs_grant=True)
    assert _tokens(rig).needs_grant
    rig.clock.pass_ms(5)
    with rig.database.write() as connection:
        accounts.save_tokens(connection, rig.vault, OUR_OA, "new access", "new refresh", 90_000, rig.clock.now_ms())
    stored = _tokens(rig)
    assert (stored.access_token, stored.refresh_token, stored.version) == ("new access", "new refresh", 2)
    assert (stored.needs_grant, stored.last_error, stored.retry_ms, stored.lease_owner) == (False, None, 0, None)
    assert (stored.issued_ms, stored.expires_ms, stored.refresh_issued_ms) == (now + 5, now + 90_000_005, now + 5)


def test_a_pair_without_a_refresh_token_keeps_the_one_we_have(rig: Rig) -> None:
    rig.connect_oa()
    first_issue = _tokens(rig).refresh_issued_ms
    rig.clock.pass_ms(DAY_MS)
    with rig.database.write() as connection:
        accounts.save_tokens(
            connection, rig.vault, OUR_OA, "new access", None, 90_000, rig.clock.now_ms(), refreshed=True
        )
    stored = _tokens(rig)
    assert (stored.access_token, stored.refresh_token) == ("new access", f"refresh-{OUR_OA}")
    assert stored.refresh_issued_ms == first_issue
    with rig.database.write() as connection, pytest.raises(ValueError, match="first pair"):
        accounts.save_tokens(connection, rig.vault, OTHER_OA, "access", None, 90_000, rig.clock.now_ms())


def test_pairs_that_are_due(rig: Rig) -> None:
    rig.connect_oa()
    rig.connect_oa(OTHER_OA, "dai-son")
    now = rig.clock.now_ms()

    def due() -> list[tuple[str, int]]:
        with rig.database.read() as connection:
            return sorted(accounts.oas_to_refresh(connection, now, now))

    assert due() == [(OTHER_OA, 1), (OUR_OA, 1)]
    with rig.database.write() as connection:
        accounts.note_refresh_failure(connection, OTHER_OA, "transient:None", retry_ms=now + 1, needs_grant=False)
    assert due() == [(OUR_OA, 1)]
    with rig.database.write() as connection:
        accounts.note_refresh_failure(connection, OUR_OA, "terminal:-14014", retry_ms=0, needs_grant=True)
    assert due() == []


def test_an_attempt_to_grant_is_taken_once(rig: Rig) -> None:
    attempt = OAuthAttempt("ha-dong", "verifier", "secret", rig.clock.now_ms())
    with rig.database.write() as connection:
        accounts.save_oauth_attempt(connection, rig.vault, "state", attempt)
    with rig.database.write() as connection:
        assert accounts.take_oauth_attempt(connection, rig.vault, "another") is None
        assert accounts.take_oauth_attempt(connection, rig.vault, "state") == attempt
        assert accounts.take_oauth_attempt(connection, rig.vault, "state") is None


def test_communes_of_known_accounts_only(rig: Rig) -> None:
    rig.connect_oa()
    with rig.database.read() as connection:
        assert accounts.communes_of(connection, {OUR_OA, OTHER_OA}) == {OUR_OA: "ha-dong"}
        assert accounts.communes_of(connection, set()) == {}
