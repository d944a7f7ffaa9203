"""``hoixa conversations …``: residents who asked for a person, and officials who answer them, at a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bot.catalogue import Catalogue
from bot.clock import VIETNAM, from_ms
from commands.environment import open_services
from commands.failure import CommandError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.encryption import Vault
    from bot.services import Services
    from bot.store.handovers import Handover, Line
    from bot.store.staff import Staff

word = Catalogue(Path(__file__).parent / "conversations_words.yaml").word
_BY = click.option("--by", required=True, help=word("option_by"))
_JSON = click.option("--json", "as_json", is_flag=True, help=word("option_json"))
Result = TypeVar("Result")


@click.group("conversations", help=word("help"))
def conversations_group() -> None:
    """Collect the commands below."""


@conversations_group.command("list", help=word("list_help"))
@click.option("--commune", default=None, help=word("option_commune"))
@_JSON
def list_command(commune: str | None, as_json: bool) -> None:
    """What waits or is taken, in all communes or in one."""
    from bot.casework import handover

    services = open_services()
    with services.database.read() as connection:
        rows = handover.list_open(connection, services.vault, commune)
    if as_json:
        now = services.clock.now_ms()
        click.echo(json.dumps([_row(one, now) for one in rows], ensure_ascii=False))
        return
    if not rows:
        click.echo(word("none"))
    for one in rows:
        click.echo(
            word(
                "line",
                id=one.id,
                commune=one.commune_id,
                state=_state(one),
                asked=_when(one.asked_ms),
                text=" ".join(one.text.split())[:80],
            )
        )


@conversations_group.command("show", help=word("show_help"))
@click.argument("number", metavar="ID", type=int)
@_JSON
def show_command(number: int, as_json: bool) -> None:
    """One conversation with its lines."""
    from bot.casework import handover

    services = open_services()
    now = services.clock.now_ms()
    with services.database.read() as connection:
        try:
            shown = handover.show(connection, services.vault, number, now, None)
        except handover.HandoverRefused as refused:
            raise CommandError(str(refused)) from None
    if as_json:
        lines = [
            {"said_by": line.said_by, "kind": line.kind, "text": line.text, "at_ms": line.at_ms} for line in shown.lines
        ]
        click.echo(json.dumps({**_row(shown.handover, now), "lines": lines}, ensure_ascii=False))
        return
    one = shown.handover
    click.echo(
        word(
            "line",
            id=one.id,
            commune=one.commune_id,
            state=_state(one),
            asked=_when(one.asked_ms),
            text=one.text,
        )
    )
    for line in shown.lines:
        click.echo(word("said", when=_when(line.at_ms), who=word(f"who_{line.said_by}"), text=_text(line)))
    until = shown.reply_until_ms
    click.echo(word("window_closed") if until is None else word("window_open", until=_when(until)))


@conversations_group.command("take", help=word("take_help"))
@click.argument("number", metavar="ID", type=int)
@_BY
@_JSON
def take_command(number: int, by: str, as_json: bool) -> None:
    """From now on the bot is silent in it."""
    from bot.casework import handover

    services = open_services()
    taken = _act(
        services, by, lambda one, vault, staff: handover.take(one, vault, staff, number, services.clock.now_ms())
    )
    _tell(services, taken, as_json, word("taken", id=taken.id, until=_when(taken.until_ms)))


@conversations_group.command("reply", help=word("reply_help"))
@click.argument("number", metavar="ID", type=int)
@click.argument("text")
@_BY
@_JSON
def reply_command(number: int, text: str, by: str, as_json: bool) -> None:
    """Put an official's words into the outbox."""
    from bot.casework import handover

    services = open_services()
    shown = _act(
        services, by, lambda one, vault, staff: handover.reply(one, vault, staff, number, text, services.clock.now_ms())
    )
    _tell(services, shown.handover, as_json, word("replied", until=_when(shown.reply_until_ms or 0)))


@conversations_group.command("release", help=word("release_help"))
@click.argument("number", metavar="ID", type=int)
@_BY
@_JSON
def release_command(number: int, by: str, as_json: bool) -> None:
    """The bot answers again."""
    from bot.casework import handover

    services = open_services()
    released = _act(
        services, by, lambda one, vault, staff: handover.release(one, vault, staff, number, services.clock.now_ms())
    )
    _tell(services, released, as_json, word("released", id=released.id))


def _act(services: Services, by: str, act: Callable[[Connection, Vault, Staff], Result]) -> Result:
    """Do an act of the official ``by`` in one transaction. Raises :class:`CommandError` in Vietnamese."""
    from bot.casework.handover import HandoverRefused
    from bot.permissions import NotAllowed

    with services.database.read() as connection:
        staff = _official(connection, by)
    try:
        with services.database.write() as connection:
            done = act(connection, services.vault, staff)
            services.database.announce(connection)
    except (HandoverRefused, NotAllowed) as refused:
        raise CommandError(str(refused)) from None
    return done


def _official(connection: Connection, email: str) -> Staff:
    from bot.store import staff

    found = staff.find(connection, email)
    if found is None:
        raise CommandError(word("nobody", email=email))
    return found


def _tell(services: Services, one: Handover, as_json: bool, text: str) -> None:
    click.echo(json.dumps(_row(one, services.clock.now_ms()), ensure_ascii=False) if as_json else text)


def _row(one: Handover, now_ms: int) -> dict[str, object]:
    from bot.casework.handover import reply_until_ms

    return {
        "id": one.id,
        "commune": one.commune_id,
        "oa_id": one.oa_id,
        "user_id": one.user_id,
        "state": one.state,
        "topic": one.topic,
        "text": one.text,
        "asked_ms": one.asked_ms,
        "taken_by": one.taken_by,
        "until_ms": one.until_ms or None,
        "released_ms": one.released_ms,
        "reply_until_ms": reply_until_ms(one, now_ms),
    }


def _state(one: Handover) -> str:
    if one.state == "taken":
        return word("state_taken", by=one.taken_by) if one.taken_by else word("state_taken_manager")
    return word(f"state_{one.state}")


def _text(line: Line) -> str:
    return line.text if line.kind == "text" else f"{word('sent_instead', kind=line.kind)} {line.text}".strip()


def _when(moment_ms: int) -> str:
    return from_ms(moment_ms).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
