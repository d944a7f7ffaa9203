"""``python -m benchmarks.understanding``: the same lines, the same examples, the same run; one table."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.understanding.rivals import Matcher, Ranked, bm25, fuzzy, install
from intents.dataset import lines
from intents.understanding import OUT_OF_SCOPE_LABEL

LINES = Path("tests/intents/kept_apart.jsonl")
PAGE = Path("docs/benchmarks/understanding.md")


def product() -> Matcher:
    """Our own understander as a matcher."""
    import intents

    understander = intents.load()

    def match(text: str) -> Ranked:
        found = understander.understand(text)
        return [candidate.id for candidate in found.candidates], found.decision in ("answer", "action")

    return match


def measure(name: str, match: Matcher, rows: list[dict[str, object]]) -> str:
    """One line of the table: right first and in three (lines in scope), answers out of scope, ms a message."""
    first = three = inside = answered = outside = 0
    started = time.process_time()
    for row in rows:
        expect = row["expect"]
        assert isinstance(expect, list)
        found, sure = match(str(row["text"]))
        named = [label for label in found if label != OUT_OF_SCOPE_LABEL]
        if expect:
            inside += 1
            first += bool(found) and found[0] in expect
            three += bool(set(found[:3]) & set(expect))
        else:
            outside += 1
            answered += sure and bool(named) and found[0] != OUT_OF_SCOPE_LABEL
    spent = 1000 * (time.process_time() - started) / len(rows)
    return (
        f"| {name} | {100 * first / inside:.1f} | {100 * three / inside:.1f} | {100 * answered / outside:.1f} "
        f"| {spent:.1f} |"
    )


def main() -> int:
    """Command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding")
    parser.add_argument("--write", action="store_true", help=f"write the table to {PAGE}")
    parser.add_argument("--every", type=int, default=1, help="take every n-th line only")
    options = parser.parse_args()
    rows = [json.loads(line) for line in LINES.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["kind"] != "multi"][:: options.every]
    learned = lines()
    rivals: list[tuple[str, Matcher]] = [("Hỏi Xã", product())]
    rivals += [(f"rapidfuzz {name}", fuzzy(name, learned)) for name in ("token_set_ratio", "WRatio")]
    notes = []
    failed = install("bm25s==0.2.14")
    if failed is None:
        rivals.append(("bm25s, chữ bỏ dấu", bm25(learned)))
    else:
        notes.append(f"bm25s không cài được: {failed}")
    table = [
        f"{len(rows)} câu giữ riêng, {len(learned)} câu mẫu, cùng một lượt chạy, một luồng.",
        "",
        "| cách làm | đúng ngay % | trong ba % | câu ngoài phạm vi bị trả lời % | ms CPU một câu |",
        "|---|---|---|---|---|",
    ]
    for name, match in rivals:
        match("khởi động")
        table.append(measure(name, match, rows))
        sys.stdout.write(table[-1] + "\n")
        sys.stdout.flush()
    table += ["", *notes]
    if options.write:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        head = "# Hiểu tin nhắn: bên cạnh các cách làm thường thấy\n\n`python -m benchmarks.understanding --write`\n\n"
        PAGE.write_text(head + "\n".join(table).rstrip() + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
