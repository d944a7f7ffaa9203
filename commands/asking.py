"""``hoixa ask`` and ``evaluate``: try the assistant without Zalo, and without a database where none was made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import TextIO

import click

from bot.clock import VIETNAM, Clock
from bot.conversation import Conversation, State
from bot.conversation.asking import ask as ask_conversation
from commands.environment import build_conversation, load_library, settings_of_environment
from commands.failure import CommandError, reason_of
from commands.knowledge_portal import procedures_as_answered
from commands.knowledge_room import commune_as_answered
from commands.words import word
from knowledge import Commune

DEFAULT_COMMUNE = "ha-dong"


def _moment(on: str | None) -> datetime:
    """Noon of the day asked for, or now."""
    if on is None:
        return Clock(settings_of_environment(need_secrets=False).clock_offset_seconds).now()
    try:
        return datetime.combine(date.fromisoformat(on), time(12), VIETNAM)
    except ValueError:
        raise CommandError(word("bad_date", raw=on)) from None


def _lines(path: Path, needed: str) -> Iterator[dict[str, object]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    document = json.loads(line)
                    valid = isinstance(document, dict) and isinstance(document.get("text"), str)
                except ValueError:
                    valid = False
                if not valid:
                    raise CommandError(word(needed, path=path, line=number))
                yield document
    except OSError as error:
        raise CommandError(word("file_missing", path=path, reason=reason_of(error))) from None
    except UnicodeDecodeError:
        raise CommandError(word(needed, path=path, line=1)) from None


@click.command(help=word("ask_help"))
@click.argument("text", required=False)
@click.option("--commune", "slug", default=DEFAULT_COMMUNE, show_default=True, help=word("option_commune"))
@click.option("--on", help=word("option_on"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
@click.option("--batch", type=click.Path(path_type=Path), help=word("option_batch"))
@click.option("--out", type=click.Path(path_type=Path), help=word("option_out"))
def ask(text: str | None, slug: str, on: str | None, as_json: bool, batch: Path | None, out: Path | None) -> None:
    """What the bot would answer."""
    if (text is None) == (batch is None) or (batch is None) != (out is None):
        raise CommandError(word("need_text_or_batch"))
    now = _moment(on)
    library = load_library()
    commune = commune_as_answered(library, slug, now.date())
    conversation = build_conversation(library, procedures_as_answered())
    if batch is not None and out is not None:
        lines = list(_lines(batch, "bad_line"))  # first of all, so that a bad file costs no earlier answers
        try:
            with out.open("w", encoding="utf-8") as target:
                _ask_all(conversation, commune, now, lines, target)
        except OSError as error:
            raise CommandError(word("file_missing", path=out, reason=reason_of(error))) from None
        return
    document, _state = ask_conversation(conversation, text or "", commune, now)
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    click.echo(document["reply"])
    buttons = document["buttons"]
    assert isinstance(buttons, list)
    for number, button in enumerate(buttons, 1):
        click.echo(f"  {number}. {button['title']}")


def _ask_all(
    conversation: Conversation,
    commune: Commune,
    now: datetime,
    lines: Iterable[dict[str, object]],
    target: TextIO,
) -> None:
    talks: dict[str, State] = {}
    for line in lines:
        talk = str(line["talk"]) if line.get("talk") is not None else None
        state = talks.get(talk) if talk is not None else None
        identifier = line.get("id")
        document, after = ask_conversation(
            conversation,
            str(line["text"]),
            commune,
            now,
            state,
            None if identifier is None else str(identifier),
        )
        if talk is not None:
            talks[talk] = after
        document["id"] = identifier
        target.write(json.dumps(document, ensure_ascii=False) + "\n")


@click.command(help=word("evaluate_help"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
def evaluate(file: Path, as_json: bool) -> None:
    """Score a labelled file."""
    import intents
    from intents.evaluate import evaluate as score
    from intents.evaluate import table

    lines = list(_lines(file, "bad_line"))
    for number, line in enumerate(lines, 1):
        if not isinstance(line.get("expect"), list):
            raise CommandError(word("evaluate_bad", path=file, line=number))
    try:
        figures = score(lines, intents.load().understand)
    except intents.ModelMissing:
        raise CommandError(word("model_missing")) from None
    click.echo(json.dumps(figures, ensure_ascii=False) if as_json else table(figures))
