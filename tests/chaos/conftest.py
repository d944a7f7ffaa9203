"""A running product beside the emulated Zalo, shared by the tests of one module; each test has OAs of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

import emulator
from emulator import RunningEmulator

from .crowd import Crowd
from .kills import REDELIVERY_SCALE
from .product import Product

SEEDS = itertools.count(1)


@pytest.fixture(scope="module")
def zalo() -> Iterator[RunningEmulator]:
    """The emulated Zalo with its redelivery a hundred times as quick."""
    configuration = emulator.EmulatorConfiguration(
        redelivery_scale=REDELIVERY_SCALE, calls_per_minute=1_000_000, seen_delay_seconds=0.0
    )
    with emulator.start(configuration) as running:
        yield running


@pytest.fixture(scope="module")
def product(zalo: RunningEmulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One web and one worker on SQLite."""
    installed = Product(zalo, tmp_path_factory.mktemp("product"))
    try:
        installed.start()
        yield installed
    finally:
        installed.close()


@pytest.fixture
def oa_id(product: Product) -> Iterator[str]:
    """An OA of this test alone. Afterwards everything works again."""
    yield product.connect("Xã thử")
    product.emulator.emulator.faults.clear()
    product.emulator.emulator.clock.reset()


@pytest.fixture
def crowd(product: Product, oa_id: str) -> Crowd:
    """Residents of that OA."""
    return Crowd(product.emulator.emulator, [(oa_id, "ha-dong")], next(SEEDS))
