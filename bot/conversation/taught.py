"""What officials taught: where the model is not sure, a message near enough to a question already answered by a person
gets that person's answer. Pure: the index is handed in by whoever reads the store.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from rapidfuzz.distance import Indel

import intents

NEAR_ENOUGH = 80.0
"""Likeness, 0 to 100, from which a message is the taught question asked again. Below it nothing is said of it."""
TOGETHER = 65.0
"""Likeness from which two questions are shown together; a person looks at them before they are answered as one."""
FEW_WORDS = 2
SHORTEST_WITH_A_SLIP = 3
MOST_COMPARED = 40
"""Questions that share most with a message are compared word by word; the rest cannot be nearer."""
NEARLY_LIKE = 0.75
"""Share of letters from which two words are one word with a slip."""


@dataclass(frozen=True, slots=True)
class TaughtAnswer:
    """An answer in force. ``words`` of the commune's own, or a ``topic`` (and perhaps a ``facet``) that is meant."""

    id: int
    words: str
    topic: str
    facet: str
    answered: date
    valid_until: date | None
    questions: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer whose question is nearest, and how near, 0 to 100."""

    answer: TaughtAnswer
    question: str = field(repr=False)
    likeness: float


@cache
def _polite() -> frozenset[str]:
    """Words that carry no meaning of their own in a question."""
    return frozenset((Path(__file__).parent / "polite_words.tsv").read_text(encoding="utf-8").split())


def telling_words(text: str) -> tuple[str, ...]:
    """The words of a text without marks, politeness left out; all of them where nothing else is left."""
    words = tuple(intents.normalize(text).folded.replace("?", " ").replace(",", " ").replace(".", " ").split())
    return tuple(word for word in words if word not in _polite()) or words


class Likeness:
    """Compares questions by the weight of the words they share: a word that few questions have tells more."""

    def __init__(self, questions: Sequence[str]) -> None:
        self.words = [telling_words(question) for question in questions]
        self._having: defaultdict[str, list[int]] = defaultdict(list)
        for number, words in enumerate(self.words):
            for word in set(words):
                self._having[word].append(number)
        self._total = len(questions)

    def near(self, asked: tuple[str, ...]) -> list[tuple[float, int]]:
        """(likeness 0 to 100, number of the question), the likest first, among those that share most with it."""
        shared: defaultdict[int, float] = defaultdict(float)
        for word in set(asked):
            for number in self._having.get(word, ()):
                shared[number] += self._of(word)
        most = heapq.nlargest(MOST_COMPARED, shared, key=lambda number: (shared[number], -number))
        return sorted(((self.between(asked, self.words[number]), number) for number in most), reverse=True)

    def between(self, one: tuple[str, ...], other: tuple[str, ...]) -> float:
        """Twice the weight of the words in common, over the weight of all; a word with a slip is the same word."""
        if not one or not other:
            return 0.0
        left = Counter(other)
        common = 0.0
        for word in one:
            same = word if left[word] else _with_a_slip(word, left)
            if same:
                left[same] -= 1
                common += min(self._of(word), self._of(same))
        return 200.0 * common / (sum(map(self._of, one)) + sum(map(self._of, other)))

    def _of(self, word: str) -> float:
        return math.log((self._total + 2) / (len(self._having.get(word, ())) + 1)) + 0.5


def _with_a_slip(word: str, left: Counter[str]) -> str:
    if len(word) < SHORTEST_WITH_A_SLIP:
        return ""
    others = (other for other, count in left.items() if count and len(other) >= SHORTEST_WITH_A_SLIP)
    best = max(((Indel.normalized_similarity(word, other), other) for other in others), default=(0.0, ""))
    return best[1] if best[0] >= NEARLY_LIKE else ""


def grouped(questions: Sequence[str]) -> list[list[int]]:
    """Numbers of questions that ask the same, put together; the shortest wording of each group comes first."""
    likeness = Likeness(questions)
    groups: dict[int, list[int]] = {}
    group_of: dict[int, int] = {}
    for number in sorted(range(len(questions)), key=lambda number: (len(questions[number]), number)):
        words = likeness.words[number]
        enough = TOGETHER if len(words) >= FEW_WORDS else 100.0
        near = (other for score, other in likeness.near(words) if score >= enough and other in group_of)
        head = next((group_of[other] for other in near), number)
        group_of[number] = head
        groups.setdefault(head, []).append(number)
    return list(groups.values())


def enough_for(asked: tuple[str, ...]) -> float:
    """The likeness a question must reach: one word alone says too little for anything but itself."""
    return NEAR_ENOUGH if len(asked) >= FEW_WORDS else 100.0


class TaughtIndex:
    """The questions taught in one commune: some thousands at most."""

    def __init__(self, answers: Iterable[TaughtAnswer]) -> None:
        pairs = [(answer, question) for answer in answers for question in answer.questions]
        self._pairs = pairs
        self._likeness = Likeness([question for _answer, question in pairs])

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def nearest(self, text: str, today: date) -> Found | None:
        """The answer in force today whose question is nearest; None where none is near enough."""
        if not self._pairs:
            return None
        asked = telling_words(text)
        for score, number in self._likeness.near(asked):
            answer, question = self._pairs[number]
            in_force = answer.valid_until is None or today <= answer.valid_until
            if score >= enough_for(asked) and in_force:
                return Found(answer, question, score)
        return None


NOTHING_TAUGHT = TaughtIndex(())
