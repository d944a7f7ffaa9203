"""``hoixa knowledge``: check and audit the answers; the commands that exchange and edit them live beside."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from commands.environment import load_library
from commands.knowledge_cards import cards
from commands.knowledge_edits import approve, conflicts, drafts, history, keep, withdraw
from commands.knowledge_exchange import export_workbook, import_workbook, pack_answers, unpack_answers
from commands.knowledge_portal import approve_procedure, import_portal, procedures
from commands.knowledge_room import library_and_commune, problem_line, read_overlay, reading, today
from commands.words import word


@click.group("knowledge", help=word("knowledge_help"))
def knowledge_group() -> None:
    """Collect the commands below."""


@knowledge_group.command("check", help=word("knowledge_check_help"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
def check(as_json: bool) -> None:
    """Print every problem; exit 1 if there is one. What only the calendar brings (a review now due) is told, no fault:
    a build must not begin to fail because a day has passed."""
    library = load_library()
    problems = library.check()
    due = [problem for problem in library.check(today()) if problem not in problems]
    if as_json:
        document = {
            "topics": len(library.topics),
            "communes": len(library.communes),
            "problems": [asdict(problem) for problem in problems],
            "due": [asdict(problem) for problem in due],
        }
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        for problem in [*problems, *due]:
            click.echo(problem_line(problem))
        if due:
            click.echo(word("knowledge_due", count=len(due)))
        if problems:
            click.echo(word("knowledge_problems", count=len(problems)))
        else:
            click.echo(word("knowledge_good", topics=len(library.topics), communes=len(library.communes)))
    if problems:
        sys.exit(1)


@knowledge_group.command("audit", help=word("knowledge_audit_help"))
@click.option("--commune", "slug", help=word("knowledge_audit_commune"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
def audit(slug: str | None, as_json: bool) -> None:
    """Print each claim with its source and confidence; exit 1 if one has no source."""
    from knowledge.audit import audit as list_claims
    from knowledge.audit import unsupported

    if slug is None:
        claims = list_claims(load_library())
    else:
        library, commune = library_and_commune(slug)
        with reading() as connection:
            claims = list_claims(library, commune, read_overlay(connection, library, commune))
    bare = unsupported(claims)
    if as_json:
        document = {"claims": [asdict(claim) for claim in claims], "without_source": len(bare)}
        click.echo(json.dumps(document, ensure_ascii=False, default=str))
    else:
        for claim in claims:
            source = claim.source or word("knowledge_no_source")
            confidence = word(f"knowledge_{claim.confidence}")
            click.echo(
                word(
                    "knowledge_claim",
                    topic=claim.topic if claim.commune is None else f"{claim.topic} ({claim.commune})",
                    facet=claim.facet,
                    text=claim.text,
                    source=source,
                    confidence=confidence,
                )
            )
        click.echo(word("knowledge_audited", count=len(claims), bare=len(bare)))
    if bare:
        sys.exit(1)


for command in (
    export_workbook,
    import_workbook,
    pack_answers,
    unpack_answers,
    drafts,
    approve,
    withdraw,
    history,
    conflicts,
    keep,
    import_portal,
    procedures,
    approve_procedure,
    cards,
):
    knowledge_group.add_command(command)
