"""What lets an official in: passwords (argon2id), codes of an authenticator app (TOTP), codes for when it is lost.

The cost of a password is OWASP's least for argon2id (19 MiB, two passes): the process that checks it also acknowledges
Zalo's webhooks, so at most :data:`CHECKS_AT_ONCE` are under way and the others wait.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.catalogue import CATALOGUE
from bot.encryption import Vault

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB, PASSES, LANES = 19 * 1024, 2, 1
CHECKS_AT_ONCE = 2
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 200
STEP_SECONDS = 30
STEPS_OF_GRACE = 1
"""Clocks of phones differ: the code before and the one after are taken too (RFC 6238, 5.2)."""
RECOVERY_CODES = 10
_RECOVERY_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
_TOTP_CONTEXT = "staff.totp"
_turn = threading.BoundedSemaphore(CHECKS_AT_ONCE)


class WeakPassword(ValueError):
    """``str(error)`` is one sentence of plain Vietnamese for the person who chose it."""


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # only where somebody signs in or an account is made

    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _too_common() -> frozenset[str]:
    path = Path(__file__).parent / "common_passwords.tsv"
    return frozenset(line.strip().casefold() for line in path.read_text("utf-8").splitlines() if line.strip())


def refuse_weak(password: str, email: str) -> None:
    """Raise :class:`WeakPassword` for one that is short, common, or the address itself (NIST SP 800-63B, 5.1.1.2)."""
    plain = password.casefold()
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(CATALOGUE.word("password_short", length=SHORTEST_PASSWORD))
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword(CATALOGUE.word("password_long", length=LONGEST_PASSWORD))
    if plain in _too_common() or len(set(plain)) < 3 or plain in {email.casefold(), email.casefold().split("@")[0]}:
        raise WeakPassword(CATALOGUE.word("password_common"))


def hash_password(password: str) -> str:
    """The encoded form to store."""
    with _turn:
        return _hasher().hash(password)


def new_password() -> str:
    """A password for somebody's first sign-in, easy to read out: four groups of four."""
    return "-".join("".join(secrets.choice(_RECOVERY_SIGNS) for _ in range(4)) for _ in range(4))


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_hex(16))


def password_fits(password: str, encoded: str | None) -> bool:
    """Whether this is the password. With ``encoded`` None (no such account) it takes as long and says no."""
    from argon2.exceptions import InvalidHashError, VerificationError

    wanted = encoded if encoded is not None else _nobodys_hash()
    with _turn:
        try:
            fits = _hasher().verify(wanted, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False
    return fits and encoded is not None


def new_totp_secret() -> str:
    """A fresh base32 secret."""
    import pyotp

    return pyotp.random_base32()


def seal_totp(vault: Vault, secret: str) -> bytes:
    """For the store."""
    return vault.encrypt(secret, _TOTP_CONTEXT)


def open_totp(vault: Vault, sealed: bytes) -> str:
    """From the store. Raises ``bot.encryption.DecryptionError``."""
    return vault.decrypt(sealed, _TOTP_CONTEXT)


def totp_address(secret: str, email: str) -> str:
    """What a QR code for the authenticator app says."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=CATALOGUE.word("product_name"))


def totp_step(secret: str, typed: str, now_ms: int) -> int | None:
    """The time step whose code was typed, so that the caller can use it up; None for a wrong code."""
    import pyotp

    code = "".join(typed.split())
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    totp = pyotp.TOTP(secret)
    here = now_ms // 1000 // STEP_SECONDS
    found = None
    for step in range(here - STEPS_OF_GRACE, here + STEPS_OF_GRACE + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Codes to be shown once and kept on paper."""
    return [
        "-".join("".join(secrets.choice(_RECOVERY_SIGNS) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_digest(vault: Vault, typed: str) -> str:
    """What is stored of a recovery code; capitals, blanks and dashes do not matter."""
    signs = "".join(sign for sign in typed.casefold() if sign.isalnum())
    return vault.digest(f"recovery:{signs}")
