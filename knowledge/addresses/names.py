"""Names of administrative units as people type them: without marks, with or without "xã", "huyện", "tp"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

WARD_WORDS: dict[str, str] = {
    "xa": "xa", "phuong": "phuong", "thi tran": "thi tran", "tt": "thi tran", "p": "phuong", "x": "xa",
    "dac khu": "dac khu",
}  # fmt: skip
DISTRICT_WORDS: dict[str, str] = {
    "huien": "huyen", "quan": "quan", "thi xa": "thi xa", "tx": "thi xa", "thanh pho": "thanh pho",
    "tp": "thanh pho", "h": "huyen", "q": "quan",
}  # fmt: skip
PROVINCE_WORDS: dict[str, str] = {"tinh": "tinh", "thanh pho": "thanh pho", "tp": "thanh pho", "t": "tinh"}
"""How the kind of a unit is typed, folded, with the kind it stands for."""

_WORD = re.compile(r"\w+")
_ABBREVIATED = re.compile(r"\b(tp|tx|tt|h|q|p|x|t)\.(?=\w)", re.IGNORECASE)
_ABBREVIATIONS = frozenset({"tt", "p", "x", "tx", "tp", "h", "q", "t"})
_KINDS = sorted({*WARD_WORDS, *DISTRICT_WORDS, *PROVINCE_WORDS} - _ABBREVIATIONS, key=len, reverse=True)


def without_marks(text: str) -> str:
    """Lower case without marks."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def fold(text: str) -> str:
    """Lower case without marks; y becomes i, for "Tứ Kì" and "Tứ Kỳ" are one place."""
    return without_marks(text).replace("y", "i")


@dataclass(frozen=True, slots=True)
class TypedWord:
    """One word of a message: as typed (NFC, lower case) and folded."""

    typed: str
    folded: str


def words_of(text: str) -> tuple[TypedWord, ...]:
    """Take a message apart; "h.Tứ Kỳ" is two words and a kind."""
    spaced = _ABBREVIATED.sub(r"\1 ", unicodedata.normalize("NFC", text))
    return tuple(TypedWord(word.lower(), fold(word)) for word in _WORD.findall(spaced))


def without_kind(name: str) -> str:
    """Fold a unit's name and take its kind off: "Thị trấn Thanh Hà" → "thanh ha"."""
    folded = " ".join(_WORD.findall(fold(name)))
    for kind in _KINDS:
        if folded.startswith(f"{kind} "):
            return folded[len(kind) + 1 :]
    return folded


def kind_of(name: str) -> str:
    """Return a ward's kind, folded: "Thị trấn Thanh Hà" → "thi tran"; empty where it says none."""
    folded = fold(name)
    return next((kind for kind in WARD_WORDS.values() if folded.startswith(f"{kind} ")), "")
