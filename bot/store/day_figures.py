"""The figures of a day for the officials' digest: counts alone, nothing of anybody."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from bot.store.broadcast_tables import broadcast
from bot.store.case_tables import case_file
from bot.store.tables import decision, oa, staff_request

SOON_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class DayFigures:
    """Questions and cases of the day; cases due soon or late and announcements to approve as of now."""

    questions: int
    unanswered: int
    filed: int
    due_soon: int
    late: int
    waiting_approval: int


def of_day(connection: Connection, commune_id: str, from_ms: int, until_ms: int, now_ms: int) -> DayFigures:
    """From ``from_ms`` up to, not with, ``until_ms``."""
    ours = select(oa.c.oa_id).where(oa.c.commune_id == commune_id)

    def count(statement: object) -> int:
        return int(connection.execute(statement).scalar_one())  # type: ignore[call-overload]  # a select of one count

    asked = (
        select(func.count())
        .select_from(decision)
        .where(decision.c.oa_id.in_(ours), decision.c.decided_ms >= from_ms, decision.c.decided_ms < until_ms)
    )
    waiting = (
        select(func.count())
        .select_from(staff_request)
        .where(
            staff_request.c.commune_id == commune_id,
            staff_request.c.created_ms >= from_ms,
            staff_request.c.created_ms < until_ms,
            staff_request.c.answered_ms.is_(None),
        )
    )
    cases = select(func.count()).select_from(case_file).where(case_file.c.commune_id == commune_id)
    return DayFigures(
        questions=count(asked),
        unanswered=count(waiting),
        filed=count(cases.where(case_file.c.created_ms >= from_ms, case_file.c.created_ms < until_ms)),
        due_soon=count(cases.where(case_file.c.due_ms >= now_ms, case_file.c.due_ms < now_ms + SOON_MS)),
        late=count(cases.where(case_file.c.due_ms < now_ms)),
        waiting_approval=count(
            select(func.count())
            .select_from(broadcast)
            .where(broadcast.c.commune_id == commune_id, broadcast.c.state == "submitted")
        ),
    )
