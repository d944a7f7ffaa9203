"""What residents do to cases from the chat: each act once, however often it is applied."""

from __future__ import annotations

import threading

import pytest
from casework_cases import IDEA_CODE, REPORT_CODE, SECOND_CODE, Desk, initiative, report, someone
from rig import HOUR_MS, Rig
from sqlalchemy.exc import IntegrityError

from bot.casework import acts, moving
from bot.conversation.acts import AddToCase, Contact, JoinReport, Place, ReopenCase, SentThing, SupportInitiative
from bot.journal.processing import FiledAct


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


def test_a_report_is_filed_once_with_unit_deadline_and_filer(desk: Desk) -> None:
    desk.act(report(), someone(1), times=3)
    case = desk.case(REPORT_CODE)
    assert len(desk.rig.rows("case_file")) == 1
    assert (case.head.kind, case.head.state, case.head.source) == ("report", "received", "zalo")
    assert (case.head.category, case.head.level, case.head.unit) == ("nuoc", "normal", "economy_unit")
    assert case.head.village == "thôn đông"
    assert case.head.due_ms is not None
    assert case.head.due_ms > desk.rig.clock.now_ms()
    assert case.words.text == "Mất nước từ sáng ở thôn Đông"
    assert case.place.words == "cạnh đình"
    assert case.contact is not None
    assert (case.contact.name, case.contact.phone) == ("Bà Tư", "0912345678")
    assert [(person.role, person.user_id) for person in desk.people(REPORT_CODE)] == [("filer", "resident-1")]
    assert [event.kind for event in desk.timeline(REPORT_CODE)] == ["filed"]
    assert desk.told() == []  # the conversation itself answered


def test_what_is_kept_of_words_is_masked_and_sealed(one: Desk) -> None:
    one.act(report(text="Gọi tôi 0912345678, căn cước 031090001234", contact=Contact("", "")), someone(1))
    case = one.case(REPORT_CODE)
    assert "0912345678" not in case.words.text + case.gist
    assert "031090001234" not in case.words.text + case.gist
    assert case.contact is None
    assert "Mất nước".encode() not in repr(one.rig.everything()).encode()
    assert "cạnh đình" not in repr(one.rig.everything())


def test_an_anonymous_report_keeps_no_contact_but_its_sender_is_told(one: Desk) -> None:
    one.act(report(contact=Contact("Bà Tư", "0912345678", anonymous=True)), someone(1))
    case = one.case(REPORT_CODE)
    assert case.head.anonymous
    assert case.contact is None
    assert [person.user_id for person in one.people(REPORT_CODE)] == ["resident-1"]


def test_a_category_or_level_unknown_today_is_no_reason_to_lose_a_report(one: Desk) -> None:
    one.act(report(category="gone", level="sometime", place=Place()), someone(1))
    assert (one.head(REPORT_CODE).category, one.head(REPORT_CODE).level) == ("khac", "normal")


def test_a_code_in_use_fails_the_message_so_that_it_is_done_again(one: Desk) -> None:
    one.act(report(), someone(1))
    with pytest.raises(IntegrityError):
        one.act(report(), someone(2))
    assert len(one.rig.rows("case_file")) == 1


def test_an_initiative_is_filed_with_its_parts(desk: Desk) -> None:
    desk.act(initiative(campaign_id="7", village="thôn đông", co_authors="Bà Năm"), someone(1), times=2)
    case = desk.case(IDEA_CODE)
    assert (case.head.kind, case.head.state, case.head.unit) == ("initiative", "submitted", "desk")
    assert (case.head.author_kind, case.head.stage, case.head.campaign_id) == ("resident", "idea", "7")
    assert case.gist == "Dán mã QR thủ tục ở nhà văn hóa"
    assert case.words.proposal == "Mỗi thôn dán một bảng mã QR"
    assert case.words.co_authors == "Bà Năm"
    assert "Bà Năm" not in case.words.whole
    assert case.head.due_ms is not None


def test_joining_and_supporting_count_each_person_once(desk: Desk) -> None:
    desk.act(report(), someone(1))
    desk.act(initiative(), someone(1))
    for number in (1, 2, 3, 3):
        desk.act(JoinReport(REPORT_CODE, "Nhà tôi cũng mất, gọi 0912345678"), someone(number), times=2)
        desk.act(SupportInitiative(IDEA_CODE), someone(number), times=2)
    assert desk.head(REPORT_CODE).people == 3
    assert (desk.head(IDEA_CODE).people, desk.head(IDEA_CODE).supporters) == (3, 2)
    assert [person.role for person in desk.people(REPORT_CODE)] == ["filer", "joined", "joined"]
    words = [person.words for person in desk.people(REPORT_CODE)]
    assert words[0] == ""
    assert words[1].startswith("Nhà tôi cũng mất")
    assert "0912345678" not in words[1]


def test_acts_upon_nothing_or_upon_another_commune_do_nothing(one: Desk) -> None:
    one.act(report(), someone(1))
    for act in (JoinReport(SECOND_CODE), SupportInitiative(IDEA_CODE), AddToCase(SECOND_CODE), ReopenCase(SECOND_CODE)):
        one.act(act, someone(2))
    one.act(JoinReport(REPORT_CODE), someone(2), commune="kien-minh")
    assert one.head(REPORT_CODE).people == 1


def test_nobody_adds_to_or_opens_anothers_case(one: Desk) -> None:
    one.act(report(), someone(1))
    one.do(moving.move, one.official(), REPORT_CODE, "resolved", "", "Đã có nước")
    before = one.head(REPORT_CODE)
    one.act(AddToCase(REPORT_CODE, "chen vào"), someone(2))
    one.act(ReopenCase(REPORT_CODE, "chưa xong"), someone(2))
    assert one.head(REPORT_CODE) == before
    one.act(initiative(), someone(1))
    one.act(SupportInitiative(IDEA_CODE), someone(2))
    one.act(AddToCase(IDEA_CODE, "thêm ý"), someone(2))
    assert "added" not in [event.kind for event in one.timeline(IDEA_CODE)]


def test_more_from_the_resident_lets_a_waiting_case_go_on(desk: Desk) -> None:
    official = desk.official()
    desk.act(report(), someone(1))
    desk.do(moving.move, official, REPORT_CODE, "waiting_resident", "", "Nhà số mấy ạ?")
    waiting = desk.head(REPORT_CODE)
    assert waiting.due_ms is None
    assert waiting.left_minutes is not None
    desk.rig.clock.pass_ms(240 * HOUR_MS)
    told = len(desk.told())
    desk.act(AddToCase(REPORT_CODE, "Nhà số 5"), someone(1), times=3)
    again = desk.head(REPORT_CODE)
    assert again.state == "assigned"
    assert again.due_ms is not None
    assert again.due_ms > desk.rig.clock.now_ms()
    assert again.left_minutes is None
    assert [event.internal for event in desk.timeline(REPORT_CODE) if event.kind == "added"] == ["Nhà số 5"]
    assert len(desk.told()) == told  # only the sender did anything, and the conversation answers them


def test_more_for_a_case_at_work_is_noted_and_changes_its_version(one: Desk) -> None:
    one.act(report(), someone(1))
    before = one.head(REPORT_CODE)
    one.act(AddToCase(REPORT_CODE, "Cả xóm"), someone(1), times=2)
    after = one.head(REPORT_CODE)
    assert after.state == before.state
    assert after.version == before.version + 1  # an official who read it before sees that there is more


def test_a_resolved_report_is_opened_again_by_its_own_people(desk: Desk) -> None:
    official = desk.official()
    desk.act(report(), someone(1))
    desk.act(JoinReport(REPORT_CODE), someone(2))
    desk.do(moving.move, official, REPORT_CODE, "resolved", "", "Đã có nước")
    told = len(desk.told(someone(1)))
    desk.act(ReopenCase(REPORT_CODE, "Vẫn mất"), someone(2), times=3)
    again = desk.head(REPORT_CODE)
    assert (again.state, again.reopened, again.resolved_ms) == ("assigned", 1, None)
    assert again.due_ms is not None
    assert "mở lại" in desk.told(someone(1))[told].text
    assert len(desk.told(someone(1))) == told + 1
    assert "Vẫn mất" not in desk.told(someone(1))[told].text  # what one person wrote is not shown to another
    assert "mở lại" not in desk.told(someone(2))[-1].text.split("\n")[0]  # they did it, and the chat answered
    desk.act(ReopenCase(REPORT_CODE), someone(2))
    assert desk.head(REPORT_CODE).reopened == 1  # it is open


def test_things_are_noted_under_the_case(one: Desk) -> None:
    photo = SentThing("image", "https://photo.zalo.example/1.jpg")
    one.act(report(things=(photo,)), someone(1), times=2)
    one.act(AddToCase(REPORT_CODE, things=(photo,)), someone(1), times=2)
    assert [row.case_code for row in one.rig.rows("attachment")] == [REPORT_CODE, REPORT_CODE]


def test_two_workers_may_file_upon_the_same_cases_in_opposite_order(desk: Desk) -> None:
    for code in (REPORT_CODE, SECOND_CODE):
        desk.act(report(code), someone(0))
    barrier, troubles = threading.Barrier(2), []

    def work(worker: int, codes: list[str]) -> None:
        database = desk.rig.another_database()
        try:
            barrier.wait(30)
            for number in range(20):
                person = someone(1000 * worker + number)
                filed = [
                    FiledAct(f"in:{worker}{number}:{code}", person, "ha-dong", "trace", 1, JoinReport(code))
                    for code in codes
                ]
                with database.write() as connection:
                    acts.apply(connection, desk.vault, filed)
        except Exception as error:
            troubles.append(error)
        finally:
            database.close()

    orders = [REPORT_CODE, SECOND_CODE], [SECOND_CODE, REPORT_CODE]
    threads = [threading.Thread(target=work, args=(number, codes)) for number, codes in enumerate(orders, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert (desk.head(REPORT_CODE).people, desk.head(SECOND_CODE).people) == (41, 41)
