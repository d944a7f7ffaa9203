"""Signing up for an event from the chat, and what the conversation sees of events."""

from __future__ import annotations

import pytest
from casework_cases import Desk, someone
from rig import HOUR_MS, Rig

from bot.casework.acts import APPLIERS
from bot.casework.desk import StoreDesk
from bot.conversation.acts import Act, CancelSignUp, SignUp
from bot.store import events


@pytest.fixture
def desk(rig: Rig) -> Desk:
    """On both databases."""
    rig.connect_oa()
    return Desk(rig)


def hold(desk: Desk, commune: str = "ha-dong", **changes: object) -> int:
    """An event of two seats tomorrow."""
    now = desk.rig.clock.now_ms()
    values: dict[str, object] = {
        "commune_id": commune, "kind": "class", "title": "Lớp học điện thoại", "place": "Nhà văn hóa", "village": "",
        "audience": "", "description": "", "starts_ms": now + 24 * HOUR_MS, "seats": 2, "taken": 0,
        "author": "a@b.vn", **changes,
    }  # fmt: skip
    with desk.rig.database.write() as connection:
        return events.add(connection, now, **values)


def test_every_act_has_somebody_who_applies_it() -> None:
    assert set(APPLIERS) == set(Act.__args__)  # type: ignore[attr-defined]


def test_seats_are_taken_given_back_and_never_oversold(desk: Desk) -> None:
    event_id = hold(desk)
    asked = StoreDesk(desk.rig.database, desk.vault, desk.rig.clock)
    for number in (1, 2, 3):
        desk.act(SignUp(event_id, "Bà Tư"), someone(number), times=2)
    assert [told.text for told in desk.told(someone(1))] == []
    (told,) = desk.told(someone(3))
    assert "Lớp học điện thoại" in told.text
    assert "hết chỗ" in told.text
    (view,) = asked.events("ha-dong", someone(1), desk.rig.clock.now())
    assert (view.id, view.title, view.seats_left, view.signed_up) == (event_id, "Lớp học điện thoại", 0, True)
    assert not asked.events("ha-dong", someone(3), desk.rig.clock.now())[0].signed_up
    desk.act(CancelSignUp(event_id), someone(1), times=2)
    assert asked.events("ha-dong", someone(1), desk.rig.clock.now())[0].seats_left == 1
    assert asked.events("kien-minh", someone(1), desk.rig.clock.now()) == []


def test_a_past_event_and_one_of_another_commune_take_nobody(desk: Desk) -> None:
    past, elsewhere = hold(desk, starts_ms=1), hold(desk, commune="kien-minh")
    for event_id in (past, elsewhere, 999):
        desk.act(SignUp(event_id), someone(1))
    assert {row.taken for row in desk.rig.rows("event")} == {0}
    (told,) = desk.told()
    assert "không còn nhận đăng ký" in told.text
