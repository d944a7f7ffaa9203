"""A stand-in for the product (it only answers webhooks) and an emulator wired to it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from emulator_harness import PATIENCE_SECONDS, Harness, MakeHarness, Product, Received
from flask import Flask

from emulator import Emulator, EmulatorConfiguration, create_app, emulator_of


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        item = Received(dict(self.headers.items()), self.rfile.read(int(self.headers["Content-Length"])))
        product = self.server.product
        with product.lock:
            product.received.append(item)
            number = len(product.received)
        outcome = product.answer(item, number)
        if isinstance(outcome, threading.Event):
            outcome.wait(PATIENCE_SECONDS)
            self.close_connection = True
            return
        self.send_response(outcome)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    product: Product


@pytest.fixture(scope="session")
def product_server() -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def product(product_server: _Server) -> Product:
    product_server.product = Product(f"http://127.0.0.1:{product_server.server_address[1]}/webhooks/zalo")
    return product_server.product


def _settings(**settings: Any) -> dict[str, Any]:
    """Redelivery waits shrink from thirty seconds to three milliseconds; a busy machine is not a silent product."""
    return {
        "redelivery_scale": 0.0001,
        "seen_delay_seconds": 0.0,
        "sender_threads": 4,
        "webhook_timeout_seconds": PATIENCE_SECONDS,
        **settings,
    }


def _populate(app: Flask) -> Harness:
    emulator = emulator_of(app)
    account = emulator.world.add_account("Xã thử nghiệm", alias="xa-thu")
    resident = emulator.world.add_resident(account.oa_id, "Bác thử")
    pair = emulator.issue_tokens(account.oa_id)
    return Harness(emulator, app.test_client(), account, resident, pair.access_token)


@pytest.fixture
def make_harness(product: Product) -> Iterator[MakeHarness]:
    """An emulator with settings of its own."""
    made: list[Emulator] = []

    def make(**settings: Any) -> Harness:
        app = create_app(EmulatorConfiguration(**_settings(**{"webhook_url": product.url, **settings})))
        made.append(emulator_of(app))
        return _populate(app)

    yield make
    for emulator in made:
        emulator.stop()


@pytest.fixture(scope="session")
def shared_app() -> Iterator[Flask]:
    app = create_app(EmulatorConfiguration(**_settings()))
    yield app
    emulator_of(app).stop()


@pytest.fixture
def harness(shared_app: Flask, product: Product) -> Iterator[Harness]:
    """The emulator with default settings: one for all tests, reset before each, since routes are slow to build."""
    emulator = emulator_of(shared_app)
    emulator.sender.set_url(product.url, probe=False)
    yield _populate(shared_app)
    emulator.reset()
    assert emulator.sender.wait_idle(PATIENCE_SECONDS)
