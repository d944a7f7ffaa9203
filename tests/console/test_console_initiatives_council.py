"""The council on the page: nobody reads another's marks before it is closed, the chair included; the sheet; minutes."""

from __future__ import annotations

import io
import re

import pytest
from console_ideas import file_idea, make_files
from console_visitor import OpenConsole, Visitor
from docx import Document
from rig import Rig

KEYS = ("moi", "kha-thi", "hieu-qua", "nhan-rong")


@pytest.fixture
def chair(open_console: OpenConsole) -> Visitor:
    return open_console("chu-tich", name="Ông Chủ Trì")


@pytest.fixture
def first(open_console: OpenConsole) -> Visitor:
    return open_console("kinh-te", name="Chị Kinh Tế")


@pytest.fixture
def second(open_console: OpenConsole) -> Visitor:
    return open_console("hanh-chinh-cong", name="Anh Một Cửa")


def assessed(rig: Rig, chair: Visitor, title: str = "Bơm nước hẹn giờ", user: str = "5001") -> str:
    code = file_idea(rig, title, user=user)
    chair.post(f"/console/initiatives/{code}/do/move", {"state": "assessing"})
    return code


def act(visitor: Visitor, code: str, name: str, status: int | None = 302, **fields: object):  # type: ignore[no-untyped-def]
    return visitor.post(f"/console/initiatives/{code}/council/{name}", fields, status=status)


def marks(value: str) -> dict[str, object]:
    return {f"mark-{key}": value for key in KEYS}


def open_round(chair: Visitor, code: str, *members: Visitor, **more: object) -> None:
    act(chair, code, "open", member=[str(one.staff.id) for one in members], due="2026-12-01", **more)


def test_blind_until_closed_for_the_chair_too(chair: Visitor, first: Visitor, second: Visitor, sqlite_rig: Rig) -> None:
    code = assessed(sqlite_rig, chair)
    open_round(chair, code, first, second)
    act(first, code, "score", **marks("3,5"), remark="Chưa rõ chi phí")
    for who in (chair, second):
        text = who.get(f"/console/initiatives/{code}").text
        assert "1/2 phiếu" in text and "✓ đã chấm" in text
        assert "3,5" not in text and "Chưa rõ chi phí" not in text and "35,0" not in text
    mine = first.get(f"/console/initiatives/{code}").text
    assert mine.count('value="3,5"') == 4 and "Chưa rõ chi phí" in mine
    # No minutes of an open round either.
    chair.post(f"/console/initiatives/{code}/papers/council-minutes", {})
    make_files(sqlite_rig)
    assert "chưa chốt" in chair.get("/console/files").text
    act(second, code, "score", **marks("9"))
    act(chair, code, "close")
    text = second.get(f"/console/initiatives/{code}").text
    assert "62,5%" in text and "▲ Chưa đạt" in text and "Chưa rõ chi phí" in text
    assert "35,0%" in text and "90,0%" in text


def test_what_is_left_is_told_and_the_next_one_comes_up(
    chair: Visitor, first: Visitor, second: Visitor, sqlite_rig: Rig
) -> None:
    codes = [assessed(sqlite_rig, chair), assessed(sqlite_rig, chair, "Tủ sách thôn", "5002")]
    answer = chair.post(
        "/console/initiatives/bulk",
        {"act": "council", "chosen": codes, "member": [str(first.staff.id), str(second.staff.id)], "list": ""},
        status=200,
    )
    assert answer.text.count("✓ Xong") == 2
    listing = first.get("/console/initiatives?folder=score").text
    assert "Còn 2 phiếu của bạn" in listing and all(code in listing for code in codes)
    assert "còn 2 phiếu của bạn" in first.get("/console/").text
    onward = act(first, codes[0], "score", **marks("8")).headers["Location"]
    assert codes[1] in onward
    assert "Còn 1 phiếu của bạn" in first.get(onward).text
    act(first, codes[1], "score", **marks("8"))
    assert "phiếu của bạn" not in first.get("/console/").text
    assert "Còn" not in chair.get("/console/initiatives").text.split("</h1>")[1].split("</div>")[0]


def test_marks_are_checked_and_what_was_typed_is_kept(
    chair: Visitor, first: Visitor, second: Visitor, sqlite_rig: Rig
) -> None:
    code = assessed(sqlite_rig, chair)
    open_round(chair, code, first, second)
    answer = act(first, code, "score", 400, **{**marks("7"), "mark-hieu-qua": "11"}, remark="Giữ lời này")
    assert "Điểm từ 0 đến 10" in answer.text and 'value="11"' in answer.text and "Giữ lời này" in answer.text
    assert sqlite_rig.rows("council_vote") == []
    assert "không có tên trong hội đồng" in act(chair, code, "score", 400, **marks("7")).text
    assert "Chưa có phiếu nào" in act(chair, code, "close", 400).text
    assert act(first, code, "close", 403).status_code == 403


def test_scored_again_with_a_reason_and_the_former_round_stays(
    chair: Visitor, first: Visitor, second: Visitor, sqlite_rig: Rig
) -> None:
    code = assessed(sqlite_rig, chair)
    open_round(chair, code, first, second)
    act(first, code, "score", **marks("4"))
    act(chair, code, "close")
    member = [str(first.staff.id), str(second.staff.id)]
    assert "hãy ghi lý do" in act(chair, code, "open", 400, member=member).text
    open_round(chair, code, first, second, reason="Có số liệu làm thử")
    text = chair.get(f"/console/initiatives/{code}").text
    assert "Chấm điểm lần 2" in text and "Chấm điểm lần 1" in text and "Có số liệu làm thử" in text
    assert "40,0%" in text
    act(second, code, "score", **marks("9"))
    assert "90,0%" not in chair.get(f"/console/initiatives/{code}").text


def test_minutes_say_what_the_council_found(chair: Visitor, first: Visitor, second: Visitor, sqlite_rig: Rig) -> None:
    code = assessed(sqlite_rig, chair)
    open_round(chair, code, first, second)
    act(first, code, "score", **marks("7,5"), remark="Nên làm thử ở một thôn")
    act(second, code, "score", **marks("8"))
    act(chair, code, "close")
    for state in ("trial", "recognised"):
        chair.post(f"/console/initiatives/{code}/do/move", {"state": state})
    for kind in ("council-minutes", "recognition-decision", "recognition-certificate"):
        chair.post(f"/console/initiatives/{code}/papers/{kind}", {})
    make_files(sqlite_rig)
    links = re.findall(r'href="(/console/files/\d+)"', chair.get("/console/files").text)
    texts = []
    for link in reversed(links):
        document = Document(io.BytesIO(chair.get(link).data))
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        texts.append("\n".join([*(one.text for one in document.paragraphs), *cells]))
    minutes, decision, certificate = texts
    for said in ("77,5%", "7,75/10", "Chị Kinh Tế: Nên làm thử ở một thôn", "Đạt", "75,0", "Tính khả thi"):
        assert said in minutes, said
    assert "Bơm nước hẹn giờ" in decision and "Bác Một" in decision and "đạt 77,5%" in decision
    assert "GIẤY CÔNG NHẬN SÁNG KIẾN" in certificate and "Bơm nước hẹn giờ" in certificate


def test_a_commune_writes_its_own_sheet(chair: Visitor, first: Visitor, second: Visitor, sqlite_rig: Rig) -> None:
    first.get("/console/initiatives/sheet", 403)
    form = {"name": "Phiếu của xã", "scale": "5", "pass_percent": "50", "name-1": "Rẻ", "weight-1": "2"}
    wrong = chair.post("/console/initiatives/sheet", {**form, "weight-1": "0"}, status=400).text
    assert "Trọng số từ 1 đến 100" in wrong and 'value="Rẻ"' in wrong
    chair.post("/console/initiatives/sheet", {**form, "name-2": "Dễ", "weight-2": "1"})
    assert "Phiếu của xã" in chair.get("/console/initiatives/sheet").text
    code = assessed(sqlite_rig, chair)
    open_round(chair, code, first, second)
    text = first.get(f"/console/initiatives/{code}").text
    assert "Rẻ (trọng số 2)" in text and "Tính mới" not in text
    act(first, code, "score", **{"mark-c1": "5", "mark-c2": "2"})
    act(chair, code, "close")
    assert "80,0%" in chair.get(f"/console/initiatives/{code}").text
