"""The list of reports: folders with counts, filters in the address, a village view, and the way to each report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.cases import codes
from bot.cases.routing import village_id
from bot.cases.wording import read_words
from bot.casework.communes import office_hours
from bot.store import case_lists
from bot.store.case_lists import CaseFilter
from bot.store.case_records import CaseLine
from bot.store.staff import Staff
from console import report_folders as folders
from console import report_rows as rows
from console import work
from console.access import me, my_commune, needs
from console.desk import ConsoleDesk, the_desk, word
from console.report_folders import FIRST_FOLDER, FOLDERS, Folder, Moments
from console.work import Pile, WaitingThing

PAGE = 50
SEARCHED = 2_000
"""So many of a folder's newest reports are opened to look for words in them."""
FILTERS = ("state", "category", "level", "village", "unit", "assignee", "source", "from", "to", "q")


def chosen_folder() -> Folder:
    """The folder the address names; 404 for one there is none of."""
    folder = FOLDERS.get(request.args.get("folder", FIRST_FOLDER))
    if folder is None or folder not in folders.folders_of(me()):
        abort(404)
    return folder


def given_filters() -> dict[str, str]:
    """The filters in the address."""
    return {name: value for name in FILTERS if (value := request.args.get(name, "").strip())}


def _offset() -> int:
    text = request.args.get("after", "")
    return min(int(text), 1_000_000) if text.isascii() and text.isdigit() else 0


def address_of(folder: str, given: Mapping[str, str], after: int | None = None) -> str:
    """Of a folder with its filters."""
    arguments: dict[str, Any] = {"folder": folder, "after": after, **given}
    return url_for("reports.listing", **arguments)


@needs("case.read")
def listing() -> ResponseReturnValue:
    """One folder."""
    desk, staff, commune_id = the_desk(), me(), my_commune()
    folder, given, offset = chosen_folder(), given_filters(), _offset()
    all_ = folders.visible(staff)
    if code := _code_in(given.get("q", "")):
        return redirect(url_for("reports.page", code=code))
    with desk.database.read() as connection:
        commune = desk.commune_today(connection, commune_id)
        hours, now = office_hours(commune), desk.clock.now()
        at = folders.moments(now, hours)
        lines: list[CaseLine] = []
        counts: dict[str, int] = {}
        if all_ is not None:
            twins = folders.twins(connection, commune_id)
            wanted = folders.with_filters(folders.narrowed(folder, all_, staff, at, twins), given)
            lines = _lines(connection, desk, wanted, folder, given.get("q", ""), offset)
            counts = folders.counts(connection, all_, staff, at) | {"twins": len(twins)}
    shown = [rows.row_of(line, commune, now, hours) for line in lines[:PAGE]]
    following = address_of(folder.key, given, offset + PAGE)
    return render_template(
        "reports/listing.html",
        folder=folder.key,
        folders=_folder_links(folders.folders_of(staff), counts, folder.key),
        rows=shown,
        given=given,
        choices=rows.choices(commune),
        next_url=following if len(lines) > PAGE else "",
        first_url=address_of(folder.key, given) if offset else "",
    )


@needs("case.read")
def villages() -> ResponseReturnValue:
    """Where things are wrong: each village with what is open, late and done."""
    desk, staff, commune_id = the_desk(), me(), my_commune()
    all_ = folders.visible(staff)
    with desk.database.read() as connection:
        commune = desk.commune_today(connection, commune_id)
        counted = {} if all_ is None else case_lists.count_by_village(connection, all_, desk.clock.now_ms())
    names = {village_id(each.name): each.name for each in commune.villages}
    known = set(names) | set(counted)
    places: list[dict[str, Any]] = [
        {
            "id": village,
            "name": names.get(village, village) or word("village_unknown"),
            **_sums(counted.get(village, {})),
        }
        for village in known
        if all_ is None or not all_.village or village == all_.village
    ]
    places.sort(key=lambda place: (-place["late"], -place["open"], place["name"]))
    return render_template(
        "reports/villages.html", places=places, most=max((place["open"] for place in places), default=0)
    )


def _sums(by_state: Mapping[str, int]) -> dict[str, int]:
    return {
        "open": sum(by_state.get(state, 0) for state in folders.OPEN),
        "late": by_state.get(case_lists.LATE, 0),
        "done": sum(by_state.get(state, 0) for state in folders.CLOSED),
    }


def _lines(
    connection: Any, desk: ConsoleDesk, wanted: CaseFilter, folder: Folder, words: str, offset: int
) -> list[CaseLine]:
    """A page of the folder and one more. Words are looked for in the opened gists of its newest: they lie sealed."""
    if not words:
        return case_lists.list_cases(connection, desk.vault, wanted, order=folder.order, limit=PAGE + 1, offset=offset)
    looked_for = read_words(words).folded
    found = (
        line
        for line in case_lists.list_cases(connection, desk.vault, wanted, order="newest", limit=SEARCHED)
        if _has_all(f"{line.head.code} {line.gist}", looked_for)
    )
    return list(islice(found, offset, offset + PAGE + 1))


def _has_all(text: str, looked_for: tuple[str, ...]) -> bool:
    line = read_words(text).folded_line
    return all(word in line for word in looked_for)


def _code_in(words: str) -> str:
    read = codes.read_code(words)
    return read[0] if read is not None and read[1] else ""


def _folder_links(offered: list[Folder], counts: dict[str, int], current: str) -> list[dict[str, Any]]:
    return [
        {
            "name": word(f"folder_{folder.key}"),
            "url": url_for("reports.listing", folder=folder.key),
            "count": counts.get(folder.key),
            "current": folder.key == current,
            "tone": folder.tone,
        }
        for folder in offered
    ]


@work.provider
def waiting_reports(connection: Any, desk: ConsoleDesk, staff: Staff) -> list[Pile]:
    """Reports that wait for an official: late ones, their own in time, what nobody was given yet; and looks at those
    opened again and those soon due, which are among the others."""
    all_ = folders.visible(staff)
    if all_ is None or staff.commune_id is None:
        return []
    now = desk.clock.now()
    at = folders.moments(now, office_hours(desk.commune_today(connection, staff.commune_id)))
    offered = {folder.key for folder in folders.folders_of(staff)}
    piles = []
    for key in ("overdue", "mine", "unassigned", "reopened", "soon"):
        if key in offered:
            wanted = FOLDERS[key].narrow(all_, staff, at)
            if key in ("mine", "unassigned"):
                wanted = replace(wanted, due_from_ms=at.now_ms)
            piles.append(_pile(connection, desk, FOLDERS[key], wanted, at))
    return piles


def _pile(connection: Any, desk: ConsoleDesk, folder: Folder, wanted: CaseFilter, at: Moments) -> Pile:
    lines = case_lists.list_cases(connection, desk.vault, wanted, order=folder.order, limit=work.SHOWN)
    things = [
        WaitingThing(
            title=line.gist,
            url=f"/console/reports/{line.head.code}",
            code=line.head.code,
            due_ms=line.head.due_ms,
            since_ms=line.head.created_ms,
            is_overdue=line.head.due_ms is not None and line.head.due_ms < at.now_ms,
        )
        for line in lines
    ]
    count = case_lists.count_cases(connection, wanted)
    overdue = count if folder.key == "overdue" else sum(thing.is_overdue for thing in things)
    counted = folder.key not in ("reopened", "soon")
    title = word("pile_reports", folder=word(f"folder_{folder.key}").lower())
    return Pile(
        f"reports-{folder.key}", title, f"/console/reports?folder={folder.key}", count, overdue, things, counted
    )


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """The list, and what is done to one report and to several."""
    from console import report_acts, report_bulk, report_exports, report_filing, report_page

    blueprint = Blueprint("reports", __name__)
    blueprint.get("/reports")(listing)
    blueprint.get("/reports/villages")(villages)
    for module in (report_filing, report_bulk, report_exports, report_page, report_acts):
        module.add_routes(blueprint)
    return blueprint
