""" "Gương đổi mới sáng tạo": a story drafted from an initiative, written on by one official, approved by another."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.casework import stories
from bot.casework.stories import StoryProblem
from bot.permissions import may
from bot.store import cases, initiative_work, staff
from bot.store.case_records import Case
from bot.store.initiative_work import APPROVED, SUBMITTED
from console.access import me, needs
from console.desk import ConsoleDesk, the_desk
from console.initiatives_acts import number, opened
from console.initiatives_words import words
from console.notices import notice


def draft_of(case: Case, village: str, commune: str) -> tuple[str, str]:
    """A first version in the idea's own words; an official makes it a story. The phone number never gets into it."""
    said, contact = case.words, case.contact
    title = said.title or case.gist
    author = contact.name if contact is not None and contact.name else words("author_unnamed")
    where = words("story_draft_village", village=village) if village else ""
    parts = [words("story_draft_author", author=author, village=where)]
    for key, text in (("problem", said.problem), ("proposal", said.proposal), ("benefit", said.benefit)):
        if text:
            parts.append(words(f"story_draft_{key}", text=text))
    parts.append(words("story_draft_end", commune=commune))
    return words("story_draft_title", title=title)[: stories.LONGEST_TITLE], "\n\n".join(parts)


@needs("initiative.read")
def page(code: str) -> ResponseReturnValue:
    """The story, or its first draft."""
    return _render(code, {}, {})


def _render(code: str, errors: dict[str, str], typed: dict[str, str], status: int = 200) -> ResponseReturnValue:
    desk, who = the_desk(), me()
    with desk.database.read() as connection:
        head = opened(connection, code)
        story = initiative_work.story(connection, desk.vault, head.commune_id, head.code)
        case = cases.read(connection, desk.vault, head.code)
        assert case is not None
        if story is None and head.state not in stories.TOLD_STATES:
            abort(404)
        commune = desk.commune_today(connection, head.commune_id)
        people = {one.id: one.name for one in staff.list_staff(connection, head.commune_id)}
    village = next((one.name for one in commune.villages if one.name.casefold() == head.village), head.village)
    title, body = (story.title, story.body) if story is not None else draft_of(case, village, commune.full_name)
    where = {"village": head.village, "unit": head.unit}
    return (
        render_template(
            "initiatives/story.html",
            head=head,
            story=story,
            title=typed.get("title", title),
            body=typed.get("body", body),
            current=(title, body) if typed and story is not None else None,
            author=people.get(story.author_id, "") if story is not None else "",
            approver=people.get(story.approved_by or 0, "") if story is not None else "",
            may_write=may(who, "initiative.note", head.commune_id, **where) and head.state in stories.TOLD_STATES,
            may_approve=story is not None
            and story.state == SUBMITTED
            and story.author_id != who.id
            and may(who, "initiative.decide", head.commune_id, **where),
            is_approved=story is not None and story.state == APPROVED,
            errors=errors,
        ),
        status,
    )


@needs("initiative.read")
def act_on(code: str, act: str) -> ResponseReturnValue:
    """Save, hand in, or approve."""
    desk = the_desk()
    if act not in ("save", "submit", "approve"):
        abort(404)
    title, body = request.form.get("title", ""), request.form.get("body", "").replace("\r\n", "\n")
    version = number("version") or 0
    try:
        with desk.database.write() as connection:
            _carry_out(connection, desk, code, act, version, title, body)
    except StoryProblem as problem:
        typed = {} if act == "approve" else {"title": title, "body": body}
        field = problem.reason if problem.reason in ("title", "body") else "content"
        status = 409 if problem.reason == "changed" else 400
        return _render(code, {field: words(f"story_problem_{problem.reason}")}, typed, status)
    notice(words({"save": "story_saved", "submit": "story_submitted", "approve": "story_approved"}[act]))
    return redirect(url_for("stories.page", code=code))


def _carry_out(connection: Any, desk: ConsoleDesk, code: str, act: str, version: int, title: str, body: str) -> None:
    head, now_ms = opened(connection, code), desk.clock.now_ms()
    if act == "approve":
        stories.approve(connection, desk.vault, me(), head, version, now_ms)
        return
    stories.write(connection, desk.vault, me(), head, version, title, body, submit=act == "submit", now_ms=now_ms)


def make_blueprint(_desk: ConsoleDesk) -> Blueprint:
    """One page for each story."""
    blueprint = Blueprint("stories", __name__)
    blueprint.get("/initiatives/<code>/story")(page)
    blueprint.post("/initiatives/<code>/story/<act>")(act_on)
    return blueprint
