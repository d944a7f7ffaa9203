"""Announcements that repeat: each schedule in words with its next moments; approved by another, paused, ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bot.broadcasts import firing
from bot.broadcasts.acts import ActError
from bot.broadcasts.rules import Rule, next_after
from bot.broadcasts.spec import Spec, SpecError, read_spec
from bot.permissions import NotAllowed
from bot.store import schedules as store
from bot.store.schedules import Schedule
from bot.store.staff import address_of
from console.access import me, must, my_commune, needs
from console.broadcasts_view import LARGEST_ID
from console.broadcasts_words import name_of, rule_words, segment_words
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice
from knowledge import Commune

NEXT = 3
SHOWN = 100
TONES = {"submitted": "warning", "active": "good", "paused": "warning", "ended": "quiet"}


@needs("broadcast.read")
def schedules() -> ResponseReturnValue:
    """All of the commune, those that wait for an approval first."""
    desk, commune_id = the_desk(), my_commune()
    order = (store.SUBMITTED, store.ACTIVE, store.PAUSED, store.ENDED)
    with desk.database.read() as connection:
        found = store.list_schedules(connection, commune_id)
        found = sorted(found, key=lambda one: (order.index(one.state), -one.id))[:SHOWN]
        commune = desk.commune_today(connection, commune_id)
        rows = [_row(connection, desk, commune, one) for one in found]
    return render_template("broadcasts/schedules.html", rows=rows)


def _row(connection: Any, desk: ConsoleDesk, commune: Commune, one: Schedule) -> dict[str, Any]:
    rule, now = Rule.from_json(one.rule), desk.clock.now()
    moments: list[datetime] = []
    moment = now
    spec = _spec(one, int(now.timestamp() * 1000))
    while one.state != store.ENDED and len(moments) < NEXT:
        following = next_after(rule, moment)
        if following is None:
            break
        moments.append(following)
        moment = following
    return {
        "one": one,
        "state": word(f"bc_schedule_{one.state}"),
        "tone": TONES[one.state],
        "rule": rule_words(rule),
        "text": "" if spec is None else spec.text,
        "who": "" if spec is None else segment_words(spec.segment, desk, commune),
        "moments": moments,
        "author": name_of(connection, one.author),
        "approver": name_of(connection, one.approved_by),
        "is_mine": address_of(me().email) == address_of(one.author),
        "late": word(f"bc_late_{one.late_policy}").lower(),
    }


def _spec(one: Schedule, now_ms: int) -> Spec | None:
    """What it sends; None where this release's limits are others."""
    try:
        return read_spec(json.loads(one.spec), now_ms)
    except SpecError:
        return None


ACTS: tuple[tuple[str, str, Callable[..., None]], ...] = (
    ("approve", "broadcast.approve", firing.approve),
    ("pause", "broadcast.control", firing.pause),
    ("resume", "broadcast.control", firing.resume),
    ("end", "broadcast.control", firing.end),
)


def _view(name: str, required: str, act: Callable[..., None]) -> Callable[[int], ResponseReturnValue]:
    def view(schedule_id: int) -> ResponseReturnValue:
        desk = the_desk()
        try:
            with desk.database.write() as connection:
                one = store.get(connection, schedule_id) if schedule_id < LARGEST_ID else None
                if one is None:
                    abort(404)
                must(required, one.commune_id)
                act(connection, me(), one.id, desk.clock.now_ms())
        except (ActError, NotAllowed) as error:
            notice(str(error), tone="bad")
        else:
            notice(word(f"bc_done_schedule_{name}"))
        return redirect(url_for("broadcasts.schedules"))

    view.__name__ = f"schedule_{name}"
    return needs(required)(view)


def add_routes(blueprint: Blueprint) -> None:
    """The list and an address for each act."""
    blueprint.get("/broadcasts/schedules")(schedules)
    for name, required, act in ACTS:
        address = f"/broadcasts/schedules/<int:schedule_id>/{name}"
        blueprint.post(address, endpoint=f"schedule_{name}")(_view(name, required, act))
