"""The set-up scripts: what they say when something is missing, and that a failing step is a failing script."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from repository_files import ROOT

# Programs the scripts may use besides Python: those of any Debian without a further package.
ALWAYS_THERE = [
    "awk",
    "cat",
    "cut",
    "date",
    "dirname",
    "grep",
    "head",
    "id",
    "kill",
    "ls",
    "mktemp",
    "pwd",
    "rm",
    "sed",
    "sh",
    "sha256sum",
    "sleep",
    "tail",
]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a shell line in a copy of the repository's root files, on a machine that has only ALWAYS_THERE."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    shutil.copytree(ROOT / "scripts", copy / "scripts")
    for name in ("pyproject.toml", "requirements.txt", "requirements-dev.txt", "requirements-bootstrap.txt"):
        shutil.copy(ROOT / name, copy)
    (copy / "bot").mkdir()
    (copy / "bot" / "__init__.py").touch()
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ALWAYS_THERE:
        found = shutil.which(name)
        if found is not None:  # some are part of the shell
            (programs / name).symlink_to(found)

    def run_line(line: str, **programs_with_text: str) -> subprocess.CompletedProcess[str]:
        for name, text in programs_with_text.items():
            path = programs / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
            path.chmod(0o755)
        return subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=copy,
            env={"PATH": str(programs), "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run_line


def test_without_python_one_line_says_what_to_install(run: Run) -> None:
    done = run("sh scripts/setup.sh")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Python 3.11" in done.stderr
    assert "python3-venv" in done.stderr


def test_an_old_python_is_not_taken(run: Run) -> None:
    done = run("sh scripts/setup.sh", python3="exit 1")
    assert done.returncode == 1
    assert "Python 3.11" in done.stderr


def test_without_venv_one_line_says_what_to_install(run: Run) -> None:
    done = run("sh scripts/setup.sh", python3='case "$2" in *venv*) exit 1 ;; esac')
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "python3-venv" in done.stderr


def test_a_failing_step_shows_its_words_and_keeps_its_status(run: Run) -> None:
    done = run(
        '. scripts/progress.sh; boom() { echo hỏng rồi; return 7; }; patiently Thử boom || echo "được $?"; say tiếp'
    )
    assert done.stdout.splitlines() == ["Thử…", "được 7", "tiếp"]
    assert done.stderr == "  | hỏng rồi\n"


def test_a_good_step_says_how_long_it_took_and_leaves_nothing_behind(run: Run, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    done = run(". scripts/progress.sh; patiently Thử true && say tiếp")
    assert done.returncode == 0
    assert "xong sau" in done.stdout
    assert done.stdout.splitlines()[-1] == "tiếp"
    assert set(tmp_path.iterdir()) == before


def test_missing_packages_without_apt_are_named_and_no_error(run: Run) -> None:
    done = run("sh scripts/system-packages.sh")
    assert done.returncode == 0
    assert "chromium" in done.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may install packages")
def test_root_on_debian_installs_what_is_missing(run: Run) -> None:
    done = run("sh scripts/system-packages.sh; cat asked", apt_get='echo "$*" >> asked')
    asked = done.stdout.splitlines()[-2:]
    assert asked[0] == "update"
    assert asked[1].startswith("install --yes")
    assert "chromium" in asked[1]


def test_what_apt_cannot_install_is_said_and_no_error(run: Run) -> None:
    done = run("sh scripts/system-packages.sh", apt_get='case "$1" in install) exit 100 ;; esac')
    assert done.returncode == 0
    assert "chromium" in done.stdout
    assert "bỏ qua" in done.stdout


def test_nothing_is_asked_when_everything_is_there(run: Run) -> None:
    done = run("sh scripts/system-packages.sh", chromium="", initdb="", apt_get="echo called")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
