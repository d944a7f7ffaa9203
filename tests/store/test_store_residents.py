"""Residents as an OA knows them, and what staff get to see of them."""

from __future__ import annotations

from rig import OTHER_OA, OUR_OA, RESIDENT, Rig

from bot.encryption import Vault
from bot.store import residents, staff_requests
from bot.store.residents import ResidentChange
from bot.store.staff_requests import DecisionRow, NewRequest


def _apply(rig: Rig, *changes: ResidentChange) -> None:
    with rig.database.write() as connection:
        residents.apply(connection, changes)


def _change(rig: Rig, **values: object) -> ResidentChange:
    return ResidentChange(OUR_OA, RESIDENT, rig.clock.now_ms(), **values)  # type: ignore[arg-type]


def test_the_last_interaction_never_goes_back(rig: Rig) -> None:
    now = rig.clock.now_ms()
    _apply(rig, _change(rig, interaction_ms=now))
    _apply(rig, _change(rig, interaction_ms=now - 60_000))
    _apply(rig, _change(rig))
    assert rig.row("resident").last_interaction_ms == now
    _apply(rig, _change(rig, interaction_ms=now + 1))
    assert rig.row("resident").last_interaction_ms == now + 1


def test_fields_that_are_not_named_stay(rig: Rig) -> None:
    first = rig.clock.now_ms()
    _apply(rig, _change(rig, is_follower=True, conversation_sealed=b"state"))
    rig.clock.pass_ms(1000)
    _apply(rig, _change(rig))
    row = rig.row("resident")
    assert (row.is_follower, row.conversation_sealed) == (True, b"state")
    assert (row.first_seen_ms, row.updated_ms) == (first, first + 1000)
    _apply(rig, _change(rig, is_follower=False))
    row = rig.row("resident")
    assert (row.is_follower, row.conversation_sealed) == (False, b"state")


def test_who_is_unknown_is_neither_follower_nor_not(rig: Rig) -> None:
    _apply(rig, _change(rig))
    assert rig.row("resident").is_follower is None


def test_a_refusal_is_lifted_by_an_interaction_and_by_nothing_else(rig: Rig) -> None:
    _apply(rig, _change(rig, interaction_ms=rig.clock.now_ms()))
    with rig.database.write() as connection:
        residents.stop(connection, OUR_OA, RESIDENT, "zalo-230")
    _apply(rig, _change(rig, is_follower=True))
    assert rig.row("resident").stopped_reason == "zalo-230"
    _apply(rig, _change(rig, interaction_ms=1))
    assert rig.row("resident").stopped_reason is None


def test_the_same_person_at_two_communes_is_two_people(rig: Rig) -> None:
    _apply(
        rig,
        _change(rig, is_follower=True),
        ResidentChange(OTHER_OA, RESIDENT, rig.clock.now_ms(), is_follower=False),
    )
    with rig.database.read() as connection:
        known = residents.load(connection, [(OUR_OA, RESIDENT), (OTHER_OA, RESIDENT), (OUR_OA, "nobody")])
    assert {key: one.is_follower for key, one in known.items()} == {
        (OUR_OA, RESIDENT): True,
        (OTHER_OA, RESIDENT): False,
    }


def _request(rig: Rig, key: str, commune: str = "ha-dong", user: str = RESIDENT) -> NewRequest:
    return NewRequest(key, OUR_OA, commune, user, "feedback", "Đèn đường hỏng", ("den-duong",), rig.clock.now_ms())


def _open(rig: Rig, commune: str | None) -> list[dict[str, object]]:
    with rig.database.read() as connection:
        return staff_requests.list_open(connection, rig.vault, commune)


def test_a_request_is_filed_once_sealed_and_shown_to_its_commune(rig: Rig) -> None:
    for _ in range(2):
        with rig.database.write() as connection:
            staff_requests.add(connection, rig.vault, [_request(rig, "in:1:0"), _request(rig, "in:2:0", "dai-son")])
    assert "Đèn" not in repr(rig.everything())
    (mine,) = _open(rig, "ha-dong")
    assert (mine["text"], mine["topics"], mine["kind"]) == ("Đèn đường hỏng", ["den-duong"], "feedback")
    assert len(_open(rig, None)) == 2
    assert _open(rig, "kien-minh") == []


def test_a_decision_is_kept_once_and_its_trace_opens_with_the_key_only(rig: Rig) -> None:
    row = DecisionRow(1, OUR_OA, "m1", "answer", "khai-sinh", "fee", None, 0.9, rig.clock.now_ms(), '{"a": 1}')
    for _ in range(2):
        with rig.database.write() as connection:
            staff_requests.add_decisions(connection, rig.vault, [row])
    assert rig.row("decision").topic == "khai-sinh"
    with rig.database.read() as connection:
        assert staff_requests.read_trace(connection, rig.vault, OUR_OA, "m1") == '{"a": 1}'
        assert staff_requests.read_trace(connection, rig.vault, OTHER_OA, "m1") is None


def test_forgetting_a_person_takes_all_of_theirs_and_nothing_of_others(rig: Rig) -> None:
    rig.receive(rig.event("theirs"), rig.event("another's", sender="someone else"))
    (theirs, others) = rig.rows("inbox")
    rig.change("inbox", state=3)
    with rig.database.write() as connection:
        staff_requests.add(connection, rig.vault, [_request(rig, "a"), _request(rig, "b", user="someone else")])
        staff_requests.add_decisions(
            connection,
            Vault("any key at all, of 32 characters."),
            [
                DecisionRow(row.id, OUR_OA, row.msg_id, "answer", None, None, None, None, 1, '{"words": 1}')
                for row in (theirs, others)
            ],
        )
        residents.apply(
            connection,
            [_change(rig, interaction_ms=1), ResidentChange(OUR_OA, "someone else", 1, interaction_ms=1)],
        )
        residents.erase(connection, OUR_OA, RESIDENT)
    assert [row.user_id for row in rig.rows("resident")] == ["someone else"]
    assert [row.user_id for row in rig.rows("staff_request")] == ["someone else"]
    assert [row.body_sealed is None for row in rig.rows("inbox")] == [True, False]
    assert [row.trace_sealed is None for row in rig.rows("decision")] == [True, False]
