"""Reading a typed answer to a list of choices."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from intents.normalize import normalize

_NUMBER_WORDS = {
    "mot": 1, "nhat": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9,
}  # fmt: skip
_NUMBER = re.compile(
    r"(?:(?:da|vang|chon|lay|toi chon|em chon|bac chon|chac la)\s+)*"
    r"(?:(?:so|cau|muc|y|cai|thu|dong|phan|lua chon)\s+)*(?:thu\s+)?"
    r"(\d{1,2}|mot|nhat|hai|ba|bon|tu|nam|sau|bay|tam|chin)(?:\s+(?:a|nhe|nha|di|day|em|ban|chau|ad))*"
)
_LAST = re.compile(r"(?:(?:chon|lay|cai|cau|muc|y)\s+)*(?:cuoi cung|cuoi)(?:\s+(?:a|nhe|nha))*")
MINIMUM_RATIO = 82.0
MINIMUM_LEAD = 4.0


def match_choice(text: str, titles: Sequence[str]) -> int | None:
    """The index into `titles` that a typed answer means, or None.

    Numbers count from 1 ("2", "số 2", "câu hai", "cái cuối"); otherwise the title that is clearly nearest to the text.
    """
    if not titles or len(text) > 400:
        return None
    form = normalize(text)
    said = " ".join(form.folded_tokens)
    number = _NUMBER.fullmatch(said)
    if number:
        value = _NUMBER_WORDS.get(number.group(1)) or (int(number.group(1)) if number.group(1).isdigit() else 0)
        return value - 1 if 1 <= value <= len(titles) else None
    if _LAST.fullmatch(said):
        return len(titles) - 1
    if len(said) < 3:
        return None
    scores = []
    for title in titles:
        wanted = " ".join(normalize(title).folded_tokens)
        whole = fuzz.ratio(said, wanted)
        within = fuzz.partial_ratio(said, wanted) if 6 <= len(said) <= len(wanted) else 0.0
        scores.append(max(whole, fuzz.token_sort_ratio(said, wanted), within - 3.0))
    order = sorted(range(len(titles)), key=lambda place: -scores[place])
    best = order[0]
    if scores[best] < MINIMUM_RATIO or (len(order) > 1 and scores[best] - scores[order[1]] < MINIMUM_LEAD):
        return None
    return best
