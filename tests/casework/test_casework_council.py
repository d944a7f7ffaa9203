"""A council at work over both databases: blind until closed, for everybody; scored again with the former round kept."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from casework_people import BareInitiative, make_official
from rig import HOUR_MS, Rig

from bot.casework import council
from bot.casework.council import CouncilProblem, RoundView
from bot.casework.council_sheet import default_sheet, make_sheet
from bot.permissions import NotAllowed
from bot.store import council as stored
from bot.store.staff import Staff

IDEA = BareInitiative()
LOW = {"moi": 4.0, "kha-thi": 4.0, "hieu-qua": 4.0, "nhan-rong": 4.0}
HIGH = {"moi": 9.0, "kha-thi": 9.0, "hieu-qua": 9.0, "nhan-rong": 9.0}


class Desk:
    """One commune's council, in the words of a test."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.chair = make_official(rig, "chu-tich")
        self.first = make_official(rig, "kinh-te")
        self.second = make_official(rig, "cong-an")

    def open(self, *members: Staff, who: Staff | None = None, reason: str = "", idea: BareInitiative = IDEA) -> int:
        chosen = [one.id for one in members or (self.first, self.second)]
        with self.rig.database.write() as connection:
            return council.open_round(
                connection, self.rig.vault, who or self.chair, idea, chosen, due_on=date(2026, 12, 1),
                reason=reason, now_ms=self.rig.clock.now_ms(),
            )  # fmt: skip

    def score(self, who: Staff, marks: dict[str, float], remark: str = "", idea: BareInitiative = IDEA) -> None:
        with self.rig.database.write() as connection:
            council.score(connection, self.rig.vault, who, idea, marks, remark, self.rig.clock.now_ms())

    def close(self, who: Staff | None = None) -> float:
        with self.rig.database.write() as connection:
            found = council.close_round(connection, self.rig.vault, who or self.chair, IDEA, self.rig.clock.now_ms())
        return found.percent

    def view(self, who: Staff) -> tuple[RoundView, ...]:
        with self.rig.database.read() as connection:
            return council.view(connection, self.rig.vault, who, IDEA)

    def waiting(self, who: Staff) -> list[str]:
        with self.rig.database.read() as connection:
            return council.to_score(connection, who)


@pytest.fixture
def desk(rig: Rig) -> Desk:
    return Desk(rig)


def test_nobody_sees_another_s_marks_before_it_is_closed(desk: Desk) -> None:
    desk.open()
    desk.score(desk.first, LOW, "thấp quá")
    for who in (desk.chair, desk.second, make_official(desk.rig, "quan-tri")):
        (seen,) = desk.view(who)
        assert (seen.result, seen.own_vote, seen.votes) == (None, None, 1)
        assert [(one.vote, one.percent) for one in seen.members] == [(None, None), (None, None)]
        assert "thấp quá" not in repr(seen) and "4.0" not in repr(seen)
    (own,) = desk.view(desk.first)
    assert own.own_vote is not None and own.own_vote.marks == LOW
    # The log says that somebody scored, and the file holds no mark in the clear.
    log = [row for row in desk.rig.rows("audit") if row.act == "council.score"]
    assert [json.loads(row.after) for row in log] == [{"first": True, "round": 1}]
    assert b"4.0" not in desk.rig.rows("council_vote")[0].marks_sealed


def test_closing_counts_and_opens_all_marks(desk: Desk) -> None:
    desk.open()
    desk.score(desk.first, LOW, "thấp quá")
    desk.score(desk.second, HIGH)
    assert desk.close() == pytest.approx(65.0)
    (seen,) = desk.view(desk.second)
    assert seen.result is not None and seen.result.passed
    assert sorted(one.percent or 0 for one in seen.members) == pytest.approx([40.0, 90.0])
    assert {one.vote.remark for one in seen.members if one.vote} == {"thấp quá", ""}
    with pytest.raises(CouncilProblem, match="closed"):
        desk.score(desk.first, HIGH)
    with pytest.raises(CouncilProblem, match="closed"):
        desk.close()


def test_marks_may_be_changed_until_it_is_closed(desk: Desk) -> None:
    desk.open()
    desk.score(desk.first, LOW)
    desk.rig.clock.pass_ms(HOUR_MS)
    desk.score(desk.first, HIGH)
    assert desk.close() == pytest.approx(90.0)
    assert len(desk.rig.rows("council_vote")) == 1


def test_what_is_left_to_score_is_counted_for_each_member(desk: Desk) -> None:
    other = replace(IDEA, code="SK-2222ZZ")
    desk.open()
    desk.open(idea=other)
    assert desk.waiting(desk.first) == [IDEA.code, other.code]
    desk.score(desk.first, LOW)
    assert desk.waiting(desk.first) == [other.code]
    assert desk.waiting(desk.second) == [IDEA.code, other.code]
    assert desk.waiting(desk.chair) == []
    desk.close()
    assert desk.waiting(desk.second) == [other.code]
    with desk.rig.database.read() as connection:
        progress = council.progress(connection, "ha-dong", [IDEA.code, other.code, "SK-NONE22"])
        assert council.progress(connection, "ha-bac", [IDEA.code]) == {}
    done, open_one = progress[IDEA.code], progress[other.code]
    assert (done.state, done.votes, done.members, done.result_percent) == ("closed", 1, 2, pytest.approx(40.0))
    assert (open_one.state, open_one.votes, open_one.members, open_one.result_percent) == ("open", 0, 2, None)
    assert set(progress) == {IDEA.code, other.code}


def test_scoring_again_is_another_round_and_the_former_one_stays(desk: Desk) -> None:
    desk.open()
    desk.score(desk.first, LOW)
    desk.close()
    with pytest.raises(CouncilProblem, match="reason_missing"):
        desk.open()
    desk.rig.clock.pass_ms(HOUR_MS)
    desk.open(reason="Có thêm số liệu làm thử")
    desk.score(desk.second, HIGH)
    newest, former = desk.view(desk.chair)
    assert (newest.round.number, newest.round.reason, newest.result) == (2, "Có thêm số liệu làm thử", None)
    assert [one.vote for one in newest.members] == [None, None]
    assert former.result is not None and former.result.percent == pytest.approx(40.0)
    assert desk.close() == pytest.approx(90.0)
    assert [one.round.result_percent for one in desk.view(desk.first)] == pytest.approx([90.0, 40.0])


def test_only_one_round_at_a_time_and_only_while_it_is_assessed(desk: Desk) -> None:
    desk.open()
    with pytest.raises(CouncilProblem, match="open_already"):
        desk.open(reason="nữa")
    for changed, reason in ((replace(IDEA, state="submitted"), "state"), (replace(IDEA, merged_into="SK-X"), "merged")):
        with pytest.raises(CouncilProblem, match=reason):
            desk.open(idea=changed)


def test_a_council_is_at_least_two_able_officials_of_the_commune(desk: Desk) -> None:
    strangers = [
        make_official(desk.rig, "kinh-te", commune="ha-bac"),
        make_official(desk.rig, "thon"),
        make_official(desk.rig, "truyen-thong"),
        make_official(desk.rig, "thanh-pho", commune=None),
    ]
    for stranger in strangers:
        with pytest.raises(CouncilProblem, match="unknown_member"):
            desk.open(desk.first, desk.second, stranger)
    with pytest.raises(CouncilProblem, match="few_members"):
        desk.open(desk.first, desk.first)
    assert desk.rig.rows("council_round") == []


def test_who_may_do_what(desk: Desk) -> None:
    for role in ("kinh-te", "cong-an", "hanh-chinh-cong"):
        with pytest.raises(NotAllowed):
            desk.open(who=make_official(desk.rig, role, name=f"người {role}"))
    desk.open()
    with pytest.raises(CouncilProblem, match="not_named"):
        desk.score(desk.chair, HIGH)  # the chair was not named to this council
    with pytest.raises(NotAllowed):
        desk.score(make_official(desk.rig, "kinh-te", commune="ha-bac"), HIGH)
    desk.score(desk.first, HIGH)
    for who in (desk.first, make_official(desk.rig, "chu-tich", commune="ha-bac")):
        with pytest.raises(NotAllowed):
            desk.close(who)


def test_a_round_nobody_scored_is_not_closed(desk: Desk) -> None:
    desk.open()
    with pytest.raises(CouncilProblem, match="no_votes"):
        desk.close()


def test_taking_somebody_out_takes_their_marks_out(desk: Desk) -> None:
    third = make_official(desk.rig, "van-phong")
    desk.open(desk.first, desk.second)
    desk.score(desk.first, LOW)
    with desk.rig.database.write() as connection:
        council.name_members(
            connection, desk.rig.vault, desk.chair, IDEA, [desk.second.id, third.id], desk.rig.clock.now_ms()
        )
    (seen,) = desk.view(desk.chair)
    assert {one.member.staff_id for one in seen.members} == {desk.second.id, third.id}
    assert seen.votes == 0
    assert desk.waiting(desk.first) == []


def test_a_new_sheet_is_for_rounds_to_come(desk: Desk) -> None:
    desk.open()
    desk.score(desk.first, HIGH)
    sheet = make_sheet("Phiếu của xã", 5, 50, [("Rẻ", 2), ("Dễ", 1)])
    with desk.rig.database.write() as connection:
        council.write_sheet(connection, desk.chair, "ha-dong", sheet, desk.rig.clock.now_ms())
        with pytest.raises(NotAllowed):
            council.write_sheet(connection, desk.first, "ha-dong", sheet, desk.rig.clock.now_ms())
    (seen,) = desk.view(desk.chair)
    assert seen.sheet.criteria == default_sheet().criteria
    assert desk.close() == pytest.approx(90.0)
    desk.open(reason="phiếu mới")
    desk.score(desk.second, {"c1": 5.0, "c2": 2.0})
    assert desk.close() == pytest.approx(80.0)
    with desk.rig.database.read() as connection:
        assert [one.name for one, _ in council.sheets_of(connection, "ha-dong")] == [
            "Phiếu của xã",
            "Phiếu chấm sáng kiến",
        ]
        assert council.sheet_in_force(connection, "ha-bac") == default_sheet()


def test_the_look_costs_the_same_however_many_rounds_there_were(desk: Desk) -> None:
    from sqlalchemy import event

    def count() -> int:
        seen: list[str] = []
        listen = lambda _c, _cu, statement, *_: seen.append(statement)  # noqa: E731
        event.listen(desk.rig.database.reader, "before_cursor_execute", listen)
        desk.view(desk.chair)
        event.remove(desk.rig.database.reader, "before_cursor_execute", listen)
        return len(seen)

    desk.open()
    desk.score(desk.first, HIGH)
    desk.close()
    before = count()
    for number in range(3):
        desk.open(reason=f"lần {number}")
        desk.score(desk.second, LOW)
        desk.close()
    assert count() == before
    assert desk.view(desk.first)[3].round.state == stored.CLOSED
