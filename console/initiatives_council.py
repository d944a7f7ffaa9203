"""The council's forms on an initiative's page: open, change, score, close."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.casework import council
from bot.casework.council import CouncilProblem
from bot.casework.council_sheet import SheetProblem, read_marks
from bot.permissions import NotAllowed
from bot.store.case_records import CaseHead
from console.access import me, my_commune, needs
from console.desk import ConsoleDesk, the_desk
from console.initiatives import next_in_list
from console.initiatives_acts import address, opened, typed
from console.initiatives_page import percent, render
from console.initiatives_words import words
from console.notices import notice

LONGEST_REMARK = 2_000
SPARE_ROWS = 3
"""Empty lines below the criteria of a sheet."""


def chosen_members() -> list[int]:
    """The accounts ticked in the form."""
    given = request.form.getlist("member")[:100]
    return [int(text) for text in given if text.isascii() and text.isdigit() and len(text) < 18]


def due_day() -> date | None:
    """Until when the marks are asked for."""
    try:
        return date.fromisoformat(request.form.get("due", ""))
    except ValueError:
        return None


def _open(connection: Any, desk: ConsoleDesk, head: CaseHead) -> str:
    members = chosen_members()
    council.open_round(
        connection, desk.vault, me(), head, members, due_on=due_day(), reason=request.form.get("reason", "")[:500],
        now_ms=desk.clock.now_ms(),
    )  # fmt: skip
    return words("council_opened", code=head.code, count=len(set(members)))


def _members(connection: Any, desk: ConsoleDesk, head: CaseHead) -> str:
    council.name_members(connection, desk.vault, me(), head, chosen_members(), desk.clock.now_ms())
    return words("council_members", code=head.code)


def _close(connection: Any, desk: ConsoleDesk, head: CaseHead) -> str:
    result = council.close_round(connection, desk.vault, me(), head, desk.clock.now_ms())
    return words("council_closed", code=head.code, percent=percent(result.percent))


def _score(connection: Any, desk: ConsoleDesk, head: CaseHead) -> str:
    rounds = council.view(connection, desk.vault, me(), head)
    if not rounds:
        abort(404)
    sheet = rounds[0].sheet
    marks = read_marks(sheet, {one.key: request.form.get(f"mark-{one.key}", "") for one in sheet.criteria})
    remark = request.form.get("remark", "")[:LONGEST_REMARK]
    council.score(connection, desk.vault, me(), head, marks, remark, desk.clock.now_ms())
    left = len(council.to_score(connection, me()))
    return words("council_scored_left" if left else "council_scored", code=head.code, count=left)


ACTS: dict[str, Callable[[Any, ConsoleDesk, CaseHead], str]] = {
    "open": _open,
    "members": _members,
    "close": _close,
    "score": _score,
}


@needs("initiative.score")
def council_act(code: str, act: str) -> ResponseReturnValue:
    """Carry one of the council's acts out."""
    desk = the_desk()
    if act not in ACTS:
        abort(404)
    try:
        with desk.database.write() as connection:
            head = opened(connection, code)
            told = ACTS[act](connection, desk, head)
    except CouncilProblem as problem:
        return _back(code, act, {"council": words(f"council_problem_{problem.reason}")})
    except SheetProblem as problem:
        return _back(code, act, {f"mark-{problem.field}": _sheet_problem(problem, code)})
    except NotAllowed as refused:
        return _back(code, act, {"council": str(refused)}, 403)
    notice(told)
    return redirect(_onward(desk, act, head.code))


def _sheet_problem(problem: SheetProblem, code: str) -> str:
    desk = the_desk()
    with desk.database.read() as connection:
        rounds = council.view(connection, desk.vault, me(), opened(connection, code))
    return words(f"sheet_problem_{problem.reason}", scale=rounds[0].sheet.scale if rounds else 10)


def _back(code: str, act: str, errors: dict[str, str], status: int = 400) -> ResponseReturnValue:
    marks = {name: text[:10] for name, text in request.form.items() if name.startswith("mark-")}
    return render(code.upper()[:12], errors=errors, typed={**typed(), **marks, "act": act}, status=status)


def _onward(desk: ConsoleDesk, act: str, code: str) -> str:
    """After scoring the next one that waits for this member; else the same page again."""
    if act != "score":
        return address(code)
    with desk.database.read() as connection:
        following = next_in_list(connection, desk, me(), "folder=score", code)
    if following:
        return url_for("initiatives.page", code=following, list="folder=score")
    return address(code)


@needs("initiative.council")
def sheet_page() -> ResponseReturnValue:
    """The sheet in force, to be written anew, and those before it."""
    return _sheet_form({}, {})


def _sheet_form(errors: dict[str, str], given: dict[str, Any], status: int = 200) -> ResponseReturnValue:
    from flask import render_template

    from bot.casework.council_sheet import MOST_CRITERIA

    desk, commune_id = the_desk(), my_commune()
    with desk.database.read() as connection:
        sheet = council.sheet_in_force(connection, commune_id)
        former = council.sheets_of(connection, commune_id)
    rows = given.get("criteria") or [(one.name, one.weight) for one in sheet.criteria]
    rows = [*rows, *[("", "")] * SPARE_ROWS][:MOST_CRITERIA]
    return (
        render_template("initiatives/sheet.html", sheet=sheet, former=former, rows=rows, errors=errors, given=given),
        status,
    )


@needs("initiative.council")
def save_sheet() -> ResponseReturnValue:
    """Put a new sheet in force."""
    from bot.casework.council_sheet import MOST_CRITERIA, make_sheet

    desk = the_desk()
    form = request.form

    def whole(name: str) -> int:
        text = form.get(name, "").strip()
        return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1

    criteria = [
        (form.get(f"name-{number}", "").strip(), whole(f"weight-{number}")) for number in range(1, MOST_CRITERIA + 1)
    ]
    name = form.get("name", "")
    try:
        sheet = make_sheet(name, whole("scale"), whole("pass_percent"), [each for each in criteria if each[0]])
    except SheetProblem as problem:
        given = {
            "name": name,
            "scale": form.get("scale", ""),
            "pass_percent": form.get("pass_percent", ""),
            "criteria": [(text, "" if weight < 0 else weight) for text, weight in criteria if text],
        }
        field = problem.field.replace("criterion-", "name-") or "name-1"
        return _sheet_form({field: words(f"sheet_problem_{problem.reason}")}, given, 400)
    with desk.database.write() as connection:
        council.write_sheet(connection, me(), my_commune(), sheet, desk.clock.now_ms())
    notice(words("sheet_saved"))
    return redirect(url_for("initiatives.sheet_page"))


def add_routes(blueprint: Blueprint) -> None:
    """The council's acts and its sheet."""
    blueprint.get("/initiatives/sheet")(sheet_page)
    blueprint.post("/initiatives/sheet")(save_sheet)
    blueprint.post("/initiatives/<code>/council/<act>")(council_act)
