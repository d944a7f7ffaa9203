"""Encryption at rest and keyed digests, from one secret of the install.

AES-256-GCM from ``cryptography``; the two keys are derived from ``HOIXA_SECRET_KEY`` by HKDF-SHA256 with separate
labels, so that neither use can weaken the other. The context (table and column) is authenticated with the text: a
value moved to another column does not decrypt.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_VERSION = b"\x01"


class DecryptionError(Exception):
    """The stored value was made with another ``HOIXA_SECRET_KEY``, or was altered."""


def _derive(secret_key: str, label: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=b"hoixa", info=label).derive(secret_key.encode())


class Vault:
    """Encrypts, decrypts and digests texts. Safe to share between threads."""

    def __init__(self, secret_key: str) -> None:
        self._cipher = AESGCM(_derive(secret_key, b"encryption"))
        self._digest_key = _derive(secret_key, b"digest")

    def encrypt(self, text: str, context: str) -> bytes:
        """Version byte, random nonce, ciphertext with tag. ``context`` names the column, e.g. ``inbox.body``."""
        return self.encrypt_bytes(text.encode(), context)

    def encrypt_bytes(self, content: bytes, context: str) -> bytes:
        """The same for a file or a part of one."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, content, context.encode())

    def decrypt(self, sealed: bytes, context: str) -> str:
        """The text again. Raises :class:`DecryptionError`, also for a value that is torn or of another version."""
        return self.decrypt_bytes(sealed, context).decode()

    def decrypt_bytes(self, sealed: bytes, context: str) -> bytes:
        """The bytes again; raises as :meth:`decrypt`."""
        if sealed[:1] != _VERSION or len(sealed) <= 1 + _NONCE_BYTES:
            raise DecryptionError(context)
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, ciphertext, context.encode())
        except InvalidTag:
            raise DecryptionError(context) from None

    def digest(self, text: str) -> str:
        """A keyed digest (32 hex digits): equal texts agree, and nobody without the key can try guesses."""
        return self.digest_bytes(text.encode())

    def digest_bytes(self, content: bytes) -> str:
        """The same for a file."""
        return hmac.new(self._digest_key, content, hashlib.sha256).hexdigest()[:32]
