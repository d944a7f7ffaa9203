"""One initiative on one page: the idea, what is attached, similar ones beside it, scores, talk, every step so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from bot.cases.lifecycle import reasons_for
from bot.cases.routing import village_name
from bot.casework import council
from bot.casework.attachments import reason_for_staff
from bot.casework.council import RoundView
from bot.casework.moving import DECISIONS
from bot.permissions import may, role_name
from bot.store import attachments, case_twins, cases, initiative_work
from bot.store.case_records import Case, CaseEvent, CaseHead
from bot.store.initiative_work import Referral, Story
from console import initiatives_rows as rows
from console.access import can, me, must, my_commune, needs
from console.desk import ConsoleDesk, the_desk
from console.files import as_download
from console.initiatives import names_of, read_list_address
from console.initiatives_folders import KIND, OPEN
from console.initiatives_rows import TABLE, Names
from console.initiatives_words import WORDS, words
from console.report_rows import chip_of
from console.shared_words import pieces

SIMILAR = 3
STORY_STATES = frozenset({"trial", "recognised", "scaled"})
PEOPLE_EVENTS = frozenset({"filed", "added", "joined", "supported"})


Pieces = Sequence[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Similar:
    """Another initiative beside this one, with the words they share marked in both."""

    head: CaseHead
    state: str
    percent: int
    own_title: Pieces
    own_text: Pieces
    title: Pieces
    text: Pieces


@dataclass(frozen=True, slots=True)
class Merged:
    """One that was merged into this one: its authors are authors still."""

    code: str
    title: str
    author: str


@needs("initiative.read")
def page(code: str) -> ResponseReturnValue:
    """The initiative."""
    return render(code)


def render(
    code: str,
    *,
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    seen_event: int = 0,
    status: int = 200,
) -> ResponseReturnValue:
    """The page, with what went wrong and what was typed. ``seen_event``: what came after it is shown as news."""
    desk, who, commune_id = the_desk(), me(), my_commune()
    with desk.database.read() as connection:
        case = cases.read(connection, desk.vault, code)
        if case is None or case.head.kind != "initiative":
            abort(404)
        must("initiative.read", case.head.commune_id, village=case.head.village, unit=case.head.unit)
        names = names_of(connection, desk, commune_id)
        rounds = council.view(connection, desk.vault, who, case.head)
        events = cases.timeline(connection, desk.vault, case.head.id)
        referrals = initiative_work.referrals_of(connection, desk.vault, commune_id, code)
        people = cases.people(connection, desk.vault, case.head.id)
        merged = _merged(connection, desk, commune_id, code)
        story = initiative_work.story(connection, desk.vault, commune_id, code)
        files = attachments.of_case(connection, code)
        similar = _similar(connection, desk, case)
    timeline = _timeline(events, rounds, referrals, names)
    list_address = read_list_address(request.values.get("list", ""))
    return (
        render_template(
            "initiatives/page.html",
            case=case,
            head=case.head,
            view=_facts(case, names),
            chip=chip_of(case.head, names.now, names.hours),
            moves=_moves(who, case.head),
            choices=rows.choices(names),
            timeline=timeline,
            news=[entry for entry in timeline if seen_event and entry["id"] > seen_event],
            last_event=events[-1].id if events else 0,
            rounds=[_round(one, names) for one in rounds],
            members=_eligible(desk, commune_id) if may(who, "initiative.council", commune_id) else [],
            merged=merged,
            people=len(people),
            files=[(one, reason_for_staff(one.reason) if one.state == "refused" else "") for one in files],
            similar=similar,
            referrals=referrals,
            story=story,
            may=_allowed(who, case.head, story),
            errors=errors or {},
            typed=typed or {},
            list_query=request.values.get("list", ""),
            list_address=list_address,
        ),
        status,
    )


def _eligible(desk: ConsoleDesk, commune_id: str) -> list[Any]:
    with desk.database.read() as connection:
        return list(council.eligible(connection, commune_id))


def _facts(case: Case, names: Names) -> dict[str, str]:
    head = case.head
    contact = case.contact
    return {
        "state": rows.state_name(head.state),
        "state_tone": rows.STATE_TONES.get(head.state, ""),
        "field": rows.field_name(head.category),
        "author": contact.name if contact is not None and contact.name else words("author_unnamed"),
        "author_kind": rows.author_name(head.author_kind),
        "phone": contact.phone if contact is not None else "",
        "stage": rows.stage_name(head.stage),
        "village": names.village(head.village),
        "unit": names.unit(head.unit),
        "assignee": names.official(head.assignee) if head.assignee else "",
        "campaign": names.campaigns.get(head.campaign_id, ""),
    }


def _moves(who: Any, head: CaseHead) -> list[dict[str, Any]]:
    """The steps this official may take from here, with the reasons to choose from."""
    if head.merged_into:
        return []
    found = []
    for state in TABLE.next_states(head.state):
        act = "initiative.decide" if state in DECISIONS else "initiative.move"
        if not may(who, act, head.commune_id, village=head.village, unit=head.unit):
            continue
        move = TABLE.moves[head.state, state]
        found.append(
            {
                "to": state,
                "name": _move_name(head.state, state),
                "needs_reason": move.needs_reason,
                "reasons": [(one.id, one.name) for one in reasons_for(state)],
                "declines": state == "declined",
            }
        )
    return found


def _move_name(before: str, after: str) -> str:
    """What the button says; going back has words of its own."""
    back = f"act_of_move_{before}_{after}"
    key = back if back in WORDS.texts else f"act_of_move_{after}"
    return words(key) if key in WORDS.texts else rows.state_name(after)


def _allowed(who: Any, head: CaseHead, story: Story | None) -> dict[str, bool]:
    """What to offer besides moves."""
    acts = ("move", "note", "merge", "decide", "council", "export")
    allowed = {
        act: may(who, f"initiative.{act}", head.commune_id, village=head.village, unit=head.unit) for act in acts
    }
    stands = not head.merged_into
    is_open = head.state in TABLE.open_states
    return {
        **allowed,
        "merge": allowed["merge"] and stands and is_open,
        "split": allowed["merge"] and not stands,
        "council": allowed["council"] and stands and head.state in council.SCORED_STATES,
        "close": allowed["decide"] and stands,
        "say": allowed["move"] and stands,
        "story": story is not None or (allowed["note"] and head.state in STORY_STATES and stands),
        "refer": allowed["decide"] and stands,
    }


def _merged(connection: Any, desk: ConsoleDesk, commune_id: str, code: str) -> list[Merged]:
    codes = cases.merged_codes(connection, code)
    found = initiative_work.read_cases(connection, desk.vault, commune_id, codes)
    return [
        Merged(
            each,
            found[each].words.title or found[each].gist,
            found[each].contact.name if found[each].contact is not None else "",  # type: ignore[union-attr]
        )
        for each in codes
    ]


def _similar(connection: Any, desk: ConsoleDesk, case: Case) -> list[Similar]:
    head = case.head
    if head.state not in TABLE.open_states or head.merged_into:
        return []
    pairs = case_twins.twins_of(connection, head.commune_id, KIND, [head.code], OPEN)
    chosen = pairs.get(head.code, ())[:SIMILAR]
    found = initiative_work.read_cases(connection, desk.vault, head.commune_id, [twin.code for twin in chosen])
    return [
        Similar(
            other.head,
            rows.state_name(other.head.state),
            round(100 * twin.score),
            *_marked(case, other.words.whole),
            *_marked(other, case.words.whole),
        )
        for twin in chosen
        if (other := found.get(twin.code)) is not None
        and can("initiative.read", village=other.head.village, unit=other.head.unit)
    ]


def _marked(case: Case, beside: str) -> tuple[Pieces, Pieces]:
    """Title and text of one, what the other says too marked; no text where the title is all of it."""
    title = case.words.title or case.gist
    text = "\n".join(part for part in (case.words.problem, case.words.proposal) if part and part != title)
    return pieces(title, beside), pieces(text, beside) if text else ()


def _timeline(
    events: Sequence[CaseEvent], rounds: Sequence[RoundView], referrals: Sequence[Referral], names: Names
) -> list[dict[str, Any]]:
    entries = [_entry(one, names) for one in events]
    for view in rounds:
        one = view.round
        opened = words("event_council_open", number=one.number)
        entries.append(_plain(one.opened_ms, names.official_of(one.opened_by), opened, one.reason))
        if view.result is not None and one.closed_ms is not None and one.closed_by is not None:
            closed = words("event_council_close", number=one.number, percent=percent(view.result.percent))
            entries.append(_plain(one.closed_ms, names.official_of(one.closed_by), closed, ""))
    for each in referrals:
        place = words("event_referred", place=each.destination)
        entries.append(_plain(each.referred_ms, names.official_of(each.referred_by), place, each.note))
    return sorted(entries, key=lambda entry: int(entry["at_ms"]))


def _plain(at_ms: int, who: str, title: str, text: str) -> dict[str, Any]:
    return {"id": 0, "at_ms": at_ms, "who": who, "title": title, "text": text, "kind": "event"}


def _entry(event: CaseEvent, names: Names) -> dict[str, Any]:
    if event.by:
        who = names.official(event.by)
    else:
        who = words("who_resident" if event.kind in PEOPLE_EVENTS else "who_system")
    kind = "event"
    if event.internal and event.by:
        kind = "note"
    elif event.public:
        kind = "out" if event.by else "in"
    elif event.kind in PEOPLE_EVENTS:
        kind = "in"
    title = _event_title(event, names)
    text = event.internal or event.public
    return {"id": event.id, "at_ms": event.at_ms, "who": who, "title": title, "text": text, "kind": kind}


def _event_title(event: CaseEvent, names: Names) -> str:
    before, after = event.before, event.after
    if event.kind in ("moved", "reopened"):
        before, after = rows.state_name(before), rows.state_name(after)
    elif event.kind == "assigned":
        after = ", ".join(names.official(part) if "@" in part else names.unit(part) for part in after.split())
    elif event.kind == "sorted":
        before, after = (
            ", ".join(village_name(rows.field_name(part), names.commune) for part in text.split(" ") if part)
            for text in (before, after)
        )
    elif event.kind == "merged":
        return words("event_merged_in", code=before)
    elif event.kind == "split":
        return words("event_split", code=after)
    key = f"event_{event.kind}"
    return words(key if key in WORDS.texts else "event_other", before=before, after=after)


def percent(value: float) -> str:
    """ "78,5" """
    return f"{value:.1f}".replace(".", ",")


def mark(value: float) -> str:
    """ "7,5", and "7" for a whole one."""
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def _round(view: RoundView, names: Names) -> dict[str, Any]:
    """A round in words; marks of others are not in ``view`` before it is closed."""
    result = view.result
    return {
        "view": view,
        "number": view.round.number,
        "is_open": view.round.state == "open",
        "reason": view.round.reason,
        "due_on": "/".join(reversed(view.round.due_on.split("-"))) if view.round.due_on else "",
        "votes": view.votes,
        "own": {} if view.own_vote is None else {key: mark(each) for key, each in view.own_vote.marks.items()},
        "own_remark": "" if view.own_vote is None else view.own_vote.remark,
        "percent": "" if result is None else percent(result.percent),
        "on_scale": "" if result is None else mark(round(result.on_scale, 2)),
        "passed": result is not None and result.passed,
        "criteria": []
        if result is None
        else [
            (one.criterion.name, one.criterion.weight, mark(round(one.mean, 2)), mark(one.lowest), mark(one.highest))
            for one in result.criteria
        ],
        "members": [
            {
                "name": one.member.name,
                "role": role_name(one.member.role),
                "has_voted": one.member.has_voted,
                "percent": "" if result is None or one.percent is None else percent(one.percent),
                "remark": "" if result is None or one.vote is None else one.vote.remark,
                "id": one.member.staff_id,
            }
            for one in view.members
        ],
        "closed_by": "" if view.round.closed_by is None else names.official_of(view.round.closed_by),
    }


@needs("initiative.read")
def attached(code: str, attachment_id: int) -> ResponseReturnValue:
    """One attached thing: a picture is shown, anything else only saved."""
    desk = the_desk()
    with desk.database.read() as connection:
        head = cases.find(connection, code)
        if head is None or head.kind != "initiative":
            abort(404)
        must("initiative.read", head.commune_id, village=head.village, unit=head.unit)
        known = {one.id for one in attachments.of_case(connection, code)}
        stored = attachments.open_attachment(connection, desk.vault, attachment_id) if attachment_id in known else None
    if stored is None:
        abort(404)
    kind, _, ending = stored.attachment.mime.partition("/")
    ending = "".join(sign for sign in ending if sign.isascii() and sign.isalnum()) or "bin"
    answer = as_download(stored.content, f"{code}-{attachment_id}.{ending}", stored.attachment.mime)
    if (kind, ending) == ("image", "jpeg"):
        answer.headers["Content-Disposition"] = "inline"
    return answer


def add_routes(blueprint: Blueprint) -> None:
    """The page and what is attached."""
    blueprint.get("/initiatives/<code>")(page)
    blueprint.get("/initiatives/<code>/attached/<int:attachment_id>")(attached)
