"""Campaigns: what is asked for, from when until when, and how far each village is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.cases.routing import village_id
from bot.casework import campaigns
from bot.casework.campaigns import CampaignProblem, CampaignProgress
from bot.store.campaigns import KINDS, NewCampaign
from console.access import can, me, my_commune, needs
from console.desk import ConsoleDesk, the_desk
from console.initiatives_acts import number
from console.initiatives_words import words
from console.notices import notice
from knowledge import Commune


def _villages(commune: Commune) -> dict[str, str]:
    """Villages of the profile: what cases keep of their names → the names."""
    return {village_id(one.name): one.name for one in commune.villages}


@needs("initiative.read")
def listing() -> ResponseReturnValue:
    """Every campaign with how far it is."""
    desk, commune_id = the_desk(), my_commune()
    with desk.database.read() as connection:
        villages = _villages(desk.commune_today(connection, commune_id))
        every = campaigns.progress(connection, commune_id, list(villages))
    today = desk.clock.now().date()
    return render_template("initiatives/campaigns.html", every=every, today=today, kinds=_kinds(), may_edit=_may_edit())


def _may_edit() -> bool:
    return can(campaigns.ACT)


def _kinds() -> dict[str, str]:
    return {kind: words(f"kind_{kind}") for kind in KINDS}


@needs("initiative.read")
def page(campaign_id: int) -> ResponseReturnValue:
    """One campaign: aim and what came, by village."""
    return _render(campaign_id, {}, {})


def _render(
    campaign_id: int | None, errors: Mapping[str, str], given: Mapping[str, str], status: int = 200
) -> ResponseReturnValue:
    desk, commune_id = the_desk(), my_commune()
    with desk.database.read() as connection:
        villages = _villages(desk.commune_today(connection, commune_id))
        one: CampaignProgress | None = None
        if campaign_id is not None:
            one = campaigns.progress_of(connection, commune_id, campaign_id, list(villages))
            if one is None:
                abort(404)
    lines = one.villages if one is not None else ()
    targets = {line.village: line.target for line in lines}
    shown = {
        **villages,
        **{line.village: line.village for line in lines if line.village and line.village not in villages},
    }
    return (
        render_template(
            "initiatives/campaign.html",
            one=one,
            today=desk.clock.now().date(),
            kinds=_kinds(),
            villages=shown,
            targets=targets,
            names={**shown, "": words("village_none")},
            may_edit=_may_edit(),
            errors=errors,
            given=given,
        ),
        status,
    )


@needs(campaigns.ACT)
def new() -> ResponseReturnValue:
    """An empty form."""
    return _render(None, {}, {})


def _read_day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None


def _read_count(text: str, field: str) -> int:
    if not text.strip():
        return 0
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 7):
        raise CampaignProblem("target", field)
    return int(text)


def _read_form(villages: Mapping[str, str]) -> tuple[NewCampaign, dict[str, int]]:
    form = request.form
    begins = _read_day("begins")
    if begins is None:
        raise CampaignProblem("begins", "begins")
    targets = {
        name.removeprefix("target-"): _read_count(text, name)
        for name, text in form.items()
        if name.startswith("target-")
    }
    made = NewCampaign(
        kind=form.get("kind", ""),
        title=form.get("title", "").strip(),
        about=form.get("about", "").strip(),
        begins=begins,
        ends=_read_day("ends"),
        target=_read_count(form.get("target", ""), "target"),
    )
    return made, {name: number for name, number in targets.items() if number or name in villages}


@needs(campaigns.ACT)
def save(campaign_id: int | None = None) -> ResponseReturnValue:
    """Write a campaign, or write it anew."""
    desk, commune_id = the_desk(), my_commune()
    now_ms = desk.clock.now_ms()
    try:
        with desk.database.write() as connection:
            villages = _villages(desk.commune_today(connection, commune_id))
            made, targets = _read_form(villages)
            if campaign_id is None:
                campaign_id = campaigns.begin(connection, me(), commune_id, made, targets, list(villages), now_ms)
            else:
                seen = number("version") or 0
                campaigns.change(connection, me(), commune_id, campaign_id, seen, made, targets, list(villages), now_ms)
    except CampaignProblem as problem:
        given = {} if problem.reason == "changed" else {name: text[:2_100] for name, text in request.form.items()}
        field = problem.field or "title"
        status = 409 if problem.reason == "changed" else 404 if problem.reason == "unknown" else 400
        if status == 404:
            abort(404)
        return _render(campaign_id, {field: words(f"campaign_problem_{problem.reason}")}, given, status)
    notice(words("campaign_saved", title=made.title))
    return redirect(url_for("campaigns.page", campaign_id=campaign_id))


@needs(campaigns.ACT)
def set_closed(campaign_id: int) -> ResponseReturnValue:
    """Close it before its day, or open it again."""
    desk, commune_id = the_desk(), my_commune()
    closed = request.form.get("closed") == "1"
    title: Any = ""
    try:
        with desk.database.write() as connection:
            one = campaigns.progress_of(connection, commune_id, campaign_id, [])
            if one is None:
                abort(404)
            title = one.campaign.title
            campaigns.set_closed(
                connection, me(), commune_id, campaign_id, number("version") or 0, closed, desk.clock.now_ms()
            )
    except CampaignProblem as problem:
        return _render(campaign_id, {"title": words(f"campaign_problem_{problem.reason}")}, {}, 409)
    notice(words("campaign_closed" if closed else "campaign_opened", title=title))
    return redirect(url_for("campaigns.page", campaign_id=campaign_id))


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """The list and each of them."""
    blueprint = Blueprint("campaigns", __name__)
    blueprint.get("/campaigns")(listing)
    blueprint.get("/campaigns/new")(new)
    blueprint.post("/campaigns/new")(save)
    blueprint.get("/campaigns/<int:campaign_id>")(page)
    blueprint.post("/campaigns/<int:campaign_id>")(save)
    blueprint.post("/campaigns/<int:campaign_id>/closed")(set_closed)
    return blueprint
