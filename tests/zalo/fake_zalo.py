"""A tiny server that answers what a test tells it to, including the ways a server can fail to answer."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Act = Callable[[BaseHTTPRequestHandler], None]
PATIENT = 30.0
"""Seconds a caller waits whose answer will come: a busy machine is no fault of the client's."""
IMPATIENT = 1.0
"""Seconds a caller waits whose answer will not come; long enough for the request to be seen."""


@dataclass
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeZalo:
    """Answers every request by ``act`` and remembers what arrived."""

    url: str
    seen: list[Seen] = field(default_factory=list)
    act: Act = lambda handler: None
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def last(self) -> Seen:
        return self.seen[-1]

    def answers(self, body: Any, status: int = 200) -> None:
        """JSON (compact), or bytes as they are."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        self.act = lambda handler: respond(handler, raw, status)

    def resets(self) -> None:
        """Read the request, then cut the connection with a reset."""
        self.act = reset

    def closes(self) -> None:
        """Read the request, then close without a word."""
        self.act = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)

    def stalls(self) -> None:
        """Read the request and say nothing until the test is over."""

        def act(handler: BaseHTTPRequestHandler) -> None:
            self.released.wait(60)

        self.act = act

    def breaks_off(self) -> None:
        """Promise more than is sent."""

        def act(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", "500")
            handler.end_headers()
            handler.wfile.write(b'{"data":{"message_id":"abc"')
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_RDWR)

        self.act = act


def respond(handler: BaseHTTPRequestHandler, raw: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    handler.wfile.write(raw)


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Cut the connection at once: with no lingering a close becomes a reset."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.close(handler.connection.detach())


@contextmanager
def serving() -> Iterator[FakeZalo]:
    """The server on a free port of loopback for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fake.seen.append(Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            fake.act(self)

        do_GET = do_POST = handle_any

        def log_message(self, *arguments: Any) -> None:
            """Silence."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that went away is part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    fake = FakeZalo(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
