"""What is done to one report: every form carries the version its page showed, so that nobody overwrites unseen.

Where somebody was quicker, nothing is done: the page comes back with what changed meanwhile and with what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.cases import codes
from bot.casework import merging, moving
from bot.casework.communes import office_hours
from bot.casework.refusals import CaseRefused
from bot.store import case_lists, cases
from bot.store.case_records import CaseHead
from bot.store.cases import Stale
from console import report_folders as folders
from console.access import me, needs
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice
from console.report_folders import FOLDERS
from console.report_page import Said, address, opened, show

LONGEST = 4_000
TYPED = ("words", "reason", "state", "unit", "assignee", "into", "category", "level", "village")


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip()[:LONGEST] for name in TYPED}


def _number(name: str) -> int | None:
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


NO_VERSION = -1
"""What a form without a version saw: nothing, so whatever it wants is refused as changed since."""


Act = Callable[[Any, ConsoleDesk, CaseHead, dict[str, str], int], CaseHead]


def _assign(connection: Any, desk: ConsoleDesk, head: CaseHead, typed: dict[str, str], version: int) -> CaseHead:
    return moving.assign(
        connection, desk.vault, me(), head.code, typed["unit"], typed["assignee"], desk.clock.now_ms(), version
    )


def _sort(connection: Any, desk: ConsoleDesk, head: CaseHead, typed: dict[str, str], version: int) -> CaseHead:
    return moving.sort_out(
        connection,
        desk.vault,
        me(),
        head.code,
        desk.clock.now_ms(),
        category=typed["category"] or None,
        level=typed["level"] or None,
        village=typed["village"] if "village" in request.form else None,
        expected_version=version,
    )


def _answer(connection: Any, desk: ConsoleDesk, head: CaseHead, typed: dict[str, str], version: int) -> CaseHead:
    return moving.answer(connection, desk.vault, me(), head.code, typed["words"], desk.clock.now_ms(), version)


def _ask(connection: Any, desk: ConsoleDesk, head: CaseHead, typed: dict[str, str], version: int) -> CaseHead:
    return moving.ask_for_more(connection, desk.vault, me(), head.code, typed["words"], desk.clock.now_ms(), version)


def _move_to(state: str) -> Act:
    def act(connection: Any, desk: ConsoleDesk, head: CaseHead, typed: dict[str, str], version: int) -> CaseHead:
        now, wanted = desk.clock.now_ms(), state or typed["state"]
        return moving.move(
            connection, desk.vault, me(), head.code, wanted, typed["reason"], typed["words"], now, version
        )

    return act


def _refuse(connection: Any, desk: ConsoleDesk, head: CaseHead, typed: dict[str, str], version: int) -> CaseHead:
    # One list of reasons on the page: "refused:unclear", "out_of_scope:other_commune".
    state, _, reason = typed["reason"].partition(":")
    if state not in ("refused", "out_of_scope"):
        raise CaseRefused("reason_missing", after=word("refuse_or_out_of_scope"), known=word("reasons_of_the_list"))
    typed = {**typed, "reason": reason}
    return _move_to(state)(connection, desk, head, typed, version)


def _note(connection: Any, desk: ConsoleDesk, head: CaseHead, typed: dict[str, str], _version: int) -> CaseHead:
    return moving.note(connection, desk.vault, me(), head.code, typed["words"], desk.clock.now_ms())


def _merge(connection: Any, desk: ConsoleDesk, head: CaseHead, typed: dict[str, str], version: int) -> CaseHead:
    read = codes.read_code(typed["into"])
    into = read[0] if read is not None else typed["into"].upper()[:12]
    merging.merge(connection, desk.vault, me(), into, head.code, desk.clock.now_ms(), version)
    found = cases.find(connection, into)
    assert found is not None, "just merged into it"
    return found


def _split(
    connection: Any, desk: ConsoleDesk, head: CaseHead, _typed: dict[str, str], _version: int | None
) -> CaseHead:
    return merging.split(connection, desk.vault, me(), head.code, desk.clock.now_ms())


def _part(connection: Any, desk: ConsoleDesk, head: CaseHead, typed: dict[str, str], _version: int) -> CaseHead:
    merging.part(connection, me(), head, typed["into"][:12], desk.clock.now_ms())
    return head


ACTS: Mapping[str, Act] = {
    "assign": _assign,
    "sort": _sort,
    "answer": _answer,
    "ask": _ask,
    "resolve": _move_to("resolved"),
    "refuse": _refuse,
    "reopen": _move_to("assigned"),
    "note": _note,
    "merge": _merge,
    "split": _split,
    "part": _part,
}
DECISIONS = frozenset({"assign", "ask", "resolve", "refuse", "merge"})
"""After these the next one of the folder comes up: there is nothing more to do here now."""


@needs("case.read")
def act_on(code: str, act: str) -> ResponseReturnValue:
    """Carry one act out; what may be done is asked again by the act itself."""
    desk, typed = the_desk(), _typed()
    if act not in ACTS:
        return show(code, 404)
    shown = _number("version")
    version = NO_VERSION if shown is None else shown
    try:
        with desk.database.write() as connection:
            before = opened(connection, desk, code).head
            after = ACTS[act](connection, desk, before, typed, version)
            desk.database.announce(connection)
    except (CaseRefused, Stale) as refused:
        is_stale = isinstance(refused, Stale) or refused.trouble == "changed"
        text = word("changed_by_another") if is_stale else str(refused)
        since = _number("seen") if is_stale else None
        return show(code, 409 if is_stale else 400, Said(act, text, typed, since))
    _tell(act, before, after)
    return redirect(_onward(desk, act, before, after))


def _tell(act: str, before: CaseHead, after: CaseHead) -> None:
    text = word(f"done_{act}", code=before.code, into=after.code)
    if act == "assign" and before.unit and before.state == after.state:
        notice(
            text,
            undo_url=url_for("reports.act_on", code=before.code, act="assign"),
            undo_fields={"unit": before.unit, "assignee": before.assignee, "version": str(after.version)},
        )
    elif act == "merge":
        notice(text, undo_url=url_for("reports.act_on", code=before.code, act="split"))
    else:
        notice(text)


def _onward(desk: ConsoleDesk, act: str, before: CaseHead, after: CaseHead) -> str:
    """The next report of the folder after a decision; else the same page again."""
    folder = FOLDERS.get(request.form.get("folder", ""))
    if folder is None or act not in DECISIONS:
        return address(after.code if act == "merge" else before.code, request.form.get("folder", ""))
    following = next_in_folder(desk, folder.key, before.code)
    if following is None:
        return url_for("reports.listing", folder=folder.key)
    return address(following, folder.key)


def next_in_folder(desk: ConsoleDesk, folder_key: str, but: str) -> str | None:
    """The first report of a folder that is not ``but``; None where the folder is done with."""
    all_ = folders.visible(me())
    if all_ is None or all_.commune_id is None:
        return None
    folder = FOLDERS[folder_key]
    with desk.database.read() as connection:
        at = folders.moments(desk.clock.now(), office_hours(desk.commune_today(connection, all_.commune_id)))
        with_twins = folders.twins(connection, all_.commune_id) if folder.key == "twins" else ()
        wanted = folders.narrowed(folder, all_, me(), at, with_twins)
        lines = case_lists.list_cases(connection, desk.vault, wanted, order=folder.order, limit=2)
    return next((line.head.code for line in lines if line.head.code != but), None)


def add_routes(blueprint: Blueprint) -> None:
    """One route for every act."""
    blueprint.post("/reports/<code>/<act>")(act_on)
