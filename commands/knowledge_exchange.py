"""``hoixa knowledge export``, ``import``, ``pack``, ``unpack``: answers to Excel or to another commune, and back."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.failure import CommandError, reason_of
from commands.knowledge_room import (
    checked_person,
    clock_of_environment,
    difference,
    label,
    library_and_commune,
    period,
    read_overlay,
    reading,
    today,
    writing,
)
from commands.words import word

if TYPE_CHECKING:
    from knowledge import Commune, Library
    from knowledge.exchange import Exchange, Fault
    from knowledge.exchange_comparing import Change, Comparison

_PATH = click.Path(path_type=Path)


@click.command("export", help=word("knowledge_export_help"))
@click.option("--commune", "slug", required=True, help=word("option_commune"))
@click.argument("file", type=_PATH)
@click.option("--force", is_flag=True, help=word("knowledge_option_force"))
def export_workbook(slug: str, file: Path, force: bool) -> None:
    """Write everything a commune may edit, as it stands, into a workbook."""
    from bot.store import knowledge_edits
    from knowledge.exchange import whole
    from knowledge.exchange_writing import write_workbook

    if file.suffix.lower() != ".xlsx":
        raise CommandError(word("knowledge_not_xlsx", path=file))
    _refuse_to_overwrite(file, force)
    library, commune = library_and_commune(slug)
    with reading() as connection:
        version = knowledge_edits.version(connection, slug)
        exchange = whole(read_overlay(connection, library, commune), today(), version)
    try:
        write_workbook(exchange, library, file)
    except OSError as error:
        raise CommandError(word("knowledge_cannot_write", path=file, reason=reason_of(error))) from None
    click.echo(word("knowledge_exported", path=file, count=len(exchange.rows)))


def _refuse_to_overwrite(file: Path, force: bool) -> None:
    if file.exists() and not force:
        raise CommandError(word("knowledge_exists", path=file))


_APPLY = (
    click.option("--by", help=word("knowledge_option_by")),
    click.option("--approved-by", help=word("knowledge_option_approved_by")),
    click.option("--apply", "apply_", is_flag=True, help=word("knowledge_option_apply")),
    click.option("--json", "as_json", is_flag=True, help=word("option_json")),
)


@click.command("import", help=word("knowledge_import_help"))
@click.argument("file", type=_PATH)
@click.option("--commune", "slug", required=True, help=word("option_commune"))
@_APPLY[0]
@_APPLY[1]
@_APPLY[2]
@_APPLY[3]
def import_workbook(
    file: Path, slug: str, by: str | None, approved_by: str | None, apply_: bool, as_json: bool
) -> None:
    """Compare a workbook with what stands; write drafts with --apply; in force with --approved-by."""
    from knowledge.exchange_reading import WrongFile, read_workbook

    library, commune = library_and_commune(slug)
    try:
        exchange, faults = read_workbook(file, library, slug)
    except WrongFile as error:
        raise CommandError(word("knowledge_wrong_file", path=file, reason=error)) from None
    except OSError as error:
        raise CommandError(word("file_missing", path=file, reason=reason_of(error))) from None
    _take_in(exchange, faults, library, commune, _People(by, approved_by, apply_), as_json)


@click.command("pack", help=word("knowledge_pack_help"))
@click.option("--commune", "slug", required=True, help=word("option_commune"))
@click.argument("file", type=_PATH)
@click.option("--force", is_flag=True, help=word("knowledge_option_force"))
def pack_answers(slug: str, file: Path, force: bool) -> None:
    """Write the answers a commune edited into a file for another."""
    from knowledge.pack import pack, write_pack

    _refuse_to_overwrite(file, force)
    library, commune = library_and_commune(slug)
    with reading() as connection:
        packed = pack(read_overlay(connection, library, commune), today())
    try:
        write_pack(packed.document, file)
    except OSError as error:
        raise CommandError(word("knowledge_cannot_write", path=file, reason=reason_of(error))) from None
    entries = packed.document["entries"]
    assert isinstance(entries, list)
    click.echo(word("knowledge_packed", path=file, count=len(entries)))
    for key, pairs in (("knowledge_left_out", packed.left_out), ("knowledge_naming", packed.naming)):
        for topic, facet in pairs:
            click.echo(word(key, name=label(library, f"topic:{topic}", facet)))


@click.command("unpack", help=word("knowledge_unpack_help"))
@click.argument("file", type=_PATH)
@click.option("--commune", "slug", required=True, help=word("option_commune"))
@_APPLY[0]
@_APPLY[1]
@_APPLY[2]
@_APPLY[3]
def unpack_answers(file: Path, slug: str, by: str | None, approved_by: str | None, apply_: bool, as_json: bool) -> None:
    """Take over another commune's answers, by the same way as a workbook."""
    from knowledge.pack import WrongPack, read_pack

    library, commune = library_and_commune(slug)
    try:
        exchange, faults = read_pack(file, library, slug)
    except WrongPack as error:
        raise CommandError(word("knowledge_wrong_file", path=file, reason=error)) from None
    except OSError as error:
        raise CommandError(word("file_missing", path=file, reason=reason_of(error))) from None
    _take_in(exchange, faults, library, commune, _People(by, approved_by, apply_), as_json)


class _People:
    """Who writes and who approves, checked before anything is read."""

    def __init__(self, by: str | None, approved_by: str | None, apply_: bool) -> None:
        if apply_ and by is None:
            raise CommandError(word("knowledge_need_by"))
        if approved_by is not None and not apply_:
            raise CommandError(word("knowledge_need_apply"))
        self.author = None if by is None else checked_person(by)
        self.approver = None if approved_by is None else checked_person(approved_by)
        self.apply = apply_
        if self.author is not None and self.author == self.approver:
            raise CommandError(word("knowledge_same_person"))


def _take_in(
    exchange: Exchange,
    faults: Sequence[Fault],
    library: Library,
    commune: Commune,
    people: _People,
    as_json: bool,
) -> None:
    from bot.store import knowledge_edits
    from knowledge.exchange_comparing import compare

    with writing() if people.apply else reading() as connection:
        comparison = compare(exchange, read_overlay(connection, library, commune), today())
        all_faults = [*faults, *comparison.faults]
        is_stale = exchange.version is not None and exchange.version != knowledge_edits.version(connection, commune.id)
        written: list[int] = []
        if people.apply and not all_faults and comparison.changes:
            written = _write(connection, commune.id, comparison.changes, people)
    if as_json:
        document = {**_document(comparison, all_faults, written, people), "stale_file": is_stale}
        click.echo(json.dumps(document, ensure_ascii=False, default=str))
    else:
        if is_stale and comparison.changes:
            click.echo(word("knowledge_stale_file"))
        _tell(library, comparison, all_faults, written, people)
    if all_faults:
        sys.exit(1)


def _write(connection: object, commune_id: str, changes: Sequence[Change], people: _People) -> list[int]:
    """Drafts for all changes, approved where an approver is given. All or none: one transaction."""
    from sqlalchemy import Connection

    from bot.store import knowledge_edits as store

    assert isinstance(connection, Connection) and people.author is not None
    now = clock_of_environment().now_ms()
    written = []
    for change in changes:
        edit = change.edit
        new = store.NewEdit(
            edit.subject,
            edit.field,
            edit.text,
            edit.confidence,
            edit.source,
            edit.as_of,
            edit.valid_from,
            edit.valid_until,
            edit.base_digest,
        )
        edit_id, is_new = store.add_draft(connection, commune_id, new, people.author, now)
        if people.approver is not None:
            try:
                store.move(connection, commune_id, edit_id, store.APPROVED, people.approver, now)
            except store.IllegalMove:
                raise CommandError(word("knowledge_own_draft", id=edit_id)) from None
        if is_new or people.approver is not None:
            written.append(edit_id)
    return written


def _document(
    comparison: Comparison, faults: Sequence[Fault], written: Sequence[int], people: _People
) -> dict[str, object]:
    return {
        "changes": [
            {
                "subject": change.edit.subject,
                "field": change.edit.field,
                "valid_from": change.edit.valid_from,
                "valid_until": change.edit.valid_until,
                "old": [segment.text for segment in change.before],
                "new": change.edit.text,
                "gives_back": change.gives_back,
                "place": change.place,
            }
            for change in comparison.changes
        ],
        "faults": [{"place": fault.place, "message": fault.message} for fault in faults],
        "unchanged": comparison.unchanged,
        "written": written,
        "state": None if not written else "draft" if people.approver is None else "approved",
    }


def _tell(
    library: Library,
    comparison: Comparison,
    faults: Sequence[Fault],
    written: Sequence[int],
    people: _People,
) -> None:
    for change in comparison.changes:
        edit = change.edit
        span = period(edit.valid_from, edit.valid_until)
        name = label(library, edit.subject, edit.field)
        click.echo(word("knowledge_change_dated" if span else "knowledge_change", name=name, span=span))
        for line in difference(change):
            click.echo(f"  {line}")
    for fault in faults:
        click.echo(word("knowledge_fault", place=fault.place, message=fault.message))
    count = len(comparison.changes)
    if faults:
        click.echo(word("knowledge_faults", count=len(faults)))
    elif not count:
        click.echo(word("knowledge_no_difference", count=comparison.unchanged))
    elif not people.apply:
        click.echo(word("knowledge_dry_run", count=count))
    elif people.approver is not None:
        click.echo(word("knowledge_in_force", count=len(written)))
    else:
        click.echo(word("knowledge_drafted", count=len(written), waiting=count - len(written)))
