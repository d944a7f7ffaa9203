"""Segments, results, events and what is forgotten, on both databases."""

from __future__ import annotations

import threading

import pytest
from rig import HOUR_MS, NOON_MS, OUR_OA, Rig
from sqlalchemy import select

from bot.broadcasts.segments import Segment
from bot.store import broadcast_results, broadcasts, events, segment_conditions, segments, tables
from bot.store.broadcast_results import ReceiptNote

DAY_MS = 24 * HOUR_MS


def _person(rig: Rig, user_id: str, *, seen_ms: int = NOON_MS) -> None:
    rig.put("resident", oa_id=OUR_OA, user_id=user_id, first_seen_ms=1, last_interaction_ms=seen_ms, updated_ms=seen_ms)


def _among(rig: Rig, segment: Segment) -> set[str]:
    statement = select(tables.resident.c.user_id).where(segment_conditions.segment_condition(segment, NOON_MS))
    with rig.database.read() as connection:
        return set(connection.execute(statement).scalars())


def _case(rig: Rig, number: int, kind: str, village: str, user_id: str, role: str) -> None:
    code = f"PA-{number:06d}"
    rig.put(
        "case_file", id=number, key=f"k{number}", code=code, kind=kind, commune_id="ha-dong", oa_id=OUR_OA,
        user_id=user_id, state="received", category="x", level="", village=village, source="zalo", gist_sealed=b"x",
        words_sealed=b"x", created_ms=1, updated_ms=1,
    )  # fmt: skip
    rig.put(
        "case_person", case_id=number, commune_id="ha-dong", oa_id=OUR_OA, user_id=user_id, role=role,
        known_code=code, joined_ms=1,
    )  # fmt: skip


def test_each_field_of_a_segment_finds_its_people(rig: Rig) -> None:
    for user_id in ("filer", "leader", "neighbour", "asker", "author", "tagged", "nobody"):
        _person(rig, user_id)
    _person(rig, "old", seen_ms=NOON_MS - 40 * DAY_MS)
    _case(rig, 1, "report", "thon mot", "filer", "filer")
    _case(rig, 2, "initiative", "", "author", "filer")
    rig.put("volunteer", oa_id=OUR_OA, user_id="leader", commune_id="ha-dong", village="thon hai", enrolled_ms=1)
    rig.put(
        "volunteer", oa_id=OUR_OA, user_id="nobody", commune_id="ha-dong", village="thon hai", enrolled_ms=1, left_ms=2
    )
    rig.put(
        "forward", key="f", oa_id=OUR_OA, commune_id="ha-dong", user_id="leader", link_code="CG-1", village="thon ba",
        text_sealed=b"x", for_whom_sealed=b"x", topic="", asked_ms=1, neighbour_user_id="neighbour",
    )  # fmt: skip
    rig.receive(rig.event("m1", sender="asker"))
    rig.put(
        "decision", inbox_id=rig.row("inbox").id, oa_id=OUR_OA, msg_id="m1", decision="answer", topic="khai-sinh",
        decided_ms=NOON_MS - DAY_MS,
    )  # fmt: skip
    with rig.database.write() as connection:
        segments.tag(connection, "ha-dong", [(OUR_OA, "tagged")], "hội viên", "a@b.vn", 1)
        segments.tag(connection, "ha-dong", [(OUR_OA, "tagged")], "hội viên", "a@b.vn", 2)
        segments.tag(connection, "ha-dong", [(OUR_OA, "old")], segment_conditions.OFFICIAL_TAG, "a@b.vn", 1)
    assert len(_among(rig, Segment(all=True))) == 8
    assert _among(rig, Segment(villages=("thon mot",))) == {"filer"}
    assert _among(rig, Segment(villages=("thon hai", "thon ba"))) == {"leader", "neighbour"}
    assert _among(rig, Segment(interests=("khai-sinh", "ket-hon"))) == {"asker"}
    assert _among(rig, Segment(roles=("volunteers",))) == {"leader"}
    assert _among(rig, Segment(roles=("volunteers", "authors"))) == {"leader", "author"}
    assert _among(rig, Segment(roles=("officials",))) == {"old"}
    assert _among(rig, Segment(tags=("hội viên",))) == {"tagged"}
    assert _among(rig, Segment(unseen_for_days=30)) == {"old"}
    assert "old" not in _among(rig, Segment(seen_within_days=30))
    assert _among(rig, Segment(roles=("volunteers",), villages=("thon mot",))) == set()
    with rig.database.read() as connection:
        assert segments.tags(connection, "ha-dong") == {"can-bo": 1, "hội viên": 1}


def test_an_interest_fades(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    _person(rig, "asker")
    rig.receive(rig.event("m1", sender="asker"))
    rig.put(
        "decision", inbox_id=rig.row("inbox").id, oa_id=OUR_OA, msg_id="m1", decision="answer", topic="khai-sinh",
        decided_ms=NOON_MS - segment_conditions.INTEREST_MS - 1,
    )  # fmt: skip
    assert _among(rig, Segment(interests=("khai-sinh",))) == set()


def test_segments_are_saved_by_name(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    with rig.database.write() as connection:
        segments.save(connection, "ha-dong", "Thôn Một", Segment(villages=("thon mot",)), "a@b.vn", 1)
        segments.save(connection, "ha-dong", "Thôn Một", Segment(villages=("thon 1",)), "a@b.vn", 2)
        segments.save(connection, "dai-son", "Thôn Một", Segment(all=True), "a@b.vn", 2)
        (one,) = segments.list_saved(connection, "ha-dong")
        assert (one.name, one.segment) == ("Thôn Một", Segment(villages=("thon 1",)))
        assert not segments.remove(connection, "dai-son", one.id)
        assert segments.remove(connection, "ha-dong", one.id)


def _sent(rig: Rig, people: dict[str, int]) -> int:
    """A finished announcement to these people at these moments."""
    with rig.database.write() as connection:
        broadcast_id = broadcasts.add(
            connection,
            {
                "commune_id": "ha-dong", "oa_id": OUR_OA, "kind": "message", "state": "done", "title": "t", "text": "x",
                "details": "{}", "segment": "{}", "author": "a@b.vn", "started_ms": NOON_MS, "approved_ms": NOON_MS,
                "finished_ms": NOON_MS + HOUR_MS, "created_ms": NOON_MS, "updated_ms": NOON_MS,
            },
        )  # fmt: skip
    assert broadcast_id is not None
    for user_id, at_ms in people.items():
        rig.put("broadcast_recipient", broadcast_id=broadcast_id, revision=1, user_id=user_id, commune_id="ha-dong")
        rig.put(
            "outbox", key=f"bc:{broadcast_id}:{user_id}", oa_id=OUR_OA, user_id=user_id, lane=5, state=2, due_ms=1,
            broadcast_id=broadcast_id, trace_id="t", text_digest="", plain_digest="", created_ms=1, sent_ms=at_ms,
            zalo_msg_id=f"m-{user_id}",
        )  # fmt: skip
    return broadcast_id


def test_results_count_people_once_and_within_a_day(rig: Rig) -> None:
    people = dict.fromkeys(("a", "b", "c", "d"), NOON_MS)
    for user_id in people:
        _person(rig, user_id)
    broadcast_id = _sent(rig, people)
    notes = [
        ReceiptNote(OUR_OA, "received", ("m-a", "m-b", "unknown"), NOON_MS + 1),
        ReceiptNote(OUR_OA, "received", ("m-a",), NOON_MS + 2),
        ReceiptNote(OUR_OA, "seen", ("m-a", "m-c"), NOON_MS + 3),
        ReceiptNote("another OA", "seen", ("m-d",), NOON_MS + 3),
        ReceiptNote(OUR_OA, "seen", (), NOON_MS + 3),
    ]
    rig.receive(
        rig.event("1", sender="a", received_ms=NOON_MS + HOUR_MS),
        rig.event("2", sender="a", received_ms=NOON_MS + 2 * HOUR_MS),
        rig.event("3", sender="b", received_ms=NOON_MS + DAY_MS + 1),
        rig.event("4", sender="c", received_ms=NOON_MS - 1),
        rig.event("5", sender="d", received_ms=NOON_MS + HOUR_MS, event="user_seen_message"),
    )
    first = next(row.id for row in rig.rows("inbox") if row.msg_id == "1")
    rig.put("decision", inbox_id=first, oa_id=OUR_OA, msg_id="1", decision="answer", topic="tiem", decided_ms=1)
    rig.put("announcement_choice", oa_id=OUR_OA, user_id="d", wanted=False, at_ms=NOON_MS + 5)
    rig.put("announcement_choice", oa_id=OUR_OA, user_id="a", wanted=False, at_ms=NOON_MS - 5)
    with rig.database.write() as connection:
        broadcast_results.note_receipts(connection, notes)
        one = broadcasts.get(connection, broadcast_id)
        assert one is not None
        found = broadcast_results.results(connection, one, "tiem")
        narrowed = broadcast_results.results(connection, one, "tiem", Segment(users=("a",)))
    assert found == broadcast_results.Results(sent=4, delivered=3, seen=2, tapped=1, replied=1, opted_out=1)
    assert narrowed == broadcast_results.Results(sent=1, delivered=1, seen=1, tapped=1, replied=1, opted_out=0)


def _event(rig: Rig, **values: object) -> int:
    with rig.database.write() as connection:
        return events.add(
            connection, NOON_MS,
            **{
                "commune_id": "ha-dong", "kind": "class", "title": "Lớp học số", "place": "Nhà văn hóa",
                "starts_ms": NOON_MS + DAY_MS, "author": "a@b.vn", **values,
            },
        )  # fmt: skip


def test_seats_are_never_oversold_however_many_ask_at_once(rig: Rig) -> None:
    event_id = _event(rig, seats=5)
    outcomes: list[str] = []
    barrier = threading.Barrier(4)

    def ask(share: int) -> None:
        database = rig.another_database()
        barrier.wait()
        for number in range(4):
            with database.write() as connection:
                user_id = f"u{share}-{number}"
                outcomes.append(events.sign_up(connection, rig.vault, event_id, OUR_OA, user_id, "Tên", NOON_MS))
        database.close()

    threads = [threading.Thread(target=ask, args=(share,)) for share in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["full"] * 11 + ["in"] * 5
    with rig.database.read() as connection:
        one = events.get(connection, event_id)
        assert one is not None and (one.taken, one.seats_left) == (5, 0)
        assert len(events.list_sign_ups(connection, rig.vault, event_id)) == 5


def test_sign_up_and_cancel_said_twice_change_nothing_more(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    event_id = _event(rig, seats=1)
    with rig.database.write() as connection:
        assert events.sign_up(connection, rig.vault, event_id, OUR_OA, "a", "Bác An", NOON_MS) == "in"
        assert events.sign_up(connection, rig.vault, event_id, OUR_OA, "a", "Bác An", NOON_MS) == "already"
        assert events.sign_up(connection, rig.vault, event_id, OUR_OA, "b", "", NOON_MS) == "full"
        assert events.signed_up(connection, OUR_OA, "a", [event_id]) == {event_id}
        assert events.cancel_sign_up(connection, event_id, OUR_OA, "a")
        assert not events.cancel_sign_up(connection, event_id, OUR_OA, "a")
        assert events.sign_up(connection, rig.vault, event_id, OUR_OA, "b", "", NOON_MS) == "in"
        assert [one.user_id for one in events.list_sign_ups(connection, rig.vault, event_id)] == ["b"]
        assert events.note_attendance(connection, event_id, [(OUR_OA, "b"), (OUR_OA, "a")], attended=True) == 1
        assert events.list_sign_ups(connection, rig.vault, event_id)[0].attended is True


@pytest.mark.parametrize("change", [{"state": "cancelled"}, {"starts_ms": NOON_MS}])
def test_nobody_signs_up_for_what_is_over_or_cancelled(rig: Rig, change: dict[str, object]) -> None:
    event_id = _event(rig)
    with rig.database.write() as connection:
        events.change(connection, event_id, NOON_MS, **change)
        assert events.sign_up(connection, rig.vault, event_id, OUR_OA, "a", "", NOON_MS) == "gone"
        assert events.sign_up(connection, rig.vault, 999, OUR_OA, "a", "", NOON_MS) == "gone"


def test_events_to_come_and_whom_to_remind(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    soon, late = _event(rig), _event(rig, starts_ms=NOON_MS + 9 * DAY_MS)
    _event(rig, starts_ms=NOON_MS - DAY_MS)
    going_on = _event(rig, starts_ms=NOON_MS - HOUR_MS, ends_ms=NOON_MS + HOUR_MS)
    _event(rig, commune_id="dai-son")
    with rig.database.write() as connection:
        assert [one.id for one in events.list_events(connection, "ha-dong", NOON_MS)] == [going_on, soon, late]
        events.sign_up(connection, rig.vault, soon, OUR_OA, "a", "", NOON_MS)
        events.sign_up(connection, rig.vault, late, OUR_OA, "a", "", NOON_MS)
        ((event, oa_id, user_id),) = events.to_remind(connection, NOON_MS, NOON_MS + 2 * DAY_MS, 10)
        assert (event.id, oa_id, user_id) == (soon, OUR_OA, "a")
        events.note_reminded(connection, soon, OUR_OA, "a", NOON_MS)
        assert events.to_remind(connection, NOON_MS, NOON_MS + 2 * DAY_MS, 10) == []
