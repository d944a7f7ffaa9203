"""What every dialogue can do: leave, go back, begin anew, be asked something else, be left lying, file once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from conversation_talk import (
    NOON,
    DeskByHeart,
    Talk,
    commune_of_villages,
    payload,
    photo,
    tap,
    text_of,
    titles,
    understood,
)

from bot.conversation import State
from bot.conversation.acts import AddToCase, FileInitiative, FileReport
from bot.conversation.desk import SimilarCase, VolunteerView
from bot.conversation.dialogue_state import MOST_VALUE_BYTES, DialogueState
from bot.conversation.dialogues.keeping import fetched_later, merged, within_limits

FEEDBACK = understood("action", "@feedback", action="feedback")
IDEA = understood("action", "@idea", action="idea")
LAMP = "đèn đường thôn Đoài tắt ba hôm nay"
WANTED = "tôi muốn phản ánh"
HOURS = "xã làm việc mấy giờ?"
LINES = {
    WANTED: FEEDBACK,
    LAMP: FEEDBACK,
    "tôi có sáng kiến muốn gửi": IDEA,
    HOURS: understood("answer", "gio-lam-viec"),
    "giấy tờ kết hôn gồm gì?": understood("answer", "ket-hon", facet="papers"),
    "cho gặp cán bộ": understood("action", "@human", action="human"),
}


def talk() -> Talk:
    return Talk(dict(LINES), commune=commune_of_villages("Thôn Đoài", "Thôn Thượng"))


def asked(talking: Talk) -> str:
    assert talking.state.dialogue is not None
    return talking.state.dialogue.asked


@pytest.mark.parametrize("word", ["huỷ", "hủy", "thôi", "Thôi!", "HUY", "thoi", "không gửi nữa"])
@pytest.mark.parametrize("opening", [WANTED, LAMP])
def test_leaving_files_nothing_and_says_so(word: str, opening: str) -> None:
    talking = talk()
    talking.says(opening)
    left = talking.says(word)
    assert "chưa có gì gửi đi" in text_of(left)
    assert (left.acts, left.requests, talking.state.dialogue) == ((), (), None)


def test_back_goes_back_and_the_new_answer_takes_the_old_ones_place() -> None:
    talking = talk()
    talking.says(WANTED)
    assert "câu đầu" in text_of(talking.says("quay lại"))
    talking.says("nước tràn ra đường")
    assert asked(talking) == "where"
    talking.says("quay lai")
    assert asked(talking) == "what"
    talking.says("đèn hỏng")
    assert asked(talking) == "where"
    talking.says("1")
    assert asked(talking) == "summary"
    talking.says("quay lại")
    assert asked(talking) == "where"
    talking.says("thôn Thượng")
    (report,) = talking.says("gửi đi").acts
    assert isinstance(report, FileReport)
    assert (report.text, report.place.village) == ("đèn hỏng", "thôn thượng")


def test_begin_anew_forgets_all_of_it() -> None:
    talking = talk()
    talking.says(LAMP)
    talking.sends("image", things=[photo()])
    again = talking.says("làm lại")
    assert "từ đầu" in text_of(again)
    assert talking.state.dialogue is not None
    assert (dict(talking.state.dialogue.values), talking.state.dialogue.things) == ({}, ())
    assert asked(talking) == "what"


def test_a_question_in_between_is_answered_and_the_step_stands_below() -> None:
    talking = talk()
    talking.says(WANTED)
    talking.says("nước tràn ra đường")
    between = talking.says(HOURS)
    assert "Nội dung overview của gio-lam-viec" in text_of(between)
    assert "đang gửi dở phản ánh" in text_of(between)
    assert titles(between) == ["Thôn Đoài", "Thôn Thượng"]
    assert between.decision.decision == "answer"
    assert "Ở: Thôn Thượng" in text_of(talking.says("2"))


def test_where_a_step_has_no_buttons_those_of_the_answer_work_and_lead_back() -> None:
    talking = talk()
    talking.says(WANTED)
    between = talking.says("giấy tờ kết hôn gồm gì?")
    assert titles(between)[0] == "Lệ phí"
    fee = talking.says("1")
    assert "Nội dung fee của ket-hon" in text_of(fee)
    assert "đang gửi dở phản ánh" in text_of(fee)
    talking.says("nước tràn ra đường")
    assert asked(talking) == "where"


def test_a_sticker_a_code_of_a_poster_or_a_greeting_leads_back_too() -> None:
    talking = talk()
    talking.says(WANTED)
    for outcome in (talking.sends("sticker"), talking.says("#ZZZ"), talking.sends("follow")):
        assert "đang gửi dở phản ánh" in text_of(outcome)
        assert asked(talking) == "what"


def test_a_person_asked_for_keeps_the_dialogue_for_later() -> None:
    talking = talk()
    talking.says(LAMP)
    outcome = talking.says("cho gặp cán bộ")
    assert outcome.decision.action == "human"
    assert "vẫn giữ, chưa gửi" in text_of(outcome)
    assert "làm tiếp không" in text_of(talking.says("xin chào các bác"))
    talking.says("2")
    assert talking.state.dialogue is None


def test_after_an_official_spoke_the_next_message_is_asked_about() -> None:
    talking = talk()
    talking.says(LAMP)
    talking.sends("text", "vâng ạ", silent=True)
    still = talking.says("thế ạ cảm ơn các bác nhiều lắm nhé")
    assert titles(still) == ["Làm tiếp", "Thôi, không gửi"]


def test_after_a_long_silence_an_unclear_message_is_asked_about_and_used() -> None:
    talking = talk()
    talking.says(WANTED)
    still = talking.says("hỏng cả tháng nay rồi đấy", after=timedelta(minutes=31))
    assert text_of(still).startswith("Bác đang gửi dở phản ánh")
    assert titles(still) == ["Làm tiếp", "Thôi, không gửi"]
    talking.says("có")
    assert talking.state.dialogue is not None
    assert talking.state.dialogue.values["what"] == "hỏng cả tháng nay rồi đấy"
    assert asked(talking) == "where"


def test_after_a_long_silence_no_leaves() -> None:
    talking = talk()
    talking.says(WANTED)
    talking.says("hỏng cả tháng nay rồi đấy", after=timedelta(hours=3))
    assert "chưa có gì gửi đi" in text_of(talking.says("không"))
    assert talking.state.dialogue is None


@pytest.mark.parametrize("message", ["Thôn Đoài", "thon doai", LAMP])
def test_a_message_that_clearly_goes_on_is_not_asked_about(message: str) -> None:
    talking = talk()
    talking.says(WANTED)
    if message != LAMP:
        talking.says("nước tràn ra đường")
    talking.says(message, after=timedelta(hours=5))
    assert asked(talking) == "summary"


def test_a_tap_goes_on_after_any_silence_within_the_day() -> None:
    talking = talk()
    send = payload(talking.says(LAMP), "Gửi đi")
    assert len(talking.says(send, after=timedelta(hours=23)).acts) == 1


def test_a_question_after_a_long_silence_is_answered() -> None:
    talking = talk()
    talking.says(WANTED)
    assert "gio-lam-viec" in text_of(talking.says(HOURS, after=timedelta(hours=2)))
    assert asked(talking) == "what"


def test_after_a_day_it_is_dropped_and_the_resident_is_told() -> None:
    talking = talk()
    talking.says(LAMP)
    outcome = talking.says(HOURS, after=timedelta(hours=25))
    assert "gio-lam-viec" in text_of(outcome)
    assert "chưa gửi cho ai" in text_of(outcome)
    assert talking.state.dialogue is None


def test_a_second_tap_on_send_is_told_the_code_and_files_nothing() -> None:
    talking = talk()
    send = payload(talking.says(LAMP), "Gửi đi")
    (report,) = talking.says(send).acts
    assert isinstance(report, FileReport)
    again = talking.says(send, after=timedelta(days=3))
    assert again.acts == ()
    assert f"đã gửi rồi, mã {report.code}" in text_of(again)


def test_a_button_of_a_dialogue_left_long_ago_is_old() -> None:
    talking = talk()
    send = payload(talking.says(LAMP), "Gửi đi")
    talking.says("thôi")
    outcome = talking.says(send)
    assert outcome.acts == ()
    assert "Nút này đã cũ" in text_of(outcome)


def test_an_old_send_while_another_report_is_told_files_neither() -> None:
    talking = talk()
    send = payload(talking.says(LAMP), "Gửi đi")
    talking.says("thôi")
    talking.says(LAMP)
    outcome = talking.says(send)
    assert outcome.acts == ()
    assert "đang gửi dở phản ánh" in text_of(outcome)
    assert len(talking.says("gửi đi").acts) == 1


def test_send_tapped_while_something_is_still_asked_shows_it_again() -> None:
    talking = talk()
    shown = talking.says(LAMP)
    tap(talking, shown, "Sửa")
    outcome = talking.says(payload(shown, "Gửi đi"))
    assert outcome.acts == ()
    assert "Gửi đi" in titles(outcome)


def test_opening_it_again_goes_on_with_it() -> None:
    talking = talk()
    talking.says(LAMP)
    outcome = talking.says("#hoixa:action:feedback")
    assert "làm tiếp" in text_of(outcome)
    assert "Gửi đi" in titles(outcome)


def test_opening_another_leaves_the_first_and_says_so() -> None:
    talking = talk()
    talking.says(LAMP)
    outcome = talking.says("#hoixa:action:idea")
    assert "kể dở phản ánh; tôi bỏ lại, chưa gửi cho ai" in text_of(outcome)
    assert talking.state.dialogue is not None
    assert talking.state.dialogue.name == "idea"


def test_two_dialogues_opened_in_one_millisecond_are_told_apart() -> None:
    talking = talk()
    first = payload(talking.says(LAMP, after=timedelta()), "Gửi đi")
    talking.says(first, after=timedelta())
    second = payload(talking.says(LAMP, after=timedelta()), "Gửi đi")
    assert first != second
    assert len(talking.says(second, after=timedelta()).acts) == 1


def test_numbers_beyond_the_list_are_said_to_be() -> None:
    talking = talk()
    talking.says(LAMP)
    assert "chỉ có số từ 1 đến 4" in text_of(talking.says("9"))
    assert asked(talking) == "summary"


def test_a_whole_idea_by_numbers_alone() -> None:
    talking = talk()
    talking.says("tôi có sáng kiến muốn gửi")
    talking.says("lắp camera ở cổng trường học")
    talking.says("2")
    for _ in range(3):
        talking.says("1")  # title, problem, benefit: left out
    talking.says("2")  # field
    talking.says("3")  # author: a school
    talking.says("2")  # stage: on trial
    talking.says("1")  # co-authors: left out
    (idea,) = talking.says("1").acts
    assert isinstance(idea, FileInitiative)
    assert (idea.field_id, idea.author_kind, idea.stage) == ("chuyen-doi-so", "school", "trial")


def test_a_dialogue_of_another_version_is_forgotten_without_a_word() -> None:
    talking = talk()
    moment = int(talking.now.timestamp() * 1000)
    talking.state = State(dialogue=DialogueState("khong-con", moment, moment))
    assert "gio-lam-viec" in text_of(talking.says(HOURS))


def test_a_step_of_another_version_asks_the_first_open_one() -> None:
    talking = talk()
    talking.says(LAMP)
    assert talking.state.dialogue is not None
    talking.state = replace(talking.state, dialogue=replace(talking.state.dialogue, asked="khong-con"))
    assert len(talking.says("gửi đi").acts) <= 1


def test_a_long_report_is_cut_and_that_is_said() -> None:
    talking = talk()
    talking.says(WANTED)
    assert "chỉ giữ được phần đầu" in text_of(talking.says("đường hỏng " * 600))
    assert len(talking.state.to_json().encode()) < 8_192


def test_values_stay_within_their_bytes() -> None:
    values, cut = merged({"where": "đây"}, {"what": "ệ" * 4000})
    assert cut
    assert sum(len(value.encode()) for value in values.values()) <= MOST_VALUE_BYTES
    assert merged({"what": "a"}, {"what": ""}) == ({}, False)
    assert within_limits("a\x00b\u0007c  ") == "abc"


def test_a_choice_still_fits_after_the_longest_texts() -> None:
    talking = talk()
    assert isinstance(talking.desk, DeskByHeart)
    talking.desk.similar = [SimilarCase("PA-34567A", "đường hỏng", "thôn đoài", 2, NOON, 0.9)]
    talking.says("#hoixa:open:report")
    talking.says("đường hỏng " * 150)
    talking.says("ngõ nhỏ " * 200)
    assert asked(talking) == "similar"
    talking.says("1")
    assert talking.state.dialogue is None or asked(talking) != "similar"


def test_only_what_can_be_fetched_is_kept_each_once() -> None:
    things = (
        photo("1"),
        photo("1"),
        replace(photo("2"), kind="sticker"),
        replace(photo("3"), url="https://x/" + "a" * 500),
    )
    assert fetched_later(things) == (photo("1"),)


def test_where_only_a_choice_is_asked_what_the_library_knows_is_a_question() -> None:
    talking = talk()
    talking.understander.lines["lệ phí kết hôn"] = understood("answer", "ket-hon", facet="fee")
    talking.says(LAMP)
    talking.says("sửa")
    talking.says("3")
    between = talking.says("lệ phí kết hôn")
    assert "Nội dung fee của ket-hon" in text_of(between)
    assert asked(talking) == "category"
    assert "Bác chọn một dòng" in text_of(talking.says("loại gì đó"))


def test_the_trace_says_how_a_told_step_was_understood() -> None:
    talking = talk()
    talking.says(WANTED)
    assert "understanding" in talking.says("nước tràn ra đường").trace


def test_back_leads_to_what_the_first_message_told() -> None:
    talking = talk()
    report = "nước tràn ra đường hai hôm nay"
    talking.understander.lines[report] = FEEDBACK
    talking.says(report)
    assert asked(talking) == "where"
    talking.says("quay lại")
    assert asked(talking) == "what"


def test_a_question_between_topics_under_the_summary_is_asked_back_and_no_part_of_the_report() -> None:
    talking = talk()
    unsure = "lệ phí giấy tờ bao nhiêu?"
    talking.understander.lines[unsure] = understood("clarify", "ket-hon", "khai-sinh", facet="fee")
    talking.says(LAMP)
    between = talking.says(unsure)
    assert titles(between)[:2] == ["Đăng ký kết hôn", "Đăng ký khai sinh"]
    assert "đang gửi dở phản ánh" in text_of(between)
    assert "Nội dung fee của ket-hon" in text_of(talking.says("1"))
    (report,) = talking.says("gửi đi").acts
    assert isinstance(report, FileReport)
    assert report.text == LAMP


@pytest.mark.parametrize("name", ["forward", "team_report", "add", "reopen", "rating_words"])
def test_a_typed_payload_opens_nothing_that_needs_a_post_or_a_case(name: str) -> None:
    talking = talk()
    answer = talking.says(f"#hoixa:open:{name}")
    assert talking.state.dialogue is None
    assert not answer.acts


@pytest.mark.parametrize("opening", ["chuyển giúp", "#hoixa:open:idea"])
def test_words_after_what_takes_no_more_are_added_to_nothing(opening: str) -> None:
    similar = [SimilarCase("SK-222226", "trồng cây", "", 4, NOON, 0.9)]
    desk = DeskByHeart(similar_ideas=similar, member=VolunteerView("thôn đoài", NOON))
    talking = Talk(dict(LINES), commune=commune_of_villages("Thôn Đoài"), desk=desk)
    talking.says(opening)
    talking.says("nên trồng cây ở sân nhà văn hóa cho mát")
    for _ in range(9):
        if talking.state.dialogue is not None:
            talking.says("bỏ qua" if talking.state.dialogue.asked in ("for_whom", "phone", "village") else "1")
    assert talking.state.dialogue is None
    assert talking.state.filed[0][1][:2] in ("CG", "SK")
    assert not any(isinstance(act, AddToCase) for act in talking.says("ở ngay cổng nhà ấy").acts)
