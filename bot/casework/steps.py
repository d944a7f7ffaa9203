"""The steps of a case, whoever makes them: a move with its timer, its entry in the timeline and its messages.

Everything happens in the caller's transaction. Who may is asked above, in :mod:`bot.casework.moving`; here it is only
what is legal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.cases import deadlines
from bot.cases.deadlines import Timer
from bot.cases.lifecycle import RESOLVED, WAITING, IllegalMove, Move, check_move, lifecycle, reasons
from bot.cases.routing import unit_name
from bot.casework import telling
from bot.casework.communes import commune_at, office_hours
from bot.casework.refusals import CASE_WORDS, CaseRefused, refused_move
from bot.clock import VIETNAM, from_ms
from bot.encryption import Vault
from bot.people import Person
from bot.store import cases
from bot.store.case_records import CaseHead
from knowledge import Commune

NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class Step:
    """One move to make. ``by`` is the official's address, "" where a resident or the product itself moves it.

    ``key`` names the step once and for all; ``besides`` did it themselves and hear of it otherwise.
    """

    to: str
    at_ms: int
    key: str
    reason: str = ""
    words: str = ""
    by: str = ""
    trace_id: str = ""
    besides: Person | None = None


def timer_of(head: CaseHead) -> Timer:
    """The case's timer as the deadlines reckon with it."""
    due = None if head.due_ms is None else from_ms(head.due_ms)
    return Timer(due, head.left_minutes)


def ms_of(moment: datetime | None) -> int | None:
    """A moment as it is stored."""
    return None if moment is None else int(moment.timestamp() * 1000)


def make(
    connection: Connection,
    vault: Vault,
    head: CaseHead,
    step: Step,
    *,
    quiet: bool = False,
    also: Mapping[str, object] = NOTHING,
) -> CaseHead:
    """Move a case and tell its people, unless ``quiet``. ``also`` are columns to set with it (unit, assignee).

    Returns the case as it is now. Raises :class:`CaseRefused` for a move that is not legal or says too little, and
    :class:`bot.store.cases.Stale` where somebody was quicker.
    """
    try:
        move = check_move(head.kind, head.state, step.to, step.reason, step.words)
    except IllegalMove as error:
        raise refused_move(head.kind, head.code, error) from None
    now = from_ms(step.at_ms).astimezone(VIETNAM)
    commune = commune_at(connection, head.commune_id, now)
    timer = deadlines.moved(
        timer_of(head), head.kind, head.level, step.to, now, reopens=move.reopens, hours=office_hours(commune)
    )
    state = lifecycle(head.kind).states[step.to]
    values: dict[str, object] = {
        "state": step.to,
        "due_ms": ms_of(timer.due),
        "left_minutes": timer.left_minutes,
        "reason": step.reason if state.final else "",
        "resolved_ms": step.at_ms if state.final else None,
        **also,
    }
    if move.reopens:
        values |= {"reopened": head.reopened + 1, "escalated": 0}
        cases.ask_marks_anew(connection, head.id)
    changed = cases.change(connection, head, step.at_ms, **values)
    answer = _answer(step)
    cases.add_event(
        connection,
        vault,
        changed,
        "reopened" if move.reopens else "moved",
        key=step.key,
        at_ms=step.at_ms,
        before=head.state,
        after=step.to,
        by=step.by,
        public=answer.strip(),
    )
    if quiet:
        return changed
    unit = unit_name(changed.unit, commune) or CASE_WORDS.word("unit_unknown")
    _tell(connection, vault, changed, step, move, answer, unit)
    return changed


def _told_as(move: Move) -> str:
    """The word of the catalogue for a move: going on after a question is no second assignment."""
    if move.reopens:
        return "reopened"
    return "resumed" if move.before == WAITING and move.after == "assigned" else move.after


def _answer(step: Step) -> str:
    """What the people of a case read below the sentence of the step: the reason's words, then the official's own."""
    reason = reasons()[step.reason].public if step.reason else ""
    said = " ".join(part for part in (reason, step.words.strip()[: telling.LONGEST_WORDS]) if part)
    if not said:
        return ""
    if step.to == WAITING:
        return telling.below("answer_question", said)
    if not step.by:
        return ""  # the resident's own words are no answer of the commune
    return telling.below("answer_reason" if step.reason else "answer", said)


def _tell(connection: Connection, vault: Vault, head: CaseHead, step: Step, move: Move, answer: str, unit: str) -> None:
    people = cases.people(connection, vault, head.id)
    buttons = telling.status_button
    if step.to == RESOLVED:
        buttons = telling.resolved_buttons
    telling.tell(
        connection,
        vault,
        head,
        people,
        f"moved_{head.kind}_{_told_as(move)}",
        key=f"case:{step.key}",
        at_ms=step.at_ms,
        trace_id=step.trace_id,
        buttons=None if step.to == WAITING else buttons,
        besides=step.besides,
        answer=answer,
        unit=unit,
        due="" if head.due_ms is None else CASE_WORDS.word("due", when=telling.moment_in_words(head.due_ms)),
    )
    if step.to == RESOLVED:
        concerned = [person for person in people if person.role != "supporter"]
        telling.tell(
            connection,
            vault,
            head,
            concerned,
            "rate_ask",
            key=f"case:{step.key}:rate",
            at_ms=step.at_ms,
            trace_id=step.trace_id,
            buttons=telling.mark_buttons,
        )


def standing(connection: Connection, code: str) -> CaseHead:
    """The case of a code, locked until the transaction ends. Raises :class:`CaseRefused` for one nobody has, and for
    one that was merged: what it went into is where things go on."""
    head = cases.find(connection, code, lock=True)
    if head is None:
        raise CaseRefused("unknown_code", code=code)
    if head.merged_into:
        raise CaseRefused("merged", code=code, into=head.merged_into)
    return head


def followed(connection: Connection, code: str) -> CaseHead | None:
    """The case of a code, or the one it was merged into; None for a code nobody has."""
    head = cases.find(connection, code, lock=True)
    if head is not None and head.merged_into:
        return cases.find(connection, head.merged_into, lock=True)
    return head


def due_from_filing(head: CaseHead, level: str, commune: Commune) -> int | None:
    """When a case of this level is due, counted from its filing."""
    filed = from_ms(head.created_ms).astimezone(VIETNAM)
    return ms_of(deadlines.started(head.kind, level, filed, office_hours(commune)).due)


def due_from_now(connection: Connection, head: CaseHead, at_ms: int) -> int | None:
    """A whole new time for a case, where its state has one."""
    if not lifecycle(head.kind).timer_runs(head.state):
        return None
    now = from_ms(at_ms).astimezone(VIETNAM)
    commune = commune_at(connection, head.commune_id, now)
    return ms_of(deadlines.started(head.kind, head.level, now, office_hours(commune)).due)
