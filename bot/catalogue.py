"""Vietnamese words for people who run the product: one YAML file in each room, looked up by key.

What residents read has its own catalogue, in ``bot/conversation``.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import yaml


class Catalogue:
    """The texts of one room. Read at the first look-up."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def texts(self) -> dict[str, str]:
        """All keys and texts."""
        document = yaml.safe_load(self._path.read_text("utf-8"))
        return {str(key): str(text).strip() for key, text in document.items()}

    def word(self, key: str, **fields: object) -> str:
        """The text of ``key`` with its {places} filled. Raises KeyError for a key or a field that is missing."""
        text = self.texts[key]
        return text.format(**fields) if fields else text


CATALOGUE = Catalogue(Path(__file__).parent / "catalogue.yaml")
"""The words of this room: settings and database."""
