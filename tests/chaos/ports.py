"""Ports for programs that are told where to listen."""

from __future__ import annotations

import secrets
import socket

_FIRST, _AFTER_LAST = 15_000, 32_000
"""Below the ports Linux gives to outgoing connections (32768 and up): a port found by binding 0 is one of those, and
another program's connection may take it between our look and the listener's start, or while a test has it killed."""


def free_port() -> int:
    """A port of loopback nobody listens at. Drawn by lot, and not with ``random``, which starts anew for each test."""
    for _ in range(1000):
        port = _FIRST + secrets.randbelow(_AFTER_LAST - _FIRST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no free port")
