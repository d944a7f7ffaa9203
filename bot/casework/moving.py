"""What officials do to a case: move it, give it to somebody, answer, ask for more, note.

Each function asks :mod:`bot.permissions` first, works in the caller's transaction, writes the timeline and the audit
log and tells the people concerned. After the transaction call ``database.announce`` inside it, so that a worker sends
at once. ``expected_version`` is the version the official saw: a case changed since is refused, never overwritten.
"""

from __future__ import annotations

from sqlalchemy import Connection

from bot import permissions
from bot.cases.categories import categories, levels
from bot.cases.deadlines import allowed_minutes
from bot.cases.initiative_fields import initiative_fields
from bot.cases.lifecycle import WAITING, IllegalMove, check_move, lifecycle
from bot.cases.routing import unit_name
from bot.casework import steps, telling
from bot.casework.communes import commune_at
from bot.casework.refusals import CaseRefused, refused_move
from bot.casework.steps import Step
from bot.clock import VIETNAM, from_ms
from bot.encryption import Vault
from bot.store import audit, cases
from bot.store import staff as staff_store
from bot.store.case_records import CaseHead
from bot.store.staff import Staff
from knowledge.profile_lists import item_key

DECISIONS = frozenset({"recognised", "scaled", "declined"})
"""Moves of an initiative that speak for the commune: fewer may make them."""


def act_of(kind: str, verb: str) -> str:
    """The dotted name of an act upon a report or an initiative. Initiatives are assigned by those who move them."""
    if kind == "initiative":
        return f"initiative.{'move' if verb == 'assign' else verb}"
    return f"case.{verb}"


def require(staff: Staff, head: CaseHead, verb: str) -> None:
    """Raise :class:`bot.permissions.NotAllowed` unless the official may do this to this case."""
    permissions.require(staff, act_of(head.kind, verb), head.commune_id, village=head.village, unit=head.unit)


def require_move(staff: Staff, head: CaseHead, to_state: str) -> None:
    """The same for a move to a state: deciding upon an initiative is more than moving it on."""
    require(staff, head, "decide" if head.kind == "initiative" and to_state in DECISIONS else "move")


def taken_up(
    connection: Connection, staff: Staff, code: str, verb: str, expected_version: int | None, *, to_state: str = ""
) -> CaseHead:
    """The case locked for this official. Raises ``NotAllowed``; :class:`CaseRefused` where it is unknown, merged, or
    not the version the official saw."""
    head = steps.standing(connection, code)
    if verb == "move":
        require_move(staff, head, to_state)
    else:
        require(staff, head, verb)
    if expected_version is not None and head.version != expected_version:
        raise CaseRefused("changed", code=code)
    return head


def move(
    connection: Connection,
    vault: Vault,
    staff: Staff,
    code: str,
    to_state: str,
    reason: str,
    words: str,
    at_ms: int,
    expected_version: int | None = None,
) -> CaseHead:
    """Move a case to another state. Returns it as it is now.

    ``reason`` is an id of ``lifecycle.yaml`` or ""; ``words`` are read by everyone concerned. Raises ``NotAllowed``
    and :class:`CaseRefused`.
    """
    head = taken_up(connection, staff, code, "move", expected_version, to_state=to_state)
    try:
        check_move(head.kind, head.state, to_state, reason, words)
    except IllegalMove as error:
        raise refused_move(head.kind, code, error) from None
    if to_state == WAITING and not words.strip():
        raise CaseRefused("question_missing")
    changed = steps.make(
        connection,
        vault,
        head,
        Step(to_state, at_ms, _key(head, "moved"), reason, words, staff.email),
        also=_taker(head, staff, to_state),
    )
    _audit(connection, staff, head, "move", {"state": head.state}, {"state": to_state, "reason": reason}, at_ms)
    return changed


def _taker(head: CaseHead, staff: Staff, to_state: str) -> dict[str, object]:
    """A unit takes what had none when one of its people moves it on."""
    own_unit = permissions.unit_of(staff)
    return {"unit": own_unit} if to_state == "assigned" and not head.unit and own_unit else {}


def assign(
    connection: Connection,
    vault: Vault,
    staff: Staff,
    code: str,
    unit: str,
    assignee: str,
    at_ms: int,
    expected_version: int | None = None,
) -> CaseHead:
    """Give a case to a unit (a role of the profile) and, unless "", to an official by e-mail.

    A report nobody had taken goes to ``assigned`` with it, and its people are told by whom it is handled.
    """
    head = taken_up(connection, staff, code, "assign", expected_version)
    commune = commune_at(connection, head.commune_id, from_ms(at_ms).astimezone(VIETNAM))
    if not unit_name(unit, commune):
        raise CaseRefused("unknown_unit", unit=unit)
    official = staff_store.find(connection, assignee) if assignee else None
    if assignee and (official is None or official.disabled or official.commune_id != head.commune_id):
        raise CaseRefused("unknown_assignee", email=assignee)
    taker = "" if official is None else official.email
    key = _key(head, "assigned")
    before, after = {"unit": head.unit, "assignee": head.assignee}, {"unit": unit, "assignee": taker}
    if head.state == "received":
        step = Step("assigned", at_ms, key, by=staff.email)
        changed = steps.make(connection, vault, head, step, also={"unit": unit, "assignee": taker})
    else:
        changed = cases.change(connection, head, at_ms, unit=unit, assignee=taker)
    cases.add_event(
        connection,
        vault,
        changed,
        "assigned",
        key=f"{key}:to",
        at_ms=at_ms,
        before=" ".join(before.values()).strip(),
        after=" ".join(after.values()).strip(),
        by=staff.email,
    )
    _audit(connection, staff, head, "assign", before, after, at_ms)
    return changed


def sort_out(
    connection: Connection,
    vault: Vault,
    staff: Staff,
    code: str,
    at_ms: int,
    *,
    category: str | None = None,
    level: str | None = None,
    village: str | None = None,
    expected_version: int | None = None,
) -> CaseHead:
    """Correct what a case is about, how pressing it is and where; None leaves a field. A new level sets a new deadline
    from the day of filing on. People are not told: nothing happened to their matter yet."""
    head = taken_up(connection, staff, code, "assign", expected_version)
    known = categories() if head.kind == "report" else initiative_fields()
    if category is not None and category not in known:
        raise CaseRefused("unknown_category", category=category)
    if level is not None and (head.kind != "report" or level not in levels()):
        raise CaseRefused("unknown_level", level=level)
    commune = commune_at(connection, head.commune_id, from_ms(at_ms).astimezone(VIETNAM))
    if village and item_key(village) not in {item_key(one.name) for one in commune.villages}:
        raise CaseRefused("unknown_village", village=village)
    wanted = {"category": category, "level": level, "village": None if village is None else item_key(village)}
    values: dict[str, object] = {
        name: value for name, value in wanted.items() if value is not None and value != getattr(head, name)
    }
    if not values:
        return head
    if "level" in values and head.due_ms is not None:
        values |= {"due_ms": steps.due_from_filing(head, str(level), commune), "escalated": 0}
    elif "level" in values and head.left_minutes is not None:
        more = allowed_minutes(head.kind, str(level)) - allowed_minutes(head.kind, head.level)
        values["left_minutes"] = head.left_minutes + more
    changed = cases.change(connection, head, at_ms, **values)
    before = {name: getattr(head, name) for name in values if name in wanted}
    after = {name: getattr(changed, name) for name in values if name in wanted}
    cases.add_event(
        connection,
        vault,
        changed,
        "sorted",
        key=_key(head, "sorted"),
        at_ms=at_ms,
        before=" ".join(map(str, before.values())),
        after=" ".join(map(str, after.values())),
        by=staff.email,
    )
    _audit(connection, staff, head, "assign", before, after, at_ms)
    return changed


def answer(
    connection: Connection,
    vault: Vault,
    staff: Staff,
    code: str,
    words: str,
    at_ms: int,
    expected_version: int | None = None,
) -> CaseHead:
    """Say something to everyone concerned without moving the case."""
    return _say(connection, vault, staff, code, "answered", "answer", words, at_ms, expected_version)


def ask_for_more(
    connection: Connection,
    vault: Vault,
    staff: Staff,
    code: str,
    words: str,
    at_ms: int,
    expected_version: int | None = None,
) -> CaseHead:
    """Ask the people of a case for more. A report then waits for them, its timer standing still; an initiative, and a
    report that is waiting already, stay where they are."""
    head = taken_up(connection, staff, code, "move", expected_version, to_state=WAITING)
    if WAITING in lifecycle(head.kind).next_states(head.state):
        return move(connection, vault, staff, code, WAITING, "", words, at_ms, head.version)
    return _say(connection, vault, staff, code, "asked", "answer_question", words, at_ms, head.version)


def _say(
    connection: Connection,
    vault: Vault,
    staff: Staff,
    code: str,
    kind: str,
    frame: str,
    words: str,
    at_ms: int,
    expected_version: int | None,
) -> CaseHead:
    head = taken_up(connection, staff, code, "move", expected_version)
    said = words.strip()[: telling.LONGEST_WORDS]
    if not said:
        raise CaseRefused("answer_missing" if kind == "answered" else "question_missing")
    key = _key(head, kind)
    changed = cases.change(connection, head, at_ms)
    text = telling.below(frame, said)
    cases.add_event(connection, vault, changed, kind, key=key, at_ms=at_ms, by=staff.email, public=text.strip())
    telling.tell(
        connection,
        vault,
        changed,
        cases.people(connection, vault, head.id),
        kind,
        key=f"case:{key}",
        at_ms=at_ms,
        buttons=telling.status_button if kind == "answered" else None,
        answer=text,
    )
    _audit(connection, staff, head, "move", None, {"said": kind}, at_ms)
    return changed


def note(connection: Connection, vault: Vault, staff: Staff, code: str, words: str, at_ms: int) -> CaseHead:
    """Write something for colleagues alone. It is told to nobody, now or later."""
    head = taken_up(connection, staff, code, "note", None)
    if not words.strip():
        raise CaseRefused("answer_missing")
    changed = cases.change(connection, head, at_ms)
    key = _key(head, "noted")
    cases.add_event(connection, vault, changed, "noted", key=key, at_ms=at_ms, by=staff.email, internal=words.strip())
    return changed


def _key(head: CaseHead, what: str) -> str:
    """Names a step of an official: a case has each version once."""
    return f"{head.code}:{head.version}:{what}"


def _audit(
    connection: Connection,
    staff: Staff,
    head: CaseHead,
    verb: str,
    before: dict[str, str] | None,
    after: dict[str, str] | None,
    at_ms: int,
) -> None:
    act = act_of(head.kind, verb)
    audit.record(connection, staff, act, head.commune_id, f"case:{head.code}", before, after, at_ms)
