"""What officials taught, as the worker answers from it: read again when something was approved or withdrawn."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

from bot.clock import VIETNAM, from_ms
from bot.conversation.taught import NOTHING_TAUGHT, TaughtAnswer, TaughtIndex
from bot.encryption import Vault
from bot.store import taught
from bot.store.database import Database
from bot.store.taught import Taught

LOOK_SECONDS = 1.0


class TaughtInForce:
    """Asked by one thread; one look at one index at most once in :data:`LOOK_SECONDS`."""

    def __init__(self, database: Database, vault: Vault, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._vault = vault
        self._monotonic = monotonic
        self._look_at = 0.0
        self._version = 0
        self._indexes: dict[str, TaughtIndex] = {}

    def index(self, commune_id: str) -> TaughtIndex:
        """What was taught in a commune. Raises what the database raises."""
        if self._monotonic() >= self._look_at:
            self._look()
        return self._indexes.get(commune_id, NOTHING_TAUGHT)

    def _look(self) -> None:
        with self._database.read() as connection:
            version = taught.version(connection)
            if version != self._version:
                found = taught.list_taught(connection, self._vault, state=taught.APPROVED, limit=20_000)
                communes: dict[str, list[Taught]] = {}
                for one in found:
                    communes.setdefault(one.commune_id, []).append(one)
                self._indexes = {commune: TaughtIndex(map(_answer, each)) for commune, each in communes.items()}
                self._version = version
        self._look_at = self._monotonic() + LOOK_SECONDS


def _answer(one: Taught) -> TaughtAnswer:
    moment = one.approved_ms or one.created_ms
    return TaughtAnswer(
        id=one.id,
        words=one.words,
        topic=one.topic,
        facet=one.facet,
        answered=from_ms(moment).astimezone(VIETNAM).date(),
        valid_until=date.fromisoformat(one.valid_until) if one.valid_until else None,
        questions=one.questions,
    )
