"""What holds for every file: no trace of the machine it was written on, clean UTF-8, modules of one purpose."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from repository_files import PACKAGES, ROOT, package_modules, repository_files, text_of

# Texts that hold decomposed letters on purpose, and why.
DECOMPOSED = {"intents/data/evaluation.jsonl": "some phones send letters and marks apart, and so do these messages"}
LINES_ASKING_TO_BE_TWO = 400
LINES_AT_MOST = 450

# Put together at run time, so that this file does not name what it looks for.
_MACHINE_TRACES = {
    "a folder of one machine": "|".join(("/" + "work/", "/" + r"root(?![\w])/", "/" + r"home/\w+/")),
    "a package registry": "|".join(
        ("pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.(?:org|com)", "/opt/" + "wheels")
    ),
    "an address with a password": r"\w+://[^/\s:@{}'\"]+:[^/\s:@{}'\"]{8,}@(?!127\.|10\.)[\w-]+\.[\w.-]+",
}
# Where such a text is meant: (file, text) and why.
_MEANT: dict[tuple[str, str], str] = {}


def _traces(path: Path, text: str) -> list[str]:
    name = path.relative_to(ROOT).as_posix()
    return [
        f"{name}: {what}: {found.group(0)}"
        for what, pattern in _MACHINE_TRACES.items()
        for found in re.finditer(pattern, text)
        if (name, found.group(0)) not in _MEANT
    ]


def test_no_file_tells_of_a_machine_or_a_registry() -> None:
    found = [line for path in repository_files() if (text := text_of(path)) is not None for line in _traces(path, text)]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "see /" + "work/x",
        "cd /" + "root/a",
        "https://" + "pypi" + ".org/simple",
        "postgresql://a:" + "12345678@db.example/x",
    ],
)
def test_the_search_for_traces_finds_them(text: str) -> None:
    assert _traces(ROOT / "made-up.md", text) != []


def test_every_text_is_utf8_nfc_and_ends_with_a_line_end() -> None:
    wrong = []
    for path in repository_files():
        name = path.relative_to(ROOT).as_posix()
        try:
            text = text_of(path)
        except UnicodeDecodeError:
            wrong.append(f"{name}: not UTF-8")
            continue
        if not text:
            continue
        if name not in DECOMPOSED and not unicodedata.is_normalized("NFC", text):
            line = next(n for n, line in enumerate(text.split("\n"), 1) if not unicodedata.is_normalized("NFC", line))
            wrong.append(f"{name}:{line}: not NFC")
        if "\r" in text:
            wrong.append(f"{name}: carriage returns")
        if "\ufeff" in text:
            wrong.append(f"{name}: a byte order mark")
        if path.suffix != ".json" and not text.endswith("\n"):
            wrong.append(f"{name}: no line end at its end")
    assert wrong == []


def _lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def test_no_module_is_past_the_hard_limit() -> None:
    assert {str(p.relative_to(ROOT)): n for p in package_modules() if (n := _lines(p)) > LINES_AT_MOST} == {}


def test_few_modules_ask_to_be_two() -> None:
    asking = {str(p.relative_to(ROOT)): n for p in package_modules() if (n := _lines(p)) > LINES_ASKING_TO_BE_TWO}
    assert asking == {}


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}
    assert [p for p in package_modules() if p.name in drawers] == []


def test_every_package_is_there_to_be_looked_at() -> None:
    looked_at = {path.relative_to(ROOT).parts[0] for path in package_modules()}
    assert looked_at == set(PACKAGES)
