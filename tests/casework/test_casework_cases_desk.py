"""What the conversation may look up of cases: one's own, twins of what is being told, campaigns; never another's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from casework_cases import IDEA_CODE, REPORT_CODE, SECOND_CODE, THIRD_CODE, Desk, initiative, report, someone
from rig import HOUR_MS, Rig

from bot.cases.codes import read_code
from bot.casework import merging, moving
from bot.casework.desk import StoreDesk
from bot.casework.twins import OVERLAP_MS
from bot.clock import from_ms
from bot.conversation.acts import Contact, JoinReport, Place, Rate, SupportInitiative
from bot.people import Person
from bot.store import campaigns


@pytest.fixture
def both(rig: Rig) -> Desk:
    """On both databases."""
    rig.connect_oa()
    return Desk(rig)


@pytest.fixture
def desk(sqlite_rig: Rig) -> Desk:
    """Where the database does not matter."""
    sqlite_rig.connect_oa()
    return Desk(sqlite_rig)


def look_up(desk: Desk) -> StoreDesk:
    return StoreDesk(desk.rig.database, desk.vault, desk.rig.clock)


def test_new_codes_are_real_ones(desk: Desk) -> None:
    asked = look_up(desk)
    for kind, prefix in (("report", "PA-"), ("initiative", "SK-")):
        code = asked.new_code(kind)  # type: ignore[arg-type]
        assert code.startswith(prefix)
        assert read_code(code) == (code, True)


def test_a_case_is_shown_to_its_people_alone(both: Desk) -> None:
    desk = both
    asked = look_up(desk)
    desk.act(report(contact=Contact("Bà Tư", "0912345678")), someone(1))
    desk.act(JoinReport(REPORT_CODE), someone(2))
    desk.do(moving.note, desk.official(), REPORT_CODE, "ghi chú kín")
    desk.do(moving.answer, desk.official(), REPORT_CODE, "Thợ đang sửa")
    mine = asked.case(someone(1), REPORT_CODE)
    assert mine is not None
    assert (mine.code, mine.kind, mine.state) == (REPORT_CODE, "report", "received")
    assert mine.unit == "Phòng Kinh tế xã Hà Đông"
    assert mine.due is not None
    assert mine.due > desk.rig.clock.now()
    assert "Thợ đang sửa" in mine.answer
    assert not mine.awaits_rating
    assert asked.case(someone(2), REPORT_CODE) == mine
    assert asked.case(someone(3), REPORT_CODE) is None
    assert asked.case(Person("another OA", "resident-1"), REPORT_CODE) is None
    assert asked.case(someone(1), SECOND_CODE) is None
    assert asked.cases_of(someone(3)) == []


def test_a_mark_is_awaited_after_it_is_done_and_once(desk: Desk) -> None:
    asked = look_up(desk)
    official = desk.official("chu-tich")
    desk.act(report(), someone(1))
    desk.do(moving.move, official, REPORT_CODE, "resolved", "", "Xong")
    view = asked.case(someone(1), REPORT_CODE)
    assert view is not None
    assert view.awaits_rating
    desk.act(Rate(4, "case", case_code=REPORT_CODE), someone(1))
    view = asked.case(someone(1), REPORT_CODE)
    assert view is not None
    assert not view.awaits_rating
    desk.do(moving.move, official, REPORT_CODE, "assigned", "our_mistake", "")
    desk.do(moving.move, official, REPORT_CODE, "resolved", "", "Lần này xong thật")
    view = asked.case(someone(1), REPORT_CODE)
    assert view is not None
    assert view.awaits_rating
    assert "Lần này xong thật" in view.answer


def test_the_last_five_newest_first(desk: Desk) -> None:
    asked = look_up(desk)
    made = []
    for _ in range(7):
        made.append(asked.new_code("report"))
        desk.act(report(made[-1]), someone(1))
        desk.rig.clock.pass_ms(1000)
    assert [view.code for view in asked.cases_of(someone(1))] == made[::-1][:5]


def test_a_merged_case_answers_under_both_codes(both: Desk) -> None:
    desk = both
    asked = look_up(desk)
    desk.act(report(), someone(1))
    desk.act(report(SECOND_CODE), someone(2))
    desk.do(merging.merge, desk.official(), REPORT_CODE, SECOND_CODE)
    desk.do(moving.move, desk.official(), REPORT_CODE, "assigned", "", "")
    for code in (REPORT_CODE, SECOND_CODE):
        view = asked.case(someone(2), code)
        assert view is not None
        assert (view.code, view.state) == (code, "assigned")
    assert asked.case(someone(1), SECOND_CODE) is None
    assert [view.code for view in asked.cases_of(someone(2))] == [SECOND_CODE]


def test_twins_are_found_as_cases_come_change_and_close(both: Desk) -> None:
    desk = both
    asked, another = look_up(desk), look_up(desk)  # two workers
    assert asked.similar_reports("ha-dong", "cúp nước", "nuoc", "") == []
    desk.act(report(text="Mất nước cả xóm từ sáng"), someone(1))
    desk.act(report(SECOND_CODE, "Chó thả rông cắn người", category="cho_tha_rong"), someone(2))
    desk.act(report(THIRD_CODE, "Mất nước cả xóm từ sáng"), someone(3), commune="kien-minh")
    for worker in (asked, another):
        (found,) = worker.similar_reports("ha-dong", "cup nuoc tu sang", "nuoc", "thôn đông")
        assert found.code == REPORT_CODE
        assert found.gist == "Mất nước cả xóm từ sáng"
        assert found.people == 1
        assert 0 < found.score <= 1
        assert found.filed == from_ms(desk.rig.clock.now_ms())
    desk.act(JoinReport(REPORT_CODE), someone(4))
    assert asked.similar_reports("ha-dong", "mất nước", "nuoc", "")[0].people == 2
    desk.do(moving.move, desk.official(), REPORT_CODE, "resolved", "", "Xong")
    for worker in (asked, another):
        assert worker.similar_reports("ha-dong", "mất nước", "nuoc", "") == []
    desk.rig.clock.pass_ms(OVERLAP_MS * 2)
    desk.do(moving.move, desk.official(), REPORT_CODE, "assigned", "our_mistake", "")
    assert asked.similar_reports("ha-dong", "mất nước", "nuoc", "")[0].code == REPORT_CODE
    assert [found.code for found in asked.similar_reports("kien-minh", "mất nước", "nuoc", "")] == [THIRD_CODE]


def test_twins_of_initiatives_stay_after_they_are_recognised(desk: Desk) -> None:
    asked = look_up(desk)
    chairman = desk.official("chu-tich")
    desk.act(initiative(), someone(1))
    desk.act(SupportInitiative(IDEA_CODE), someone(2))
    for state in ("assessing", "recognised"):
        desk.do(moving.move, chairman, IDEA_CODE, state, "", "")
    (found,) = asked.similar_initiatives("ha-dong", "dan ma QR thu tuc tai nha van hoa thon")
    assert (found.code, found.people) == (IDEA_CODE, 2)
    assert asked.similar_initiatives("ha-dong", "nuôi cá lồng trên sông") == []


def test_a_worker_opens_a_case_only_when_it_changed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = look_up(desk)
    for _ in range(5):
        desk.act(report(asked.new_code("report"), place=Place()), someone(1))
    asked.similar_reports("ha-dong", "mất nước", "nuoc", "")
    opened = []
    real = desk.vault.decrypt
    monkeypatch.setattr(
        type(desk.vault), "decrypt", lambda _vault, sealed, context: (opened.append(context), real(sealed, context))[1]
    )
    assert len(asked.similar_reports("ha-dong", "mất nước", "nuoc", "")) == 5
    assert "case_file.words" not in opened


def test_campaigns_open_today(desk: Desk) -> None:
    today = desk.rig.clock.now().date()
    asked = look_up(desk)
    assert asked.campaigns("ha-dong", today) == []
    new = campaigns.NewCampaign(
        kind=campaigns.VILLAGE, title="Mỗi thôn một sáng kiến", about="", begins=today, ends=None, target=5
    )
    with desk.rig.database.write() as connection:
        campaigns.add(connection, "ha-dong", new, 1, desk.rig.clock.now_ms())
    assert [one.title for one in asked.campaigns("ha-dong", today)] == ["Mỗi thôn một sáng kiến"]
    assert asked.campaigns("ha-dong", today - timedelta(days=1)) == []
    desk.rig.clock.pass_ms(HOUR_MS)
    assert asked.campaigns("kien-minh", today) == []
