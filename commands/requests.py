"""``hoixa requests``: what residents sent that a person must see, until the console shows it."""

from __future__ import annotations

import json

import click

from bot.clock import VIETNAM, from_ms
from bot.store.staff_requests import list_open
from commands.environment import open_services
from commands.words import word


@click.group("requests", help=word("requests_help"))
def requests_group() -> None:
    """Collect the commands below."""


@requests_group.command("list", help=word("requests_list_help"))
@click.option("--commune", help=word("option_commune"))
@click.option("--json", "as_json", is_flag=True, help=word("option_json"))
def list_requests(commune: str | None, as_json: bool) -> None:
    """The newest open requests, at most a hundred."""
    services = open_services()
    with services.database.read() as connection:
        rows = list_open(connection, services.vault, commune)
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not rows:
        click.echo(word("requests_none"))
    for row in rows:
        moment = row["created_ms"]
        assert isinstance(moment, int)
        when = from_ms(moment).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
        click.echo(word("requests_line", **{**row, "when": when}))
