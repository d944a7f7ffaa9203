"""The open cases of each commune as the search for twins holds them, in this process, kept up by what changed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.cases.lifecycle import lifecycle
from bot.cases.similarity import Gist, Match, SimilarIndex
from bot.encryption import Vault
from bot.store import case_lists
from bot.store.database import Database

OVERLAP_MS = 120_000
"""Read again what changed so shortly before the last look: a transaction may commit later than its moment says, and
clocks of two processes may differ a little."""


@dataclass(slots=True)
class _Held:
    index: SimilarIndex = field(default_factory=SimilarIndex)
    seen_ms: int = 0
    versions: dict[str, int] = field(default_factory=dict)


class Twins:
    """Safe to share between threads. A commune's first search reads all its open cases, later ones what changed."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._lock = threading.Lock()
        self._held: dict[tuple[str, str], _Held] = {}

    def search(
        self, commune_id: str, kind: str, text: str, *, category: str = "", village: str = "", now_ms: int = 0
    ) -> Sequence[Match]:
        """The likest open cases, five at most. Raises what the database raises."""
        with self._lock:
            held = self._held.setdefault((commune_id, kind), _Held())
            self._renew(held, commune_id, kind)
            return held.index.search(text, category=category, village=village, now_ms=now_ms)

    def _renew(self, held: _Held, commune_id: str, kind: str) -> None:
        since_ms = max(held.seen_ms - OVERLAP_MS, 0) if held.seen_ms else 0
        wanted = searched_states(kind)
        with self._database.read() as connection:
            changed = case_lists.changed_since(
                connection, self._vault, commune_id, kind, wanted, since_ms, held.versions
            )
        for one in changed:
            head = one.head
            held.seen_ms = max(held.seen_ms, head.updated_ms)
            held.versions[head.code] = head.version
            if one.text:
                held.index.put(Gist(head.code, one.text, head.category, head.village, head.created_ms))
            else:
                held.index.remove(head.code)


def searched_states(kind: str) -> tuple[str, ...]:
    """Where a twin matters: reports still open; initiatives as long as nobody declined them, for what was recognised
    need not be thought of again."""
    table = lifecycle(kind)
    if kind == "initiative":
        return tuple(state for state in table.states if state != "declined")
    return table.open_states
