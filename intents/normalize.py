"""Eleven steps from what residents type to one standard form, without changing what it means.

Measured order: letters are unified before anything is looked up, personal data is masked before tokens are touched,
and abbreviations are read before stretched letters are shortened ("cccd" must not become "cd").
Pure standard library. Work is bounded for any input: see MAX_RAW and MAX_CHARACTERS.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from intents.lexicon import Lexicon, load_lexicon
from intents.syllables import LetterTable, decode_telex, fold, is_syllable, place_tone, without_tone

MAX_RAW = 12_000
"""Characters read at all; a Zalo message has at most 2,000."""
MAX_CHARACTERS = 2_000
"""Characters kept after cleaning: the beginning and the end, for the question stands at one of them."""

_COMBINING_RUN = re.compile("([\u0300-\u036f]{3})[\u0300-\u036f]+")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
# Only used in words that are otherwise Latin, so real Cyrillic text stays recognisable as foreign script.
_LOOK_ALIKES = str.maketrans("аеорсухіјѕԁɡһ", "aeopcyxijsdgh")
_CYRILLIC = re.compile(r"[а-яԁһіјѕ]")
_WORD = re.compile(r"\w+")
_LATIN_LETTER = re.compile(r"[a-zà-ỹ]")
_ETH = str.maketrans({"ð": "đ", "Ð": "đ", "ɖ": "đ", "Ɖ": "đ"})
_MASKS = (
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}"), "<mail>"),
    (
        re.compile(
            r"(?:https?://|www\.)\S+|"
            r"\b[\w-]{1,64}\.(?:vn|com|net|org|gov|info|xyz|top|me|ly)(?:\.vn)?(?:/\S*)?\b"
        ),
        "<url>",
    ),
    (re.compile(r"\b(?:pa|sk)(?:\s?[-–]\s?|[ ]?(?=[a-z0-9]{0,5}\d))[a-z0-9]{6}\b"), "<case>"),
    (
        re.compile(
            r"\b[a-z]{1,4}\d{0,3}(?:\.\d{1,4}){1,5}(?:-\d{2,8}){1,2}\b|"
            r"\b(?:\d{1,4}\.){2,5}\d{2,6}-\d{2,6}-\d{2,8}\b"
        ),
        "<code>",
    ),
    (re.compile(r"(?<![\w])(?:\+?84|0)(?:[ .\-]?\d){8,10}(?!\d)"), "<phone>"),
    (re.compile(r"(?<!\d)\d(?:[ .]?\d){8,19}(?!\d)"), "<id>"),
    (re.compile(r"\b(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{2,8}-[a-z0-9]*\d[a-z0-9-]{2,20}\b"), "<code>"),
)
_TOKEN = re.compile(r"<[a-z]+>|\w+|[?!.,;:\n]|[^\w\s]")
_OLD_TONE = re.compile(r"(?<![q])(o[àáảãạ]|[òóỏõọ]a|[òóỏõọ]e|[ùúủũụ]y|o[èéẻẽẹ]|u[ỳýỷỹỵ])(?!\w)")
_STRETCH = re.compile(r"(\w)\1{2,}")
_STRETCH_END = re.compile(r"(\w)\1+$")
_SPACES = re.compile(r"[ \t\u3000]+")


@dataclass(frozen=True, slots=True)
class Normalized:
    """`text` is the standard form with personal data masked, `folded` the same without marks, `tokens` its words and
    `folded_tokens` each of them without marks."""

    text: str
    folded: str
    tokens: tuple[str, ...]
    folded_tokens: tuple[str, ...] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        # Once, for a message is asked for them a dozen times; together, for that is faster than one by one.
        folded = tuple(fold(" ".join(self.tokens)).split(" ")) if self.tokens else ()
        object.__setattr__(self, "folded_tokens", folded)


def unify(text: str) -> str:
    """Steps 1 to 7: one spelling of each letter, lower case, no invisible characters, no emoji."""
    text = text[:MAX_RAW]
    text = _COMBINING_RUN.sub(r"\1", text)
    text = unicodedata.normalize("NFC", text)
    text = _INVISIBLE.sub("", text)
    text = unicodedata.normalize("NFKC", text)
    text = text.translate(_ETH).lower().replace("\r", "\n")
    text = unicodedata.normalize("NFC", text)
    if len(text) > 2 * MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS] + " " + text[-MAX_CHARACTERS:]
    if _CYRILLIC.search(text):
        text = _WORD.sub(_latin_if_mixed, text)
    text = _SPACES.sub(" ", text.translate(_CLEANING)).strip()
    if len(text) > MAX_CHARACTERS:
        half = MAX_CHARACTERS // 2
        text = text[:half] + " " + text[-half:]
    return text


def _cleaned(letter: str) -> str:
    category = unicodedata.category(letter)
    if category[0] == "M":
        return ""
    return " " if category in ("So", "Sk", "Cs", "Co", "Cn") else letter


_CLEANING = LetterTable(_cleaned)


def _latin_if_mixed(found: re.Match[str]) -> str:
    word = found.group()
    return word.translate(_LOOK_ALIKES) if _CYRILLIC.search(word) and _LATIN_LETTER.search(word) else word


def mask(text: str) -> str:
    """Step 8: mail, addresses of pages, case or dossier codes, phone and identity numbers become marks like <phone>."""
    for pattern, mark in _MASKS:
        text = pattern.sub(f" {mark} ", text)
    return text


def modern_tone(word: str) -> str:
    """Step 9: tone on the vowel of the modern style at the end of a syllable: hoà -> hòa, thuỷ -> thủy."""
    return _OLD_TONE.sub(_first_vowel, word)


def _first_vowel(found: re.Match[str]) -> str:
    pair = found.group()
    decomposed = unicodedata.normalize("NFD", pair)
    tone = "".join(c for c in decomposed if c in "\u0300\u0301\u0303\u0309\u0323")
    plain = without_tone(pair)
    return unicodedata.normalize("NFC", plain[0] + tone + plain[1:])


def _retone(word: str) -> str:
    """Puts a misplaced tone where modern spelling has it: "giâý" -> "giấy", "hoàn" stays."""
    decomposed = unicodedata.normalize("NFD", word)
    tones = [c for c in decomposed if c in "\u0300\u0301\u0303\u0309\u0323"]
    if len(tones) != 1 or is_syllable(word) is False:
        return word
    return place_tone(without_tone(word), tones[0])


def _read_token(token: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Step 10 for one word: abbreviation, then stretched letters, abbreviation again, then Telex."""
    known = lexicon.expand(token)
    if known is not None:
        return tuple(known.split(" "))
    if not token.isalpha():
        return (token,)
    return _read_word(token)


@lru_cache(maxsize=8192)
def _read_word(token: str) -> tuple[str, ...]:
    """The rest of step 10 for a word of letters that the lexicon does not have as it stands."""
    lexicon = load_lexicon()
    if _STRETCH.search(token) or (_STRETCH_END.search(token) and not is_syllable(token)):
        shortened = _STRETCH_END.sub(r"\1", _STRETCH.sub(r"\1", token))
        if is_syllable(shortened) or lexicon.expand(shortened) is not None or _STRETCH.search(token):
            known = lexicon.expand(shortened)
            if known is not None:
                return tuple(known.split(" "))
            token = shortened
    if not token.isascii():
        return (_retone(modern_tone(token)),)
    decoded = decode_telex(token)
    return (decoded,) if decoded else (token,)


def normalize(text: str) -> Normalized:
    """All steps for one message. Never raises; time is bounded by MAX_RAW and MAX_CHARACTERS."""
    lexicon = load_lexicon()
    masked = mask(unify(text))
    pieces: list[str] = []
    tokens: list[str] = []
    found = _TOKEN.findall(masked)
    for words, length in lexicon.phrases(found):
        if length == 0:
            pieces.append(words)
            continue
        read: Iterable[str] = words.split(" ") if length > 1 else _read_token(words, lexicon)
        kept = [word[:40] for word in read]
        pieces.extend(kept)
        tokens.extend(kept)
    standard = re.sub(r" ([?!.,;:])", r"\1", " ".join(pieces).replace(" \n ", "\n")).strip()
    return Normalized(standard, fold(standard), tuple(tokens))
