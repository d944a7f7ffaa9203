"""Ids and secrets that look like Zalo's: long decimal strings for people and OAs, opaque strings for the rest."""

from __future__ import annotations

import hashlib
import random
import threading


class IdentifierFactory:
    """Unique within one emulator. With a seed the same calls give the same ids; without, every start differs,
    so that a product which remembers message ids never takes a new message for an old one."""

    def __init__(self, seed: int | None = None) -> None:
        # Nothing here guards anything: a seed must make every id repeatable.
        self._random = random.Random(seed) if seed is not None else random.SystemRandom()  # noqa: S311
        self._nonce = f"{self._random.getrandbits(64):016x}"
        self._count = 0
        self._lock = threading.Lock()

    def number(self) -> str:
        """Nineteen decimal digits, above 2^53, the first never 0."""
        with self._lock:
            return str(self._random.randint(2 * 10**18, 9 * 10**18))

    def opaque(self, length: int = 20) -> str:
        """A hexadecimal string that never repeats."""
        with self._lock:
            self._count += 1
            return hashlib.sha256(f"{self._nonce}:{self._count}".encode()).hexdigest()[:length]

    def token(self, prefix: str) -> str:
        """A long opaque token."""
        return prefix + self.opaque(64) + self.opaque(64)


def stable_number(name: str) -> str:
    """Nineteen digits made from a name, the same at every start (for seeded OAs)."""
    return "2" + str(int(hashlib.sha256(name.encode()).hexdigest(), 16))[:18]
