"""What is built and installed: data files travel along, dependencies are pinned by hash, commands exist."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from repository_files import PACKAGES, ROOT, repository_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements-bootstrap.txt", "requirements.txt", "requirements-dev.txt")


def _locked(name: str) -> dict[str, Version]:
    pattern = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[\w,-]+\])?==([^\s;\\]+)", re.MULTILINE)
    text = (ROOT / name).read_text(encoding="utf-8")
    return {canonicalize_name(found[1]): Version(found[2]) for found in pattern.finditer(text)}


def _wanted(requirements: list[str]) -> list[Requirement]:
    return [Requirement(line) for line in requirements]


def test_every_data_file_of_a_package_is_built_into_the_wheel() -> None:
    globs = PROJECT["tool"]["setuptools"]["package-data"]["*"]
    left_out = [
        path.relative_to(ROOT).as_posix()
        for path in repository_files()
        if path.relative_to(ROOT).parts[0] in PACKAGES
        and path.suffix != ".py"
        and not any(fnmatch(path.name, glob) for glob in globs)
    ]
    assert left_out == []


def test_every_folder_with_data_is_a_package_for_the_wheel() -> None:
    """Globs reach files beside a package's modules; setuptools finds folders without __init__.py as namespaces only."""
    finder = PROJECT["tool"]["setuptools"]["packages"]["find"]
    assert finder.get("namespaces", True)
    for package in PACKAGES:
        assert any(fnmatch(package, pattern) for pattern in finder["include"])


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"(?<!\\)\n", text) if entry.strip() and not entry.lstrip().startswith("#")]
    assert len(entries) == len(_locked(name)) > 0
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


def test_the_locks_hold_what_the_project_asks_for() -> None:
    runtime, development = _locked("requirements.txt"), _locked("requirements-dev.txt")
    for requirement in _wanted(PROJECT["project"]["dependencies"]):
        assert runtime[canonicalize_name(requirement.name)] in requirement.specifier, requirement
    for requirement in _wanted(PROJECT["project"]["optional-dependencies"]["dev"]):
        assert development[canonicalize_name(requirement.name)] in requirement.specifier, requirement
    assert runtime.items() <= development.items(), "the two locks disagree"


def test_what_is_installed_is_what_is_locked() -> None:
    installed = {name: importlib.metadata.version(name) for name in _locked("requirements-dev.txt")}
    assert {name: Version(version) for name, version in installed.items()} == _locked("requirements-dev.txt")


def test_every_dependency_is_accounted_for() -> None:
    """docs/dependencies.md names each direct dependency with the locked version."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w.-]+)` \| ([\d.]+) \|", text, re.MULTILINE))
    direct = [
        canonicalize_name(requirement.name)
        for requirement in _wanted(
            PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["dev"]
        )
    ]
    direct += [canonicalize_name("setuptools"), canonicalize_name("uv")]
    locked = _locked("requirements-bootstrap.txt") | _locked("requirements-dev.txt")
    assert {name: Version(rows[name]) for name in rows} == {name: locked[name] for name in direct}


def test_every_make_target_is_told_by_help() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", text, re.MULTILINE))
    phony = set(re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)[0].split())
    told = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert targets == phony == set(re.findall(r"^  make ([a-z-]+) +\S", told, re.MULTILINE))
    assert {"demo", "test", "setup", "check", "bench", "chaos", "format", "help"} <= targets


def test_the_procfile_names_commands_that_exist() -> None:
    from commands.main import COMMANDS

    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    processes = dict(line.split(": ", 1) for line in lines)
    assert set(processes) == {"release", "web", "worker", "clock"}
    for command in processes.values():
        program, name = command.split()
        assert program == "hoixa"
        assert name in COMMANDS


@pytest.mark.parametrize("path", sorted((ROOT / "scripts").glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_sound_shell(path: Path) -> None:
    assert subprocess.run(["sh", "-n", str(path)], capture_output=True, check=False).stderr == b""
    text = path.read_text(encoding="utf-8")
    assert "shellcheck shell=sh" in text or "\nset -eu\n" in text
