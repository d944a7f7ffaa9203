"""The catalogue of everything the conversation says, read once from ``words.yaml``.

``say`` holds sentences; ``dialogue`` the fixed texts of dialogues; ``attachment``, ``chitchat`` and ``button`` one text
for each kind; ``examples`` the questions under the welcome; ``cues`` what residents say that must be recognised.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

CATALOGUE = Path(__file__).with_name("words.yaml")
GROUPS: tuple[str, ...] = ("say", "dialogue", "attachment", "rating", "chitchat", "button", "own")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
LONGEST_TEXT = 1_000
"""Characters of one catalogue text: together with what is filled in it must stay one message."""


class WordsInvalid(ValueError):
    """The catalogue cannot be used; the message names the group and key."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question shown under the welcome and what a tap on it asks for."""

    title: str
    topic: str
    facet: str


@dataclass(frozen=True, slots=True)
class Words:
    """All texts, by group and key, before the commune's names are filled in."""

    texts: Mapping[str, Mapping[str, str]]
    examples: tuple[Example, ...]
    cues: Mapping[str, tuple[str, ...]]

    def text(self, group: str, key: str, **values: str) -> str:
        """Return a text with our own placeholders filled; those of the commune's profile stay for ``Commune.fill``.

        Raises KeyError for a group or key the catalogue lacks.
        """
        text = self.texts[group][key]
        return _PLACEHOLDER.sub(lambda match: values.get(match.group(1), match.group()), text)

    def has(self, group: str, key: str) -> bool:
        """Tell whether a group has a text for this kind."""
        return key in self.texts[group]


def placeholders_in(text: str) -> set[str]:
    """Return the names standing in braces in a text."""
    return set(_PLACEHOLDER.findall(text))


def load_words(path: Path = CATALOGUE) -> Words:
    """Read and check the catalogue. Raises WordsInvalid where a text is missing, empty, too long or not NFC."""
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    unknown = set(found) - {*GROUPS, "examples", "cues"}
    if unknown:
        raise WordsInvalid(f"unknown groups: {sorted(unknown)}")
    texts = {group: {key: _checked(group, key, text) for key, text in found[group].items()} for group in GROUPS}
    examples = tuple(Example(**row) for row in found["examples"])
    for example in examples:
        _checked("examples", example.topic, example.title)
    cues = {name: tuple(_checked("cues", name, cue) for cue in cues) for name, cues in found["cues"].items()}
    return Words(texts, examples, cues)


def _checked(group: str, key: str, text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise WordsInvalid(f"{group}.{key} is empty or not a text")
    if len(text) > LONGEST_TEXT:
        raise WordsInvalid(f"{group}.{key} has {len(text)} characters, more than {LONGEST_TEXT}")
    if text != unicodedata.normalize("NFC", text):
        raise WordsInvalid(f"{group}.{key} is not NFC")
    return text.strip()
