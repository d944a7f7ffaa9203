"""Where: a village of the commune's profile told in a resident's words, slips and all, or a place in words alone."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from bot.cases.routing import village_id
from bot.conversation.reading import Reading, read
from bot.conversation.words import Words
from knowledge import Commune
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
    best: dict[str, tuple[tuple[int, int], Village]] = {}
    for village in commune.villages:
        rank = _rank(village, reading, kinds, asked)
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
    folded = [" ".join(read(token).words) for token in tokens]
    return any(
        folded[at] in kinds and (tokens[at + 1][0].isdigit() or tokens[at + 1][0].isupper())
        for at in range(len(tokens) - 1)
    )


def is_only_the_name(village: Village, words: Words, reading: Reading) -> bool:
    """Tell whether a message says nothing but the village's name."""
    kinds = frozenset(words.cues["village_words"])
    said = _bare(reading.words, kinds)
    name = _bare(read(village.name).words, kinds)
    return bool(said) and (said == name or len(said) <= len(name))


def _rank(village: Village, reading: Reading, kinds: frozenset[str], asked: bool) -> tuple[int, int] | None:
    """How surely a message names a village (marks as typed 3, without marks 2, a slip 1), and the length of the name,
    for "Đoài Thượng" also holds "Đoài"; None where it does not."""
    name = read(village.name)
    typed, folded = _TOKEN.findall(reading.typed), list(reading.words)
    # A name typed with other marks is another name: only a word typed without any may stand for it.
    plain = [word if word == told else "" for word, told in zip(folded, typed, strict=False)]
    for sureness, told, wanted in ((3, typed, tuple(_TOKEN.findall(name.typed))), (2, plain, name.words)):
        bare = _bare(wanted, kinds)
        if bare and _stands_in(told, folded, list(bare), kinds, asked):
            return sureness, len(bare)
    bare_folded = _bare(name.words, kinds)
    wanted_text = " ".join(bare_folded)
    if len(wanted_text) < SHORTEST_GUESSED or any(token.isdigit() for token in bare_folded):
        return None
    for told_text in _told_names(reading, kinds, len(bare_folded), asked):
        if fuzz.ratio(told_text, wanted_text) >= LEAST_LIKENESS:
            return 1, len(bare_folded)
    return None


def _stands_in(told: list[str], folded: list[str], bare: list[str], kinds: frozenset[str], asked: bool) -> bool:
    size = len(bare)
    for at in range(len(told) - size + 1):
        if told[at : at + size] == bare and (asked or (0 < at <= len(folded) and folded[at - 1] in kinds)):
            return True
    return False


def _told_names(reading: Reading, kinds: frozenset[str], size: int, asked: bool) -> list[str]:
    words = reading.words
    names = [" ".join(words[at + 1 : at + 1 + size]) for at, word in enumerate(words) if word in kinds]
    return [*names, " ".join(_bare(words, kinds))] if asked else names


def _bare(tokens: tuple[str, ...], kinds: frozenset[str]) -> tuple[str, ...]:
    """A name without "thôn", "tổ dân phố số"… before it; "Thôn" alone stays itself."""
    at = 0
    while at < len(tokens) - 1 and _folded(tokens[at]) in kinds:
        at += 1
    return tokens[at:]


def _folded(token: str) -> str:
    return " ".join(read(token).words)
