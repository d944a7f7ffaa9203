"""The comparison itself: the same lines to everybody, one after the other for each line, and one table."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.understanding.rivals import Answer, Matcher

ROOT = Path(__file__).resolve().parents[2]
LINES = tuple(
    ROOT / name
    for name in (
        "intents/data/evaluation.jsonl",
        "tests/intents/kept_apart.jsonl",
        "tests/intents/second_kept_apart.jsonl",
        "tests/intents/third_kept_apart.jsonl",
    )
)
HEAD = (
    "| cách làm | đúng ngay | trong ba | câu ngoài phạm vi bị trả lời | ms CPU một câu |\n"
    "|---|---|---|---|---|"
)  # fmt: skip


Row = Mapping[str, Any]
"""A kept line: text, expect (right labels, any of them; none means out of scope), kind, id."""


def kept_lines(inside_every: int, outside_every: int) -> list[Row]:
    """Every n-th kept line in scope and every m-th out of scope, in the files' order, which is fixed.

    Messages of several questions are left out: no rival knows of more than one.
    """
    rows = [json.loads(line) for path in LINES for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["kind"] != "multi"]
    taken: list[Row] = []
    seen = {True: 0, False: 0}
    for row in rows:
        inside = bool(row["expect"])
        if seen[inside] % (inside_every if inside else outside_every) == 0:
            taken.append(row)
        seen[inside] += 1
    return taken


@dataclass
class Tally:
    """What one rival got right so far. Lines out of scope count for `answered` alone."""

    inside: int = 0
    first: int = 0
    three: int = 0
    outside: int = 0
    answered: int = 0
    milliseconds: list[float] = field(default_factory=list)

    def count(self, expect: Sequence[str], answer: Answer) -> None:
        """Adds one line whose right labels are `expect`; none means out of scope."""
        self.milliseconds.append(answer.milliseconds)
        if expect:
            self.inside += 1
            self.first += bool(set(answer.named[:1]) & set(expect))
            self.three += bool(set(answer.named[:3]) & set(expect))
        else:
            self.outside += 1
            self.answered += answer.answers


def measure(
    rows: Sequence[Row], matchers: Mapping[str, Matcher], after_each: Callable[[int, Row], None] | None = None
) -> dict[str, Tally]:
    """Asks everybody each line before the next line; who begins changes from line to line.

    `after_each` is given the line's place and the line when everybody has answered it.
    """
    found = {name: Tally() for name in matchers}
    names = list(matchers)
    for place, row in enumerate(rows):
        turn = place % len(names)
        for name in names[turn:] + names[:turn]:
            found[name].count(row["expect"], matchers[name](str(row["text"])))
        if after_each is not None:
            after_each(place, row)
    return found


def vietnamese(number: float, digits: int) -> str:
    """A number as written in Vietnamese: a point between thousands, a comma before decimals."""
    return f"{number:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def share(part: int, whole: int) -> str:
    """A percentage as a person reads it; a dash where nothing was counted."""
    return f"{vietnamese(100 * part / whole, 1)} %" if whole else "–"


def table_line(name: str, tally: Tally, milliseconds: Sequence[float] | None = None) -> str:
    """One line of the table; `milliseconds` in place of the tally's own."""
    spent = tally.milliseconds if milliseconds is None else milliseconds
    mean = sum(spent) / len(spent) if spent else 0.0
    return (
        f"| {name} | {share(tally.first, tally.inside)} | {share(tally.three, tally.inside)} "
        f"| {share(tally.answered, tally.outside)} | {vietnamese(mean, 0 if mean >= 100 else 1) if spent else '–'} |"
    )


def missing_line(name: str, why: str) -> str:
    """The line of a rival that was not asked."""
    return f"| {name} | {why} | – | – | – |"


def between_marks(text: str, mark: str, inside: str) -> str:
    """`text` with what stands between `<!-- mark -->` and `<!-- /mark -->` replaced. Raises ValueError without them."""
    start, end = f"<!-- {mark} -->\n", f"<!-- /{mark} -->"
    before, found, rest = text.partition(start)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"the marks of {mark} are missing")
    return f"{before}{start}{inside.rstrip()}\n{end}{after}"
