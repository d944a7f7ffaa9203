"""Rivals in processes of their own (never imported here): found where installed, asked line by line in JSON."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks.understanding.rivals import Answer
from intents.dataset import Line
from intents.understanding import OUT_OF_SCOPE_LABEL

APART = Path(__file__).parent / "apart"
FOLDER = Path("var/understanding-rivals")
PINS = ("package.json", "package-lock.json")


class RivalFailed(RuntimeError):
    """A rival could not be installed, started, or stopped answering; the message says what it said last."""


@dataclass(frozen=True, slots=True)
class Apart:
    """A rival that runs apart. `proof`, and `runner` where it is a path, are looked for in the folder of the rivals."""

    name: str
    script: str
    runner: str
    proof: str

    def command(self, folder: Path) -> list[str] | None:
        """What starts it; None where it is not installed in `folder`."""
        runner = shutil.which(str(folder / self.runner) if "/" in self.runner else self.runner)
        if runner is None or not any(folder.glob(self.proof)):
            return None
        return [runner, str(APART / self.script), str((folder / "node").resolve())]


BM25S = Apart("bm25s", "ask_bm25s.py", "python/bin/python", "python/lib/*/site-packages/bm25s")
CHATTERBOT = Apart("ChatterBot", "ask_chatterbot.py", "python/bin/python", "python/lib/*/site-packages/chatterbot")
NLPJS = Apart("nlp.js", "ask_nlpjs.js", "node", "node/node_modules/node-nlp")


def install(folder: Path) -> list[str]:
    """Installs all rivals into `folder` at their pinned versions; returns what failed, in the tools' own words."""
    node = folder / "node"
    node.mkdir(parents=True, exist_ok=True)
    for name in PINS:
        shutil.copyfile(APART / name, node / name)
    python = str(folder / "python" / "bin" / "python")
    steps: list[tuple[list[str], Path]] = [
        ([sys.executable, "-m", "venv", str(folder / "python")], Path()),
        ([python, "-m", "pip", "install", "--quiet", "-r", str(APART / "requirements.txt")], Path()),
        (["npm", "ci", "--silent", "--no-audit", "--no-fund"], node),
    ]
    return [failure for command, place in steps if (failure := _run(command, place))]


def _run(command: Sequence[str], place: Path) -> str:
    try:
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return f"{command[0]}: not found"
    if done.returncode == 0:
        return ""
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return f"{Path(command[0]).name}: {said[-1] if said else done.returncode}"


class Asked:
    """One running rival that has learned `examples` ((text, label)). Use as a context."""

    def __init__(self, name: str, command: Sequence[str], examples: Sequence[tuple[str, str]]) -> None:
        self.name = name
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._say({"examples": list(examples), "out_of_scope": OUT_OF_SCOPE_LABEL})

    def wait_until_learned(self) -> None:
        """Returns when it is ready to be asked. Raises RivalFailed."""
        self._hear()

    def ask(self, text: str, *, as_delivered: bool = False) -> Answer:
        """Its answer to one message. Raises RivalFailed."""
        self._say({"text": text, "as_delivered": as_delivered})
        heard = self._hear()
        return Answer(tuple(heard["labels"]), bool(heard["sure"]), float(heard["milliseconds"]))

    def _say(self, words: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(words, ensure_ascii=False) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as gone:
            raise RivalFailed(f"{self.name} ended with code {self._process.wait()}") from gone

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RivalFailed(f"{self.name} ended with code {self._process.wait()}")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def __enter__(self) -> Asked:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):  # what it was told last was never read
                pipe.close()
        self._process.wait()


def pairs(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """(text, label) of each example, as rivals are told them."""
    return [(line.text, line.label) for line in lines]
