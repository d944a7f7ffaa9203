"""What a dialogue keeps of messages: cleaned texts within the memory's limit, photos and files to fetch later."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from bot.conversation.acts import SentThing
from bot.conversation.dialogue_state import LONGEST_THING_NAME, LONGEST_URL, MOST_THINGS, MOST_VALUE_BYTES
from bot.conversation.payloads import shortened

FETCHED_KINDS = frozenset({"image", "gif", "video", "file", "audio"})
"""Kinds whose address is fetched once the case is filed."""
MOST_WAITING_BYTES = 1_500
LONGEST_SHOWN_PART = 100
SHORT_BYTES = 160
RESERVED_BYTES = 1_000
"""Kept free of long texts, so that every choice still fits after them: one that does not is asked for ever again."""


def cleaned(text: str) -> str:
    """The text in NFC without control signs, for they cost six bytes each in JSON and mean nothing to anybody."""
    text = unicodedata.normalize("NFC", text)
    return "".join(letter for letter in text if letter == "\n" or unicodedata.category(letter) not in ("Cc", "Cs"))


def within_limits(text: str, most_bytes: int = MOST_WAITING_BYTES) -> str:
    """The cleaned text, its end cut off where it is too long; quotes and the like count twice, as they do in JSON."""
    kept, room = [], most_bytes
    for letter in cleaned(text).strip():
        room -= 2 if letter in '"\\\n' else len(letter.encode())
        if room < 0:
            break
        kept.append(letter)
    return "".join(kept).strip()


def merged(values: Mapping[str, str], answer: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """The values with an answer laid over them, and whether some of it had to be cut. Empty texts forget a value.

    Long texts are cut where they would take the room of the short answers still to come.
    """
    result = dict(values)
    cut = False
    for name, value in answer.items():
        result.pop(name, None)
        wanted = cleaned(value).strip()
        if not wanted:
            continue
        room = MOST_VALUE_BYTES - sum(len(name) + 8 + _weight(kept) for name, kept in result.items()) - len(name) - 8
        if _weight(wanted) > SHORT_BYTES:
            room = max(room - RESERVED_BYTES, min(room, SHORT_BYTES))
        kept = within_limits(wanted, room)
        cut = cut or kept != wanted
        if kept:
            result[name] = kept
    return result, cut


def fetched_later(things: Iterable[SentThing]) -> tuple[SentThing, ...]:
    """The photos and files among them, each once, the first five; an address too long to be one of Zalo's is not."""
    kept: dict[str, SentThing] = {}
    for thing in things:
        if thing.kind in FETCHED_KINDS and 0 < len(thing.url.encode()) <= LONGEST_URL and thing.url.isprintable():
            name = within_limits(thing.name, LONGEST_THING_NAME)
            kept.setdefault(thing.url, SentThing(thing.kind, thing.url, name, thing.size_bytes))
    return tuple(kept.values())[:MOST_THINGS]


def _weight(text: str) -> int:
    return sum(2 if letter in '"\\\n' else len(letter.encode()) for letter in text)


def shown(text: str, longest: int = LONGEST_SHOWN_PART) -> str:
    """Somebody's own words as they may stand inside our sentence: shortened, on one line, no placeholder of ours."""
    return shortened(cleaned(text).replace("{", "(").replace("}", ")"), longest)
