""" "Việc của tôi": what waits for the official who looks, late things first."""

from __future__ import annotations

from flask import Blueprint, render_template

from console import work
from console.access import any_official, me
from console.desk import ConsoleDesk, the_desk


@any_official("each sees what waits for them alone")
def mine() -> str:
    """The piles of everybody's rooms."""
    desk = the_desk()
    piles = work.waiting_for(desk, me())
    return render_template(
        "home.html",
        piles=piles,
        waiting=sum(pile.count for pile in piles if pile.counted),
        overdue=sum(pile.overdue for pile in piles if pile.counted),
        today=desk.clock.now(),
    )


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """One page."""
    blueprint = Blueprint("home", __name__)
    blueprint.get("/")(mine)
    return blueprint
