"""A send whose outcome is unknown: every way it is settled, and what it may never do (answer twice)."""

from __future__ import annotations

from typing import Any

import pytest
from rig import HOUR_MS, OUR_OA, RESIDENT, Rig

from bot.journal import doubt
from bot.journal.doubt import GIVE_UP_MS, LONGEST_WAIT_MS, LOOK_AGAIN_MS, SETTLE_LEASE_MS, Doubt, Verdict, read_record
from bot.journal.states import SEND_ATTEMPTS, OutboxState
from bot.replies import Button, Reply
from bot.zalo.messages import render_plain
from bot.zalo.outcomes import RecentMessage, RecentMessages

WITH_BUTTONS = Reply("Bác cần phần nào?", (Button("Lệ phí", "#hoixa:fee"), Button("Giấy tờ", "#hoixa:papers")))


def _claim(rig: Rig, limit: int = 16) -> list[Doubt]:
    with rig.database.write() as connection:
        return doubt.claim(connection, rig.clock.now_ms(), limit)


def _echo(rig: Rig, text: str, *, msg_id: str = "zalo-1", after_ms: int = 100, **changes: Any) -> None:
    values = {
        "oa_id": OUR_OA,
        "msg_id": msg_id,
        "user_id": RESIDENT,
        "text_digest": rig.vault.digest(text),
        "sent_ms": rig.clock.now_ms() + after_ms,
        "received_ms": rig.clock.now_ms() + after_ms,
    }
    rig.put("echo", **{**values, **changes})


def _match(rig: Rig, one: Doubt) -> bool:
    with rig.database.write() as connection:
        return doubt.match_echo(connection, one)


def _apply(rig: Rig, verdict: Verdict) -> OutboxState:
    with rig.database.write() as connection:
        return doubt.apply(connection, verdict, rig.clock.now_ms())


def _says(text: str, *, msg_id: str = "zalo-1", at_ms: int, src: int = 0) -> RecentMessage:
    return RecentMessage(msg_id, text, src, at_ms)


def _record(rig: Rig, one: Doubt, *rows: RecentMessage, complete: bool = True) -> Verdict:
    record = RecentMessages(clear=True, rows=rows, code=0, complete=complete)
    return read_record(one, record, {row.text: rig.vault.digest(row.text) for row in rows})


@pytest.mark.parametrize("arrived_as", [WITH_BUTTONS.text, render_plain(WITH_BUTTONS)], ids=["buttons", "plain text"])
def test_an_echo_settles_it(arrived_as: str, rig: Rig) -> None:
    row_id = rig.in_doubt(WITH_BUTTONS)
    (one,) = _claim(rig)
    _echo(rig, arrived_as)
    assert _match(rig, one)
    row = rig.row()
    assert (row.state, row.zalo_msg_id, row.sent_ms, row.last_error) == (
        OutboxState.SENT, "zalo-1", rig.clock.now_ms(), None,
    )  # fmt: skip
    assert rig.row("echo").matched_outbox_id == row_id
    assert _claim(rig) == []


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("Xin chào", {"after_ms": -1}),
        ("Xin chào bác", {}),
        ("Xin chào", {"user_id": "another"}),
        ("Xin chào", {"oa_id": "another"}),
        ("Xin chào", {"matched_outbox_id": 99}),
    ],
    ids=["older than the message it answers", "other words", "another resident", "another OA", "used before"],
)
def test_an_echo_that_does_not_fit_settles_nothing(text: str, changes: dict[str, Any], rig: Rig) -> None:
    rig.in_doubt()
    (one,) = _claim(rig)
    _echo(rig, text, **changes)
    assert not _match(rig, one)
    assert rig.row().state == OutboxState.IN_DOUBT


def test_an_echo_that_belongs_to_a_known_send_settles_nothing(rig: Rig) -> None:
    rig.owe(rig.new_send())
    rig.change("outbox", state=OutboxState.SENT, zalo_msg_id="zalo-1")
    _echo(rig, "Xin chào")
    rig.in_doubt()
    (one,) = _claim(rig)
    assert not _match(rig, one)


def test_two_doubts_with_one_text_share_no_echo(rig: Rig) -> None:
    """One arrived: one is settled by the echo, the other, clearly not there, is sent again. Two texts in the end."""
    for _ in range(2):
        rig.in_doubt()
    first, second = _claim(rig)
    _echo(rig, "Xin chào")
    assert _match(rig, first)
    assert not _match(rig, second)
    at = rig.clock.now_ms() + 100
    verdict = _record(rig, second, _says("Xin chào", at_ms=at))
    assert _apply(rig, verdict) is OutboxState.READY
    assert sorted(row.state for row in rig.rows()) == [OutboxState.READY, OutboxState.SENT]


def test_an_office_clock_that_runs_ahead_changes_nothing_for_an_answer(rig: Rig) -> None:
    """The answer is younger than its question by Zalo's clock, which alone decides: ours may be an hour ahead."""
    rig.in_doubt(not_before_ms=rig.clock.now_ms() - HOUR_MS)
    (one,) = _claim(rig)
    _echo(rig, "Xin chào", after_ms=-HOUR_MS + 500)
    assert _match(rig, one)


def test_an_office_clock_that_runs_ahead_makes_no_absence_clear(rig: Rig) -> None:
    zalo_now = rig.clock.now_ms() - HOUR_MS
    rig.in_doubt(not_before_ms=zalo_now)
    (one,) = _claim(rig)
    question = _says("Khai sinh cần gì?", msg_id="q", at_ms=zalo_now, src=1)
    verdict = _record(rig, one, question, _says("Xin chào", at_ms=zalo_now + 500), complete=False)
    assert verdict.found == ("zalo-1",)


def test_a_send_that_answers_nothing_tolerates_two_minutes(rig: Rig) -> None:
    rig.in_doubt(not_before_ms=None)
    (one,) = _claim(rig)
    assert one.since_ms == rig.clock.now_ms() - doubt.CLOCK_TOLERANCE_MS


def test_zalos_record_has_it(rig: Rig) -> None:
    rig.in_doubt(WITH_BUTTONS)
    (one,) = _claim(rig)
    at = rig.clock.now_ms()
    verdict = _record(
        rig,
        one,
        _says(render_plain(WITH_BUTTONS), msg_id="later", at_ms=at + 700),
        _says(WITH_BUTTONS.text, msg_id="earlier", at_ms=at + 300),
        _says(WITH_BUTTONS.text, msg_id="by the resident", at_ms=at + 400, src=1),
    )
    assert verdict.found == ("earlier", "later")
    assert _apply(rig, verdict) is OutboxState.SENT
    assert rig.row().zalo_msg_id == "earlier"


def test_what_zalo_has_may_belong_to_a_send_we_know(rig: Rig) -> None:
    rig.owe(rig.new_send())
    rig.change("outbox", state=OutboxState.SENT, zalo_msg_id="known")
    rig.in_doubt()
    (one,) = _claim(rig)
    at = rig.clock.now_ms()
    both = (_says("Xin chào", msg_id="known", at_ms=at + 1), _says("Xin chào", msg_id="new", at_ms=at + 2))
    assert _apply(rig, _record(rig, one, *both)) is OutboxState.SENT
    assert rig.rows()[1].zalo_msg_id == "new"


def test_only_what_zalo_has_belongs_to_a_send_we_know(rig: Rig) -> None:
    rig.owe(rig.new_send())
    rig.change("outbox", state=OutboxState.SENT, zalo_msg_id="known")
    rig.in_doubt()
    (one,) = _claim(rig)
    verdict = _record(rig, one, _says("Xin chào", msg_id="known", at_ms=rig.clock.now_ms() + 1))
    assert _apply(rig, verdict) is OutboxState.READY


def test_clearly_not_there_is_sent_once_more(rig: Rig) -> None:
    rig.connect_oa()
    rig.in_doubt()
    (one,) = _claim(rig)
    verdict = _record(rig, one, _says("Khai sinh cần gì?", at_ms=one.since_ms - 1, src=1), complete=False)
    assert (verdict.clear, verdict.found) == (True, ())
    assert _apply(rig, verdict) is OutboxState.READY
    row = rig.row()
    assert (row.attempt, row.resends, row.settle_attempt, row.last_error) == (1, 1, 0, "not_there")
    assert _apply(rig, verdict) is OutboxState.READY, "a second verdict on the same doubt ..."
    assert rig.row().resends == 1, "... changes nothing any more"
    (again,) = rig.claim_sends()
    assert again.attempt == 2


def test_a_conversation_without_any_message_is_clear(rig: Rig) -> None:
    rig.in_doubt()
    (one,) = _claim(rig)
    assert _record(rig, one).clear


def test_a_record_that_does_not_reach_back_is_not_clear(rig: Rig) -> None:
    """Ten messages since then: ours may have been the eleventh."""
    rig.in_doubt()
    (one,) = _claim(rig)
    rows = [_says("khác", msg_id=f"m{n}", at_ms=one.since_ms + 1 + n) for n in range(10)]
    verdict = _record(rig, one, *rows, complete=False)
    assert not verdict.clear
    assert _apply(rig, verdict) is OutboxState.IN_DOUBT


def test_without_a_clear_reply_it_stays_in_doubt_ever_longer_and_then_unknown(rig: Rig) -> None:
    rig.connect_oa()
    rig.in_doubt()
    rig.owe(rig.new_send("the next answer"))
    begin, waits = rig.clock.now_ms(), []
    while True:
        (one,) = _claim(rig)
        assert rig.claim_sends() == [], "nothing of this resident and lane may overtake it"
        state = _apply(rig, Verdict(one, clear=False))
        if state is not OutboxState.IN_DOUBT:
            break
        waits.append(rig.rows()[0].due_ms - rig.clock.now_ms())
        rig.clock.pass_ms(waits[-1])
    assert state is OutboxState.UNKNOWN
    assert waits[:6] == [LOOK_AGAIN_MS * 2**n for n in range(5)] + [LONGEST_WAIT_MS]
    assert GIVE_UP_MS < rig.clock.now_ms() - begin <= GIVE_UP_MS + LONGEST_WAIT_MS
    assert rig.rows()[0].attempt == 1, "never sent again by itself"
    assert len(rig.claim_sends()) == 1, "the resident's later answers go"


def test_an_echo_that_comes_while_zalo_is_asked_wins(rig: Rig) -> None:
    rig.in_doubt()
    (one,) = _claim(rig)
    _echo(rig, "Xin chào")
    assert _apply(rig, Verdict(one, clear=True)) is OutboxState.SENT
    assert rig.row().resends == 0


def test_the_last_attempt_is_not_followed_by_another(rig: Rig) -> None:
    rig.in_doubt(attempt=SEND_ATTEMPTS)
    (one,) = _claim(rig)
    assert _apply(rig, Verdict(one, clear=True)) is OutboxState.DEAD
    assert rig.row().last_error == "attempts_used_up"


def test_somebody_anonymous_is_known_by_echo_only(rig: Rig) -> None:
    rig.in_doubt(anonymous_conversation="conversation")
    (one,) = _claim(rig)
    assert one.anonymous
    _echo(rig, "Xin chào")
    assert _match(rig, one)


def test_a_doubt_is_looked_at_by_one_worker_and_taken_over_after_its_lease(rig: Rig) -> None:
    rig.in_doubt()
    (one,) = _claim(rig)
    assert _claim(rig) == []
    rig.clock.pass_ms(SETTLE_LEASE_MS)
    (again,) = _claim(rig)
    assert (again.id, again.settle_attempt) == (one.id, 2)


def test_a_doubt_that_was_closed_meanwhile_stays_closed(rig: Rig) -> None:
    rig.in_doubt()
    (one,) = _claim(rig)
    rig.change("outbox", state=OutboxState.CANCELLED)
    _apply(rig, Verdict(one, clear=True))
    assert rig.row().state == OutboxState.CANCELLED
