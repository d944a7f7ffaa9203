"""The communes as a worker answers for them: packaged profiles and answers, with staff's approved edits laid over.

One look at the end of an index tells whether anything was edited, at most once in :data:`LOOK_SECONDS`; the edits
themselves are read only after a change. So an edit is in force within a second or so, without a restart, and a message
costs no read of the table.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import date

from bot.store import knowledge_edits
from bot.store.database import Database
from knowledge import Commune, Library
from knowledge.overlay import Overlay

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class Profiles:
    """Asked by one thread. Without a database it knows the packaged profiles alone."""

    def __init__(
        self, library: Library, database: Database | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._library = library
        self._database = database
        self._monotonic = monotonic
        self._look_at = 0.0
        self._version = -1
        self._overlays: dict[str, Overlay] = {}

    def commune(self, commune_id: str, day: date) -> Commune:
        """The commune on a day in Vietnam. Raises KeyError for an unknown commune, and what the database raises."""
        if self._database is not None and self._monotonic() >= self._look_at:
            self._look(self._database)
        overlay = self._overlays.get(commune_id)
        return self._library.communes[commune_id] if overlay is None else overlay.commune_on(day)

    def _look(self, database: Database) -> None:
        with database.read() as connection:
            version = knowledge_edits.version(connection)
            if version != self._version:
                edits = knowledge_edits.approved(connection)
                communes = self._library.communes
                self._overlays = {
                    commune_id: Overlay(self._library, communes[commune_id], rows)
                    for commune_id, rows in edits.items()
                    if commune_id in communes
                }
                self._version = version
                logger.info("staff's edits read", extra={"count": sum(map(len, edits.values()))})
        self._look_at = self._monotonic() + LOOK_SECONDS
