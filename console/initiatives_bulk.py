"""Several initiatives at once: each row has a result of its own, one that cannot be done stops no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.casework import council, moving
from bot.casework.council import CouncilProblem
from bot.casework.refusals import CaseRefused
from bot.permissions import NotAllowed
from bot.store.case_records import CaseHead
from bot.store.cases import Stale
from console.access import me, needs
from console.desk import ConsoleDesk, the_desk
from console.initiatives import read_list_address
from console.initiatives_acts import opened
from console.initiatives_council import chosen_members, due_day
from console.initiatives_rows import state_name
from console.initiatives_words import words
from console.notices import notice

AT_ONCE = 100
ACTS = ("assign", "take_up", "decline", "council")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row. ``undo``: what a form posts to take it back, "" where there is no way back."""

    code: str
    text: str
    good: bool
    undo: str = ""


def _each(desk: ConsoleDesk, code: str, act: Callable[[Any, CaseHead], tuple[str, str]]) -> Result:
    """One row in a transaction of its own."""
    try:
        with desk.database.write() as connection:
            text, undo = act(connection, opened(connection, code))
            desk.database.announce(connection)
    except (CaseRefused, NotAllowed) as refused:
        return Result(code, str(refused), good=False)
    except CouncilProblem as problem:
        return Result(code, words(f"council_problem_{problem.reason}"), good=False)
    except Stale:
        return Result(code, words("changed", code=code), good=False)
    return Result(code, text, good=True, undo=undo)


def _assign(desk: ConsoleDesk) -> Callable[[Any, CaseHead], tuple[str, str]]:
    unit, assignee = request.form.get("unit", "")[:40], request.form.get("assignee", "")[:200]

    def act(connection: Any, head: CaseHead) -> tuple[str, str]:
        after = moving.assign(
            connection, desk.vault, me(), head.code, unit or head.unit, assignee, desk.clock.now_ms(), head.version
        )
        undo = f"{head.code}|{head.unit}|{head.assignee}|{after.version}" if head.unit else ""
        return words("assigned", code=head.code), undo

    return act


def _move(desk: ConsoleDesk, state: str) -> Callable[[Any, CaseHead], tuple[str, str]]:
    reason, said = request.form.get("reason", "")[:40], request.form.get("words", "")[:1500]

    def act(connection: Any, head: CaseHead) -> tuple[str, str]:
        given = (reason, said) if state == "declined" else ("", "")
        moving.move(connection, desk.vault, me(), head.code, state, *given, desk.clock.now_ms(), head.version)
        return words("moved", code=head.code, state=state_name(state)), ""

    return act


def _council(desk: ConsoleDesk) -> Callable[[Any, CaseHead], tuple[str, str]]:
    members, due = chosen_members(), due_day()

    def act(connection: Any, head: CaseHead) -> tuple[str, str]:
        council.open_round(
            connection, desk.vault, me(), head, members, due_on=due, reason="", now_ms=desk.clock.now_ms()
        )
        return words("council_opened", code=head.code, count=len(set(members))), ""

    return act


@needs("initiative.move")
def bulk() -> ResponseReturnValue:
    """Do one thing to all that was chosen in the list."""
    desk = the_desk()
    chosen = list(dict.fromkeys(code[:12] for code in request.form.getlist("chosen")))[:AT_ONCE]
    act, given = request.form.get("act", ""), read_list_address(request.form.get("list", ""))
    back = url_for("initiatives.listing", **given)
    if not chosen or act not in ACTS:
        notice(words("chosen_none" if not chosen else "chosen_missing_act"), tone="warning")
        return redirect(back)
    doing = {
        "assign": lambda: _assign(desk),
        "take_up": lambda: _move(desk, "assessing"),
        "decline": lambda: _move(desk, "declined"),
        "council": lambda: _council(desk),
    }[act]()
    return render_template("initiatives/bulk.html", results=[_each(desk, code, doing) for code in chosen], back=back)


@needs("initiative.move")
def undo() -> ResponseReturnValue:
    """Give back to whom it belonged, as far as nobody did anything since."""
    desk = the_desk()
    results = []
    for line in request.form.getlist("undo")[:AT_ONCE]:
        code, unit, assignee, version = [*line.split("|"), "", "", ""][:4]

        def act(
            connection: Any, head: CaseHead, unit: str = unit, assignee: str = assignee, version: str = version
        ) -> tuple[str, str]:
            seen = int(version) if version.isascii() and version.isdigit() else -1
            moving.assign(connection, desk.vault, me(), head.code, unit, assignee, desk.clock.now_ms(), seen)
            return words("undone", code=head.code), ""

        results.append(_each(desk, code[:12], act))
    return render_template("initiatives/bulk.html", results=results, back=url_for("initiatives.listing"))


def add_routes(blueprint: Blueprint) -> None:
    """Both ways."""
    blueprint.post("/initiatives/bulk")(bulk)
    blueprint.post("/initiatives/bulk/undo")(undo)
