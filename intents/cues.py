"""Words that ask for a part of a topic: papers, fee, time, place and so on (data/cues.tsv)."""

from __future__ import annotations

import itertools
import re
from functools import cache

from intents.lexicon import read_table
from intents.normalize import Normalized

STRONG_WEIGHT = 1.2
WEIGHTS = {"sure": 2.0, "yes": STRONG_WEIGHT, "half": 0.7, "no": 0.25}
"""What a cue counts, by the column `strong` of data/cues.tsv."""
GAP = r"(?:\w+ ){0,8}?"
BETWEEN = 3
_EDGE_WORDS = (
    "la", "thi", "het", "mat", "va", "lam", "can", "nop", "phai", "giay to", "ho so", "phi", "mau", "gia", "thoi gian",
    "thoi han", "may", "bao nhieu", "khong", "co", "duoc khong", "gi", "nhu the nao", "the nao", "ra sao", "cho",
)  # fmt: skip


def _as_pattern(words: str) -> str:
    """A cue as a regular expression. "..." stands for at most eight words; "!ly lich" is "lich" not after "ly",
    "lam ho !chieu" is "lam ho" not before "chieu"."""
    said = words.split(" ")
    place = next((at for at, word in enumerate(said) if not word.startswith("!")), 0)
    before = "".join(rf"(?<!\b{re.escape(word[1:])} )" for word in said[:place])
    after = [word[1:] for word in said if word.startswith("!")][place:]
    kept = " ".join("..." if word == "..." else re.escape(word) for word in said if not word.startswith("!"))
    ends = rf"(?! (?:{'|'.join(map(re.escape, after))})\b)" if after else ""
    return before + r"\b" + kept.replace("... ", GAP) + r"\b" + ends


@cache
def _cues() -> tuple[tuple[str, float, re.Pattern[str]], ...]:
    grouped: dict[tuple[str, str], list[str]] = {}
    for row in read_table("cues.tsv"):
        grouped.setdefault((row["facet"], row["strong"]), []).append(_as_pattern(row["words"]))
    return tuple((facet, WEIGHTS[strong], re.compile("|".join(words))) for (facet, strong), words in grouped.items())


def cue_weights(form: Normalized) -> dict[str, tuple[float, int]]:
    """facet -> (weight of its strongest cue, where the last of them ends).

    A cue that stands inside a longer one of another part does not count: "bao nhiêu mét" asks no price.
    """
    said = " ".join(form.folded_tokens)
    hits = [
        (hit.start(), hit.end(), facet, weight) for facet, weight, pattern in _cues() for hit in pattern.finditer(said)
    ]
    found: dict[str, tuple[float, int]] = {}
    for start, end, facet, weight in hits:
        covered = any(
            one <= start and end <= two and two - one > end - start and other != facet and strong >= STRONG_WEIGHT
            for one, two, other, strong in hits
        )
        if not covered:
            before = found.get(facet, (0.0, 0))
            found[facet] = (max(before[0], weight), max(before[1], end))
    return found


def strip_cues(words: str) -> str:
    """`words` (no marks) without the words of asking a part at both ends: "le phi khai sinh" -> "khai sinh"."""
    at_start, at_end = _edges()
    before = None
    while before != words:
        before = words
        words = at_end.sub("", at_start.sub("", words)).strip()
    return words


@cache
def _edges() -> tuple[re.Pattern[str], re.Pattern[str]]:
    rows = read_table("cues.tsv")
    said = [row["words"] for row in rows if row["strong"] in ("yes", "sure") and not set("!.") & set(row["words"])]
    cues = "|".join(re.escape(text) for text in sorted([*said, *_EDGE_WORDS], key=lambda text: (-len(text), text)))
    return re.compile(rf"^(?:{cues})(?:\s+|$)"), re.compile(rf"(?:^|\s+)(?:{cues})$")


def several_asked(form: Normalized) -> tuple[str, str] | None:
    """Two parts asked one right after the other ("ở đâu, bao nhiêu tiền"), in their order; else None."""
    said = " ".join(form.folded_tokens)
    hits = sorted(
        (hit.start(), -hit.end(), facet)
        for facet, weight, pattern in _cues()
        if weight >= STRONG_WEIGHT and facet != "overview"
        for hit in pattern.finditer(said)
    )
    kept: list[tuple[int, int, str]] = []
    for start, end, facet in hits:
        if not kept or start >= kept[-1][1]:
            kept.append((start, -end, facet))
    for one, two in itertools.pairwise(kept):
        between = said[one[1] : two[0]].split()
        if one[2] != two[2] and len(between) <= BETWEEN and not {"hay", "hoac", "de"} & set(between):
            return one[2], two[2]
    return None


def cue_facets(form: Normalized) -> list[str]:
    """Facets with a strong cue in the message, overview left out, in the order of their last cue."""
    found = cue_weights(form)
    strong = [facet for facet, (weight, _) in found.items() if weight >= STRONG_WEIGHT and facet != "overview"]
    return sorted(strong, key=lambda facet: found[facet][1])
