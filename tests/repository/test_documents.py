"""Documents say what is there: their links lead somewhere, and the operator's manual knows every alarm and figure."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from repository_files import ROOT, package_modules, repository_files

from commands.main import COMMANDS

DOCUMENTS = [path for path in repository_files() if path.suffix == ".md"]
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
ALARMING = {"warning", "error", "exception", "critical"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    linked = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    broken = [link for link in linked if "://" not in link and not (path.parent / link).exists()]
    assert broken == []


def _alarms(path: Path) -> list[str]:
    """The constant messages of ``logger.warning(…)`` and worse."""
    return [
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ALARMING
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "logger"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def _product_modules() -> list[Path]:
    return [path for path in package_modules() if path.relative_to(ROOT).parts[0] in ("bot", "webhooks", "commands")]


def test_every_alarm_of_the_log_is_explained_and_no_other() -> None:
    raised = {message for path in _product_modules() for message in _alarms(path)}
    section = OPERATING.split("## 5.", 1)[1].split("\n`hoixa doctor`:\n", 1)[0]
    explained = set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))
    assert explained == raised


def test_every_figure_is_explained() -> None:
    text = (ROOT / "webhooks" / "metrics.py").read_text(encoding="utf-8")
    names = set(re.findall(r'"(hoixa_[a-z_]+)"', text))
    assert names
    assert {name for name in names if name not in OPERATING} == set()


def test_every_command_named_in_a_document_exists() -> None:
    named = {
        (path.name, command)
        for path in DOCUMENTS
        for command in re.findall(r"(?:`|bin/|^)hoixa ([a-z]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert named
    assert {(document, command) for document, command in named if command not in COMMANDS} == set()


def test_every_make_target_named_in_a_document_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        target for path in DOCUMENTS for target in re.findall(r"`make ([a-z-]+)`", path.read_text(encoding="utf-8"))
    }
    assert named <= targets
