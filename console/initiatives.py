"""The queue of initiatives: folders with counts, filters in the address and saved ones, and what waits for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.casework import campaigns, council
from bot.casework.communes import office_hours
from bot.permissions import may
from bot.store import case_twins, initiative_work, staff
from bot.store.case_lists import CaseFilter, count_cases, list_cases
from bot.store.case_records import CaseLine
from bot.store.council import Progress
from bot.store.staff import Staff
from console import initiatives_folders as folders
from console import initiatives_rows as rows
from console import work
from console.access import me, my_commune, needs
from console.desk import ConsoleDesk, the_desk
from console.initiatives_folders import FILTERS, FIRST_FOLDER, FOLDERS, Folder
from console.initiatives_rows import Names
from console.initiatives_words import words
from console.notices import notice
from console.work import Pile, WaitingThing

PAGE_NAME = "initiatives"
LONGEST_FILTER = 400


def names_of(connection: Any, desk: ConsoleDesk, commune_id: str) -> Names:
    """Names of a commune's people, villages and campaigns: two queries."""
    commune = desk.commune_today(connection, commune_id)
    officials = {one.email: one for one in staff.list_staff(connection, commune_id)}
    titles = campaigns.titles(connection, commune_id)
    return Names(commune, desk.clock.now(), office_hours(commune), officials, titles)


def codes_by_folder(connection: Any, who: Staff, commune_id: str) -> Mapping[str, Sequence[str]]:
    """The folders that are lists of codes."""
    return {
        "score": council.to_score(connection, who),
        "twins": case_twins.codes_with_twins(connection, commune_id, folders.KIND, folders.OPEN),
    }


def chosen_folder(given: Mapping[str, str]) -> Folder:
    """The folder named in the address; 404 for one there is none of."""
    folder = FOLDERS.get(given.get("folder", FIRST_FOLDER))
    if folder is None or folder not in folders.folders_of(me()):
        abort(404)
    return folder


def given_filters(given: Mapping[str, str]) -> dict[str, Any]:
    """The filters in an address."""
    return {name: value for name in FILTERS if (value := given.get(name, "").strip()[:200])}


def read_list_address(text: str) -> dict[str, Any]:
    """Folder and filters of a list, from the query part of its address; nothing else is let through."""
    given = dict(parse_qsl(text[:LONGEST_FILTER]))
    return {name: value for name, value in given.items() if name in FILTERS or (name == "folder" and value in FOLDERS)}


def _offset() -> int:
    text = request.args.get("after", "")
    return min(int(text), 100_000) if text.isascii() and text.isdigit() else 0


@needs("initiative.read")
def listing() -> ResponseReturnValue:
    """One folder."""
    desk, who, commune_id = the_desk(), me(), my_commune()
    folder, given, offset = chosen_folder(request.args), given_filters(request.args), _offset()
    all_ = folders.visible(who)
    with desk.database.read() as connection:
        names = names_of(connection, desk, commune_id)
        codes = codes_by_folder(connection, who, commune_id)
        lines: list[CaseLine] = []
        has_more, counts, progress = False, dict[str, int](), dict[str, Progress]()
        if all_ is not None:
            wanted = folders.with_filters(folders.narrowed(all_, folder, who, codes), given)
            lines, has_more = folders.page_of(connection, desk.vault, wanted, folder.order, given.get("q", ""), offset)
            counts = dict(folders.counts(connection, all_, who, codes))
            progress = dict(council.progress(connection, commune_id, [line.head.code for line in lines]))
        saved = initiative_work.saved_filters(connection, desk.vault, who.id, PAGE_NAME)
        members = council.eligible(connection, commune_id) if may(who, "initiative.council", commune_id) else []
    here = {"folder": folder.key, **given}
    mine = set(codes["score"])
    return render_template(
        "initiatives/listing.html",
        folder=folder.key,
        folders=_folder_links(folders.folders_of(who), counts, folder.key),
        rows=[rows.row_of(line, names, progress.get(line.head.code), line.head.code in mine) for line in lines],
        given=given,
        choices=rows.choices(names),
        saved=[(one, url_for("initiatives.listing", **read_list_address(one.query))) for one in saved],
        here=urlencode(here),
        to_score=counts.get("score", 0),
        members=members,
        reasons=_decline_reasons(),
        next_url=url_for("initiatives.listing", **here, after=offset + folders.PAGE) if has_more else "",
        first_url=url_for("initiatives.listing", **here) if offset else "",
    )


def _decline_reasons() -> list[tuple[str, str]]:
    from bot.cases.lifecycle import reasons_for

    return [(one.id, one.name) for one in reasons_for("declined")]


def _folder_links(offered: Sequence[Folder], counts: Mapping[str, int], current: str) -> list[dict[str, Any]]:
    return [
        {
            "name": words(f"folder_{folder.key}"),
            "url": url_for("initiatives.listing", folder=folder.key),
            "count": counts.get(folder.key, 0),
            "current": folder.key == current,
            "tone": folder.tone,
        }
        for folder in offered
    ]


def next_in_list(connection: Any, desk: ConsoleDesk, who: Staff, list_address: str, besides: str) -> str:
    """The first code of the list an official came from, other than the one just dealt with; "" at its end."""
    all_ = folders.visible(who)
    given = read_list_address(list_address)
    folder = FOLDERS.get(given.get("folder", ""))
    if all_ is None or folder is None or who.commune_id is None:
        return ""
    codes = codes_by_folder(connection, who, who.commune_id)
    wanted = folders.with_filters(folders.narrowed(all_, folder, who, codes), given)
    lines, _ = folders.page_of(connection, desk.vault, wanted, folder.order, given.get("q", ""), 0)
    return next((line.head.code for line in lines if line.head.code != besides), "")


def wanted_of(connection: Any, desk: ConsoleDesk, who: Staff, list_address: str) -> CaseFilter | None:
    """The filter of a list by its address, a search in it become codes; None where the official sees no list."""
    all_, given = folders.visible(who), read_list_address(list_address)
    folder = FOLDERS.get(given.get("folder", "all"))
    if all_ is None or folder is None or who.commune_id is None:
        return None
    codes = codes_by_folder(connection, who, who.commune_id)
    wanted = folders.with_filters(folders.narrowed(all_, folder, who, codes), given)
    if searched := given.get("q", ""):
        found = folders.found_by(connection, desk.vault, wanted, folder.order, searched)
        wanted = replace(wanted, codes=tuple(line.head.code for line in found))
    return wanted


@needs("initiative.read")
def save_filter() -> ResponseReturnValue:
    """Keep the filter of this list under a name."""
    desk, who = the_desk(), me()
    name, given = request.form.get("name", "").strip()[:60], read_list_address(request.form.get("list", ""))
    if not name:
        notice(words("saved_name_missing"), tone="bad")
    else:
        with desk.database.write() as connection:
            initiative_work.save_filter(
                connection, desk.vault, my_commune(), who.id, PAGE_NAME, name, urlencode(given), desk.clock.now_ms()
            )
        notice(words("saved", name=name))
    return redirect(url_for("initiatives.listing", **given))


@needs("initiative.read")
def forget_filter(filter_id: int) -> ResponseReturnValue:
    """Drop one's own saved filter."""
    desk, who = the_desk(), me()
    with desk.database.write() as connection:
        known = {one.id: one.name for one in initiative_work.saved_filters(connection, desk.vault, who.id, PAGE_NAME)}
        if not initiative_work.forget_filter(connection, who.id, filter_id):
            abort(404)
    notice(words("saved_gone", name=known[filter_id]))
    return redirect(url_for("initiatives.listing"))


@work.provider
def waiting_initiatives(connection: Any, desk: ConsoleDesk, who: Staff) -> list[Pile]:
    """Votes one still owes, initiatives given to one, and new ones nobody has looked at."""
    all_ = folders.visible(who)
    if all_ is None or who.commune_id is None:
        return []
    known = {folder.key for folder in folders.folders_of(who)}
    piles = []
    for key in ("score", "mine", "new"):
        if key not in known or (key == "new" and not may(who, "initiative.council", who.commune_id)):
            continue
        codes = {"score": council.to_score(connection, who)} if key == "score" else {}
        wanted = folders.narrowed(all_, FOLDERS[key], who, codes)
        piles.append(_pile(connection, desk, FOLDERS[key], wanted))
    return piles


def _pile(connection: Any, desk: ConsoleDesk, folder: Folder, wanted: CaseFilter) -> Pile:
    now_ms = desk.clock.now_ms()
    lines = list_cases(connection, desk.vault, wanted, order=folder.order, limit=work.SHOWN)
    count = count_cases(connection, wanted) if len(lines) == work.SHOWN else len(lines)
    things = [
        WaitingThing(
            title=line.gist,
            url=url_for("initiatives.page", code=line.head.code, list=f"folder={folder.key}"),
            code=line.head.code,
            due_ms=line.head.due_ms,
            since_ms=line.head.created_ms,
            is_overdue=line.head.due_ms is not None and line.head.due_ms < now_ms,
        )
        for line in lines
    ]
    return Pile(
        f"initiatives-{folder.key}",
        words(f"pile_{folder.key}", count=count),
        url_for("initiatives.listing", folder=folder.key),
        count,
        sum(thing.is_overdue for thing in things),
        things,
    )


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """Everything about initiatives: the list here, the rest in modules of their own."""
    from console import initiatives_acts, initiatives_bulk, initiatives_council, initiatives_page

    blueprint = Blueprint("initiatives", __name__)
    blueprint.get("/initiatives")(listing)
    blueprint.post("/initiatives/filters")(save_filter)
    blueprint.post("/initiatives/filters/<int:filter_id>/forget")(forget_filter)
    for module in (initiatives_page, initiatives_acts, initiatives_bulk, initiatives_council):
        module.add_routes(blueprint)
    return blueprint
