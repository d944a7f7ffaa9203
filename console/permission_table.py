"""Who may do what: the table of ``bot.permissions`` as everybody may read it."""

from __future__ import annotations

from itertools import groupby

from flask import Blueprint, render_template

from bot.permissions import PERMISSIONS, ROLES, WORDS, act_name, role_name
from console.access import any_official
from console.desk import ConsoleDesk


@any_official("everybody may know what their post and others' may do")
def page() -> str:
    """One table for each room."""
    rooms = [
        (WORDS.word(f"room_{room}"), [(act_name(act), PERMISSIONS[act]) for act in acts])
        for room, acts in groupby(PERMISSIONS, key=lambda act: act.split(".")[0])
    ]
    return render_template(
        "permission_table.html",
        rooms=rooms,
        roles=[(role, role_name(role)) for role in ROLES],
        scopes={scope: WORDS.word(f"scope_{scope}") for scope in ("commune", "unit", "village", "everywhere")},
    )


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """One page."""
    blueprint = Blueprint("permission_table", __name__)
    blueprint.get("/permissions")(page)
    return blueprint
