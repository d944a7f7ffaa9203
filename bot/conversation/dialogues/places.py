"""Where: a village of the commune's profile told in a resident's words, slips and all, or a place in words alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from bot.cases.routing import village_id
from bot.conversation.reading import Reading, read
from bot.conversation.words import Words
from knowledge import Commune
from knowledge.addresses.names import without_marks
from knowledge.profile_lists import Village

LEAST_LIKENESS = 80.0
"""How alike a typed name and a village's must be: two letters exchanged in "Đoài" still are, "Đông" is not."""
SHORTEST_GUESSED = 4
"""Letters: below, every name is alike to every other."""
_TOKEN = re.compile(r"\w+")


def find_villages(commune: Commune, words: Words, reading: Reading, *, asked: bool = False) -> tuple[Village, ...]:
    """The village a message names; several where it may be any of them, none where it names none.

    ``asked`` tells that the message answers the question for the village, so its bare name is enough ("Đoài"); in any
    other message it must stand behind "thôn", "tổ"… Marks count where they were typed: Hà and Hạ are two villages.
    """
    kinds = frozenset(words.cues["village_words"])
    told = _told(reading)
    best: dict[str, tuple[tuple[int, int], Village]] = {}
    for village in commune.villages:
        rank = _rank(village, told, kinds, asked)
        if rank is not None:
            best[village_id(village.name)] = (rank, village)
    if not best:
        return ()
    highest = max(rank for rank, _ in best.values())
    return tuple(village for rank, village in best.values() if rank == highest)


def names_a_place(text: str, words: Words) -> bool:
    """Tell whether a message names a village or street in writing ("thôn Đoài", "ngõ 12"); for communes whose profile
    lists no villages."""
    tokens = _TOKEN.findall(text)
    kinds = {*words.cues["village_words"], *words.cues["street_words"]}
    folded = [without_marks(token).lower() for token in tokens]
    return any(
        folded[at] in kinds and (tokens[at + 1][0].isdigit() or tokens[at + 1][0].isupper())
        for at in range(len(tokens) - 1)
    )


def is_only_the_name(village: Village, words: Words, reading: Reading) -> bool:
    """Tell whether a message says nothing but the village's name."""
    kinds = frozenset(words.cues["village_words"])
    said = _bare(reading.words, kinds)
    _, name = _own_name(village.name, kinds)
    return bool(said) and (said == name or len(said) <= len(name))


@dataclass(frozen=True, slots=True)
class _Told:
    """A message's words: with marks, without, and those of them typed without any (else "")."""

    typed: list[str]
    folded: list[str]
    plain: list[str]


def _told(reading: Reading) -> _Told:
    typed, folded = _TOKEN.findall(reading.typed), list(reading.words)
    plain = [word if word == told else "" for word, told in zip(folded, typed, strict=False)]
    return _Told(typed, folded, plain)


def _rank(village: Village, told: _Told, kinds: frozenset[str], asked: bool) -> tuple[int, int] | None:
    """How surely a message names a village (marks as typed 3, without marks 2, a slip 1), and the length of the name,
    for "Đoài Thượng" also holds "Đoài"; None where it does not.

    A name typed with other marks is another name: only words typed without any may stand for it.
    """
    typed_name, name = _own_name(village.name, kinds)
    for sureness, words, wanted in ((3, told.typed, typed_name), (2, told.plain, name)):
        if wanted and _stands_in(words, told.folded, list(wanted), kinds, asked):
            return sureness, len(wanted)
    wanted_text = " ".join(name)
    if len(wanted_text) < SHORTEST_GUESSED or any(token.isdigit() for token in name):
        return None
    for told_text in _told_names(told.folded, kinds, len(name), asked):
        if fuzz.ratio(told_text, wanted_text) >= LEAST_LIKENESS:
            return 1, len(name)
    return None


def _stands_in(words: list[str], folded: list[str], wanted: list[str], kinds: frozenset[str], asked: bool) -> bool:
    size = len(wanted)
    for at, word in enumerate(words):
        stands_here = word == wanted[0] and words[at : at + size] == wanted
        if stands_here and (asked or (0 < at <= len(folded) and folded[at - 1] in kinds)):
            return True
    return False


def _told_names(folded: list[str], kinds: frozenset[str], size: int, asked: bool) -> list[str]:
    names = [" ".join(folded[at + 1 : at + 1 + size]) for at, word in enumerate(folded) if word in kinds]
    return [*names, " ".join(_bare(tuple(folded), kinds))] if asked else names


@lru_cache(maxsize=2048)
def _own_name(name: str, kinds: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A village's name without "thôn", "tổ dân phố số"… before it: with marks, and without. Names are few and each
    message is held against all of them."""
    reading = read(name)
    folded = reading.words
    bare = _bare(folded, kinds)
    return tuple(_TOKEN.findall(reading.typed))[len(folded) - len(bare) :], bare


def _bare(folded: tuple[str, ...], kinds: frozenset[str]) -> tuple[str, ...]:
    """Words without marks, those for a kind of village before them left out; "thon" alone stays itself."""
    at = 0
    while at < len(folded) - 1 and folded[at] in kinds:
        at += 1
    return folded[at:]
