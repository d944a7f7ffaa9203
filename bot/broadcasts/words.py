"""The words of announcements: what officials read about them, and the few lines we add to what residents get."""

from __future__ import annotations

from pathlib import Path

from bot.catalogue import Catalogue

WORDS = Catalogue(Path(__file__).parent / "words.yaml")
word = WORDS.word
