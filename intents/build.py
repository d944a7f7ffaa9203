"""Builds the model from the packaged data: `python -m intents.build` (quick), `--calibrate` (renews gate.json too)."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from intents import dataset
from intents.training import Corpus, fit


def artefact_folder() -> Path:
    """Where the model of the packaged data lies once it is built."""
    return dataset.ARTEFACTS / dataset.data_hash()


def is_built() -> bool:
    """Whether the model of the packaged data is there."""
    folder = artefact_folder()
    return all((folder / name).is_file() for name in ("model.json", "model.npz"))


def build(progress: Callable[[str], None] = lambda line: None, force: bool = False) -> Path:
    """Fits the model where it is missing and returns its folder. Deterministic; safe beside another build.

    `progress` gets one Vietnamese line for each step.
    """
    folder = artefact_folder()
    if is_built() and not force:
        progress("Mô hình hiểu tiếng Việt đã có sẵn")
        return folder
    model = fit(Corpus(dataset.lines(), progress=progress), progress=progress)
    dataset.ARTEFACTS.mkdir(parents=True, exist_ok=True)
    workplace = Path(tempfile.mkdtemp(dir=dataset.ARTEFACTS, prefix=".building-"))
    try:
        model.save(workplace)
        workplace.chmod(0o755)
        if force and folder.exists():
            shutil.rmtree(folder)
        try:
            os.replace(workplace, folder)
        except OSError:
            if not is_built():
                raise
    finally:
        shutil.rmtree(workplace, ignore_errors=True)
    progress("Đã dựng xong mô hình hiểu tiếng Việt")
    return folder


def main(arguments: list[str] | None = None) -> int:
    """Command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m intents.build", description="Dựng mô hình hiểu tiếng Việt.")
    parser.add_argument("--force", action="store_true", help="dựng lại dù đã có")
    parser.add_argument("--calibrate", action="store_true", help="kiểm chéo và ghi lại gate.json (vài phút)")
    options = parser.parse_args(arguments)

    def show(line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    if options.calibrate:
        from intents.calibrate import calibrate

        calibrate(show)
    build(show, force=options.force)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
