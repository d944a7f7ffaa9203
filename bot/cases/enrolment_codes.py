"""One-time codes that make a resident a member of a village's team: ``TO-7K3M-9XQD``, eight signs, the last a check."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.cases.codes import ALPHABET, check_sign

PREFIX = "TO"
SIGNS = 7
"""Besides the check sign: 31^7, so that nobody guesses one before it expires."""
_TYPED = re.compile(r"^\W*T[O0][\s\-–.]*((?:[0-9A-Z][\s\-–.]*){8})$")


def new_enrolment_code(choose: Callable[[Sequence[str]], str]) -> str:
    """Draw a code; ``choose`` picks one sign: ``secrets.choice``."""
    signs = "".join(choose(ALPHABET) for _ in range(SIGNS))
    signs += check_sign(signs)
    return f"{PREFIX}-{signs[:4]}-{signs[4:]}"


def read_enrolment_code(text: str) -> tuple[str, bool] | None:
    """Read a code as typed, with or without dashes. Returns it in its written form and whether its check sign fits;
    None where the text is no such code at all."""
    found = _TYPED.match(text.strip().upper())
    if found is None:
        return None
    signs = re.sub(r"[\s\-–.]", "", found.group(1))
    fits = all(sign in ALPHABET for sign in signs) and check_sign(signs[:SIGNS]) == signs[SIGNS]
    if not fits and "-" not in text and not any(sign.isdigit() for sign in signs):
        return None  # "to xin hoi nhe": a word and some letters
    return f"{PREFIX}-{signs[:4]}-{signs[4:]}", fits
