"""``python -m benchmarks``: every comparison in one run, one table, and the figures in var/bench.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import load
from benchmarks.comparing import Comparison, Say, table

Measure = Callable[[bool, Say], list[Comparison]]


def _webhook(quick: bool, say: Say) -> list[Comparison]:
    from benchmarks import webhook

    return webhook.measure(3 if quick else 7, 2 if quick else 4, say)


def _replies(quick: bool, say: Say) -> list[Comparison]:
    from benchmarks import replies

    return replies.measure(3 if quick else 6, 300 if quick else 800, say)


def _idle(quick: bool, say: Say) -> list[Comparison]:
    from benchmarks import idle

    return idle.measure(5, 10 if quick else 40, say)


def _footprint(quick: bool, say: Say) -> list[Comparison]:
    from benchmarks import footprint

    return footprint.measure(2 if quick else 5, say)


def _journal(quick: bool, say: Say) -> list[Comparison]:
    from benchmarks import journal

    return journal.measure(5, 5_000 if quick else 30_000, say)


def _announcements(quick: bool, say: Say) -> list[Comparison]:
    from benchmarks import announcements

    return announcements.measure(3 if quick else 5, 3_000 if quick else 30_000, 20_000 if quick else 300_000, say)


def _console(quick: bool, say: Say) -> list[Comparison]:
    from benchmarks import console

    return console.measure(21 if quick else 41, say)


MEASURES: dict[str, Measure] = {
    "webhook": _webhook,
    "replies": _replies,
    "idle": _idle,
    "footprint": _footprint,
    "journal": _journal,
    "announcements": _announcements,
    "console": _console,
}


def main() -> int:
    """0 where every goal is met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter pairs: to see that it runs")
    parser.add_argument("--only", choices=MEASURES, action="append", help="only this group; may be repeated")
    parser.add_argument("--output", type=Path, default=Path("var/bench.json"))
    arguments = parser.parse_args()
    begun = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - begun:6.1f} s  {line}", flush=True)

    comparisons: list[Comparison] = []
    for name, measure in MEASURES.items():
        if not arguments.only or name in arguments.only:
            comparisons += measure(arguments.quick, say)
    print()
    print(table(comparisons))
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_average": os.getloadavg(),
        "generator": load.generator(),
        "quick": arguments.quick,
    }
    print(
        f"\n{machine['cores']} lõi, tải trung bình {machine['load_average'][0]:.1f}, bộ tạo tải {machine['generator']}"
    )
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    document = {"machine": machine, "comparisons": [comparison.to_json() for comparison in comparisons]}
    arguments.output.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0 if all(comparison.is_met is not False for comparison in comparisons) else 1


if __name__ == "__main__":
    sys.exit(main())
