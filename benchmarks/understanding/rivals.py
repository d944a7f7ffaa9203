"""Who is compared: the product and plain matchers over the examples it learns from; each names labels, best first."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from intents.dataset import Line
from intents.understanding import OUT_OF_SCOPE_LABEL

FUZZY_ANSWERS = 80.0
"""A fuzzy score that such bots commonly take for an answer."""
NEAREST = 60
"""How many nearest examples are read for labels; more than enough for three different ones."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rival said to one message: labels best first, whether it would answer at once, ms of processor time.

    An answer "out of scope" is a label like any other in `labels`; where it stands first, nothing is answered.
    """

    labels: tuple[str, ...]
    sure: bool
    milliseconds: float

    @property
    def named(self) -> tuple[str, ...]:
        """The labels without "out of scope": the three best topics are asked for, of everybody alike."""
        return tuple(label for label in self.labels if label != OUT_OF_SCOPE_LABEL)

    @property
    def answers(self) -> bool:
        """Whether the resident is given an answer of some topic."""
        return self.sure and bool(self.labels) and self.labels[0] != OUT_OF_SCOPE_LABEL


Matcher = Callable[[str], Answer]


def timed(look: Callable[[str], tuple[Sequence[str], bool]]) -> Matcher:
    """A matcher of a function that gives (labels best first, whether sure), with its processor time."""

    def match(text: str) -> Answer:
        started = time.process_time()
        labels, sure = look(text)
        return Answer(tuple(labels), sure, 1000 * (time.process_time() - started))

    return match


def best_labels(scored: Sequence[tuple[str, float]]) -> list[str]:
    """The different labels of (label, score), best score first; of equal ones the earlier."""
    ordered = sorted(scored, key=lambda one: -one[1])
    return list(dict.fromkeys(label for label, _ in ordered))


def product() -> Matcher:
    """Our own understander as it ships."""
    import intents

    understander = intents.load()

    def look(text: str) -> tuple[list[str], bool]:
        found = understander.understand(text)
        return [candidate.id for candidate in found.candidates], found.decision in ("answer", "action")

    return timed(look)


def fuzzy(name: str, lines: Sequence[Line]) -> Matcher:
    """rapidfuzz with the scorer `name` ("token_set_ratio", "WRatio") over lower-case examples."""
    from rapidfuzz import fuzz, process

    texts, labels = [line.text.lower() for line in lines], [line.label for line in lines]
    scorer = getattr(fuzz, name)

    def look(text: str) -> tuple[list[str], bool]:
        found = process.extract(text.lower(), texts, scorer=scorer, limit=NEAREST)
        scored = [(labels[place], score) for _, score, place in found]
        return best_labels(scored), bool(scored) and scored[0][1] >= FUZZY_ANSWERS

    return timed(look)
