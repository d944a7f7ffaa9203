"""What the product tells officials by itself: reports that fall due, days left of Zalo's grant, late cases, the day.

Each is a notice under a key of kind, commune and day, so that saying it again says nothing; the clock says it when the
day begins. Who signed up for an event hears of it the day before, in the chat, where their window allows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from bot.broadcasts.rules import Rule, next_after
from bot.broadcasts.words import word
from bot.clock import VIETNAM, from_ms
from bot.journal import outbox
from bot.journal.access import days_left
from bot.journal.outbox import NewSend
from bot.journal.states import Voice
from bot.replies import Reply
from bot.services import Services
from bot.store import accounts, broadcasts, day_figures, events, residents, staff_notices
from bot.zalo.messages import render_plain
from bot.zalo.windows import Window, window

logger = logging.getLogger(__name__)

REPORTS = {"half_year": (10, 6), "year": (10, 12)}
"""Days and months by which communes report on the innovation plan."""
REPORT_WORKING_DAYS = (10, 5, 1)
TOKEN_DAYS = (14, 7, 3, 1)
DIGEST_HOUR = 7
MOST_REMIND_HOURS = max(events.REMIND_HOURS)
REMIND_AT_ONCE = 200

Notice = tuple[str, str, str]
"""Kind, what makes it another one, words."""


def say_what_is_due(services: Services, _owner: str) -> None:
    """The job of the clock: notices of the day, and reminders of events."""
    now = services.clock.now()
    if now.hour >= DIGEST_HOUR:
        with services.database.read() as connection:
            communes = {one.commune_id: one.oa_id for one in accounts.list_accounts(connection, services.vault, 0)}
        for commune_id, oa_id in communes.items():
            with services.database.write() as connection:
                for kind, what, text in _notices(connection, services, commune_id, oa_id, now):
                    key = f"{kind}:{commune_id}:{what}"
                    staff_notices.add(connection, key, commune_id, kind, text, services.clock.now_ms())
    remind_of_events(services)


def _notices(
    connection: Connection, services: Services, commune_id: str, oa_id: str, now: datetime
) -> Iterator[Notice]:
    today = now.date()
    yield from _reports(now)
    tokens = accounts.read_tokens(connection, services.vault, oa_id)
    if tokens is not None:
        left = int(days_left(tokens, services.clock.now_ms()))
        step = min((days for days in TOKEN_DAYS if left <= days), default=None)
        if tokens.needs_grant:
            yield "grant", today.isoformat(), word("notice_grant")
        elif step is not None:
            # One notice for each step of each grant, not one for each day.
            yield "token", f"{tokens.refresh_issued_ms}:{step}", word("notice_token", days=left)
    for one in broadcasts.list_newest(connection, commune_id, states=(broadcasts.SUBMITTED,), limit=20):
        if one.note == "late":
            yield "late_broadcast", str(one.id), word("notice_late", title=one.title)
    yield "digest", today.isoformat(), _digest(connection, commune_id, now)


def _reports(now: datetime) -> Iterator[Notice]:
    for name, (day, month) in REPORTS.items():
        reached = [ahead for ahead in REPORT_WORKING_DAYS if _day_before(now.year, day, month, ahead) <= now.date()]
        if reached and now.date() <= date(now.year, month, day):
            ahead = min(reached)  # a clock started late says the nearest alone
            yield name, f"{now.year}:{ahead}", word(f"notice_{name}", day=f"{day}/{month}", ahead=ahead)


def _day_before(year: int, day: int, month: int, working_days: int) -> date:
    """So many working days before that day of the year."""
    rule = Rule("once", "00:00", on=date(year, month, day).isoformat(), working_days_before=working_days)
    due = next_after(rule, datetime(year - 1, 12, 1, tzinfo=VIETNAM))
    assert due is not None
    return due.date()


def _digest(connection: Connection, commune_id: str, now: datetime) -> str:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    begin_ms, until_ms = (int(one.timestamp() * 1000) for one in (midnight - timedelta(days=1), midnight))
    figures = day_figures.of_day(connection, commune_id, begin_ms, until_ms, int(now.timestamp() * 1000))
    return word(
        "notice_digest",
        day=(midnight - timedelta(days=1)).strftime("%d/%m"),
        questions=figures.questions,
        unanswered=figures.unanswered,
        filed=figures.filed,
        soon=figures.due_soon,
        late=figures.late,
        waiting=figures.waiting_approval,
    )


def remind_of_events(services: Services) -> int:
    """Tell who signed up that their event is near (a day, unless it says otherwise): once, and where their window is
    open. Returns how many."""
    now_ms = services.clock.now_ms()
    told = 0
    with services.database.write() as connection:
        until = now_ms + MOST_REMIND_HOURS * 3_600_000
        for event, oa_id, user_id in events.to_remind(connection, now_ms, until, REMIND_AT_ONCE):
            events.note_reminded(connection, event.id, oa_id, user_id, now_ms)
            last = residents.last_interaction(connection, oa_id, user_id)
            if window(last or None, now_ms) is Window.CLOSED:
                continue
            starts = from_ms(event.starts_ms).astimezone(VIETNAM).strftime("%H:%M %d/%m")
            reply = Reply(word("event_reminder", title=event.title, starts=starts, place=event.place))
            send = NewSend(
                key=f"event:{event.id}:{event.starts_ms}:{user_id}",
                oa_id=oa_id,
                user_id=user_id,
                trace_id=f"event{event.id}",
                payload_sealed=services.vault.encrypt(reply.to_json(), "outbox.payload"),
                text_digest=services.vault.digest(reply.text),
                plain_digest=services.vault.digest(render_plain(reply)),
                not_before_ms=None,
                voice=Voice.NOTICE,
            )
            outbox.enqueue(connection, [send], now_ms)
            told += 1
        if told:
            services.database.announce(connection)
    return told
