"""Where one message may fall apart into several questions. Only proposes; whether a cut holds is decided by scores."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intents.normalize import Normalized
from intents.syllables import fold

MAX_CUTS = 6
_CONNECTOR = re.compile(
    r"\b(?:ngoai ra|voi lai|tien the|nhan tien|tien day|cho (?:toi |em |minh |bac |chau )?hoi them|hoi them|them nua|mot viec nua|"
    r"mot chuyen nua|luon tien|nua la|dong thoi|va ca|va cho|roi cho|con|va|voi|roi|xong|roi con|ca)\b"
)  # fmt: skip
_HARD = re.compile(r"[?!;\n]+|\.(?=\s|$)")
_SOFT = re.compile(r",")


@dataclass(frozen=True, slots=True)
class Cut:
    """Two sides of one message; `strength` 2 after a question mark or line, 1 at a connector, 0 at a comma."""

    left: Normalized
    right: Normalized
    strength: int


def _side(text: str) -> Normalized:
    text = text.strip(" ,.?!;:\n")
    folded = fold(text)
    tokens = tuple(re.findall(r"<[a-z]+>|\w+", text))
    return Normalized(text, folded, tokens)


def cuts(form: Normalized) -> list[Cut]:
    """At most MAX_CUTS places to cut, strongest first; each side has two words or more."""
    places: dict[int, tuple[int, int]] = {}
    for strength, pattern in ((0, _SOFT), (1, _CONNECTOR), (2, _HARD)):
        for found in pattern.finditer(form.folded):
            places[found.start()] = (strength, found.end())
    if len(form.folded) != len(form.text):
        return []
    proposed = []
    middle = len(form.text) / 2
    ordered = sorted(places.items(), key=lambda item: (-item[1][0], abs(item[0] - middle)))
    for start, (strength, end) in ordered:
        left = _side(form.text[:start])
        right = _side(form.text[end if strength != 1 else start :])
        if len(left.tokens) >= 2 and len(right.tokens) >= 2:
            proposed.append(Cut(left, right, strength))
        if len(proposed) == MAX_CUTS:
            break
    return proposed
