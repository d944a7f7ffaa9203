"""Proof key for the code exchange (contract 2): 43 letters, and the SHA-256 of them."""

from __future__ import annotations

import base64
import hashlib
import secrets


def new_verifier() -> str:
    """32 random bytes as base64url without padding: 43 letters."""
    return _base64url(secrets.token_bytes(32))


def challenge(verifier: str) -> str:
    """base64url without padding of the raw SHA-256 of the verifier."""
    return _base64url(hashlib.sha256(verifier.encode("ascii")).digest())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
