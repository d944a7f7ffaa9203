"""ChatterBot with each example as a statement and its label as the reply to it.

It has no tagger for Vietnamese, so it compares texts as they are (NoOpTagger, its own text search, its own Levenshtein
comparison) and it has no score under which it keeps silent. As delivered that takes seconds a message: every example is
read from its store and compared letter by letter. To measure how well it answers on many lines, examples that cannot be
among the best are left out before it looks: no ratio of difflib exceeds that of the longest common subsequence, which
is counted quickly. The answers are the same, and the run checks that on every line that it times as delivered.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

from talking import Answering, serve  # type: ignore[import-not-found, unused-ignore]

LABELS = 4
"""Three topics, and "out of scope" perhaps among them."""
STOPS = 0.95
"""From here on ChatterBot takes the first example it comes to; nothing above may be left out."""

Examples = list[tuple[str, str]]
Compare = Callable[[str, str], float]


def possible(text: str, examples: Examples, bounds: list[float], compare: Compare) -> dict[int, float]:
    """Place to score of every example that can be among the best of `LABELS` labels, or at least `STOPS`.

    `bounds[i]` is a score that `compare(text, examples[i][0])` cannot exceed. Scores and bounds count to two digits,
    as ChatterBot's do.
    """
    scores: dict[int, float] = {}
    best: dict[str, float] = {}
    floor = 0.0
    for place in sorted(range(len(examples)), key=lambda one: -bounds[one]):
        if round(bounds[place] + 1e-9, 2) < floor:
            break
        example, label = examples[place]
        scores[place] = compare(text, example)
        if scores[place] > best.get(label, 0.0):
            best[label] = scores[place]
            kept = sorted(best.values(), reverse=True)[:LABELS]
            floor = min(kept[-1], STOPS) if len(kept) == LABELS else 0.0
    return {place: scores[place] for place in sorted(scores)}


def ranked(examples: Examples, scores: dict[int, float]) -> list[str]:
    """Labels by their best score; of equal ones the earlier example's."""
    order = sorted(scores, key=lambda place: (-scores[place], place))
    return list(dict.fromkeys(examples[place][1] for place in order if scores[place] > 0))


class Shortened:
    """Stands where a bot's store and comparison are, and hands over only the examples that can matter."""

    def __init__(self, bot: Any, statements: list[Any], examples: Examples) -> None:
        self._bot, self._statements, self._examples = bot, statements, examples
        self._lowered = [text.lower() for text, _ in examples]
        self._replies: dict[str, list[Any]] = {}
        for statement in statements:
            self._replies.setdefault(statement.search_text, []).append(statement)
        search = bot.search_algorithms["text_search"]
        self._compare: Compare = search.compare_statements.compare_text
        self._bounding = importlib.import_module("rapidfuzz.process").cdist
        self._bound = importlib.import_module("rapidfuzz.distance").Indel.normalized_similarity
        self._scores: dict[int, float] = {}
        self._known: dict[str, float] = {}
        search.compare_statements = self
        bot.storage.filter = self.filter

    def compare_text(self, text: str, example: str) -> float:
        """What ChatterBot's own comparison gave; each pair is compared once."""
        return self._known[example]

    def filter(self, **wanted: Any) -> Iterator[Any]:
        """The three questions that ChatterBot asks of its store: talk so far, replies alike, and everything."""
        if "conversation" in wanted or "search_in_response_to" in wanted:
            return iter(())
        if "search_text" in wanted:
            return iter(self._replies.get(wanted["search_text"], []))
        return iter([self._statements[place] for place in self._scores])

    def answer(self, text: str) -> tuple[list[str], bool]:
        """Its reply first, then the labels next in score."""
        bounds = self._bounding([text.lower()], self._lowered, scorer=self._bound)[0].tolist()
        self._scores = possible(text, self._examples, bounds, self._compare)
        self._known = {self._examples[place][0]: score for place, score in self._scores.items()}
        reply = self._bot.get_response(text)
        if not reply.confidence:
            return [], False
        return list(dict.fromkeys([reply.text, *ranked(self._examples, self._scores)]))[:LABELS], True


def learn(examples: Examples, out_of_scope: str) -> Answering:
    """One bot as delivered, its SQLite store in memory, and one that is spared the hopeless comparisons."""
    make = importlib.import_module("chatterbot").ChatBot
    statement = importlib.import_module("chatterbot.conversation").Statement
    tagger = importlib.import_module("chatterbot.tagging").NoOpTagger

    def bot(name: str) -> Any:
        return make(name, database_uri=None, tagger=tagger, search_algorithm_name="text_search", read_only=True)

    def statements() -> list[Any]:
        return [
            statement(
                text=label, search_text=label, in_response_to=text, search_in_response_to=text, conversation="training"
            )
            for text, label in examples
        ]

    delivered = bot("as delivered")
    delivered.storage.create_many(statements())
    shortened = Shortened(bot("shortened"), statements(), examples)

    def answer(text: str, as_delivered: bool) -> tuple[list[str], bool]:
        if not as_delivered:
            return shortened.answer(text)
        reply = delivered.get_response(text)
        return ([reply.text], True) if reply.confidence else ([], False)

    return answer


if __name__ == "__main__":
    serve(learn)
