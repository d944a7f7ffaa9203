"""Answers edited at the desk: tried before they are sent, approved by another, with the history of every word."""

from __future__ import annotations

import re
from html import unescape

import pytest
from console_visitor import OpenConsole, Visitor
from rig import Rig

from bot.store import knowledge_edits

PAGE = "/console/knowledge/khai-sinh?part=fee"
FORM = "/console/knowledge/khai-sinh/fee"
GOOD = {"text": "Làm khai sinh ở xã ta không mất tiền.", "source": "Nghị quyết mẫu của xã, 2026", "confidence": "high"}


def _waiting(rig: Rig) -> list[knowledge_edits.StoredEdit]:
    with rig.database.read() as connection:
        return knowledge_edits.list_edits(connection, "ha-dong")


def _official_and_chair(open_console: OpenConsole) -> tuple[Visitor, Visitor]:
    return open_console("van-hoa-xa-hoi"), open_console("chu-tich")


def test_a_part_is_tried_drafted_approved_and_taken_back(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    official, chair = _official_and_chair(open_console)
    tried = official.post(FORM, {**GOOD, "try": "1"}, on=PAGE, status=200).text
    assert "Xem thử" in tried
    assert GOOD["text"] in tried
    assert _waiting(sqlite_rig) == []
    official.post(FORM, GOOD, on=PAGE)
    assert "Đang dùng" not in official.get(PAGE).text
    assert 'value="Duyệt"' not in official.get(PAGE).text
    assert "Chờ duyệt" in official.get("/console/knowledge?folder=drafts").text
    assert GOOD["text"] in chair.get("/console/").text
    chair.post("/console/knowledge/edits/1/approve", {"topic": "khai-sinh", "part": "fee"}, on=PAGE)
    page = chair.get(PAGE).text
    assert GOOD["text"] in page
    assert "<mark>" in page, "what the release does not say is marked"
    assert "khai-sinh" in official.get("/console/knowledge?folder=edited").text
    official.post("/console/knowledge/edits/1/withdraw", {"topic": "khai-sinh", "part": "fee"}, on=PAGE)
    assert [one.state for one in _waiting(sqlite_rig)] == ["withdrawn"]


def test_nobody_approves_their_own(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    chair = open_console("chu-tich")
    chair.post(FORM, GOOD, on=PAGE)
    assert "Duyệt</button>" not in chair.get(PAGE).text
    chair.post("/console/knowledge/edits/1/approve", {"topic": "khai-sinh"}, on=PAGE)
    assert [one.state for one in _waiting(sqlite_rig)] == ["draft"]
    open_console("van-hoa-xa-hoi").post("/console/knowledge/edits/1/approve", on=PAGE, status=403)


@pytest.mark.parametrize(
    "wrong",
    [{"text": "a" * 3000}, {"source": ""}, {"valid_from": "2027-13-01"}, {"text": "Lời có {cho_trong_la}"}],
    ids=["too long", "no source", "no such day", "unknown place"],
)
def test_what_the_sheet_would_refuse_is_refused_here(
    sqlite_rig: Rig, open_console: OpenConsole, wrong: dict[str, str]
) -> None:
    official = open_console("van-hoa-xa-hoi")
    answer = official.post(FORM, {**GOOD, **wrong}, on=PAGE, status=400)
    assert 'role="alert"' in answer.text
    assert _waiting(sqlite_rig) == []


def test_the_form_sent_as_it_stands_is_no_edit_but_a_review_is(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    official = open_console("van-hoa-xa-hoi")
    page = official.get(PAGE).text
    text = re.search(r'name="text"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    source = re.search(r'name="source" type="text" value="([^"]*)"', page)
    confidence = re.search(r'<option value="(\w+)" selected>', page)
    assert text
    assert source
    assert confidence
    until = re.search(r'name="valid_until" type="date" value="([^"]*)"', page)
    assert until
    assert until[1] == "2027-02-28", "the fee changes then, and what follows is not overwritten unseen"
    same = {
        "text": unescape(text[1]), "source": unescape(source[1]), "confidence": confidence[1], "valid_until": until[1],
    }  # fmt: skip
    answer = official.post(FORM, same, on=PAGE, status=400)
    assert "không có gì để sửa" in answer.text
    assert _waiting(sqlite_rig) == []
    official.post(FORM, {**same, "reviewed": "1"}, on=PAGE)
    (reviewed,) = _waiting(sqlite_rig)
    assert reviewed.edit.as_of == sqlite_rig.clock.now().date()


def test_an_address_of_the_commune_is_edited_the_same_way(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    official, chair = _official_and_chair(open_console)
    page = "/console/knowledge/profile?part=desk_phone"
    official.post("/console/knowledge/profile/desk_phone", {"text": "0225 000 0000"}, on=page)
    assert "chờ duyệt" in official.get("/console/knowledge").text
    chair.post("/console/knowledge/edits/1/approve", {"topic": "profile", "part": "desk_phone"}, on=page)
    assert "0225 000 0000" in chair.get(page).text


def test_lists_narrow_and_unknown_things_do_not_exist(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    official = open_console("van-hoa-xa-hoi")
    found = official.get("/console/knowledge?q=khai+tử").text
    assert "/console/knowledge/khai-tu" in found
    assert "/console/knowledge/ket-hon" not in found
    official.get("/console/knowledge?folder=x", 404)
    official.get("/console/knowledge/khong-co", 404)
    official.post("/console/knowledge/khai-sinh/khong-co", GOOD, on=PAGE, status=404)
    open_console("chu-tich").post("/console/knowledge/edits/99/approve", on=PAGE, status=404)
    open_console("thanh-pho").get("/console/knowledge", 403)


def test_another_commune_s_edits_are_not_ours(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    open_console("van-hoa-xa-hoi").post(FORM, GOOD, on=PAGE)
    there = open_console("chu-tich", "dai-son")
    assert GOOD["text"] not in there.get(PAGE).text
    there.post("/console/knowledge/edits/1/approve", on=PAGE, status=404)


def test_a_list_begun_with_dashes_is_read_with_bullets(sqlite_rig: Rig, open_console: OpenConsole) -> None:
    open_console("van-hoa-xa-hoi").post(
        FORM, {**GOOD, "text": "Bác mang theo:\n- Giấy chứng sinh.\n * Căn cước."}, on=PAGE
    )
    (kept,) = _waiting(sqlite_rig)
    assert kept.edit.text == "Bác mang theo:\n• Giấy chứng sinh.\n• Căn cước."
