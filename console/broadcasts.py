"""The list of announcements, in folders by state; what waits for an approval, and what should have gone and did not."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import permissions
from bot.broadcasts.segments import Segment
from bot.clock import VIETNAM, from_ms
from bot.store import broadcasts, schedules
from bot.store import staff as accounts
from bot.store.broadcasts import CANCELLED, DONE, DRAFT, PAUSED, RUNNING, SCHEDULED, SUBMITTED, Broadcast
from bot.store.staff import Staff
from console import work
from console.access import my_commune, needs
from console.broadcasts_view import TONES
from console.broadcasts_words import name_of, segment_words, when_words
from console.desk import ConsoleDesk, the_desk, word
from console.work import Pile, WaitingThing

FOLDERS = (DRAFT, SUBMITTED, SCHEDULED, RUNNING, PAUSED, DONE, CANCELLED)
SHOWN = 200
LATE_MS = 15 * 60_000
"""As long as anything may sit unseen."""
MISSED_MS = 7 * 86_400_000
"""A schedule's missed moment is shown for a week."""


@needs("broadcast.read")
def listing() -> ResponseReturnValue:
    """One folder, newest first."""
    desk, commune_id = the_desk(), my_commune()
    folder = request.args.get("folder", "")
    if folder and folder not in FOLDERS:
        abort(404)
    with desk.database.read() as connection:
        commune = desk.commune_today(connection, commune_id)
        counts = broadcasts.count_by_state(connection, commune_id)
        states = (folder,) if folder else broadcasts.STATES
        found = broadcasts.list_newest(connection, commune_id, limit=SHOWN, states=states)
        repeated = len(schedules.list_schedules(connection, commune_id, states=(schedules.ACTIVE, schedules.SUBMITTED)))
        rows = [
            {
                "one": one,
                "state": word(f"bc_folder_{one.state}"),
                "tone": TONES[one.state],
                "kind": word(f"bc_kind_{one.kind}"),
                "who": segment_words(Segment.from_json(one.segment), desk, commune),
                "when": when_words(one.started_ms or one.send_at_ms),
                "author": name_of(connection, one.author),
            }
            for one in found
        ]
    return render_template(
        "broadcasts/listing.html",
        folders=_folder_links(counts, folder),
        rows=rows,
        repeated=repeated,
        is_cut=len(found) == SHOWN,
    )


def _folder_links(counts: dict[str, int], current: str) -> list[dict[str, Any]]:
    tones = {SUBMITTED: "warning", PAUSED: "warning"}
    return [
        {
            "name": word(f"bc_folder_{folder or 'all'}"),
            "url": url_for("broadcasts.listing", folder=folder or None),
            "count": counts.get(folder, 0) if folder else sum(counts.values()),
            "current": folder == current,
            "tone": tones.get(folder, ""),
        }
        for folder in ("", *FOLDERS)
    ]


def _is_mine(staff: Staff, author: str) -> bool:
    return accounts.address_of(staff.email) == accounts.address_of(author)


def _thing(one: Broadcast, *, is_overdue: bool = False) -> WaitingThing:
    address = f"/console/broadcasts/{one.id}"
    return WaitingThing(
        title=one.title, url=address, due_ms=one.send_at_ms, since_ms=one.updated_ms, is_overdue=is_overdue
    )


@work.provider
def waiting_announcements(connection: Any, desk: ConsoleDesk, staff: Staff) -> list[Pile]:
    """What waits for this official's approval (never their own), and what should have gone and did not."""
    commune_id = staff.commune_id
    if commune_id is None:
        return []
    piles: list[Pile] = []
    if permissions.scope_of(staff, "broadcast.approve") is not None:
        found = broadcasts.list_newest(connection, commune_id, states=(SUBMITTED,))
        theirs = [one for one in found if not _is_mine(staff, one.author)]
        first = [_thing(one, is_overdue=one.note == "late") for one in theirs[: work.SHOWN]]
        late = sum(one.note == "late" for one in theirs)
        piles.append(
            Pile("broadcasts-approve", word("bc_pile_approve"), "/console/broadcasts?folder=submitted",
                 len(theirs), late, first)
        )  # fmt: skip
        asked = schedules.list_schedules(connection, commune_id, states=(schedules.SUBMITTED,))
        waiting = [one for one in asked if not _is_mine(staff, one.author)]
        things = [WaitingThing(title=one.name, url="/console/broadcasts/schedules") for one in waiting[: work.SHOWN]]
        piles.append(
            Pile("broadcasts-schedules", word("bc_pile_schedules"), "/console/broadcasts/schedules",
                 len(waiting), 0, things)
        )  # fmt: skip
    if permissions.scope_of(staff, "broadcast.control") is not None:
        piles.append(_late(connection, desk, commune_id))
    return piles


def _late(connection: Any, desk: ConsoleDesk, commune_id: str) -> Pile:
    now = desk.clock.now_ms()
    overdue = [one for one in broadcasts.overdue(connection, now, LATE_MS) if one.commune_id == commune_id]
    things = [_thing(one, is_overdue=True) for one in overdue]
    names = {one.id: one.name for one in schedules.list_schedules(connection, commune_id)}
    for fired in schedules.list_fired(connection, commune_id, now - MISSED_MS, now + 1):
        if fired.outcome in ("skipped", "broken"):
            when = from_ms(fired.fire_at_ms).astimezone(VIETNAM).strftime("%H:%M %d/%m")
            title = word(f"bc_fire_{fired.outcome}", name=names.get(fired.schedule_id, ""), when=when)
            things.append(WaitingThing(title=title, url="/console/broadcasts/schedules", is_overdue=True))
    address = "/console/broadcasts?folder=scheduled" if overdue else "/console/broadcasts/schedules"
    return Pile("broadcasts-late", word("bc_pile_late"), address, len(things), len(things), things[: work.SHOWN])


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """The list, the form, each announcement's page, what can be done to it, schedules."""
    from console import broadcasts_acts, broadcasts_editor, broadcasts_page, broadcasts_schedules

    blueprint = Blueprint("broadcasts", __name__)
    blueprint.get("/broadcasts")(listing)
    for module in (broadcasts_editor, broadcasts_schedules, broadcasts_page, broadcasts_acts):
        module.add_routes(blueprint)
    return blueprint
