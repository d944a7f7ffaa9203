"""Drafts the parts of an answer from a record's fields, each short enough for a phone. An officer must approve them.

Steps are never drafted (much of them is the officers' own work), nor the place (the commune's own desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.portal.cleaning import cut
from knowledge.portal.words import word

LONGEST_DRAFT = 560
"""Code points; an answer's part may have 600 (``knowledge.wording``), and placeholders grow when filled."""
MOST_LINES = 7
LONGEST_LINE = 130
FACETS = ("papers", "fee", "time", "online", "who", "result")
"""Parts a record can tell, in the order they are offered."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper with how many originals and copies are asked for."""

    name: str
    originals: int
    copies: int


@dataclass(frozen=True, slots=True)
class Fee:
    """An amount in đồng, its unit ("/bản"), and what the way to file says of it, where the true rule may stand."""

    amount: int
    unit: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Papers:
    """Papers to hand in, to show only, and those that only some cases need."""

    hand_in: tuple[Paper, ...] = ()
    show: tuple[Paper, ...] = ()
    conditional: tuple[Paper, ...] = ()


def drafts(
    *,
    papers: Papers,
    fees: Sequence[Fee],
    working_days: int | None,
    methods: frozenset[str],
    settlers: Sequence[str],
    subjects: Sequence[str],
    results: Sequence[str],
) -> dict[str, str]:
    """Draft every part the record tells something about; a part it is silent on is left out."""
    found = {
        "papers": _papers(papers),
        "fee": _fee(fees),
        "time": word("draft_working_days", days=working_days) if working_days else "",
        "online": _online(methods),
        "who": _who(settlers, subjects),
        "result": word("draft_result", names=_joined(results)) if results else "",
    }
    return {facet: text for facet, text in found.items() if text}


def money(amount: int) -> str:
    """Write an amount as people read it: 3.000."""
    return f"{amount:,}".replace(",", ".")


def _papers(papers: Papers) -> str:
    groups = (
        (word("draft_hand_in"), papers.hand_in),
        (word("draft_show"), papers.show),
        (word("draft_if"), papers.conditional),
    )
    lines: list[str] = []
    room, listed, left_out = LONGEST_DRAFT - len(word("draft_more")) - 1, 0, False
    for heading, members in groups:
        headed = False
        for paper in members:
            line = f"• {cut(_described(paper), LONGEST_LINE)}"
            cost = len(line) + 1 + (0 if headed else len(heading) + 1)
            if listed == MOST_LINES or cost > room:
                left_out = True
                continue
            lines.extend([line] if headed else [heading, line])
            headed, listed, room = True, listed + 1, room - cost
    if not lines:
        return ""
    return "\n".join([*lines, word("draft_more")] if left_out else lines)


def _described(paper: Paper) -> str:
    kinds = [word("draft_original")] * (paper.originals > 0) + [word("draft_copy")] * (paper.copies > 0)
    told = [kind for kind in kinds if kind not in paper.name.lower()]
    return word("draft_quantities", name=paper.name, quantities=", ".join(told)) if told else paper.name


def _fee(fees: Sequence[Fee]) -> str:
    if not fees:
        return ""
    lines = [f"• {cut(word('draft_fee', amount=money(fee.amount), unit=fee.unit), 80)}" for fee in fees[:4]]
    rules = dict.fromkeys(cut(fee.rule.rstrip(" ;,."), 160) + "." for fee in fees[:4] if fee.rule)
    return "\n".join([word("draft_fee_intro"), *lines, *list(rules)[:1]])


def _online(methods: frozenset[str]) -> str:
    if not methods:
        return ""
    sentence = word("draft_online") if "ONLINE" in methods else word("draft_not_online")
    return f"{sentence} {word('draft_postal')}" if "POSTAL" in methods else sentence


def _who(settlers: Sequence[str], subjects: Sequence[str]) -> str:
    lines = []
    if subjects:
        lines.append(word("draft_subjects", names=_joined(subjects)))
    if settlers:
        lines.append(word("draft_who_settles", names=_joined(settlers)))
    return "\n".join(lines)


def _joined(names: Sequence[str]) -> str:
    return cut("; ".join(names), 240)
