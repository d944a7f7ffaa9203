"""OAuth grants: codes, access and refresh tokens with their issue time, rotation and revocation."""

from __future__ import annotations

import base64
import hashlib
import threading
from dataclasses import dataclass

from emulator.clock import DAY_MS, SECOND_MS, EmulatorClock
from emulator.errors import ApiError, OAuthError
from emulator.identifiers import IdentifierFactory

ACCESS_LIFETIME_MS = 90_000 * SECOND_MS
REFRESH_LIFETIME_MS = 90 * DAY_MS
CODE_LIFETIME_MS = 600 * SECOND_MS


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What an OA's grant hands out."""

    oa_id: str
    access_token: str
    refresh_token: str

    def to_json(self) -> dict[str, object]:
        """The flat reply of the token endpoint; expires_in is text."""
        return {
            "access_token": self.access_token,
            "refresh_token": self.refresh_token,
            "expires_in": str(ACCESS_LIFETIME_MS // SECOND_MS),
        }


@dataclass(slots=True)
class _Token:
    oa_id: str
    issued_ms: int
    revoked: bool = False
    spent: bool = False


@dataclass(slots=True)
class _Code:
    oa_id: str
    challenge: str
    issued_ms: int
    used: bool = False


class RefreshTokenReused(Exception):
    """A refresh token was presented a second time; what to answer is the caller's setting."""


def challenge_of(verifier: str) -> str:
    """base64url without padding of the raw SHA-256 of the ASCII verifier."""
    digest = hashlib.sha256(verifier.encode("utf-8")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


class TokenStore:
    """All grants of the app. A refresh kills the old pair at once."""

    def __init__(self, clock: EmulatorClock, identifiers: IdentifierFactory) -> None:
        self._clock = clock
        self._identifiers = identifiers
        self._lock = threading.Lock()
        self._access: dict[str, _Token] = {}
        self._refresh: dict[str, _Token] = {}
        self._codes: dict[str, _Code] = {}
        self._current: dict[str, TokenPair] = {}

    def issue(self, oa_id: str) -> TokenPair:
        """A new pair for an OA; the pair before it is revoked."""
        with self._lock:
            return self._issue(oa_id)

    def _issue(self, oa_id: str) -> TokenPair:
        self._revoke(oa_id)
        now = self._clock.now_ms()
        pair = TokenPair(oa_id, self._identifiers.token("zA1-"), self._identifiers.token("zR1-"))
        self._access[pair.access_token] = _Token(oa_id, now)
        self._refresh[pair.refresh_token] = _Token(oa_id, now)
        self._current[oa_id] = pair
        return pair

    def _revoke(self, oa_id: str) -> None:
        pair = self._current.pop(oa_id, None)
        if pair is not None:
            self._access[pair.access_token].revoked = True
            self._refresh[pair.refresh_token].revoked = True

    def revoke(self, oa_id: str) -> None:
        """Void an OA's grant, as a change of the callback in the console does."""
        with self._lock:
            self._revoke(oa_id)

    def current(self, oa_id: str) -> TokenPair | None:
        """The pair that works now, for tests and the demo."""
        with self._lock:
            return self._current.get(oa_id)

    def owner(self, access_token: str) -> str | None:
        """The OA a token was ever given to, whether it still works or not."""
        with self._lock:
            token = self._access.get(access_token)
            return token.oa_id if token else None

    def check(self, access_token: str) -> str:
        """The OA of a working access token. ApiError -216 (unknown, replaced) or -220 (older than 25 h)."""
        with self._lock:
            token = self._access.get(access_token)
            if token is None or token.revoked:
                raise ApiError(-216)
            if self._clock.now_ms() - token.issued_ms > ACCESS_LIFETIME_MS:
                raise ApiError(-220)
            return token.oa_id

    def issue_code(self, oa_id: str, challenge: str) -> str:
        """An authorization code, good for ten minutes and one exchange."""
        code = self._identifiers.token("zC1-")
        with self._lock:
            self._codes[code] = _Code(oa_id, challenge, self._clock.now_ms())
        return code

    def exchange(self, code: str, verifier: str) -> TokenPair:
        """Code for tokens. OAuthError -14005 (unknown, used), -14019 (old), -14013 (verifier)."""
        with self._lock:
            grant = self._codes.get(code)
            if grant is None or grant.used:
                raise OAuthError(-14005)
            if self._clock.now_ms() - grant.issued_ms > CODE_LIFETIME_MS:
                raise OAuthError(-14019)
            if challenge_of(verifier) != grant.challenge:
                raise OAuthError(-14013)
            grant.used = True
            return self._issue(grant.oa_id)

    def refresh(self, refresh_token: str) -> TokenPair:
        """Rotate. OAuthError -14014 (unknown, revoked), -14020 (past three months); RefreshTokenReused."""
        with self._lock:
            token = self._refresh.get(refresh_token)
            if token is None:
                raise OAuthError(-14014, empty_tokens=True)
            if token.spent:
                raise RefreshTokenReused
            if token.revoked:
                raise OAuthError(-14014, empty_tokens=True)
            if self._clock.now_ms() - token.issued_ms > REFRESH_LIFETIME_MS:
                raise OAuthError(-14020)
            token.spent = True
            return self._issue(token.oa_id)

    def clear(self) -> None:
        """Forget every grant."""
        with self._lock:
            self._access.clear()
            self._refresh.clear()
            self._codes.clear()
            self._current.clear()
