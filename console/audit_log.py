"""Who changed what: the commune's log with before and after, to look through and to take away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.cases.categories import categories, levels
from bot.cases.lifecycle import KINDS, lifecycle, reasons
from bot.casework import tables_out
from bot.casework.exports import CSV, XLSX
from bot.clock import VIETNAM
from bot.permissions import ROLES, role_name
from bot.permissions import WORDS as PERMISSION_WORDS
from bot.store import audit
from bot.store.audit import AuditEntry
from console.access import me, my_commune, needs
from console.desk import WORDS, ConsoleDesk, the_desk, word
from console.files import as_download
from console.layout import moment
from console.report_rows import choices

PAGE, SLICE, MOST_ROWS = 50, 500, 20_000
DAY_MS = 86_400_000
WIDTHS = (18, 30, 36, 24, 44, 44)


def _filters() -> dict[str, Any]:
    def midnight(name: str) -> int | None:
        try:
            day = datetime.fromisoformat(request.args.get(name, "")[:10]).replace(tzinfo=VIETNAM)
        except ValueError:
            return None
        return int(day.timestamp() * 1000)

    until = midnight("to")
    return {
        "actor": request.args.get("actor", "").strip()[:200] or None,
        "subject": request.args.get("subject", "").strip()[:120] or None,
        "since_ms": midnight("from"),
        "until_ms": None if until is None else until + DAY_MS,
    }


def act_words(act: str) -> str:
    """An act as the table of permissions names it, else as the log's own words do, else its name."""
    key = f"act_{act}"
    if key in PERMISSION_WORDS.texts:
        return PERMISSION_WORDS.word(key)
    return WORDS.word(key) if key in WORDS.texts else act


def _pairs(entry: AuditEntry, units: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What changed, in words: name, before, after. What did not change is left out."""
    names = dict.fromkeys([*entry.before, *entry.after])
    pairs = [
        (name, *(_plain(values.get(name), units if name == "unit" else {}) for values in (entry.before, entry.after)))
        for name in names
    ]
    return [(WORDS.texts.get(f"fact_{name}", name), before, after) for name, before, after in pairs if before != after]


def _plain(value: object, units: Mapping[str, str]) -> str:
    """A value as people call it: a state, a unit, a reason, a category, a post."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return word("yes") if value else word("no")
    if isinstance(value, list):
        return ", ".join(_plain(each, units) for each in value)
    text = str(value)
    return units.get(text) or _names().get(text) or WORDS.texts.get(f"value_{text}", text)


@cache
def _names() -> Mapping[str, str]:
    names = {role: role_name(role) for role in ROLES}
    names |= {reason.id: reason.name for reason in reasons().values()}
    names |= {category.id: category.name for category in categories().values()}
    names |= {level.id: level.name for level in levels().values()}
    return names | {state.id: state.staff for kind in KINDS for state in lifecycle(kind).states.values()}


def _unit_names(connection: Any, desk: ConsoleDesk, commune_id: str) -> dict[str, str]:
    return dict(choices(desk.commune_today(connection, commune_id))["units"])


@needs("audit.read")
def listing() -> ResponseReturnValue:
    """Newest first."""
    desk = the_desk()
    text = request.args.get("before", "")
    before_id = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
    with desk.database.read() as connection:
        entries = audit.list_entries(connection, my_commune(), before_id=before_id, limit=PAGE + 1, **_filters())
        units = _unit_names(connection, desk, my_commune())
    given = {name: value for name in ("actor", "subject", "from", "to") if (value := request.args.get(name, ""))}
    arguments: dict[str, Any] = dict(given)
    following = url_for("audit_log.listing", before=entries[PAGE - 1].id, **arguments) if len(entries) > PAGE else ""
    return render_template(
        "audit_log.html",
        rows=[{"entry": each, "act": act_words(each.act), "pairs": _pairs(each, units)} for each in entries[:PAGE]],
        given=given,
        next_url=following,
        first_url=url_for("audit_log.listing", **arguments) if before_id is not None else "",
    )


def _rows(
    connection: Any, commune_id: str, filters: dict[str, Any], units: Mapping[str, str]
) -> Iterator[list[tables_out.Cell]]:
    before_id, count = None, 0
    while count < MOST_ROWS:
        entries = audit.list_entries(connection, commune_id, before_id=before_id, limit=SLICE, **filters)
        for each in entries:
            changes = _pairs(each, units)
            yield [
                moment(each.at_ms),
                each.actor,
                act_words(each.act),
                each.subject,
                "; ".join(f"{name}: {before}" for name, before, _ in changes if before),
                "; ".join(f"{name}: {after}" for name, _, after in changes if after),
            ]
        count += len(entries)
        if len(entries) < SLICE:
            return
        before_id = entries[-1].id


@needs("audit.read")
def export(ending: str) -> Response:
    """The log as a file, :data:`MOST_ROWS` newest lines at most. That somebody took it away is logged too."""
    if ending not in ("csv", "xlsx"):
        abort(404)
    desk, commune_id = the_desk(), my_commune()
    header = [word(f"audit_{name}") for name in ("when", "who", "act", "subject", "before", "after")]
    with desk.database.read() as connection:
        rows = _rows(connection, commune_id, _filters(), _unit_names(connection, desk, commune_id))
        if ending == "csv":
            content: bytes = "".join(tables_out.as_csv(header, rows)).encode()
        else:
            content = tables_out.as_xlsx(word("way_audit"), header, rows, WIDTHS)
    now = desk.clock.now_ms()
    with desk.database.write() as connection:
        audit.record(connection, me(), "audit.read", commune_id, "audit", None, {"ending": ending}, now)
    name = f"nhat-ky-{commune_id}-{desk.clock.now():%Y%m%d-%H%M}.{ending}"
    return as_download(content, name, CSV if ending == "csv" else XLSX)


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """Look and take away."""
    blueprint = Blueprint("audit_log", __name__)
    blueprint.get("/audit")(listing)
    blueprint.get("/audit/export.<ending>")(export)
    return blueprint
