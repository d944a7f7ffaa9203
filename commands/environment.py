"""What commands start from: the settings (with ``.env`` beside them), the services, the conversation."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bot.catalogue import CATALOGUE
from bot.settings import Settings, SettingsError, load_settings
from bot.store.failure import DatabaseError
from commands.failure import CommandError
from commands.words import word

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.conversation import Conversation
    from bot.conversation.desk import Desk
    from bot.conversation.situation import UnderstandsText
    from bot.services import Services
    from intents import Understander
    from knowledge import Commune, Library
    from knowledge.portal import ProcedureIndex


def read_environment_file(path: Path = Path(".env")) -> None:
    """Take settings from ``.env`` in the working folder; what the environment already has wins.

    Raises :class:`SettingsError` for a file in another encoding.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()  # Windows' Notepad puts a mark before the first letter
    except OSError:
        return
    except UnicodeDecodeError:
        raise SettingsError(CATALOGUE.word("setting_file", path=path)) from None
    for line in lines:
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def settings_of_environment(*, need_secrets: bool = True) -> Settings:
    """The checked settings."""
    read_environment_file()
    return load_settings(need_secrets=need_secrets)


def open_services(*, bring_up: bool = False, check_key: bool = True) -> Services:
    """Services over a database of this release's schema. SQLite is brought up by itself, or on ``bring_up``.

    Raises :class:`CommandError` where ``HOIXA_SECRET_KEY`` does not open what is stored: processes would only start
    to die again.
    """
    from sqlalchemy.exc import OperationalError

    from bot.services import build_services
    from bot.store.schema import migrate, require_current

    services = build_services(settings_of_environment())
    try:
        if bring_up or services.settings.is_sqlite:
            migrate(services.database)
        else:
            require_current(services.database)
    except OperationalError:
        raise DatabaseError(CATALOGUE.word("database_unreachable")) from None
    if check_key:
        refuse_wrong_key(services)
    return services


def refuse_wrong_key(services: Services) -> None:
    """Raise :class:`CommandError` where the secrets of the connected OAs do not open."""
    from bot.encryption import DecryptionError
    from bot.store.accounts import list_accounts

    try:
        with services.database.read() as connection:
            list_accounts(connection, services.vault, services.clock.now_ms())
    except DecryptionError:
        raise CommandError(word("doctor_key_wrong")) from None


def load_library() -> Library:
    """The answers and profiles."""
    import knowledge

    return knowledge.load()


def build_conversation(
    library: Library,
    procedures: Callable[[str], ProcedureIndex] | None = None,
    desk: Desk | None = None,
    learned: Callable[[Callable[[], Understander]], UnderstandsText] | None = None,
) -> Conversation:
    """The conversation over the built model. ``procedures`` gives a commune's official list; without it the packaged
    one is used. ``desk`` looks up what residents sent in; without it nobody sent in anything. ``learned`` is given
    the packaged model's loader and makes what understands; without it that model does. Raises :class:`CommandError`
    where the model was not built."""
    import intents
    from bot.conversation import Conversation, load_words
    from knowledge.portal import packaged_index

    try:
        understander = intents.load() if learned is None else learned(intents.load)
    except intents.ModelMissing:
        raise CommandError(word("model_missing")) from None
    if procedures is None:
        packaged = packaged_index()

        def procedures(_commune_id: str) -> ProcedureIndex:
            return packaged

    return Conversation(understander, library, load_words(), procedures, desk)


def commune_of(library: Library, slug: str) -> Commune:
    """The profile of ``slug``. Raises :class:`CommandError` with the known ones."""
    if slug not in library.communes:
        raise CommandError(word("unknown_commune", slug=slug, known=", ".join(sorted(library.communes))))
    return library.communes[slug]
