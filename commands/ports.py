"""Whether our address can be opened: told in one line, before anything is started."""

from __future__ import annotations

import errno
import socket

from bot.settings import Settings
from commands.failure import CommandError
from commands.words import word


def check_port(settings: Settings) -> None:
    """Raise :class:`CommandError` where the address cannot be opened, before anything else is started."""
    host, port = settings.bind_address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CommandError(word("port_busy", bind=settings.bind)) from None
            raise CommandError(word("bind_refused", bind=settings.bind, reason=error.strerror)) from None
