"""Whether a message speaks of a foreign country: many topics have a twin "with a foreign element"."""

from __future__ import annotations

import re
from functools import cache

from intents.lexicon import read_table
from intents.syllables import fold

MARK = "<nuocngoai>"
# An ambiguous name ("anh", "thái") counts only right after one of these.
_BEFORE = "nguoi|ben|nuoc|chong|vo|quoc tich|toa|toa an|sang|tieng|lay chong|lay vo|dai su quan|lanh su|dau|re"
_AT_HOME = "binh|nguyen|giang|thuy|son|minh|trung|thanh|hoa|huong"


@cache
def _pattern() -> re.Pattern[str]:
    rows = read_table("countries.tsv")
    sure = "|".join(sorted(re.escape(fold(row["name"])) for row in rows if row["ambiguous"] == "no"))
    unsure = "|".join(sorted(re.escape(fold(row["name"])) for row in rows if row["ambiguous"] == "yes"))
    # "người thái bình", "bên đức giang": a second name after an ambiguous one makes it a place at home.
    return re.compile(rf"\b(?:{sure})\b|\b(?:{_BEFORE}) (?:{unsure})\b(?! (?:{_AT_HOME}))")


def speaks_of_abroad(folded: str) -> bool:
    """Whether the text without marks names a foreign country, its people or its offices."""
    return _pattern().search(folded) is not None
