"""The worker's search for twins: each pair once, whoever looks; only what is new is compared."""

from __future__ import annotations

import secrets

import pytest
from casework_people import make_official
from rig import HOUR_MS, OUR_OA, Rig

from bot.cases import codes
from bot.casework import acts, moving, twin_search
from bot.casework.twin_search import TwinSearch
from bot.conversation.acts import Contact, FileInitiative
from bot.journal.processing import FiledAct
from bot.people import Person
from bot.store import case_twins

OPEN = ("submitted", "assessing", "trial")
PUMP = "Bơm nước ruộng hẹn giờ bằng điện thoại"


def file_idea(rig: Rig, title: str, commune: str = "ha-dong") -> str:
    code = codes.new_code("initiative", secrets.choice)
    act = FileInitiative(
        code=code, title=title, problem="", proposal="", benefit="", field_id="khac", author_kind="resident",
        stage="idea", contact=Contact("Bác Một"),
    )  # fmt: skip
    number = next(rig.numbers)
    with rig.database.write() as connection:
        filed = FiledAct(f"in:{number}:0", Person(OUR_OA, f"{number}"), commune, "trace", rig.clock.now_ms(), act)
        acts.apply(connection, rig.vault, [filed])
    return code


def pairs(rig: Rig, *of: str) -> dict[str, list[str]]:
    with rig.database.read() as connection:
        found = case_twins.twins_of(connection, "ha-dong", "initiative", of, OPEN)
    return {code: [twin.code for twin in twins] for code, twins in found.items()}


def test_twins_are_found_whichever_came_first(rig: Rig) -> None:
    first = file_idea(rig, PUMP)
    other = file_idea(rig, "Tủ sách nhà văn hóa")
    elsewhere = file_idea(rig, PUMP, "ha-bac")
    search = TwinSearch(rig.services())
    search.search()
    assert pairs(rig, first, other) == {}
    rig.clock.pass_ms(HOUR_MS)
    second = file_idea(rig, "Hẹn giờ bơm nước ruộng qua điện thoại")
    assert search.search() >= 1
    assert pairs(rig, first, second, other, elsewhere) == {first: [second], second: [first]}
    with rig.database.read() as connection:
        assert set(case_twins.codes_with_twins(connection, "ha-dong", "initiative", OPEN)) == {first, second}
        assert case_twins.codes_with_twins(connection, "ha-bac", "initiative", OPEN) == []


def test_a_second_worker_finds_the_same_and_writes_nothing_new(rig: Rig) -> None:
    for _ in range(2):
        file_idea(rig, PUMP)
    TwinSearch(rig.services()).search()
    before = rig.rows("case_twin")
    TwinSearch(rig.services()).search()
    assert rig.rows("case_twin") == before and len(before) == 1


def test_at_rest_nothing_is_compared_again(sqlite_rig: Rig) -> None:
    file_idea(sqlite_rig, PUMP)
    search = TwinSearch(sqlite_rig.services())
    assert search.search() == 1
    sqlite_rig.clock.pass_ms(HOUR_MS)
    search.search()
    sqlite_rig.clock.pass_ms(HOUR_MS)
    assert search.search() == 0
    with sqlite_rig.database.read() as connection:
        assert case_twins.to_search(connection, twin_search.OVERLAP_MS) == []


def test_one_that_is_closed_is_nobody_s_twin(rig: Rig) -> None:
    first, second = file_idea(rig, PUMP), file_idea(rig, PUMP)
    search = TwinSearch(rig.services())
    search.search()
    assert pairs(rig, first) == {first: [second]}
    chair = make_official(rig, "chu-tich")
    with rig.database.write() as connection:
        moving.move(connection, rig.vault, chair, second, "declined", "unclear", "", rig.clock.now_ms())
    assert pairs(rig, first) == {}
    rig.clock.pass_ms(HOUR_MS)
    search.search()
    third = file_idea(rig, PUMP)
    search.search()
    assert pairs(rig, third) == {third: [first]}


def test_parted_by_an_official_they_stay_parted(rig: Rig) -> None:
    first, second = file_idea(rig, PUMP), file_idea(rig, PUMP)
    TwinSearch(rig.services()).search()
    with rig.database.write() as connection:
        assert not case_twins.part(connection, "ha-bac", first, second, 1, 5)
        assert case_twins.part(connection, "ha-dong", second, first, 1, 5)
        assert not case_twins.part(connection, "ha-dong", second, first, 1, 5)
        case_twins.keep(connection, "ha-dong", "initiative", [(first, second, 0.9)], 6)
    assert pairs(rig, first, second) == {}


def test_a_long_list_is_compared_in_slices(sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        file_idea(sqlite_rig, PUMP)
        sqlite_rig.clock.pass_ms(2 * twin_search.OVERLAP_MS)
    monkeypatch.setattr(twin_search, "AT_ONCE", 2)
    search = TwinSearch(sqlite_rig.services())
    sizes = [search.search() for _ in range(3)]
    assert sizes == [2, 2, 1]
    assert len(sqlite_rig.rows("case_twin")) >= 4


def test_the_chore_gives_the_pool_one_look_at_a_time(sqlite_rig: Rig) -> None:
    for _ in range(2):
        file_idea(sqlite_rig, PUMP)
    search = TwinSearch(sqlite_rig.services())
    with sqlite_rig.database.read() as connection:
        work = search(connection)
        assert work is not None and search(connection) is None
    work()
    assert len(sqlite_rig.rows("case_twin")) == 1
    with sqlite_rig.database.read() as connection:
        assert search(connection) is None  # not before its time
