"""One report on one page: what was said, what happened, who is told, what is like it, and what can be done now."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.cases.lifecycle import lifecycle, reasons_for
from bot.casework.communes import office_hours
from bot.permissions import role_name
from bot.store import attachments, case_lists, case_twins, cases
from bot.store import staff as accounts
from bot.store.case_lists import CaseFilter
from bot.store.case_records import Case, CaseEvent, CaseLine
from console import report_rows as rows
from console.access import can, must, needs
from console.desk import ConsoleDesk, the_desk, word
from console.files import as_download
from console.report_folders import OPEN
from console.shared_words import pieces
from knowledge import Commune

SIMILAR_SHOWN = 3
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf", "audio/mpeg": "mp3", "video/mp4": "mp4"}


@dataclass(frozen=True, slots=True)
class Said:
    """What came with a form that was not carried out: shown again, so that nobody types it twice."""

    act: str = ""
    error: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    changed_since: int | None = None


def opened(connection: Any, desk: ConsoleDesk, code: str, act: str = "case.read") -> Case:
    """The report of a code; 404 where it is none, or none of the official's business."""
    case = cases.read(connection, desk.vault, code.upper()[:12])
    if case is None or case.head.kind != "report":
        abort(404)
    must(act, case.head.commune_id, village=case.head.village, unit=case.head.unit)
    return case


@needs("case.read")
def page(code: str) -> ResponseReturnValue:
    """The page."""
    return show(code)


def show(code: str, status: int = 200, said: Said | None = None) -> Response:
    """The page, perhaps with what could not be done."""
    desk, said = the_desk(), said or Said()
    with desk.database.read() as connection:
        case = opened(connection, desk, code)
        head = case.head
        commune = desk.commune_today(connection, head.commune_id)
        events = cases.timeline(connection, desk.vault, head.id)
        people = cases.people(connection, desk.vault, head.id)
        kept = attachments.of_case(connection, head.code)
        merged = cases.merged_codes(connection, head.code)
        colleagues = accounts.list_staff(connection, head.commune_id)
        similar = _similar(connection, desk, case)
    hours, now = office_hours(commune), desk.clock.now()
    names = {each.email: each.name for each in colleagues}
    row = rows.row_of(CaseLine(head, case.gist), commune, now, hours)
    return make_response(
        render_template(
            "reports/page.html",
            case=case,
            row=row,
            timeline=[entry_of(event, names, commune) for event in events],
            seen=events[-1].id if events else 0,
            news=[entry_of(event, names, commune) for event in events if _is_news(event, said)],
            marks=[person.mark for person in people if person.mark],
            people=people,
            added=[person for person in people if person.words],
            kept=kept,
            merged=merged,
            similar=similar,
            said=said,
            choices=rows.choices(commune),
            colleagues=[
                (each.email, f"{each.name} ({role_name(each.role)})") for each in colleagues if not each.disabled
            ],
            acts=_possible(case),
            reasons={state: reasons_for(state) for state in ("refused", "out_of_scope")},
            reasons_of_assigned=[(reason.id, reason.name) for reason in reasons_for("assigned")],
            folder=request.values.get("folder", ""),
            form_key=secrets.token_hex(8),
        ),
        status,
    )


def _is_news(event: CaseEvent, said: Said) -> bool:
    return said.changed_since is not None and event.id > said.changed_since


def _possible(case: Case) -> dict[str, bool]:
    """Which acts the page offers: legal now, and this official's."""
    head = case.head
    where = {"village": head.village, "unit": head.unit}
    stands, is_open = not head.merged_into, head.state in OPEN
    following = lifecycle("report").next_states(head.state)
    moves = stands and can("case.move", **where)
    return {
        "assign": stands and is_open and can("case.assign", **where),
        "answer": moves,
        "ask": moves and is_open,
        "resolve": moves and "resolved" in following,
        "refuse": moves and "refused" in following,
        "reopen": moves and not is_open,
        "merge": stands and is_open and can("case.merge", **where),
        "split": not stands and can("case.merge", **where),
        "note": stands and can("case.note", **where),
        "contact": can("case.move", **where),
    }


def _similar(connection: Any, desk: ConsoleDesk, case: Case) -> list[dict[str, Any]]:
    """The likeliest twins that this official may see, with the shared words of both marked."""
    head = case.head
    if head.merged_into or head.state not in OPEN:
        return []
    pairs = case_twins.twins_of(connection, head.commune_id, "report", [head.code], OPEN)
    scores = {twin.code: twin.score for twin in pairs.get(head.code, ())[:SIMILAR_SHOWN]}
    if not scores:
        return []
    lines = case_lists.list_cases(
        connection, desk.vault, CaseFilter(kind="report", commune_id=head.commune_id, codes=tuple(scores))
    )
    return [
        {
            "head": line.head,
            "score": round(100 * scores[line.head.code]),
            "theirs": pieces(line.gist, case.words.text),
            "ours": pieces(case.gist, line.gist),
        }
        for line in sorted(lines, key=lambda line: -scores[line.head.code])
        if can("case.read", village=line.head.village, unit=line.head.unit)
    ]


def entry_of(event: CaseEvent, names: dict[str, str], commune: Commune) -> dict[str, Any]:
    """One entry of the timeline in words."""
    is_note = event.kind == "noted"
    # What somebody adds to a case is kept beside the words of the commune; here both are read.
    told = event.internal if event.kind == "added" else ""
    said_by_us = bool(event.by) and bool(event.public)
    return {
        "at_ms": event.at_ms,
        "who": names.get(event.by, event.by) if event.by else word("by_resident_or_system"),
        "title": word(f"event_{event.kind}", before=_named(event.before, commune), after=_named(event.after, commune)),
        "text": event.internal if is_note else told or event.public,
        "kind": "note" if is_note else "out" if said_by_us else "in" if told or event.public else "event",
    }


def _named(text: str, commune: Commune) -> str:
    """States, units and categories of an entry by their names; what is none of these stays as it is."""
    states = lifecycle("report").states
    return " · ".join(
        states[part].staff if part in states else rows.unit_label(part, commune) if part else ""
        for part in text.split(" ")
    )


@needs("case.read")
def attachment(code: str, attachment_id: int) -> Response:
    """What somebody attached: pictures we drew anew are shown, everything else is only ever saved."""
    desk = the_desk()
    with desk.database.read() as connection:
        case = opened(connection, desk, code)
        stored = attachments.open_attachment(connection, desk.vault, attachment_id)
    if stored is None or stored.attachment.case_code != case.head.code:
        abort(404)
    if stored.attachment.commune_id != case.head.commune_id:
        abort(404)
    name = f"{case.head.code}-{attachment_id}.{ENDINGS.get(stored.attachment.mime, 'bin')}"
    if stored.attachment.mime != "image/jpeg" or "save" in request.args:
        return as_download(stored.content, name, "application/octet-stream")
    return Response(stored.content, mimetype="image/jpeg")


def address(code: str, folder: str = "") -> str:
    """Of the page, which remembers from which folder one came."""
    return url_for("reports.page", code=code, folder=folder or None)


def add_routes(blueprint: Blueprint) -> None:
    """The page and what hangs on it."""
    blueprint.get("/reports/<code>")(page)
    blueprint.get("/reports/<code>/attachments/<int:attachment_id>")(attachment)
