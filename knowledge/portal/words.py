"""The Vietnamese words of the portal's procedures: what residents and officials read, and the cues of the records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

_PLACE = re.compile(r"\{(\w+)\}")
FOLDER = Path(__file__).parent


@cache
def _document(name: str) -> Mapping[str, object]:
    document = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def word(key: str, **fields: object) -> str:
    """Return the text of ``key`` with the given {places} filled; places of the commune stay for ``Commune.fill``.

    What is filled in never gets filled again, so a name with braces cannot reach into the profile.
    """
    text = _document("words.yaml")[key]
    assert isinstance(text, str)

    def value(match: re.Match[str]) -> str:
        return str(fields[match.group(1)]) if match.group(1) in fields else match.group()

    return _PLACE.sub(value, text).strip()


def cues(name: str) -> tuple[str, ...]:
    """Return a list of ``cues.yaml``: phrases without marks by which a record or a message is read."""
    found = _document("cues.yaml")[name]
    assert isinstance(found, list)
    return tuple(str(one) for one in found)
