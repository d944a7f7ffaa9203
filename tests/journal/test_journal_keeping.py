"""What the clock does: retention in slices, each job harmless when run twice; figures of the journal; one leader."""

from __future__ import annotations

import logging
import threading

import pytest
from rig import OUR_OA, Rig, wait_until

from bot import timekeeping
from bot.journal import figures, retention
from bot.journal.liveness import SILENT_MS
from bot.journal.retention import DAY_MS, DECISIONS_MS, ECHOES_MS, KEYS_MS, PAYLOADS_MS
from bot.journal.states import InboxState, OutboxState
from bot.store import erasing_cases
from bot.timekeeping import JOBS, STUCK_MS, Timekeeper
from bot.zalo.outcomes import TokenPair


class RefreshesOnly:
    """Zalo's OAuth server, always willing."""

    def __init__(self) -> None:
        self.count = 0

    def refresh(self, _token: str) -> TokenPair:
        self.count += 1
        return TokenPair(f"access {self.count}", f"refresh {self.count}", 90_000)


def _old_and_young(rig: Rig) -> None:
    """Of each kind of row one just past its time and one just within it; and open ones of any age."""
    now = rig.clock.now_ms()
    rig.connect_oa()
    states = (InboxState.DONE, InboxState.DEAD, InboxState.NEW)
    for age, name in ((KEYS_MS + 1, "old"), (KEYS_MS, "young")):
        for state in states:
            rig.receive(rig.event(f"{name} {state.name}", received_ms=now - age))
    for row in rig.rows("inbox"):
        with rig.database.write() as connection:
            table = figures.inbox
            state = InboxState[row.msg_id.split()[1]]
            connection.execute(table.update().where(table.c.id == row.id).values(state=state))
    for age, name in ((KEYS_MS + 1, "ancient"), (PAYLOADS_MS + 1, "old"), (PAYLOADS_MS, "young")):
        for state in OutboxState:
            rig.owe(rig.new_send(key=f"{name} {state.name}", user_id=f"{name} {state.name}"))
            with rig.database.write() as connection:
                out = figures.outbox
                connection.execute(
                    out.update().where(out.c.key == f"{name} {state.name}").values(state=state, created_ms=now - age)
                )
    for age, name in ((ECHOES_MS + 1, "old"), (ECHOES_MS, "young")):
        rig.put("echo", oa_id=OUR_OA, msg_id=name, user_id="u", text_digest="d", sent_ms=1, received_ms=now - age)
    for number, age in enumerate((DECISIONS_MS + 1, DECISIONS_MS)):
        rig.put("decision", inbox_id=number, oa_id=OUR_OA, msg_id="m", decision="answer", decided_ms=now - age)
    for age, name in ((DAY_MS + 1, "old"), (DAY_MS, "young")):
        rig.put(
            "oauth_attempt", state=name, commune_id="ha-dong", verifier_sealed=b"v", secret_sealed=b"s",
            started_ms=now - age,
        )  # fmt: skip

    rig.put(
        "handover", key="overdue", oa_id=OUR_OA, commune_id="ha-dong", user_id="taken", state="taken", asked_ms=now,
        taken_ms=now, until_ms=now + 1,
    )  # fmt: skip
    rig.put("resident", oa_id=OUR_OA, user_id="taken", first_seen_ms=now, last_interaction_ms=now, updated_ms=now)
    rig.put("volunteer", oa_id=OUR_OA, user_id="volunteer", commune_id="ha-dong", village="thôn đoài", enrolled_ms=now)
    rig.put(
        "case_file", key="forgotten", code="PA-7K3M9X", kind="report", commune_id="ha-dong", oa_id=OUR_OA,
        user_id=erasing_cases.FORGOTTEN, state="resolved", category="other", source="zalo", created_ms=now,
        gist_sealed=rig.vault.encrypt("Đèn", "case_file.gist"),
        words_sealed=rig.vault.encrypt("{}", "case_file.words"), updated_ms=now,
    )  # fmt: skip
    rig.put(
        "case_file", key="late", code="PA-222222", kind="report", commune_id="ha-dong", oa_id="", user_id="",
        state="assigned", category="dien", level="normal", source="desk", created_ms=now, due_ms=now + 1,
        gist_sealed=b"s", words_sealed=b"s", updated_ms=now,
    )  # fmt: skip


def test_what_is_past_its_time_goes_and_nothing_else(rig: Rig) -> None:
    _old_and_young(rig)
    assert retention.forget(rig.database, rig.clock.now_ms()) > 0
    assert {row.msg_id for row in rig.rows("inbox")} == {"old NEW", "young NEW", "young DONE", "young DEAD"}
    kept = {row.key: row.payload_sealed is not None for row in rig.rows()}
    open_states = ("READY", "SENDING", "IN_DOUBT")
    assert {key for key in kept if key.startswith("ancient")} == {f"ancient {name}" for name in open_states}
    assert {key for key, has_payload in kept.items() if not has_payload} == {"old SENT", "old CANCELLED"}
    assert len([key for key in kept if not key.startswith("ancient")]) == 2 * len(OutboxState)
    for table, name in (("echo", "msg_id"), ("oauth_attempt", "state")):
        assert [getattr(row, name) for row in rig.rows(table)] == ["young"]
    assert [row.inbox_id for row in rig.rows("decision")] == [1]
    assert retention.forget(rig.database, rig.clock.now_ms()) == 0


def test_each_kind_is_kept_its_time(rig: Rig) -> None:
    """One row of each kind at the end of its time, and one past it. Kinds not named here have tests of their own."""
    now = rig.clock.now_ms()
    theirs = {"oa_id": OUR_OA, "commune_id": "ha-dong"}
    rows: dict[str, dict[str, object]] = {
        "conversation_line": {
            "oa_id": OUR_OA, "handover_id": 1, "said_by": "resident", "kind": "text", "text_sealed": b"s",
        },
        "handover": {**theirs, "state": "released", "asked_ms": 1},
        "staff_request": {**theirs, "kind": "human", "text_sealed": b"s", "topics": "", "created_ms": now},
        "answer_contest": {
            "commune_id": "ha-dong", "answer_sealed": b"s", "reason_sealed": b"s", "state": "open", "author": "a",
        },
        "learning_hint": {**theirs, "kind": "tap", "text_sealed": b"s", "wrong_topic": "", "right_topic": ""},
        "staff_session": {
            "staff_id": 1, "commune_id": "ha-dong", "seen_ms": now, "rotated_ms": now, "is_whole": True,
        },
    }  # fmt: skip
    periods = [period for period in retention.PERIODS if period.table.name in rows]
    assert {period.table.name for period in periods} == set(rows)
    for age in (0, 1):
        for period in periods:
            name = f"{period.since.name} {age}"
            named = {key: name for key in ("key", "user_id", "digest") if key in period.table.c}
            moment = now - period.keep_ms - age
            rig.put(period.table.name, **{**rows[period.table.name], **named, period.since.name: moment})
    before = {name: len(rig.rows(name)) for name in rows}
    assert retention.forget(rig.database, now) == len(periods)
    assert {name: len(rig.rows(name)) for name in rows} == {name: count // 2 for name, count in before.items()}
    assert {row.key for row in rig.rows("staff_request")} == {"answered_ms 0", "created_ms 0"}
    assert retention.forget(rig.database, now) == 0


def test_with_which_words_a_person_was_asked_for_is_forgotten_before_that_one_was(rig: Rig) -> None:
    now = rig.clock.now_ms()
    for number, age in enumerate((retention.LINES_MS, retention.LINES_MS + 1)):
        rig.put(
            "handover", key=str(number), oa_id=OUR_OA, commune_id="ha-dong", user_id=str(number), state="released",
            asked_ms=1, released_ms=now - age, text_sealed=b"words",
        )  # fmt: skip
    assert retention.forget(rig.database, now) == 1
    assert [row.text_sealed for row in rig.rows("handover")] == [b"words", None]


def test_files_go_a_year_after_the_last_step_of_their_case(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "FILES_AT_ONCE", 2)
    now = rig.clock.now_ms()
    cases = {
        "closed": ("resolved", 1, ""),
        "young": ("resolved", 0, ""),
        "open": ("assigned", 1, ""),
        "idea": ("declined", 1, ""),
        "into-closed": ("assigned", 1, "closed"),
        "into-open": ("assigned", 1, "open"),
    }
    for code, (state, age, merged_into) in cases.items():
        moment = now - retention.CLOSED_FILES_MS - age
        rig.put(
            "case_file", key=code, code=code, kind="initiative" if code == "idea" else "report", commune_id="ha-dong",
            oa_id=OUR_OA, user_id="u", state=state, category="", source="zalo", gist_sealed=b"g", words_sealed=b"w",
            created_ms=1, updated_ms=moment, merged_into=merged_into,
        )  # fmt: skip
        for number in range(3):
            rig.put(
                "attachment", key=f"{code}:{number}", act_key=code, oa_id=OUR_OA, commune_id="ha-dong", user_id="u",
                case_code=code, kind="image", state="stored", due_ms=1, created_ms=1,
            )  # fmt: skip
    for row in rig.rows("attachment"):
        rig.put("attachment_part", attachment_id=row.id, part=0, oa_id=OUR_OA, content_sealed=b"c")
    assert retention.forget(rig.database, now) == 9
    assert {row.case_code for row in rig.rows("attachment")} == {"young", "open", "into-open"}
    assert len(rig.rows("attachment_part")) == 9
    assert retention.forget(rig.database, now) == 0


def test_a_notice_held_back_by_a_conversation_is_no_alarm(rig: Rig) -> None:
    now = rig.clock.now_ms()
    rig.put(
        "handover", key="k", oa_id=OUR_OA, commune_id="ha-dong", user_id="taken", state="taken", asked_ms=now,
        until_ms=now + 1,
    )  # fmt: skip
    rig.owe(rig.new_send(user_id="taken"))
    with rig.database.read() as connection:
        assert figures.backlog(connection).oldest_reply_ms is None
    rig.owe(rig.new_send(user_id="another"))
    with rig.database.read() as connection:
        assert figures.backlog(connection).oldest_reply_ms == now


def test_much_is_forgotten_in_slices(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "SLICE", 10)
    old = rig.clock.now_ms() - KEYS_MS - 1
    rig.receive(*(rig.event(body_sealed=None, received_ms=old) for _ in range(35)))
    rig.receive(rig.event("young", body_sealed=None))
    transactions = []
    write = rig.database.write
    monkeypatch.setattr(rig.database, "write", lambda: (transactions.append(1), write())[1])
    assert retention.forget(rig.database, rig.clock.now_ms()) == 35
    assert rig.row("inbox").msg_id == "young"
    assert len(transactions) >= 4


@pytest.mark.parametrize("name", JOBS)
def test_each_job_run_twice_leaves_what_once_leaves(name: str, rig: Rig) -> None:
    _old_and_young(rig)
    rig.clock.pass_ms(21 * 3_600_000)
    services = rig.services(RefreshesOnly())  # type: ignore[arg-type]
    before = rig.everything()
    JOBS[name].run(services, "0000000a")
    once = rig.everything()
    JOBS[name].run(services, "0000000b")
    assert rig.everything() == once
    assert JOBS[name].why_idempotent
    if name != "raise_alarms":
        assert once != before, "the rows of this test give the job something to do"


def test_what_waits_too_long_is_called_out(sqlite_rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    rig = sqlite_rig
    rig.receive(rig.event())
    rig.owe(rig.new_send())
    rig.clock.pass_ms(STUCK_MS)
    with caplog.at_level(logging.ERROR):
        timekeeping.raise_alarms(rig.services(), "0000000a")
        assert caplog.records == []
        rig.clock.pass_ms(1)
        timekeeping.raise_alarms(rig.services(), "0000000a")
    assert [vars(record)["name"] for record in caplog.records] == [timekeeping.logger.name] * 2
    assert {vars(record)["queue"] for record in caplog.records} == {"inbox", "outbox"}


def test_a_job_that_fails_does_not_stop_the_clock(sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_services: object, _owner: str) -> None:
        raise RuntimeError

    monkeypatch.setattr(timekeeping, "JOBS", {"broken": timekeeping.Job(fail, 60, "it does nothing")})
    Timekeeper(sqlite_rig.services())._run_job("broken", "0000000a")


def test_one_clock_leads_and_the_next_takes_over(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[str] = []
    monkeypatch.setattr(timekeeping, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(
        timekeeping, "JOBS", {"note": timekeeping.Job(lambda _services, owner: runs.append(owner), 3600, "it counts")}
    )
    first, second = Timekeeper(rig.services()), Timekeeper(rig.services())
    threads = [threading.Thread(target=first.run)]
    threads[0].start()
    wait_until(lambda: runs, "the first clock leads")
    threads.append(threading.Thread(target=second.run))
    threads[1].start()
    wait_until(lambda: len(rig.rows("process")) == 2, "the second is there too")
    beats = wait_until(lambda: {row.owner for row in rig.rows("process")}, "both say so")
    assert len(runs) == 1
    first.request_stop()
    threads[0].join(30)
    wait_until(lambda: len(runs) == 2, "the second leads now")
    assert set(runs) == beats
    second.request_stop()
    threads[1].join(30)
    assert not any(thread.is_alive() for thread in threads)


def test_figures(rig: Rig) -> None:
    rig.connect_oa()
    now = rig.clock.now_ms()
    with rig.database.read() as connection:
        assert figures.last_success(connection) == (None, None)
        assert figures.backlog(connection) == figures.Backlog({}, None, None)
    rig.receive(rig.event(received_ms=now - 50), rig.event(received_ms=now - 40), rig.event(body_sealed=None))
    rig.claim_events(limit=1)
    rig.owe(rig.new_send(), rig.new_send())
    rig.in_doubt()
    rig.put("process", owner="0000000a", kind="worker", host="h", pid=1, started_ms=1, beat_ms=now)
    rig.put("process", owner="0000000b", kind="worker", host="h", pid=1, started_ms=1, beat_ms=now - SILENT_MS)
    with rig.database.write() as connection:
        out = figures.outbox
        connection.execute(out.update().where(out.c.id == 1).values(state=OutboxState.SENT, sent_ms=now - 3))
    with rig.database.read() as connection:
        backlog = figures.backlog(connection)
        assert figures.running_processes(connection, now) == {"worker": 1}
        assert figures.last_success(connection) == (now, now - 3)
    assert backlog.counts == {
        ("inbox", "new"): 1, ("inbox", "claimed"): 1, ("outbox", "ready"): 1, ("outbox", "in_doubt"): 1,
    }  # fmt: skip
    assert (backlog.oldest_event_ms, backlog.oldest_reply_ms) == (now - 50, now)
