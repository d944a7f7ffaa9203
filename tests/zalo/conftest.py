"""A server of our own for every test that talks HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fake_zalo import FakeZalo, serving


@pytest.fixture
def zalo() -> Iterator[FakeZalo]:
    with serving() as fake:
        yield fake
