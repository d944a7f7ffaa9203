"""A worker answers with staff's edits soon after they are approved, without a restart and without reading for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pytest
from rig import APP_ID, HOUR_MS, OUR_OA, RESIDENT, Rig
from sqlalchemy import event

import knowledge
from bot.conversation import Decision, Incoming, Outcome, State
from bot.journal import processing
from bot.journal.processing import Handler
from bot.journal.profiles import LOOK_SECONDS, Profiles
from bot.replies import Reply
from bot.store import knowledge_edits as store
from bot.store.knowledge_edits import APPROVED, WITHDRAWN, NewEdit

TODAY = date(2026, 11, 22)
LIBRARY = knowledge.load()


class Stopwatch:
    """Monotonic time that moves when the test says so."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def profiles(rig: Rig, stopwatch: Stopwatch) -> Iterator[Profiles]:
    """As a worker in another process has them."""
    database = rig.another_database()
    yield Profiles(LIBRARY, database, stopwatch)
    database.close()


def approve(rig: Rig, text: str, commune: str = "ha-dong", until: date | None = None) -> int:
    edit = NewEdit("topic:khai-sinh", "fee", text, "high", "NQ 1", TODAY, None, until, "")
    with rig.database.write() as connection:
        edit_id, _ = store.add_draft(connection, commune, edit, "a@xa.vn", rig.clock.now_ms())
        store.move(connection, commune, edit_id, APPROVED, "b@xa.vn", rig.clock.now_ms())
    return edit_id


def told(profiles: Profiles, commune: str = "ha-dong") -> str:
    return LIBRARY.answer("khai-sinh", "fee", profiles.commune(commune, TODAY), TODAY).text


def test_an_edit_is_in_force_within_a_look_and_gone_when_withdrawn(
    rig: Rig, profiles: Profiles, stopwatch: Stopwatch
) -> None:
    packaged = told(profiles)
    edit_id = approve(rig, "Miễn hết.")
    assert told(profiles) == packaged  # looked less than a second ago
    stopwatch.seconds += LOOK_SECONDS
    assert told(profiles).startswith("Miễn hết.")
    assert told(profiles, "ha-bac") == packaged.replace("Hà Đông", "Hà Bắc")
    with rig.database.write() as connection:
        store.move(connection, "ha-dong", edit_id, WITHDRAWN, "a@xa.vn", rig.clock.now_ms())
    stopwatch.seconds += LOOK_SECONDS
    assert told(profiles) == packaged


def test_a_message_reads_nothing_and_a_look_reads_one_number(
    rig: Rig, profiles: Profiles, stopwatch: Stopwatch
) -> None:
    approve(rig, "Miễn hết.")
    told(profiles)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    database = profiles._database
    assert database is not None
    event.listen(database.reader, "before_cursor_execute", note)
    for _ in range(50):
        told(profiles)
    assert statements == []
    stopwatch.seconds += LOOK_SECONDS
    told(profiles)
    selects = [statement for statement in statements if statement.lstrip().upper().startswith("SELECT")]
    assert len(selects) == 1 and "max(knowledge_move.id)" in selects[0]


def test_an_edit_of_a_commune_the_release_dropped_harms_nobody(rig: Rig, profiles: Profiles) -> None:
    approve(rig, "Lời.", commune="khong-con")
    assert told(profiles)


def test_without_a_database_the_packaged_profiles_are_answered_with() -> None:
    assert Profiles(LIBRARY).commune("ha-dong", TODAY) is LIBRARY.communes["ha-dong"]
    with pytest.raises(KeyError):
        Profiles(LIBRARY).commune("khong-co", TODAY)


class FeeTeller:
    """Answers whatever it is asked with one fee, as the commune has it on the day."""

    def respond(self, _message: Incoming, state: State, commune: knowledge.Commune, now: datetime) -> Outcome:
        text = LIBRARY.answer("khai-sinh", "fee", commune, now.date()).text
        return Outcome((Reply(text),), state, (), Decision("answer"))


def test_a_resident_reads_the_edit_on_the_days_it_holds(rig: Rig, profiles: Profiles, stopwatch: Stopwatch) -> None:
    handler = Handler(
        FeeTeller(),  # type: ignore[arg-type]
        LIBRARY,
        rig.vault,
        rig.clock,
        keep_traces=False,
        profiles=profiles,
    )
    body = json.dumps({
        "event_name": "user_send_text", "oa_id": OUR_OA, "sender": {"id": RESIDENT}, "recipient": {"id": OUR_OA},
        "message": {"text": "lệ phí", "msg_id": "m"}, "timestamp": str(rig.clock.now_ms()), "app_id": APP_ID,
    })  # fmt: skip

    def answered() -> str:
        rig.receive(rig.event(body_sealed=rig.vault.encrypt(body, "inbox.body")))
        (message,) = rig.claim_events()
        handled = handler.handle(message, "ha-dong", None)
        assert handled.error is None
        with rig.database.write() as connection:
            processing.store(connection, rig.vault, "0000000a", [handled], rig.clock.now_ms())
        return Reply.from_json(rig.vault.decrypt(handled.sends[0].payload_sealed, "outbox.payload")).text

    before = answered()
    approve(rig, "Miễn hết.", until=date(2026, 11, 30))
    stopwatch.seconds += LOOK_SECONDS
    assert answered().startswith("Miễn hết.")
    rig.clock.pass_ms(9 * 24 * HOUR_MS)
    assert answered() == before
