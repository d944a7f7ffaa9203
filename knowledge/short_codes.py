"""Short codes: what the QR code of a poster asks people to send, since Zalo's links carry no text of their own.

``#KS`` is a topic, ``#PA`` a dialogue, ``#T3`` the third village of the profile. Codes hold neither O nor I, and a
digit typed for the letter it looks like is read as the letter. Codes are printed on paper: never change or reuse one.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.addresses.names import without_marks
from knowledge.communes import Commune
from knowledge.profile_lists import Village

FILE = "short_codes.tsv"
DIALOGUE_MARK = "@"
VILLAGE_LETTER = "T"
MOST_VILLAGES = 99
_LOOK_ALIKES = str.maketrans({"1": "L", "5": "S", "8": "B", "2": "Z"})
_WITH_MARK = re.compile(r"#\s*([A-Z0-9]{1,6})[.!]?")
_BARE = re.compile(r"[A-Z]{2,4}")
_VILLAGE = re.compile(rf"{VILLAGE_LETTER}(\d{{1,2}})")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code stands for: a topic's id, a dialogue ("@feedback", "@idea", "@rating"), or a village's number.

    ``sure`` tells that it was typed with its mark; without, the letters may also be somebody's own short word.
    """

    topic: str | None = None
    dialogue: str | None = None
    village: int | None = None
    sure: bool = True


def read_codes(path: Path) -> dict[str, str]:
    """Read the table code → topic or dialogue. Returns nothing where the file is not there."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row["meaning"] for row in csv.DictReader(lines, delimiter="\t")}


def read_message(text: str, codes: Mapping[str, str]) -> Meaning | None:
    """Return what a message that is nothing but a code stands for, in any case, with or without "#".

    Without "#" it must be the letters themselves: "đg" is somebody's "đang", not DG.
    """
    stripped = unicodedata.normalize("NFC", text).strip()
    marked = _WITH_MARK.fullmatch(without_marks(stripped).upper())
    if marked is None:
        bare = "".join(stripped.upper().split())
        known = _BARE.fullmatch(bare) and codes.get(bare)
        return _meaning(known, sure=False) if known else None
    village = _VILLAGE.fullmatch(marked.group(1))
    if village is not None:
        return Meaning(village=int(village.group(1)))
    known = codes.get(marked.group(1).translate(_LOOK_ALIKES))
    return _meaning(known) if known else None


def looks_like_a_code(text: str) -> bool:
    """Tell whether a message is a code by its shape, known or not."""
    return _WITH_MARK.fullmatch(without_marks(text).strip().upper()) is not None


def _meaning(found: str, sure: bool = True) -> Meaning:
    if found.startswith(DIALOGUE_MARK):
        return Meaning(dialogue=found, sure=sure)
    return Meaning(topic=found, sure=sure)


def code_of(meaning: str, codes: Mapping[str, str]) -> str:
    """Return the code printed for a topic or dialogue, with its mark. Raises KeyError where it has none."""
    return "#" + {found: code for code, found in codes.items()}[meaning]


def village_codes(commune: Commune) -> tuple[tuple[str, Village], ...]:
    """Return the commune's villages with their codes, in the order of the profile; at most 99."""
    return tuple(
        (f"#{VILLAGE_LETTER}{number}", village)
        for number, village in enumerate(commune.villages[:MOST_VILLAGES], start=1)
    )
