"""Asked by many, answered once: everyone who can be reached hears it, the others are named with the reason."""

from __future__ import annotations

import pytest
from rig import HOUR_MS, OUR_OA, Rig

from bot.casework import teaching, unanswered
from bot.casework.teaching import CannotTeach, KeptQuestion
from bot.casework.unanswered import NothingToAnswer
from bot.journal.taught_in_force import TaughtInForce
from bot.people import Person
from bot.permissions import NotAllowed
from bot.replies import Reply
from bot.store import residents, staff, staff_requests
from bot.store.residents import ResidentChange
from bot.store.staff import NewStaff, Staff
from bot.store.staff_requests import NewRequest

QUESTIONS = (
    "Xã có lớp dạy bơi miễn phí cho trẻ em không",
    "lop day boi mien phi cho tre em",
    "cho em hỏi lớp dạy bơi miễn phí cho các trẻ em ạ",
    "lớp dạy bơi miễn phí cho trẻ em bao giờ có",
    "xa co lop day boi mien phi cho tre em k a",
)
ANSWER = "Có lớp bơi miễn phí từ ngày 1/6, đăng ký ở nhà văn hóa thôn."


def _official(rig: Rig, email: str, role: str) -> Staff:
    with rig.database.write() as connection:
        staff.add(connection, NewStaff("ha-dong", email, "Cán bộ mẫu", role, "hash"), rig.clock.now_ms())
        found = staff.find(connection, email)
    assert found is not None
    return found


def _ask(rig: Rig, user_id: str, text: str, *, hours_ago: int = 0, kind: str = "unanswered") -> None:
    at_ms = rig.clock.now_ms() - hours_ago * HOUR_MS
    with rig.database.write() as connection:
        residents.apply(connection, [ResidentChange(OUR_OA, user_id, at_ms, interaction_ms=at_ms)])
        request = NewRequest(f"in:{user_id}:{text}", OUR_OA, "ha-dong", user_id, kind, text, (), at_ms)
        staff_requests.add(connection, rig.vault, [request])


def _clusters(rig: Rig) -> list[unanswered.Cluster]:
    with rig.database.read() as connection:
        return unanswered.clusters(connection, rig.vault, "ha-dong")


def _answer(rig: Rig, official: Staff, ids: list[int], words: str = ANSWER) -> unanswered.Told:
    with rig.database.write() as connection:
        return unanswered.answer(
            connection, rig.vault, official, "ha-dong", "xã Hà Đông", ids, words, rig.clock.now_ms()
        )


def _sent_to(rig: Rig) -> dict[str, str]:
    return {
        row.user_id: Reply.from_json(rig.vault.decrypt(row.payload_sealed, "outbox.payload")).text
        for row in rig.rows("outbox")
    }


def test_five_who_asked_the_same_are_answered_at_once_and_only_once(rig: Rig) -> None:
    official = _official(rig, "vhxh@ha-dong.test", "van-hoa-xa-hoi")
    for number, text in enumerate(QUESTIONS):
        _ask(rig, f"person-{number}", text)
    _ask(rig, "somebody-else", "Bao giờ trạm bơm thôn 3 chạy lại")
    first, second = _clusters(rig)
    assert (first.people, second.people) == (5, 1)
    ids = [request.id for request in first.requests]
    told = _answer(rig, official, ids)
    assert (told.people, told.not_told) == (5, ())
    sent = _sent_to(rig)
    assert set(sent) == {f"person-{number}" for number in range(5)}
    assert all(ANSWER in text for text in sent.values())
    assert QUESTIONS[1] in sent["person-1"]
    with pytest.raises(NothingToAnswer):
        _answer(rig, official, ids)
    assert [cluster.people for cluster in _clusters(rig)] == [1]
    assert len(rig.rows("outbox")) == 5


def test_whoever_is_outside_the_window_is_named_with_the_reason(rig: Rig) -> None:
    official = _official(rig, "vhxh@ha-dong.test", "van-hoa-xa-hoi")
    _ask(rig, "recent", QUESTIONS[0])
    _ask(rig, "long-ago", QUESTIONS[1], hours_ago=8 * 24)
    _ask(rig, "blocked", QUESTIONS[2])
    with rig.database.write() as connection:
        residents.stop(connection, OUR_OA, "blocked", "zalo-213")
        known = residents.reachable(connection, [Person(OUR_OA, "blocked"), Person(OUR_OA, "nobody")])
    assert known[Person(OUR_OA, "blocked")][1] == "zalo-213"
    assert Person(OUR_OA, "nobody") not in known
    (cluster,) = _clusters(rig)
    told = _answer(rig, official, [request.id for request in cluster.requests])
    assert told.people == 1
    assert {one.reason for one in told.not_told} == {
        unanswered.WORDS.word("reason_window"),
        unanswered.WORDS.word("reason_stopped"),
    }
    assert set(_sent_to(rig)) == {"recent"}


def test_one_person_who_asked_twice_hears_it_once(sqlite_rig: Rig) -> None:
    official = _official(sqlite_rig, "vhxh@ha-dong.test", "van-hoa-xa-hoi")
    _ask(sqlite_rig, "person", QUESTIONS[0])
    _ask(sqlite_rig, "person", QUESTIONS[1])
    (cluster,) = _clusters(sqlite_rig)
    assert (cluster.people, len(cluster.requests)) == (1, 2)
    assert _answer(sqlite_rig, official, [request.id for request in cluster.requests]).people == 1
    assert len(sqlite_rig.rows("outbox")) == 1


def test_no_words_no_right_or_another_commune_answer_nothing(sqlite_rig: Rig) -> None:
    official = _official(sqlite_rig, "vhxh@ha-dong.test", "van-hoa-xa-hoi")
    _ask(sqlite_rig, "person", QUESTIONS[0])
    (cluster,) = _clusters(sqlite_rig)
    ids = [cluster.requests[0].id]
    with pytest.raises(NothingToAnswer):
        _answer(sqlite_rig, official, ids, "  ")
    village = _official(sqlite_rig, "thon@ha-dong.test", "thon")
    with pytest.raises(NotAllowed):
        _answer(sqlite_rig, village, ids)
    with sqlite_rig.database.write() as connection, pytest.raises(NotAllowed):
        unanswered.answer(connection, sqlite_rig.vault, official, "dai-son", "xã Đại Sơn", ids, ANSWER, 1)
    assert sqlite_rig.rows("outbox") == []
    assert len(_clusters(sqlite_rig)) == 1


def _teach(rig: Rig, official: Staff, kept: tuple[KeptQuestion, ...] = (), **what: str) -> int:
    with rig.database.write() as connection:
        return teaching.teach(
            connection,
            rig.vault,
            official,
            "ha-dong",
            QUESTIONS,
            rig.clock.now_ms(),
            kept=kept,
            topics={"khai-sinh"},
            **(what or {"words": ANSWER}),
        )


def test_what_was_taught_answers_once_another_approved_it(rig: Rig) -> None:
    author = _official(rig, "vhxh@ha-dong.test", "van-hoa-xa-hoi")
    chair = _official(rig, "chu-tich@ha-dong.test", "chu-tich")
    looks = iter(range(100))
    in_force = TaughtInForce(rig.database, rig.vault, monotonic=lambda: 10.0 * next(looks))
    taught_id = _teach(rig, author)
    today = rig.clock.now().date()
    assert in_force.index("ha-dong").nearest(QUESTIONS[0], today) is None
    with rig.database.write() as connection:
        with pytest.raises(NotAllowed):
            teaching.approve(connection, rig.vault, author, "ha-dong", taught_id, rig.clock.now_ms())
        teaching.approve(connection, rig.vault, chair, "ha-dong", taught_id, rig.clock.now_ms())
        with pytest.raises(CannotTeach):
            teaching.approve(connection, rig.vault, chair, "ha-dong", taught_id, rig.clock.now_ms())
    found = in_force.index("ha-dong").nearest("co lop day boi mien phi cho tre em ko ad", today)
    assert found is not None
    assert found.answer.words == ANSWER
    assert in_force.index("dai-son").nearest(QUESTIONS[0], today) is None
    with rig.database.write() as connection:
        teaching.withdraw(connection, author, "ha-dong", taught_id, rig.clock.now_ms())
    assert in_force.index("ha-dong").nearest(QUESTIONS[0], today) is None


def test_nobody_approves_what_they_wrote(sqlite_rig: Rig) -> None:
    chair = _official(sqlite_rig, "chu-tich@ha-dong.test", "chu-tich")
    taught_id = _teach(sqlite_rig, chair)
    with sqlite_rig.database.write() as connection, pytest.raises(CannotTeach, match="người khác"):
        teaching.approve(connection, sqlite_rig.vault, chair, "ha-dong", taught_id, 1)


def test_what_would_catch_a_kept_question_of_another_meaning_is_refused(sqlite_rig: Rig) -> None:
    author = _official(sqlite_rig, "vhxh@ha-dong.test", "van-hoa-xa-hoi")
    kept = (KeptQuestion("lớp dạy bơi miễn phí cho trẻ em", frozenset({"khai-sinh"})),)
    with pytest.raises(CannotTeach, match="dạy bơi"):
        _teach(sqlite_rig, author, kept)
    assert _teach(sqlite_rig, author, kept, topic="khai-sinh") > 0
    with pytest.raises(CannotTeach, match="khong-co"):
        _teach(sqlite_rig, author, topic="khong-co")


def test_questions_are_kept_covered_and_sealed(sqlite_rig: Rig) -> None:
    author = _official(sqlite_rig, "vhxh@ha-dong.test", "van-hoa-xa-hoi")
    with sqlite_rig.database.write() as connection:
        teaching.teach(
            connection, sqlite_rig.vault, author, "ha-dong", ["lớp bơi gọi 0912345678 hỏi ai"], 1,
            kept=(), topics=(), words=ANSWER,
        )  # fmt: skip
    (row,) = sqlite_rig.rows("taught_question")
    assert b"0912345678" not in row.text_sealed
    assert "0912345678" not in sqlite_rig.vault.decrypt(row.text_sealed, "taught_question.text")
