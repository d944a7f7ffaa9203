"""Plain matchers over the examples the product learns from: each takes a message and returns labels, best first."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from intents import normalize
from intents.dataset import Line

FOLDER = Path("var/understanding-rivals")
FUZZY_ANSWERS = 80.0
"""A fuzzy score that such bots commonly take for an answer."""
Ranked = tuple[list[str], bool]
"""Labels best first, and whether the matcher would answer at once."""
Matcher = Callable[[str], Ranked]


def best_labels(scored: Sequence[tuple[str, float]], most: int = 3) -> list[str]:
    """The first `most` different labels of (label, score), best score first."""
    ordered = sorted(scored, key=lambda one: -one[1])
    return list(dict.fromkeys(label for label, _ in ordered))[:most]


def fuzzy(name: str, lines: Sequence[Line]) -> Matcher:
    """rapidfuzz with the scorer `name` ("token_set_ratio", "WRatio") over lower-case examples."""
    from rapidfuzz import fuzz, process

    texts, labels = [line.text.lower() for line in lines], [line.label for line in lines]
    scorer = getattr(fuzz, name)

    def match(text: str) -> Ranked:
        found = process.extract(text.lower(), texts, scorer=scorer, limit=60)
        scored = [(labels[place], score) for _, score, place in found]
        return best_labels(scored), bool(scored) and scored[0][1] >= FUZZY_ANSWERS

    return match


def install(*packages: str) -> str | None:
    """Installs rivals into a folder of their own; returns why not, or None where it worked."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(FOLDER), *packages]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    return None if done.returncode == 0 else (done.stderr.strip().splitlines() or ["?"])[-1]


def bm25(lines: Sequence[Line]) -> Matcher:
    """bm25s over the words without marks; it has no score that means "sure", so it always answers."""
    bm25s = importlib.import_module("bm25s")
    labels = [line.label for line in lines]
    index = bm25s.BM25()
    index.index([list(normalize(line.text).folded_tokens) for line in lines], show_progress=False)

    def match(text: str) -> Ranked:
        words = list(normalize(text).folded_tokens)
        if not words:
            return [], False
        places, scores = index.retrieve([words], k=60, show_progress=False)
        scored = [(labels[int(place)], float(score)) for place, score in zip(places[0], scores[0], strict=True)]
        return best_labels(scored), bool(scored) and scored[0][1] > 0

    return match
