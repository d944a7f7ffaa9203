"""``hoixa teams …``: volunteers of the villages, what they ask for their neighbours, and what is hard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cases import codes
from bot.catalogue import Catalogue
from bot.clock import VIETNAM, from_ms
from commands.environment import commune_of, load_library, open_services
from commands.failure import CommandError, reason_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.services import Services
    from bot.store.staff import Staff
    from knowledge import Commune

word = Catalogue(Path(__file__).parent / "teams_words.yaml").word
_JSON = click.option("--json", "as_json", is_flag=True, help=word("option_json"))
_COMMUNE = click.option("--commune", required=True, help=word("option_commune"))
DAYS = 14
WEEKS = 4


@click.group("teams", help=word("help"))
def teams_group() -> None:
    """Collect the commands below."""


@teams_group.command("code", help=word("code_help"))
@_COMMUNE
@click.option("--village", required=True, help=word("option_village"))
@click.option("--days", type=click.IntRange(1, 366), default=DAYS, show_default=True, help=word("option_days"))
@click.option("--by", "email", default="", help=word("option_by_optional"))
@_JSON
def code_command(commune: str, village: str, days: int, email: str, as_json: bool) -> None:
    """Print a new one-time code; it is kept nowhere as it is."""
    from bot.casework import volunteers
    from bot.casework.communes import commune_at
    from bot.permissions import NotAllowed

    services = open_services()
    commune_of(load_library(), commune)
    now_ms = services.clock.now_ms()
    try:
        with services.database.write() as connection:
            profile = commune_at(connection, commune, services.clock.now())
            name = _village(profile, village)
            staff = _staff(connection, email) if email else None
            code = volunteers.issue_code(connection, services.vault, staff, commune, name, now_ms, days)
    except NotAllowed as error:
        raise CommandError(str(error)) from None
    until = _day(now_ms + days * volunteers.DAY_MS)
    if as_json:
        document = {"code": code, "commune": commune, "village": name, "expires_ms": now_ms + days * volunteers.DAY_MS}
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    click.echo(word("code_made", village=name, code=code, until=until))


@teams_group.command("list", help=word("list_help"))
@_COMMUNE
@_JSON
def list_command(commune: str, as_json: bool) -> None:
    """Villages with their members; nobody is named."""
    from bot.store import volunteers

    services = open_services()
    with services.database.read() as connection:
        found = volunteers.members(connection, commune)
    villages: dict[str, list[int]] = {}
    for one in found:
        villages.setdefault(one.village, []).append(one.enrolled_ms)
    if as_json:
        rows = [{"village": name, "members": len(since), "last_ms": max(since)} for name, since in villages.items()]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not villages:
        click.echo(word("list_none"))
    for name, since in villages.items():
        click.echo(word("list_line", village=name, count=len(since), day=_day(max(since))))


@teams_group.command("digest", help=word("digest_help"))
@_COMMUNE
@click.option("--weeks", type=click.IntRange(1, 60), default=WEEKS, show_default=True, help=word("option_weeks"))
@_JSON
def digest_command(commune: str, weeks: int, as_json: bool) -> None:
    """The last weekly digests, newest first."""
    from bot.store import volunteers

    services = open_services()
    with services.database.read() as connection:
        found = [document for _week, document in volunteers.digests(connection, services.vault, commune, weeks)]
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    if not found:
        click.echo(word("digest_none"))
    for document in found:
        click.echo(word("digest_week", day=document["week"]))
        if not document["villages"]:
            click.echo(word("digest_quiet"))
        for row in document["villages"]:
            _print_village(row)


@teams_group.command("reports", help=word("reports_help"))
@_COMMUNE
@click.option("--file", "path", type=click.Path(dir_okay=False, path_type=Path), help=word("option_file"))
@_JSON
def reports_command(commune: str, path: Path | None, as_json: bool) -> None:
    """What the teams reported; nobody is named."""
    from bot.store import volunteers

    services = open_services()
    if path is not None:
        _write_file(services, commune, path)
        return
    with services.database.read() as connection:
        found = volunteers.reports(connection, services.vault, commune_id=commune)
    if as_json:
        rows = [
            {
                "village": one.village,
                "classes": one.classes,
                "people_helped": one.people_helped,
                "difficulties": one.difficulties,
                "filed_ms": one.filed_ms,
            }
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not found:
        click.echo(word("reports_none"))
    for one in found:
        line = word(
            "report_line",
            day=_day(one.filed_ms),
            village=one.village,
            classes=one.classes,
            people=one.people_helped,
            difficulties=one.difficulties,
        )
        click.echo(line.strip())


@teams_group.command("questions", help=word("questions_help"))
@_COMMUNE
@_JSON
def questions_command(commune: str, as_json: bool) -> None:
    """Forwarded questions that wait for staff, newest first."""
    from bot.store import forwards

    services = open_services()
    with services.database.read() as connection:
        found = forwards.forwards(connection, services.vault, commune, open_only=True)
    if as_json:
        rows = [
            {
                "code": one.link_code,
                "village": one.village,
                "for_whom": one.for_whom,
                "phone": one.phone,
                "text": one.text,
                "topic": one.topic,
                "asked_ms": one.asked_ms,
                "neighbour_linked": one.neighbour is not None,
            }
            for one in found
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    if not found:
        click.echo(word("questions_none"))
    for one in found:
        click.echo(
            word(
                "question_line",
                code=one.link_code,
                day=_day(one.asked_ms),
                village=one.village,
                for_whom=word("question_for", name=one.for_whom) if one.for_whom else "",
                phone=word("question_phone", phone=one.phone) if one.phone else "",
                text=one.text,
            )
        )


@teams_group.command("answer", help=word("answer_help"))
@click.argument("code")
@click.argument("text")
@_COMMUNE
@click.option("--by", "email", required=True, help=word("option_by"))
def answer_command(code: str, text: str, commune: str, email: str) -> None:
    """Answer a forwarded question; the volunteer and the neighbour who linked are told."""
    from bot.casework import volunteers
    from bot.permissions import NotAllowed

    services = open_services()
    found = codes.read_code(code)
    if found is None or not found[0].startswith(codes.LINK_PREFIX):
        raise CommandError(word("bad_code", code=code))
    try:
        with services.database.write() as connection:
            staff = _staff(connection, email)
            volunteers.answer_forward(
                connection, services.vault, staff, commune, found[0], text, services.clock.now_ms()
            )
            services.database.announce(connection)
    except NotAllowed as error:
        raise CommandError(str(error)) from None
    except volunteers.ForwardUnknown:
        raise CommandError(word("unknown_code", code=found[0])) from None
    except volunteers.ForwardAnswered:
        raise CommandError(word("answered_already", code=found[0])) from None
    except volunteers.AnswerEmpty:
        raise CommandError(word("empty_answer")) from None
    click.echo(word("answered", code=found[0]))


@teams_group.command("erased", help=word("erased_help"))
@click.argument("receipt")
@_JSON
def erased_command(receipt: str, as_json: bool) -> None:
    """What a receipt of an erasure proves."""
    from bot.store import erasing

    services = open_services()
    with services.database.read() as connection:
        found = erasing.find_erasure(connection, receipt.strip().upper())
    if found is None:
        raise CommandError(word("unknown_receipt", receipt=receipt))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(
        word("erased", receipt=found["receipt"], day=_day(int(str(found["erased_ms"]))), commune=found["commune"])
    )


def _write_file(services: Services, commune: str, path: Path) -> None:
    from bot.casework import voices_files
    from bot.casework.communes import commune_at

    commune_of(load_library(), commune)
    ending = path.suffix.lower().removeprefix(".")
    if ending not in voices_files.MEDIA:
        raise CommandError(word("bad_ending", path=path))
    until_ms = services.clock.now_ms() + 1
    with services.database.read() as connection:
        profile = commune_at(connection, commune, services.clock.now())
        made = voices_files.file_of(
            connection, services.vault, voices_files.REPORTS, profile, 0, until_ms, ending
        )  # fmt: skip
    try:
        path.write_bytes(made.content)
    except OSError as error:
        raise CommandError(word("not_written", path=path, reason=reason_of(error))) from None
    click.echo(word("written", path=path))


def _village(commune: Commune, asked: str) -> str:
    """The village as the profile writes it; where the profile has none yet, as typed."""
    import intents
    from knowledge.profile_lists import item_key
    from knowledge.short_codes import village_codes

    wanted = " ".join(asked.split())
    if not wanted:
        raise CommandError(word("no_village"))
    if not commune.villages:
        return wanted
    for code, village in village_codes(commune):
        if wanted.upper().lstrip("#") == code.lstrip("#") or item_key(village.name) == item_key(wanted):
            return str(village.name)
    folded = intents.normalize(wanted).folded
    alike = [village.name for village in commune.villages if intents.normalize(village.name).folded == folded]
    if len(alike) == 1:
        return str(alike[0])
    known = ", ".join(village.name for village in commune.villages)
    raise CommandError(word("unknown_village", commune=commune.full_name, village=wanted, known=known))


def _print_village(row: dict[str, Any]) -> None:
    shown = {"classes": row["classes"], "people": row["people_helped"], "questions": row["questions"]}
    click.echo(word("digest_village", village=row["village"], open=row["open"], **shown))
    for text in row["difficulties"]:
        click.echo(word("digest_difficulty", text=text))


def _staff(connection: Connection, email: str) -> Staff:
    from bot.store.staff import find

    found = find(connection, email)
    if found is None:
        raise CommandError(word("no_staff", email=email))
    return found


def _day(at_ms: int) -> str:
    return f"{from_ms(at_ms).astimezone(VIETNAM):%d/%m/%Y}"
