"""Staff's edits in the store: history that only grows, two people, one number that tells of any change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from rig import HOUR_MS, Rig

from bot.store import knowledge_edits as store
from bot.store.knowledge_edits import APPROVED, DRAFT, WITHDRAWN, IllegalMove, NewEdit

AUTHOR, APPROVER = "a@xa.vn", "b@xa.vn"


def new_edit(**changes: Any) -> NewEdit:
    plain = NewEdit("topic:khai-sinh", "fee", "Miễn.", "high", "NQ 1", date(2026, 11, 22), None, None, "digest")
    return replace(plain, **changes)


def draft(rig: Rig, commune: str = "ha-dong", **changes: Any) -> int:
    with rig.database.write() as connection:
        edit_id, is_new = store.add_draft(connection, commune, new_edit(**changes), AUTHOR, rig.clock.now_ms())
    assert is_new
    return edit_id


def move(rig: Rig, edit_id: int, state: str, by: str = APPROVER, commune: str = "ha-dong") -> None:
    with rig.database.write() as connection:
        store.move(connection, commune, edit_id, state, by, rig.clock.now_ms())


def version(rig: Rig) -> int:
    with rig.database.read() as connection:
        return store.version(connection)


def approved(rig: Rig, *communes: str) -> dict[str, list[int]]:
    with rig.database.read() as connection:
        edits = store.approved(connection, communes or None)
    return {commune: [edit.id for edit in rows] for commune, rows in edits.items()}


def test_a_draft_is_not_in_force_until_another_person_approves_it(rig: Rig) -> None:
    edit_id = draft(rig)
    assert approved(rig) == {}
    rig.clock.pass_ms(HOUR_MS)
    move(rig, edit_id, APPROVED)
    assert approved(rig) == {"ha-dong": [edit_id]}
    assert approved(rig, "ha-bac") == {}
    row = rig.row("knowledge_edit")
    assert (row.author, row.approved_by, row.approved_ms) == (AUTHOR, APPROVER, rig.clock.now_ms())


def test_an_edit_comes_back_as_it_was_written(rig: Rig) -> None:
    written = new_edit(valid_from=date(2027, 3, 1), valid_until=date(2027, 9, 1), text="Một\nHai", confidence="low")
    edit_id = draft(rig, valid_from=written.valid_from, valid_until=written.valid_until, text=written.text,
                    confidence="low")  # fmt: skip
    move(rig, edit_id, APPROVED)
    with rig.database.read() as connection:
        (edit,) = store.approved(connection)["ha-dong"]
    for name in NewEdit.__slots__:
        assert getattr(edit, name) == getattr(written, name), name
    assert edit.order == rig.clock.now_ms()


@pytest.mark.parametrize("by", [AUTHOR, " A@xa.VN "])
def test_nobody_approves_their_own(by: str, rig: Rig) -> None:
    edit_id = draft(rig)
    with pytest.raises(IllegalMove) as refused:
        move(rig, edit_id, APPROVED, by)
    assert (refused.value.edit_id, refused.value.reason) == (edit_id, "same_person")
    assert approved(rig) == {}


@pytest.mark.parametrize(("before", "after"), [(APPROVED, APPROVED), (WITHDRAWN, APPROVED), (WITHDRAWN, WITHDRAWN),
                                               (APPROVED, DRAFT)])  # fmt: skip
def test_only_legal_moves(before: str, after: str, rig: Rig) -> None:
    edit_id = draft(rig)
    move(rig, edit_id, before)
    with pytest.raises(IllegalMove) as refused:
        move(rig, edit_id, after, "c@xa.vn")
    assert refused.value.reason == "state"


def test_another_commune_s_edit_cannot_be_moved_or_seen(rig: Rig) -> None:
    edit_id = draft(rig)
    with pytest.raises(IllegalMove) as refused:
        move(rig, edit_id, APPROVED, commune="ha-bac")
    assert refused.value.reason == "unknown"
    with rig.database.read() as connection:
        assert store.list_edits(connection, "ha-bac") == []
        assert list(store.list_moves(connection, "ha-bac")) == []


def test_withdrawing_keeps_the_row_and_takes_the_edit_out_of_force(rig: Rig) -> None:
    edit_id = draft(rig)
    move(rig, edit_id, APPROVED)
    move(rig, edit_id, WITHDRAWN, AUTHOR)
    assert approved(rig) == {}
    row = rig.row("knowledge_edit")
    assert (row.state, row.text, row.approved_by) == (WITHDRAWN, "Miễn.", APPROVER)


def test_history_has_every_move_in_order(rig: Rig) -> None:
    first, second = draft(rig), draft(rig, field="papers")
    move(rig, first, APPROVED)
    move(rig, first, WITHDRAWN, AUTHOR)
    with rig.database.read() as connection:
        moves = store.list_moves(connection, "ha-dong")
        assert [(one.edit_id, one.state, one.moved_by) for one in moves] == [
            (first, DRAFT, AUTHOR), (second, DRAFT, AUTHOR), (first, APPROVED, APPROVER), (first, WITHDRAWN, AUTHOR),
        ]  # fmt: skip
        assert [one.edit_id for one in store.list_moves(connection, "ha-dong", [second])] == [second]
        assert [one.edit.id for one in store.list_edits(connection, "ha-dong", state=DRAFT)] == [second]
        assert store.list_edits(connection, "ha-dong", subject="topic:ket-hon") == []


def test_the_same_draft_is_written_once_also_with_open_days(rig: Rig) -> None:
    edit_id = draft(rig)
    with rig.database.write() as connection:
        assert store.add_draft(connection, "ha-dong", new_edit(), "c@xa.vn", 1) == (edit_id, False)
        assert store.add_draft(connection, "ha-bac", new_edit(), AUTHOR, 1)[1]
        assert store.add_draft(connection, "ha-dong", new_edit(valid_from=date(2027, 1, 1)), AUTHOR, 1)[1]


def test_the_version_tells_of_every_change(rig: Rig) -> None:
    seen = [version(rig)]
    assert seen == [0]
    edit_id = draft(rig)
    seen.append(version(rig))
    for state in (APPROVED, WITHDRAWN):
        move(rig, edit_id, state)
        seen.append(version(rig))
    assert seen == sorted(set(seen)) and len(seen) == 4
    with rig.database.read() as connection:
        assert store.version(connection, "ha-dong") == seen[-1]
        assert store.version(connection, "ha-bac") == 0
