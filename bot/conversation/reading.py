"""Small things read off a message without the model: a bare number, "thôi", danger, an empty announcement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import intents
from bot.conversation.words import Words

_BARE_NUMBER = re.compile(r"(?:so|cau|muc|y|phan|chon|dong)? ?(?:so )?(\d{1,2}) ?[.)]?")
_BARE_RATING = re.compile(r"([1-5])(?: ?/ ?5)?(?: sao| diem)?")
_WORD = re.compile(r"\w+")
_WORD_OR_QUESTION_MARK = re.compile(r"\w+|[?]")
SHORTEST_ANNOUNCEMENT = 3
"""Words."""
IDENTITY_NUMBER_MASK = "<id>"
"""What the normaliser writes for 9 digits or more: an identity or account number."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A message in its standard forms: ``typed`` as written, with marks where there were any; ``folded`` without."""

    typed: str
    folded: str

    @property
    def words(self) -> tuple[str, ...]:
        """The words without marks and punctuation."""
        return tuple(_WORD.findall(self.folded))

    def bare_number(self) -> int | None:
        """The number, where the message is nothing else ("2", "số 2", "câu 2."); at most two digits."""
        match = _BARE_NUMBER.fullmatch(self.folded)
        return int(match.group(1)) if match else None

    def rating(self) -> int | None:
        """The mark from 1 to 5, where the message is nothing else ("4", "4/5", "5 sao")."""
        match = _BARE_RATING.fullmatch(self.folded)
        return int(match.group(1)) if match else None

    def has_identity_number(self) -> bool:
        """Tell whether an identity or account number was typed."""
        return IDENTITY_NUMBER_MASK in self.typed

    def tells_danger(self, words: Words) -> bool:
        """Tell whether somebody may be in danger now; errs towards yes, for the warning says "nếu"."""
        return _contains_any(self.typed, words.cues["danger"])

    def asks(self, words: Words) -> bool:
        """Tell whether the message has the shape of a question."""
        return _contains_any(self.typed, words.cues["question"])

    def holds(self, saying: str) -> bool:
        """Tell whether the message holds a saying, which stands without marks."""
        return _contains_any(self.folded, (saying,))

    def says_one_of(self, words: Words, cues: str) -> bool:
        """Tell whether the message holds one of a list of sayings, which stand without marks in the catalogue."""
        return _contains_any(self.folded, words.cues[cues])

    def cancels(self, words: Words) -> bool:
        """Tell whether the whole message only says to leave it ("thôi", "hủy")."""
        return " ".join(self.words) in words.cues["cancel"]

    def says_not_that(self, words: Words) -> bool:
        """Tell whether the whole message only says that we misunderstood ("không phải", "sai rồi")."""
        return " ".join(self.words) in words.cues["not_that"]

    def names_contribution(self, words: Words, cues: str) -> bool:
        """Tell whether a short sentence (not a lone word, which may ask for anything) names a report or an idea."""
        return len(self.words) >= SHORTEST_ANNOUNCEMENT and _contains_any(self.folded, words.cues[cues])

    def only_announces(self, words: Words, cues: str) -> bool:
        """Tell whether a report or idea is announced but not told yet: at most one word says something of its own."""
        known = {word for cue in words.cues[cues] for word in cue.split()}
        return sum(word not in known for word in self.words) <= 1


@lru_cache(maxsize=32)
def read(text: str) -> Reading:
    """Put a message into its standard forms. Never raises; time is bounded by the normaliser.

    Several questions of one turn read the same message, hence the small memory of the last ones.
    """
    normalised = intents.normalize(text)
    return Reading(normalised.text, normalised.folded)


def _contains_any(text: str, cues: tuple[str, ...]) -> bool:
    padded = _padded(text)
    # Most cues are nowhere in the message: the bare look comes first, word boundaries only where it finds something.
    return any(cue in padded and f" {cue} " in padded for cue in cues)


@lru_cache(maxsize=64)
def _padded(text: str) -> str:
    """The words of a text with one blank around each; one turn asks for it some seventy times."""
    return f" {' '.join(_WORD_OR_QUESTION_MARK.findall(text))} "
