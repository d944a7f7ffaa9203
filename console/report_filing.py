"""A report taken down for somebody who rang, came by or wrote elsewhere: the same queue, the same steps."""

from __future__ import annotations

import secrets

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from bot.cases.categories import guess_category
from bot.casework.refusals import CaseRefused
from bot.casework.taking_down import SOURCES, TakenDown, take_down
from bot.permissions import Scope
from console import report_rows as rows
from console.access import me, my_commune, needs, scope
from console.desk import the_desk, word
from console.notices import notice
from console.report_page import address

TEXT_FIELDS = ("text", "place", "name", "phone", "category", "level", "village", "source")
LONGEST = {"text": 4_000, "place": 300, "name": 120, "phone": 30}


@needs("case.file")
def file_page() -> ResponseReturnValue:
    """An empty form."""
    return _form({}, {}, secrets.token_hex(8))


def _form(given: dict[str, str], errors: dict[str, str], form_key: str, status: int = 200) -> ResponseReturnValue:
    desk, commune_id = the_desk(), my_commune()
    with desk.database.read() as connection:
        commune = desk.commune_today(connection, commune_id)
    choices = rows.choices(commune)
    if scope("case.file") is Scope.VILLAGE:
        choices["villages"] = [village for village in choices["villages"] if village[0] == me().village]
    choices["sources"] = [source for source in choices["sources"] if source[0] in SOURCES]
    page = render_template(
        "reports/file.html",
        given=given,
        errors=errors,
        choices=choices,
        form_key=form_key,
    )
    return make_response(page, status)


@needs("case.file")
def file_report() -> ResponseReturnValue:
    """Take it down. The form's key lets a form sent twice file one report."""
    desk = the_desk()
    given = {name: request.form.get(name, "").strip()[: LONGEST.get(name, 200)] for name in TEXT_FIELDS}
    anonymous, form_key = request.form.get("anonymous") == "1", request.form.get("form_key", "")[:40]
    errors = {}
    if not given["text"]:
        errors["text"] = word("file_text_missing")
    if given["source"] not in SOURCES:
        errors["source"] = word("file_source_missing")
    if errors:
        return _form(given, errors, form_key, 400)
    taken = TakenDown(
        kind="report",
        source=given["source"],
        category=given["category"] or guess_category(given["text"]).category,
        text=given["text"],
        village=given["village"],
        place=given["place"],
        name=given["name"],
        phone=given["phone"],
        anonymous=anonymous,
        level=given["level"],
    )
    try:
        with desk.database.write() as connection:
            head = take_down(
                connection, desk.vault, me(), my_commune(), taken, desk.clock.now_ms(), form_key or secrets.token_hex(8)
            )
            desk.database.announce(connection)
    except CaseRefused as refused:
        return _form(given, {"text": str(refused)}, form_key, 400)
    notice(word("filed", code=head.code))
    return redirect(address(head.code))


def add_routes(blueprint: Blueprint) -> None:
    """The form."""
    blueprint.get("/reports/new")(file_page)
    blueprint.post("/reports/new")(file_report)
