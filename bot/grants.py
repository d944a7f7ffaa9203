"""Connecting an OA: by OAuth v4 with PKCE in the browser, or with a token pair given by hand."""

from __future__ import annotations

import secrets

from bot.clock import Clock
from bot.encryption import Vault
from bot.store import accounts
from bot.store.accounts import OAuthAttempt
from bot.store.database import Database
from bot.zalo import pkce
from bot.zalo.client import ZaloClient
from bot.zalo.outcomes import OAuthFailure

ATTEMPT_LIVES_MS = 10 * 60_000
"""Zalo's authorization code lives ten minutes (contract 2)."""
ACCESS_TOKEN_SECONDS = 90_000


class GrantFailed(Exception):
    """``reason``: unknown_state, refused, unreachable or other_oa; ``code`` is Zalo's, where there is one."""

    def __init__(self, reason: str, code: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


def begin_grant(
    database: Database, vault: Vault, clock: Clock, client: ZaloClient, *, commune_id: str, secret: str, redirect: str
) -> str:
    """The address an admin of the OA opens. The verifier stays here, under an unguessable state."""
    state, verifier = secrets.token_urlsafe(24), pkce.new_verifier()
    with database.write() as connection:
        accounts.save_oauth_attempt(
            connection, vault, state, OAuthAttempt(commune_id, verifier, secret, clock.now_ms())
        )
    return client.permission_url(redirect, state, pkce.challenge(verifier))


def complete_grant(
    database: Database, vault: Vault, clock: Clock, client: ZaloClient, *, code: str, oa_id: str, state: str
) -> str:
    """Exchange the code and store the pair. Returns the commune. Raises :class:`GrantFailed`."""
    with database.write() as connection:
        attempt = accounts.take_oauth_attempt(connection, vault, state)
    if attempt is None or clock.now_ms() - attempt.started_ms > ATTEMPT_LIVES_MS:
        raise GrantFailed("unknown_state")
    pair = client.exchange_code(code, attempt.verifier)
    if isinstance(pair, OAuthFailure):
        raise GrantFailed("unreachable" if pair.kind in ("transient", "ambiguous") else "refused", pair.code)
    if pair.refresh_token is None:
        # Only a refresh may leave it out (the old one stays valid then); a first pair would die within a day.
        raise GrantFailed("refused")
    profile = client.oa_profile(pair.access_token)
    if profile.ok and str(profile.data.get("oaid", oa_id)) != oa_id:
        # The address in the browser names the OA; only the token itself can be believed.
        raise GrantFailed("other_oa")
    connect(
        database,
        vault,
        clock,
        oa_id=oa_id,
        commune_id=attempt.commune_id,
        secret=attempt.secret,
        access_token=pair.access_token,
        refresh_token=pair.refresh_token,
        expires_in_seconds=pair.expires_in_seconds,
    )
    return attempt.commune_id


def connect(
    database: Database,
    vault: Vault,
    clock: Clock,
    *,
    oa_id: str,
    commune_id: str,
    secret: str,
    access_token: str,
    refresh_token: str,
    expires_in_seconds: int = ACCESS_TOKEN_SECONDS,
) -> None:
    """Store an OA and its pair; the same OA again replaces its tokens (a new grant) and lifts every pause."""
    now = clock.now_ms()
    with database.write() as connection:
        accounts.save_account(connection, vault, oa_id, commune_id, secret, now)
        accounts.save_tokens(connection, vault, oa_id, access_token, refresh_token or None, expires_in_seconds, now)
        accounts.forget_plain_text(connection, oa_id)
        database.announce(connection)
