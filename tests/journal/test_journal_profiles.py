"""A worker answers with staff's edits soon after they are approved, without a restart and without reading for each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from rig import Rig
from sqlalchemy import event

import knowledge
from bot.journal.profiles import LOOK_SECONDS, Profiles
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


def approve(rig: Rig, text: str, commune: str = "ha-dong") -> int:
    edit = NewEdit("topic:khai-sinh", "fee", text, "high", "NQ 1", TODAY, None, None, "")
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
