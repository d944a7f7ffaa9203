"""How long rows are kept, and forgetting them in slices of 1,000, so that the write lock is never held long."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Column, ColumnElement, Table, delete, or_, select, true, update

from bot.cases.lifecycle import KINDS, lifecycle
from bot.store import attachments
from bot.store.broadcast_tables import broadcast, broadcast_receipt, broadcast_recipient, staff_notice
from bot.store.case_tables import case_file
from bot.store.council_tables import export_job
from bot.store.database import Database
from bot.store.learning_tables import answer_contest, handover_note
from bot.store.staff_tables import staff_session
from bot.store.tables import decision, echo, inbox, oauth_attempt, outbox, staff_request
from bot.store.takeover_tables import attachment, conversation_line, handover
from bot.store.voice_tables import learning_hint

DAY_MS = 86_400_000
SLICE = 1_000
FILES_AT_ONCE = 20
"""Attachments are large: so few are deleted in one transaction."""
KEYS_MS = 90 * DAY_MS
"""Keys of events are kept this long, so that a late copy is still known as one."""
PAYLOADS_MS = 7 * DAY_MS
"""What was sent can be read this long: Zalo's own window for answering."""
ECHOES_MS = 2 * DAY_MS
DECISIONS_MS = 400 * DAY_MS
"""The year's report is owed before 10/12 and asked about after."""
LINES_MS = 30 * DAY_MS
"""What residents and officials said to each other; an official looks back some weeks, nobody for a year."""
CONVERSATIONS_MS = DECISIONS_MS
"""That a conversation was a person's, without its words: the year's figures count it."""
ANSWERED_REQUESTS_MS = 90 * DAY_MS
REQUESTS_MS = DECISIONS_MS
HINTS_MS = 180 * DAY_MS
"""Masked words the bot may learn from; what was learned stays."""
SESSIONS_MS = 30 * DAY_MS
CLOSED_FILES_MS = 365 * DAY_MS
"""Photos and files of a case, counted from its last step."""


_OPEN_STATES = {state for kind in KINDS for state in lifecycle(kind).open_states}


@dataclass(frozen=True, slots=True)
class Period:
    """A kind of row, the moment it counts from, and how long it is kept. ``only``: of which rows it holds."""

    table: Table
    since: Column[int]
    keep_ms: int
    only: ColumnElement[bool] = field(default_factory=true)


PERIODS: tuple[Period, ...] = (
    Period(inbox, inbox.c.received_ms, KEYS_MS, inbox.c.state.in_((2, 3))),
    Period(outbox, outbox.c.created_ms, KEYS_MS, outbox.c.state.in_((2, 3, 5, 6))),
    Period(echo, echo.c.received_ms, ECHOES_MS),
    Period(decision, decision.c.decided_ms, DECISIONS_MS),
    Period(oauth_attempt, oauth_attempt.c.started_ms, DAY_MS),
    Period(export_job, export_job.c.expires_ms, -1),  # at that very moment
    Period(conversation_line, conversation_line.c.at_ms, LINES_MS),
    Period(handover_note, handover_note.c.at_ms, LINES_MS),
    Period(answer_contest, answer_contest.c.at_ms, HINTS_MS),
    Period(handover, handover.c.released_ms, CONVERSATIONS_MS, handover.c.state == "released"),
    Period(staff_request, staff_request.c.answered_ms, ANSWERED_REQUESTS_MS),
    Period(staff_request, staff_request.c.created_ms, REQUESTS_MS),
    Period(learning_hint, learning_hint.c.hinted_ms, HINTS_MS),
    Period(broadcast_receipt, broadcast_receipt.c.at_ms, KEYS_MS),
    Period(staff_notice, staff_notice.c.created_ms, DECISIONS_MS),
    Period(staff_session, staff_session.c.begun_ms, SESSIONS_MS),
)
"""Whole rows that go, each kind with its time. Cases have periods of their own (bot.store.erasing_cases)."""


def forget(database: Database, now_ms: int) -> int:
    """Delete or blank what is past its time. Idempotent. Returns the number of rows touched."""
    touched = sum(
        _delete(database, period.table, (period.since < now_ms - period.keep_ms) & period.only) for period in PERIODS
    )
    past = select(broadcast.c.id).where(broadcast.c.finished_ms < now_ms - KEYS_MS)
    touched += _delete(database, broadcast_recipient, broadcast_recipient.c.broadcast_id.in_(past))
    touched += _blank_payloads(database, now_ms - PAYLOADS_MS)
    touched += _blank_questions(database, now_ms - LINES_MS)
    touched += _delete_files(database, now_ms - CLOSED_FILES_MS)
    return touched


def _blank_questions(database: Database, before_ms: int) -> int:
    """Forget with which words somebody asked for a person, and what their conversation was called by Zalo."""
    with database.write() as connection:
        return connection.execute(
            update(handover)
            .where(
                handover.c.state == "released", handover.c.released_ms < before_ms, handover.c.text_sealed.is_not(None)
            )
            .values(text_sealed=None, anonymous_conversation=None)
        ).rowcount


def _delete_files(database: Database, before_ms: int) -> int:
    standing = case_file.alias("standing")
    closed = select(standing.c.code).where(
        standing.c.merged_into == "", standing.c.state.not_in(_OPEN_STATES), standing.c.updated_ms < before_ms
    )
    # A merged case keeps the state it had: its files live as long as those of the case it went into.
    closed = select(case_file.c.code).where(or_(case_file.c.code.in_(closed), case_file.c.merged_into.in_(closed)))
    total = 0
    while True:
        with database.write() as connection:
            gone = attachments.forget_some(connection, attachment.c.case_code.in_(closed), FILES_AT_ONCE)
        total += gone
        if gone < FILES_AT_ONCE:
            return total


def _delete(database: Database, table: Table, old: ColumnElement[bool]) -> int:
    key = list(table.primary_key.columns)[-1]
    total = 0
    while True:
        with database.write() as connection:
            keys = list(connection.execute(select(key).where(old).limit(SLICE)).scalars())
            if keys:
                connection.execute(delete(table).where(key.in_(keys), old))
        total += len(keys)
        if len(keys) < SLICE:
            return total


def _blank_payloads(database: Database, before_ms: int) -> int:
    total = 0
    while True:
        with database.write() as connection:
            ids = list(
                connection.execute(
                    select(outbox.c.id)
                    .where(
                        outbox.c.created_ms < before_ms,
                        outbox.c.payload_sealed.is_not(None),
                        outbox.c.state.in_((2, 5)),
                    )
                    .limit(SLICE)
                ).scalars()
            )
            if ids:
                connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(payload_sealed=None))
        total += len(ids)
        if len(ids) < SLICE:
            return total
