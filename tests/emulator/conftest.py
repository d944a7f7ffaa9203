"""A stand-in for the product (it only answers webhooks) and an emulator wired to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from emulator_harness import PATIENCE_SECONDS, Harness, MakeHarness, Product, Received

from emulator import Emulator, EmulatorConfiguration, create_app, emulator_of


@pytest.fixture
def product() -> Iterator[Product]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            item = Received(dict(self.headers.items()), self.rfile.read(int(self.headers["Content-Length"])))
            with stand_in.lock:
                stand_in.received.append(item)
                number = len(stand_in.received)
            outcome = stand_in.answer(item, number)
            if isinstance(outcome, threading.Event):
                outcome.wait(PATIENCE_SECONDS)
                self.close_connection = True
                return
            self.send_response(outcome)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in = Product(server)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield stand_in
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def make_harness(product: Product) -> Iterator[MakeHarness]:
    """Settings by name; redelivery waits shrink from thirty seconds to three milliseconds."""
    made: list[Emulator] = []

    def make(**settings: Any) -> Harness:
        wanted: dict[str, Any] = {
            "webhook_url": product.url,
            "redelivery_scale": 0.0001,
            "seen_delay_seconds": 0.0,
            "sender_threads": 4,
            **settings,
        }
        app = create_app(EmulatorConfiguration(**wanted))
        emulator = emulator_of(app)
        made.append(emulator)
        account = emulator.world.add_account("Xã thử nghiệm", alias="xa-thu")
        resident = emulator.world.add_resident(account.oa_id, "Bác thử")
        pair = emulator.issue_tokens(account.oa_id)
        return Harness(emulator, app.test_client(), account, resident, pair.access_token)

    yield make
    for emulator in made:
        emulator.stop()


@pytest.fixture
def harness(make_harness: MakeHarness) -> Harness:
    return make_harness()
