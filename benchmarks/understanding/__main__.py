"""``python -m benchmarks.understanding``: the same lines, the same examples, the same run; one table.

``--install-rivals FOLDER`` installs what is compared with (a virtual environment and a node_modules in that folder);
``--write`` puts the table into the page of this comparison and into the README.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.understanding.measuring import (
    HEAD,
    ROOT,
    Row,
    Tally,
    between_marks,
    kept_lines,
    measure,
    missing_line,
    table_line,
    vietnamese,
)
from benchmarks.understanding.processes import (
    BM25S,
    CHATTERBOT,
    FOLDER,
    NLPJS,
    Apart,
    Asked,
    RivalFailed,
    install,
    pairs,
)
from benchmarks.understanding.rivals import Answer, Matcher, fuzzy, product, timed
from intents import normalize
from intents.dataset import Line, lines

PAGES = (ROOT / "docs/benchmarks/understanding.md", ROOT / "README.md")
MARK = "benchmarks.understanding"
SHOWN = {
    BM25S.name: "bm25s 0.2.14, chữ bỏ dấu",
    CHATTERBOT.name: "ChatterBot 1.2.15",
    NLPJS.name: "nlp.js 4.27.0",
}
NOT_INSTALLED = "chưa cài"


def _folded(text: str) -> str:
    """The message as bm25s is given it: words without marks."""
    return " ".join(normalize(text).folded_tokens)


def _folded_first(asked: Asked) -> Matcher:
    """bm25s has no Vietnamese of its own, so it gets words without marks; the time of that is counted to it."""

    def match(text: str) -> Answer:
        words: list[str] = []

        def fold(whole: str) -> tuple[list[str], bool]:
            words.append(_folded(whole))
            return [], False

        folding = timed(fold)(text)
        found = asked.ask(words[0])
        return Answer(found.labels, found.sure, found.milliseconds + folding.milliseconds)

    return match


class Comparison:
    """Everybody who takes part in one run, over the examples `learned`."""

    def __init__(self, learned: Sequence[Line], folder: Path, stack: ExitStack) -> None:
        self.missing: list[str] = []
        self.chatterbot: Asked | None = None
        examples = pairs(learned)
        started: dict[str, Asked] = {}
        told = {BM25S: [(_folded(text), label) for text, label in examples], CHATTERBOT: examples, NLPJS: examples}
        for rival in told:
            running = self._start(rival, folder, told[rival], stack)
            if running is None:
                self.missing.append(SHOWN[rival.name])
            else:
                # One after the other: two learning at once would be two of the machine's cores.
                running.wait_until_learned()
                started[rival.name] = running
        self.chatterbot = started.get(CHATTERBOT.name)
        self.matchers: dict[str, Matcher] = {"Hỏi Xã": product()}
        for scorer in ("token_set_ratio", "WRatio"):
            self.matchers[f"rapidfuzz {scorer}"] = fuzzy(scorer, learned)
        for name, asked in started.items():
            self.matchers[SHOWN[name]] = _folded_first(asked) if name == BM25S.name else asked.ask

    @staticmethod
    def _start(rival: Apart, folder: Path, examples: Sequence[tuple[str, str]], stack: ExitStack) -> Asked | None:
        command = rival.command(folder)
        return None if command is None else stack.enter_context(Asked(rival.name, command, examples))

    def warm(self) -> None:
        """One message to everybody before anything is counted."""
        for match in self.matchers.values():
            match("khởi động")


def _compare(rows: Sequence[Row], comparison: Comparison, timed_lines: int) -> tuple[dict[str, Tally], list[float]]:
    """Everybody's tally, and what ChatterBot took as delivered on `timed_lines` lines. Raises RivalFailed."""
    comparison.warm()
    step = max(1, len(rows) // max(1, timed_lines))
    delivered: list[float] = []

    def after_each(place: int, row: Row) -> None:
        if comparison.chatterbot is not None and place % step == step // 2 and len(delivered) < timed_lines:
            delivered.append(_as_delivered(comparison.chatterbot, row))
        if place % 20 == 19:
            print(f"{place + 1}/{len(rows)}", file=sys.stderr, flush=True)

    return measure(rows, comparison.matchers, after_each), delivered


def _as_delivered(chatterbot: Asked, row: Row) -> float:
    """Milliseconds of ChatterBot as delivered. Raises RivalFailed where it answers otherwise than when spared work."""
    whole, short = (chatterbot.ask(str(row["text"]), as_delivered=way) for way in (True, False))
    if whole.labels[:1] != short.labels[:1] or whole.sure != short.sure:
        raise RivalFailed(f"ChatterBot answered otherwise when spared comparisons: {row['id']}")
    return whole.milliseconds


def _table(tallies: dict[str, Tally], delivered: list[float], missing: Sequence[str], learned: int) -> str:
    """The table with what was measured and how, in Vietnamese."""
    counted = next(iter(tallies.values()))
    lines_asked = f"{counted.inside} câu giữ riêng trong phạm vi, {counted.outside} câu ngoài phạm vi"
    way = "câu mẫu như nhau cho mọi bên; một lượt chạy, mỗi câu hỏi lần lượt mọi bên"
    words = [f"{lines_asked}; {vietnamese(learned, 0)} {way}.", "", HEAD]
    for name, tally in tallies.items():
        is_chatterbot = name == SHOWN[CHATTERBOT.name]
        words.append(table_line(name, tally, delivered if is_chatterbot else None))
    words += [missing_line(name, NOT_INSTALLED) for name in missing]
    if delivered:
        words += ["", f"Thời gian của ChatterBot đo nguyên bản trên {len(delivered)} câu trong số ấy."]
    return "\n".join(words)


def main() -> int:
    """Command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding")
    parser.add_argument("--install-rivals", metavar="FOLDER", type=Path, help="install the rivals there and stop")
    parser.add_argument("--rivals", metavar="FOLDER", type=Path, default=FOLDER, help=f"where they are ({FOLDER})")
    parser.add_argument("--write", action="store_true", help="write the table into its page and the README")
    parser.add_argument("--every", type=int, default=10, help="every n-th line in scope (10)")
    parser.add_argument("--outside-every", type=int, default=4, help="every n-th line out of scope (4)")
    parser.add_argument("--timed", type=int, default=5, help="lines on which ChatterBot is timed as delivered (5)")
    options = parser.parse_args()
    if options.install_rivals is not None:
        failures = install(options.install_rivals)
        sys.stderr.write("".join(f"{failure}\n" for failure in failures))
        return 1 if failures else 0
    rows, learned = kept_lines(options.every, options.outside_every), lines()
    with ExitStack() as stack:
        comparison = Comparison(learned, options.rivals, stack)
        tallies, delivered = _compare(rows, comparison, options.timed)
    table = _table(tallies, delivered, comparison.missing, len(learned))
    print(table)
    if options.write:
        for page in PAGES:
            page.write_text(between_marks(page.read_text(encoding="utf-8"), MARK, table), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
