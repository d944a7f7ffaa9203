"""Reading fields of JSON that came from outside, without trusting a single one of them.

Ids arrive as decimal strings up to 19 digits, in some events as numbers; texts may hold NUL or half a surrogate pair,
which neither a database nor UTF-8 can hold. Everything here answers with a harmless value instead of raising.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

_LONGEST_ID = 200
"""Zalo's ids have at most some 20 letters; anything far beyond would only fill the database."""


def clean_text(value: object) -> str:
    """The text as NFC, without NUL and half surrogates; "" for anything that is no text."""
    if not isinstance(value, str):
        return ""
    if "\x00" in value:
        value = value.replace("\x00", "")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        # JSON may escape the two halves of a pair separately; joined they are one good letter, alone they are nothing.
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", value)


def identifier(value: object) -> str:
    """An id as text. Whole numbers are tolerated; a float has already lost its last digits (ids pass 2^53), so it is
    no id."""
    if type(value) is str and value.isascii() and value.isalnum() and len(value) <= _LONGEST_ID:
        return value  # nearly every id: nothing to clean, and this is asked some twenty times for each event
    if value is None or isinstance(value, bool):
        return ""  # most look-ups find nothing: an event has some of the twenty fields asked for
    if isinstance(value, int):
        return str(value) if abs(value) < 10**30 else ""
    text = clean_text(value).strip()
    return text if len(text) <= _LONGEST_ID else ""


def mapping(value: object) -> Mapping[str, object]:
    """The value itself if it is a JSON object, otherwise an empty one."""
    if type(value) is dict:  # what JSON gives; the check below is some ten times slower
        return value
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> list[object]:
    """The value itself if it is a JSON array, otherwise an empty one."""
    return value if isinstance(value, list) else []


def whole_number(value: object) -> int | None:
    """A whole number, also when quoted as text (Zalo writes times, sizes and quotas both ways); None when it is
    none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 10**18 else None
    if isinstance(value, float):
        return int(value) if abs(value) < 2**53 and value == int(value) else None
    if isinstance(value, str):
        digits = value.strip()
        body = digits[1:] if digits[:1] == "-" else digits
        if 0 < len(body) <= 18 and body.isascii() and body.isdigit():
            return int(digits)
    return None


def decimal(value: object) -> float | None:
    """A coordinate: number or text (the contract knows not which); None when it is neither."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if -1000 < number < 1000 else None
