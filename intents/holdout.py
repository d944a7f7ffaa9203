"""Benchmark: whole decisions on one author's lines, by a model that learned from all the others.

`python -m intents.holdout [--author c] [--errors]`; half a minute an author. Double questions are made by joining
lines of the held-out author.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from typing import Any

from intents import dataset
from intents.calibrate import AUTHORS, FOLDS, fold_of
from intents.evaluate import Scored, score, summary, table
from intents.gate import load_gate
from intents.lexicon import read_table
from intents.training import Corpus, fit
from intents.understander import Understander
from intents.understanding import OUT_OF_SCOPE_LABEL

_JOINS = ("{0}? {1}", "{0}, tiện thể cho hỏi {1}", "{0} và {1}", "{0}. Ngoài ra {1}", "{0}, còn {1}", "{0}\n{1}")
DOUBLE_QUESTIONS = 120


def rows_of(corpus: Corpus, author: str) -> list[dict[str, Any]]:
    """The author's lines as an evaluation file, with double questions joined from its short ones."""
    rows: list[dict[str, Any]] = []
    short: list[tuple[str, str]] = []
    for place, row in enumerate(corpus.rows):
        if fold_of(row) != author:
            continue
        outside = row.label == OUT_OF_SCOPE_LABEL
        kind = "out_of_scope" if outside else row.label.lstrip("@") if row.label.startswith("@") else "in_scope"
        expect = [] if outside else [row.label]
        rows.append(
            {"id": str(place), "text": row.text, "expect": expect, "kind": kind, "noise": row.kind, "facet": row.facet}
        )
        if kind == "in_scope" and 4 <= len(row.text.split()) <= 14 and row.kind != "contrast":
            short.append((row.label, row.text.rstrip("?. ")))
    chance = random.Random(7)  # noqa: S311 - a fixed sample, not a secret
    for number in range(DOUBLE_QUESTIONS):
        (first, one), (second, two) = chance.sample(short, 2)
        if first != second:
            text = _JOINS[number % len(_JOINS)].format(one, two[:1].lower() + two[1:])
            rows.append(
                {"id": f"m{number}", "text": text, "expect": [first, second], "kind": "multi", "noise": "joined"}
            )
    return rows


def held_out_scores(corpus: Corpus, author: str) -> tuple[list[Scored], float]:
    """(scores, share of lines with a known facet whose facet was found)."""
    learned = [place for place, row in enumerate(corpus.rows) if fold_of(row) != author]
    siblings = {frozenset((row["a"], row["b"])): row["question"] for row in read_table("siblings.tsv")}
    understander = Understander(fit(corpus, learned, without=FOLDS[author]), load_gate(), siblings)
    scored, facets = [], []
    for row in rows_of(corpus, author):
        understanding = understander.understand(row["text"])
        scored.append(score(row, understanding))
        if row.get("facet") and understanding.facet:
            facets.append(understanding.facet == row["facet"])
    return scored, sum(facets) / max(1, len(facets))


def report(authors: list[str], errors: bool, show: Callable[[str], None]) -> None:
    """Prints one table for each author."""
    corpus = Corpus(dataset.lines())
    for author in authors:
        scored, facet = held_out_scores(corpus, author)
        show(f"== người viết {author}, phần được hỏi đúng {100 * facet:.1f} %\n{table(summary(scored))}\n")
        for one in scored:
            if errors and (not one.top1 or one.wrongly_sure):
                show(f"{one.decision}\t{','.join(one.expect)}\t{','.join(one.found[:3])}\t{one.text}")


def main(arguments: list[str] | None = None) -> int:
    """Command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m intents.holdout", description="Đo trên người viết giữ riêng.")
    parser.add_argument("--author", choices=AUTHORS, action="append")
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args(arguments)
    report(options.author or list(AUTHORS), options.errors, lambda line: (sys.stdout.write(line + "\n"), None)[1])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
