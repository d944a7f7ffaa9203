"""How far a case is, by its code or "của tôi"; more about it, "chưa xong", a mark. Nobody sees another's case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from conversation_talk import BAC_TU, DeskByHeart, Talk, payload, photo, tap, text_of, titles, understood

from bot.cases.codes import ALPHABET, check_sign
from bot.conversation.acts import AddToCase, Rate, ReopenCase
from bot.conversation.desk import CaseView
from bot.people import Person

STATUS = understood("action", "@status", action="status")
ASKED = "phản ánh của tôi đến đâu rồi"


def code(signs: str, prefix: str = "PA") -> str:
    return f"{prefix}-{signs}{check_sign(signs)}"


LAMP, ROAD, IDEA, WAITING = code("23456"), code("7K3M9"), code("ABCDE", "SK"), code("FGHJK")
FILED = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def case(which: str, state: str = "assigned", **more: object) -> CaseView:
    kind = "initiative" if which.startswith("SK") else "report"
    return CaseView(which, kind, state, "đèn đường tắt", FILED, **more)  # type: ignore[arg-type]


def talk(*cases: CaseView, person: Person = BAC_TU) -> Talk:
    return Talk(
        {ASKED: STATUS, f"mã {LAMP} đến đâu rồi": STATUS}, desk=DeskByHeart(own={BAC_TU: list(cases)}), person=person
    )


@pytest.mark.parametrize("typed", [LAMP, LAMP.lower(), LAMP.replace("-", ""), f" {LAMP.replace('-', ' - ')} "])
def test_a_code_in_any_writing_tells_the_case(typed: str) -> None:
    due = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
    shown = talk(case(LAMP, due=due, unit="Phòng Kinh tế xã Hà Đông", answer="Thợ đang thay bóng.")).says(typed)
    for part in (LAMP, "đang được xử lý", "20/11/2026", "27/11/2026", "Phòng Kinh tế", "Thợ đang thay bóng"):
        assert part in text_of(shown)
    assert titles(shown) == ["Nói thêm cho việc này", "Gặp cán bộ"]
    assert shown.decision.action == "status"


def test_a_code_inside_a_question_is_found() -> None:
    assert "đang được xử lý" in text_of(talk(case(LAMP)).says(f"mã {LAMP} đến đâu rồi"))


def test_a_code_works_while_something_else_is_told() -> None:
    talking = talk(case(LAMP))
    talking.says("#hoixa:action:feedback")
    shown = talking.says(LAMP)
    assert "đang được xử lý" in text_of(shown)
    assert "đang gửi dở phản ánh" in text_of(shown)


def test_every_single_wrong_letter_is_caught() -> None:
    talking = talk(case(LAMP))
    for place in range(3, 9):
        wrong = next(sign for sign in ALPHABET if sign != LAMP[place])
        said = text_of(talking.says(LAMP[:place] + wrong + LAMP[place + 1 :], after=timedelta(minutes=2)))
        assert "gõ nhầm một chữ" in said


def test_somebody_elses_code_is_answered_as_one_nobody_has() -> None:
    stranger = talk(case(LAMP), person=Person("oa-1", "user-2"))
    theirs, nobodys = text_of(stranger.says(LAMP)), text_of(stranger.says(ROAD))
    assert theirs == nobodys
    assert LAMP not in theirs
    for verb in ("status", "add", "reopen", "rate_case"):
        suffix = ":5" if verb == "rate_case" else ""
        outcome = stranger.says(f"#hoixa:{verb}:{LAMP}{suffix}", after=timedelta(minutes=1))
        assert text_of(outcome) == text_of(stranger.says(f"#hoixa:{verb}:{ROAD}{suffix}"))
        assert outcome.acts == ()


def test_words_that_only_look_like_a_code_are_none() -> None:
    assert talk().says("sk nguoi a").decision.action is None


def test_mine_lists_them_each_with_a_button() -> None:
    talking = talk(case(ROAD, "received"), case(LAMP), case(IDEA, "assessing"))
    for asked in ("của tôi", "phản ánh của tôi", ASKED):
        listed = talking.says(asked)
        assert titles(listed) == [ROAD, LAMP, IDEA]
        assert "đang được thẩm định" in text_of(listed)
    assert LAMP in text_of(talking.says("2"))


def test_one_case_is_shown_at_once_and_none_is_said_to_be_none() -> None:
    assert "Hiện nay: đang được xử lý" in text_of(talk(case(LAMP)).says(ASKED))
    assert "chưa thấy bác gửi" in text_of(talk().says(ASKED))


def test_more_is_said_about_an_open_case() -> None:
    talking = talk(case(LAMP))
    asked = tap(talking, talking.says(LAMP), "Nói thêm cho việc này")
    assert "nói thêm gì" in text_of(asked)
    added = talking.says("cột đèn số 7 ạ")
    assert added.acts == (AddToCase(LAMP, "cột đèn số 7 ạ"),)
    assert talking.state.dialogue is None


def test_a_photo_alone_can_be_added() -> None:
    talking = talk(case(LAMP))
    tap(talking, talking.says(LAMP), "Nói thêm cho việc này")
    asked = talking.sends("image", things=[photo()])
    assert tap(talking, asked, "Chỉ gửi ảnh, tệp").acts == (AddToCase(LAMP, "", (photo(),)),)


def test_a_resolved_report_can_be_opened_again() -> None:
    talking = talk(case(LAMP, "resolved"))
    shown = talking.says(LAMP)
    assert titles(shown) == ["Chưa xong, mở lại", "Gặp cán bộ"]
    assert "vướng gì" in text_of(talking.says("1"))
    reopened = talking.says("vẫn tối om")
    assert reopened.acts == (ReopenCase(LAMP, "vẫn tối om"),)
    tap(talking, talking.says(LAMP), "Chưa xong, mở lại")
    assert talking.says("1").acts == (ReopenCase(LAMP, ""),)


def test_an_open_report_or_an_idea_is_not_opened_again() -> None:
    talking = talk(case(LAMP), case(IDEA, "recognised"))
    for which in (LAMP, IDEA):
        outcome = talking.says(f"#hoixa:reopen:{which}")
        assert talking.state.dialogue is None
        assert which in text_of(outcome)


def test_a_mark_for_a_case_by_tap_and_by_number() -> None:
    talking = talk(case(LAMP, "resolved", awaits_rating=True))
    good = talking.says(f"#hoixa:rate_case:{LAMP}:5")
    assert good.acts == (Rate(5, "case", case_code=LAMP),)
    low = talking.says("1", after=timedelta(hours=2))
    assert low.acts == (Rate(1, "case", case_code=LAMP),)
    assert titles(low) == ["Chưa xong, mở lại"]
    assert talking.says(f"#hoixa:rate_case:{LAMP}:9").acts == ()


def test_a_number_is_no_mark_where_none_is_awaited() -> None:
    assert talk(case(LAMP, "resolved")).says("5").acts == ()


def test_words_while_a_case_waits_are_offered_to_it() -> None:
    talking = talk(case(LAMP), case(WAITING, "waiting_resident"))
    offered = talking.says("nhà số 5 ngõ 12 ạ")
    assert WAITING in text_of(offered)
    assert "Nói thêm cho việc này" in titles(offered)
    assert talking.says("1").acts == (AddToCase(WAITING, "nhà số 5 ngõ 12 ạ"),)


def test_a_photo_while_a_case_waits_goes_with_it() -> None:
    talking = talk(case(WAITING, "waiting_resident"))
    offered = talking.sends("image", things=[photo()])
    talking.says(payload(offered, "Nói thêm cho việc này"))
    (added,) = talking.says("ảnh chụp hôm nay ạ").acts
    assert added == AddToCase(WAITING, "ảnh chụp hôm nay ạ", (photo(),))


def test_a_complaint_about_an_own_case_can_be_added_to_it_or_open_it_again() -> None:
    complaint = f"{LAMP} vẫn chưa ai sửa"
    talking = talk(case(LAMP))
    talking.understander.lines[complaint] = understood("action", "@feedback", action="feedback")
    tap(talking, talking.says(complaint), "Nói thêm cho việc này")
    assert talking.state.dialogue is None
    assert talking.state.filed[0][1] == LAMP
    talking = talk(case(LAMP, "resolved"))
    talking.understander.lines[complaint] = understood("action", "@feedback", action="feedback")
    assert tap(talking, talking.says(complaint), "Chưa xong, mở lại").acts == (ReopenCase(LAMP, complaint),)


def test_a_complaint_that_names_somebody_elses_case_is_a_report_of_its_own() -> None:
    complaint = f"{LAMP} vẫn chưa ai sửa"
    stranger = talk(case(LAMP), person=Person("oa-1", "user-2"))
    stranger.understander.lines[complaint] = understood("action", "@feedback", action="feedback")
    stranger.says(complaint)
    assert stranger.state.dialogue is not None
    assert stranger.state.dialogue.values["what"] == complaint


def test_a_code_too_short_or_too_long_is_said_to_be_so() -> None:
    for typed in ("PA-2345", "SK-23456EE", "pa-7k"):
        said = text_of(talk(case(LAMP)).says(typed))
        assert ("gõ thiếu hoặc thừa" in said) is (typed != "pa-7k")
