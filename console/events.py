"""Classes, help days, contests: put up, changed, called off; who signed up, who came."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.casework import event_keeping, tables_out
from bot.casework.case_list_file import MEDIA
from bot.casework.event_keeping import EventOver
from bot.casework.tables_out import Cell
from bot.clock import VIETNAM, from_ms
from bot.store import audit, events
from bot.store.events import CANCELLED, KINDS, REMIND_HOURS, Event, SignedUp
from console.access import me, must, my_commune, needs
from console.broadcasts_view import LARGEST_ID
from console.broadcasts_words import choices, name_of
from console.desk import ConsoleDesk, the_desk, word
from console.events_form import EMPTY, read_form, typed_of
from console.files import as_download
from console.notices import notice
from knowledge.profile_lists import item_key

ACT = "event.manage"
SHOWN = 200
COMING, PAST = "coming", "past"
WIDTHS = (6, 34, 20, 10)
LONGEST_WHY = 500


def _seen(connection: Any, event_id: int) -> Event:
    one = events.get(connection, event_id) if event_id < LARGEST_ID else None
    if one is None:
        abort(404)
    must(ACT, one.commune_id)
    return one


def _is_over(one: Event, now_ms: int) -> bool:
    return (one.ends_ms or one.starts_ms) <= now_ms


@needs(ACT)
def listing() -> ResponseReturnValue:
    """Those to come, or those past, the latest first."""
    desk, commune_id = the_desk(), my_commune()
    folder = request.args.get("folder", COMING)
    if folder not in (COMING, PAST):
        abort(404)
    now = desk.clock.now_ms()
    with desk.database.read() as connection:
        coming = events.list_events(connection, commune_id, now, limit=SHOWN)
        past = [] if folder == COMING else events.list_events(connection, commune_id, 0, now, limit=5_000)
    found = coming if folder == COMING else [one for one in reversed(past) if _is_over(one, now)][:SHOWN]
    return render_template(
        "events/listing.html",
        folders=[
            {"name": word(f"ev_folder_{name}"), "url": url_for("events.listing", folder=name),
             "count": len(coming) if name == COMING else None, "current": name == folder}
            for name in (COMING, PAST)
        ],
        rows=[(one, word(f"ev_kind_{one.kind}")) for one in found],
        is_past=folder == PAST,
    )  # fmt: skip


def _form(
    desk: ConsoleDesk, typed: dict[str, str], errors: dict[str, str], one: Event | None, commune_id: str
) -> ResponseReturnValue:
    with desk.database.read() as connection:
        commune = desk.commune_today(connection, commune_id)
    page = render_template(
        "events/editor.html",
        one=one,
        typed=typed,
        errors=errors,
        kinds=choices("ev_kind", KINDS),
        reminders=choices("ev_remind", tuple(str(hours) for hours in REMIND_HOURS)),
        villages=[(item_key(each.name), each.name) for each in commune.villages],
    )
    return page, 400 if errors else 200


def _villages(connection: Any, desk: ConsoleDesk, commune_id: str) -> set[str]:
    return {item_key(each.name) for each in desk.commune_today(connection, commune_id).villages}


@needs(ACT)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _form(the_desk(), dict(EMPTY), {}, None, my_commune())


@needs(ACT)
def create() -> ResponseReturnValue:
    """Put it up."""
    desk, commune_id = the_desk(), my_commune()
    now = desk.clock.now_ms()
    with desk.database.read() as connection:
        typed, values, errors = read_form(request.form, _villages(connection, desk, commune_id), now)
    if errors:
        return _form(desk, typed, errors, None, commune_id)
    with desk.database.write() as connection:
        made = event_keeping.put_up(connection, me(), commune_id, values, now)
    notice(word("ev_done_added"))
    return redirect(url_for("events.page", event_id=made))


@needs(ACT)
def edit(event_id: int) -> ResponseReturnValue:
    """The form of a stored one."""
    desk = the_desk()
    with desk.database.read() as connection:
        one = _seen(connection, event_id)
    if one.state == CANCELLED:
        return redirect(url_for("events.page", event_id=one.id))
    return _form(desk, typed_of(one), {}, one, one.commune_id)


@needs(ACT)
def change(event_id: int) -> ResponseReturnValue:
    """Other place, other hour; who signed up stays signed up."""
    desk = the_desk()
    now = desk.clock.now_ms()
    with desk.database.read() as connection:
        one = _seen(connection, event_id)
        villages = _villages(connection, desk, one.commune_id)
    typed, values, errors = read_form(request.form, villages, now, was_ms=one.starts_ms)
    if errors:
        return _form(desk, typed, errors, one, one.commune_id)
    try:
        with desk.database.write() as connection:
            event_keeping.change(connection, me(), _seen(connection, event_id), values, now)
    except EventOver:
        notice(word("ev_already_off"), tone="warning")
    else:
        notice(word("ev_done_changed"))
    return redirect(url_for("events.page", event_id=one.id))


@needs(ACT)
def page(event_id: int) -> ResponseReturnValue:
    """What it is and who signed up."""
    desk = the_desk()
    with desk.database.read() as connection:
        one = _seen(connection, event_id)
        people = events.list_sign_ups(connection, desk.vault, one.id)
        commune = desk.commune_today(connection, one.commune_id)
        author = name_of(connection, one.author)
    names = {item_key(each.name): each.name for each in commune.villages}
    return render_template(
        "events/page.html",
        one=one,
        kind=word(f"ev_kind_{one.kind}"),
        village=names.get(one.village, one.village),
        people=[(_key(each), each) for each in people],
        reminder=word(f"ev_remind_{one.remind_hours}"),
        came=sum(each.attended is True for each in people),
        author=author,
        is_off=one.state == CANCELLED,
        is_over=_is_over(one, desk.clock.now_ms()),
        has_begun=one.starts_ms <= desk.clock.now_ms(),
    )


def _key(person: SignedUp) -> str:
    """What a tick box carries."""
    return f"{person.oa_id}:{person.user_id}"


@needs(ACT)
def call_off(event_id: int) -> ResponseReturnValue:
    """It does not take place; who signed up is told."""
    desk = the_desk()
    why = " ".join(request.form.get("why", "").split())[:LONGEST_WHY]
    try:
        with desk.database.write() as connection:
            one = _seen(connection, event_id)
            told = event_keeping.call_off(connection, desk.vault, me(), one, why, desk.clock.now_ms())
            desk.database.announce(connection)
    except EventOver:
        notice(word("ev_already_off"), tone="warning")
    else:
        notice(word("ev_done_called_off", count=told))
    return redirect(url_for("events.page", event_id=event_id))


@needs(ACT)
def attendance(event_id: int) -> ResponseReturnValue:
    """Who came, by the ticks of the list."""
    desk = the_desk()
    came = [(oa_id, user_id) for oa_id, _, user_id in (key.partition(":") for key in request.form.getlist("came"))]
    with desk.database.write() as connection:
        one = _seen(connection, event_id)
        count = event_keeping.note_attendance(connection, desk.vault, me(), one, came, desk.clock.now_ms())
    notice(word("ev_done_attendance", count=count))
    return redirect(url_for("events.page", event_id=event_id))


@needs(ACT)
def export(event_id: int, ending: str) -> Response:
    """The list as a file."""
    if ending not in MEDIA:
        abort(404)
    desk = the_desk()
    with desk.database.write() as connection:
        one = _seen(connection, event_id)
        people = events.list_sign_ups(connection, desk.vault, one.id)
        after = {"ending": ending, "rows": len(people)}
        audit.record(connection, me(), ACT, one.commune_id, f"event:{one.id}", None, after, desk.clock.now_ms())
    header = [word(f"ev_column_{name}") for name in ("number", "name", "signed", "attended")]
    rows: list[list[Cell]] = [
        [
            number,
            person.name or word("ev_no_name"),
            from_ms(person.signed_ms).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M"),
            "" if person.attended is None else word("yes" if person.attended else "no"),
        ]
        for number, person in enumerate(people, 1)
    ]
    if ending == "csv":
        content: bytes = "".join(tables_out.as_csv(header, rows)).encode()
    else:
        content = tables_out.as_xlsx(word("ev_sheet"), header, rows, WIDTHS)
    return as_download(content, f"dang-ky-{one.id}.{ending}", MEDIA[ending])


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """The list, the form, each event's page and what is done to it."""
    blueprint = Blueprint("events", __name__)
    address = "/events/<int:event_id>"
    blueprint.get("/events")(listing)
    blueprint.get("/events/new")(new)
    blueprint.post("/events/new")(create)
    blueprint.get(address)(page)
    blueprint.get(f"{address}/edit")(edit)
    blueprint.post(f"{address}/edit")(change)
    blueprint.post(f"{address}/call-off")(call_off)
    blueprint.post(f"{address}/attendance")(attendance)
    blueprint.get(f"{address}/export.<ending>")(export)
    return blueprint
