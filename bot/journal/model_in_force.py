"""The understander of a worker: the packaged model, or the one learned from use that is in force."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import intents
from bot.store import learned_models
from bot.store.database import Database
from intents import Context, ModelMissing, Understander, Understanding
from intents.dataset import data_hash

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0


class ModelInForce:
    """Asked by one thread. A model of another release's lines, or one that cannot be read, is passed over."""

    def __init__(
        self,
        database: Database,
        models: Path,
        packaged: Callable[[], Understander] = intents.load,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._models = models
        self._packaged = packaged()
        self._monotonic = monotonic
        self._look_at = 0.0
        self._folder = ""
        self._current = self._packaged

    def understand(self, text: str, context: Context | None = None) -> Understanding:
        """As :meth:`intents.Understander.understand`, by the model in force."""
        if self._monotonic() >= self._look_at:
            self._look()
        return self._current.understand(text, context)

    def _look(self) -> None:
        self._look_at = self._monotonic() + LOOK_SECONDS
        with self._database.read() as connection:
            folder = learned_models.folder_in_force(connection)
        if folder == self._folder:
            return
        self._folder = folder
        self._current = self._packaged
        if folder.startswith(data_hash()):
            try:
                self._current = intents.load_from(self._models / folder)
            except ModelMissing as error:
                logger.error("learned model not read", extra={"error": type(error).__name__})
        logger.info("model in force", extra={"kind": "learned" if self._current is not self._packaged else "packaged"})
