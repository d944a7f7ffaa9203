"""Thirty reports become one case and thirty people are told; what was merged by mistake comes out again."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from casework_cases import (
    IDEA_CODE,
    REPORT_CODE,
    SECOND_CODE,
    SECOND_IDEA_CODE,
    THIRD_CODE,
    Desk,
    initiative,
    report,
    someone,
)
from rig import HOUR_MS, Rig

from bot.cases import codes
from bot.casework import lateness, merging, moving, taking_down
from bot.casework.refusals import CaseRefused
from bot.casework.taking_down import TakenDown
from bot.conversation.acts import JoinReport, SupportInitiative
from bot.permissions import NotAllowed


@pytest.fixture
def desk(rig: Rig) -> Desk:
    """On both databases."""
    rig.connect_oa()
    return Desk(rig)


@pytest.fixture
def one(sqlite_rig: Rig) -> Desk:
    """Where the database does not matter."""
    sqlite_rig.connect_oa()
    return Desk(sqlite_rig)


def refused(call: Any) -> str:
    with pytest.raises(CaseRefused) as error:
        call()
    return error.value.trouble


def test_thirty_reports_become_one_case_and_thirty_are_told(desk: Desk) -> None:
    official = desk.official()
    made = {codes.new_code("report", secrets.choice) for _ in range(30)}
    while len(made) < 30:
        made.add(codes.new_code("report", secrets.choice))
    first, *others = sorted(made)
    for number, code in enumerate([first, *others]):
        desk.act(report(code), someone(number))
    for code in others:
        desk.do(merging.merge, official, first, code)
    assert desk.head(first).people == 30
    assert [row.code for row in desk.rig.rows("case_file") if not row.merged_into] == [first]
    before = len(desk.told())
    desk.do(moving.move, official, first, "resolved", "", "Có nước rồi")
    told = desk.told()[before:]
    assert len({row.user_id for row in desk.rig.rows("outbox")[before:]}) == 30
    for number, code in enumerate([first, *others]):
        mine = [reply.text for reply in desk.told(someone(number)) if "xử lý xong." in reply.text]
        assert len(mine) == 1
        assert mine[0].startswith(f"Phản ánh {code} của bác ")  # by the code they were given: it is theirs
    assert len(told) == 60  # the news, and the question for a mark


def test_a_merged_case_shows_as_what_it_went_into(desk: Desk) -> None:
    official = desk.official()
    desk.act(report(), someone(1))
    desk.act(report(SECOND_CODE), someone(2))
    desk.do(merging.merge, official, REPORT_CODE, SECOND_CODE)
    (told,) = desk.told()
    assert SECOND_CODE in told.text
    assert REPORT_CODE in told.text
    desk.do(moving.move, official, REPORT_CODE, "resolved", "", "Xong")
    for code in (REPORT_CODE, SECOND_CODE):
        assert desk.own(someone(2), code).line.head.state == "resolved"
    assert desk.own(someone(2), SECOND_CODE).known_code == SECOND_CODE
    assert desk.own(someone(1), SECOND_CODE) is None
    assert desk.own(someone(3), SECOND_CODE) is None


def test_who_is_in_both_is_told_once(one: Desk) -> None:
    official = one.official()
    one.act(report(), someone(1))
    one.act(report(SECOND_CODE), someone(1))
    one.do(merging.merge, official, REPORT_CODE, SECOND_CODE)
    assert one.told() == []  # nothing new for them: they know both
    assert one.head(REPORT_CODE).people == 1
    one.do(moving.answer, official, REPORT_CODE, "Đang sửa")
    assert len(one.told()) == 1
    assert one.own(someone(1), SECOND_CODE).line.head.code == REPORT_CODE


def test_joining_a_merged_report_joins_what_it_went_into(one: Desk) -> None:
    official = one.official()
    for number, code in enumerate((REPORT_CODE, SECOND_CODE, THIRD_CODE)):
        one.act(report(code), someone(number))
    one.do(merging.merge, official, SECOND_CODE, THIRD_CODE)
    one.do(merging.merge, official, REPORT_CODE, SECOND_CODE)  # takes the third along
    assert one.head(THIRD_CODE).merged_into == REPORT_CODE
    one.act(JoinReport(THIRD_CODE), someone(9))
    assert one.head(REPORT_CODE).people == 4
    assert {person.known_code for person in one.people(REPORT_CODE)} == {REPORT_CODE, SECOND_CODE, THIRD_CODE}


def test_authors_stay_authors(one: Desk) -> None:
    official = one.official("chu-tich")
    one.act(initiative(), someone(1))
    one.act(initiative(SECOND_IDEA_CODE), someone(2))
    one.act(SupportInitiative(SECOND_IDEA_CODE), someone(3))
    one.do(merging.merge, official, IDEA_CODE, SECOND_IDEA_CODE)
    assert [person.role for person in one.people(IDEA_CODE)] == ["filer", "co_author", "supporter"]
    assert (one.head(IDEA_CODE).people, one.head(IDEA_CODE).supporters) == (3, 1)


def test_merging_keeps_the_earlier_deadline(one: Desk) -> None:
    official = one.official()
    one.act(report(), someone(1))
    one.rig.clock.pass_ms(48 * HOUR_MS)
    one.act(report(SECOND_CODE), someone(2))
    earlier = one.head(REPORT_CODE).due_ms
    one.do(merging.merge, official, SECOND_CODE, REPORT_CODE)
    assert one.head(SECOND_CODE).due_ms == earlier
    assert one.head(REPORT_CODE).due_ms is None


def test_what_may_not_be_merged(one: Desk) -> None:
    office = one.official()
    one.act(report(), someone(1))
    one.act(report(SECOND_CODE), someone(2))
    one.act(initiative(), someone(3))
    one.act(report(THIRD_CODE), someone(4), commune="kien-minh")
    merge = lambda *pair, **named: one.do(merging.merge, office, *pair, **named)  # noqa: E731
    assert refused(lambda: merge(REPORT_CODE, REPORT_CODE)) == "same_case"
    assert refused(lambda: merge(REPORT_CODE, IDEA_CODE)) == "other_kind"
    assert refused(lambda: merge(REPORT_CODE, "PA-555554")) == "unknown_code"
    with pytest.raises(NotAllowed):
        merge(REPORT_CODE, THIRD_CODE)
    assert refused(lambda: one.do(merging.merge, None, REPORT_CODE, THIRD_CODE)) == "other_commune"
    assert refused(lambda: merge(REPORT_CODE, SECOND_CODE, expected_version=99)) == "changed"
    one.do(moving.move, office, SECOND_CODE, "resolved", "", "Xong")
    assert refused(lambda: merge(REPORT_CODE, SECOND_CODE)) == "closed"
    one.do(moving.move, office, SECOND_CODE, "assigned", "our_mistake", "")
    merge(REPORT_CODE, SECOND_CODE)
    assert refused(lambda: merge(REPORT_CODE, SECOND_CODE)) == "merged"
    assert refused(lambda: one.do(moving.move, office, SECOND_CODE, "resolved", "", "Xong")) == "merged"


def test_a_merge_made_by_mistake_is_undone(desk: Desk) -> None:
    official = desk.official()
    desk.act(report(), someone(1))
    desk.act(report(SECOND_CODE), someone(2))
    desk.do(merging.merge, official, REPORT_CODE, SECOND_CODE)
    head = desk.do(merging.split, official, SECOND_CODE)
    assert (head.merged_into, head.state) == ("", "received")
    assert head.due_ms is not None
    assert desk.head(REPORT_CODE).people == 1
    assert "tách ra" in desk.told(someone(2))[-1].text
    told = len(desk.told(someone(2)))
    desk.do(moving.answer, official, REPORT_CODE, "Đang sửa")
    assert len(desk.told(someone(2))) == told
    assert refused(lambda: desk.do(merging.split, official, SECOND_CODE)) == "not_merged"
    assert [event.kind for event in desk.timeline(SECOND_CODE)] == ["filed", "merged", "split"]


def taken(**changes: Any) -> TakenDown:
    values: dict[str, Any] = {
        "kind": "report",
        "source": "hotline",
        "category": "dien",
        "text": "Dây điện đứt rơi xuống đường",
        "name": "Bà Tư",
        "phone": "0912345678",
        **changes,
    }
    return TakenDown(**values)


def test_an_official_takes_down_what_was_told_on_the_phone(desk: Desk) -> None:
    official = desk.official()
    first, again = (desk.do(taking_down.take_down, official, "ha-dong", taken(), form_key="form-1") for _ in range(2))
    assert first.code == again.code
    assert (first.source, first.user_id, first.level, first.unit) == ("hotline", "", "urgent", "economy_unit")
    case = desk.case(first.code)
    assert case.contact is not None
    assert case.contact.phone == "0912345678"
    desk.do(moving.move, official, first.code, "resolved", "", "Đã nối dây")
    assert desk.told() == []  # there is no chat to tell anybody in
    idea = desk.do(
        taking_down.take_down,
        official,
        "ha-dong",
        taken(
            kind="initiative",
            source="desk",
            category="moi-truong",
            title="Ủ rác",
            text="Ủ rác làm phân",
            anonymous=True,
        ),
    )
    assert idea.code.startswith("SK-")
    assert desk.case(idea.code).contact is None


def test_what_cannot_be_taken_down(one: Desk) -> None:
    official = one.official()
    for changes, trouble in (
        ({"text": " "}, "text_missing"),
        ({"source": "zalo"}, "unknown_source"),
        ({"category": "gone"}, "unknown_category"),
        ({"level": "later"}, "unknown_level"),
        ({"village": "thôn Không Có"}, "unknown_village"),
    ):
        wrong = taken(**changes)
        assert refused(lambda wrong=wrong: one.do(taking_down.take_down, official, "ha-dong", wrong)) == trouble
    with pytest.raises(NotAllowed):
        one.do(taking_down.take_down, one.official("truyen-thong"), "ha-dong", taken())
    assert one.rig.rows("case_file") == []


def test_late_cases_go_up_once_for_each_step(desk: Desk) -> None:
    desk.act(report(), someone(1))
    desk.act(report(SECOND_CODE), someone(2))
    desk.act(initiative(), someone(3))
    official = desk.official()
    desk.do(moving.ask_for_more, official, SECOND_CODE, "Nhà số mấy ạ?")
    services = desk.rig.services()
    lateness.escalate_overdue(services, "0000000a")
    told = len(desk.told())
    assert desk.head(REPORT_CODE).escalated == 0
    due = desk.head(REPORT_CODE).due_ms
    assert due is not None
    desk.rig.clock.moment_ms = due + HOUR_MS
    for _ in range(3):
        lateness.escalate_overdue(services, "0000000a")
    assert desk.head(REPORT_CODE).escalated == 1
    assert desk.head(SECOND_CODE).escalated == 0  # it waits for the resident
    (late,) = desk.told()[told:]
    assert "chậm hơn hẹn" in late.text
    desk.rig.clock.pass_ms(24 * 7 * HOUR_MS)
    for _ in range(2):
        lateness.escalate_overdue(services, "0000000b")
    assert desk.head(REPORT_CODE).escalated == 3
    assert len(desk.told()) == told + 1  # staff hear of each step, people once
    assert [event.after for event in desk.timeline(REPORT_CODE) if event.kind == "escalated"] == ["1", "3"]
    desk.do(moving.move, official, REPORT_CODE, "resolved", "", "Xong")
    before = desk.head(REPORT_CODE), desk.timeline(REPORT_CODE)
    desk.rig.clock.pass_ms(24 * 30 * HOUR_MS)
    lateness.escalate_overdue(services, "0000000a")
    assert (desk.head(REPORT_CODE), desk.timeline(REPORT_CODE)) == before  # nothing closed is called late
    desk.do(moving.move, official, REPORT_CODE, "assigned", "our_mistake", "")
    assert desk.head(REPORT_CODE).escalated == 0


def test_many_late_cases_are_taken_in_slices(one: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lateness, "AT_ONCE", 2)
    made = set()
    while len(made) < 5:
        made.add(codes.new_code("report", secrets.choice))
    for number, code in enumerate(made):
        one.act(report(code), someone(number))
    one.rig.clock.pass_ms(24 * 30 * HOUR_MS)
    lateness.escalate_overdue(one.rig.services(), "0000000a")
    assert {row.escalated for row in one.rig.rows("case_file")} == {3}
    assert len(one.told()) == 5
