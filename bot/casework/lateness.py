"""Late cases go up: to the unit's head, to the office, to the chairman. The people hear once that it takes longer.

Idempotent: each step of each deadline is noted in the case before it is told, and told under a key of its own.
"""

from __future__ import annotations

import logging

from sqlalchemy import Connection

from bot.cases import deadlines
from bot.cases.routing import unit_name
from bot.casework import telling
from bot.casework.communes import commune_at, office_hours
from bot.casework.refusals import CASE_WORDS
from bot.clock import VIETNAM, from_ms
from bot.encryption import Vault
from bot.services import Services
from bot.store import audit, case_lists, cases
from bot.store.case_records import CaseHead

logger = logging.getLogger(__name__)

AT_ONCE = 100
"""Cases in one transaction: the write lock is not held longer than a batch of messages holds it."""


def escalate_overdue(services: Services, _owner: str) -> None:
    """Look through everything that is past its deadline and take each case as far up as its lateness says."""
    now_ms = services.clock.now_ms()
    after, count = (0, 0), 0
    while True:
        with services.database.read() as connection:
            late = case_lists.overdue(connection, now_ms, after, AT_ONCE)
        if not late:
            break
        with services.database.write() as connection:
            told = sum(_escalate(connection, services.vault, head.code, now_ms) for head in late)
            if told:
                services.database.announce(connection)
        count += told
        after = (late[-1].due_ms or 0, late[-1].id)
    if count:
        logger.info("late cases taken up", extra={"count": count})


def _escalate(connection: Connection, vault: Vault, code: str, now_ms: int) -> bool:
    head = cases.find(connection, code, lock=True)
    if head is None or head.due_ms is None or head.merged_into:
        return False
    now = from_ms(now_ms).astimezone(VIETNAM)
    commune = commune_at(connection, head.commune_id, now)
    step = deadlines.escalation(from_ms(head.due_ms), now, office_hours(commune))
    if step <= head.escalated:
        return False
    key = f"{head.code}:late:{head.due_ms}:{step}"
    changed = cases.change(connection, head, now_ms, escalated=step)
    cases.add_event(
        connection,
        vault,
        changed,
        "escalated",
        key=key,
        at_ms=now_ms,
        before=str(head.escalated),
        after=str(step),
    )
    audit.record(
        connection,
        None,
        "case.move",
        head.commune_id,
        f"case:{head.code}",
        {"escalated": head.escalated},
        {"escalated": step},
        now_ms,
    )
    if head.escalated == 0 and head.kind == "report":
        _tell(connection, vault, changed, unit_name(head.unit, commune), now_ms)
    return True


def _tell(connection: Connection, vault: Vault, head: CaseHead, unit: str, now_ms: int) -> None:
    telling.tell(
        connection,
        vault,
        head,
        cases.people(connection, vault, head.id),
        "late",
        # The deadline and not the step: however far up it goes, people hear it once.
        key=f"case:{head.code}:late:{head.due_ms}",
        at_ms=now_ms,
        buttons=telling.status_button,
        unit=unit or CASE_WORDS.word("unit_unknown"),
    )
