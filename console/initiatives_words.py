"""The words of the initiatives' pages."""

from __future__ import annotations

from pathlib import Path

from bot.catalogue import Catalogue

WORDS = Catalogue(Path(__file__).parent / "initiatives_words.yaml")
words = WORDS.word
