"""``hoixa staff …``: accounts of officials, from the command line of whoever runs the install."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import get_args

import click

from bot import credentials, permissions
from bot.catalogue import Catalogue
from bot.services import Services
from bot.store import audit
from bot.store import staff as accounts
from bot.store.staff import NewStaff, Staff
from commands.environment import commune_of, load_library, open_services
from commands.failure import CommandError
from commands.words import word as common_word
from knowledge.communes import UnitRole
from knowledge.profile_lists import item_key

UNITS: tuple[str, ...] = get_args(UnitRole)
word = Catalogue(Path(__file__).parent / "staff_words.yaml").word


@click.group("staff", help=word("help"))
def staff_group() -> None:
    """Collect the commands below."""


def _role_lines() -> str:
    return ", ".join(f"{role} ({permissions.role_name(role)})" for role in permissions.ROLES)


def _checked_post(commune: str | None, email: str, role: str, village: str) -> None:
    """Raise :class:`CommandError` for a post that fits no place."""
    name, at, domain = accounts.address_of(email).partition("@")
    if not name or not at or not domain or " " in email.strip() or len(email) > 200:
        raise CommandError(word("bad_email", email=email))
    if role == permissions.CITY_ROLE:
        if commune is not None:
            raise CommandError(word("city_without_commune"))
        return
    if commune is None:
        raise CommandError(word("need_commune", role=role))
    commune_of(load_library(), commune)
    if role == permissions.VILLAGE_ROLE and not village:
        click.echo(word("need_village"), err=True)


def _password(from_standard_input: bool, email: str) -> tuple[str, bool]:
    """The password, and whether we made it up."""
    if not from_standard_input:
        return credentials.new_password(), True
    typed = sys.stdin.readline().rstrip("\r\n")
    if not typed:
        raise CommandError(word("no_password"))
    try:
        credentials.refuse_weak(typed, accounts.address_of(email))
    except credentials.WeakPassword as error:
        raise CommandError(str(error)) from None
    return typed, False


@staff_group.command("add", help=word("add_help", roles=_role_lines()))
@click.option("--commune", default=None, help=word("option_commune"))
@click.option("--email", required=True, help=word("option_email"))
@click.option("--role", required=True, type=click.Choice(permissions.ROLES), help=word("option_role"))
@click.option("--name", default="", help=word("option_name"))
@click.option("--unit", default="", type=click.Choice(["", *UNITS]), help=word("option_unit", units=", ".join(UNITS)))
@click.option("--village", default="", help=word("option_village"))
@click.option("--password-stdin", is_flag=True, help=word("option_password_stdin"))
@click.option("--totp", is_flag=True, help=word("option_totp"))
@click.option("--json", "as_json", is_flag=True, help=common_word("option_json"))
def add(
    commune: str | None, email: str, role: str, name: str, unit: str, village: str,
    password_stdin: bool, totp: bool, as_json: bool,
) -> None:  # fmt: skip
    """Make an account."""
    _checked_post(commune, email, role, village)
    password, is_made_up = _password(password_stdin, email)
    services = open_services(bring_up=True)
    new = NewStaff(
        commune,
        email,
        name,
        role,
        credentials.hash_password(password),
        unit,
        item_key(village),
        must_change_password=is_made_up,
    )
    now = services.clock.now_ms()
    answer: dict[str, object] = {}
    try:
        with services.database.write() as connection:
            made = accounts.add(connection, new, now)
            after = {"email": made.email, "role": role, "unit": unit, "village": village}
            audit.record(connection, None, "staff.manage", commune, f"staff:{made.id}", None, after, now)
            if totp:
                answer["totp"] = _enrol(services, connection, made)
    except accounts.AddressTaken:
        raise CommandError(word("taken", email=email)) from None
    answer |= {"id": made.id, "email": made.email, "commune": commune, "role": role}
    if is_made_up:
        answer["password"] = password
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    click.echo(word("added", email=made.email, role=permissions.role_name(role)))
    if is_made_up:
        click.echo(word("temporary", password=password))
    if totp:
        details = answer["totp"]
        assert isinstance(details, dict)
        click.echo(word("totp", **{**details, "codes": "\n".join(details["codes"])}))


def _enrol(services: Services, connection: object, made: Staff) -> dict[str, object]:
    secret, codes = credentials.new_totp_secret(), credentials.new_recovery_codes()
    accounts.set_second_factor(
        connection,  # type: ignore[arg-type]  # commands know no SQLAlchemy
        made.id,
        credentials.seal_totp(services.vault, secret),
        [credentials.recovery_digest(services.vault, code) for code in codes],
    )
    return {"secret": secret, "address": credentials.totp_address(secret, made.email), "codes": codes}


@staff_group.command("list", help=word("list_help"))
@click.option("--commune", default=None, help=word("option_commune"))
@click.option("--all", "everybody", is_flag=True, help=word("option_all"))
@click.option("--json", "as_json", is_flag=True, help=common_word("option_json"))
def list_accounts(commune: str | None, everybody: bool, as_json: bool) -> None:
    """Without ``--commune``: everybody."""
    services = open_services()
    with services.database.read() as connection:
        found = accounts.list_staff(connection, commune, everybody=everybody or commune is None)
    if as_json:
        click.echo(json.dumps([_row(each) for each in found], ensure_ascii=False))
        return
    if not found:
        click.echo(word("none"))
    for each in found:
        state = "state_disabled" if each.disabled else "state_second" if each.has_second_factor else "state_open"
        row = {**_row(each), "commune": each.commune_id or word("city"), "state": word(state)}
        click.echo(word("line", **row))


def _row(staff: Staff) -> dict[str, object]:
    return {
        "id": staff.id,
        "email": staff.email,
        "name": staff.name,
        "commune": staff.commune_id,
        "role": staff.role,
        "unit": permissions.unit_of(staff),
        "village": staff.village,
        "disabled": staff.disabled,
        "second_factor": staff.has_second_factor,
    }


def _found(services: Services, email: str) -> Staff:
    with services.database.read() as connection:
        staff = accounts.find(connection, email)
    if staff is None:
        raise CommandError(word("unknown", email=email))
    return staff


@staff_group.command("disable", help=word("disable_help"))
@click.option("--email", required=True, help=word("option_email"))
def disable(email: str) -> None:
    """Shut an account out."""
    services = open_services()
    staff, now = _found(services, email), services.clock.now_ms()
    with services.database.write() as connection:
        accounts.disable(connection, staff.id, now)
        _audit(connection, staff, {"disabled": staff.disabled}, {"disabled": True}, now)
    click.echo(word("disabled", email=staff.email))


@staff_group.command("enable", help=word("enable_help"))
@click.option("--email", required=True, help=word("option_email"))
def enable(email: str) -> None:
    """Let an account in again."""
    services = open_services()
    staff, now = _found(services, email), services.clock.now_ms()
    with services.database.write() as connection:
        accounts.enable(connection, staff.id)
        _audit(connection, staff, {"disabled": staff.disabled}, {"disabled": False}, now)
    click.echo(word("enabled", email=staff.email))


@staff_group.command("reset", help=word("reset_help"))
@click.option("--email", required=True, help=word("option_email"))
@click.option("--password-stdin", is_flag=True, help=word("option_password_stdin"))
@click.option("--totp-off", is_flag=True, help=word("option_totp_off"))
def reset(email: str, password_stdin: bool, totp_off: bool) -> None:
    """A new password; perhaps no second factor any more. Open sessions end."""
    from bot.store import staff_sessions

    password, is_made_up = _password(password_stdin, email)
    services = open_services()
    staff, now = _found(services, email), services.clock.now_ms()
    encoded = credentials.hash_password(password)
    with services.database.write() as connection:
        accounts.set_password(connection, staff.id, encoded, now, must_change=is_made_up)
        if totp_off:
            accounts.set_second_factor(connection, staff.id, None, ())
        staff_sessions.end_all(connection, staff.id)
        _audit(connection, staff, None, {"password": "reset", "second_factor_off": totp_off}, now)
    click.echo(word("reset", email=staff.email))
    if is_made_up:
        click.echo(word("temporary", password=password))


def _audit(
    connection: object, staff: Staff, before: dict[str, object] | None, after: dict[str, object], now: int
) -> None:
    audit.record(
        connection, None, "staff.manage", staff.commune_id, f"staff:{staff.id}", before, after, now  # type: ignore[arg-type]
    )  # fmt: skip


@staff_group.command("digest", help=word("digest_help"))
@click.option("--by", "email", required=True, help=word("option_email"))
@click.option("--json", "as_json", is_flag=True, help=common_word("option_json"))
def digest(email: str, as_json: bool) -> None:
    """What waits for one official, as the console's first page has it: late things first."""
    from flask import g

    from console.app import create_app
    from console.desk import EXTENSION
    from console.work import waiting_for

    services = open_services()
    staff = _found(services, email)
    application = create_app(services)
    with application.test_request_context("/console/"):  # rooms make addresses of their pages
        g.staff = staff
        piles = waiting_for(application.extensions[EXTENSION], staff)
    if as_json:
        rows = [{"key": p.key, "title": p.title, "count": p.count, "overdue": p.overdue, "url": p.url} for p in piles]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    when = services.clock.now().strftime("%d/%m/%Y %H:%M")
    click.echo(word("digest_head", name=staff.name, when=when))
    if not piles:
        click.echo(word("digest_none"))
    for pile in piles:
        overdue = word("digest_overdue", count=pile.overdue) if pile.overdue else ""
        click.echo(word("digest_line", count=pile.count, title=pile.title, overdue=overdue))
        for thing in pile.first:
            click.echo(word("digest_thing", code=thing.code, title=thing.title))
