"""Which letter strings are Vietnamese syllables, by rule (onset x rime), and reading of typed-out Telex.

The table is generated, not copied from a word list: the onsets times the rimes of data/syllables.tsv.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

from intents.lexicon import read_table

_PARTS = read_table("syllables.tsv")
ONSETS = frozenset({"", *(row["written"] for row in _PARTS if row["part"] == "onset")})
RIMES = frozenset(row["written"] for row in _PARTS if row["part"] == "rime")
_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_TONE_MARKS = frozenset(_TONES.values())
_DOUBLES = {"aa": "â", "ee": "ê", "oo": "ô", "dd": "đ", "aw": "ă", "ow": "ơ", "uw": "ư"}
_VOWELS = frozenset("aăâeêioôơuưy")


KEPT_LETTERS = 0x2000
"""Letters before this code are kept in a LetterTable: all of Vietnamese, and not every sign of every script."""


class LetterTable(dict[int, str]):
    """For str.translate: what becomes of each letter, whatever stands beside it; worked out when first met."""

    def __init__(self, becomes: Callable[[str], str]) -> None:
        super().__init__()
        self._becomes = becomes

    def __missing__(self, code: int) -> str:
        found = self._becomes(chr(code))
        if code < KEPT_LETTERS:
            self[code] = found
        return found


def _without_marks(letter: str) -> str:
    decomposed = unicodedata.normalize("NFD", {"đ": "d", "Đ": "D"}.get(letter, letter))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


_FOLDING = LetterTable(_without_marks)


def fold(text: str) -> str:
    """`text` without tone and vowel marks, đ as d; length may shrink, case is kept."""
    return text if text.isascii() else text.translate(_FOLDING)


_PLAIN_RIMES = frozenset(fold(rime) for rime in RIMES)
_PLAIN_ONSETS = frozenset(fold(onset) for onset in ONSETS)


def without_tone(text: str) -> str:
    """`text` without the five tone marks; vowel letters such as ê and ư stay."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in _TONE_MARKS))


def _splits(token: str, onsets: frozenset[str], rimes: frozenset[str]) -> bool:
    return any(token[:length] in onsets and token[length:] in rimes for length in range(4))


@lru_cache(maxsize=8192)
def is_syllable(token: str) -> bool:
    """Whether the lower-case `token` could be a syllable, with its marks or typed without any."""
    toneless = without_tone(token)
    if _splits(toneless, ONSETS, RIMES):
        return True
    plain = fold(token)
    return plain == token and _splits(plain, _PLAIN_ONSETS, _PLAIN_RIMES)


@lru_cache(maxsize=8192)
def decode_telex(token: str) -> str | None:
    """The syllable meant by Telex keystrokes left in the text ("ddawng" -> "đăng"), or None.

    Only for lower-case ASCII tokens that are no syllable themselves; the tone key must stand after a vowel, and
    the result must be a syllable.
    """
    if not (3 <= len(token) <= 9 and token.isascii() and token.isalpha()) or is_syllable(token):
        return None
    tone, letters = "", token
    for position in range(len(token) - 1, 0, -1):
        if token[position] in _TONES and any(letter in "aeiouyw" for letter in token[1:position] + token[:1]):
            tone = _TONES[token[position]]
            letters = token[:position] + token[position + 1 :]
            break
    decoded = _decode_letters(letters)
    if tone:
        decoded = place_tone(decoded, tone)
    return decoded if decoded != token and is_syllable(decoded) and decoded != letters else None


def _decode_letters(letters: str) -> str:
    if letters.count("d") == 2 and letters.startswith("d") and not letters.startswith("dd"):
        letters = "đ" + letters[1:].replace("d", "", 1)
    if "w" in letters and "uo" in letters:
        letters = letters.replace("w", "", 1).replace("uo", "ươ", 1)
    for keys, letter in _DOUBLES.items():
        letters = letters.replace(keys, letter, 1)
    if "w" in letters:
        bare = letters.replace("w", "", 1)
        for vowel, marked in (("a", "ă"), ("o", "ơ"), ("u", "ư")):
            if vowel in bare:
                return bare.replace(vowel, marked, 1)
    for vowel, marked in (("a", "â"), ("e", "ê"), ("o", "ô")):
        if letters.count(vowel) == 2:
            first = letters.index(vowel)
            second = letters.index(vowel, first + 1)
            return letters[:first] + marked + letters[first + 1 : second] + letters[second + 1 :]
    return letters


def place_tone(syllable: str, tone: str) -> str:
    """`syllable` (without tone) with the combining `tone` on the vowel that carries it in modern placement."""
    start = 2 if syllable.startswith(("qu", "gi")) and len(syllable) > 2 and syllable[2] in _VOWELS else 0
    positions = [i for i in range(start, len(syllable)) if syllable[i] in _VOWELS]
    if not positions:
        return syllable
    chosen = positions[0]
    marked = [i for i in positions if syllable[i] in "ăâêôơư"]
    if marked:
        chosen = marked[-1]
    elif (len(positions) >= 2 and positions[-1] < len(syllable) - 1) or len(positions) == 3:
        chosen = positions[1]
    return unicodedata.normalize("NFC", syllable[: chosen + 1] + tone + syllable[chosen + 1 :])
