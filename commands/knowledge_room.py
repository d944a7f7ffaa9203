"""What the ``hoixa knowledge`` commands share: the database without secrets, the overlay, lines for people to read."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from typing import TYPE_CHECKING

from bot.clock import VIETNAM, Clock, from_ms
from commands.environment import commune_of, load_library, settings_of_environment
from commands.failure import CommandError
from commands.words import word

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Database
    from knowledge import Commune, Library
    from knowledge.exchange_comparing import Change
    from knowledge.overlay import Overlay
    from knowledge.problems import Problem

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def clock_of_environment() -> Clock:
    """The clock of the settings; needs no secrets."""
    return Clock(settings_of_environment(need_secrets=False).clock_offset_seconds)


def today() -> date:
    """Today in Vietnam."""
    return clock_of_environment().now().date()


def open_database() -> Database:
    """The database at this release's schema. Edits are no secrets, so no secret key is asked for."""
    from sqlalchemy.exc import OperationalError

    from bot.catalogue import CATALOGUE
    from bot.store.database import Database
    from bot.store.failure import DatabaseError
    from bot.store.schema import migrate, require_current

    settings = settings_of_environment(need_secrets=False)
    database = Database(settings.database_url)
    try:
        if settings.is_sqlite:
            migrate(database)
        else:
            require_current(database)
    except OperationalError:
        raise DatabaseError(CATALOGUE.word("database_unreachable")) from None
    return database


@contextmanager
def reading() -> Iterator[Connection]:
    """A read transaction on that database, which is closed afterwards."""
    with closing(open_database()) as database, database.read() as connection:
        yield connection


@contextmanager
def writing() -> Iterator[Connection]:
    """A write transaction on that database, which is closed afterwards; the commit wakes the workers."""
    with closing(open_database()) as database, database.write() as connection:
        yield connection
        database.announce(connection)


def read_overlay(connection: Connection, library: Library, commune: Commune) -> Overlay:
    """A commune with its approved edits."""
    from bot.store import knowledge_edits
    from knowledge.overlay import Overlay

    return Overlay(library, commune, knowledge_edits.approved(connection, [commune.id]).get(commune.id, ()))


def commune_as_answered(library: Library, slug: str, day: date) -> Commune:
    """The commune as its residents are answered on a day. Where no database was made yet: as packaged."""
    from bot.store.database import Database
    from bot.store.schema import REVISIONS, current_revision

    commune = commune_of(library, slug)
    settings = settings_of_environment(need_secrets=False)
    path = settings.database_url.removeprefix("sqlite:///")
    if settings.is_sqlite:
        from pathlib import Path

        if not Path(path).exists():
            return commune
    database = Database(settings.database_url)
    try:
        if current_revision(database) not in REVISIONS[REVISIONS.index("0002") :]:
            return commune
        with database.read() as connection:
            return read_overlay(connection, library, commune).commune_on(day)
    finally:
        database.close()


def checked_person(address: str) -> str:
    """An address of mail as it is kept. Raises :class:`CommandError` for what is none."""
    from bot.store.knowledge_edits import person

    if not _ADDRESS.fullmatch(address.strip()):
        raise CommandError(word("knowledge_bad_person", raw=address))
    return person(address)


def library_and_commune(slug: str) -> tuple[Library, Commune]:
    """Both, or :class:`CommandError` with the known communes."""
    library = load_library()
    return library, commune_of(library, slug)


def when(moment_ms: int) -> str:
    """A moment as people in Vietnam write it."""
    return from_ms(moment_ms).astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")


def label(library: Library, subject: str, field: str) -> str:
    """Name what an edit is about."""
    from knowledge.exchange_sheets import field_labels
    from knowledge.overlay import PROFILE, TOPIC_PREFIX
    from knowledge.profile_lists import LIST_KINDS

    if subject == PROFILE:
        kind, _, key = field.partition(".")
        if kind in LIST_KINDS:
            return f"{LIST_KINDS[kind].label} · {key}"
        return field_labels().get(field, field)
    topic = library.topics.get(subject.removeprefix(TOPIC_PREFIX))
    facet = library.facet_names.get(field)
    return f"{subject.removeprefix(TOPIC_PREFIX) if topic is None else topic.name} · {facet.name if facet else field}"


def period(valid_from: date | None, valid_until: date | None) -> str:
    """Write a period; empty where open on both sides."""
    parts = []
    if valid_from is not None:
        parts.append(word("knowledge_from", day=f"{valid_from:%d/%m/%Y}"))
    if valid_until is not None:
        parts.append(word("knowledge_until", day=f"{valid_until:%d/%m/%Y}"))
    return ", ".join(parts)


def readable(field: str, text: str) -> list[str]:
    """The lines of an edit's text for people: an item of a list is JSON in the store."""
    from knowledge.exchange_sheets import list_columns
    from knowledge.profile_lists import LIST_KINDS

    kind = LIST_KINDS.get(field.partition(".")[0])
    if kind is None or not text:
        return text.splitlines()
    item = json.loads(text)
    titles = {name: column.title for name, column in zip(kind.fields, list_columns(kind), strict=True)}
    return [f"{titles[name]}: {item[name]}" for name in kind.fields if item.get(name)]


def difference(change: Change) -> Iterator[str]:
    """The lines that say what a change does, old and new."""
    edit = change.edit
    old = [line for segment in change.before for line in readable(edit.field, segment.text)]
    new = readable(edit.field, change.after)
    if change.gives_back:
        yield word("knowledge_gives_back")
    elif not edit.text:
        yield word("knowledge_empties")
    for line in difflib.ndiff(old, new):
        if line.startswith(("- ", "+ ")):
            yield word("knowledge_old" if line.startswith("-") else "knowledge_new", line=line[2:])
    if len(change.before) == 1 and edit.text:
        standing = change.before[0]
        for name, was, now in (
            ("source", standing.source, edit.source),
            ("confidence", word(f"knowledge_{standing.confidence}"), word(f"knowledge_{edit.confidence}")),
            ("as_of", f"{standing.as_of:%d/%m/%Y}" if standing.as_of else "", f"{edit.as_of:%d/%m/%Y}"),
        ):
            if was != now:
                yield word("knowledge_attribute", name=word(f"knowledge_{name}"), old=was, new=now)


def problem_line(problem: Problem) -> str:
    """One line for a fault of a file: the file, the place in it where there is one, what is wrong."""
    if not problem.where:
        return word("knowledge_problem_file", file=problem.file, message=problem.message)
    return word("knowledge_problem", file=problem.file, where=problem.where, message=problem.message)
