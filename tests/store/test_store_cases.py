"""Cases in the store: filed once, changed under a version, listed on indexes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from rig import OUR_OA, Rig
from sqlalchemy import event

from bot.people import NOBODY, Person
from bot.store import case_lists, cases
from bot.store.case_lists import CaseFilter
from bot.store.case_records import CaseContact, CasePlace, CaseWords
from bot.store.cases import NewCase, Stale

NEW = NewCase(
    key="in:1:0",
    code="PA-222222",
    kind="report",
    commune_id="ha-dong",
    person=Person(OUR_OA, "1"),
    state="received",
    category="nuoc",
    source="zalo",
    at_ms=1_000,
    gist="Mất nước",
    words=CaseWords(text="Mất nước từ sáng"),
    place=CasePlace("cạnh đình", 20.9, 106.3),
    contact=CaseContact("Bà Tư", "0912345678"),
    level="normal",
    village="thôn đông",
    unit="economy_unit",
    due_ms=9_000,
)


def put(rig: Rig, number: int, **changes: Any) -> None:
    """A case of its own key and code, with its filer."""
    new = replace(NEW, key=f"in:{number}:0", code=f"PA-{number:06}", **changes)
    with rig.database.write() as connection:
        assert cases.file(connection, rig.vault, new) is not None
        head = cases.find(connection, new.code)
        assert head is not None
        if new.person.user_id:
            cases.add_person(connection, rig.vault, head, new.person, "filer", new.code, new.at_ms)


def listed(rig: Rig, wanted: CaseFilter, **named: Any) -> list[str]:
    with rig.database.read() as connection:
        return [line.head.code for line in case_lists.list_cases(connection, rig.vault, wanted, **named)]


def test_a_case_comes_back_as_it_went_in(rig: Rig) -> None:
    with rig.database.write() as connection:
        assert cases.file(connection, rig.vault, NEW) is not None
        assert cases.file(connection, rig.vault, replace(NEW, code="PA-333337")) is None
        case = cases.read(connection, rig.vault, NEW.code)
        assert cases.find_by_key(connection, NEW.key) == cases.find(connection, NEW.code)
        assert cases.read(connection, rig.vault, "PA-333337") is None
    assert case is not None
    assert (case.words, case.place, case.contact) == (NEW.words, NEW.place, NEW.contact)
    assert (case.gist, case.head.due_ms, case.head.version) == ("Mất nước", 9_000, 1)


def test_a_change_over_another_is_refused(rig: Rig) -> None:
    put(rig, 1)
    with rig.database.write() as connection:
        seen = cases.find(connection, "PA-000001", lock=True)
        assert seen is not None
        now = cases.change(connection, seen, 2_000, unit="police")
        assert (now.unit, now.version, now.updated_ms) == ("police", 2, 2_000)
        with pytest.raises(Stale):
            cases.change(connection, seen, 3_000, unit="desk")
        assert cases.find(connection, "PA-000001") == now


def test_entries_and_people_are_written_once(rig: Rig) -> None:
    put(rig, 1)
    with rig.database.write() as connection:
        head = cases.find(connection, "PA-000001")
        assert head is not None
        for expected in (True, False):
            added = cases.add_event(
                connection, rig.vault, head, "answered", key="one", at_ms=1, by="a@b.vn", public="Đang sửa"
            )
            assert added is expected
        cases.add_event(connection, rig.vault, head, "noted", key="two", at_ms=2, by="a@b.vn", internal="kín")
        assert cases.last_public_words(connection, rig.vault, head.id) == "Đang sửa"
        assert [event.internal for event in cases.timeline(connection, rig.vault, head.id)] == ["", "kín"]
        assert cases.has_event(connection, "one")
        assert not cases.has_event(connection, "three")
        assert not cases.add_person(connection, rig.vault, head, NEW.person, "joined", head.code, 5)
        other = Person(OUR_OA, "2")
        assert cases.add_person(connection, rig.vault, head, other, "supporter", head.code, 5, "lời")
        assert cases.count_people(connection, head.id) == (2, 1)
        assert cases.role_of(connection, head.id, other) == "supporter"
        assert cases.role_of(connection, head.id, Person(OUR_OA, "3")) is None


def test_folders(rig: Rig) -> None:
    put(rig, 1, at_ms=1_000, due_ms=9_000)
    put(rig, 2, at_ms=2_000, due_ms=3_000, unit="police", level="urgent")
    put(rig, 3, at_ms=3_000, due_ms=None, state="resolved", village="thôn đoài", category="dien")
    put(rig, 4, at_ms=4_000, commune_id="kien-minh", person=NOBODY, source="hotline", unit="")
    put(rig, 5, at_ms=5_000, kind="initiative", state="submitted", campaign_id="7")
    here = CaseFilter(kind="report", commune_id="ha-dong")
    assert listed(rig, CaseFilter()) == [f"PA-{number:06}" for number in (5, 4, 3, 2, 1)]
    assert listed(rig, here) == ["PA-000003", "PA-000002", "PA-000001"]
    assert listed(rig, here, order="oldest", limit=1, offset=1) == ["PA-000002"]
    assert listed(rig, here, order="due") == ["PA-000002", "PA-000001", "PA-000003"]
    for changes, expected in (
        ({"states": ("received", "assigned")}, [2, 1]),
        ({"village": "thôn đoài"}, [3]),
        ({"category": "dien"}, [3]),
        ({"unit": "police"}, [2]),
        ({"unit": "-"}, []),
        ({"units": ("police", "desk")}, [2]),
        ({"assignee": "-"}, [3, 2, 1]),
        ({"level": "urgent"}, [2]),
        ({"source": "hotline"}, []),
        ({"due_before_ms": 5_000}, [2]),
        ({"created_from_ms": 2_000, "created_until_ms": 3_000}, [2]),
        ({"reopened": True}, []),
    ):
        assert listed(rig, replace(here, **changes)) == [f"PA-{number:06}" for number in expected], changes
    assert listed(rig, CaseFilter(campaign_id="7")) == ["PA-000005"]
    with rig.database.read() as connection:
        assert case_lists.count_cases(connection, here) == 3
        assert case_lists.count_by_state(connection, here) == {"received": 2, "resolved": 1}
        assert [head.code for head in case_lists.overdue(connection, 5_000)] == ["PA-000002"]
        late = case_lists.overdue(connection, 10_000, limit=1)
        after = (late[0].due_ms or 0, late[0].id)
        rest = case_lists.overdue(connection, 10_000, after)
        assert [head.code for head in rest] == ["PA-000001", "PA-000004", "PA-000005"]


def test_what_was_merged_leaves_the_folders(rig: Rig) -> None:
    put(rig, 1)
    put(rig, 2)
    with rig.database.write() as connection:
        head = cases.find(connection, "PA-000002")
        assert head is not None
        cases.change(connection, head, 2_000, merged_into="PA-000001")
        assert cases.merged_codes(connection, "PA-000001") == ["PA-000002"]
    assert listed(rig, CaseFilter(kind="report")) == ["PA-000001"]
    assert listed(rig, CaseFilter(kind="report", merged=True)) == ["PA-000002", "PA-000001"]


@pytest.fixture
def statements(sqlite_rig: Rig) -> Iterator[list[tuple[str, Any]]]:
    """Every statement read from now on, with its parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(sqlite_rig.database.reader, "before_cursor_execute", note)
    yield seen
    event.remove(sqlite_rig.database.reader, "before_cursor_execute", note)


def test_folders_are_answered_by_indexes_in_one_statement(sqlite_rig: Rig, statements: list[tuple[str, Any]]) -> None:
    for number in range(1, 30):
        put(sqlite_rig, number, at_ms=number)
    here = CaseFilter(kind="report", commune_id="ha-dong")
    opened = ("received", "assigned")
    for wanted in (
        here,
        replace(here, states=opened),
        replace(here, village="thôn đông", states=opened),
        replace(here, unit="economy_unit", states=opened),
        replace(here, category="nuoc"),
        replace(here, due_before_ms=10_000, states=opened),
    ):
        for order in ("newest", "due", "changed"):
            statements.clear()
            assert listed(sqlite_rig, wanted, order=order, limit=10)
            ((statement, parameters),) = statements
            with sqlite_rig.database.read() as connection:
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert "SEARCH case_file USING" in " ".join(row[3] for row in plan), (wanted, order, plan)
    statements.clear()
    with sqlite_rig.database.read() as connection:
        own = case_lists.cases_of_person(connection, sqlite_rig.vault, NEW.person)
    ((statement, parameters),) = statements
    assert len(own) == 5
    with sqlite_rig.database.read() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert "SCAN" not in " ".join(row[3] for row in plan)


def test_the_search_for_twins_reads_what_changed(rig: Rig) -> None:
    put(rig, 1, at_ms=1_000)
    put(rig, 2, at_ms=2_000, state="resolved")
    put(
        rig,
        3,
        at_ms=3_000,
        words=CaseWords(title="Tiêu đề", problem="Vấn đề", proposal="Cách làm", co_authors="Bà Năm"),
    )
    opened = ("received", "assigned")

    def changed(since_ms: int, known: dict[str, int] | None = None) -> dict[str, str]:
        with rig.database.read() as connection:
            found = case_lists.changed_since(connection, rig.vault, "ha-dong", "report", opened, since_ms, known or {})
        return {one.head.code: one.text for one in found}

    assert changed(0) == {"PA-000001": "Mất nước từ sáng", "PA-000003": "Tiêu đề\nVấn đề\nCách làm"}
    assert changed(1_500) == {"PA-000002": "", "PA-000003": "Tiêu đề\nVấn đề\nCách làm"}
    assert changed(1_500, {"PA-000002": 1, "PA-000003": 1}) == {}
