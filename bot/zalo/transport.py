"""HTTP to Zalo that knows for certain whether a request has left.

After a failed call the one question that matters is whether Zalo may have seen it. Exceptions of ``requests`` cannot
tell (a reset can come before or after writing; so can a TLS error), so the connection itself notes the moment the
first byte goes out.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

LONGEST_ANSWER_BYTES = 1_000_000
"""Zalo's answers have a few kilobytes; more than this is no answer."""

_progress = threading.local()


class _NotingConnection(HTTPConnection):
    def send(self, data: Any) -> None:
        """Connect first (a failure there is before the request), then note that bytes leave."""
        if self.sock is None:
            self.connect()
        _progress.written = True
        super().send(data)


class _NotingSecureConnection(HTTPSConnection):
    def send(self, data: Any) -> None:
        """As above; the TLS handshake belongs to connecting."""
        if self.sock is None:
            self.connect()
        _progress.written = True
        super().send(data)


class _NotingPool(HTTPConnectionPool):
    ConnectionCls = _NotingConnection


class _NotingSecurePool(HTTPSConnectionPool):
    ConnectionCls = _NotingSecureConnection


class _NotingAdapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _NotingPool, "https": _NotingSecurePool}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The call failed. ``written`` is False only if not one byte of the request left. ``reason`` is the kind of
    error, nothing more."""

    written: bool
    reason: str


class Transport:
    """One session per thread, no proxies or settings from the environment, no redirects, no retries of its own.

    ``read_timeout`` bounds each wait for data and also, twice over, the body of the answer: a server that drips bytes
    must not hold a sender past its lease.
    """

    def __init__(self, connect_timeout: float, read_timeout: float) -> None:
        self._timeouts = (connect_timeout, read_timeout)
        self._longest_answer_seconds = 2 * read_timeout
        self._sessions = threading.local()

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        document: bytes | None = None,
    ) -> Answer | NoAnswer:
        """Send one request. Never raises for anything the network or Zalo does, and never says what was sent."""
        _progress.written = False
        try:
            with self._session().request(
                method,
                url,
                headers=dict(headers),
                params=query,
                data=document if form is None else form,
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._read(response)
        except (requests.RequestException, OSError, ValueError) as error:
            # ValueError: a host or header that cannot be sent. The error's text may hold tokens, so only its kind
            # goes on.
            return NoAnswer(written=bool(_progress.written), reason=type(error).__name__)
        except Exception as error:  # urllib3's own errors may come up while the body is read
            if type(error).__module__.partition(".")[0] not in ("urllib3", "http"):
                raise
            return NoAnswer(written=bool(_progress.written), reason=type(error).__name__)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False
            # One session serves many OAs: a cookie set for one must not travel with the calls of another.
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            adapter = _NotingAdapter(pool_connections=2, pool_maxsize=1, max_retries=0)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._sessions.session = session
        return session

    def _read(self, response: requests.Response) -> Answer | NoAnswer:
        deadline = time.monotonic() + self._longest_answer_seconds
        body = bytearray()
        read_some: Callable[..., bytes] = response.raw.read1
        while piece := read_some(65536, decode_content=True):
            body += piece
            if len(body) > LONGEST_ANSWER_BYTES:
                return NoAnswer(written=True, reason="AnswerTooLong")
            if time.monotonic() > deadline:
                return NoAnswer(written=True, reason="AnswerTooSlow")
        return Answer(response.status_code, bytes(body))
