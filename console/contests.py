"""Answers of the bot that officials hold to be wrong: said with a reason, listed, and marked once looked at."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot import permissions
from bot.casework import handover
from bot.casework.handover import HandoverRefused
from bot.permissions import NotAllowed
from bot.store import audit, contests
from bot.store.staff import Staff
from console import work
from console.access import me, my_commune, needs
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice
from console.work import Pile, WaitingThing

LONGEST_REASON = 1_000
SHOWN = 200


def _keep(answer: str, topic: str, handover_id: int | None) -> None:
    desk, commune_id = the_desk(), my_commune()
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    if not reason:
        notice(word("contest_needs_reason"), tone="warning")
        return
    now = desk.clock.now_ms()
    with desk.database.write() as connection:
        kept = contests.add(
            connection, desk.vault, commune_id, me().email, answer, reason, now, topic=topic, handover_id=handover_id
        )
        audit.record(
            connection, me(), "answer.contest", commune_id, f"contest:{kept}", None, {"topic": topic}, now
        )  # fmt: skip
    notice(word("contest_kept"))


@needs("question.answer")
def in_conversation(handover_id: int) -> ResponseReturnValue:
    """Contest what the bot said in a conversation, by the moment it said it."""
    desk = the_desk()
    try:
        with desk.database.read() as connection:
            found = handover.show(connection, desk.vault, handover_id, desk.clock.now_ms(), me())
    except (HandoverRefused, NotAllowed):
        abort(404)
    said_at = request.form.get("at", "")
    line = next((one for one in found.lines if one.said_by == "bot" and str(one.at_ms) == said_at), None)
    if line is None:
        abort(404)
    _keep(line.text, found.handover.topic, handover_id)
    return redirect(url_for("conversations.page", handover_id=handover_id))


@needs("question.answer")
def of_topic(topic: str, part: str) -> ResponseReturnValue:
    """Contest a part of an answer as residents read it today."""
    from console import knowledge

    answer = knowledge.read_today(topic, part)
    if not answer:
        abort(404)
    _keep(answer, topic, None)
    return redirect(url_for("knowledge.page", topic=topic, part=part))


@needs("question.answer")
def close(contest_id: int) -> ResponseReturnValue:
    """Somebody has looked at it."""
    desk, commune_id = the_desk(), my_commune()
    now = desk.clock.now_ms()
    with desk.database.write() as connection:
        closed = contests.close(connection, commune_id, contest_id, me().email, now)
        if closed:
            before, after = {"state": contests.OPEN}, {"state": contests.CLOSED}
            audit.record(connection, me(), "answer.contest", commune_id, f"contest:{contest_id}", before, after, now)
    if not closed:
        abort(404)
    notice(word("contest_closed"))
    return redirect(url_for("knowledge.listing", folder="contested"))


def shown(connection: Any, desk: ConsoleDesk, commune_id: str) -> list[dict[str, Any]]:
    """What nobody has looked at yet, for the list of answers."""
    topics = desk.library.topics
    return [
        {"contest": one, "name": topics[one.topic].name if one.topic in topics else ""}
        for one in contests.list_open(connection, desk.vault, commune_id, SHOWN)
    ]


@work.provider
def waiting_contests(connection: Any, desk: ConsoleDesk, staff: Staff) -> list[Pile]:
    """Contested answers, for those who mend them."""
    if staff.commune_id is None or permissions.scope_of(staff, "knowledge.approve") is None:
        return []
    found = contests.list_open(connection, desk.vault, staff.commune_id, work.SHOWN)
    place = "/console/knowledge?folder=contested"
    things = [WaitingThing(title=one.reason, url=place, since_ms=one.at_ms) for one in found]
    count = contests.count_open(connection, staff.commune_id)
    return [Pile("contested", word("pile_contested"), place, count, 0, things)]


def add_routes_to_conversations(blueprint: Blueprint) -> None:
    """From a conversation."""
    blueprint.post("/conversations/<int:handover_id>/contest", endpoint="contest")(in_conversation)


def add_routes_to_knowledge(blueprint: Blueprint) -> None:
    """From an answer, and what becomes of a contest."""
    blueprint.post("/knowledge/<topic>/<part>/contest", endpoint="contest")(of_topic)
    blueprint.post("/knowledge/contests/<int:contest_id>/close", endpoint="close_contest")(close)
