"""Scores decisions on a labelled file: lines {id, text, expect[], kind, noise}.

Any one of `expect` is right; kind `multi` wants all; an empty list means out of scope. All figures in percent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from intents.understanding import Understanding

SURE = ("answer", "action")


@dataclass(frozen=True, slots=True)
class Scored:
    """How one line went."""

    id: str
    kind: str
    noise: str
    text: str
    expect: tuple[str, ...]
    found: tuple[str, ...]
    decision: str
    top1: bool
    top3: bool

    @property
    def outside(self) -> bool:
        """Whether the line is out of scope."""
        return not self.expect

    @property
    def wrongly_sure(self) -> bool:
        """Whether an answer or a dialogue was given that was not asked for."""
        return self.decision in SURE and not self.top1


def score(row: Mapping[str, Any], understanding: Understanding) -> Scored:
    """Compares one decision with its label."""
    expect = tuple(str(one) for one in row["expect"])
    found = tuple(candidate.id for candidate in understanding.candidates)
    if not expect:
        top1 = top3 = understanding.decision not in SURE
    elif row.get("kind") == "multi":
        top1 = set(expect) <= set(found[: len(expect)])
        top3 = set(expect) <= set(found[: max(3, len(expect))])
    else:
        top1 = bool(found) and found[0] in expect
        top3 = bool(set(expect) & set(found[:3]))
    return Scored(
        str(row.get("id", "")), str(row.get("kind", "")), str(row.get("noise", "")), str(row["text"]),
        expect, found, understanding.decision, top1, top3,
    )  # fmt: skip


def _percent(values: Iterable[bool]) -> float | None:
    listed = list(values)
    return round(100.0 * sum(listed) / len(listed), 1) if listed else None


def _groups(scored: list[Scored], key: Callable[[Scored], str]) -> dict[str, dict[str, float | int | None]]:
    groups: dict[str, list[Scored]] = {}
    for one in scored:
        groups.setdefault(key(one), []).append(one)
    return {
        name: {
            "n": len(rows),
            "top1": _percent(one.top1 for one in rows),
            "top3": _percent(one.top3 for one in rows),
            "answered": _percent(one.decision in SURE for one in rows),
            "wrongly_sure": _percent(one.wrongly_sure for one in rows),
        }
        for name, rows in sorted(groups.items())
    }


def summary(scored: list[Scored]) -> dict[str, Any]:
    """The figures of `hoixa evaluate --json`; a figure without lines is None."""
    topical = [one for one in scored if one.expect and not one.expect[0].startswith("@")]
    actions = [one for one in scored if one.expect and one.expect[0].startswith("@")]
    return {
        "n": len(scored),
        "top1": _percent(one.top1 for one in topical),
        "top3": _percent(one.top3 for one in topical),
        "actions": _percent(one.top1 for one in actions),
        "out_of_scope_answered": _percent(one.decision in SURE for one in scored if one.outside),
        "wrongly_sure": _percent(one.wrongly_sure for one in scored),
        "answered": _percent(one.decision in SURE for one in scored if one.expect),
        "by_kind": _groups(scored, lambda one: one.kind),
        "by_noise": _groups(scored, lambda one: one.noise),
    }


def evaluate(rows: Iterable[Mapping[str, Any]], understand: Callable[[str], Understanding]) -> dict[str, Any]:
    """Scores all rows; see `summary`."""
    return summary([score(row, understand(str(row["text"]))) for row in rows])


def table(result: Mapping[str, Any]) -> str:
    """The figures as text for people."""

    def show(value: float | int | None) -> str:
        return "-" if value is None else f"{value}"

    lines = [
        f"Số câu                         {result['n']}",
        f"Đúng ngay chủ đề               {show(result['top1'])} %",
        f"Đúng trong ba chủ đề           {show(result['top3'])} %",
        f"Đúng việc (phản ánh, ý tưởng…) {show(result['actions'])} %",
        f"Trả lời cả câu ngoài phạm vi   {show(result['out_of_scope_answered'])} %",
        f"Sai mà chắc                    {show(result['wrongly_sure'])} %",
    ]
    for title, name in (("Theo loại câu", "by_kind"), ("Theo cách viết", "by_noise")):
        lines += ["", f"{title:<20}{'số câu':>8}{'đúng ngay':>11}{'trong ba':>10}{'trả lời':>9}{'sai chắc':>10}"]
        for group, figures in result[name].items():
            lines.append(
                f"{group or '(không ghi)':<20}{figures['n']:>8}{show(figures['top1']):>11}{show(figures['top3']):>10}"
                f"{show(figures['answered']):>9}{show(figures['wrongly_sure']):>10}"
            )
    return "\n".join(lines)
