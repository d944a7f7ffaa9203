"""The signature of a webhook (contract 1.2): plain SHA-256 of four parts put end to end, not HMAC."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from bot.zalo.fields import identifier

HEADER = "X-ZEvent-Signature"
_PREFIX = "mac="


def sign(raw: bytes, app_id: str, timestamp: str, secret: str) -> str:
    """The header value Zalo would send for these bytes: ``mac=`` and 64 lower-case hex letters."""
    return _PREFIX + _digest(raw, app_id, timestamp, secret)


def verify(raw: bytes, header: str, app_id: str, timestamp: str, secrets: Sequence[str]) -> bool:
    """Whether ``header`` is the signature of exactly these bytes under one of ``secrets``.

    ``raw`` is the body as received, ``timestamp`` the body's field as text (:func:`signed_parts` reads it).
    ``secrets`` are OA secret keys, not the app's secret; during a change both the old and the new one. All of them
    are compared, each in constant time, so the time taken tells nothing about which one fitted. An empty secret fits
    nothing: it would let anybody sign.
    """
    given = header.strip().removeprefix(_PREFIX).lower().encode("utf-8", "replace")
    fits = False
    for secret in secrets:
        if secret:
            expected = _digest(raw, app_id, timestamp, secret).encode("ascii")
            fits |= hmac.compare_digest(expected, given)
    return fits


def signed_parts(body: Mapping[str, object]) -> tuple[str, str]:
    """(app_id, timestamp) of a body as the text that was signed; a timestamp sent as a number counts as its digits
    (contract 1.3)."""
    return identifier(body.get("app_id")), identifier(body.get("timestamp"))


def _digest(raw: bytes, app_id: str, timestamp: str, secret: str) -> str:
    return hashlib.sha256(app_id.encode() + raw + timestamp.encode() + secret.encode()).hexdigest()
