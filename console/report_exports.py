"""The list of reports as a file, with exactly the folder and filters of the page."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.casework import case_list_file, exports
from bot.casework.communes import office_hours
from bot.store import audit, case_lists
from bot.store.case_lists import CaseFilter
from console import report_folders as folders
from console.access import me, my_commune, needs
from console.desk import ConsoleDesk, the_desk, word
from console.files import as_download
from console.notices import notice
from console.reports import chosen_folder, given_filters

AT_ONCE = 2_000
"""A longer list is written by a worker."""


def _wanted(connection: object, desk: ConsoleDesk) -> CaseFilter:
    all_ = folders.visible(me(), "case.export")
    if all_ is None:
        abort(404)
    at = folders.moments(desk.clock.now(), office_hours(desk.commune_today(connection, my_commune())))
    return folders.with_filters(chosen_folder().narrow(all_, me(), at), given_filters())


@needs("case.export")
def export(ending: str) -> ResponseReturnValue:
    """The file at once where the list is short; else the question whether to have it made."""
    if ending not in case_list_file.MEDIA:
        abort(404)
    desk = the_desk()
    with desk.database.read() as connection:
        wanted = _wanted(connection, desk)
        count = case_lists.count_cases(connection, wanted)
        if count > AT_ONCE:
            return render_template("reports/export.html", count=count, ending=ending)
        commune = desk.commune_today(connection, my_commune())
        made = case_list_file.file_of(connection, desk.vault, wanted, commune, desk.clock.now_ms(), ending)
    _note(desk, ending, count)
    return as_download(made.content, made.name, made.media_type)


@needs("case.export")
def ask_for_export(ending: str) -> ResponseReturnValue:
    """Have a worker write it."""
    if ending not in case_list_file.MEDIA:
        abort(404)
    desk = the_desk()
    with desk.database.write() as connection:
        wanted = _wanted(connection, desk)
        parameters = case_list_file.parameters_of(wanted, ending)
        exports.request(connection, desk.vault, me(), "case-list", parameters, desk.clock.now_ms())
        desk.database.announce(connection)
    _note(desk, ending, None)
    notice(word("export_asked"))
    return redirect(url_for("files.listing"))


def _note(desk: ConsoleDesk, ending: str, count: int | None) -> None:
    folder = request.args.get("folder", "")
    after = {"ending": ending, "rows": count, "folder": folder[:20]}
    with desk.database.write() as connection:
        audit.record(connection, me(), "case.export", my_commune(), "reports", None, after, desk.clock.now_ms())


def add_routes(blueprint: Blueprint) -> None:
    """Ask and fetch."""
    blueprint.get("/reports/export.<ending>")(export)
    blueprint.post("/reports/export.<ending>")(ask_for_export)
