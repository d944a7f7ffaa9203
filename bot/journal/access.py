"""Access tokens: handed out, refreshed by one holder of a lock, stored before they are used.

The lock is a lease in the row, so it holds across processes and machines and ends by itself when its holder dies.
After a refresh Zalo kills the old access token at once, so every process must be ready to find its copy stale.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Literal

from bot.clock import Clock
from bot.encryption import Vault
from bot.store import accounts
from bot.store.accounts import StoredTokens
from bot.store.database import Database
from bot.zalo.client import ZaloClient
from bot.zalo.outcomes import TokenPair

logger = logging.getLogger(__name__)

REFRESH_AT_MS = 20 * 3600 * 1000
"""An access token lives 25 hours (contract 2); refreshing at 20 leaves five to mend what fails."""
REFRESH_TOKEN_LIVES_MS = 90 * 24 * 3600 * 1000
LEASE_MS = 60_000
"""Longer than the longest call (33 s): a second refresh with the same token would void the first one's pair."""
TRANSIENT_WAIT_MS = 60_000
FRESH_MS = 10_000
"""A pair we refreshed this recently that Zalo calls invalid is not cured by another refresh."""

RefreshOutcome = Literal["refreshed", "already", "held", "wait", "needs_grant"]


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and the version of its pair."""

    text: str
    version: int


class TokenKeeper:
    """One per process; safe to share between threads."""

    def __init__(self, database: Database, vault: Vault, client: ZaloClient, clock: Clock, owner: str) -> None:
        self._database = database
        self._vault = vault
        self._client = client
        self._clock = clock
        self._owner = owner
        self._known: dict[str, AccessToken] = {}
        self._lock = threading.Lock()

    def get(self, oa_id: str) -> AccessToken | None:
        """The token to use now; None where the OA has none or must be granted anew."""
        with self._lock:
            known = self._known.get(oa_id)
        if known is not None:
            return known
        with self._database.read() as connection:
            stored = accounts.read_tokens(connection, self._vault, oa_id)
        if stored is None or stored.needs_grant:
            return None
        token = AccessToken(stored.access_token, stored.version)
        with self._lock:
            self._known[oa_id] = token
        return token

    def forget(self, oa_id: str) -> None:
        """Read the store again next time."""
        with self._lock:
            self._known.pop(oa_id, None)

    def refresh(self, oa_id: str, used_version: int) -> RefreshOutcome:
        """Get a new pair, unless somebody has or is getting one since ``used_version``. Never raises for Zalo's faults.

        ``wait``: it failed and will be tried later; ``needs_grant``: an admin of the OA must grant anew.
        """
        self.forget(oa_id)
        now = self._clock.now_ms()
        with self._database.write() as connection:
            accounts.lock_tokens(connection, oa_id)
            stored = accounts.read_tokens(connection, self._vault, oa_id)
            verdict = self._may_refresh(stored, used_version, now)
            if verdict is not None:
                return verdict
            assert stored is not None
            accounts.lease_refresh(connection, oa_id, self._owner, now + LEASE_MS)
        answer = self._client.refresh(stored.refresh_token)
        self.forget(oa_id)  # somebody may have read the old pair meanwhile
        now = self._clock.now_ms()
        with self._database.write() as connection:
            accounts.lock_tokens(connection, oa_id)
            current = accounts.read_tokens(connection, self._vault, oa_id)
            if current is None or current.version != stored.version:
                return "already"  # a new grant, or another refresher: their pair is the one that works
            if isinstance(answer, TokenPair):
                accounts.save_tokens(
                    connection,
                    self._vault,
                    oa_id,
                    answer.access_token,
                    answer.refresh_token,
                    answer.expires_in_seconds,
                    now,
                    refreshed=True,
                )
                self._database.announce(connection)
                logger.info("access token refreshed", extra={"oa_id": oa_id})
                return "refreshed"
            # An ambiguous refresh may have spent the token. It is tried once more; a second time is a person's case.
            second_doubt = answer.kind == "ambiguous" and stored.last_error == "ambiguous"
            terminal = answer.kind in ("terminal", "bug")
            accounts.note_refresh_failure(
                connection,
                oa_id,
                answer.kind if answer.kind == "ambiguous" else f"{answer.kind}:{answer.code}",
                retry_ms=now + TRANSIENT_WAIT_MS * (5 if second_doubt else 1),
                needs_grant=terminal,
            )
        logger.error(
            "access token not refreshed",
            extra={"oa_id": oa_id, "reason": answer.kind, "code": answer.code},
        )
        return "needs_grant" if terminal else "wait"

    def _may_refresh(self, stored: StoredTokens | None, used_version: int, now_ms: int) -> RefreshOutcome | None:
        if stored is None or stored.needs_grant:
            return "needs_grant"
        if stored.version != used_version:
            return "already"
        if stored.lease_until_ms > now_ms:
            return "held"
        if stored.retry_ms > now_ms or now_ms - stored.refreshed_ms < FRESH_MS:
            return "wait"
        return None

    def refresh_old_ones(self) -> int:
        """Refresh every pair of 20 hours or more; a second caller finds a younger pair. Returns how many."""
        now = self._clock.now_ms()
        with self._database.read() as connection:
            due = accounts.oas_to_refresh(connection, now - REFRESH_AT_MS, now)
        return sum(self.refresh(oa_id, version) == "refreshed" for oa_id, version in due)


def days_left(stored: StoredTokens, now_ms: int) -> float:
    """Days until the refresh token dies and an admin must grant anew."""
    return max(0.0, (stored.refresh_issued_ms + REFRESH_TOKEN_LIVES_MS - now_ms) / 86_400_000)
