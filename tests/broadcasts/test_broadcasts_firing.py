"""Schedules fire each moment once: beside another clock, after a crash, over a restart, late or not."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest
from broadcast_making import AUTHOR, CHAIR, COMMUNE, add_residents, look, move_on
from rig import HOUR_MS, Rig, wait_until
from sqlalchemy import event

from bot.broadcasts import acts, firing
from bot.broadcasts.rules import Rule
from bot.broadcasts.running import Announcer
from bot.services import Services
from bot.store import schedules
from bot.timekeeping import Timekeeper

SPEC: dict[str, object] = {
    "title": "Thông báo hằng tuần",
    "text": "Tin trong tuần của xã.",
    "kind": "message",
    "segment": {"all": True},
}
DAILY = Rule("daily", "13:00")
DAY_MS = 24 * HOUR_MS


@pytest.fixture(autouse=True)
def connected(request: pytest.FixtureRequest) -> None:
    """PostgreSQL where locks or its own SQL matter, SQLite for the rest."""
    name = "rig" if "rig" in request.fixturenames else "sqlite_rig"
    found: Rig = request.getfixturevalue(name)
    found.connect_oa()


def _scheduled(rig: Rig, rule: Rule = DAILY, **more: Any) -> int:
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        schedule_id = firing.create(connection, AUTHOR, COMMUNE, rule, SPEC, now, **more)
        firing.approve(connection, CHAIR, schedule_id, now)
    return schedule_id


def _outcomes(rig: Rig) -> list[str]:
    return [row.outcome for row in rig.rows("fire")]


def test_a_moment_fires_once_and_its_announcement_goes_its_way(rig: Rig) -> None:
    add_residents(rig, 2)
    _scheduled(rig)
    services = rig.services(HOIXA_QUIET_HOURS="off")
    assert firing.catch_up(services) == 0
    rig.clock.pass_ms(HOUR_MS)
    assert firing.catch_up(services) == 1
    assert firing.catch_up(services) == 0
    (one,) = rig.rows("broadcast")
    assert (one.state, one.author, one.approved_by) == ("scheduled", AUTHOR.email, CHAIR.email)
    move_on(rig)
    assert len(rig.claim_sends()) == 2
    rig.clock.pass_ms(DAY_MS)
    assert firing.catch_up(services) == 1
    assert len(rig.rows("broadcast")) == 2


def test_the_author_of_a_schedule_may_not_approve_it_and_nothing_fires_before(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        schedule_id = firing.create(connection, AUTHOR, COMMUNE, DAILY, SPEC, now)
        own = acts.Staff(7, COMMUNE, AUTHOR.email.upper(), "Cùng người", "chu-tich")
        with pytest.raises(acts.ActError, match="tự duyệt"):
            firing.approve(connection, own, schedule_id, now)
    rig.clock.pass_ms(2 * HOUR_MS)
    assert firing.catch_up(rig.services()) == 0


@pytest.mark.parametrize(
    ("policy", "outcome", "states"),
    [("ask", "asked", ["submitted"]), ("skip", "skipped", []), ("send", "sent", ["scheduled"])],
)
def test_a_restart_after_the_due_time_follows_the_policy(
    sqlite_rig: Rig, policy: str, outcome: str, states: list[str]
) -> None:
    rig = sqlite_rig
    _scheduled(rig, late_policy=policy, late_minutes=30)
    rig.clock.pass_ms(HOUR_MS + 31 * 60_000)
    firing.catch_up(rig.services())
    assert _outcomes(rig) == [outcome]
    assert [row.state for row in rig.rows("broadcast")] == states


def test_a_short_delay_is_none(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    _scheduled(rig, late_policy="skip", late_minutes=30)
    rig.clock.pass_ms(HOUR_MS + 30 * 60_000)
    firing.catch_up(rig.services())
    assert _outcomes(rig) == ["sent"]


def test_of_many_missed_moments_the_last_alone_is_sent(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    _scheduled(rig, late_policy="send")
    rig.clock.pass_ms(5 * DAY_MS + 2 * HOUR_MS)
    firing.catch_up(rig.services())
    assert _outcomes(rig) == ["skipped"] * 5 + ["sent"]
    assert len(rig.rows("broadcast")) == 1


def test_what_fell_into_a_pause_is_nobodys(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    schedule_id = _scheduled(rig)
    with rig.database.write() as connection:
        firing.pause(connection, CHAIR, schedule_id, rig.clock.now_ms())
    rig.clock.pass_ms(2 * HOUR_MS)
    with rig.database.write() as connection:
        firing.resume(connection, CHAIR, schedule_id, rig.clock.now_ms())
    assert firing.catch_up(rig.services()) == 0
    rig.clock.pass_ms(DAY_MS)
    assert firing.catch_up(rig.services()) == 1


def test_a_one_off_ends_after_its_moment(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    schedule_id = _scheduled(rig, Rule("once", "13:00", on="2026-11-22"))
    rig.clock.pass_ms(HOUR_MS)
    assert firing.catch_up(rig.services()) == 1
    with rig.database.read() as connection:
        one = schedules.get(connection, schedule_id)
    assert one is not None and one.state == "ended"


def test_four_clocks_at_once_fire_once(rig: Rig) -> None:
    for _ in range(3):
        _scheduled(rig)
    rig.clock.pass_ms(HOUR_MS)
    barrier = threading.Barrier(4)
    troubles: list[BaseException] = []

    def keep_time() -> None:
        database = rig.another_database()
        mine = rig.services()
        services = Services(mine.settings, rig.clock, rig.vault, database, rig.limiter, mine.zalo)
        barrier.wait()
        try:
            firing.catch_up(services)
        except BaseException as error:
            troubles.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=keep_time) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert _outcomes(rig) == ["sent"] * 3
    assert len(rig.rows("broadcast")) == 3


class Crash(Exception):
    pass


def test_a_crash_between_any_two_statements_of_firing_neither_loses_nor_doubles(rig: Rig) -> None:
    _scheduled(rig)
    rig.clock.pass_ms(HOUR_MS)
    services = rig.services()
    for at in range(40):
        seen = [0]

        def watch(*_: Any, at: int = at, seen: list[int] = seen) -> None:
            seen[0] += 1
            if seen[0] > at:
                raise Crash

        event.listen(rig.database.writer, "after_cursor_execute", watch)
        try:
            firing.catch_up(services)
        except Crash:
            continue
        finally:
            event.remove(rig.database.writer, "after_cursor_execute", watch)
        break
    else:
        pytest.fail("firing never came to its end")
    assert at > 3
    assert _outcomes(rig) == ["sent"]
    assert len(rig.rows("broadcast")) == 1


def test_a_spec_that_fits_no_more_is_written_down_and_the_clock_goes_on(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    _scheduled(rig)
    other = _scheduled(rig)
    with rig.database.write() as connection:
        schedules.change(connection, other, rig.clock.now_ms(), spec='{"title": "", "text": "x", "segment": {}}')
    rig.clock.pass_ms(HOUR_MS)
    firing.catch_up(rig.services())
    assert sorted(_outcomes(rig)) == ["broken", "sent"]


def test_the_leading_clock_fires_by_apscheduler_and_by_its_own_look(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real clock process in a thread, over a shifted clock: a schedule made meanwhile is noticed and fires."""
    from bot import timekeeping

    monkeypatch.setattr(timekeeping, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(timekeeping, "JOBS", {})
    keepers = [Timekeeper(rig.services()) for _ in range(2)]
    threads = [threading.Thread(target=keeper.run, daemon=True) for keeper in keepers]
    for thread in threads:
        thread.start()
    try:
        schedule_id = _scheduled(rig)
        wait_until(lambda: [row.id for row in rig.rows("apscheduler_jobs")] == [str(schedule_id)], "the job is there")
        rig.clock.pass_ms(HOUR_MS)
        wait_until(lambda: _outcomes(rig) == ["sent"], "the moment is taken")
        with rig.database.write() as connection:
            firing.end(connection, CHAIR, schedule_id, rig.clock.now_ms())
        wait_until(lambda: rig.rows("apscheduler_jobs") == [], "the job is gone")
    finally:
        for keeper in keepers:
            keeper.request_stop()
        for thread in threads:
            thread.join()
    assert len(rig.rows("broadcast")) == 1


def test_apscheduler_wakes_the_executor_in_time(sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real time for once: a job of APScheduler's own store, due in a moment, ends in our transaction."""
    rig = sqlite_rig
    from apscheduler.schedulers.background import BackgroundScheduler

    from bot.broadcasts import scheduling
    from bot.clock import VIETNAM

    woken = threading.Event()
    monkeypatch.setattr(firing, "catch_up", lambda _services: woken.set())
    scheduler = BackgroundScheduler(timezone=VIETNAM)
    keeper = scheduling.ScheduleKeeper(rig.services(), scheduler)
    scheduler.start()
    try:
        assert keeper is not None
        scheduler.add_job(
            "bot.broadcasts.scheduling:never_called", "date", run_date=datetime.now(VIETNAM), args=[1], id="1",
            jobstore=scheduling.STORE, executor=scheduling.STORE, misfire_grace_time=scheduling.GRACE_SECONDS,
        )  # fmt: skip
        assert woken.wait(30)
        wait_until(lambda: rig.rows("apscheduler_jobs") == [], "the job store has moved on")
    finally:
        scheduler.shutdown()


def test_a_clock_that_stops_leaves_connections_in_use_alone(rig: Rig) -> None:
    """Another thread's connection must come back to the pool that will be closed, not to one thrown away."""
    from apscheduler.schedulers.background import BackgroundScheduler

    from bot.broadcasts import scheduling
    from bot.clock import VIETNAM

    scheduler = BackgroundScheduler(timezone=VIETNAM)
    scheduling.ScheduleKeeper(rig.services(), scheduler)
    scheduler.start()
    with rig.database.writer.connect() as connection:
        held = connection.connection.dbapi_connection
        assert held is not None
        scheduler.shutdown()
    rig.database.close()
    with pytest.raises(Exception, match="closed"):
        held.cursor().execute("SELECT 1")


def test_look_and_announcer_agree(sqlite_rig: Rig) -> None:
    """A fired announcement needs no further hand: the worker's chore carries it on."""
    rig = sqlite_rig
    add_residents(rig, 1)
    _scheduled(rig)
    rig.clock.pass_ms(HOUR_MS)
    firing.catch_up(rig.services())
    with rig.database.read() as connection:
        work = Announcer(rig.services(HOIXA_QUIET_HOURS="off"))(connection)
    assert work is not None
    work()
    assert look(rig, rig.rows("broadcast")[0].id).state == "running"
