"""From approval to done: each recipient once, each other with a reason, figures that always add up."""

from __future__ import annotations

from typing import Any

import pytest
from broadcast_making import (
    AUTHOR,
    CHAIR,
    COMMUNE,
    OWNER,
    add_residents,
    approved,
    finish,
    look,
    move_on,
    reasons_of,
    send_everything,
    submitted,
    user,
)
from rig import HOUR_MS, OUR_OA, Rig

from bot.broadcasts import acts, running
from bot.broadcasts.running import Announcer
from bot.journal import outbox
from bot.journal.states import OutboxState
from bot.store import broadcast_recipients
from bot.store.tables import metadata


@pytest.fixture(autouse=True)
def connected(request: pytest.FixtureRequest) -> None:
    """PostgreSQL where locks or its own SQL matter, SQLite for the rest."""
    name = "rig" if "rig" in request.fixturenames else "sqlite_rig"
    found: Rig = request.getfixturevalue(name)
    found.connect_oa()


def _counts(rig: Rig, broadcast_id: int) -> tuple[int, int, int, int, int]:
    one = look(rig, broadcast_id)
    return one.total, one.sent, one.skipped, one.failed, one.in_doubt


def test_every_reachable_resident_once_and_each_other_with_a_reason(rig: Rig) -> None:
    add_residents(rig, 5)
    add_residents(rig, 2, first=10, hours_ago=100)  # for money, but reachable
    add_residents(rig, 3, first=20, hours_ago=24 * 8)
    add_residents(rig, 2, first=30, stopped_reason="zalo-244")
    add_residents(rig, 1, first=40, stopped_reason="zalo-201")
    add_residents(rig, 2, first=50)
    for number in (50, 51):
        rig.put("announcement_choice", oa_id=OUR_OA, user_id=user(number), wanted=False, at_ms=1)
    broadcast_id = approved(rig)
    move_on(rig)
    sends = send_everything(rig)
    move_on(rig)
    assert sorted(send.user_id for send in sends) == [user(n) for n in (0, 1, 2, 3, 4, 10, 11)]
    assert look(rig, broadcast_id).state == "done"
    assert _counts(rig, broadcast_id) == (15, 7, 8, 0, 0)
    assert reasons_of(rig, broadcast_id) == {"outside_window": 3, "blocked": 2, "invalid_user": 1, "opted_out": 2}
    with rig.database.read() as connection:
        rows = broadcast_recipients.list_recipients(connection, look(rig, broadcast_id))
    assert {row.user_id: row.reason for row in rows if row.reason} == {
        **{user(n): "outside_window" for n in (20, 21, 22)},
        **{user(n): "blocked" for n in (30, 31)},
        user(40): "invalid_user",
        **{user(n): "opted_out" for n in (50, 51)},
    }
    assert {row.state for row in rows if not row.reason} == {OutboxState.SENT}


def test_free_only_leaves_out_whom_it_would_cost_money(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    add_residents(rig, 2)
    add_residents(rig, 3, first=10, hours_ago=100)
    broadcast_id = approved(rig, free_only=True)
    move_on(rig)
    assert len(send_everything(rig)) == 2
    assert reasons_of(rig, broadcast_id) == {"outside_window": 3}


def test_slices_meet_everybody_once_whatever_their_size(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    add_residents(rig, 23)
    for size in (1, 7, 23, 24):
        monkeypatch.setattr(running, "SLICE", size)
        broadcast_id = approved(rig)
        move_on(rig)
        assert len(send_everything(rig)) == 23
        move_on(rig)
        assert _counts(rig, broadcast_id) == (23, 23, 0, 0, 0)
        assert look(rig, broadcast_id).state == "done"


def test_a_crash_in_a_slice_leaves_it_done_or_not_begun(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement of the way fails once; what follows finds the same work."""
    add_residents(rig, 9)
    add_residents(rig, 3, first=20, hours_ago=24 * 9)
    monkeypatch.setattr(running, "SLICE", 4)
    broadcast_id = approved(rig)
    announcer = Announcer(rig.services(HOIXA_QUIET_HOURS="off"))
    real = rig.database.write
    crashes = 0
    for statement in range(60):

        class Crash(Exception):
            pass

        seen = [0]

        def watch(*_: Any, at: int = statement % 7, seen: list[int] = seen, crash: type[Exception] = Crash) -> None:
            seen[0] += 1
            if seen[0] > at:
                raise crash

        from sqlalchemy import event

        event.listen(rig.database.writer, "after_cursor_execute", watch)
        try:
            announcer.step()
        except Crash:
            crashes += 1
        finally:
            event.remove(rig.database.writer, "after_cursor_execute", watch)
        announcer.step() if statement % 3 == 0 else None
    assert crashes
    assert real is not None
    move_on(rig, announcer)
    assert sorted(send.user_id for send in send_everything(rig)) == [user(n) for n in range(9)]
    move_on(rig, announcer)
    assert _counts(rig, broadcast_id) == (12, 9, 3, 0, 0)
    assert look(rig, broadcast_id).state == "done"


def test_the_author_may_not_approve_and_who_came_later_is_not_meant(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    add_residents(rig, 2)
    broadcast_id = submitted(rig)
    own = acts.Staff(9, COMMUNE, " VIET@ha-dong.vn", "Cùng người", "chu-tich")
    with rig.database.write() as connection, pytest.raises(acts.ActError, match="không được tự duyệt"):
        acts.approve(connection, rig.vault, own, broadcast_id, rig.clock.now_ms())
    assert look(rig, broadcast_id).state == "submitted"
    with rig.database.write() as connection:
        acts.approve(connection, rig.vault, CHAIR, broadcast_id, rig.clock.now_ms())
    rig.clock.pass_ms(10_000)
    add_residents(rig, 2, first=5)
    move_on(rig)
    assert look(rig, broadcast_id).total == 2


def test_a_change_after_approval_takes_it_back_and_the_old_words_never_leave(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    add_residents(rig, 3)
    later = "2026-11-23T08:00:00+07:00"
    broadcast_id = approved(rig, send_at=later)
    move_on(rig)
    assert look(rig, broadcast_id).frozen_ms is not None
    from broadcast_making import spec_of

    with rig.database.write() as connection:
        acts.change(
            connection, AUTHOR, broadcast_id, spec_of(rig, text="Đổi sang Chủ nhật.", send_at=later), rig.clock.now_ms()
        )
    one = look(rig, broadcast_id)
    assert (one.state, one.approved_by, one.frozen_ms, one.total, one.note) == ("submitted", None, None, 0, "changed")
    rig.clock.pass_ms(24 * HOUR_MS)
    move_on(rig)
    assert rig.claim_sends() == []
    with rig.database.write() as connection:
        acts.approve(connection, rig.vault, CHAIR, broadcast_id, rig.clock.now_ms())
    move_on(rig)
    sends = send_everything(rig)
    assert len(sends) == 3
    assert all("Chủ nhật" in rig.vault.decrypt(send.payload_sealed, "outbox.payload") for send in sends)


def test_it_waits_for_its_hour(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    add_residents(rig, 1)
    broadcast_id = approved(rig, send_at="2026-11-22T13:00:00+07:00")
    move_on(rig)
    assert look(rig, broadcast_id).state == "scheduled"
    rig.clock.pass_ms(HOUR_MS - 1)
    move_on(rig)
    assert look(rig, broadcast_id).state == "scheduled"
    rig.clock.pass_ms(1)
    move_on(rig)
    assert look(rig, broadcast_id).state == "running"


@pytest.mark.parametrize(("late", "state"), [("ask", "submitted"), ("skip", "cancelled"), ("send", "running")])
def test_too_late_follows_its_own_word(sqlite_rig: Rig, late: str, state: str) -> None:
    rig = sqlite_rig
    add_residents(rig, 1)
    broadcast_id = approved(rig, send_at="2026-11-22T13:00:00+07:00", late=late)
    move_on(rig)
    rig.clock.pass_ms(HOUR_MS + running.LATE_MS + 1)
    move_on(rig)
    one = look(rig, broadcast_id)
    assert one.state == state
    assert (one.note == "late") == (late != "send")
    assert (rig.claim_sends() != []) == (late == "send")


def test_pause_resume_and_cancel_take_hold_at_once(rig: Rig) -> None:
    add_residents(rig, 10)
    broadcast_id = approved(rig)
    move_on(rig)
    first = rig.claim_sends(OWNER, outbox.RESERVED_FOR_REPLIES + 3)
    assert len(first) == 3
    now = rig.clock.now_ms()
    with rig.database.write() as connection:
        acts.pause(connection, CHAIR, broadcast_id, now)
    assert rig.claim_sends() == []
    finish(rig, first)
    with rig.database.write() as connection:
        acts.resume(connection, CHAIR, broadcast_id, now)
    second = rig.claim_sends(OWNER, outbox.RESERVED_FOR_REPLIES + 2)
    assert len(second) == 2
    with rig.database.write() as connection:
        acts.cancel(connection, CHAIR, broadcast_id, now)
    assert rig.claim_sends() == []
    move_on(rig)
    assert look(rig, broadcast_id).finished_ms is None  # two are still on their way
    finish(rig, second)
    move_on(rig)
    one = look(rig, broadcast_id)
    assert (one.state, one.sent, one.waiting) == ("cancelled", 5, 5)
    assert one.finished_ms is not None
    states = [row.state for row in rig.rows()]
    assert (states.count(OutboxState.SENT), states.count(OutboxState.CANCELLED)) == (5, 5)


def test_quiet_hours_hold_announcements_and_not_answers(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    add_residents(rig, 2)
    broadcast_id = approved(rig)
    move_on(rig, HOIXA_QUIET_HOURS="11:00-13:00")
    assert look(rig, broadcast_id).state == "running"
    assert rig.rows() == []
    move_on(rig)
    rig.owe(rig.new_send("Một câu trả lời"))
    with rig.database.write() as connection:
        claim = outbox.claim(connection, rig.limiter, OWNER, rig.clock.now_ms(), 100, announce=False)
    assert [send.broadcast_id for send in claim.sends] == [None]


def test_an_opt_out_after_the_fan_out_still_counts(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    add_residents(rig, 2)
    approved(rig)
    move_on(rig)
    rig.put("announcement_choice", oa_id=OUR_OA, user_id=user(1), wanted=False, at_ms=1)
    assert {send.user_id: send.opted_out for send in rig.claim_sends()} == {user(0): False, user(1): True}


def test_who_asked_to_be_forgotten_meanwhile_is_accounted_for(rig: Rig) -> None:
    add_residents(rig, 3)
    broadcast_id = approved(rig)
    move_on(rig)
    with rig.database.write() as connection:
        outbox.cancel_for_resident(connection, OUR_OA, user(1))
    send_everything(rig)
    move_on(rig)
    assert _counts(rig, broadcast_id) == (3, 2, 1, 0, 0)
    assert reasons_of(rig, broadcast_id) == {"invalid_user": 1}


def test_only_what_failed_is_sent_again(rig: Rig) -> None:
    add_residents(rig, 5)
    broadcast_id = approved(rig)
    move_on(rig)
    sends = rig.claim_sends(OWNER)
    finish(rig, sends[:2])
    finish(rig, sends[2:3], OutboxState.DEAD, "unreachable")
    finish(rig, sends[3:4], OutboxState.DEAD, "zalo-321")
    finish(rig, sends[4:], OutboxState.DEAD, "zalo-244")
    move_on(rig)
    assert _counts(rig, broadcast_id) == (5, 2, 2, 1, 0)
    assert reasons_of(rig, broadcast_id) == {"zalo_error": 1, "quota": 1, "blocked": 1}
    assert look(rig, broadcast_id).state == "done"
    assert acts.retry(rig.database, CHAIR, broadcast_id, rig.clock.now_ms()) == 2
    again = rig.claim_sends(OWNER)
    assert sorted(send.id for send in again) == sorted(send.id for send in sends[2:4])
    finish(rig, again)
    move_on(rig)
    assert _counts(rig, broadcast_id) == (5, 4, 1, 0, 0)
    assert reasons_of(rig, broadcast_id) == {"blocked": 1}
    with pytest.raises(acts.ActError, match="gửi lại"):
        acts.retry(rig.database, CHAIR, broadcast_id, rig.clock.now_ms())


def test_a_paused_one_does_not_stand_before_another(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    add_residents(rig, 4)
    first = approved(rig)
    second = approved(rig)
    move_on(rig)
    with rig.database.write() as connection:
        acts.pause(connection, CHAIR, first, rig.clock.now_ms())
    assert {send.broadcast_id for send in rig.claim_sends()} == {second}


def test_an_overdue_one_is_told(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    from bot.store import broadcasts

    add_residents(rig, 1)
    broadcast_id = approved(rig)
    with rig.database.read() as connection:
        assert broadcasts.overdue(connection, rig.clock.now_ms() + 60_000, 15 * 60_000) == []
        found = broadcasts.overdue(connection, rig.clock.now_ms() + 16 * 60_000, 15 * 60_000)
    assert [one.id for one in found] == [broadcast_id]
    assert "broadcast" in metadata.tables
