"""Answers of the commune: read as residents read them, edited part by part, approved by another, with their history.

Everything goes the way of the Excel file: a row is compared with what stands (``knowledge.exchange_comparing``), so
a text that the sheet would refuse is refused here with the same words.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import permissions
from bot.store import knowledge_edits as store
from bot.store.knowledge_edits import IllegalMove, NewEdit, StoredEdit
from bot.store.staff import Staff
from console import contests, work
from console.access import can_at_all, me, my_commune, needs
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice
from console.work import Pile, WaitingThing
from knowledge import Commune
from knowledge.communes import CONTACT_LABELS
from knowledge.exchange import Exchange, Row, tidy
from knowledge.exchange_comparing import Comparison, compare
from knowledge.overlay import PROFILE, TOPIC_PREFIX, Edit, Overlay, known
from knowledge.schema import FACETS
from knowledge.timeline import OPEN_END, OPEN_START, on_day
from knowledge.wording import MAXIMUM_TEXT

FOLDERS = ("all", "drafts", "edited", "overdue", "conflicts")
CONTESTED = "contested"
CONFIDENCES = ("high", "medium", "low")
_DASH = re.compile(r"^[ ]*[-–*•][ ]+", re.MULTILINE)
"""How people begin a line of a list; residents read a bullet."""


def _overlay(connection: Any, commune_id: str, *more: Edit) -> Overlay:
    library = the_desk().library
    edits = store.approved(connection, [commune_id]).get(commune_id, [])
    return Overlay(library, library.communes[commune_id], [*edits, *more])


def _today() -> date:
    from bot.clock import VIETNAM

    return the_desk().clock.now().astimezone(VIETNAM).date()


@needs("knowledge.read")
def listing() -> ResponseReturnValue:
    """Topics by folder: all, with drafts, edited here, past their review, changed by a release since."""
    desk, commune_id, today = the_desk(), my_commune(), _today()
    folder, words = request.args.get("folder", "all"), request.args.get("q", "").strip()
    if folder not in (*FOLDERS, CONTESTED):
        abort(404)
    with desk.database.read() as connection:
        overlay = _overlay(connection, commune_id)
        drafts = store.list_edits(connection, commune_id, state=store.DRAFT)
        contested = contests.shown(connection, desk, commune_id)
    topics = desk.library.topics
    members = {
        "all": set(topics),
        "drafts": {_topic_of(one.edit) for one in drafts},
        "edited": {_topic_of(edit) for edit in overlay.edits},
        "overdue": {topic for topic, _day in overlay.overdue(today)},
        "conflicts": {_topic_of(one) for one in overlay.conflicts(today)},
        CONTESTED: {each["contest"].topic for each in contested},
    }
    looked = words.casefold()
    shown = [
        topic for id, topic in topics.items() if id in members[folder] and looked in f"{topic.name} {id}".casefold()
    ]
    return render_template(
        "knowledge/listing.html",
        topics=[(topic, {name for name in FOLDERS[1:] if topic.id in members[name]}) for topic in shown],
        folders=[
            {
                "name": word(f"knowledge_folder_{name}"),
                "url": url_for("knowledge.listing", folder=name),
                "count": len(contested) if name == CONTESTED else len(members[name] & set(topics)),
                "current": name == folder,
                "tone": "warning" if name in ("overdue", "conflicts", CONTESTED) else "",
            }
            for name in (*FOLDERS, CONTESTED)
        ],
        contested=contested if folder == CONTESTED else [],
        profile_drafts=[_shown(one) for one in drafts if one.edit.subject == PROFILE],
        folder=folder,
        words=words,
    )


def _topic_of(edit: Any) -> str:
    return str(edit.subject).removeprefix(TOPIC_PREFIX)


def _subject(topic: str) -> str:
    subject = PROFILE if topic == PROFILE else f"{TOPIC_PREFIX}{topic}"
    if topic != PROFILE and topic not in the_desk().library.topics:
        abort(404)
    return subject


def _fields(topic: str) -> list[tuple[str, str]]:
    """Parts of a topic, or contact fields of the profile, with their names."""
    if topic == PROFILE:
        return list(CONTACT_LABELS.items())
    return [(facet, the_desk().library.facet_names[facet].name) for facet in FACETS]


@needs("knowledge.read")
def page(topic: str) -> ResponseReturnValue:
    """One topic (or the profile): a part at a time, what stands, the form, the history."""
    return _show(topic, request.args.get("part", ""), {}, {})


def _show(
    topic: str, part: str, typed: dict[str, str], errors: dict[str, str], status: int = 200, preview: str = ""
) -> ResponseReturnValue:
    desk, commune_id, today = the_desk(), my_commune(), _today()
    subject, fields = _subject(topic), _fields(topic)
    if part not in dict(fields):
        part = fields[0][0]
    with desk.database.read() as connection:
        overlay = _overlay(connection, commune_id)
        edits = [one for one in store.list_edits(connection, commune_id, subject=subject) if one.edit.field == part]
    timeline = overlay.timeline(subject, part)
    standing = on_day(timeline, today)
    commune = overlay.commune_on(today)
    known_topic = desk.library.topics.get(topic)
    return (
        render_template(
            "knowledge/page.html",
            topic=topic,
            name=known_topic.name if known_topic is not None else word("knowledge_profile"),
            source=known_topic.source if known_topic is not None else "",
            parts=[
                {
                    "name": name,
                    "url": url_for("knowledge.page", topic=topic, part=field),
                    "current": field == part,
                    "tone": "" if overlay.timeline(subject, field) else "quiet",
                }
                for field, name in fields
            ],
            part=part,
            part_name=dict(fields)[part],
            standing=standing,
            commune=commune,
            timeline=[segment for segment in timeline if segment.until >= today],
            preview=preview or _as_resident_reads(topic, part, commune, today),
            is_try=bool(preview),
            typed=typed or _typed_of(standing),
            errors=errors,
            history=[_shown(one) for one in reversed(edits)],
            confidences=[(each, word(f"confidence_{each}")) for each in CONFIDENCES],
            longest=MAXIMUM_TEXT,
            is_profile=topic == PROFILE,
            may_draft=can_at_all("knowledge.draft"),
            may_approve=can_at_all("knowledge.approve"),
            me=me(),
        ),
        status,
    )


def _as_resident_reads(topic: str, part: str, commune: Commune, today: date) -> str:
    if topic == PROFILE:
        return ""
    library = the_desk().library
    answered = library.answer(topic, part, commune, today)
    return "" if answered.asked_facet_missing else answered.text


def read_today(topic: str, part: str) -> str:
    """A part of a topic as residents read it today; "" for what does not exist."""
    desk = the_desk()
    if topic not in desk.library.topics or part not in desk.library.facet_names:
        return ""
    with desk.database.read() as connection:
        commune = _overlay(connection, my_commune()).commune_on(_today())
    return _as_resident_reads(topic, part, commune, _today())


def _typed_of(standing: Any) -> dict[str, str]:
    if standing is None:
        return {}
    # The days of the wording in force: what begins later has words of its own, and is not overwritten unseen.
    return {
        "text": standing.text,
        "source": standing.source,
        "confidence": standing.confidence,
        "valid_from": "" if standing.start == OPEN_START else standing.start.isoformat(),
        "valid_until": "" if standing.until == OPEN_END else standing.until.isoformat(),
    }


def _shown(one: StoredEdit) -> dict[str, Any]:
    edit = one.edit
    return {
        "id": edit.id,
        "topic": _topic_of(edit),
        "field": edit.field,
        "text": edit.text or word("knowledge_given_back"),
        "state": one.state,
        "state_name": word(f"taught_{one.state}"),
        "author": one.author,
        "approved_by": one.approved_by or "",
        "created_ms": one.created_ms,
        "approved_ms": one.approved_ms,
        "valid_from": edit.valid_from,
        "valid_until": edit.valid_until,
        "source": edit.source,
        "changes": _changes(one),
    }


def _changes(one: StoredEdit) -> list[tuple[str, bool]]:
    """The edit's words, those that the release's wording does not have marked."""
    library = the_desk().library
    edit = one.edit
    if not known(library, edit.subject, edit.field):
        return [(edit.text, False)]
    standing = on_day(Overlay(library, library.communes[one.commune_id]).timeline(edit.subject, edit.field), edit.as_of)
    before, after = (standing.text.split(" ") if standing is not None else []), edit.text.split(" ")
    pieces = []
    for tag, _i, _j, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if end > start:
            pieces.append((" ".join(after[start:end]) + " ", tag != "equal"))
    return pieces


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    return date.fromisoformat(text) if text else None


def _row(topic: str, part: str) -> Row:
    """The form as a row of the sheet. ValueError for a day that is none."""
    confidence = request.form.get("confidence", "high")
    return Row(
        subject=_subject(topic),
        field=part,
        text=_DASH.sub("• ", tidy(request.form.get("text", ""))),
        source=tidy(request.form.get("source", "")),
        confidence=confidence if confidence in CONFIDENCES else "high",  # type: ignore[arg-type]
        valid_from=_day("valid_from"),
        valid_until=_day("valid_until"),
        # The same words said again on purpose: looked at today, and still right.
        as_of=_today() if request.form.get("reviewed") else None,
    )


def _compared(connection: Any, row: Row) -> Comparison:
    exchange = Exchange(my_commune(), (row,), partial=True)
    return compare(exchange, _overlay(connection, my_commune()), _today())


@needs("knowledge.draft")
def draft(topic: str, part: str) -> ResponseReturnValue:
    """Keep a draft, or show it as residents would read it ("try")."""
    desk, commune_id = the_desk(), my_commune()
    typed = {name: request.form.get(name, "") for name in ("text", "source", "confidence", "valid_from", "valid_until")}
    if part not in dict(_fields(topic)):
        abort(404)
    try:
        row = _row(topic, part)
    except ValueError:
        return _show(topic, part, typed, {"valid_from": word("knowledge_bad_day")}, 400)
    with desk.database.read() as connection:
        found = _compared(connection, row)
    if found.faults:
        return _show(topic, part, typed, {"text": " ".join(fault.message for fault in found.faults)}, 400)
    if not found.changes:
        return _show(topic, part, typed, {"text": word("knowledge_unchanged")}, 400)
    edit = found.changes[0].edit
    if request.form.get("try"):
        return _show(topic, part, typed, {}, preview=_tried(topic, part, edit))
    with desk.database.write() as connection:
        new = NewEdit(
            edit.subject, edit.field, edit.text, edit.confidence, edit.source, edit.as_of,
            edit.valid_from, edit.valid_until, edit.base_digest,
        )  # fmt: skip
        store.add_draft(connection, commune_id, new, me().email, desk.clock.now_ms())
    notice(word("knowledge_draft_kept"))
    return redirect(url_for("knowledge.page", topic=topic, part=part))


def _tried(topic: str, part: str, edit: Edit) -> str:
    desk, commune_id = the_desk(), my_commune()
    day = edit.valid_from or _today()
    with desk.database.read() as connection:
        overlay = _overlay(connection, commune_id, replace(edit, id=-1, order=1 << 60))
    shown = _as_resident_reads(topic, part, overlay.commune_on(day), day)
    return shown or edit.text


def _move(edit_id: int, state: str) -> ResponseReturnValue:
    desk, commune_id = the_desk(), my_commune()
    try:
        with desk.database.write() as connection:
            store.move(connection, commune_id, edit_id, state, me().email, desk.clock.now_ms())
    except IllegalMove as error:
        if error.reason == "unknown":
            abort(404)
        notice(word(f"knowledge_refused_{error.reason}"), tone="bad")
    else:
        notice(word(f"knowledge_{state}"))
    topic, part = request.form.get("topic", ""), request.form.get("part", "")
    if topic == PROFILE or topic in desk.library.topics:
        return redirect(url_for("knowledge.page", topic=topic, part=part))
    return redirect(url_for("knowledge.listing"))


@needs("knowledge.approve")
def approve(edit_id: int) -> ResponseReturnValue:
    """Put somebody else's draft in force."""
    return _move(edit_id, store.APPROVED)


@needs("knowledge.draft")
def withdraw(edit_id: int) -> ResponseReturnValue:
    """Take an edit back; what stood before holds again."""
    return _move(edit_id, store.WITHDRAWN)


@work.provider
def waiting_edits(connection: Any, desk: ConsoleDesk, staff: Staff) -> list[Pile]:
    """Drafts of others that wait for an approver."""
    if staff.commune_id is None or permissions.scope_of(staff, "knowledge.approve") is None:
        return []
    drafts = store.list_edits(connection, staff.commune_id, state=store.DRAFT)
    waiting = [one for one in drafts if one.author != store.person(staff.email)]
    things = [
        WaitingThing(
            title=one.edit.text or word("knowledge_given_back"),
            url=f"/console/knowledge/{_topic_of(one.edit)}?part={one.edit.field}",
            since_ms=one.created_ms,
        )
        for one in waiting[: work.SHOWN]
    ]
    return [Pile("knowledge", word("pile_knowledge"), "/console/knowledge?folder=drafts", len(waiting), 0, things)]


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """The list, one topic, and the moves of an edit."""
    blueprint = Blueprint("knowledge", __name__)
    blueprint.get("/knowledge")(listing)
    blueprint.get("/knowledge/<topic>")(page)
    blueprint.post("/knowledge/<topic>/<part>")(draft)
    blueprint.post("/knowledge/edits/<int:edit_id>/approve")(approve)
    blueprint.post("/knowledge/edits/<int:edit_id>/withdraw")(withdraw)
    contests.add_routes_to_knowledge(blueprint)
    return blueprint
