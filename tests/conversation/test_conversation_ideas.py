"""An initiative: the idea alone is enough; the rest in one tap, or one by one."""

from __future__ import annotations

from datetime import date

from conversation_talk import (
    NOON,
    DeskByHeart,
    Talk,
    commune_of_villages,
    photo,
    tap,
    text_of,
    titles,
    understood,
)

from bot.conversation import Outcome
from bot.conversation.acts import AddToCase, FileInitiative, GiveConsent, SupportInitiative
from bot.conversation.desk import CampaignView, SimilarCase

IDEA = understood("action", "@idea", action="idea")
CAMERA = "thôn Đoài nên lắp camera ở cổng trường học"


def talk(desk: DeskByHeart | None = None) -> Talk:
    lines = {CAMERA: IDEA, "tôi có sáng kiến muốn gửi xã": IDEA}
    return Talk(lines, commune=commune_of_villages("Thôn Đoài", "Thôn Thượng"), desk=desk or DeskByHeart())


def the_idea(outcome: Outcome) -> FileInitiative:
    (idea,) = [act for act in outcome.acts if isinstance(act, FileInitiative)]
    return idea


def test_an_idea_told_at_once_needs_two_taps() -> None:
    talking = talk()
    assert titles(talking.says(CAMERA)) == ["Gửi luôn", "Kể thêm"]
    shown = talking.says("1")
    assert f"Tên: {CAMERA}" in text_of(shown)
    filed = talking.says("1")
    idea = the_idea(filed)
    assert (idea.title, idea.proposal, idea.field_id, idea.author_kind, idea.stage, idea.village) == (
        CAMERA, CAMERA, "chuyen-doi-so", "resident", "idea", "thôn đoài",
    )  # fmt: skip
    assert idea.contact.anonymous
    assert idea.code in text_of(filed)


def test_announced_first_then_told() -> None:
    talking = talk()
    assert "làm gì, ở đâu, ai được lợi" in text_of(talking.says("tôi có sáng kiến muốn gửi xã"))
    assert "rõ hơn" in text_of(talking.says("hay lắm"))
    talking.says(CAMERA)
    talking.says("gửi luôn")
    assert the_idea(talking.says("gửi")).proposal == CAMERA


def test_every_part_told_one_by_one() -> None:
    desk = DeskByHeart(open_campaigns=[CampaignView("moi-thon", "Mỗi thôn một sáng kiến", date(2026, 12, 31))])
    talking = talk(desk)
    talking.says(CAMERA)
    talking.says("kể thêm")
    talking.says("Camera cổng trường")
    talking.says("hay tắc đường giờ tan học")
    talking.says("các cháu đi học an toàn")
    talking.says("an ninh an toàn")
    talking.says("trường học")
    assert "Đang làm thử" in titles(talking.sends("image", things=[photo()]))
    talking.says("đã áp dụng")
    asked = talking.says("cô Hoa, thầy Minh")
    assert titles(asked) == ["Mỗi thôn một sáng kiến", "Không, gửi bình thường"]
    shown = talking.says("1")
    for part in ("Camera cổng trường", "tắc đường", "an toàn", "An ninh", "Trường học", "cô Hoa", "kèm theo: 1"):
        assert part in text_of(shown)
    assert tap(talking, shown, "Để lại tên, số điện thoại").acts == ()
    assert talking.says("có").acts == (GiveConsent("idea"),)
    talking.says("Đỗ Văn Ninh")
    talking.says("bỏ qua")
    idea = the_idea(talking.says("gửi đi"))
    assert (idea.title, idea.problem, idea.benefit) == (
        "Camera cổng trường", "hay tắc đường giờ tan học", "các cháu đi học an toàn",
    )  # fmt: skip
    assert (idea.field_id, idea.author_kind, idea.stage) == ("an-ninh-an-toan", "school", "in_use")
    assert (idea.co_authors, idea.campaign_id, idea.things) == ("cô Hoa, thầy Minh", "moi-thon", (photo(),))
    assert (idea.contact.name, idea.contact.phone) == ("Đỗ Văn Ninh", "")


def test_the_rest_can_be_left_out_at_any_question() -> None:
    talking = talk()
    talking.says(CAMERA)
    talking.says("2")
    talking.says("Camera cổng trường")
    shown = talking.says("gửi luôn")
    assert "Gửi đi" in titles(shown)
    assert the_idea(talking.says("1")).title == "Camera cổng trường"


def test_a_campaign_is_asked_about_even_where_the_rest_is_left_out() -> None:
    desk = DeskByHeart(open_campaigns=[CampaignView("thi", "Hội thi sáng kiến")])
    talking = talk(desk)
    talking.says(CAMERA)
    assert "đợt phát động" in text_of(talking.says("1"))
    talking.says("2")
    assert the_idea(talking.says("1")).campaign_id == ""


def similar() -> DeskByHeart:
    return DeskByHeart(
        similar_ideas=[
            SimilarCase("SK-222226", "camera trước cổng trường", "", 4, NOON, 0.7),
            SimilarCase("SK-333337", "ý của chính mình", "", 1, NOON, 0.9, is_own=True),
        ]
    )


def test_a_like_idea_can_be_supported() -> None:
    talking = talk(similar())
    asked = talking.says(CAMERA)
    assert "SK-222226: camera trước cổng trường – 4 người ủng hộ" in text_of(asked)
    assert "SK-333337" not in text_of(asked)
    assert titles(asked) == ["Ủng hộ ý này", "Ý tôi khác, gửi ý của tôi"]
    supported = talking.says("ủng hộ ý này")
    assert supported.acts == (SupportInitiative("SK-222226"),)
    assert talking.state.dialogue is None


def test_or_ones_own_is_sent() -> None:
    talking = talk(similar())
    talking.says(CAMERA)
    talking.says("2")
    talking.says("1")
    assert the_idea(talking.says("1")).proposal == CAMERA


def test_more_words_under_the_summary_keep_the_title() -> None:
    talking = talk()
    talking.says(CAMERA)
    talking.says("1")
    talking.says("và thêm một cái ở nhà văn hóa")
    idea = the_idea(talking.says("1"))
    assert idea.title == CAMERA
    assert idea.proposal.endswith("và thêm một cái ở nhà văn hóa")
    assert talking.says("mỗi cái hết hai triệu").acts == (AddToCase(idea.code, "mỗi cái hết hai triệu"),)
