"""Teams: one code enrols one person, a forwarded question reaches staff, and its answer both who asked."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from casework_people import make_official
from rig import Rig
from voices_acting import COMMUNE, NAM, TU, do, filed, told

from bot.cases.enrolment_codes import read_enrolment_code
from bot.casework import volunteers, volunteers_digest
from bot.casework.desk import StoreDesk
from bot.conversation.acts import EnrolVolunteer, FileTeamReport, ForwardQuestion, LinkForward, MarkForwardAnswered
from bot.people import Person
from bot.permissions import NotAllowed
from bot.store import forwards
from bot.store import volunteers as volunteers_store

CODE = "CG-7K3M9X"
QUESTION = "Làm lại thẻ bảo hiểm y tế bị mất thì hỏi ở đâu, số 0912345678"


def _code(rig: Rig, village: str = "Thôn Đoài", days: int = 14) -> str:
    with rig.database.write() as connection:
        return volunteers.issue_code(connection, rig.vault, None, COMMUNE, village, rig.clock.now_ms(), days)


def _desk(rig: Rig) -> StoreDesk:
    return StoreDesk(rig.database, rig.vault, rig.clock)


def _enrol(rig: Rig, person: Person = TU) -> None:
    do(rig, filed(rig, EnrolVolunteer(_code(rig)), person))


def _forward(rig: Rig, **changes: object) -> None:
    values: dict[str, object] = {
        "link_code": CODE, "text": QUESTION, "for_whom": "bà Năm", "village": "Thôn Đoài", "phone": "0987654321",
    }  # fmt: skip
    do(rig, filed(rig, ForwardQuestion(**{**values, **changes})))  # type: ignore[arg-type]


def test_a_code_enrols_once_and_is_stored_as_a_digest(rig: Rig) -> None:
    code = _code(rig)
    assert read_enrolment_code(code.lower().replace("-", " ")) == (code, True)
    assert code not in repr(rig.everything())
    desk = _desk(rig)
    assert desk.enrolment_village(COMMUNE, code) == "thôn đoài"
    assert desk.enrolment_village("dai-son", code) is None
    do(rig, filed(rig, EnrolVolunteer(code)))
    view = desk.volunteer(TU)
    assert view is not None and view.village == "thôn đoài"
    assert told(rig, TU) == []
    assert desk.enrolment_village(COMMUNE, code) is None
    do(rig, filed(rig, EnrolVolunteer(code), NAM))
    assert desk.volunteer(NAM) is None
    assert len(told(rig, NAM)) == 1


def test_a_code_expires(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    code = _code(rig, days=1)
    rig.clock.pass_ms(volunteers.DAY_MS)
    assert _desk(rig).enrolment_village(COMMUNE, code) is None
    do(rig, filed(rig, EnrolVolunteer(code)))
    assert _desk(rig).volunteer(TU) is None


def test_of_many_who_send_one_code_at_once_one_is_enrolled(rig: Rig) -> None:
    code = _code(rig)
    people = [Person(TU.oa_id, f"8800{number}") for number in range(6)]
    wanted = [filed(rig, EnrolVolunteer(code), person) for person in people]
    barrier = threading.Barrier(len(people))
    troubles: list[BaseException] = []

    def send(number: int) -> None:
        barrier.wait()
        try:
            do(rig, wanted[number], times=1)
        except BaseException as error:
            troubles.append(error)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    enrolled = [person for person in people if _desk(rig).volunteer(person) is not None]
    assert len(enrolled) == 1
    assert [len(told(rig, person)) for person in people if person not in enrolled] == [1] * 5


def test_only_who_may_gives_out_codes(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    clerk = make_official(rig, "truyen-thong")
    with pytest.raises(NotAllowed), rig.database.write() as connection:
        volunteers.issue_code(connection, rig.vault, clerk, COMMUNE, "Thôn Đoài", rig.clock.now_ms(), 1)
    assert rig.rows("volunteer_code") == []
    head = make_official(rig, "van-hoa-xa-hoi")
    with rig.database.write() as connection:
        volunteers.issue_code(connection, rig.vault, head, COMMUNE, "Thôn Đoài", rig.clock.now_ms(), 1)
    assert [row.act for row in rig.rows("audit")] == ["volunteer.code"]


def test_a_question_goes_to_staff_masked_and_sealed_its_phone_apart(rig: Rig) -> None:
    _enrol(rig)
    _forward(rig)
    request = rig.row("staff_request")
    assert (request.kind, request.topics) == ("forward", CODE)
    assert "0912345678" not in rig.vault.decrypt(request.text_sealed, "staff_request.text")
    with rig.database.read() as connection:
        (kept,) = forwards.forwards(connection, rig.vault, COMMUNE, open_only=True)
    assert "0912345678" not in kept.text and kept.phone == "0987654321"
    assert kept.for_whom == "bà Năm" and kept.village == "thôn đoài"
    assert "bà Năm" not in repr(rig.everything())
    assert [(one.link_code, one.answered) for one in _desk(rig).forwards_of(TU)] == [(CODE, False)]
    assert _desk(rig).forward_exists(COMMUNE, CODE) and not _desk(rig).forward_exists("dai-son", CODE)


def test_staffs_answer_reaches_the_volunteer_and_the_neighbour_who_linked(rig: Rig) -> None:
    _enrol(rig)
    _forward(rig)
    do(rig, filed(rig, LinkForward(CODE), NAM))
    official = make_official(rig, "hanh-chinh-cong")
    with rig.database.write() as connection:
        volunteers.answer_forward(
            connection, rig.vault, official, COMMUNE, CODE, "Mời bà ra bộ phận một cửa.", rig.clock.now_ms()
        )
    assert "Mời bà ra bộ phận một cửa." in told(rig, TU)[-1] and "bà Năm" in told(rig, TU)[-1]
    waiting, answered = told(rig, NAM)
    assert CODE in waiting and "một cửa" in answered and "bà Năm" not in answered
    assert rig.row("staff_request").answered_ms is not None
    assert [row.act for row in rig.rows("audit")][-1] == "forward.answer"
    with pytest.raises(volunteers.ForwardAnswered), rig.database.write() as connection:
        volunteers.answer_forward(connection, rig.vault, official, COMMUNE, CODE, "Nữa", rig.clock.now_ms())


def test_an_answer_needs_words_the_commune_and_the_right(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    _enrol(rig)
    _forward(rig)
    official = make_official(rig, "hanh-chinh-cong")
    stranger = make_official(rig, "hanh-chinh-cong", "other", "dai-son")

    def answer(staff: object, commune: str, words: str) -> Callable[[], None]:
        def run() -> None:
            with rig.database.write() as connection:
                volunteers.answer_forward(
                    connection, rig.vault, staff, commune, CODE, words, rig.clock.now_ms()  # type: ignore[arg-type]
                )  # fmt: skip

        return run

    for refused, kind in (
        (answer(official, COMMUNE, "  "), volunteers.AnswerEmpty),
        (answer(official, "dai-son", "Mời bà"), volunteers.ForwardUnknown),
        (answer(stranger, COMMUNE, "Mời bà"), NotAllowed),
    ):
        with pytest.raises(kind):
            refused()
    assert rig.row("forward").answered_ms is None


def test_a_neighbour_who_links_later_hears_the_answer_at_once_and_nobody_after_them(rig: Rig) -> None:
    _enrol(rig)
    _forward(rig, answered=True, answer="Khai sinh: mang chứng sinh.")
    assert rig.rows("staff_request") == []
    do(rig, filed(rig, LinkForward(CODE), NAM))
    assert "mang chứng sinh" in told(rig, NAM)[0]
    third = Person(TU.oa_id, "770001")
    do(rig, filed(rig, LinkForward(CODE), third))
    (refusal,) = told(rig, third)
    assert "mang chứng sinh" not in refusal and "khai sinh" not in refusal.lower()
    do(rig, filed(rig, LinkForward(CODE), TU))
    assert told(rig, TU) == []


def test_a_volunteer_marks_only_their_own_question_answered(rig: Rig) -> None:
    _enrol(rig)
    _forward(rig)
    do(rig, filed(rig, LinkForward(CODE), NAM))
    do(rig, filed(rig, MarkForwardAnswered(CODE, "không phải của tôi"), NAM))
    assert rig.row("forward").answered_by is None
    do(rig, filed(rig, MarkForwardAnswered(CODE, "ra bưu điện, gọi 0912345678")))
    assert rig.row("forward").answered_by == "volunteer"
    assert rig.row("staff_request").answered_ms is not None
    assert "ra bưu điện" in told(rig, NAM)[-1] and "0912345678" not in told(rig, NAM)[-1]


def test_a_report_counts_for_a_member_alone(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    report = FileTeamReport(2, 15, "Bà con quên mật khẩu VNeID, gọi 0912345678")
    do(rig, filed(rig, report))
    assert rig.rows("team_report") == []
    _enrol(rig)
    do(rig, filed(rig, report))
    row = rig.row("team_report")
    assert (row.village, row.classes, row.people_helped) == ("thôn đoài", 2, 15)
    assert "0912345678" not in rig.vault.decrypt(row.difficulties_sealed, "team_report.difficulties")


def test_the_weeks_digest_is_made_once_by_village_and_names_nobody(rig: Rig) -> None:
    _enrol(rig)
    do(rig, filed(rig, FileTeamReport(2, 15, "Quên mật khẩu VNeID")))
    do(rig, filed(rig, FileTeamReport(1, 5, "")))
    _forward(rig, topic="khai-sinh")
    rig.clock.pass_ms(7 * volunteers.DAY_MS)
    for _ in range(2):
        volunteers_digest.make_digests(rig.services(), "owner")
    with rig.database.read() as connection:
        ((week, document),) = volunteers_store.digests(connection, rig.vault, COMMUNE)
    assert week == "2026-11-16"
    assert document["villages"] == [
        {
            "village": "thôn đoài", "classes": 3, "people_helped": 20, "questions": 1, "open": 1,
            "difficulties": ["Quên mật khẩu VNeID"], "topics": [["khai-sinh", 1]],
        }
    ]  # fmt: skip
    assert document["members"] == {"thôn đoài": 1}
    assert "bà Năm" not in repr(document)


def test_a_commune_without_teams_gets_no_digest(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    volunteers_digest.make_digests(rig.services(), "owner")
    assert rig.rows("team_digest") == []


def test_who_left_is_no_member(sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    _enrol(rig)
    with rig.database.write() as connection:
        assert volunteers_store.remove(connection, TU, rig.clock.now_ms())
        assert not volunteers_store.remove(connection, TU, rig.clock.now_ms())
    assert _desk(rig).volunteer(TU) is None
