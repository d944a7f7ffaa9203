"""Looks for cases that may be the same, in the worker, so that no page has to: a pair is a row that pages read.

The open cases are held in the worker's memory and renewed by what changed; which changes were searched already is in
the store, so a new worker compares again only what is new. Two workers find the same pairs.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy import Connection

from bot.cases.lifecycle import lifecycle
from bot.cases.similarity import Gist, SimilarIndex
from bot.services import Services
from bot.store import case_lists, case_twins
from bot.store.case_lists import ChangedCase

logger = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
LEAST_SCORE = 0.45
"""Pairs below are not shown to officials; the chat asks residents at a score of its own."""
MOST = 6
AT_ONCE = 200
"""Compared in one run, so that a worker that begins with a long list still answers people."""
OVERLAP_MS = 5_000
"""Changes of transactions that ended out of order are looked at twice, which changes nothing."""


class TwinSearch:
    """A worker's chore: looks at what changed in one commune after the other."""

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._vault = services.vault
        self._clock = services.clock
        self._next = 0.0
        self._busy = threading.Event()
        self._held: dict[tuple[str, str], tuple[SimilarIndex, int]] = {}
        self._waiting: dict[tuple[str, str], dict[str, ChangedCase]] = {}

    def __call__(self, _connection: Connection) -> Callable[[], object] | None:
        """Now and then, something for the pool; None in between."""
        if self._busy.is_set() or time.monotonic() < self._next:
            return None
        self._busy.set()
        return self._run

    def _run(self) -> None:
        try:
            self.search()
        except Exception as error:
            # The next look finds the same changes; the worker must go on.
            logger.exception("twins not searched", extra={"error": type(error).__name__})
        finally:
            self._next = time.monotonic() + EVERY_SECONDS
            self._busy.clear()

    def search(self) -> int:
        """Look at every commune with changes. Returns how many cases were compared."""
        with self._database.read() as connection:
            changed = case_twins.to_search(connection, OVERLAP_MS)
        return sum(self._search(commune_id, kind) for commune_id, kind in changed)

    def _search(self, commune_id: str, kind: str) -> int:
        began_ms = self._clock.now_ms()
        key = commune_id, kind
        index, known_ms = self._held.get(key, (SimilarIndex(), 0))
        open_states = lifecycle(kind).open_states
        with self._database.read() as connection:
            searched_ms = case_twins.searched_until(connection, commune_id, kind)
            changed = case_lists.changed_since(
                connection, self._vault, commune_id, kind, open_states, max(known_ms - OVERLAP_MS, 0)
            )
        waiting = self._waiting.setdefault(key, {})
        for one in changed:
            if not one.text:
                index.remove(one.head.code)
                waiting.pop(one.head.code, None)
                continue
            index.put(Gist(one.head.code, one.text, one.head.category, one.head.village, one.head.created_ms))
            if one.head.updated_ms >= searched_ms - OVERLAP_MS:
                waiting[one.head.code] = one
        self._held[key] = index, began_ms
        now = sorted(waiting.values(), key=lambda one: one.head.updated_ms)[:AT_ONCE]
        found = [
            (one.head.code, match.code, match.score)
            for one in now
            for match in index.search(one.text, category=one.head.category, village=one.head.village, limit=MOST)
            if match.code != one.head.code and match.score >= LEAST_SCORE
        ]
        for one in now:
            del waiting[one.head.code]
        newest_ms = max((one.head.updated_ms for one in changed), default=0)
        # Past the newest change seen, so that a commune at rest is soon not looked at again.
        at_rest_ms = max(newest_ms + 1, searched_ms, began_ms - OVERLAP_MS)
        until_ms = now[-1].head.updated_ms if waiting else at_rest_ms
        with self._database.write() as connection:
            case_twins.keep(connection, commune_id, kind, found, began_ms)
            case_twins.note_searched(connection, commune_id, kind, until_ms)
        return len(now)
