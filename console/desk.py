"""What every page of the console stands on: services, the communes' profiles, words. Built once for the application."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import current_app

from bot.catalogue import Catalogue
from bot.permissions import WORDS as PERMISSION_WORDS
from bot.services import Services

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.encryption import Vault
    from bot.store.database import Database
    from knowledge import Commune, Library

EXTENSION = "hoixa_console"
WORDS = Catalogue(Path(__file__).parent / "words.yaml")
word = WORDS.word


@dataclass
class ConsoleDesk:
    """Handed to every room's ``make_blueprint(desk)``; inside a request also :func:`the_desk`."""

    services: Services

    @property
    def database(self) -> Database:
        """Opens read and write transactions: ``with desk.database.write() as connection``."""
        return self.services.database

    @property
    def vault(self) -> Vault:
        """Opens what is sealed."""
        return self.services.vault

    @property
    def clock(self) -> Clock:
        """The one clock."""
        return self.services.clock

    @property
    def is_https(self) -> bool:
        """Whether people reach us over https, so that cookies can be held to it."""
        return self.services.settings.public_url.startswith("https://")

    @cached_property
    def library(self) -> Library:
        """Answers and profiles as released; loaded when a page first needs them."""
        import knowledge

        return knowledge.load()

    def commune(self, commune_id: str | None) -> Commune | None:
        """The released profile of a commune; None for the city and for a slug nobody knows."""
        return None if commune_id is None else self.library.communes.get(commune_id)

    def commune_today(self, connection: Any, commune_id: str) -> Commune:
        """The profile as it holds today, with what staff edited. KeyError for a commune this release does not know."""
        from bot.casework.communes import commune_at

        return commune_at(connection, commune_id, self.clock.now())

    def commune_name(self, commune_id: str | None) -> str:
        """ "Xã Hà Đông", or the city's name for None."""
        if commune_id is None:
            return PERMISSION_WORDS.word("role_thanh-pho")
        commune = self.library.communes.get(commune_id)
        return commune_id if commune is None else commune.full_name

    def unit_name(self, commune_id: str | None, unit: str) -> str:
        """A unit as its commune calls it; "" for no unit."""
        from knowledge.communes import UNIT_LABELS

        if not unit:
            return ""
        commune = self.commune(commune_id)
        named = next((each.name for each in commune.units if each.role == unit), None) if commune is not None else None
        return named or next((label for role, label in UNIT_LABELS.items() if role == unit), unit)


def the_desk() -> ConsoleDesk:
    """The desk of the request under way."""
    return cast(ConsoleDesk, current_app.extensions[EXTENSION])
