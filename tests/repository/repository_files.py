"""The repository as its tests see it: the root, the packages, the files git keeps or would keep."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "commands", "emulator", "intents", "knowledge", "webhooks")
"""The product's packages, and the emulator. Tests and benchmarks are held to less."""
_NOT_OURS = {".git", ".venv", "var", "build", "dist", "node_modules", "artefacts", "__pycache__"}


@cache
def repository_files() -> tuple[Path, ...]:
    """Every file git tracks or would add, sorted; without git (an unpacked archive) every file of ours.

    What others wrote and we only carry along lies in folders named ``vendor`` and is left as it came.
    """
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(
            # The folder may belong to another account (a container's mount); that is no reason to see no files.
            ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        found = {ROOT / name for name in listed.decode("utf-8").split("\0") if name}
    else:
        found = {
            path
            for path in ROOT.rglob("*")
            if not any(part in _NOT_OURS or part.endswith(("_cache", ".egg-info")) for part in path.parts)
        }
    return tuple(
        sorted(path for path in found if path.is_file() and not path.is_symlink() and "vendor" not in path.parts)
    )


@cache
def text_of(path: Path) -> str | None:
    """The file's text; None for a picture or another binary file. Raises UnicodeDecodeError where it is not UTF-8."""
    content = path.read_bytes()
    return None if b"\0" in content[:4096] else content.decode("utf-8")


def package_modules() -> list[Path]:
    """Every Python file of the packages."""
    return [path for path in repository_files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES]
