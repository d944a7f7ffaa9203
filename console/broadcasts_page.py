"""One announcement: what it says, where it stands, who got it, what came of it; the loudspeaker's text, the A4 page."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.broadcasts import acts, views
from bot.broadcasts.loudspeaker import loudspeaker_text
from bot.broadcasts.notice import notice_page
from bot.broadcasts.reasons import SLUGS, ZALO_ERROR
from bot.broadcasts.segments import Segment
from bot.store import broadcast_recipients, broadcast_results, broadcasts
from bot.store.broadcasts import DRAFT, SCHEDULED, SUBMITTED, Broadcast
from bot.store.staff import address_of
from console.access import me, needs
from console.broadcasts_view import forecast_shown, preview_of, progress_shown, reasons_shown, seen_one
from console.broadcasts_words import choices, name_of, segment_words, when_words
from console.desk import ConsoleDesk, the_desk, word
from knowledge.profile_lists import item_key

PEOPLE = 100
ARTICLE, MESSAGE = "article", "message"
MOST_VILLAGES = 60
KNOWN_REASONS = frozenset({*SLUGS, ZALO_ERROR})
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@needs("broadcast.read")
def page(broadcast_id: int) -> ResponseReturnValue:
    """Everything of one."""
    desk = the_desk()
    with desk.database.read() as connection:
        one = seen_one(connection, broadcast_id)
        commune = desk.commune_today(connection, one.commune_id)
        spec = acts.spec_of(one)
        is_before = one.started_ms is None and one.state in (DRAFT, SUBMITTED, SCHEDULED)
        has_results = one.kind == MESSAGE and one.started_ms is not None
        topic = desk.library.topics.get(spec.details.topic)
        return render_template(
            "broadcasts/page.html",
            spec=spec,
            kind=word(f"bc_kind_{one.kind}"),
            who=segment_words(spec.segment, desk, commune),
            when=when_words(one.send_at_ms),
            late=dict(choices("bc_late", ("ask", "send", "skip")))[one.late_policy],
            author=name_of(connection, one.author),
            approver=name_of(connection, one.approved_by),
            is_mine=address_of(me().email) == address_of(one.author),
            preview=preview_of(one.kind, one.title, one.text, spec),
            topic="" if topic is None else topic.name,
            forecast=forecast_shown(connection, desk, one.commune_id, spec) if is_before else None,
            has_oa=broadcasts.oa_of(connection, one.commune_id) is not None,
            wanting=[],
            results=broadcast_results.results(connection, one, spec.details.topic) if has_results else None,
            has_way=one.approved_ms is not None or one.started_ms is not None,
            **_progress(connection, desk, one),
        )


def _progress(connection: Any, desk: ConsoleDesk, one: Broadcast) -> dict[str, Any]:
    return {"progress": progress_shown(connection, desk, one), "one": one}


@needs("broadcast.read")
def progress(broadcast_id: int) -> ResponseReturnValue:
    """The part of the page that is asked for again and again."""
    desk = the_desk()
    with desk.database.read() as connection:
        one = seen_one(connection, broadcast_id)
        return render_template("broadcasts/progress.html", **_progress(connection, desk, one))


@needs("broadcast.control")
def people(broadcast_id: int) -> ResponseReturnValue:
    """Recipients one by one: where each stands and why. By Zalo's numbers: we know no names."""
    desk = the_desk()
    after, reason = request.args.get("after", "")[:60], request.args.get("reason", "")[:20]
    with desk.database.read() as connection:
        one = seen_one(connection, broadcast_id, "broadcast.control")
        found = broadcast_recipients.list_recipients(connection, one, after=after, limit=PEOPLE + 1, reason=reason)
        left_out = reasons_shown(views.reasons_of(connection, one, desk.clock.now(), None))
    shown = found[:PEOPLE]
    more: dict[str, Any] = {"reason": reason or None}
    return render_template(
        "broadcasts/people.html",
        one=one,
        rows=[(row, views.words_of_recipient(row)) for row in shown],
        left_out=left_out,
        reason=views.words_of(reason) if reason in KNOWN_REASONS else "",
        next_url=url_for("broadcasts.people", broadcast_id=one.id, after=shown[-1].user_id, **more)
        if len(found) > PEOPLE
        else "",
        first_url=url_for("broadcasts.people", broadcast_id=one.id, **more) if after else "",
    )


@needs("broadcast.read")
def results(broadcast_id: int) -> ResponseReturnValue:
    """What came of it, by village."""
    desk = the_desk()
    with desk.database.read() as connection:
        one = seen_one(connection, broadcast_id)
        spec, commune = acts.spec_of(one), desk.commune_today(connection, one.commune_id)
        rows = []
        if one.kind == MESSAGE:
            wanted = spec.segment.villages
            for village in commune.villages[:MOST_VILLAGES]:
                key = item_key(village.name)
                if not wanted or key in wanted:
                    there = Segment(villages=(key,))
                    rows.append((village.name, broadcast_results.results(connection, one, spec.details.topic, there)))
            whole = broadcast_results.results(connection, one, spec.details.topic)
        else:
            whole = None
    rows = [(name, found) for name, found in rows if found.sent]
    return render_template("broadcasts/results.html", one=one, rows=rows, whole=whole, topic=spec.details.topic)


@needs("broadcast.read")
def loudspeaker(broadcast_id: int) -> ResponseReturnValue:
    """To be read aloud: numbers and abbreviations spelled out."""
    desk = the_desk()
    with desk.database.read() as connection:
        one = seen_one(connection, broadcast_id)
        commune = desk.commune_today(connection, one.commune_id)
    text = loudspeaker_text(one.title, one.text, word("bc_office", name=commune.full_name))
    return render_template("broadcasts/loudspeaker.html", one=one, text=text)


@needs("broadcast.read")
def notice_to_print(broadcast_id: int) -> Response:
    """The page for the notice board, whole: nothing around it, so that it prints as it is."""
    desk = the_desk()
    with desk.database.read() as connection:
        one = seen_one(connection, broadcast_id)
        commune = desk.commune_today(connection, one.commune_id)
    office = word("bc_office", name=commune.full_name)
    html = notice_page(one.title, one.text, office, commune.name, one.oa_id, desk.clock.now().date())
    response = Response(html, mimetype="text/html")
    # The page carries its style in itself; it is allowed by its digest, and nothing else is.
    allowed = " ".join(_digest_of(style) for style in _STYLE.findall(html))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response


def _digest_of(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def add_routes(blueprint: Blueprint) -> None:
    """The page and its parts."""
    address = "/broadcasts/<int:broadcast_id>"
    blueprint.get(address)(page)
    for view in (progress, people, results, loudspeaker):
        blueprint.get(f"{address}/{view.__name__}")(view)
    blueprint.get(f"{address}/notice")(notice_to_print)
