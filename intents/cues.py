"""Words that ask for a part of a topic: papers, fee, time, place and so on (data/cues.tsv)."""

from __future__ import annotations

import bisect
import itertools
import re
from collections.abc import Mapping
from functools import cache, lru_cache

from intents.lexicon import read_table
from intents.normalize import Normalized

STRONG_WEIGHT = 1.2
WEIGHTS = {"sure": 2.0, "yes": STRONG_WEIGHT, "half": 0.7, "no": 0.25}
"""What a cue counts, by the column `strong` of data/cues.tsv."""
GAP = r"(?:\w+ ){0,8}?"
BETWEEN = 3
_WORD = re.compile(r"\w+")
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
def _groups() -> tuple[tuple[str, float], ...]:
    """(facet, weight) of the groups in which cues are looked for; of one group no two hits overlap."""
    return tuple(dict.fromkeys((row["facet"], WEIGHTS[row["strong"]]) for row in read_table("cues.tsv")))


@cache
def _cues() -> Mapping[str, tuple[tuple[int, re.Pattern[str]], ...]]:
    """First word of a cue -> (the group, the cues of the group that begin so). Trying every cue at every word of a
    message was a tenth of its time."""
    found: dict[str, dict[int, list[str]]] = {}
    for row in read_table("cues.tsv"):
        first = next(word for word in row["words"].split(" ") if not word.startswith("!"))
        group = _groups().index((row["facet"], WEIGHTS[row["strong"]]))
        found.setdefault(first, {}).setdefault(group, []).append(_as_pattern(row["words"]))
    return {
        first: tuple((group, re.compile("|".join(said))) for group, said in sorted(groups.items()))
        for first, groups in found.items()
    }


@lru_cache(maxsize=64)
def _hits(said: str) -> tuple[tuple[int, int, str, float], ...]:
    """(start, end, facet, weight) of every cue in words without marks, group by group. Kept for a few texts, for one
    message asks for them several times."""
    found: list[tuple[int, int, int]] = []
    ends = [0] * len(_groups())
    cues = _cues()
    for word in _WORD.finditer(said):
        for group, pattern in cues.get(word.group(), ()):
            hit = pattern.match(said, word.start()) if word.start() >= ends[group] else None
            if hit is not None:
                ends[group] = hit.end()
                found.append((group, hit.start(), hit.end()))
    return tuple((start, end, *_groups()[group]) for group, start, end in sorted(found))


def cue_weights(form: Normalized) -> Mapping[str, tuple[float, int]]:
    """facet -> (weight of its strongest cue, where the last of them ends).

    A cue that stands inside a longer one of another part does not count: "bao nhiêu mét" asks no price.
    """
    hits = _hits(" ".join(form.folded_tokens))
    strong = sorted(hit for hit in hits if hit[3] >= STRONG_WEIGHT)
    longest = max((end - start for start, end, _, _ in strong), default=0)
    found: dict[str, tuple[float, int]] = {}
    for start, end, facet, weight in hits:
        # Only what begins here could hold it: a message of nothing but cues has hundreds.
        near = strong[bisect.bisect_left(strong, (end - longest,)) : bisect.bisect_left(strong, (start + 1,))]
        if not any(end <= two and two - one > end - start and other != facet for one, two, other, _ in near):
            before = found.get(facet, (0.0, 0))
            found[facet] = (max(before[0], weight), max(before[1], end))
    return found


def strip_cues(words: str) -> str:
    """`words` (no marks) without the words of asking a part at both ends: "le phi khai sinh" -> "khai sinh"."""
    left = words.split()
    edges, longest = _edges()
    before = -1
    while before != len(left):
        before = len(left)
        sizes = range(min(longest, len(left)), 0, -1)
        del left[: next((size for size in sizes if " ".join(left[:size]) in edges), 0)]
        sizes = range(min(longest, len(left)), 0, -1)
        del left[len(left) - next((size for size in sizes if " ".join(left[-size:]) in edges), 0) :]
    return " ".join(left)


@cache
def _edges() -> tuple[frozenset[str], int]:
    """What is stripped, and the most words of one."""
    rows = read_table("cues.tsv")
    said = [row["words"] for row in rows if row["strong"] in ("yes", "sure") and not set("!.") & set(row["words"])]
    edges = frozenset((*said, *_EDGE_WORDS))
    return edges, max(len(words.split()) for words in edges)


def several_asked(form: Normalized) -> tuple[str, str] | None:
    """Two parts asked one right after the other ("ở đâu, bao nhiêu tiền"), in their order; else None."""
    said = " ".join(form.folded_tokens)
    hits = sorted(
        (start, -end, facet)
        for start, end, facet, weight in _hits(said)
        if weight >= STRONG_WEIGHT and facet != "overview"
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
