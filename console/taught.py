"""What was taught: drafts that wait for another official, answers in force, and the models learned from them."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import permissions
from bot.casework import teaching
from bot.casework.teaching import CannotTeach
from bot.store import learned_models, taught
from bot.store.learned_models import LearnedModel
from bot.store.staff import Staff
from console import work
from console.access import me, my_commune, needs
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice
from console.work import Pile, WaitingThing

SHOWN = 200
LINES_SHOWN = 5
STATES = (taught.DRAFT, taught.APPROVED, taught.WITHDRAWN)


@needs("knowledge.read")
def listing() -> ResponseReturnValue:
    """One state of what was taught, drafts first."""
    desk, commune_id = the_desk(), my_commune()
    state = request.args.get("state", taught.DRAFT)
    if state not in STATES:
        abort(404)
    with desk.database.read() as connection:
        found = taught.list_taught(connection, desk.vault, commune_id, state, SHOWN)
        models = learned_models.latest(connection, LINES_SHOWN)
    return render_template(
        "unanswered/taught.html",
        state=state,
        folders=[
            {"name": word(f"taught_{each}"), "url": url_for("unanswered.taught", state=each), "current": each == state}
            for each in STATES
        ],
        found=[(one, _meaning(desk, one)) for one in found],
        models=[(model, word(f"model_{model.state}"), _why(model)) for model in models],
        me=me(),
    )


def _meaning(desk: ConsoleDesk, one: taught.Taught) -> str:
    topic = desk.library.topics.get(one.topic)
    return topic.name if topic is not None else one.words


def _why(model: LearnedModel) -> str:
    if model.state != learned_models.REFUSED:
        return ""
    figures = json.loads(model.figures)
    return word("model_why", lost=" · ".join(figures["lost"][:LINES_SHOWN]))


@needs("knowledge.approve")
def approve(taught_id: int) -> ResponseReturnValue:
    """Put a draft of somebody else's in force."""
    desk, commune_id = the_desk(), my_commune()
    try:
        with desk.database.write() as connection:
            teaching.approve(connection, desk.vault, me(), commune_id, taught_id, desk.clock.now_ms())
    except CannotTeach as error:
        notice(str(error), tone="bad")
    else:
        notice(word("taught_in_force"))
    return redirect(url_for("unanswered.taught"))


@needs("knowledge.draft")
def withdraw(taught_id: int) -> ResponseReturnValue:
    """Answer it no more."""
    desk, commune_id = the_desk(), my_commune()
    try:
        with desk.database.write() as connection:
            teaching.withdraw(connection, me(), commune_id, taught_id, desk.clock.now_ms())
    except CannotTeach as error:
        notice(str(error), tone="bad")
    else:
        notice(word("taught_taken_back"))
    return redirect(url_for("unanswered.taught"))


@work.provider
def waiting_drafts(connection: Any, desk: ConsoleDesk, staff: Staff) -> list[Pile]:
    """Drafts of others that wait for an approver."""
    if staff.commune_id is None or permissions.scope_of(staff, "knowledge.approve") is None:
        return []
    found = taught.list_taught(connection, desk.vault, staff.commune_id, taught.DRAFT, SHOWN)
    waiting = [one for one in found if one.author != staff.email]
    things = [
        WaitingThing(
            title=one.questions[0] if one.questions else _meaning(desk, one),
            url="/console/unanswered/taught",
            since_ms=one.created_ms,
        )
        for one in waiting[: work.SHOWN]
    ]
    return [Pile("taught", word("pile_taught"), "/console/unanswered/taught", len(waiting), 0, things)]


def add_routes(blueprint: Blueprint) -> None:
    """Look, approve, withdraw."""
    blueprint.get("/unanswered/taught", endpoint="taught")(listing)
    blueprint.post("/unanswered/taught/<int:taught_id>/approve", endpoint="approve_taught")(approve)
    blueprint.post("/unanswered/taught/<int:taught_id>/withdraw", endpoint="withdraw_taught")(withdraw)
