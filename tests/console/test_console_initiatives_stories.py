"""Stories, campaigns, referrals and the year in figures, as pages."""

from __future__ import annotations

import re

import pytest
from console_ideas import apply, file_idea, head_of
from console_visitor import OpenConsole, Visitor
from rig import OUR_OA, Rig

from bot.casework.stories import approved_words
from bot.conversation.acts import EraseMyData
from bot.people import Person


@pytest.fixture
def chair(open_console: OpenConsole) -> Visitor:
    return open_console("chu-tich", name="Ông Chủ Trì")


def recognised(rig: Rig, chair: Visitor, **more: object) -> str:
    code = file_idea(rig, **more)  # type: ignore[arg-type]
    for state in ("assessing", "trial", "recognised"):
        chair.post(f"/console/initiatives/{code}/do/move", {"state": state})
    return code


def words_of(rig: Rig, code: str, commune: str = "ha-dong") -> tuple[str, str] | None:
    with rig.database.read() as connection:
        return approved_words(connection, rig.vault, commune, code)


def test_a_story_is_drafted_from_the_idea_and_approved_by_another(
    chair: Visitor, open_console: OpenConsole, sqlite_rig: Rig
) -> None:
    code = recognised(sqlite_rig, chair)
    address = f"/console/initiatives/{code}/story"
    writer = open_console("van-hoa-xa-hoi", name="Chị Viết")
    draft = writer.get(address).text
    assert "Gương đổi mới sáng tạo: Bơm nước ruộng" in draft and "Tác giả: Bác Một" in draft
    assert "0912345678" not in draft
    fields = {"title": "Bác Một và chiếc bơm", "body": "Một câu chuyện.\r\nHai đoạn.", "version": "0"}
    writer.post(f"{address}/submit", fields)
    assert words_of(sqlite_rig, code) is None
    assert "Duyệt bài" not in writer.get(address).text
    assert "không tự duyệt" in writer.post(f"{address}/approve", {"version": "1"}, status=400).text
    chair.post(f"{address}/approve", {"version": "1"})
    assert words_of(sqlite_rig, code) == ("Bác Một và chiếc bơm", "Một câu chuyện.\nHai đoạn.")
    assert words_of(sqlite_rig, code, "ha-bac") is None
    # Another word, and it waits for approval again.
    writer.post(f"{address}/save", {**fields, "version": "2"})
    assert words_of(sqlite_rig, code) is None


def test_two_who_write_at_once_overwrite_nothing(chair: Visitor, open_console: OpenConsole, sqlite_rig: Rig) -> None:
    code = recognised(sqlite_rig, chair)
    address = f"/console/initiatives/{code}/story"
    writer = open_console("van-hoa-xa-hoi")
    chair.post(f"{address}/save", {"title": "Bài của Chủ tịch", "body": "A", "version": "0"})
    answer = writer.post(f"{address}/save", {"title": "Bài khác", "body": "Lời tôi viết", "version": "0"}, status=409)
    assert "Bài của Chủ tịch" in answer.text and "Lời tôi viết" in answer.text
    assert "Bài của Chủ tịch" in chair.get(address).text
    # What is approved is what was seen.
    chair.post(f"{address}/submit", {"title": "Bài của Chủ tịch", "body": "B", "version": "1"})
    head = open_console("quan-tri")
    assert "vừa có người khác sửa" in head.post(f"{address}/approve", {"version": "1"}, status=409).text.lower()


def test_a_story_goes_with_its_author_who_asks_to_be_forgotten(chair: Visitor, sqlite_rig: Rig) -> None:
    code, other = recognised(sqlite_rig, chair), recognised(sqlite_rig, chair, title="Tủ sách", user="5002")
    for each in (code, other):
        fields = {"title": "Bác Một", "body": "Chuyện bác Một", "version": "0"}
        chair.post(f"/console/initiatives/{each}/story/save", fields)
    apply(sqlite_rig, Person(OUR_OA, "5001"), EraseMyData("BN-1"))
    assert [row.case_code for row in sqlite_rig.rows("initiative_story")] == [other]
    text = chair.get(f"/console/initiatives/{code}").text
    assert "Bác Một" not in text and "0912345678" not in text


def test_no_story_of_an_idea_nobody_tried(chair: Visitor, sqlite_rig: Rig) -> None:
    code = file_idea(sqlite_rig)
    chair.get(f"/console/initiatives/{code}/story", 404)
    answer = chair.post(f"/console/initiatives/{code}/story/save", {"title": "a", "body": "b"}, status=None)
    assert answer.status_code in (400, 404)
    assert sqlite_rig.rows("initiative_story") == []


def test_a_referral_is_seen_by_the_city_without_a_person_or_a_text(
    chair: Visitor, open_console: OpenConsole, sqlite_rig: Rig
) -> None:
    code = recognised(sqlite_rig, chair)
    fields = {"place": "Sở Khoa học và Công nghệ", "day": "2026-11-20", "words": "Gửi kèm công văn"}
    refer = f"/console/initiatives/{code}/do/refer"
    assert "tương lai" in chair.post(refer, {**fields, "day": "2026-11-23"}, status=400).text
    chair.post(refer, fields)
    assert "được ghi chuyển tới nơi này rồi" in chair.post(refer, fields, status=400).text
    assert "Sở Khoa học và Công nghệ" in chair.get(f"/console/initiatives/{code}").text
    open_console("kinh-te").post(refer, {**fields, "place": "Nơi khác"}, status=403)
    text = open_console("thanh-pho").get("/console/initiative-figures").text
    assert code in text and "Sở Khoa học và Công nghệ" in text and "20/11/2026" in text
    for secret in ("Bác Một", "0912345678", "Bơm nước", "Gửi kèm công văn", "máy bơm"):
        assert secret not in text
    assert f"/console/initiatives/{code}" not in text


def test_the_year_against_its_aim_for_the_city_and_for_oneself(
    chair: Visitor, open_console: OpenConsole, sqlite_rig: Rig
) -> None:
    recognised(sqlite_rig, chair)
    file_idea(sqlite_rig, "Tủ sách", user="5002")
    file_idea(sqlite_rig, "Ở xã khác", user="5003", commune="ha-bac")
    chair.post("/console/initiative-figures", {"year": "2026", "target": "8"})
    open_console("kinh-te").post("/console/initiative-figures", {"year": "2026", "target": "1"}, status=403)
    own = chair.get("/console/initiative-figures?year=2026").text
    assert "còn thiếu 7" in own and "Hà Bắc" not in own
    text = open_console("thanh-pho").get("/console/initiative-figures?year=2026").text
    rows = {
        name: re.findall(r'<td class="number"[^>]*>(?:<b>)?([\d–]+)', row)
        for name, row in re.findall(r"<tr><td><b>([^<]+)</b></td>(.*?)</tr>", text, re.DOTALL)
    }
    assert len(rows) == 5
    dong, bac = (next(row for name, row in rows.items() if place in name) for place in ("Hà Đông", "Hà Bắc"))
    assert dong == ["2", "1", "0", "0", "1", "0", "0", "1", "8"]
    assert bac == ["1", "1", "0", "0", "0", "0", "0", "0", "–"]
    assert "2" not in rows and "Tủ sách" not in text
    assert "<b>1</b>" not in open_console("thanh-pho").get("/console/initiative-figures?year=2025").text
    open_console("thanh-pho").post("/console/initiative-figures", {"year": "2026", "target": "1"}, status=403)


def test_a_campaign_from_its_form_to_its_progress(chair: Visitor, open_console: OpenConsole, sqlite_rig: Rig) -> None:
    form = {"title": "Mỗi cán bộ một sáng kiến", "kind": "staff", "begins": "2026-11-01", "ends": "2026-12-31",
            "target": "20", "about": ""}  # fmt: skip
    wrong = chair.post("/console/campaigns/new", {**form, "ends": "2026-10-01"}, status=400).text
    assert "Ngày kết thúc phải sau" in wrong and "Mỗi cán bộ một sáng kiến" in wrong
    address = chair.post("/console/campaigns/new", form).headers["Location"]
    campaign_id = address.rpartition("/")[2]
    file_idea(sqlite_rig, campaign_id=campaign_id, author_kind="official")
    text = chair.get(address).text
    assert "<b>1</b> trên 20" in text
    listing = chair.get("/console/campaigns").text
    assert "● Đang mở" in listing and "/ 20" in listing
    shown = chair.get(f"/console/initiatives?folder=all&campaign={campaign_id}").text
    assert "Mỗi cán bộ một sáng kiến" in shown and "Bơm nước ruộng" in shown
    stale = chair.post(address, {**form, "title": "Tên khác", "version": "7"}, status=409).text
    assert "Vừa có người khác sửa" in stale and 'value="Mỗi cán bộ một sáng kiến"' in stale
    chair.post(f"{address}/closed", {"closed": "1", "version": "1"})
    assert "Đã đóng" in chair.get("/console/campaigns").text
    other = open_console("kinh-te")
    assert "Lưu" not in other.get(address).text.split("</h1>")[1]
    other.post("/console/campaigns/new", form, status=403)
    open_console("chu-tich", "ha-bac").get(address, 404)
    assert head_of(sqlite_rig, re.findall(r"SK-\w{6}", shown)[0]).campaign_id == campaign_id
