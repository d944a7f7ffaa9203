"""The procedures a worker answers from: the packaged list, with what was imported laid over it.

As in ``bot.journal.profiles``: one look at two indexes, at most once in :data:`LOOK_SECONDS`, tells whether anything
was imported or approved; only then is it read again. A commune's own row goes before the city's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from sqlalchemy import Connection

from bot.store import procedures
from bot.store.database import Database
from bot.store.procedures import EVERY_COMMUNE
from knowledge import portal
from knowledge.portal import ApprovedFacet, Listing, ProcedureIndex, Record

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
NOTHING_IMPORTED = (0, 0)


class ProceduresInForce:
    """Asked by one thread. Without a database it knows the packaged list alone."""

    def __init__(self, database: Database | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._look_at = 0.0
        self._version = NOTHING_IMPORTED
        self._indexes: dict[str, ProcedureIndex] = {EVERY_COMMUNE: portal.packaged_index()}

    def index(self, commune_id: str) -> ProcedureIndex:
        """The procedures of a commune. Raises what the database raises."""
        if self._database is not None and self._monotonic() >= self._look_at:
            self._look(self._database)
        return self._indexes.get(commune_id, self._indexes[EVERY_COMMUNE])

    def _look(self, database: Database) -> None:
        with database.read() as connection:
            version = procedures.version(connection)
            if version != self._version:
                communes = procedures.owners(connection) | {EVERY_COMMUNE}
                self._indexes = {commune: index_of(connection, commune) for commune in communes}
                self._version = version
                logger.info("procedures read", extra={"count": len(self._indexes[EVERY_COMMUNE].procedures)})
        self._look_at = self._monotonic() + LOOK_SECONDS


def known_to(connection: Connection, commune_id: str) -> tuple[dict[str, Listing], dict[str, Record]]:
    """Listings and records as a commune has them: its own before the city's before the packaged."""
    listings = {one.code: one for one in portal.packaged_listings()}
    records: dict[str, Record] = {}
    for owner in dict.fromkeys((EVERY_COMMUNE, commune_id)):
        listings |= procedures.listings(connection, owner)
        records |= procedures.records(connection, owner)
    return listings, records


def index_of(connection: Connection, commune_id: str) -> ProcedureIndex:
    """Everything a commune's residents may find."""
    listings, records = known_to(connection, commune_id)
    facets: dict[str, dict[str, ApprovedFacet]] = {}
    for owner in dict.fromkeys((EVERY_COMMUNE, commune_id)):
        for code, parts in procedures.approved(connection, owner).items():
            facets[code] = facets.get(code, {}) | parts
    codes = dict.fromkeys((*listings, *records))
    joined = (portal.joined(listings.get(code), records.get(code), facets.get(code, {})) for code in codes)
    return ProcedureIndex(joined, portal.sayings())
