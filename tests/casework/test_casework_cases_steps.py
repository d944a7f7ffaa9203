"""What officials do to cases: legal moves alone, told to all, audited, never over somebody else's change."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest
from casework_cases import IDEA_CODE, REPORT_CODE, Desk, initiative, report, someone
from rig import OUR_OA, Rig

from bot.cases.lifecycle import KINDS, check_move, lifecycle, reasons_for
from bot.casework import moving
from bot.casework.refusals import CaseRefused
from bot.conversation.acts import JoinReport, ReopenCase, SupportInitiative
from bot.permissions import NotAllowed
from bot.replies import PAYLOAD_PREFIX
from bot.store import audit


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
    """The trouble of a refusal; its sentence must be filled."""
    with pytest.raises(CaseRefused) as error:
        call()
    assert str(error.value)
    assert "{" not in str(error.value)
    return error.value.trouble


def test_a_move_is_told_to_everyone_and_audited(desk: Desk) -> None:
    official = desk.official()
    desk.act(report(), someone(1))
    desk.act(JoinReport(REPORT_CODE), someone(2))
    desk.do(moving.move, official, REPORT_CODE, "resolved", "", "Đã thay ống, có nước lúc 15 giờ")
    for person, whose in ((someone(1), "của bác"), (someone(2), "bác cùng gửi")):
        done, rate = desk.told(person)
        assert done.text.startswith(f"Phản ánh {REPORT_CODE} {whose} đã xử lý xong.")
        assert "Đã thay ống, có nước lúc 15 giờ" in done.text
        assert [button.payload for button in done.buttons] == [
            f"{PAYLOAD_PREFIX}reopen:{REPORT_CODE}",
            f"{PAYLOAD_PREFIX}status:{REPORT_CODE}",
        ]
        assert [button.payload for button in rate.buttons] == [
            f"{PAYLOAD_PREFIX}rate_case:{REPORT_CODE}:{mark}" for mark in (5, 4, 3, 2, 1)
        ]
    head = desk.head(REPORT_CODE)
    assert (head.state, head.due_ms, head.resolved_ms) == ("resolved", None, desk.rig.clock.now_ms())
    with desk.rig.database.read() as connection:
        (entry,) = audit.list_entries(connection, "ha-dong", subject=f"case:{REPORT_CODE}")
    assert (entry.actor, entry.act, entry.before) == (official.email, "case.move", {"state": "received"})
    assert entry.after["state"] == "resolved"
    assert "Đã thay ống" not in repr(entry)


@pytest.mark.parametrize("kind", KINDS)
def test_no_command_makes_an_illegal_move(sqlite_rig: Rig, kind: str) -> None:
    sqlite_rig.connect_oa()
    desk = Desk(sqlite_rig)
    chairman = desk.official("chu-tich")
    code = REPORT_CODE if kind == "report" else IDEA_CODE
    desk.act(report() if kind == "report" else initiative(), someone(1))
    table = lifecycle(kind)
    for before, after in product(table.states, table.states):
        desk.rig.change("case_file", state=before, merged_into="")
        at_first = desk.head(code)
        reason = "other" if any(one.id == "other" for one in reasons_for(after)) else ""
        if after in table.next_states(before):
            assert desk.do(moving.move, chairman, code, after, reason, "Lời rõ ràng").state == after
            continue
        trouble = refused(lambda after=after, reason=reason: desk.do(moving.move, chairman, code, after, reason, "Lời"))
        assert trouble in ("illegal", "same_state")
        assert desk.head(code) == at_first
    assert refused(lambda: desk.do(moving.move, chairman, code, "burnt", "", "Lời")) == "unknown_state"


def test_random_walks_keep_to_the_table(one: Desk) -> None:
    chance = random.Random(20261122)
    chairman = one.official("chu-tich")
    one.act(report(), someone(1))
    one.act(initiative(), someone(1))
    steps = 0
    for _ in range(150):
        code = chance.choice((REPORT_CODE, IDEA_CODE))
        before = one.head(code)
        table = lifecycle(before.kind)
        to_state = chance.choice([*table.states, "trial", "resolved"])
        reason = chance.choice(["", "other", "unclear", "not_done", "nothing"])
        words = chance.choice(["", "Xã đã xem"])
        action = chance.choice(["move", "move", "move", "assign", "answer", "ask", "note", "reopen"])
        try:
            if action == "move":
                check_move(before.kind, before.state, to_state, reason, words)
            steps_of = {
                "move": (moving.move, chairman, code, to_state, reason, words),
                "assign": (moving.assign, chairman, code, "office", ""),
                "answer": (moving.answer, chairman, code, words),
                "ask": (moving.ask_for_more, chairman, code, words),
                "note": (moving.note, chairman, code, words),
            }
            result = one.do(*steps_of[action]) if action in steps_of else one.act(ReopenCase(code), someone(1))
            steps += result is not None
        except (CaseRefused, ValueError):
            assert one.head(code) == before
            continue
        after = one.head(code)
        assert after.state == before.state or (before.state, after.state) in table.moves
        assert (after.due_ms is not None) == table.timer_runs(after.state)
        assert (after.left_minutes is not None) == (after.state == "waiting_resident")
        assert (after.resolved_ms is not None) == table.states[after.state].final
    assert steps > 30


def test_words_and_reasons_reach_the_people(one: Desk) -> None:
    official = one.official()
    one.act(report(), someone(1))
    assert refused(lambda: one.do(moving.move, official, REPORT_CODE, "refused", "", "Không")) == "reason_missing"
    assert refused(lambda: one.do(moving.move, official, REPORT_CODE, "refused", "not_true", "")) == "words_missing"
    one.do(moving.move, official, REPORT_CODE, "refused", "unclear", "Bác cho biết nhà nào.")
    (told,) = one.told()
    first, second, _third = told.text.split("\n")
    assert first == f"Phản ánh {REPORT_CODE} của bác chưa được tiếp nhận."
    assert second == "Lý do: Nội dung chưa đủ rõ để kiểm tra. Bác cho biết nhà nào."
    assert one.head(REPORT_CODE).reason == "unclear"


def test_out_of_scope_is_not_called_solved(one: Desk) -> None:
    one.act(report(), someone(1))
    one.do(moving.move, one.official(), REPORT_CODE, "out_of_scope", "utility_company", "")
    (told,) = one.told()
    assert "không thuộc thẩm quyền" in told.text
    assert "xử lý xong" not in told.text
    assert all("rate_case" not in button.payload for button in told.buttons)


def test_asking_wants_a_question_and_stops_the_timer(one: Desk) -> None:
    official = one.official()
    one.act(report(), someone(1))
    assert refused(lambda: one.do(moving.ask_for_more, official, REPORT_CODE, "  ")) == "question_missing"
    assert refused(lambda: one.do(moving.move, official, REPORT_CODE, "waiting_resident", "", "")) == "question_missing"
    one.do(moving.ask_for_more, official, REPORT_CODE, "Nhà số mấy ạ?")
    assert one.head(REPORT_CODE).state == "waiting_resident"
    assert "Nhà số mấy ạ?" in one.told()[-1].text
    one.do(moving.ask_for_more, official, REPORT_CODE, "Bác chụp giúp tấm ảnh?")
    assert one.head(REPORT_CODE).state == "waiting_resident"
    assert "Bác chụp giúp tấm ảnh?" in one.told()[-1].text


def test_every_move_has_words_for_its_people(one: Desk) -> None:
    chairman = one.official("chu-tich")
    one.act(report(), someone(1))
    one.act(initiative(), someone(1))
    for kind, code in zip(KINDS, (REPORT_CODE, IDEA_CODE), strict=True):
        for (before, after), move in lifecycle(kind).moves.items():
            one.rig.change("case_file", state=before)
            told = len(one.told())
            one.do(moving.move, chairman, code, after, "other" if move.needs_reason else "", "Lời của cán bộ.")
            text = one.told()[told].text
            assert code in text
            assert "Lời của cán bộ." in text
            assert "{" not in text
            assert ("giao cho" in text) == ((before, after) == ("received", "assigned"))


def test_assigning_gives_it_a_unit_and_says_so_once(desk: Desk) -> None:
    office = desk.official()
    police = desk.official("cong-an")
    desk.act(report(), someone(1))
    head = desk.do(moving.assign, office, REPORT_CODE, "police", police.email)
    assert (head.state, head.unit, head.assignee) == ("assigned", "police", police.email)
    (told,) = desk.told()
    assert "đã được giao cho Công an xã Hà Đông xử lý" in told.text
    assert "hẹn trước" in told.text
    desk.do(moving.assign, office, REPORT_CODE, "economy_unit", "")
    assert (desk.head(REPORT_CODE).unit, desk.head(REPORT_CODE).assignee) == ("economy_unit", "")
    assert len(desk.told()) == 1
    assert refused(lambda: desk.do(moving.assign, office, REPORT_CODE, "navy", "")) == "unknown_unit"
    stranger = desk.official("kinh-te", commune_id="kien-minh")
    for email in ("nobody@example.vn", stranger.email):
        assert refused(lambda email=email: desk.do(moving.assign, office, REPORT_CODE, "office", email)) == (
            "unknown_assignee"
        )


def test_sorting_out_sets_the_deadline_from_filing_on(one: Desk) -> None:
    office = one.official()
    one.act(report(), someone(1))
    normal = one.head(REPORT_CODE).due_ms
    head = one.do(moving.sort_out, office, REPORT_CODE, category="dien", level="urgent")
    assert (head.category, head.level) == ("dien", "urgent")
    assert head.due_ms is not None
    assert normal is not None
    assert head.due_ms < normal
    assert one.do(moving.sort_out, office, REPORT_CODE, category="dien").version == head.version
    for wrong, trouble in (
        ({"category": "magic"}, "unknown_category"),
        ({"level": "later"}, "unknown_level"),
        ({"village": "thôn Không Có"}, "unknown_village"),
    ):
        assert refused(lambda wrong=wrong: one.do(moving.sort_out, office, REPORT_CODE, **wrong)) == trouble
    assert one.told() == []


def test_a_new_level_while_we_wait_changes_what_is_left(one: Desk) -> None:
    office = one.official()
    one.act(report(), someone(1))
    one.do(moving.ask_for_more, office, REPORT_CODE, "Nhà số mấy ạ?")
    left = one.head(REPORT_CODE).left_minutes
    assert left == 40 * 60
    assert one.do(moving.sort_out, office, REPORT_CODE, level="urgent").left_minutes == 4 * 60
    assert one.head(REPORT_CODE).due_ms is None


def test_an_answer_is_told_and_a_note_never_is(one: Desk) -> None:
    office = one.official()
    one.act(report(), someone(1))
    one.do(moving.note, office, REPORT_CODE, "NGHI BÁO GIẢ, hỏi lại trưởng thôn")
    one.do(moving.answer, office, REPORT_CODE, "Thợ đang sửa ống.")
    for to_state, reason in (("assigned", ""), ("resolved", ""), ("assigned", "our_mistake"), ("resolved", "")):
        one.do(moving.move, office, REPORT_CODE, to_state, reason, "Xong")
    assert all("NGHI BÁO GIẢ" not in told.text for told in one.told())
    assert one.told()[0].text == f"Phản ánh {REPORT_CODE} của bác có tin mới từ cán bộ xã.\nTrả lời: Thợ đang sửa ống."
    own = one.own(someone(1), REPORT_CODE)
    assert "NGHI" not in repr(own)
    assert [event.internal for event in one.timeline(REPORT_CODE) if event.kind == "noted"] == [
        "NGHI BÁO GIẢ, hỏi lại trưởng thôn"
    ]
    assert refused(lambda: one.do(moving.answer, office, REPORT_CODE, " ")) == "answer_missing"


def test_an_author_hears_each_step(one: Desk) -> None:
    chairman = one.official("chu-tich")
    one.act(initiative(), someone(1))
    one.act(SupportInitiative(IDEA_CODE), someone(2))
    for state in ("assessing", "trial", "recognised", "scaled"):
        one.do(moving.move, chairman, IDEA_CODE, state, "", "")
    author = [told.text for told in one.told(someone(1))]
    assert ["thẩm định" in author[0], "làm thử" in author[1], "công nhận" in author[2], "nhân rộng" in author[3]] == [
        True
    ] * 4
    assert all(IDEA_CODE in text for text in author)
    assert all("bác ủng hộ" in told.text for told in one.told(someone(2)))
    assert len(one.told(someone(2))) == 4


def test_who_may_not_is_refused_and_nothing_changes(one: Desk) -> None:
    one.act(report(), someone(1))
    one.act(initiative(), someone(1))
    before = one.head(REPORT_CODE), one.head(IDEA_CODE)
    for staff in (
        one.official("thanh-pho", commune_id=None),
        one.official("truyen-thong"),
        one.official("cong-an"),  # another unit's
        one.official("quan-tri", commune_id="kien-minh"),
        one.official("thon", village="thôn đông"),
    ):
        for step, arguments in (
            (moving.move, (REPORT_CODE, "resolved", "", "Xong")),
            (moving.assign, (REPORT_CODE, "office", "")),
            (moving.answer, (REPORT_CODE, "Xong")),
            (moving.move, (IDEA_CODE, "declined", "unclear", "")),
        ):
            with pytest.raises(NotAllowed):
                one.do(step, staff, *arguments)
    # A unit moves its initiatives on, but recognising one is not its decision.
    desk_unit = one.official("hanh-chinh-cong")
    one.rig.change("case_file", unit="desk")
    with pytest.raises(NotAllowed):
        one.do(moving.move, desk_unit, IDEA_CODE, "declined", "unclear", "")
    assert one.do(moving.move, desk_unit, IDEA_CODE, "assessing", "", "").state == "assessing"
    assert before[0].version == one.head(REPORT_CODE).version
    assert len(one.told()) == 1


def test_two_officials_on_one_case(desk: Desk) -> None:
    first, second = desk.official(), desk.official()
    desk.act(report(), someone(1))
    seen = desk.head(REPORT_CODE).version
    desk.do(moving.move, first, REPORT_CODE, "resolved", "", "Xong", expected_version=seen)
    for call in (
        lambda: desk.do(moving.move, second, REPORT_CODE, "refused", "unclear", "", expected_version=seen),
        lambda: desk.do(moving.answer, second, REPORT_CODE, "Chờ đã", expected_version=seen),
        lambda: desk.do(moving.assign, second, REPORT_CODE, "police", "", expected_version=seen),
    ):
        assert refused(call) == "changed"
    assert desk.head(REPORT_CODE).state == "resolved"
    assert refused(lambda: desk.do(moving.answer, first, "PA-55555" + "4", "Xong")) == "unknown_code"


def test_who_left_no_address_is_owed_nothing(one: Desk) -> None:
    one.act(report(), someone(1))
    one.rig.change("case_person", user_id="")
    one.do(moving.move, one.official(), REPORT_CODE, "resolved", "", "Xong")
    assert one.told() == []
    assert {row.oa_id for row in one.rig.rows("case_person")} == {OUR_OA}
