"""Which counters a sign-in is slowed by. See ``bot.store.sign_in_throttle`` for why no stranger can shut anybody out.

Without a known device: the pair of account and address, and the address alone (guessing through many accounts). On a
device the account was signed in from before: that device's own counter, so that a stranger at the same address (an
office behind one router) does not slow its owner down.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Mapping

from flask import Response, request

from bot.store import sign_in_throttle
from bot.store.staff import address_of
from console.desk import ConsoleDesk
from console.sessions import PATH

DEVICE_COOKIE = "hoixa_device"
DEVICE_SECONDS = 180 * 86_400
FREE_FOR_ACCOUNT, FREE_FOR_ADDRESS = 3, 20


def caller() -> str:
    """Who calls, by address: the network of a house for IPv6, and what our own proxy says behind one."""
    given = request.remote_addr or ""
    try:
        address = ipaddress.ip_address(given)
        if address.is_loopback and (forwarded := request.headers.get("X-Forwarded-For", "")):
            address = ipaddress.ip_address(forwarded.rsplit(",", 1)[-1].strip())
    except ValueError:
        return given
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def _mark(desk: ConsoleDesk, email: str, nonce: str) -> str:
    return desk.vault.digest(f"device:{address_of(email)}:{nonce}")


def _known_device(desk: ConsoleDesk, email: str) -> str | None:
    nonce, _, mark = request.cookies.get(DEVICE_COOKIE, "").partition(".")
    return nonce if nonce and hmac.compare_digest(mark.encode(), _mark(desk, email, nonce).encode()) else None


def remember_device(desk: ConsoleDesk, email: str, response: Response) -> None:
    """This browser belongs to somebody who came in. It opens nothing by itself."""
    nonce = secrets.token_urlsafe(12)
    response.set_cookie(
        DEVICE_COOKIE, f"{nonce}.{_mark(desk, email, nonce)}", max_age=DEVICE_SECONDS, path=PATH,
        httponly=True, secure=desk.is_https, samesite="Strict",
    )  # fmt: skip


def counters(desk: ConsoleDesk, email: str, kind: str) -> Mapping[str, int]:
    """Counter → failures that cost no wait. ``kind`` keeps passwords and second factors apart."""
    device = _known_device(desk, email)
    if device is not None:
        return {desk.vault.digest(f"slow:{kind}:device:{address_of(email)}:{device}"): FREE_FOR_ACCOUNT}
    return {
        desk.vault.digest(f"slow:{kind}:{address_of(email)}:{caller()}"): FREE_FOR_ACCOUNT,
        desk.vault.digest(f"slow:{kind}:{caller()}"): FREE_FOR_ADDRESS,
    }


def seconds_to_wait(desk: ConsoleDesk, commune_id: str | None, scopes: Mapping[str, int]) -> int:
    """0: go on, and the try is counted as failed until :func:`forgive`, so that many at once gain nothing."""
    now = desk.clock.now_ms()
    with desk.database.write() as connection:
        until = sign_in_throttle.waits_until(connection, list(scopes))
        if until > now:
            return -(-(until - now) // 1000)
        for scope, free in scopes.items():
            sign_in_throttle.note_failure(connection, scope, commune_id, free, now)
        sign_in_throttle.forget_old(connection, now - 2 * sign_in_throttle.FORGIVEN_AFTER_MS)
    return 0


def forgive(desk: ConsoleDesk, scopes: Mapping[str, int]) -> None:
    """It was them. An address's own count stays: one good account must not hide a thousand bad guesses."""
    with desk.database.write() as connection:
        sign_in_throttle.forgive(connection, [scope for scope, free in scopes.items() if free == FREE_FOR_ACCOUNT])
        for scope, free in scopes.items():
            if free == FREE_FOR_ADDRESS:
                sign_in_throttle.take_back(connection, scope)
