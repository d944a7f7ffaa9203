"""The catalogue of what this room shows to people."""

from __future__ import annotations

from pathlib import Path

from bot.catalogue import Catalogue

word = Catalogue(Path(__file__).parent / "catalogue.yaml").word
