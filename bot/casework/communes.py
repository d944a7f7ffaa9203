"""The commune's profile as acts upon cases need it: its units' names and its hours, with what staff edited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

import knowledge
from bot.cases.working_time import OfficeHours, hours_from
from bot.store import knowledge_edits
from knowledge import Commune
from knowledge.overlay import Overlay

_overlays: tuple[int, dict[str, Overlay]] = (-1, {})


def commune_at(connection: Connection, commune_id: str, moment: datetime) -> Commune:
    """The profile on that day. Raises KeyError for a commune this release does not know.

    Edits are read again only when there are new ones: every case moved would otherwise read them all.
    """
    global _overlays  # a value put in place at once, so that threads need no lock
    communes = knowledge.load().communes
    version = knowledge_edits.version(connection)
    known_version, overlays = _overlays
    if version != known_version:
        library = knowledge.load()
        overlays = {
            name: Overlay(library, communes[name], edits)
            for name, edits in knowledge_edits.approved(connection).items()
            if name in communes
        }
        _overlays = version, overlays
    overlay = overlays.get(commune_id)
    return communes[commune_id] if overlay is None else overlay.commune_on(moment.date())


def office_hours(commune: Commune) -> OfficeHours:
    """When the commune works: as its profile says, else the usual hours."""
    return hours_from(commune.contact.desk_hours)
