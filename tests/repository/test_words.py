"""Words for people live in catalogues, not in code: no Vietnamese in string literals of the packages."""

from __future__ import annotations

import ast
import unicodedata
from itertools import pairwise

from repository_files import ROOT, package_modules

# Modules whose subject is the language itself: letters, syllables, ways of speaking. Their words are the code.
THE_LANGUAGE_ITSELF: dict[str, str] = {
    "intents/syllables.py": "the vowels, tones and initials that syllables are made of",
    "intents/normalize.py": "letter classes and where a tone mark belongs",
    "intents/augment.py": "how people abbreviate, slip and address each other",
    "intents/parts.py": "the words that join two questions",
    "intents/dataset.py": "the words that make an alias a question of its own",
    "intents/following.py": "the words a follow-up begins with, told from their doubles by their marks",
    "intents/holdout.py": "the words that join two questions, for measuring",
    "intents/splitting.py": "the words that join two questions, for fitting",
    "knowledge/addresses/names.py": "the letter that is no d with a mark",
    "knowledge/wording.py": "patterns of wording that an answer may not have",
}
# Lines that a developer reads at a terminal, or pages of the emulated Zalo: no resident and no official sees them, and
# the emulator has no catalogue because it stands apart from the product.
FOR_DEVELOPERS = (
    "emulator/",
    "intents/build.py",
    "intents/calibrate.py",
    "intents/encoder_training.py",
    "intents/evaluate.py",
    "intents/reliability.py",
    "intents/training.py",
)


# Grave, acute, hook above, tilde, dot below; circumflex, breve, horn.
MARKS = frozenset("\u0300\u0301\u0309\u0303\u0323\u0302\u0306\u031b")


def _is_vietnamese(text: str) -> bool:
    """Whether ``text`` has đ, or a Latin letter under a mark that Vietnamese uses."""
    if "đ" in text or "Đ" in text:
        return True
    letters = unicodedata.normalize("NFD", text)
    return any(mark in MARKS and base.isascii() and base.isalpha() for base, mark in pairwise(letters))


def _documentation(tree: ast.AST) -> set[ast.Constant]:
    """Docstrings, and bare strings below an assignment, which document it."""
    return {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def _vietnamese_literals(source: str) -> list[tuple[int, str]]:
    tree = ast.parse(source)
    documentation = _documentation(tree)
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node not in documentation
        and _is_vietnamese(node.value)
    ]


def _found() -> dict[str, list[str]]:
    found = {}
    for path in package_modules():
        literals = _vietnamese_literals(path.read_text(encoding="utf-8"))
        if literals:
            name = path.relative_to(ROOT).as_posix()
            found[name] = [f"{name}:{line}: {text[:60]!r}" for line, text in literals]
    return found


def test_no_vietnamese_in_the_code_of_packages() -> None:
    misplaced = [
        line
        for name, lines in _found().items()
        if name not in THE_LANGUAGE_ITSELF and not name.startswith(FOR_DEVELOPERS)
        for line in lines
    ]
    assert misplaced == []


def test_the_exceptions_are_needed() -> None:
    found = _found()
    assert [name for name in THE_LANGUAGE_ITSELF if name not in found] == []


def test_the_search_tells_words_from_documentation() -> None:
    lines = [
        '"""Chữ trong lời dẫn."""',
        "X = 1",
        '"""Chú thích của X."""',
        'Y = "Lệ phí"',
        'Z = f"{X} thôn"',
        'V = "10 €, plain, na\u00efve in an escape"',
        'W = "không"',
    ]
    assert sorted(line for line, _ in _vietnamese_literals("\n".join(lines))) == [4, 5, 7]
