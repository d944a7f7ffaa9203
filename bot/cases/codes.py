"""Codes people can say on the phone: ``PA-7K3M9X``: five signs without look-alikes and one check sign.

The check sign is a weighted sum modulo a prime (the size of the alphabet), so every single wrong sign and every two
neighbours exchanged are found out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 O 1 I L, which are read for one another. 31 signs: a prime, as the check needs."""
SIGNS = 5
PREFIXES = {"report": "PA", "initiative": "SK"}
LINK_PREFIX = "CG"
RECEIPT_PREFIX = "XD"
_TYPED = re.compile(r"^\W*(PA|SK|CG)[\s\-–.]*((?:[0-9A-Z][\s\-–.]*){6})$")


def check_sign(signs: str) -> str:
    """The sixth sign. Weights 2 to 6 differ from each other and from the check's own 1."""
    return ALPHABET[-sum((place + 2) * ALPHABET.index(sign) for place, sign in enumerate(signs)) % len(ALPHABET)]


def _draw(prefix: str, choose: Callable[[Sequence[str]], str]) -> str:
    signs = "".join(choose(ALPHABET) for _ in range(SIGNS))
    return f"{prefix}-{signs}{check_sign(signs)}"


def new_code(kind: str, choose: Callable[[Sequence[str]], str]) -> str:
    """Draw a code for a "report" or "initiative", KeyError otherwise. ``choose`` picks one sign: ``secrets.choice``."""
    return _draw(PREFIXES[kind], choose)


def new_link_code(choose: Callable[[Sequence[str]], str]) -> str:
    """Draw a code for a forwarded question."""
    return _draw(LINK_PREFIX, choose)


def new_receipt(choose: Callable[[Sequence[str]], str]) -> str:
    """Draw a code for what proves that somebody's data were erased."""
    return _draw(RECEIPT_PREFIX, choose)


def read_code(text: str) -> tuple[str, bool] | None:
    """Read a code as typed: any case, with or without the dash. Returns it in its written form and whether its check
    sign fits; None where the text is no code at all."""
    found = _TYPED.match(text.strip().upper())
    if found is None:
        return None
    signs = re.sub(r"[\s\-–.]", "", found.group(2))
    fits = all(sign in ALPHABET for sign in signs) and check_sign(signs[:SIGNS]) == signs[SIGNS]
    return f"{found.group(1)}-{signs}", fits
