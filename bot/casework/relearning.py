"""Learns the model anew from what officials taught: a worker's chore, in a process of its own, guarded by the kept
test set. The model in force serves meanwhile; a worse one is refused with the reason, and nothing changes.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from bot.services import Services
from bot.store import learned_models, taught
from intents.dataset import data_hash

logger = logging.getLogger(__name__)

FOLDER = "models"
LONGEST_SECONDS = 20 * 60
Run = Callable[[Path, str], str]
"""Gets a folder and JSON of the examples; returns JSON of the comparison. Raises OSError or subprocess errors."""


def learn_in_a_process(folder: Path, examples: str) -> str:
    """Run :mod:`intents.learning`, which lowers its own priority. Raises ``subprocess.SubprocessError``."""
    done = subprocess.run(
        [sys.executable, "-m", "intents.learning", str(folder)],
        input=examples,
        capture_output=True,
        text=True,
        check=True,
        timeout=LONGEST_SECONDS,
    )
    return done.stdout.splitlines()[-1]


class Relearner:
    """Called in the worker's housekeeping; one model at a time."""

    def __init__(self, services: Services, run: Run = learn_in_a_process) -> None:
        self._services = services
        self._run = run
        self._busy = threading.Event()

    def __call__(self, connection: Connection) -> Callable[[], object] | None:
        """Take a model that was asked for; what is to be run outside the transaction, or None."""
        if self._busy.is_set():
            return None
        model_id = learned_models.claim(connection, _folder_name(), self._services.clock.now_ms())
        if model_id is None:
            return None
        self._busy.set()
        return partial(self._learn, model_id)

    def _learn(self, model_id: int) -> None:
        try:
            self._keep(model_id)
        except Exception as error:
            logger.exception("model not learned", extra={"job": str(model_id), "error": type(error).__name__})
            self._finish(model_id, learned_models.FAILED, 0, json.dumps({"error": type(error).__name__}))
        finally:
            self._busy.clear()

    def _keep(self, model_id: int) -> None:
        with self._services.database.read() as connection:
            examples = _examples(
                taught.list_taught(connection, self._services.vault, state=taught.APPROVED, limit=20_000)
            )
        folder = self._services.settings.data_dir / FOLDER / _folder_name().format(id=model_id)
        figures = self._run(folder, json.dumps(examples, ensure_ascii=False))
        state = learned_models.REFUSED if json.loads(figures)["worse"] else learned_models.IN_FORCE
        logger.info("model learned", extra={"job": str(model_id), "state": state, "count": len(examples)})
        self._finish(model_id, state, len(examples), figures)

    def _finish(self, model_id: int, state: str, examples: int, figures: str) -> None:
        with self._services.database.write() as connection:
            learned_models.finish(connection, model_id, state, examples, figures, self._services.clock.now_ms())


def _folder_name() -> str:
    """A model belongs to the packaged lines it was learned with: after a release it is learned anew."""
    return f"{data_hash()}-{{id}}"


def _examples(found: Sequence[taught.Taught]) -> list[dict[str, str]]:
    """Only questions that mean a topic of ours teach the model; the commune's own answers stay looked up."""
    return [
        {"label": one.topic, "text": question} for one in reversed(found) if one.topic for question in one.questions
    ]
