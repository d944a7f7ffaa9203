"""Numbers that identify somebody, covered in whatever is kept of a resident's words: the one place that does it.

Kept whole are dates, sums of money, times, case codes and short numbers; covered are phone numbers, identity numbers
(9 or 12 digits) and account numbers, however they are spaced. A number given on purpose ("số của tôi là …" asked by a
form) goes into a sealed contact column instead, never through here.
"""

from __future__ import annotations

import re
import unicodedata

from bot.catalogue import CATALOGUE

_DATE = r"(?!\d{1,2}([./\-])\d{1,2}\1\d{4}(?!\d))"
_PHONE = re.compile(rf"(?<!\d)(?<!\d[.,]){_DATE}(?:\(?\+?84\)?[ .\-]?|\(?0)(?:[ .\-()]{{0,2}}\d){{9,10}}(?![\d])")
_MONEY = re.compile(r"[1-9]\d{0,2}(?:[.,]\d{3}){2,5}(?![.,]?\d)")
# Nine digits or more: in one piece, or in groups of at least three with one kind of gap between them.
_NUMBER = re.compile(r"(?<!\d)(?<!\d\.)(?:\d{9,24}|\d{3,8}([ .\-])\d{3,8}(?:\1\d{2,8}){0,5})(?!\d)")
_SHORTEST_NUMBER = 9
# "113 114 115" and "2025 2026 2027" are lists.
_LIST = re.compile(r"(?:11[1-5] ){2}11[1-5]|(?:(?:19|20)\d\d[ \-]){2,}(?:19|20)\d\d")
_DIGIT = re.compile(r"\d")


def masked(text: str) -> str:
    """Cover identifying numbers in a text; the rest stays letter for letter, in NFC. Idempotent.

    Digits of other scripts and full width are read as digits. Bounded: linear in the text.
    """
    text = unicodedata.normalize("NFC", text)
    plain = "".join(str(unicodedata.digit(sign)) if sign.isdigit() and not sign.isascii() else sign for sign in text)
    if not _DIGIT.search(plain):
        return text
    money = [found.span() for found in _MONEY.finditer(plain)]
    covered = _PHONE.sub(lambda found: _unless_money(found, money, "masked_phone"), plain)
    if covered != plain:
        money = [found.span() for found in _MONEY.finditer(covered)]
    covered = _NUMBER.sub(lambda found: _unless_money(found, money, "masked_number"), covered)
    return text if covered == plain else covered


def holds_identity_number(text: str) -> bool:
    """Tell whether a text holds a number of 9 digits or more that is neither a phone number nor a sum of money."""
    return CATALOGUE.word("masked_number") in masked(text)


def _unless_money(found: re.Match[str], money: list[tuple[int, int]], word: str) -> str:
    start, end = found.span()
    digits = sum(sign.isdigit() for sign in found.group())
    if (
        digits < _SHORTEST_NUMBER
        or _LIST.fullmatch(found.group())
        or any(first <= start and end <= last for first, last in money)
    ):
        return found.group()
    return CATALOGUE.word(word)
