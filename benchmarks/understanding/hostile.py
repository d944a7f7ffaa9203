"""``python -m benchmarks.understanding.hostile --minutes 10``: odd messages without end, none may fail or be slow.

Prints how many were read, the slowest, and every one that raised or took longer than the limit; exit code 1 then.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence

import intents
from intents import Context, Understander
from intents.following import STARTS
from intents.lexicon import read_table
from intents.parts import JOINERS

LIMIT = 0.15
"""Seconds of processor time for one message."""
LONGEST = 50_000
_SCRIPTS = ((0x20, 0x7E), (0xC0, 0x1EF9), (0x300, 0x36F), (0x400, 0x4FF), (0x590, 0x6FF), (0x4E00, 0x9FFF),
            (0x200B, 0x202E), (0x1F300, 0x1FAFF), (0x0, 0x1F), (0xD800, 0xDFFF))  # fmt: skip
_JOINTS = (" ", "", ", ", "? ", "\n", " và ", " rồi ", ". ", "\x00", "\u200b", "\u202e", "😀")


def _noise(chance: random.Random) -> str:
    low, high = chance.choice(_SCRIPTS)
    return "".join(chr(chance.randint(low, high)) for _ in range(chance.randint(1, 80)))


def _marked(chance: random.Random) -> str:
    return chance.choice("aeiouy") + "".join(chr(chance.randint(0x300, 0x36F)) for _ in range(chance.randint(1, 700)))


def _cut_up(chance: random.Random, lines: Sequence[str]) -> str:
    letters = list(chance.choice(lines))
    for _ in range(chance.randint(1, 6)):
        letters.insert(chance.randint(0, len(letters)), _noise(chance)[:3])
    return "".join(letters)


def _nothing_but(chance: random.Random, phrases: Sequence[str]) -> str:
    """A few phrases that the rules look for, over and over: where a search could take the square of their number."""
    few = [chance.choice(phrases) for _ in range(chance.randint(1, 4))]
    return " ".join(chance.choice(few) for _ in range(chance.randint(2, 600)))


def looked_for() -> list[str]:
    """What the rules look for in a message: cues, abbreviations, what joins two questions, what begins a follow-up."""
    written = [row["words"] for row in read_table("cues.tsv")] + [row["written"] for row in read_table("lexicon.tsv")]
    return [*written, *JOINERS, *STARTS.values(), *STARTS, "à không", "ý tôi là", "?", ".", ",", "\n"]


def message(chance: random.Random, lines: Sequence[str], phrases: Sequence[str]) -> str:
    """One odd message: noise, marks without end, real lines cut up, joined, or repeated up to 50,000 characters, or
    nothing but `phrases`."""
    makers: tuple[Callable[[], str], ...] = (
        lambda: _noise(chance),
        lambda: _marked(chance),
        lambda: _cut_up(chance, lines),
        lambda: chance.choice(lines),
        lambda: str(chance.randint(0, 10 ** chance.randint(1, 40))),
        lambda: _nothing_but(chance, phrases),
    )
    pieces = [chance.choice(makers)() for _ in range(chance.choice((1, 1, 2, 3, 6, 20)))]
    made = chance.choice(_JOINTS).join(pieces)
    if chance.random() < 0.1 and made:
        made = (made + chance.choice(_JOINTS)) * (LONGEST // len(made) + 1)
    return made[:LONGEST]


def run(understander: Understander, seconds: float, seed: int, show: Callable[[str], None]) -> int:
    """Reads odd messages for so many seconds; returns how many failed or were slow."""
    chance = random.Random(seed)
    lines = [row["text"] for row in read_table("examples.tsv")]
    topics = [row["id"] for row in read_table("topics.tsv")]
    phrases = looked_for()
    started, read, faults, slowest = time.monotonic(), 0, 0, 0.0
    while time.monotonic() - started < seconds:
        text = message(chance, lines, phrases)
        context = Context(chance.choice(topics), "papers") if chance.random() < 0.3 else None
        spent = time.process_time()
        try:
            understander.understand(text, context)
        except Exception as error:
            faults += 1
            show(f"{error!r}: {text[:200]!r}")
        spent = time.process_time() - spent
        read, slowest = read + 1, max(slowest, spent)
        if spent > LIMIT:
            faults += 1
            show(f"{1000 * spent:.0f} ms: {len(text)} characters, {text[:120]!r}")
    show(f"{read} messages, slowest {1000 * slowest:.0f} ms, {faults} faults, seed {seed}")
    return faults


def main() -> int:
    """Command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding.hostile")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    understander = intents.load()
    understander.understand("khởi động")

    def show(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    return 1 if run(understander, 60 * options.minutes, options.seed, show) else 0


if __name__ == "__main__":
    raise SystemExit(main())
