"""The packaged language material as typed rows, and the hash that names what was built from it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from intents.lexicon import DATA, read_table
from intents.normalize import normalize
from intents.understanding import OUT_OF_SCOPE_LABEL

ARTEFACTS = Path(__file__).parent / "artefacts"
# What the artefact depends on; everything else may change without a new fit.
_DATA_FILES = (
    "examples.tsv",
    "oos.tsv",
    "facets.tsv",
    "cues.tsv",
    "topics.tsv",
    "aliases.tsv",
    "short_questions.tsv",
    "lexicon.tsv",
    "countries.tsv",
    "syllables.tsv",
)
_SOURCES = (
    "normalize.py",
    "lexicon.py",
    "syllables.py",
    "features.py",
    "cues.py",
    "parts.py",
    "focus.py",
    "asked.py",
    "countries.py",
    "augment.py",
    "model.py",
    "training.py",
)


QUESTIONS_OF_AN_ALIAS = 4
_ASKS_ITSELF = re.compile(r"\b(?:đâu|mấy|thế nào|không|bị|mất|quên)\b")


@dataclass(frozen=True, slots=True)
class Line:
    """One labelled example. `author` groups lines of one hand; `facet` and `pointer` are "" where unknown."""

    label: str
    text: str
    author: str
    facet: str
    kind: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Topic:
    """One row of the catalogue."""

    id: str
    group: str
    name: str
    scope: str


@cache
def topics() -> tuple[Topic, ...]:
    """The 112 topics in catalogue order."""
    return tuple(Topic(row["id"], row["group"], row["name_vi"], row["scope"]) for row in read_table("topics.tsv"))


def lines() -> list[Line]:
    """All training lines: examples, topic titles and aliases, and what is out of scope."""
    found = [
        Line(row["label"], row["text"], row["author"], row["facet"], row["kind"], "")
        for row in read_table("examples.tsv")
    ]
    for topic in topics():
        found.append(Line(topic.id, topic.name, "catalogue", "", "title", ""))
        if topic.scope:
            found.append(Line(topic.id, f"{topic.name}: {topic.scope}", "catalogue", "", "title", ""))
    aliases = read_table("aliases.tsv")
    found += [Line(row["label"], row["text"], "catalogue", "", "alias", "") for row in aliases]
    found += _short_questions([(row["label"], row["text"]) for row in aliases])
    found += [
        Line(OUT_OF_SCOPE_LABEL, row["text"], row["author"], "", "oos", row["pointer"]) for row in read_table("oos.tsv")
    ]
    return found


def doubles() -> list[tuple[str, frozenset[str], str]]:
    """(text, what is asked, author) of messages that ask two things; the splitter learns from them, the matcher not."""
    return [(row["text"], frozenset(row["labels"].split("|")), row["author"]) for row in read_table("doubles.tsv")]


def learned_texts() -> list[str]:
    """Every text somebody wrote to be learned from, as `normalize` leaves its words without marks."""
    texts = [line.text for line in lines() if line.author != "catalogue"] + [text for text, _, _ in doubles()]
    return [" ".join(normalize(text).folded_tokens) for text in texts]


def _short_questions(aliases: Sequence[tuple[str, str]]) -> list[Line]:
    """Every alias asked in a few short ways, so that words of a part ("lệ phí") belong to no topic."""
    ways = [(row["text"], row["facet"]) for row in read_table("short_questions.tsv")]
    made: dict[str, Line] = {}
    for place, (label, alias) in enumerate(aliases):
        if _ASKS_ITSELF.search(alias):
            continue
        for step in range(QUESTIONS_OF_AN_ALIAS):
            pattern, facet = ways[(place + step * 5) % len(ways)]
            text = pattern.replace("...", alias)
            made.setdefault(text, Line(label, text, "catalogue", facet, "asked", ""))
    return list(made.values())


def pointer_ids() -> tuple[str, ...]:
    """Every pointer id that `Understanding.pointer` may carry, sorted."""
    return tuple(sorted({row["pointer"] for row in read_table("oos.tsv")} - {""}))


@cache
def data_hash() -> str:
    """Sixteen hex digits over the training data and the code that turns it into a model."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in [*(DATA / name for name in _DATA_FILES), *(folder / name for name in _SOURCES)]:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:16]
