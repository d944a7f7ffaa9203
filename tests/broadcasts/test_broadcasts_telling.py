"""Forecasts, notices for the board, the calendar, what officials are told by themselves."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from broadcast_making import AUTHOR, CHAIR, COMMUNE, add_residents, approved, spec_of, user
from icalendar import Calendar
from rig import HOUR_MS, NOON_MS, OUR_OA, Rig

from bot.broadcasts import firing, service_messages
from bot.broadcasts.calendar_feed import calendar_feed, calendar_rows
from bot.broadcasts.forecast import PAID_MESSAGE_VND, Forecast, end_at_rate, forecast
from bot.broadcasts.notice import notice_page
from bot.broadcasts.rules import Rule
from bot.clock import VIETNAM
from bot.store import events, staff_notices

DAY_MS = 24 * HOUR_MS


@pytest.fixture(autouse=True)
def connected(sqlite_rig: Rig) -> None:
    sqlite_rig.connect_oa()


def _forecast(rig: Rig, settings: dict[str, str] | None = None, **changes: object) -> Forecast:
    with rig.database.read() as connection:
        return forecast(
            connection, rig.settings(**{"HOIXA_QUIET_HOURS": "off", **(settings or {})}), COMMUNE,
            spec_of(rig, **changes), rig.clock.now(),
        )  # fmt: skip


def test_a_forecast_counts_whom_it_would_reach_and_what_that_costs(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    add_residents(rig, 6)
    add_residents(rig, 4, first=10, hours_ago=72)
    add_residents(rig, 3, first=20, hours_ago=24 * 8)
    add_residents(rig, 2, first=30, stopped_reason="zalo-244")
    rig.put("announcement_choice", oa_id=OUR_OA, user_id=user(0), wanted=False, at_ms=1)
    found = _forecast(rig)
    assert (found.total, found.free, found.paid, found.reachable, found.unreachable) == (15, 5, 4, 9, 6)
    assert found.reasons == {"outside_window": 3, "blocked": 2, "opted_out": 1}
    assert found.cost_vnd == 4 * PAID_MESSAGE_VND == 220
    assert found.begins == rig.clock.now() and found.waits is None
    free = _forecast(rig, free_only=True)
    assert (free.paid, free.cost_vnd, free.reasons["outside_window"]) == (0, 0, 7)


def test_a_forecast_for_later_counts_windows_as_they_will_be(sqlite_rig: Rig) -> None:
    add_residents(sqlite_rig, 2, hours_ago=1)
    add_residents(sqlite_rig, 3, first=10, hours_ago=24 * 6)
    later = _forecast(sqlite_rig, send_at="2026-11-24T14:00:00+07:00")
    assert (later.free, later.paid, later.reasons) == (0, 2, {"outside_window": 3})


def test_quiet_hours_and_the_night_move_the_beginning(sqlite_rig: Rig) -> None:
    late = {"send_at": "2026-11-22T22:30:00+07:00"}
    quiet = _forecast(sqlite_rig, {"HOIXA_QUIET_HOURS": "21:00-06:30"}, **late)
    assert (quiet.waits, quiet.begins) == ("quiet_hours", datetime(2026, 11, 23, 6, 30, tzinfo=VIETNAM))
    article = _forecast(sqlite_rig, kind="article", **late)
    assert (article.waits, article.begins) == ("night", datetime(2026, 11, 23, 6, 0, tzinfo=VIETNAM))
    assert _forecast(sqlite_rig, **late).waits is None


def test_the_end_is_at_four_fifths_of_the_rate_with_the_night_left_out(sqlite_rig: Rig) -> None:
    settings = sqlite_rig.settings(HOIXA_ZALO_RATE_PER_SECOND="20", HOIXA_QUIET_HOURS="off")
    begins = datetime(2026, 11, 22, 20, 0, tzinfo=VIETNAM)
    straight = end_at_rate(57_600, begins, settings)  # an hour's worth at 16 a second, two per cent more
    assert straight - begins == timedelta(hours=1, seconds=72)
    quiet = sqlite_rig.settings(HOIXA_ZALO_RATE_PER_SECOND="20", HOIXA_QUIET_HOURS="20:30-06:30")
    assert end_at_rate(57_600, begins, quiet) == datetime(2026, 11, 23, 7, 1, 12, tzinfo=VIETNAM)


def test_a_notice_for_the_board_is_whole_and_takes_no_markup(sqlite_rig: Rig) -> None:
    page = notice_page("Họp <b>", "Dòng một\n\nDòng & hai", "UBND xã Hà Đông", "Hà Đông", OUR_OA, date(2026, 11, 2))
    assert "Họp &lt;b&gt;" in page and "<p>Dòng &amp; hai</p>" in page and "<svg" in page
    assert "Hà Đông, ngày 02 tháng 11 năm 2026" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "") and "src=" not in page


def _event(rig: Rig, **values: object) -> int:
    with rig.database.write() as connection:
        return events.add(
            connection, NOON_MS,
            **{
                "commune_id": COMMUNE, "kind": "class", "title": "Lớp học số", "place": "Nhà văn hóa",
                "starts_ms": NOON_MS + 5 * HOUR_MS, "author": AUTHOR.email, **values,
            },
        )  # fmt: skip


def test_the_calendar_has_what_was_sent_what_is_planned_and_events(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    approved(rig, send_at="2026-11-23T08:00:00+07:00")
    spec = {"title": "Tin tuần", "text": "x", "kind": "message", "segment": {"all": True}}
    with rig.database.write() as connection:
        schedule_id = firing.create(connection, AUTHOR, COMMUNE, Rule("daily", "13:00"), spec, NOON_MS)
        firing.approve(connection, CHAIR, schedule_id, NOON_MS)
    _event(rig)
    _event(rig, commune_id="dai-son")
    begin = datetime(2026, 11, 22, tzinfo=VIETNAM)
    rig.clock.pass_ms(2 * HOUR_MS)
    firing.catch_up(rig.services())  # today's moment is an announcement now
    with rig.database.read() as connection:
        rows = calendar_rows(connection, COMMUNE, begin, begin + timedelta(days=3))
        feed = calendar_feed(
            connection, COMMUNE, "xã Hà Đông", "hoixa.example", begin, begin + timedelta(days=3), rig.clock.now()
        )
    assert [(row.kind, row.starts.strftime("%d %H:%M")) for row in rows] == [
        ("event", "22 17:00"), ("broadcast", "23 08:00"), ("schedule", "23 13:00"), ("schedule", "24 13:00"),
    ]  # fmt: skip
    entries = Calendar.from_ical(feed).walk("VEVENT")
    assert [str(entry["SUMMARY"]) for entry in entries] == [row.title for row in rows]
    assert entries[0].decoded("DTSTART").isoformat() == "2026-11-22T10:00:00+00:00"
    assert len({str(entry["UID"]) for entry in entries}) == 4


def _kinds(rig: Rig) -> list[str]:
    return [row.kind for row in rig.rows("staff_notice")]


@pytest.mark.parametrize(
    ("day", "kind"),
    [("2026-05-26", None), ("2026-05-27", "half_year"), ("2026-06-09", "half_year"), ("2026-06-10", "half_year"),
     ("2026-06-11", None), ("2026-12-03", "year"), ("2026-07-15", None)],
)  # fmt: skip
def test_reports_are_remembered_before_they_fall_due(sqlite_rig: Rig, day: str, kind: str | None) -> None:
    rig = sqlite_rig
    rig.clock.moment_ms = int(datetime.fromisoformat(f"{day}T08:00:00+07:00").timestamp() * 1000)
    rig.connect_oa()
    for _ in range(2):
        service_messages.say_what_is_due(rig.services(), "owner")
    assert [one for one in _kinds(rig) if one in ("half_year", "year")] == ([kind] if kind else [])
    assert _kinds(rig).count("digest") == 1


def test_nothing_is_said_before_the_day_begins(sqlite_rig: Rig) -> None:
    sqlite_rig.clock.pass_ms(-6 * HOUR_MS)
    service_messages.say_what_is_due(sqlite_rig.services(), "owner")
    assert _kinds(sqlite_rig) == []


def test_the_days_left_of_a_grant_are_told_step_by_step(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    for days in range(70, 90):
        rig.clock.moment_ms = NOON_MS + days * DAY_MS
        service_messages.say_what_is_due(rig.services(), "owner")
    with rig.database.read() as connection:
        said = [one.text for one in staff_notices.list_notices(connection, COMMUNE) if one.kind == "token"]
    assert len(said) == 4
    assert "còn 1 ngày" in said[0] and "còn 14 ngày" in said[-1]


def test_a_notice_seen_is_no_longer_new(sqlite_rig: Rig) -> None:
    service_messages.say_what_is_due(sqlite_rig.services(), "owner")
    with sqlite_rig.database.write() as connection:
        (one,) = staff_notices.list_notices(connection, COMMUNE, unseen=True)
        assert "0 lượt hỏi" in one.text
        staff_notices.note_seen(connection, COMMUNE, one.id, 5)
        assert staff_notices.list_notices(connection, COMMUNE, unseen=True) == []


def test_who_signed_up_is_reminded_once_where_the_window_is_open(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    add_residents(rig, 1)
    add_residents(rig, 1, first=1, hours_ago=24 * 9)
    soon, later = _event(rig), _event(rig, starts_ms=NOON_MS + 3 * DAY_MS)
    with rig.database.write() as connection:
        for event_id in (soon, later):
            for number in range(2):
                events.sign_up(connection, rig.vault, event_id, OUR_OA, user(number), "Tên", NOON_MS)
    services = rig.services()
    assert service_messages.remind_of_events(services) == 1
    assert service_messages.remind_of_events(services) == 0
    (send,) = rig.claim_sends()
    assert send.user_id == user(0)
    assert "Lớp học số, lúc 17:00 22/11, tại Nhà văn hóa" in rig.vault.decrypt(send.payload_sealed, "outbox.payload")
