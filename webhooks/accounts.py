"""The OAs a webhook process knows, read from the store again when an event does not fit what is known."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from bot.clock import Clock
from bot.encryption import Vault
from bot.store.accounts import Account, list_accounts
from bot.store.database import Database

RELOAD_AT_MOST_EVERY_SECONDS = 0.2
"""Anybody can send unsigned or wrongly signed bodies; they must not make us read the database each time."""

KNOWN_FOR_MS = 60_000
"""What is known is read again after this long: a former secret key must end when its day is over."""


class KnownAccounts:
    """A cache of OA id → account. Safe to share between threads."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._accounts: dict[str, Account] = {}
        self._lock = threading.Lock()
        self._loaded_at = float("-inf")
        self._read_ms = 0
        self.reload()

    def reload(self) -> bool:
        """Read the store, unless that was done a moment ago. True if it was read."""
        with self._lock:
            if time.monotonic() - self._loaded_at < RELOAD_AT_MOST_EVERY_SECONDS:
                return False
            with self._database.read() as connection:
                accounts = list_accounts(connection, self._vault, self._clock.now_ms())
            self._accounts = {account.oa_id: account for account in accounts}
            self._loaded_at = time.monotonic()
            self._read_ms = self._clock.now_ms()
            return True

    @property
    def ids(self) -> frozenset[str]:
        """All OA ids known now."""
        return frozenset(self._accounts)

    def find(self, candidates: Iterable[str]) -> Account | None:
        """The first of ``candidates`` that is an OA of ours."""
        if self._clock.now_ms() - self._read_ms > KNOWN_FOR_MS:
            self.reload()
        known = self._accounts
        return next((known[candidate] for candidate in candidates if candidate in known), None)
