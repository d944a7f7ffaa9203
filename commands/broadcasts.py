"""``hoixa broadcasts …``: announcements from the command line, and for programs."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.broadcasts import acts, views
from bot.broadcasts.acts import ActError
from bot.broadcasts.forecast import forecast
from bot.broadcasts.spec import Spec, SpecError, read_spec
from bot.broadcasts.words import word as broadcast_word
from bot.catalogue import Catalogue
from bot.permissions import NotAllowed
from bot.services import Services
from bot.store import broadcasts as store
from bot.store import staff as accounts
from bot.store.staff import Staff
from commands.environment import commune_of, load_library, open_services
from commands.failure import CommandError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from knowledge import Commune

word = Catalogue(Path(__file__).parent / "broadcasts_words.yaml").word
_JSON = click.option("--json", "as_json", is_flag=True, help=word("option_json"))
_BY = click.option("--by", "email", required=True, help=word("option_by"))
_MAY_BE_BY = click.option("--by", "email", help=word("option_by"))
_ID = click.argument("broadcast_id", type=int, metavar="ID")


@click.group("broadcasts", help=word("help"))
def broadcasts_group() -> None:
    """Collect the commands below."""


def _staff(connection: Connection, email: str) -> Staff:
    found = accounts.find(connection, email)
    if found is None:
        raise CommandError(word("no_staff", email=email))
    return found


def _document(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise CommandError(word("bad_json", path=path, line=error.lineno, column=error.colno)) from None
    except OSError:
        raise CommandError(word("bad_file", path=path)) from None
    except ValueError:
        raise CommandError(word("bad_encoding", path=path)) from None


def _read(document: object, now_ms: int) -> Spec:
    try:
        return read_spec(document, now_ms)
    except SpecError as error:
        raise CommandError(str(error)) from None


def _check_villages(commune: Commune, document: object) -> None:
    """A segment that names a village the commune has not would reach nobody, and nobody would know why. A commune that
    has written down no villages yet has them from its teams and reports alone."""
    from knowledge.profile_lists import item_key

    assert isinstance(document, dict)  # it was read as a spec
    known = {item_key(village.name): village.name for village in commune.villages}
    segment = document["segment"]
    asked = [segment.get(name, ()) for name in ("village", "villages")]
    names = [name for some in asked for name in ([some] if isinstance(some, str) else some)]
    for name in names if known else ():
        if item_key(unicodedata.normalize("NFC", name)) not in known:
            fields = {"commune": commune.full_name, "village": name, "known": ", ".join(known.values())}
            raise CommandError(word("unknown_village", **fields))


def _act(services: Services, email: str | None, work: Callable[[Connection, Staff | None], None]) -> None:
    """One act in one transaction; whatever a person can cause ends as one line."""
    try:
        with services.database.write() as connection:
            work(connection, None if email is None else _staff(connection, email))
            services.database.announce(connection)
    except (ActError, NotAllowed) as error:
        raise CommandError(str(error)) from None


def _view(services: Services, broadcast_id: int) -> dict[str, object]:
    try:
        with services.database.read() as connection:
            one = acts.find(connection, broadcast_id)
            return views.view(connection, one, services.clock.now(), services.settings.quiet_hours)
    except ActError as error:
        raise CommandError(str(error)) from None


def _tell(services: Services, broadcast_id: int, key: str, as_json: bool, **fields: object) -> None:
    seen = _view(services, broadcast_id)
    if as_json:
        click.echo(json.dumps(seen, ensure_ascii=False))
    else:
        click.echo(word(key, id=broadcast_id, state=broadcast_word(f"state_{seen['state']}"), **fields))


@broadcasts_group.command("create", help=word("create_help"))
@click.option("--commune", required=True, help=word("option_commune"))
@click.option("--file", "path", required=True, type=click.Path(path_type=Path), help=word("option_file"))
@_BY
@click.option("--draft", is_flag=True, help=word("option_draft"))
@_JSON
def create(commune: str, path: Path, email: str, draft: bool, as_json: bool) -> None:
    """Store it, handed in at once unless ``--draft``."""
    from bot.casework.communes import commune_at

    profile = commune_of(load_library(), commune)
    services = open_services()
    now = services.clock.now_ms()
    document = _document(path)
    spec = acts.with_author(_read(document, now), profile.full_name)
    made: list[int] = []

    def work(connection: Connection, staff: Staff | None) -> None:
        assert staff is not None
        _check_villages(commune_at(connection, commune, services.clock.now()), document)
        made.append(acts.create(connection, staff, commune, spec, now, draft=draft))

    _act(services, email, work)
    _tell(services, made[0], "created", as_json)


@broadcasts_group.command("approve", help=word("approve_help"))
@_ID
@_BY
@_JSON
def approve(broadcast_id: int, email: str, as_json: bool) -> None:
    """By another person than the author."""
    services = open_services()
    now = services.clock.now_ms()

    def work(connection: Connection, staff: Staff | None) -> None:
        assert staff is not None
        acts.approve(connection, services.vault, staff, broadcast_id, now)

    _act(services, email, work)
    acts.freeze(services.database, broadcast_id, now)
    _tell(services, broadcast_id, "moved", as_json)


def _controls(name: str, control: Callable[[Connection, Staff | None, int, int], None]) -> None:
    @broadcasts_group.command(name, help=word(f"{name}_help"))
    @_ID
    @_MAY_BE_BY
    @_JSON
    def command(broadcast_id: int, email: str | None, as_json: bool) -> None:
        services = open_services()
        now = services.clock.now_ms()
        _act(services, email, lambda connection, staff: control(connection, staff, broadcast_id, now))
        _tell(services, broadcast_id, "moved", as_json)


_controls("pause", acts.pause)
_controls("resume", acts.resume)
_controls("cancel", acts.cancel)


@broadcasts_group.command("retry", help=word("retry_help"))
@_ID
@_MAY_BE_BY
@_JSON
def retry(broadcast_id: int, email: str | None, as_json: bool) -> None:
    """Those alone where something went wrong."""
    services = open_services()
    try:
        with services.database.read() as connection:
            staff = None if email is None else _staff(connection, email)
        count = acts.retry(services.database, staff, broadcast_id, services.clock.now_ms())
    except (ActError, NotAllowed) as error:
        raise CommandError(str(error)) from None
    _tell(services, broadcast_id, "retried", as_json, count=count)


@broadcasts_group.command("test", help=word("test_help"))
@_ID
@_BY
@click.option("--to", "user_id", required=True, help=word("option_to"))
def test(broadcast_id: int, email: str, user_id: str) -> None:
    """One message to oneself."""
    services = open_services()
    now = services.clock.now_ms()

    def work(connection: Connection, staff: Staff | None) -> None:
        assert staff is not None
        acts.test_send(connection, services.vault, staff, broadcast_id, user_id, now)

    _act(services, email, work)
    click.echo(word("tested", id=broadcast_id))


@broadcasts_group.command("show", help=word("show_help"))
@_ID
@_JSON
def show(broadcast_id: int, as_json: bool) -> None:
    """State, figures, reasons."""
    seen = _view(open_services(), broadcast_id)
    if as_json:
        click.echo(json.dumps(seen, ensure_ascii=False))
        return
    names = {name: broadcast_word(f"{name}_{seen[name]}") for name in ("kind", "state")}
    click.echo(word("shown", **{**seen, **names}))
    found = seen["reasons"]
    assert isinstance(found, dict)
    for reason, count in found.items():
        click.echo(word("shown_reason", count=count, reason=views.words_of(reason)))


@broadcasts_group.command("list", help=word("list_help"))
@click.option("--commune", help=word("option_commune"))
@_JSON
def list_broadcasts(commune: str | None, as_json: bool) -> None:
    """The newest two hundred."""
    services = open_services()
    now, quiet = services.clock.now(), services.settings.quiet_hours
    with services.database.read() as connection:
        seen = [views.view(connection, one, now, quiet) for one in store.list_newest(connection, commune)]
    if as_json:
        click.echo(json.dumps(seen, ensure_ascii=False))
        return
    if not seen:
        click.echo(word("none"))
    for one in seen:
        click.echo(word("line", **{**one, "state": broadcast_word(f"state_{one['state']}")}))


@broadcasts_group.command("forecast", help=word("forecast_help"))
@click.option("--commune", required=True, help=word("option_commune"))
@click.option("--file", "path", required=True, type=click.Path(path_type=Path), help=word("option_file"))
@_JSON
def forecast_command(commune: str, path: Path, as_json: bool) -> None:
    """Whom it would reach now, what it would cost, when the last one has it. Stores nothing."""
    commune_of(load_library(), commune)
    services = open_services()
    spec = _read(_document(path), services.clock.now_ms())
    try:
        with services.database.read() as connection:
            found = forecast(connection, services.settings, commune, spec, services.clock.now())
    except LookupError:
        raise CommandError(broadcast_word("act_no_oa", commune=commune)) from None
    ends = "" if found.ends is None else found.ends.strftime("%H:%M %d/%m/%Y")
    priced = found.prices_as_of.strftime("%d/%m/%Y")
    if as_json:
        moments = {
            name: None if value is None else value.isoformat(timespec="seconds")
            for name, value in (("begins", found.begins), ("ends", found.ends))
        }
        numbers = {"total": found.total, "free": found.free, "paid": found.paid, "cost_vnd": found.cost_vnd}
        document = {"kind": found.kind, **numbers, "prices_as_of": found.prices_as_of.isoformat(), **moments}
        click.echo(json.dumps({**document, "reasons": found.reasons, "waits": found.waits}, ensure_ascii=False))
        return
    click.echo(
        word(
            "forecast_line", reachable=found.reachable, total=found.total, free=found.free, paid=found.paid,
            cost=found.cost_vnd, priced=priced, ends=ends or "–",
        )
    )  # fmt: skip
    for reason, count in found.reasons.items():
        click.echo(word("shown_reason", count=count, reason=views.words_of(reason)))
