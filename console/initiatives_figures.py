"""Initiatives in figures: a year against its aim and by state. The city sees every commune so, and never a text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.clock import VIETNAM
from bot.permissions import Scope
from bot.store import audit, initiative_work
from console.access import can, me, my_commune, needs, scope
from console.desk import ConsoleDesk, the_desk
from console.initiatives_rows import TABLE, field_name, state_name
from console.initiatives_words import words
from console.notices import notice

FIRST_YEAR = 2025
LARGEST_TARGET = 10_000


def _year(text: str, this_year: int) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else this_year
    return year if FIRST_YEAR <= year <= this_year + 1 else this_year


def _begin_ms(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=VIETNAM).timestamp() * 1000)


@needs("figures.read")
def page() -> ResponseReturnValue:
    """One line for each commune the official may know of."""
    desk = the_desk()
    this_year = desk.clock.now().year
    year = _year(request.args.get("year", ""), this_year)
    is_city = scope("figures.read") is Scope.EVERYWHERE
    communes = sorted(desk.library.communes) if is_city else [my_commune()]
    with desk.database.read() as connection:
        figures = initiative_work.year_figures(connection, _begin_ms(year), _begin_ms(year + 1), communes)
        targets = initiative_work.targets(connection, year)
        referrals = initiative_work.referrals_for_the_city(connection) if is_city else []
    lines: list[dict[str, Any]] = [
        {
            "name": desk.commune_name(commune_id),
            "figures": figures[commune_id],
            "target": targets.get(commune_id, 0),
            "missing": max(targets.get(commune_id, 0) - figures[commune_id].recognised, 0),
        }
        for commune_id in communes
    ]
    return render_template(
        "initiatives/figures.html",
        lines=lines,
        year=year,
        years=range(FIRST_YEAR, this_year + 2),
        states=[(state.id, state.staff) for state in TABLE.states.values()],
        is_city=is_city,
        referrals=[
            (one, desk.commune_name(one.commune_id), field_name(one.field_id), state_name(one.state))
            for one in referrals
        ],
        may_set=not is_city and can("figures.write"),
        target=targets.get(communes[0], 0) if communes else 0,
    )


@needs("figures.write")
def set_target() -> ResponseReturnValue:
    """How many recognised initiatives the commune aims at in a year."""
    desk, commune_id = the_desk(), my_commune()
    year, text = _year(request.form.get("year", ""), desk.clock.now().year), request.form.get("target", "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= LARGEST_TARGET):
        notice(words("target_problem"), tone="bad")
        return redirect(url_for("initiative_figures.page", year=year))
    now_ms = desk.clock.now_ms()
    with desk.database.write() as connection:
        former = initiative_work.set_target(connection, commune_id, year, int(text), me().id, now_ms)
        before = None if former is None else {"target": former}
        audit.record(
            connection, me(), "figures.write", commune_id, f"initiatives:{year}", before, {"target": int(text)}, now_ms
        )
    notice(words("target_saved", year=year))
    return redirect(url_for("initiative_figures.page", year=year))


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """One page."""
    blueprint = Blueprint("initiative_figures", __name__)
    blueprint.get("/initiative-figures")(page)
    blueprint.post("/initiative-figures")(set_target)
    return blueprint
