"""Questions the bot could not answer: put together by likeness, answered once for everybody who asked, and taught."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.casework import teaching, unanswered, volunteers
from bot.casework.teaching import CannotTeach
from bot.casework.unanswered import Cluster, NothingToAnswer, Told
from bot.casework.volunteers import ForwardAnswered, ForwardUnknown
from bot.permissions import NotAllowed
from bot.store import forwards, staff_requests
from bot.store.staff import Staff
from bot.store.staff_requests import OpenRequest
from console import work
from console.access import can_at_all, me, my_commune, needs
from console.desk import ConsoleDesk, the_desk, word
from console.notices import notice
from console.work import Pile, WaitingThing
from knowledge import Commune

SHOWN = 60
LONGEST = 1_500
"""Characters of an answer: with the question repeated it must stay one message (1,900)."""
MOST_IDS = 400
TEACH_WORDS, TEACH_TOPIC = "words", "topic"


def _ids() -> list[int]:
    texts = request.values.get("ids", "").split(",")[:MOST_IDS]
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 18]


def _link(cluster: Cluster) -> str:
    return url_for("unanswered.page", ids=",".join(str(one.id) for one in cluster.requests[:MOST_IDS]))


@needs("question.read")
def listing() -> ResponseReturnValue:
    """Clusters, those asked by most people first; and what volunteers forwarded."""
    desk, commune_id = the_desk(), my_commune()
    with desk.database.read() as connection:
        clusters = unanswered.clusters(connection, desk.vault, commune_id)
        forwarded = forwards.forwards(connection, desk.vault, commune_id, open_only=True, limit=SHOWN)
    return render_template(
        "unanswered/listing.html",
        clusters=[(cluster, _link(cluster)) for cluster in clusters[:SHOWN]],
        left=max(len(clusters) - SHOWN, 0),
        forwarded=forwarded,
    )


def _requests(desk: ConsoleDesk, commune_id: str, ids: list[int]) -> list[OpenRequest]:
    wanted = set(ids)
    with desk.database.read() as connection:
        found = staff_requests.open_requests(connection, desk.vault, commune_id, unanswered.KINDS, MOST_IDS)
    return [one for one in found if one.id in wanted]


@needs("question.read")
def page() -> ResponseReturnValue:
    """The questions of one cluster, and the form to answer them."""
    ids = _ids()
    found = _requests(the_desk(), my_commune(), ids)
    if not found:
        abort(404)
    return _show(found, {})


def _show(found: list[OpenRequest], errors: dict[str, str], status: int = 200) -> ResponseReturnValue:
    desk = the_desk()
    nearest = next((topic for one in found for topic in one.topics if topic in desk.library.topics), "")
    return (
        render_template(
            "unanswered/page.html",
            found=found,
            ids=",".join(str(one.id) for one in found),
            topics=[(id, topic.name) for id, topic in desk.library.topics.items()],
            nearest=nearest,
            typed=request.form if request.method == "POST" else {},
            errors=errors,
            longest=LONGEST,
            may_teach=can_at_all("knowledge.draft"),
        ),
        status,
    )


@needs("question.answer")
def answer() -> ResponseReturnValue:
    """Answer everybody at once; teach in the same step what was chosen to be taught."""
    desk, commune_id = the_desk(), my_commune()
    found = _requests(desk, commune_id, _ids())
    if not found:
        return _gone(unanswered.WORDS.word("no_questions"))
    words = request.form.get("words", "").strip()
    teach, topic = request.form.get("teach", ""), request.form.get("topic", "")
    if len(words) > LONGEST:
        return _show(found, {"words": word("answer_too_long", longest=LONGEST)}, 400)
    if teach == TEACH_TOPIC and topic not in desk.library.topics:
        return _show(found, {"topic": word("teach_needs_topic")}, 400)
    now = desk.clock.now_ms()
    try:
        with desk.database.write() as connection:
            commune = desk.commune_today(connection, commune_id)
            if not words and teach == TEACH_TOPIC:
                words = _words_of_topic(desk, topic, commune)
            if teach in (TEACH_WORDS, TEACH_TOPIC):
                teaching.teach(
                    connection,
                    desk.vault,
                    me(),
                    commune_id,
                    [one.text for one in found],
                    now,
                    kept=teaching.kept_questions(),
                    topics=desk.library.topics,
                    topic=topic if teach == TEACH_TOPIC else "",
                    words=words,
                )
            told = unanswered.answer(
                connection, desk.vault, me(), commune_id, commune.full_name, [one.id for one in found], words, now
            )
            desk.database.announce(connection)
    except NothingToAnswer as error:
        return _show(found, {"words": str(error)}, 400)
    except (CannotTeach, NotAllowed) as error:
        return _show(found, {"teach": str(error)}, 400)
    _say(told, taught=teach in (TEACH_WORDS, TEACH_TOPIC))
    return redirect(url_for("unanswered.listing"))


def _gone(text: str) -> ResponseReturnValue:
    notice(text, tone="warning")
    return redirect(url_for("unanswered.listing"))


def _words_of_topic(desk: ConsoleDesk, topic: str, commune: Commune) -> str:
    answered = desk.library.answer(topic, None, commune, desk.clock.now().date())
    return answered.text[:LONGEST]


def _say(told: Told, *, taught: bool) -> None:
    text = word("answered_people", count=told.people)
    if told.not_told:
        reasons = "; ".join(dict.fromkeys(one.reason for one in told.not_told))
        text += " " + word("answered_not_all", count=len(told.not_told), reasons=reasons)
    if taught:
        text += " " + word("taught_waits")
    notice(text, tone="warning" if told.not_told else "good")


@needs("question.answer")
def answer_forwarded(link_code: str) -> ResponseReturnValue:
    """Answer a question a volunteer forwarded: the volunteer hears it, and the neighbour who linked."""
    desk, commune_id = the_desk(), my_commune()
    words = request.form.get("words", "").strip()
    if not words or len(words) > LONGEST:
        return _gone(word("answer_too_long", longest=LONGEST) if words else unanswered.WORDS.word("no_words"))
    try:
        with desk.database.write() as connection:
            volunteers.answer_forward(connection, desk.vault, me(), commune_id, link_code, words, desk.clock.now_ms())
    except (ForwardUnknown, NotAllowed):
        abort(404)
    except ForwardAnswered:
        return _gone(unanswered.WORDS.word("no_questions"))
    notice(word("forward_told", code=link_code))
    return redirect(url_for("unanswered.listing"))


@work.provider
def waiting_questions(connection: Any, desk: ConsoleDesk, staff: Staff) -> list[Pile]:
    """What the bot could not answer, for those who may."""
    from bot import permissions

    if staff.commune_id is None or permissions.scope_of(staff, "question.answer") is None:
        return []
    clusters = unanswered.clusters(connection, desk.vault, staff.commune_id)
    things = [
        WaitingThing(
            title=cluster.gist,
            url="/console/unanswered/questions?ids=" + ",".join(str(one.id) for one in cluster.requests[:MOST_IDS]),
            since_ms=cluster.requests[-1].created_ms,
        )
        for cluster in clusters[: work.SHOWN]
    ]
    return [Pile("unanswered", word("way_unanswered"), "/console/unanswered", len(clusters), 0, things)]


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """The list, the answers, and what was taught."""
    from console import taught

    blueprint = Blueprint("unanswered", __name__)
    blueprint.get("/unanswered")(listing)
    blueprint.get("/unanswered/questions")(page)
    blueprint.post("/unanswered/questions")(answer)
    blueprint.post("/unanswered/forwarded/<link_code>")(answer_forwarded)
    taught.add_routes(blueprint)
    return blueprint
