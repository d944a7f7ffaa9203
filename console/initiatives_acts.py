"""What is done to one initiative: every form carries the version its page showed, so that nobody overwrites unseen.

Where somebody was quicker nothing is done: the page comes back with what changed and with what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.cases import codes
from bot.casework import exports, merging, moving
from bot.casework.referring import ReferralProblem, refer
from bot.casework.refusals import CaseRefused
from bot.permissions import NotAllowed
from bot.store import cases
from bot.store.case_records import CaseHead
from bot.store.cases import Stale
from console.access import me, must, needs
from console.desk import ConsoleDesk, the_desk
from console.initiatives import next_in_list, read_list_address, wanted_of
from console.initiatives_page import render
from console.initiatives_rows import state_name
from console.initiatives_words import words
from console.notices import notice

LONGEST = 4_000
FIELDS = ("state", "reason", "words", "unit", "assignee", "into", "category", "village", "place", "day", "remark")
PAPERS = ("initiative-form", "council-minutes", "recognition-decision", "recognition-certificate")


def typed() -> dict[str, str]:
    """What stands in the fields of the form."""
    return {name: request.form.get(name, "").strip()[:LONGEST] for name in FIELDS}


def number(name: str) -> int | None:
    """A whole number of the form; None for anything else."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def opened(connection: Any, code: str) -> CaseHead:
    """The initiative of a code; 404 where it is none, or none of the official's business."""
    head = cases.find(connection, code.upper()[:12])
    if head is None or head.kind != "initiative":
        abort(404)
    must("initiative.read", head.commune_id, village=head.village, unit=head.unit)
    return head


def address(code: str) -> str:
    """Of the page, which remembers from which list one came."""
    return url_for("initiatives.page", code=code, list=request.form.get("list") or None)


Act = Callable[[Any, ConsoleDesk, CaseHead, dict[str, str], int | None], CaseHead]


def _move(connection: Any, desk: ConsoleDesk, head: CaseHead, said: dict[str, str], version: int | None) -> CaseHead:
    now_ms = desk.clock.now_ms()
    return moving.move(
        connection, desk.vault, me(), head.code, said["state"], said["reason"], said["words"], now_ms, version
    )


def _assign(connection: Any, desk: ConsoleDesk, head: CaseHead, said: dict[str, str], version: int | None) -> CaseHead:
    now_ms = desk.clock.now_ms()
    return moving.assign(connection, desk.vault, me(), head.code, said["unit"], said["assignee"], now_ms, version)


def _sort(connection: Any, desk: ConsoleDesk, head: CaseHead, said: dict[str, str], version: int | None) -> CaseHead:
    return moving.sort_out(
        connection, desk.vault, me(), head.code, desk.clock.now_ms(), category=said["category"] or None,
        village=said["village"] if "village" in request.form else None, expected_version=version,
    )  # fmt: skip


def _answer(connection: Any, desk: ConsoleDesk, head: CaseHead, said: dict[str, str], version: int | None) -> CaseHead:
    return moving.answer(connection, desk.vault, me(), head.code, said["words"], desk.clock.now_ms(), version)


def _ask(connection: Any, desk: ConsoleDesk, head: CaseHead, said: dict[str, str], version: int | None) -> CaseHead:
    return moving.ask_for_more(connection, desk.vault, me(), head.code, said["words"], desk.clock.now_ms(), version)


def _note(connection: Any, desk: ConsoleDesk, head: CaseHead, said: dict[str, str], _version: int | None) -> CaseHead:
    return moving.note(connection, desk.vault, me(), head.code, said["words"], desk.clock.now_ms())


def _merge(connection: Any, desk: ConsoleDesk, head: CaseHead, said: dict[str, str], version: int | None) -> CaseHead:
    read = codes.read_code(said["into"])
    into = read[0] if read is not None else said["into"].upper()[:12]
    return merging.merge(connection, desk.vault, me(), into, head.code, desk.clock.now_ms(), version)


def _split(connection: Any, desk: ConsoleDesk, head: CaseHead, _said: dict[str, str], _v: int | None) -> CaseHead:
    return merging.split(connection, desk.vault, me(), head.code, desk.clock.now_ms())


def _refer(connection: Any, desk: ConsoleDesk, head: CaseHead, said: dict[str, str], _v: int | None) -> CaseHead:
    try:
        day = date.fromisoformat(said["day"])
    except ValueError:
        raise ReferralProblem("day_wrong") from None
    refer(connection, desk.vault, me(), head, said["place"], day, said["words"], desk.clock.now())
    return head


def _part(connection: Any, desk: ConsoleDesk, head: CaseHead, said: dict[str, str], _v: int | None) -> CaseHead:
    merging.part(connection, me(), head, said["into"][:12], desk.clock.now_ms())
    return head


ACTS: Mapping[str, Act] = {
    "move": _move,
    "assign": _assign,
    "sort": _sort,
    "answer": _answer,
    "ask": _ask,
    "note": _note,
    "merge": _merge,
    "split": _split,
    "refer": _refer,
    "part": _part,
}
DECISIONS = frozenset({"move", "merge"})
"""After these the next one of the list comes up: there is nothing more to do here now."""


@needs("initiative.read")
def act_on(code: str, act: str) -> ResponseReturnValue:
    """Carry one act out; whether this official may is asked by the act itself."""
    desk, said = the_desk(), typed()
    if act not in ACTS:
        abort(404)
    version = number("version")
    try:
        with desk.database.write() as connection:
            before = opened(connection, code)
            after = ACTS[act](connection, desk, before, said, version)
            desk.database.announce(connection)
    except (CaseRefused, Stale, ReferralProblem, NotAllowed) as refused:
        return _back(code, act, refused, said)
    _tell(act, before, after)
    return redirect(_onward(desk, act, before, after))


def _back(code: str, act: str, refused: Exception, said: dict[str, str]) -> ResponseReturnValue:
    is_stale = isinstance(refused, Stale) or getattr(refused, "trouble", "") == "changed"
    text = str(refused)
    if is_stale:
        text = words("changed", code=code.upper()[:12])
    elif isinstance(refused, ReferralProblem):
        text = words(f"referral_{refused.reason}" if refused.reason != "already" else "referred_already", code=code)
    status = 409 if is_stale else 403 if isinstance(refused, NotAllowed) else 400
    seen = (number("seen") or 0) if is_stale else 0
    return render(
        code.upper()[:12], errors={"content": text}, typed={**said, "act": act}, seen_event=seen, status=status
    )


def _tell(act: str, before: CaseHead, after: CaseHead) -> None:
    told = {
        "move": lambda: words("moved", code=before.code, state=state_name(after.state)),
        "assign": lambda: words("assigned", code=before.code),
        "sort": lambda: words("sorted", code=before.code),
        "answer": lambda: words("answered", code=before.code, count=after.people),
        "ask": lambda: words("answered", code=before.code, count=after.people),
        "note": lambda: words("noted", code=before.code),
        "merge": lambda: words("merged", gone=before.code, into=after.code),
        "split": lambda: words("split", code=before.code),
        "refer": lambda: words("referred", code=before.code),
        "part": lambda: words("parted"),
    }
    undo: dict[str, Any] = {}
    if act == "merge":
        undo = {"undo_url": url_for("initiatives.act_on", code=before.code, act="split")}
    elif act == "assign" and before.unit:
        undo = {
            "undo_url": url_for("initiatives.act_on", code=before.code, act="assign"),
            "undo_fields": {"unit": before.unit, "assignee": before.assignee, "version": str(after.version)},
        }
    notice(told[act](), **undo)


def _onward(desk: ConsoleDesk, act: str, before: CaseHead, after: CaseHead) -> str:
    """The next initiative of the list after a decision; else the same page again."""
    list_address = request.form.get("list", "")
    if act not in DECISIONS or not list_address:
        return address(after.code if act == "merge" else before.code)
    with desk.database.read() as connection:
        following = next_in_list(connection, desk, me(), list_address, before.code)
    if following:
        return address(following)
    notice(words("next_none"))
    return url_for("initiatives.listing", **read_list_address(list_address))


@needs("initiative.export")
def paper(code: str, kind: str) -> ResponseReturnValue:
    """Ask the worker for a paper of this initiative."""
    desk = the_desk()
    if kind not in PAPERS:
        abort(404)
    with desk.database.write() as connection:
        head = opened(connection, code)
        must("initiative.export", head.commune_id, village=head.village, unit=head.unit)
        exports.request(connection, desk.vault, me(), kind, {"code": head.code}, desk.clock.now_ms())
        desk.database.announce(connection)
    notice(words("paper_asked"))
    return redirect(url_for("files.listing"))


@needs("initiative.export")
def register() -> ResponseReturnValue:
    """Ask for the register of the list one is looking at, as a workbook."""
    desk = the_desk()
    with desk.database.write() as connection:
        wanted = wanted_of(connection, desk, me(), request.form.get("list", ""))
        if wanted is None:
            abort(403)
        exports.request(connection, desk.vault, me(), "initiative-register", asdict(wanted), desk.clock.now_ms())
        desk.database.announce(connection)
    notice(words("paper_asked"))
    return redirect(url_for("files.listing"))


def add_routes(blueprint: Blueprint) -> None:
    """One route for every act, and the papers."""
    blueprint.post("/initiatives/register")(register)
    blueprint.post("/initiatives/<code>/papers/<kind>")(paper)
    blueprint.post("/initiatives/<code>/do/<act>")(act_on)
