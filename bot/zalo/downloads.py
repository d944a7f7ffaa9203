"""Fetching what residents attach: only from Zalo's own file hosts, only as much and as long as allowed (contract 1.3).

A webhook body names the address, so the address is checked as if a stranger had typed it: host on the list, no address
of an inner network behind its name, every redirect checked again, the type told from the bytes and not from what
anybody claims.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urljoin

import requests
import urllib3.util
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError

from bot.zalo.sniffing import KNOWN_TYPES, content_type

ZALO_FILE_HOSTS = ("zdn.vn", "zadn.vn")
"""A host is on the list if it is one of these or ends with a dot and one of these."""
_PORTS = {"http": 80, "https": 443}
_MOST_REDIRECTS = 3
_GONE = frozenset({400, 401, 403, 404, 410, 451})

FailureKind = Literal["forbidden", "too_large", "wrong_type", "gone", "unreachable"]


@dataclass(frozen=True, slots=True)
class Download:
    """A fetched file; ``content_type`` is what its bytes say."""

    content: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True, slots=True)
class DownloadFailure:
    """Why there is no file. ``reason`` holds no address.

    ``forbidden``: not an address we fetch from. ``too_large``, ``wrong_type``: not a file we take. ``gone``: Zalo says
    it is not there (any more). ``unreachable``: network, time or server trouble; the one kind worth another try.
    """

    kind: FailureKind
    reason: str

    @property
    def retryable(self) -> bool:
        """Whether another try may succeed."""
        return self.kind == "unreachable"


class _AddressRefused(Exception):
    """A name on the list led to an inner address."""


_guard = threading.local()


def _open_checked(connection: HTTPConnection) -> socket.socket:
    """Resolve, check, and connect to the very address that was checked, so that a name cannot change in between."""
    found = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not getattr(_guard, "inner_allowed", False) and not all(map(_is_public, addresses)):
        raise _AddressRefused
    trouble: OSError = OSError("no address")
    timeout = connection.timeout if isinstance(connection.timeout, (int, float)) else None
    for address in addresses:
        try:
            return socket.create_connection((address, connection.port), timeout)
        except OSError as error:
            trouble = error
    raise trouble


class _GuardedConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _open_checked(self)


class _GuardedSecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _open_checked(self)


class _GuardedPool(HTTPConnectionPool):
    ConnectionCls = _GuardedConnection


class _GuardedSecurePool(HTTPSConnectionPool):
    ConnectionCls = _GuardedSecureConnection


class _GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _GuardedPool, "https": _GuardedSecurePool}


class Downloader:
    """Fetches attachments.

    ``extra_hosts`` are exact ``host`` or ``host:port`` names taken besides Zalo's, also on inner addresses and other
    ports: for the emulator and for tests. ``max_bytes`` caps a file, ``seconds`` the whole fetch.
    """

    def __init__(
        self,
        extra_hosts: Collection[str] = (),
        *,
        max_bytes: int = 10_000_000,
        seconds: float = 20,
        connect_timeout: float = 3.05,
        read_timeout: float = 5,
    ) -> None:
        self._extra_hosts = frozenset(host.lower() for host in extra_hosts)
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._timeouts = (connect_timeout, read_timeout)

    def fetch(self, url: str, accept: Collection[str] = KNOWN_TYPES) -> Download | DownloadFailure:
        """The file behind ``url`` if its bytes are of a type in ``accept``. Never raises for the outside world."""
        deadline = time.monotonic() + self._seconds
        with requests.Session() as session:
            session.trust_env = False
            adapter = _GuardedAdapter(pool_connections=1, pool_maxsize=1, max_retries=0)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            try:
                return self._follow(session, url, deadline, accept)
            except _AddressRefused:
                return DownloadFailure("forbidden", "the name leads to an inner address")
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                return DownloadFailure("unreachable", type(error).__name__)
            finally:
                _guard.inner_allowed = False

    def _follow(
        self, session: requests.Session, url: str, deadline: float, accept: Collection[str]
    ) -> Download | DownloadFailure:
        for _ in range(_MOST_REDIRECTS + 1):
            allowed = self._check(url)
            if allowed is not None:
                return allowed
            with session.get(
                url,
                # Packed answers could unfold to any size.
                headers={"Accept-Encoding": "identity"},
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            ) as response:
                location = response.headers.get("Location")
                if response.is_redirect and location:
                    url = urljoin(url, location)
                elif response.status_code == 200:
                    return self._read(response, deadline, accept)
                elif response.status_code in _GONE:
                    return DownloadFailure("gone", f"HTTP {response.status_code}")
                else:
                    return DownloadFailure("unreachable", f"HTTP {response.status_code}")
            if time.monotonic() > deadline:
                return DownloadFailure("unreachable", "took too long")
        return DownloadFailure("forbidden", "too many redirects")

    def _check(self, url: str) -> DownloadFailure | None:
        """None if the address may be fetched. Read with the parser that connects, so that both see the same host."""
        if "\\" in url or not url.isascii() or not url.isprintable() or " " in url:
            return DownloadFailure("forbidden", "letters no address has")
        try:
            parts = urllib3.util.parse_url(url)
        except LocationParseError:
            return DownloadFailure("forbidden", "no address")
        scheme, host = parts.scheme, (parts.host or "").lower().rstrip(".")
        if scheme not in _PORTS:
            return DownloadFailure("forbidden", "neither http nor https")
        if parts.auth is not None:
            return DownloadFailure("forbidden", "an address with a user name")
        port = parts.port or _PORTS[scheme]
        _guard.inner_allowed = host in self._extra_hosts or f"{host}:{port}" in self._extra_hosts
        if _guard.inner_allowed:
            return None
        if not any(host == known or host.endswith("." + known) for known in ZALO_FILE_HOSTS):
            return DownloadFailure("forbidden", "not one of Zalo's file hosts")
        return None if port == _PORTS[scheme] else DownloadFailure("forbidden", "an unusual port")

    def _read(
        self, response: requests.Response, deadline: float, accept: Collection[str]
    ) -> Download | DownloadFailure:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            return DownloadFailure("wrong_type", "packed although asked not to")
        declared = response.headers.get("Content-Length", "")
        if declared.isdigit() and int(declared) > self._max_bytes:
            return DownloadFailure("too_large", f"over {self._max_bytes} bytes")
        content = bytearray()
        while piece := response.raw.read1(65536, decode_content=False):
            content += piece
            if len(content) > self._max_bytes:
                return DownloadFailure("too_large", f"over {self._max_bytes} bytes")
            if time.monotonic() > deadline:
                return DownloadFailure("unreachable", "took too long")
        found = content_type(content)
        if found not in accept:
            return DownloadFailure("wrong_type", found)
        return Download(bytes(content), found)


def _is_public(address: str) -> bool:
    """Whether an address belongs to the open internet; an IPv4 address in IPv6 clothes counts as what it is."""
    found: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return _is_public(str(inner))
        if found in _NAT64:
            return _is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
