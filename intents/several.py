"""Several questions in one message: a cut holds where both sides are sure to ask for different things.

How sure is said by a logistic regression over both sides and the whole, fitted with the gate on joined lines and on
single ones of authors the model had not read (data/gate.json, "split"). Each side may fall apart once more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from intents import cues, parts
from intents.focus import corrected
from intents.model import Match
from intents.normalize import Normalized
from intents.understanding import CHITCHAT_LABEL, OUT_OF_SCOPE_LABEL, Candidate

SPLIT_FEATURES = (
    "low", "high", "first_is_one", "other_second", "other_third", "other_later", "other_absent", "less_likely",
    "more_likely", "whole_sure", "joiner", "sentence", "connector", "and", "both_ask", "both_question",
    "left_question", "right_question", "words", "siblings", "action", "short_side",
)  # fmt: skip
FEWEST_WORDS = 5
STORY_WORDS = 45
"""A longer message is cut at its strongest places only, for its time is bounded. Measured on the double questions and
stories of three hands kept apart (412): the same decisions at 40, 60 and 90, with 4.1, 4.2 and 6.5 texts read each."""
STORY_CUTS = 2
INNER_CUTS = 2
"""Cuts tried within a side: every one is read twice, and a third question is rare."""
LONGEST_WORDS = 160
"""A longer message is read whole only: no resident's double question came near it, and odd ones took 150 ms."""
SURE_ENOUGH = 0.97
"""A cut this sure is taken without looking at the others."""
MOST_PARTS = 3
SURELY_ONE = 0.985
"""A message whose one topic is this sure is cut only where a word such as "ngoài ra" or a question mark parts it."""
JOINER = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """One text scored: the first label, how sure, its candidates (out of scope left out), what part it asks ("" where
    that was not read: it costs as much again)."""

    form: Normalized
    label: str
    confidence: float
    candidates: tuple[Candidate, ...]
    facet: str
    facet_lead: float
    follow: float
    exact: bool
    match: Match


@dataclass(frozen=True, slots=True)
class Split:
    """The sides, two or three, in their order, and how likely each is a question of its own."""

    sides: tuple[Reading, ...]
    sure: float


@dataclass(frozen=True, slots=True)
class Splitter:
    """`answer` and `doubt`: the least chances to answer both sides, and to ask back rather than answer one of them."""

    weights: Sequence[float]
    bias: float
    answer: float
    doubt: float

    def chance(self, features: Sequence[float]) -> float:
        """The chance that both sides are asked for, 0-1."""
        total = self.bias + sum(weight * value for weight, value in zip(self.weights, features, strict=True))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


NEVER_SPLITS = Splitter((0.0,) * len(SPLIT_FEATURES), -30.0, SURE_ENOUGH, SURE_ENOUGH)


def read_splitter(stored: Mapping[str, Any]) -> Splitter:
    """The splitter that a calibration described. Raises KeyError where something is missing."""
    weights = tuple(stored["weights"][name] for name in SPLIT_FEATURES)
    return Splitter(weights, stored["bias"], stored["answer"], stored["doubt"])


def _odds(chance: float) -> float:
    return math.log((chance + 1e-4) / (1.0 - chance + 1e-4))


def split_features(
    whole: Reading, cut: parts.Cut, left: Reading, right: Reading, siblings: Collection[frozenset[str]]
) -> list[float]:
    """The numbers a cut is judged by, in the order of SPLIT_FEATURES."""
    rank = {one.id: place for place, one in enumerate(whole.candidates)}
    score = {one.id: one.score for one in whole.candidates}
    first, other = sorted((rank.get(left.label, 9), rank.get(right.label, 9)))
    less, more = sorted((score.get(left.label, 0.0), score.get(right.label, 0.0)))
    low, high = sorted((left.confidence, right.confidence))
    values: list[float | bool] = [
        _odds(low), _odds(high), first == 0, other == 1, other == 2, 3 <= other < 9, other == 9,
        math.log(less + 1e-4), math.log(more + 1e-4), _odds(whole.confidence),
        cut.strength == 3, cut.strength == 2, cut.strength == 1, cut.joined, cut.both_ask, cut.both_question,
        parts.questions(cut.left), parts.questions(cut.right), math.log(len(whole.form.tokens)),
        frozenset((left.label, right.label)) in siblings, "@" in (left.label[0], right.label[0]),
        math.log(min(len(cut.left.tokens), len(cut.right.tokens))),
    ]  # fmt: skip
    return [float(value) for value in values]


def _asks_something(side: Reading, lacks_topic: Callable[[Reading], bool]) -> bool:
    """Whether a side could be a question of its own: no small talk, not out of scope, not a part alone."""
    return side.label not in (OUT_OF_SCOPE_LABEL, CHITCHAT_LABEL) and not lacks_topic(side)


def sides(
    whole: Reading,
    read: Callable[[Normalized], Reading],
    lacks_topic: Callable[[Reading], bool],
    most: int = parts.MAX_CUTS,
) -> Iterator[tuple[parts.Cut, Reading, Reading]]:
    """The cuts of a message whose sides could be two questions, both sides read on their own.

    One at a time, and the right side only where the left one asks something: reading is most of the time of a message.
    """
    words = len(whole.form.tokens)
    # What is taken back ("à không, ý tôi là…") is no question of its own.
    if whole.exact or not FEWEST_WORDS <= words <= LONGEST_WORDS or corrected(whole.form) is not None:
        return
    proposed = parts.cuts(whole.form)
    if whole.confidence >= SURELY_ONE and all(cut.strength < JOINER for cut in proposed):
        return
    for cut in proposed[: STORY_CUTS if words > STORY_WORDS else most]:
        left = read(cut.left)
        if not _asks_something(left, lacks_topic):
            continue
        right = read(cut.right)
        if right.label != left.label and _asks_something(right, lacks_topic):
            yield cut, left, right


def split(
    whole: Reading,
    read: Callable[[Normalized], Reading],
    lacks_topic: Callable[[Reading], bool],
    splitter: Splitter,
    siblings: Collection[frozenset[str]],
) -> Split | None:
    """The likeliest way the message falls into questions, however unlikely; None where no cut is possible."""
    best = _best(whole, read, lacks_topic, splitter, siblings)
    if best is None or best.sure < splitter.answer:
        return best
    found = list(best.sides)
    for place, side in enumerate(best.sides):
        inner = _best(side, read, lacks_topic, splitter, siblings, INNER_CUTS)
        others = {one.label for one in found if one is not side}
        if inner is None or inner.sure < splitter.answer or others & {one.label for one in inner.sides}:
            continue
        if len(found) < MOST_PARTS:
            found[place : place + 1] = inner.sides
            break
    return Split(tuple(found), best.sure)


def _best(
    whole: Reading,
    read: Callable[[Normalized], Reading],
    lacks_topic: Callable[[Reading], bool],
    splitter: Splitter,
    siblings: Collection[frozenset[str]],
    most: int = parts.MAX_CUTS,
) -> Split | None:
    best: Split | None = None
    for cut, left, right in sides(whole, read, lacks_topic, most):
        sure = splitter.chance(split_features(whole, cut, left, right, siblings))
        if best is None or sure > best.sure:
            best = Split((left, right), sure)
        if best.sure >= SURE_ENOUGH:
            break
    return best


def shared(sides_asked: Sequence[Reading]) -> list[Reading]:
    """A part asked once for all ("khai sinh và khai tử cần giấy tờ gì") counts for the sides that ask none."""
    asking = [bool(cues.cue_facets(side.form)) or parts.questions(side.form) for side in sides_asked]
    if not any(asking):
        return list(sides_asked)
    # What follows the names is meant for them, else what went before.
    found = list(sides_asked)
    for place, asks in enumerate(asking):
        if not asks:
            later = next((other for other in range(place + 1, len(found)) if asking[other]), None)
            source = later if later is not None else max(other for other in range(place) if asking[other])
            found[place] = replace(found[place], facet=sides_asked[source].facet)
    return found
