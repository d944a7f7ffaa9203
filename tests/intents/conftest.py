"""The built understander, shared by the tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import intents
from intents.build import build


@pytest.fixture(scope="session")
def understander() -> intents.Understander:
    build()
    return intents.load()


@pytest.fixture(scope="session")
def evaluation() -> list[dict[str, Any]]:
    """The labelled set nobody trained on."""
    text = (Path(__file__).parents[2] / "intents/data/evaluation.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
