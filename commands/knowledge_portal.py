"""``hoixa knowledge import-portal``, ``procedures``, ``approve-procedure``: official lists and the portal's records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.environment import load_library, settings_of_environment
from commands.failure import CommandError
from commands.knowledge_room import (
    checked_person,
    clock_of_environment,
    library_and_commune,
    open_database,
    problem_line,
    today,
)
from commands.words import word

if TYPE_CHECKING:
    from bot.store.procedures import Draft
    from knowledge.portal import Procedure, ProcedureIndex
    from knowledge.portal.differences import Difference
    from knowledge.portal.reading import Import

EVERY_COMMUNE = "*"
MOST_LINES = 60
DEFAULT_COMMUNE = "ha-dong"
SINCE_REVISION = "0003"


def procedures_as_answered() -> Callable[[str], ProcedureIndex]:
    """The official lists as residents are answered from them. Where no database was made yet: as packaged."""
    from bot.journal.procedures_in_force import ProceduresInForce
    from bot.store.database import Database
    from bot.store.schema import REVISIONS, current_revision

    settings = settings_of_environment(need_secrets=False)
    if settings.is_sqlite and not Path(settings.database_url.removeprefix("sqlite:///")).exists():
        return ProceduresInForce().index
    database = Database(settings.database_url)
    if current_revision(database) not in REVISIONS[REVISIONS.index(SINCE_REVISION) :]:
        database.close()
        return ProceduresInForce().index
    return ProceduresInForce(database).index


@click.command("import-portal", help=word("portal_import_help"))
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--commune", "slug", help=word("portal_option_commune"))
@click.option("--whole-list", "whole", is_flag=True, help=word("portal_option_whole"))
@click.option("--apply", "apply_it", is_flag=True, help=word("portal_option_apply"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
def import_portal(path: Path, slug: str | None, whole: bool, apply_it: bool, as_json: bool) -> None:
    """Show what an import changes; write it on ``--apply``, all in one transaction. A broken file stops everything."""
    from bot.journal.procedures_in_force import known_to
    from bot.store import procedures as store
    from knowledge.portal.differences import Known, differences, doubts_about_topics, gone, is_older, unlisted
    from knowledge.portal.reading import read_import

    if not path.exists():
        raise CommandError(word("file_missing", path=path, reason=word("file_not_there")))
    library = load_library() if slug is None else library_and_commune(slug)[0]
    owner = slug or EVERY_COMMUNE
    found = read_import(path)
    if found.problems:
        lines = [problem_line(problem) for problem in found.problems]
        raise CommandError("\n".join([word("portal_broken"), *lines]))
    database = open_database()
    with database.read() as connection:
        known = Known(*known_to(connection, owner))
        lost = _approvals_lost(store.drafts(connection, owner), found)
    whole = whole and bool(found.listings)
    changes = differences(known, found.listings, found.records, whole)
    doubts = doubts_about_topics(library.topics.values(), found.listings, found.records, today())
    to_write = any(change.kind != "older" for change in changes)
    if apply_it and to_write:
        day = max((one.as_of for one in found.listings.values()), default=today())
        rows = [one for one in found.listings.values() if not is_older(known, one)]
        rows.extend(unlisted(one, day) for one in gone(known, found.listings) if whole)
        now_ms = clock_of_environment().now_ms()
        with database.write() as connection:
            store.save_listings(connection, owner, rows, path.name, now_ms)
            store.save_records(connection, owner, list(found.records.values()), path.name, now_ms)
    same = len({*found.listings, *found.records} - {change.code for change in changes})
    if as_json:
        document = {
            "listings": len(found.listings),
            "records": len(found.records),
            "changes": [asdict(change) for change in changes],
            "same": same,
            "approvals_lost": [{"code": code, "facet": facet} for code, facet in lost],
            "doubts": doubts,
            "applied": apply_it and to_write,
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    _tell(found, changes, same, lost, doubts)
    if not to_write:
        click.echo(word("portal_nothing"))
    else:
        click.echo(word("portal_applied" if apply_it else "portal_dry"))


def _approvals_lost(drafts: Iterable[Draft], found: Import) -> list[tuple[str, str]]:
    """Approved parts whose words the import changes: they must be read again."""
    return [
        (draft.code, draft.facet)
        for draft in drafts
        if draft.state == "approved"
        and draft.code in found.records
        and found.records[draft.code].facets.get(draft.facet) != draft.text
    ]


def _tell(
    found: Import,
    changes: list[Difference],
    same: int,
    lost: list[tuple[str, str]],
    doubts: list[str],
) -> None:
    from knowledge.portal.cleaning import cut

    click.echo(word("portal_read", listings=len(found.listings), records=len(found.records)))
    for change in changes[:MOST_LINES]:
        click.echo(
            word(f"portal_{change.kind}", code=change.code, name=cut(change.name, 90), what=", ".join(change.what))
        )
    if len(changes) > MOST_LINES:
        click.echo(word("portal_more", count=len(changes) - MOST_LINES))
    counts = {kind: sum(change.kind == kind for change in changes) for kind in ("new", "changed", "gone")}
    click.echo(word("portal_counts", same=same, **counts))
    for code, facet in lost:
        click.echo(word("portal_undo_approval", code=code, facet=facet))
    for text in doubts:
        click.echo(word("portal_flag", text=text))


@click.command("procedures", help=word("portal_list_help"))
@click.option("--commune", "slug", default=DEFAULT_COMMUNE, show_default=True, help=word("option_commune"))
@click.option("--find", "text", help=word("portal_option_find"))
@click.option("--drafts", "only_drafts", is_flag=True, help=word("portal_option_drafts"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
def procedures(slug: str, text: str | None, only_drafts: bool, as_json: bool) -> None:
    """List the procedures a commune's residents may find."""
    from bot.store import procedures as store
    from commands.knowledge_room import commune_as_answered
    from knowledge.portal.links import link_to

    library, _ = library_and_commune(slug)
    commune = commune_as_answered(library, slug, today())
    index = procedures_as_answered()(slug)
    drafts: dict[str, list[Draft]] = {}
    if only_drafts:
        with open_database().read() as connection:
            for draft in store.drafts(connection):
                if draft.commune_id in (slug, EVERY_COMMUNE):
                    drafts.setdefault(draft.code, []).append(draft)
    found = list(index.procedures.values()) if text is None else _find(index, text)
    found = [one for one in found if not only_drafts or any(each.state == "draft" for each in drafts.get(one.code, ()))]
    if as_json:
        rows = [
            {
                **asdict(one.listing),
                "status_today": one.status_on(today()),
                "link": link_to(one.listing, commune),
                "facets": {name: part.text for name, part in one.facets.items()},
                "drafts": {
                    draft.facet: {"state": draft.state, "text": draft.text} for draft in drafts.get(one.code, ())
                },
            }
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    for one in found:
        status = word(f"portal_status_{one.status_on(today())}")
        link = link_to(one.listing, commune)
        click.echo(
            word("portal_line", code=one.code, status=status, name=one.listing.name, field=one.listing.field, link=link)
        )
        for draft in drafts.get(one.code, ()):
            state = word(f"portal_state_{draft.state}")
            said = draft.text.replace("\n", "\n      ")
            click.echo(word("portal_draft_line", facet=draft.facet, state=state, text=said))
    if not found:
        click.echo(word("portal_none_found"))


def _find(index: ProcedureIndex, text: str) -> list[Procedure]:
    exact = index.by_code(text.strip())
    return [exact] if exact is not None else [hit.procedure for hit in index.find(text)[:20]]


@click.command("approve-procedure", help=word("portal_approve_help"))
@click.argument("code")
@click.option("--facet", required=True, help=word("portal_option_facet"))
@click.option("--by", "person", required=True, help=word("portal_option_by"))
@click.option("--commune", "slug", help=word("portal_option_commune"))
def approve_procedure(code: str, facet: str, person: str, slug: str | None) -> None:
    """Let residents see one part of a procedure as it was drafted."""
    from bot.store import procedures as store

    if slug is not None:
        library_and_commune(slug)
    address = checked_person(person)
    with open_database().write() as connection:
        done = store.approve(
            connection, slug or EVERY_COMMUNE, code.strip(), facet, address, clock_of_environment().now_ms()
        )
    if not done:
        raise CommandError(word("portal_no_draft", facet=facet, code=code))
    click.echo(word("portal_approved", facet=facet, code=code))
