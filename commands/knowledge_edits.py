"""``hoixa knowledge drafts``, ``approve``, ``withdraw``, ``history``, ``conflicts``, ``keep``: the life of edits."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from commands.failure import CommandError
from commands.knowledge_room import (
    checked_person,
    clock_of_environment,
    label,
    library_and_commune,
    period,
    read_overlay,
    readable,
    reading,
    today,
    when,
    writing,
)
from commands.words import word


@click.command("drafts", help=word("knowledge_drafts_help"))
@click.option("--commune", "slug", required=True, help=word("option_commune"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
def drafts(slug: str, as_json: bool) -> None:
    """What waits for a second person."""
    _list(slug, None, "draft", as_json)


@click.command("history", help=word("knowledge_history_help"))
@click.option("--commune", "slug", required=True, help=word("option_commune"))
@click.option("--topic", help=word("knowledge_option_topic"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
def history(slug: str, topic: str | None, as_json: bool) -> None:
    """Every edit, who wrote, approved and withdrew it, and when."""
    _list(slug, topic, None, as_json)


def _list(slug: str, topic: str | None, state: str | None, as_json: bool) -> None:
    from bot.store import knowledge_edits as store

    library, _commune = library_and_commune(slug)
    if topic is not None and topic not in library.topics:
        raise CommandError(word("knowledge_unknown_topic", topic=topic))
    with reading() as connection:
        subject = None if topic is None else f"topic:{topic}"
        edits = store.list_edits(connection, slug, subject=subject, state=state)
        moves = store.list_moves(connection, slug, [stored.edit.id for stored in edits])
    if as_json:
        rows = [
            {
                **asdict(stored.edit),
                "state": stored.state,
                "author": stored.author,
                "approved_by": stored.approved_by,
                "created_ms": stored.created_ms,
                "approved_ms": stored.approved_ms,
                "moves": [asdict(move) for move in moves if move.edit_id == stored.edit.id],
            }
            for stored in edits
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, default=str))
        return
    if not edits:
        click.echo(word("knowledge_no_edits"))
    for stored in edits:
        edit = stored.edit
        span = period(edit.valid_from, edit.valid_until)
        name = label(library, edit.subject, edit.field)
        key = "knowledge_edit_dated" if span else "knowledge_edit"
        click.echo(word(key, id=edit.id, name=name, span=span, state=word(f"knowledge_state_{stored.state}")))
        for move in moves:
            if move.edit_id == edit.id:
                done = word(f"knowledge_move_{move.state}")
                click.echo("    " + word("knowledge_move", when=when(move.moved_ms), done=done, by=move.moved_by))
        for line in readable(edit.field, edit.text) or [word("knowledge_empty_text")]:
            click.echo("    " + word("knowledge_text_line", line=line))


@click.command("approve", help=word("knowledge_approve_help"))
@click.argument("ids", type=int, nargs=-1, required=True)
@click.option("--commune", "slug", required=True, help=word("option_commune"))
@click.option("--by", required=True, help=word("knowledge_option_approver"))
def approve(ids: tuple[int, ...], slug: str, by: str) -> None:
    """Put drafts in force; the author may not."""
    _move(ids, slug, by, "approved")
    click.echo(word("knowledge_in_force", count=len(ids)))


@click.command("withdraw", help=word("knowledge_withdraw_help"))
@click.argument("ids", type=int, nargs=-1, required=True)
@click.option("--commune", "slug", required=True, help=word("option_commune"))
@click.option("--by", required=True, help=word("knowledge_option_by"))
def withdraw(ids: tuple[int, ...], slug: str, by: str) -> None:
    """Take drafts or edits in force back; what stood before holds again."""
    _move(ids, slug, by, "withdrawn")
    click.echo(word("knowledge_withdrawn", count=len(ids)))


def _move(ids: tuple[int, ...], slug: str, by: str, state: str) -> None:
    from bot.store import knowledge_edits as store

    library_and_commune(slug)
    person = checked_person(by)
    with writing() as connection:
        for edit_id in ids:
            try:
                store.move(connection, slug, edit_id, state, person, clock_of_environment().now_ms())
            except store.IllegalMove as error:
                raise CommandError(word(f"knowledge_move_refused_{error.reason}", id=error.edit_id)) from None


@click.command("conflicts", help=word("knowledge_conflicts_help"))
@click.option("--commune", "slug", required=True, help=word("option_commune"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
def conflicts(slug: str, as_json: bool) -> None:
    """Edits whose packaged text a release changed since; the staff's text stays in force."""
    library, commune = library_and_commune(slug)
    with reading() as connection:
        found = read_overlay(connection, library, commune).conflicts(today())
    if as_json:
        click.echo(json.dumps([asdict(conflict) for conflict in found], ensure_ascii=False))
        return
    if not found:
        click.echo(word("knowledge_no_conflicts"))
    for conflict in found:
        name = label(library, conflict.subject, conflict.field)
        click.echo(
            word("knowledge_conflict_gone" if conflict.gone else "knowledge_conflict", id=conflict.edit_id, name=name)
        )
        for key, text in (
            ("knowledge_of_staff", conflict.edited_text),
            ("knowledge_of_release", conflict.packaged_text),
        ):
            click.echo("  " + word(key))
            for line in readable(conflict.field, text):
                click.echo("    " + word("knowledge_text_line", line=line))
    if found:
        click.echo(word("knowledge_conflict_advice"))


@click.command("keep", help=word("knowledge_keep_help"))
@click.argument("edit_id", type=int)
@click.option("--commune", "slug", required=True, help=word("option_commune"))
@click.option("--by", required=True, help=word("knowledge_option_by"))
def keep(edit_id: int, slug: str, by: str) -> None:
    """Write the same edit anew over the release's present text, as a draft for a second person."""
    from bot.store import knowledge_edits as store

    library, commune = library_and_commune(slug)
    person = checked_person(by)
    with writing() as connection:
        overlay = read_overlay(connection, library, commune)
        edit = next((one for one in overlay.edits if one.id == edit_id), None)
        try:
            if edit is None:
                raise KeyError(edit_id)
            digest = overlay.base_digest(edit.subject, edit.field)
        except KeyError:
            raise CommandError(word("knowledge_move_refused_unknown", id=edit_id)) from None
        new = store.NewEdit(
            edit.subject,
            edit.field,
            edit.text,
            edit.confidence,
            edit.source,
            edit.as_of,
            edit.valid_from,
            edit.valid_until,
            digest,
        )
        draft_id, _is_new = store.add_draft(connection, slug, new, person, clock_of_environment().now_ms())
    click.echo(word("knowledge_kept", id=edit_id, draft=draft_id))
