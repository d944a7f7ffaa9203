"""Conversations a person asked for: taken over, answered within Zalo's window, noted beside, given back.

While an official has one the bot is silent (``bot.journal.silence``). A note has a form, a colour and a table of its
own, so that none can be sent by mistake.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import permissions
from bot.casework import handover
from bot.casework.handover import Conversation, HandoverRefused
from bot.permissions import NotAllowed
from bot.store import handover_notes, handovers
from bot.store.staff import Staff
from console import contests, work
from console.access import can_at_all, me, my_commune, needs
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice
from console.work import Pile, WaitingThing

SHOWN = 100
LONGEST_NOTE = 2_000
LONGEST_BEGINNING = 80
HOUR_MS, MINUTE_MS = 3_600_000, 60_000


@needs("conversation.read")
def listing() -> ResponseReturnValue:
    """Who waits for a person, and who has whom."""
    return render_template("conversations/listing.html", rows=_rows())


@needs("conversation.read")
def rows() -> ResponseReturnValue:
    """The list alone, asked for again and again while the page is open."""
    return render_template("conversations/rows.html", rows=_rows())


def _rows() -> list[dict[str, Any]]:
    desk, commune_id = the_desk(), my_commune()
    now = desk.clock.now_ms()
    with desk.database.read() as connection:
        found = handovers.list_open(connection, desk.vault, commune_id, SHOWN)
    return [
        {
            "id": one.id,
            "text": one.text or word("conversation_without_words"),
            "asked_ms": one.asked_ms,
            "state": one.state,
            "by": one.taken_by or (word("conversation_in_zalo") if one.state == handovers.TAKEN else ""),
            "is_mine": one.taken_by == me().email,
            "window": window_left(handover.reply_until_ms(one, now), now),
            "topic": _topic(desk, one.topic),
        }
        for one in found
    ]


def _topic(desk: ConsoleDesk, topic: str) -> str:
    known = desk.library.topics.get(topic)
    return known.name if known is not None else ""


def window_left(until_ms: int | None, now_ms: int) -> dict[str, str]:
    """The time Zalo still takes an answer, as a chip: its tone and words."""
    if until_ms is None:
        return {"tone": "late", "text": word("window_closed")}
    hours, minutes = divmod((until_ms - now_ms) // MINUTE_MS, 60)
    if hours >= 48:
        return {"tone": "ok", "text": word("window_days", days=hours // 24)}
    if hours >= 1:
        return {"tone": "ok" if hours >= 6 else "soon", "text": word("window_hours", hours=hours)}
    return {"tone": "soon", "text": word("window_minutes", minutes=max(minutes, 1))}


def _opened(handover_id: int) -> tuple[Conversation, list[handover_notes.Note]]:
    desk = the_desk()
    try:
        with desk.database.read() as connection:
            found = handover.show(connection, desk.vault, handover_id, desk.clock.now_ms(), me())
            notes = handover_notes.notes_of(connection, desk.vault, handover_id)
    except (HandoverRefused, NotAllowed):
        abort(404)
    return found, notes


@needs("conversation.read")
def page(handover_id: int) -> ResponseReturnValue:
    """One conversation. ``?topic=…&facet=…`` puts an answer of ours into the reply box."""
    return _show(handover_id, _canned())


def _canned() -> str:
    desk = the_desk()
    topic = request.args.get("topic", "")
    if topic not in desk.library.topics:
        return ""
    with desk.database.read() as connection:
        commune = desk.commune_today(connection, my_commune())
    facet = request.args.get("facet", "")
    asked = facet if facet in desk.library.facet_names else None
    return desk.library.answer(topic, asked, commune, desk.clock.now().date()).text


def _show(handover_id: int, typed: str, error: str = "", status: int = 200) -> ResponseReturnValue:
    desk = the_desk()
    found, notes = _opened(handover_id)
    one = found.handover
    return (
        render_template(
            "conversations/page.html",
            one=one,
            lines=_timeline(found, notes),
            window=window_left(found.reply_until_ms, desk.clock.now_ms()),
            is_mine=one.taken_by == me().email and one.state == handovers.TAKEN,
            may_take=can_at_all("conversation.take") and one.state != handovers.RELEASED,
            typed=typed,
            error=error,
            topics=[(id, topic.name) for id, topic in desk.library.topics.items()],
            facets=[(id, facet.name) for id, facet in desk.library.facet_names.items()],
            chosen_topic=request.args.get("topic", one.topic),
            chosen_facet=request.args.get("facet", ""),
            contestable=_contestable(found),
            key=desk.clock.now_ms(),
            longest_note=LONGEST_NOTE,
            longest=handover.MOST_CHARACTERS,
        ),
        status,
    )


def _contestable(found: Conversation) -> list[tuple[int, str]]:
    """What the bot said, the newest first: its moment, and how it begins."""
    said = [line for line in found.lines if line.said_by == "bot" and line.text]
    return [(line.at_ms, " ".join(line.text.split())[:LONGEST_BEGINNING]) for line in reversed(said)]


def _timeline(found: Conversation, notes: list[handover_notes.Note]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = [
        {
            "at_ms": line.at_ms,
            "who": "",
            "title": word(f"said_by_{line.said_by}"),
            "text": line.text or word("sent_a_thing"),
            "kind": "in" if line.said_by == "resident" else "out",
        }
        for line in found.lines
    ]
    entries += [
        {"at_ms": note.at_ms, "who": note.author, "title": word("said_by_note"), "text": note.text, "kind": "note"}
        for note in notes
    ]
    return sorted(entries, key=lambda entry: entry["at_ms"])


@needs("conversation.read")
def lines(handover_id: int) -> ResponseReturnValue:
    """The lines alone, asked for again and again while the page is open."""
    found, notes = _opened(handover_id)
    return render_template("conversations/lines.html", lines=_timeline(found, notes))


def _act(handover_id: int, done: str) -> ResponseReturnValue:
    desk, act = the_desk(), getattr(handover, done)
    try:
        with desk.database.write() as connection:
            act(connection, desk.vault, me(), handover_id, desk.clock.now_ms())
            desk.database.announce(connection)
    except NotAllowed:
        abort(404)
    except HandoverRefused as error:
        if error.reason == "unknown":
            abort(404)
        notice(str(error), tone="bad")
    else:
        notice(word(f"conversation_{done}"))
    return redirect(url_for("conversations.page", handover_id=handover_id))


@needs("conversation.take")
def take(handover_id: int) -> ResponseReturnValue:
    """Mine from now on: the bot is silent."""
    return _act(handover_id, "take")


@needs("conversation.take")
def release(handover_id: int) -> ResponseReturnValue:
    """Back to the bot, which says so."""
    _act(handover_id, "release")
    return redirect(url_for("conversations.listing"))


@needs("conversation.take")
def reply(handover_id: int) -> ResponseReturnValue:
    """Say something. What cannot be sent comes back with the reason and the words."""
    desk, words = the_desk(), request.form.get("words", "")
    key = request.form.get("key", "")
    try:
        with desk.database.write() as connection:
            handover.reply(
                connection,
                desk.vault,
                me(),
                handover_id,
                words,
                desk.clock.now_ms(),
                key=key if key.isascii() and key.isdigit() and len(key) < 18 else "",
            )
            desk.database.announce(connection)
    except NotAllowed:
        abort(404)
    except HandoverRefused as error:
        if error.reason == "unknown":
            abort(404)
        return _show(handover_id, words, str(error), 400)
    return redirect(url_for("conversations.page", handover_id=handover_id) + "#reply")


@needs("conversation.read")
def note(handover_id: int) -> ResponseReturnValue:
    """Keep a note for colleagues."""
    desk, text = the_desk(), request.form.get("note", "").strip()[:LONGEST_NOTE]
    found, _notes = _opened(handover_id)
    if text:
        one = found.handover
        with desk.database.write() as connection:
            handover_notes.add(connection, desk.vault, one.commune_id, one.id, me().email, text, desk.clock.now_ms())
        notice(word("note_kept"))
    return redirect(url_for("conversations.page", handover_id=handover_id))


@work.provider
def waiting_people(connection: Any, desk: ConsoleDesk, staff: Staff) -> list[Pile]:
    """Those nobody answers yet, and one's own conversations."""
    if staff.commune_id is None or permissions.scope_of(staff, "conversation.take") is None:
        return []
    found = [
        one
        for one in handovers.list_open(connection, desk.vault, staff.commune_id, SHOWN)
        if one.state == handovers.WAITING or one.taken_by == staff.email
    ]
    now = desk.clock.now_ms()
    things = [
        WaitingThing(
            title=one.text or word("conversation_without_words"),
            url=f"/console/conversations/{one.id}",
            since_ms=one.asked_ms,
            is_overdue=now - one.asked_ms > HOUR_MS,
        )
        for one in found[: work.SHOWN]
    ]
    late = sum(now - one.asked_ms > HOUR_MS for one in found)
    return [Pile("conversations", word("way_conversations"), "/console/conversations", len(found), late, things)]


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """The list and one conversation."""
    blueprint = Blueprint("conversations", __name__)
    blueprint.get("/conversations")(listing)
    blueprint.get("/conversations/rows")(rows)
    blueprint.get("/conversations/<int:handover_id>")(page)
    blueprint.get("/conversations/<int:handover_id>/lines")(lines)
    for view in (take, release, reply, note):
        blueprint.post(f"/conversations/<int:handover_id>/{view.__name__}")(view)
    contests.add_routes_to_conversations(blueprint)
    return blueprint
