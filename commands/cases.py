"""``hoixa cases …``: what residents sent in, for officials at a terminal and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cases import codes
from bot.cases.categories import categories
from bot.cases.initiative_fields import initiative_fields
from bot.cases.lifecycle import KINDS, lifecycle, reasons_for
from bot.catalogue import Catalogue
from bot.clock import VIETNAM, from_ms
from commands.environment import open_services
from commands.failure import CommandError
from knowledge.communes import UNIT_LABELS

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.case_records import Case, CaseEvent, CaseHead, CasePerson
    from bot.store.staff import Staff

word = Catalogue(Path(__file__).parent / "cases_words.yaml").word
_JSON = click.option("--json", "as_json", is_flag=True, help=word("option_json"))
_STATES = {kind: ", ".join(lifecycle(kind).states) for kind in KINDS}
MOST_LISTED = 100


def _unit_name(unit: str) -> str:
    return next((label for role, label in UNIT_LABELS.items() if role == unit), unit)


@click.group("cases", help=word("help"))
def cases_group() -> None:
    """Collect the commands below."""


@cases_group.command("list", help=word("list_help"))
@click.option("--kind", type=click.Choice(KINDS), help=word("option_kind"))
@click.option("--commune", default="", help=word("option_commune"))
@click.option("--state", default="", help=word("option_state"))
@click.option("--village", default="", help=word("option_village"))
@click.option("--merged", is_flag=True, help=word("option_merged"))
@click.option("--limit", type=click.IntRange(1), default=MOST_LISTED, help=word("option_limit"))
@_JSON
def list_command(
    kind: str | None, commune: str, state: str, village: str, merged: bool, limit: int, as_json: bool
) -> None:
    """The newest cases."""
    from bot.store.case_lists import CaseFilter, list_cases
    from knowledge.profile_lists import item_key

    services = open_services()
    wanted = CaseFilter(
        kind=kind or "",
        commune_id=commune,
        states=(state,) if state else (),
        village=item_key(village),
        merged=merged,
    )
    with services.database.read() as connection:
        lines = list_cases(connection, services.vault, wanted, limit=limit)
    if as_json:
        click.echo(json.dumps([{**_facts(line.head), "gist": line.gist} for line in lines], ensure_ascii=False))
        return
    if not lines:
        click.echo(word("none"))
    for line in lines:
        head = line.head
        click.echo(
            word(
                "line",
                code=head.code,
                state=_state_name(head, head.state),
                due=word("due", when=_when(head.due_ms)) if head.due_ms else "",
                place=" · ".join(part for part in (head.village, _unit_name(head.unit)) if part),
                gist=line.gist,
                people=word("people", count=head.people) if head.people > 1 else "",
            ).rstrip()
        )


@cases_group.command("show", help=word("show_help"))
@click.argument("code")
@_JSON
def show(code: str, as_json: bool) -> None:
    """One case, with its timeline."""
    from bot.casework.refusals import CaseRefused
    from bot.store import cases

    services = open_services()
    code = _read_code(code)
    with services.database.read() as connection:
        case = cases.read(connection, services.vault, code)
        if case is None:
            raise CommandError(str(CaseRefused("unknown_code", code=code)))
        events = cases.timeline(connection, services.vault, case.head.id)
        people = cases.people(connection, services.vault, case.head.id)
        merged = cases.merged_codes(connection, code)
    if as_json:
        click.echo(json.dumps(_document(case, events, people, list(merged)), ensure_ascii=False))
        return
    for line in _lines(case, events):
        click.echo(line)


@cases_group.command("move", help=word("move_help", **_STATES))
@click.argument("code")
@click.option("--to", "to_state", required=True, help=word("option_to"))
@click.option("--by", "email", required=True, help=word("option_by"))
@click.option("--reason", default="", help=word("option_reason"))
@click.option("--words", default="", help=word("option_words"))
@_JSON
def move(code: str, to_state: str, email: str, reason: str, words: str, as_json: bool) -> None:
    """One legal move, told to everyone concerned."""
    from bot.casework import moving
    from bot.casework.refusals import CaseRefused
    from bot.permissions import NotAllowed
    from bot.store import cases

    services = open_services()
    code = _read_code(code)
    before: CaseHead | None = None
    try:
        with services.database.write() as connection:
            before = cases.find(connection, code)
            chosen, said = _reason(
                before.kind if before else "", before.state if before else "", to_state, reason, words
            )
            staff = _staff(connection, email)
            now_ms = services.clock.now_ms()
            head = moving.move(connection, services.vault, staff, code, to_state, chosen, said, now_ms)
            services.database.announce(connection)
    except CaseRefused as error:
        hint = _hint(
            error.trouble, "" if before is None else before.kind, "" if before is None else before.state, to_state
        )
        raise CommandError(f"{error} {hint}".strip()) from None
    except NotAllowed as error:
        raise CommandError(str(error)) from None
    except cases.Stale as error:
        raise CommandError(str(CaseRefused("changed", code=error.code))) from None
    assert before is not None, "an unknown code was refused"
    _report(head, as_json, word("moved", code=code, before=_state_name(head, before.state),
                                after=_state_name(head, head.state), told=head.people))  # fmt: skip


@cases_group.command("merge", help=word("merge_help"))
@click.argument("into")
@click.argument("gone")
@click.option("--by", "email", default="", help=word("option_by_merge"))
@_JSON
def merge(into: str, gone: str, email: str, as_json: bool) -> None:
    """The second into the first."""
    from bot.casework import merging
    from bot.casework.refusals import CaseRefused
    from bot.permissions import NotAllowed
    from bot.store import cases

    services = open_services()
    into, gone = _read_code(into), _read_code(gone)
    try:
        with services.database.write() as connection:
            staff = _staff(connection, email) if email else None
            told = len(people) if (people := _people_of(connection, services.vault, gone)) else 0
            head = merging.merge(connection, services.vault, staff, into, gone, services.clock.now_ms())
            services.database.announce(connection)
    except (CaseRefused, NotAllowed) as error:
        raise CommandError(str(error)) from None
    except cases.Stale as error:
        raise CommandError(str(CaseRefused("changed", code=error.code))) from None
    _report(head, as_json, word("merged", gone=gone, into=into, told=told))


def _people_of(connection: Connection, vault: Any, code: str) -> list[CasePerson]:
    from bot.store import cases

    head = cases.find(connection, code)
    return [] if head is None else cases.people(connection, vault, head.id)


def _report(head: CaseHead, as_json: bool, text: str) -> None:
    click.echo(json.dumps(_facts(head), ensure_ascii=False) if as_json else text)


def _read_code(typed: str) -> str:
    from bot.casework.refusals import CaseRefused

    found = codes.read_code(typed)
    if found is None or found[0].startswith(codes.LINK_PREFIX):
        raise CommandError(word("bad_code", code=typed))
    code, fits = found
    if not fits:
        raise CommandError(str(CaseRefused("wrong_code", code=code)))
    return code


def _staff(connection: Connection, email: str) -> Staff:
    from bot.store import staff as accounts

    found = accounts.find(connection, email)
    if found is None:
        raise CommandError(word("no_staff", email=email))
    return found


def _reason(kind: str, before: str, to_state: str, reason: str, words: str) -> tuple[str, str]:
    """The reason's id and the words. A reason typed freely is words, under "other" where the move needs a reason."""
    known = {one.id for one in reasons_for(to_state)}
    if not reason or reason in known:
        return reason, words
    said = f"{reason}\n{words}".strip()
    planned = lifecycle(kind).moves.get((before, to_state)) if kind else None
    return ("other" if planned is not None and planned.needs_reason else ""), said


def _hint(trouble: str, kind: str, before: str, to_state: str) -> str:
    """What could be typed instead: catalogue sentences name states and reasons as officials call them."""
    if not kind:
        return ""
    table = lifecycle(kind)
    names = {state.id: state.staff for state in table.states.values()}
    if trouble == "illegal":
        names = {state: names[state] for state in table.next_states(before)}
    elif trouble in ("reason_missing", "reason_unknown"):
        names = {reason.id: reason.name for reason in reasons_for(to_state)}
    elif trouble != "unknown_state":
        return ""
    return word("known", known=", ".join(f"{name} ({words})" for name, words in names.items()))


def _when(moment_ms: int | None) -> str:
    return "" if moment_ms is None else from_ms(moment_ms).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def _iso(moment_ms: int | None) -> str | None:
    return None if moment_ms is None else from_ms(moment_ms).astimezone(VIETNAM).isoformat(timespec="seconds")


def _state_name(head: CaseHead, state: str) -> str:
    known = lifecycle(head.kind).states.get(state)
    return state if known is None else known.staff


def _category_name(head: CaseHead) -> str:
    known = categories() if head.kind == "report" else initiative_fields()
    return known[head.category].name if head.category in known else head.category


def _facts(head: CaseHead) -> dict[str, object]:
    """What programs read of a case; fields are only ever added."""
    return {
        "code": head.code,
        "kind": head.kind,
        "commune": head.commune_id,
        "state": head.state,
        "state_name": _state_name(head, head.state),
        "category": head.category,
        "category_name": _category_name(head),
        "level": head.level or None,
        "village": head.village,
        "unit": head.unit,
        "assignee": head.assignee,
        "source": head.source,
        "anonymous": head.anonymous,
        "people": head.people,
        "supporters": head.supporters,
        "reason": head.reason or None,
        "reopened": head.reopened,
        "escalated": head.escalated,
        "campaign": head.campaign_id or None,
        "merged_into": head.merged_into or None,
        "filed": _iso(head.created_ms),
        "updated": _iso(head.updated_ms),
        "due": _iso(head.due_ms),
        "resolved": _iso(head.resolved_ms),
        "version": head.version,
    }


def _document(case: Case, events: list[CaseEvent], people: list[CasePerson], merged: list[str]) -> dict[str, object]:
    words, place, contact = case.words, case.place, case.contact
    return {
        **_facts(case.head),
        "gist": case.gist,
        "words": {name: getattr(words, name) for name in words.__dataclass_fields__ if getattr(words, name)},
        "place": {"words": place.words, "latitude": place.latitude, "longitude": place.longitude},
        "contact": None if contact is None else {"name": contact.name, "phone": contact.phone},
        "merged": merged,
        "people_told": [
            {"role": person.role, "code": person.known_code, "mark": person.mark, "words": person.words}
            for person in people
        ],
        "events": [
            {
                "kind": event.kind,
                "before": event.before,
                "after": event.after,
                "by": event.by,
                "at": _iso(event.at_ms),
                "public": event.public,
                "internal": event.internal,
            }
            for event in events
        ],
    }


def _lines(case: Case, events: list[CaseEvent]) -> list[str]:
    head, place, contact = case.head, case.place, case.contact
    lines = [
        word("show_head", code=head.code, kind=_category_name(head), state=_state_name(head, head.state)),
        word("show_filed", when=_when(head.created_ms)),
    ]
    lines += [word("show_due", when=_when(head.due_ms))] if head.due_ms else []
    lines += [word("show_merged", into=head.merged_into)] if head.merged_into else []
    lines += [word("show_unit", unit=_unit_name(head.unit))] if head.unit else []
    lines += [word("show_assignee", assignee=head.assignee)] if head.assignee else []
    lines += [word("show_village", village=head.village, place=place.words)] if head.village or place.words else []
    if head.anonymous:
        lines.append(word("show_anonymous"))
    elif contact is not None:
        lines.append(word("show_contact", name=contact.name, phone=contact.phone))
    lines.append(word("show_people", count=head.people))
    lines += ["", case.words.whole, ""]
    for event in events:
        before, after = _state_name(head, event.before), _state_name(head, event.after)
        what = word(f"event_{event.kind}", before=before, after=after)
        by = word("event_by", by=event.by) if event.by else ""
        lines.append(word("show_event", when=_when(event.at_ms), what=what, by=by))
        lines += [word("show_event_words", words=said) for said in (event.public, event.internal) if said]
    return lines
