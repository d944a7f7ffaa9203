"""Writing an announcement: the form, what it would look like and whom it would reach, before anything is stored."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.broadcasts import acts, firing
from bot.broadcasts.acts import ActError
from bot.broadcasts.rules import KINDS as RULE_KINDS
from bot.broadcasts.segments import ROLES, Segment
from bot.broadcasts.spec import KINDS, LATE_POLICIES, Spec
from bot.clock import VIETNAM, from_ms
from bot.store import broadcasts, events, segments
from bot.store.broadcasts import DRAFT, SCHEDULED, SUBMITTED, Broadcast
from console.access import me, my_commune, needs
from console.broadcasts_form import AT, EMPTY, NOW, REPEATED, SOME, Written, read_form, typed_of_segment, typed_of_spec
from console.broadcasts_view import forecast_shown, preview_of, seen_one
from console.broadcasts_words import choices, segment_words
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice
from knowledge.profile_lists import item_key

CHANGEABLE = (DRAFT, SUBMITTED, SCHEDULED)


@needs("broadcast.write")
def new() -> ResponseReturnValue:
    """An empty form, or one whose recipients are a saved group."""
    desk, commune_id = the_desk(), my_commune()
    typed = dict(EMPTY)
    with desk.database.read() as connection:
        saved = segments.list_saved(connection, commune_id)
        wanted = request.args.get("saved", "")
        chosen = next((one for one in saved if str(one.id) == wanted), None)
        if chosen is not None:
            typed |= typed_of_segment(chosen.segment)
        typed |= _of_event(connection, commune_id, request.args.get("event", ""))
        return _show(connection, desk, commune_id, typed, {}, None)


def _of_event(connection: Any, commune_id: str, number: str) -> dict[str, str]:
    """Title and words of an invitation to an event of the commune, to begin with."""
    is_number = number.isascii() and number.isdigit() and len(number) < 18
    one = events.get(connection, int(number)) if is_number else None
    if one is None or one.commune_id != commune_id:
        return {}
    starts = from_ms(one.starts_ms).astimezone(VIETNAM)
    text = word("bc_of_event", clock=f"{starts:%H:%M}", day=f"{starts:%d/%m/%Y}", place=one.place)
    if one.audience:
        text += "\n" + word("bc_of_event_audience", audience=one.audience)
    return {"title": one.title, "text": text}


@needs("broadcast.write")
def edit(broadcast_id: int) -> ResponseReturnValue:
    """The form of a stored one that has not begun."""
    desk = the_desk()
    with desk.database.read() as connection:
        one = seen_one(connection, broadcast_id, "broadcast.write")
        if one.state not in CHANGEABLE:
            return redirect(url_for("broadcasts.page", broadcast_id=one.id))
        spec = acts.spec_of(one)
        return _show(connection, desk, one.commune_id, typed_of_spec(spec), {}, one, spec)


@needs("broadcast.write")
def preview() -> ResponseReturnValue:
    """The part of the form's page that shows what is typed, for a page with the script on."""
    desk, commune_id = the_desk(), my_commune()
    written = read_form(request.form, desk.clock.now_ms())
    with desk.database.read() as connection:
        return render_template("broadcasts/preview.html", **_seen(connection, desk, commune_id, written))


@needs("broadcast.write")
def create() -> ResponseReturnValue:
    """Store a new one: as a draft, handed in, or as a schedule; or only look at it."""
    desk, commune_id = the_desk(), my_commune()
    written = read_form(request.form, desk.clock.now_ms())
    errors = dict(written.errors)
    wanted = request.form.get("do", "")
    if wanted == "save_segment":
        return _save_segment(desk, commune_id, written)
    if wanted not in ("draft", "submit") or written.spec is None:
        with desk.database.read() as connection:
            shown_errors = errors if wanted in ("draft", "submit") else {}
            return _show(connection, desk, commune_id, written.typed, shown_errors, None, written.spec, written)
    try:
        return _store(desk, commune_id, written, written.spec, as_draft=wanted == "draft")
    except ActError:
        notice(word("bc_no_oa"), tone="bad")
    with desk.database.read() as connection:
        return _show(connection, desk, commune_id, written.typed, {}, None, written.spec, written, 409)


def _store(desk: ConsoleDesk, commune_id: str, written: Written, spec: Spec, *, as_draft: bool) -> ResponseReturnValue:
    now = desk.clock.now_ms()
    with desk.database.write() as connection:
        spec = acts.with_author(spec, desk.commune_today(connection, commune_id).full_name)
        if written.rule is not None:
            document = {**written.document, "author": spec.details.author}
            firing.create(connection, me(), commune_id, written.rule, document, now, late_policy=spec.late_policy)
        else:
            made = acts.create(connection, me(), commune_id, spec, now, draft=as_draft)
    if written.rule is not None:
        notice(word("bc_done_schedule"))
        return redirect(url_for("broadcasts.schedules"))
    notice(word("bc_done_draft" if as_draft else "bc_done_submit"))
    return redirect(url_for("broadcasts.page", broadcast_id=made))


@needs("broadcast.write")
def change(broadcast_id: int) -> ResponseReturnValue:
    """Other content; an approved one must be approved again."""
    desk, now = the_desk(), the_desk().clock.now_ms()
    with desk.database.read() as connection:
        one = seen_one(connection, broadcast_id, "broadcast.write")
        target = broadcasts.target_of(connection, one.id)
    written = read_form(request.form, now, target=target)
    if written.typed["when"] == REPEATED:
        written.typed["when"] = NOW
    wanted = request.form.get("do", "")
    if wanted not in ("draft", "submit") or written.spec is None:
        with desk.database.read() as connection:
            shown_errors = written.errors if wanted in ("draft", "submit") else {}
            return _show(connection, desk, one.commune_id, written.typed, shown_errors, one, written.spec, written)
    try:
        with desk.database.write() as connection:
            spec = acts.with_author(written.spec, desk.commune_today(connection, one.commune_id).full_name)
            acts.change(connection, me(), one.id, spec, now)
            if wanted == "submit" and one.state == DRAFT:
                acts.submit(connection, me(), one.id, now)
            desk.database.announce(connection)
    except ActError as error:
        notice(str(error), tone="bad")
        return redirect(url_for("broadcasts.page", broadcast_id=one.id))
    stays_draft = one.state == DRAFT and wanted == "draft"
    notice(word("bc_done_draft" if stays_draft else "bc_done_submit" if one.state == DRAFT else "bc_done_changed"))
    return redirect(url_for("broadcasts.page", broadcast_id=one.id))


def _save_segment(desk: ConsoleDesk, commune_id: str, written: Written) -> ResponseReturnValue:
    """Keep the recipients of the form under a name; the form stays as it was typed."""
    errors = {name: text for name, text in written.errors.items() if name in ("who", "seen_within_days",
                                                                             "unseen_for_days", "groups")}  # fmt: skip
    name = written.typed["save_as"][:200]
    if not name:
        errors["save_as"] = word("bc_need_save_as")
    if not errors:
        chosen = written.document["segment"].items()
        found: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in chosen}
        with desk.database.write() as connection:
            segments.save(connection, commune_id, name, Segment(**found), me().email, desk.clock.now_ms())
        notice(word("bc_segment_saved", name=name))
    with desk.database.read() as connection:
        return _show(connection, desk, commune_id, written.typed, errors, None, written.spec, written)


def _seen(connection: Any, desk: ConsoleDesk, commune_id: str, written: Written) -> dict[str, Any]:
    typed = written.typed
    commune = desk.commune_today(connection, commune_id)
    return {
        "preview": preview_of(typed["kind"], typed["title"], typed["text"], written.spec),
        "forecast": None if written.spec is None else forecast_shown(connection, desk, commune_id, written.spec),
        "who_words": "" if written.spec is None else segment_words(written.spec.segment, desk, commune),
        "wanting": list(written.errors.values()),
        "has_oa": broadcasts.oa_of(connection, commune_id) is not None,
        "commune": commune,
    }


def _show(
    connection: Any,
    desk: ConsoleDesk,
    commune_id: str,
    typed: dict[str, Any],
    errors: dict[str, str],
    one: Broadcast | None,
    spec: Spec | None = None,
    written: Written | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    if written is None:
        written = Written(typed, {}, spec, None)
    seen = _seen(connection, desk, commune_id, written)
    commune = seen["commune"]
    whens = [(NOW, word("bc_when_approved")), (AT, word("bc_when_at"))]
    if one is None:
        whens.append((REPEATED, word("bc_when_repeated")))
    page = render_template(
        "broadcasts/editor.html",
        one=one,
        typed=typed,
        errors=errors,
        kinds=choices("bc_kind", KINDS),
        villages=[(item_key(each.name), each.name) for each in commune.villages],
        topics=sorted(((id, topic.name) for id, topic in desk.library.topics.items()), key=lambda pair: pair[1]),
        roles=choices("bc_role", ROLES),
        tags=[(tag, tag) for tag in segments.tags(connection, commune_id)],
        saved=segments.list_saved(connection, commune_id),
        whens=whens,
        lates=choices("bc_late", LATE_POLICIES),
        rule_kinds=choices("bc_rule_kind", RULE_KINDS),
        weekdays=[(str(each), word(f"bc_weekday_{each}")) for each in range(7)],
        some=SOME,
        **{key: value for key, value in seen.items() if key != "commune"},
    )
    return page, 400 if errors else status


def add_routes(blueprint: Blueprint) -> None:
    """The form of a new one and of a stored one."""
    blueprint.get("/broadcasts/new")(new)
    blueprint.post("/broadcasts/new")(create)
    blueprint.post("/broadcasts/preview")(preview)
    blueprint.get("/broadcasts/<int:broadcast_id>/edit")(edit)
    blueprint.post("/broadcasts/<int:broadcast_id>/edit")(change)
