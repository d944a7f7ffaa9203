"""The Vietnamese words of this room that are not answers: names of columns, faults of a sheet, sentences put together.

The room stands on its own, so it has a catalogue of its own (``words.yaml``).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml


@cache
def _texts() -> dict[str, str]:
    document = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    return {str(key): str(text) for key, text in document.items()}


def word(key: str, **fields: object) -> str:
    """Return the text of ``key`` with its {places} filled. Raises KeyError for a key or a field that is missing."""
    text = _texts()[key]
    return text.format(**fields) if fields else text
