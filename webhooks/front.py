"""The hot address ahead of Flask: a POST to the webhook is answered as plain WSGI, everything else goes on.

Flask and Werkzeug cost more CPU for one request than verifying and sealing an event does; Zalo's address needs none of
their routing, context or response objects (measured: docs/decisions/0013).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from webhooks.receiver import MAXIMUM_BYTES, SIGNATURE_KEY, Receiver

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WEBHOOK_PATH = "/webhooks/zalo"
STATUS_LINES = {
    200: "200 OK",
    401: "401 UNAUTHORIZED",
    413: "413 REQUEST ENTITY TOO LARGE",
    503: "503 SERVICE UNAVAILABLE",
}


class WebhookFront:
    """A WSGI application around another. Answers one method of one path itself."""

    def __init__(self, receiver: Receiver, rest: WSGIApplication) -> None:
        self._receiver = receiver
        self._rest = rest

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, or hand on."""
        if environ.get("PATH_INFO") != WEBHOOK_PATH or environ.get("REQUEST_METHOD") != "POST":
            return self._rest(environ, start_response)
        length = environ.get("CONTENT_LENGTH") or ""
        announced = int(length) if length.isdigit() else 0
        text, status = self._receiver.receive(
            str(environ.get(SIGNATURE_KEY, "")), announced, lambda: _read_body(environ, announced)
        )
        body = text.encode()
        start_response(
            STATUS_LINES[status], [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
        )
        return (body,)


def _read_body(environ: WSGIEnvironment, announced: int) -> bytes:
    """The body; where no length is announced, at most one byte more than is accepted."""
    if announced:
        body: bytes = environ["wsgi.input"].read(announced)
        return body
    # Without a length only a server that ends the stream by itself may be read from (chunked transfer).
    rest: bytes = environ["wsgi.input"].read(MAXIMUM_BYTES + 1) if environ.get("wsgi.input_terminated") else b""
    return rest
