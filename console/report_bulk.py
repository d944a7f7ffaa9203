"""Several reports at once: each row has its own result, one that fails stops no other, and there is a way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.casework import merging, moving
from bot.casework.refusals import CaseRefused
from bot.permissions import NotAllowed
from bot.store.case_records import CaseHead
from bot.store.cases import Stale
from console.access import me, needs
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice
from console.report_page import opened
from console.security import safe_next

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row. ``undo``: what a form posts to take it back, "" where there is no way back."""

    code: str
    text: str
    good: bool
    undo: str = ""


@needs("case.assign")
def bulk() -> ResponseReturnValue:
    """Assign or merge what was chosen in the list."""
    chosen = list(dict.fromkeys(code[:12] for code in request.form.getlist("chosen")))[:AT_ONCE]
    act, back = request.form.get("act", ""), safe_next(request.form.get("back", ""))
    if not chosen or act not in ("assign", "merge") or (act == "assign" and not request.form.get("unit")):
        notice(word("bulk_nothing"), tone="warning")
        return redirect(back)
    results = _assign_all(chosen, request.form["unit"][:40]) if act == "assign" else _merge_all(chosen)
    return render_template("reports/bulk.html", results=results, back=back, act=act)


def _each(desk: ConsoleDesk, code: str, act: Callable[[Any, CaseHead], tuple[str, str]]) -> Result:
    """One row in a transaction of its own."""
    try:
        with desk.database.write() as connection:
            text, undo = act(connection, opened(connection, desk, code).head)
            desk.database.announce(connection)
    except (CaseRefused, NotAllowed) as refused:
        return Result(code, str(refused), good=False)
    except Stale:
        return Result(code, word("changed_by_another"), good=False)
    return Result(code, text, good=True, undo=undo)


def _assign_all(chosen: list[str], unit: str) -> list[Result]:
    desk, staff = the_desk(), me()

    def assign(connection: Any, head: CaseHead) -> tuple[str, str]:
        after = moving.assign(connection, desk.vault, staff, head.code, unit, "", desk.clock.now_ms(), head.version)
        undo = f"{head.code}|{head.unit}|{head.assignee}|{after.version}" if head.unit else ""
        return word("done_assign", code=head.code), undo

    return [_each(desk, code, assign) for code in chosen]


def _merge_all(chosen: list[str]) -> list[Result]:
    """Everything into the report that came first."""
    desk, staff = the_desk(), me()
    with desk.database.read() as connection:
        heads = [opened(connection, desk, code).head for code in chosen]
    first = min(heads, key=lambda head: (head.created_ms, head.id))

    def merge(connection: Any, head: CaseHead) -> tuple[str, str]:
        merging.merge(connection, desk.vault, staff, first.code, head.code, desk.clock.now_ms(), head.version)
        return word("done_merge", code=head.code, into=first.code), f"{head.code}|||"

    return [_each(desk, head.code, merge) for head in heads if head.code != first.code]


@needs("case.assign")
def undo() -> ResponseReturnValue:
    """Take back what a bulk act did, as far as nobody did anything since."""
    desk, staff = the_desk(), me()
    results = []
    for line in request.form.getlist("undo")[:AT_ONCE]:
        code, unit, assignee, version = [*line.split("|"), "", "", ""][:4]

        def take_back(
            connection: Any, head: CaseHead, unit: str = unit, assignee: str = assignee, version: str = version
        ) -> tuple[str, str]:
            now = desk.clock.now_ms()
            if head.merged_into:
                merging.split(connection, desk.vault, staff, head.code, now)
                return word("done_split", code=head.code), ""
            expected = int(version) if version.isascii() and version.isdigit() else -1
            moving.assign(connection, desk.vault, staff, head.code, unit, assignee, now, expected)
            return word("done_assign", code=head.code), ""

        results.append(_each(desk, code[:12], take_back))
    return render_template("reports/bulk.html", results=results, back=url_for("reports.listing"), act="undo")


def add_routes(blueprint: Blueprint) -> None:
    """Both ways."""
    blueprint.post("/reports/bulk")(bulk)
    blueprint.post("/reports/bulk/undo")(undo)
