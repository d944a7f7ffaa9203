"""Teams of the villages: how many members each has, and one-time codes to join."""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from bot.cases.routing import village_id, village_name
from bot.casework.volunteers import issue_code
from bot.permissions import Scope
from bot.store import volunteers
from console.access import me, my_commune, needs, scope
from console.desk import ConsoleDesk, the_desk, word
from console.report_rows import choices

DAYS = (1, 7, 30)


@needs("volunteer.read")
def listing() -> ResponseReturnValue:
    """Members by village. Who they are in Zalo is shown to nobody."""
    return _show()


def _show(
    status: int = 200, *, fresh: tuple[str, str] | None = None, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    desk, commune_id = the_desk(), my_commune()
    with desk.database.read() as connection:
        commune = desk.commune_today(connection, commune_id)
        members = volunteers.members(connection, commune_id)
    counted = Counter(member.village for member in members)
    for each in commune.villages:
        counted.setdefault(village_id(each.name), 0)
    own = me().village if scope("volunteer.read") is Scope.VILLAGE else None
    rows = sorted(
        (village_name(village, commune) or word("village_unknown"), count)
        for village, count in counted.items()
        if own is None or village == own
    )
    page = render_template(
        "volunteers.html",
        rows=rows,
        fresh=fresh,
        errors=errors or {},
        villages=choices(commune)["villages"],
        days=[(str(days), word("days", count=days)) for days in DAYS],
    )
    return make_response(page, status)


@needs("volunteer.manage")
def issue() -> ResponseReturnValue:
    """Draw a code; it is shown this once and kept as a digest."""
    desk, commune_id = the_desk(), my_commune()
    village, days = request.form.get("village", "").strip()[:80], request.form.get("days", "7")
    if not village:
        return _show(400, errors={"village": word("volunteer_needs_village")})
    lasting = int(days) if days in {str(each) for each in DAYS} else 7
    with desk.database.write() as connection:
        code = issue_code(connection, desk.vault, me(), commune_id, village, desk.clock.now_ms(), lasting)
        commune = desk.commune_today(connection, commune_id)
    return _show(fresh=(village_name(village_id(village), commune), code))


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """Look and draw."""
    blueprint = Blueprint("volunteers", __name__)
    blueprint.get("/volunteers")(listing)
    blueprint.post("/volunteers")(issue)
    return blueprint
