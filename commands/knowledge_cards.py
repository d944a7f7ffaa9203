"""``hoixa knowledge cards``: cards and stickers with QR codes, ready to print."""

from __future__ import annotations

from pathlib import Path

import click

from commands.environment import load_library
from commands.failure import CommandError, reason_of
from commands.knowledge_room import commune_as_answered, today
from commands.words import word

INDEX_FILE = "index.html"
SHEET_FILE = "tem.html"


@click.command("cards", help=word("knowledge_cards_help"))
@click.option("--commune", "slug", required=True, help=word("option_commune"))
@click.option("--oa-id", required=True, help=word("option_oa_id"))
@click.option("--topics", "chosen", help=word("option_topics"))
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help=word("option_out_folder"))
def cards(slug: str, oa_id: str, chosen: str | None, out: Path) -> None:
    """Write one A5 page per topic, the sheet of stickers and an index."""
    from knowledge.cards import NoSuchCode, card, index_page, sticker_sheet

    if not oa_id.isdigit():
        raise CommandError(word("knowledge_cards_oa_id"))
    library = load_library()
    topics = [name.strip() for name in chosen.split(",") if name.strip()] if chosen else sorted(library.topics)
    day = today()
    commune = commune_as_answered(library, slug, day)
    try:
        pages = {f"{topic}.html": card(library, commune, topic, oa_id, day) for topic in topics}
    except NoSuchCode as error:
        raise CommandError(word("knowledge_cards_topic", topic=error.args[0])) from None
    pages[SHEET_FILE] = sticker_sheet(library, commune, oa_id)
    pages[INDEX_FILE] = index_page(library, commune, topics, SHEET_FILE)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, page in pages.items():
            (out / name).write_text(page, encoding="utf-8")
    except OSError as error:
        raise CommandError(word("knowledge_cards_folder", path=out, reason=reason_of(error))) from None
    click.echo(word("knowledge_cards_written", count=len(topics), path=out / INDEX_FILE))
