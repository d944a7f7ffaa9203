"""A report from the first word to its code: any order, the least that is needed, and what may be added or changed."""

from __future__ import annotations

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

from bot.cases.codes import read_code
from bot.conversation import Outcome
from bot.conversation.acts import AddToCase, FileReport, GiveConsent, JoinReport, SentThing
from bot.conversation.desk import SimilarCase

FEEDBACK = understood("action", "@feedback", action="feedback")
LAMP = "đèn đường thôn Đoài tắt ba hôm nay"
VILLAGES = commune_of_villages("Thôn Đoài", "Thôn Thượng", "Tổ dân phố số 5")
ANNOUNCED = "tôi muốn phản ánh"


def talk_in_villages(desk: DeskByHeart | None = None) -> Talk:
    return Talk({ANNOUNCED: FEEDBACK, LAMP: FEEDBACK}, commune=VILLAGES, desk=desk or DeskByHeart())


def the_report(outcome: Outcome) -> FileReport:
    (report,) = [act for act in outcome.acts if isinstance(act, FileReport)]
    return report


def test_a_report_told_with_its_village_needs_one_tap() -> None:
    talk = talk_in_villages()
    shown = talk.says(LAMP)
    assert LAMP in text_of(shown)
    assert "Thôn Đoài" in text_of(shown)
    assert shown.acts == ()
    filed = tap(talk, shown, "Gửi đi")
    report = the_report(filed)
    assert (report.text, report.place.village, report.category, report.level) == (LAMP, "thôn đoài", "dien", "normal")
    assert report.contact.anonymous
    assert read_code(report.code) == (report.code, True)
    assert report.code in text_of(filed)
    assert talk.state.dialogue is None


@pytest.mark.parametrize("announcement", [ANNOUNCED, "cho em phản ánh 1 việc ạ", "phan anh"])
def test_an_announcement_is_asked_about_then_where_then_confirmed(announcement: str) -> None:
    talk = Talk({announcement: FEEDBACK}, commune=VILLAGES)
    assert "việc gì, ở đâu" in text_of(talk.says(announcement))
    where = talk.says("ống nước vỡ chảy tràn ra đường")
    assert titles(where) == ["Thôn Đoài", "Thôn Thượng", "Tổ dân phố số 5"]
    shown = talk.says("2")
    assert "Ở: Thôn Thượng" in text_of(shown)
    report = the_report(talk.says("1"))
    assert (report.text, report.place.village) == ("ống nước vỡ chảy tràn ra đường", "thôn thượng")


def test_what_was_announced_is_kept_where_it_says_something() -> None:
    talk = Talk({"toi muon phan anh ve rac": understood("clarify", "@status", "@feedback")})
    talk.says("toi muon phan anh ve rac")
    talk.says("đổ đầy cổng chợ")
    talk.says("cổng chợ")
    assert the_report(talk.says("gửi")).text == "toi muon phan anh ve rac\nđổ đầy cổng chợ"


@pytest.mark.parametrize("announcement", ["sáng kiến", "phản ánh ở đâu", "phản ánh đến đâu rồi"])
def test_a_lone_word_or_a_question_opens_nothing(announcement: str) -> None:
    talk = Talk({announcement: understood("clarify", "@status", "@idea")})
    assert talk.says(announcement).decision.decision == "clarify"
    assert talk.state.dialogue is None


def test_a_photo_first_then_the_words_then_the_place() -> None:
    talk = talk_in_villages()
    first = talk.sends("image", things=[photo("1")])
    assert titles(first) == ["Gửi phản ánh", "Gửi sáng kiến"]
    talk.says(ANNOUNCED)
    talk.sends("image", things=[photo("2")])
    talk.says("rác đổ đầy ngõ")
    shown = talk.sends("location", point=(20.9, 106.5))
    assert "Ảnh, tệp kèm theo: 2" in text_of(shown)
    assert "vị trí bác đã gửi" in text_of(shown)
    report = the_report(talk.says("gửi đi"))
    assert [thing.url for thing in report.things] == [photo("1").url, photo("2").url]
    assert (report.place.latitude, report.place.longitude) == (20.9, 106.5)
    assert talk.state.things == ()


def test_the_words_after_a_photo_are_what_it_shows() -> None:
    talk = talk_in_villages()
    talk.sends("image", things=[photo()])
    talk.says("chỗ này ngập quá")  # nothing the understander knows
    assert talk.state.dialogue is not None
    assert talk.state.dialogue.values["what"] == "chỗ này ngập quá"
    assert talk.state.dialogue.things == (photo(),)


def test_words_under_a_photo_open_the_report_with_it() -> None:
    talk = talk_in_villages()
    talk.sends("image", LAMP, things=[photo()])
    assert the_report(talk.says("gửi đi")).things == (photo(),)


def test_a_voice_message_goes_along_in_a_report_and_is_asked_to_be_typed_outside() -> None:
    voice = SentThing("audio", "https://photo.example/1.amr")
    talk = talk_in_villages()
    assert "chưa nghe được tin nói. Bác gõ" in text_of(talk.sends("audio", things=[voice]))
    talk.says(LAMP)
    assert "để cán bộ nghe" in text_of(talk.sends("audio", things=[voice]))
    assert the_report(talk.says("gửi đi")).things == (voice,)


def test_a_place_first_is_kept() -> None:
    talk = talk_in_villages()
    assert "Ở chỗ đó có việc gì" in text_of(talk.sends("location", point=(20.123456789, 106.5)))
    talk.says(ANNOUNCED)
    shown = talk.says("cây đổ chắn đường")
    assert "vị trí bác đã gửi" in text_of(shown)
    assert the_report(talk.says("gửi đi")).place.latitude == 20.123457


def test_many_photos_in_a_row_get_one_line_each_and_the_sixth_is_refused() -> None:
    talk = talk_in_villages()
    talk.says(LAMP)
    assert "Gửi đi" in titles(talk.sends("image", things=[photo("1")]))
    for number in range(2, 6):
        said = talk.sends("image", things=[photo(str(number))], after=timedelta(seconds=2))
        assert text_of(said) == f"Tôi đã nhận thêm, tất cả là {number}."
    assert "5 ảnh" in text_of(talk.sends("image", things=[photo("6")], after=timedelta(seconds=2)))
    assert len(the_report(talk.says("1")).things) == 5


@pytest.mark.parametrize(
    ("answer", "village", "words"),
    [
        ("Thôn Đoài", "thôn đoài", ""),
        ("doai", "thôn đoài", ""),
        ("thon thuong", "thôn thượng", ""),
        ("tổ 5", "tổ dân phố số 5", ""),
        ("thôn Đòai, gần chợ", "thôn đoài", "thôn Đòai, gần chợ"),
        ("trước cổng chợ Cầu", "", "trước cổng chợ Cầu"),
    ],
)
def test_where_is_read_with_slips(answer: str, village: str, words: str) -> None:
    talk = talk_in_villages()
    talk.says(ANNOUNCED)
    talk.says("rác đổ đầy đường")
    talk.says(answer)
    place = the_report(talk.says("gửi đi")).place
    assert (place.village, place.words) == (village, words)


def test_the_category_is_guessed_and_can_be_changed_by_number() -> None:
    talk = talk_in_villages()
    assert "Loại việc: Điện" in text_of(talk.says(LAMP))
    edit = talk.says("sửa")
    assert titles(edit) == ["Việc gì", "Ở đâu", "Loại việc", "Tên, số điện thoại"]
    listed = tap(talk, edit, "Loại việc")
    assert titles(listed) == []
    assert "5. An ninh, trật tự" in text_of(listed)
    assert "Loại việc: An ninh, trật tự" in text_of(talk.says("5"))
    assert the_report(talk.says("1")).category == "an_ninh"


def test_a_name_is_asked_for_only_after_consent() -> None:
    talk = talk_in_villages()
    shown = talk.says(LAMP)
    asked = tap(talk, shown, "Để lại tên, số điện thoại")
    assert "Luật Bảo vệ dữ liệu cá nhân 2025" in text_of(asked)
    assert asked.acts == ()
    agreed = talk.says("đồng ý")
    assert agreed.acts == (GiveConsent("report"),)
    assert "tên là gì" in text_of(agreed)
    talk.says("Trần Thị Bình")
    assert "10 số" in text_of(talk.says("12345"))
    shown = talk.says("0912.345.678")
    assert "Trần Thị Bình, 0912345678" in text_of(shown)
    contact = the_report(talk.says("gửi")).contact
    assert (contact.name, contact.phone, contact.anonymous) == ("Trần Thị Bình", "0912345678", False)


def test_no_consent_no_name_and_no_question_for_it() -> None:
    talk = talk_in_villages()
    tap(talk, talk.says(LAMP), "Để lại tên, số điện thoại")
    shown = talk.says("không")
    assert shown.acts == ()
    assert "Người gửi: không nêu tên" in text_of(shown)
    assert the_report(talk.says("gửi")).contact.anonymous


def test_a_shared_phone_number_is_taken_only_after_consent() -> None:
    talk = talk_in_villages()
    talk.says(LAMP)
    talk.sends("submit_info", name="Trần Thị Bình", phone="84912345678")
    assert talk.state.dialogue is not None
    assert "phone" not in talk.state.dialogue.values
    talk.says("2")
    talk.says("1")
    shown = talk.sends("submit_info", name="Trần Thị Bình", phone="84912345678")
    assert "Trần Thị Bình, 0912345678" in text_of(shown)


def test_danger_gets_the_numbers_before_the_form_and_an_urgent_level() -> None:
    text = "dây điện đứt rơi xuống đường thôn Đoài"
    talk = Talk({text: FEEDBACK}, commune=VILLAGES)
    shown = talk.says(text)
    assert text_of(shown).startswith("Nếu đang nguy hiểm")
    assert "Gửi đi" in titles(shown)
    filed = talk.says("1")
    assert the_report(filed).level == "urgent"
    assert "nguy hiểm" not in text_of(filed)


def similar_desk(own: bool = False) -> DeskByHeart:
    return DeskByHeart(
        similar=[
            SimilarCase("PA-222226", "đèn đường tối", "thôn đoài", 3, NOON, 0.8, own),
            SimilarCase("PA-333337", "cột đèn nghiêng", "thôn đoài", 1, NOON, 0.1),
        ]
    )


def test_the_same_report_of_others_can_be_joined() -> None:
    talk = talk_in_villages(similar_desk())
    asked = talk.says(LAMP)
    assert "PA-222226: đèn đường tối (Thôn Đoài) – 3 người đã báo" in text_of(asked)
    assert "PA-333337" not in text_of(asked)
    assert titles(asked) == ["Đúng là việc này", "Không phải, gửi việc mới"]
    joined = talk.says("1")
    assert joined.acts == (JoinReport("PA-222226", LAMP, ()),)
    assert "PA-222226" in text_of(joined)
    assert talk.state.dialogue is None


def test_or_told_to_be_another() -> None:
    talk = talk_in_villages(similar_desk())
    talk.says(LAMP)
    shown = talk.says("không phải")
    assert "Gửi đi" in titles(shown)
    assert the_report(talk.says("gửi đi")).text == LAMP


def test_ones_own_report_is_said_to_be_so() -> None:
    assert "chính bác đã gửi" in text_of(talk_in_villages(similar_desk(own=True)).says(LAMP))


def test_words_under_the_summary_are_added_and_a_village_mends_the_place() -> None:
    talk = talk_in_villages()
    talk.says(LAMP)
    talk.says("cả cái cột cũng nghiêng nữa")
    shown = talk.says("thôn Thượng")
    assert "Ở: Thôn Thượng" in text_of(shown)
    report = the_report(talk.says("gửi đi"))
    assert (report.text, report.place.village) == (f"{LAMP}\ncả cái cột cũng nghiêng nữa", "thôn thượng")


def test_what_comes_right_after_filing_is_added_to_it() -> None:
    talk = talk_in_villages()
    talk.says(LAMP)
    code = the_report(talk.says("1")).code
    assert talk.says("ngay đầu thôn ấy").acts == (AddToCase(code, "ngay đầu thôn ấy"),)
    assert talk.sends("image", things=[photo()]).acts == (AddToCase(code, "", (photo(),)),)
    later = talk.says("xin chịu", after=timedelta(minutes=11))
    assert later.acts == ()
    assert later.requests[0].kind == "unanswered"


def test_a_village_is_not_needed_where_the_profile_has_none_and_a_name_was_told() -> None:
    text = "đèn đường thôn Đoài tắt ba hôm nay"
    assert "Gửi đi" in titles(Talk({text: FEEDBACK}).says(text))
    bare = "đèn đường tắt ba hôm nay"
    assert "ở đâu" in text_of(Talk({bare: FEEDBACK}).says(bare))


def test_a_report_that_cannot_be_one_is_asked_again_and_a_way_out_is_shown() -> None:
    talk = talk_in_villages()
    talk.says(ANNOUNCED)
    assert "chưa rõ việc gì" in text_of(talk.says("2"))
    assert "gặp cán bộ" in text_of(talk.says("???"))


def test_braces_and_marks_of_the_resident_stay_their_own() -> None:
    text = "ngõ {desk} nhà {commune} đổ rác"
    shown = Talk({text: FEEDBACK}).says(text)
    assert "Trung tâm" not in text_of(shown)


def test_anger_is_a_report_but_thanks_are_not() -> None:
    angry = "bọn mày để đường hỏng mãi thế à"
    talk = Talk({
        ANNOUNCED: FEEDBACK,
        "vâng": understood("chitchat", chitchat="other"),
        "cảm ơn": understood("chitchat", chitchat="thanks"),
        angry: understood("chitchat", chitchat="insult"),
    })  # fmt: skip
    talk.says(ANNOUNCED)
    for text in ("vâng", "cảm ơn"):
        talk.says(text)
        assert talk.state.dialogue is not None
        assert "what" not in talk.state.dialogue.values
    talk.says(angry)
    assert talk.state.dialogue is not None
    assert talk.state.dialogue.values["what"] == angry


@pytest.mark.parametrize(
    ("text", "understanding"),
    [
        ("rác đổ đầy đầu thôn", understood("answer", "phan-loai-rac")),
        (
            "họ đổ đất lấp cái ao làng xây nhà trái phép đã hai tháng mà không thấy ai nói gì",
            understood("answer", "phan-loai-rac"),
        ),
    ],
)
def test_a_report_that_sounds_like_a_topic_is_still_a_report(text: str, understanding: object) -> None:
    talk = Talk({ANNOUNCED: FEEDBACK, text: understanding})
    talk.says(ANNOUNCED)
    talk.says(text)
    assert talk.state.dialogue is not None
    assert talk.state.dialogue.values["what"] == text


def test_danger_not_understood_as_a_report_is_one_tap_from_it() -> None:
    text = "dây điện đứt ở thôn Đoài"
    talk = Talk({text: understood("chitchat", chitchat="other")}, commune=VILLAGES)
    told = talk.says(text)
    assert text_of(told).startswith("Nếu đang nguy hiểm")
    shown = tap(talk, told, "Gửi phản ánh")
    assert text in text_of(shown)
    assert the_report(talk.says("1")).level == "urgent"


def test_a_question_left_open_is_not_what_a_photo_shows() -> None:
    talk = Talk({"làm giấy": understood("clarify", "ket-hon", "khai-sinh")})
    talk.says("làm giấy")
    talk.says(payload(talk.sends("image", things=[photo()]), "Gửi phản ánh"))
    assert talk.state.dialogue is not None
    assert "what" not in talk.state.dialogue.values


def test_words_of_no_known_kind_after_a_photo_are_what_it_shows() -> None:
    talk = Talk({"ngập lắm rồi": understood("chitchat", chitchat="other")}, commune=VILLAGES)
    talk.sends("image", things=[photo()])
    talk.says("ngập lắm rồi")
    assert talk.state.dialogue is not None
    assert talk.state.dialogue.values["what"] == "ngập lắm rồi"


def test_a_photo_under_a_question_that_was_answered_goes_with_no_later_report() -> None:
    talk = Talk({"kết hôn cần gì": understood("answer", "ket-hon"), LAMP: FEEDBACK}, commune=VILLAGES)
    talk.sends("image", "kết hôn cần gì", things=[photo()])
    talk.says(LAMP)
    assert the_report(talk.says("gửi đi")).things == ()
