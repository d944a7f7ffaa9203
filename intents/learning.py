"""Learns the model anew with questions officials gave a meaning to, and holds it against the kept test set.

Runs as a process of its own (``python -m intents.learning FOLDER``, a JSON list of ``{"label", "text"}`` on standard
input), so that the worker that asks for it goes on answering: fitting takes a minute of processor time.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from intents import dataset, load, load_from
from intents.dataset import Line
from intents.evaluate import Scored, score, summary
from intents.lexicon import DATA
from intents.understander import Understander
from intents.understanding import ACTION_LABELS

AUTHOR = "use"
"""The hand of lines learned from use; no test line is of it."""
MEASURES = ("top1", "actions", "wrongly_sure", "out_of_scope_answered")
LOWER_IS_BETTER = frozenset({"wrongly_sure", "out_of_scope_answered"})
MOST_EXAMPLES = 20_000


@dataclass(frozen=True, slots=True)
class Extra:
    """A question of use and the label an official gave it: a topic or an action."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both models on the kept test set, in percent. ``worse`` names measures that fell; ``lost`` the lines with it."""

    before: Mapping[str, float | None]
    after: Mapping[str, float | None]
    worse: tuple[str, ...]
    lost: tuple[str, ...]


def kept_rows() -> list[dict[str, Any]]:
    """The kept test set: ``id, text, expect[], kind, noise`` each. No line of it was ever learned from."""
    text = (DATA / "evaluation.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def known_labels() -> frozenset[str]:
    """What a question may be said to mean."""
    return frozenset(topic.id for topic in dataset.topics()) | frozenset(ACTION_LABELS)


def relearn(extras: Sequence[Extra], folder: Path, progress: Callable[[str], None] = lambda line: None) -> None:
    """Fit on the packaged lines and these, and write the model into ``folder``. ValueError for an unknown label."""
    from intents.training import Corpus, fit

    unknown = {extra.label for extra in extras} - known_labels()
    if unknown:
        raise ValueError(f"unknown labels: {sorted(unknown)}")
    lines = dataset.lines()
    lines += [Line(extra.label, extra.text, AUTHOR, "", "use", "") for extra in extras[:MOST_EXAMPLES]]
    model = fit(Corpus(lines, progress=progress), progress=progress)
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder)


def compare(before: Understander, after: Understander, rows: Iterable[Mapping[str, Any]]) -> Comparison:
    """Hold two models against the same lines."""
    rows = list(rows)
    old = [score(row, before.understand(str(row["text"]))) for row in rows]
    new = [score(row, after.understand(str(row["text"]))) for row in rows]
    figures = [{name: summary(scored)[name] for name in MEASURES} for scored in (old, new)]
    worse = tuple(name for name in MEASURES if _is_worse(name, figures[0][name], figures[1][name]))
    lost = tuple(one.text for one, other in zip(old, new, strict=True) if _fell(one, other))
    return Comparison(figures[0], figures[1], worse, lost)


def _is_worse(name: str, before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return False
    return after > before if name in LOWER_IS_BETTER else after < before


def _fell(before: Scored, after: Scored) -> bool:
    return (before.top1 and not after.top1) or (after.wrongly_sure and not before.wrongly_sure)


def main(arguments: Sequence[str], given: str) -> int:
    """Learn, compare, print the comparison as JSON. The old model is the packaged one."""
    os.nice(10)  # answers to residents go first
    folder = Path(arguments[0])
    extras = [Extra(str(one["label"]), str(one["text"])) for one in json.loads(given)]
    relearn(extras, folder, lambda line: _say(sys.stderr, line))
    _say(sys.stdout, json.dumps(asdict(compare(load(), load_from(folder), kept_rows())), ensure_ascii=False))
    return 0


def _say(stream: Any, line: str) -> None:
    stream.write(line + "\n")
    stream.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:], sys.stdin.read()))
