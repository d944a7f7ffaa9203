"""The queue of initiatives and the page of one: folders, filters, moves, twins, papers, and who sees what."""

from __future__ import annotations

import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from console_ideas import PUMP, file_idea, head_of, make_files, search_twins, support, told
from console_visitor import OpenConsole, Visitor
from docx import Document
from openpyxl import load_workbook
from rig import Rig
from sqlalchemy import event

from bot.conversation.acts import Contact

NASTY = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


def page(code: str, query: str = "") -> str:
    return f"/console/initiatives/{code}{query}"


def do(visitor: Visitor, code: str, act: str, status: int | None = 302, query: str = "", **fields: str):  # type: ignore[no-untyped-def]
    text = visitor.get(page(code), None).text
    found = re.search(r'name="version" value="(\d+)"', text)
    version = {"version": found[1]} if found and "version" not in fields else {}
    return visitor.post(f"{page(code)}/do/{act}", {**version, "list": query, **fields}, status=status)


def counts(text: str) -> dict[str, int]:
    return {name.strip(): int(number) for name, number in re.findall(r"<span>([^<]+)</span> <b>(\d+)</b>", text)}


@pytest.fixture
def chair(open_console: OpenConsole) -> Visitor:
    return open_console("chu-tich")


def test_folders_count_and_the_address_is_the_filter(chair: Visitor, sqlite_rig: Rig) -> None:
    first = file_idea(sqlite_rig)
    second = file_idea(sqlite_rig, "Tủ sách nhà văn hóa thôn", user="5002", field_id="giao-duc", author_kind="school")
    do(chair, first, "move", state="assessing")
    text = chair.get("/console/initiatives?folder=all").text
    assert counts(text) == {
        "Mới": 1, "Chờ giao": 2, "Tôi phải chấm": 0, "Của tôi": 0, "Đang thẩm định": 1, "Đang thử nghiệm": 0,
        "Đã công nhận": 0, "Đã nhân rộng": 0, "Từ chối": 0, "Có thể trùng": 0, "Tất cả": 2,
    }  # fmt: skip
    assert first in text and second in text
    for query, found in (
        ("folder=new", {second}),
        ("folder=assessing", {first}),
        ("folder=all&field=giao-duc", {second}),
        ("folder=all&author=resident", {first}),
        ("folder=all&q=may+bom+hen+gio", set()),
        ("folder=all&q=bom+ruong", {first}),
        (f"folder=all&q={second}", {second}),
        ("folder=all&from=2026-11-23", set()),
        ("folder=all&to=2026-11-22&unit=economy_unit", {first}),
    ):
        shown = chair.get(f"/console/initiatives?{query}").text
        assert {code for code in (first, second) if code in shown} == found, query
    chair.get("/console/initiatives?folder=nowhere", 404)


def test_a_saved_filter_is_one_s_own(chair: Visitor, open_console: OpenConsole, sqlite_rig: Rig) -> None:
    chair.post("/console/initiatives/filters", {"name": "Nhà nông", "list": "folder=all&field=nong-nghiep&x=y"})
    text = chair.get("/console/initiatives").text
    assert 'href="/console/initiatives?folder=all&amp;field=nong-nghiep"' in text and "Nhà nông" in text
    colleague = open_console("van-phong")
    assert "Nhà nông" not in colleague.get("/console/initiatives").text
    (saved,) = sqlite_rig.rows("saved_filter")
    assert b"nong-nghiep" not in saved.query_sealed
    colleague.post(f"/console/initiatives/filters/{saved.id}/forget", status=404)
    chair.post(f"/console/initiatives/filters/{saved.id}/forget")
    assert sqlite_rig.rows("saved_filter") == []


def test_each_move_tells_the_author(chair: Visitor, sqlite_rig: Rig) -> None:
    code = file_idea(sqlite_rig)
    for state, name in (("assessing", "Đang thẩm định"), ("trial", "Thử nghiệm"), ("recognised", "Công nhận"),
                        ("scaled", "Nhân rộng")):  # fmt: skip
        do(chair, code, "move", state=state)
        assert name in chair.get(page(code)).text
    heard = told(sqlite_rig)
    assert len(heard) == 4 and all(code in text for text in heard)


def test_declining_wants_a_reason_and_the_author_reads_it(chair: Visitor, sqlite_rig: Rig) -> None:
    code = file_idea(sqlite_rig)
    assert "phải chọn một lý do" in do(chair, code, "move", 400, state="declined").text
    assert head_of(sqlite_rig, code).state == "submitted" and told(sqlite_rig) == []
    do(chair, code, "move", state="declined", reason="already_done", words="Thôn bên đã làm")
    assert "Thôn bên đã làm" in told(sqlite_rig)[0]


def test_the_second_of_two_sees_what_changed_and_keeps_what_was_typed(
    chair: Visitor, open_console: OpenConsole, sqlite_rig: Rig
) -> None:
    code = file_idea(sqlite_rig)
    text = chair.get(page(code)).text
    seen = re.search(r'name="seen" value="(\d+)"', text)
    version = re.search(r'name="version" value="(\d+)"', text)
    assert seen and version
    other = open_console("van-phong", name="Chị Hai")
    do(other, code, "move", state="assessing", words="Cảm ơn bác")
    answer = do(chair, code, "answer", 409, words="Lời tôi đang viết", version=version[1], seen=seen[1])
    assert "vừa có người khác thay đổi" in answer.text
    assert "Vừa thay đổi" in answer.text and "Chị Hai" in answer.text
    assert "Lời tôi đang viết" in answer.text
    assert not any("Lời tôi đang viết" in each for each in told(sqlite_rig))


def test_after_a_decision_the_next_of_the_same_list_comes_up(chair: Visitor, sqlite_rig: Rig) -> None:
    first = file_idea(sqlite_rig)
    sqlite_rig.clock.pass_ms(60_000)
    second = file_idea(sqlite_rig, "Tủ sách nhà văn hóa thôn", user="5002")
    answer = do(chair, first, "move", state="assessing", query="folder=new")
    place = urlsplit(answer.headers["Location"])
    assert (place.path, parse_qs(place.query)) == (page(second), {"list": ["folder=new"]})
    last = do(chair, second, "move", state="assessing", query="folder=new")
    assert last.headers["Location"] == "/console/initiatives?folder=new"
    assert "Đã hết việc trong thư mục này" in chair.get("/console/initiatives?folder=new").text


def test_similar_ones_stand_side_by_side_with_shared_words_marked(chair: Visitor, sqlite_rig: Rig) -> None:
    first = file_idea(sqlite_rig)
    second = file_idea(sqlite_rig, "Hẹn giờ máy bơm nước ruộng qua điện thoại", user="5002")
    other = file_idea(sqlite_rig, "Tủ sách", user="5003", problem="Trẻ em thiếu sách", proposal="Góp sách cũ",
                      benefit="", field_id="giao-duc")  # fmt: skip
    search_twins(sqlite_rig)
    listing = chair.get("/console/initiatives?folder=twins").text
    assert counts(listing)["Có thể trùng"] == 2
    assert first in listing and second in listing and other not in listing
    text = chair.get(page(first)).text
    assert second in text and re.search(r"<mark>[^<]*bơm</mark>", text)
    # Looked at and found to be two: neither folder nor page names them again, also after another search.
    do(chair, first, "part", into=second)
    search_twins(sqlite_rig)
    assert counts(chair.get("/console/initiatives").text)["Có thể trùng"] == 0
    assert second not in chair.get(page(first)).text


def test_merging_keeps_all_authors_and_can_be_undone(chair: Visitor, sqlite_rig: Rig) -> None:
    kept = file_idea(sqlite_rig)
    gone = file_idea(sqlite_rig, "Hẹn giờ máy bơm", user="5002", contact=Contact("Cô Hai", "0987654321"))
    support(sqlite_rig, gone, "5003")
    do(chair, gone, "merge", into=kept.lower())
    text = chair.get(page(kept)).text
    assert gone in text and "Đồng tác giả: Cô Hai" in text
    assert head_of(sqlite_rig, kept).people == 3
    do(chair, kept, "move", state="assessing")
    assert all(any("thẩm định" in each for each in told(sqlite_rig, user)) for user in ("5001", "5002", "5003"))
    assert f'Đã gộp vào <a href="{page(kept)}">' in chair.get(page(gone)).text
    do(chair, gone, "split")
    assert head_of(sqlite_rig, gone).merged_into == ""
    assert "Đồng tác giả: Cô Hai" not in chair.get(page(kept)).text


def test_several_at_once_with_a_result_for_each_and_a_way_back(chair: Visitor, sqlite_rig: Rig) -> None:
    ready, done = file_idea(sqlite_rig), file_idea(sqlite_rig, "Tủ sách", user="5002")
    do(chair, done, "move", state="assessing")
    answer = chair.post(
        "/console/initiatives/bulk",
        {"act": "take_up", "chosen": [ready, done, ready], "list": "folder=all"},
        status=200,
    )
    assert answer.text.count("✓ Xong") == 1 and answer.text.count("▲ Chưa") == 1
    answer = chair.post(
        "/console/initiatives/bulk", {"act": "assign", "chosen": [ready], "unit": "desk", "list": "folder=all"},
        status=200,
    )  # fmt: skip
    assert head_of(sqlite_rig, ready).unit == "desk"
    undo = re.search(r'name="undo" value="([^"]+)"', answer.text)
    assert undo
    chair.post("/console/initiatives/bulk/undo", {"undo": undo[1]}, status=200)
    assert head_of(sqlite_rig, ready).unit == "economy_unit"
    # Taken back once: the way back is of that moment alone.
    assert "▲ Chưa" in chair.post("/console/initiatives/bulk/undo", {"undo": undo[1]}, status=200).text


def test_a_note_is_for_colleagues_and_an_answer_for_the_author(chair: Visitor, sqlite_rig: Rig) -> None:
    code = file_idea(sqlite_rig)
    do(chair, code, "note", words="Hỏi lại kế toán")
    do(chair, code, "answer", words="Xã sẽ xem tuần này")
    text = chair.get(page(code)).text
    assert "Hỏi lại kế toán" in text and "Xã sẽ xem tuần này" in text
    assert [("Xã sẽ xem" in each, "kế toán" in each) for each in told(sqlite_rig)] == [(True, False)]


def test_what_residents_wrote_is_never_markup(chair: Visitor, sqlite_rig: Rig) -> None:
    code = file_idea(sqlite_rig, NASTY, problem=NASTY, co_authors=NASTY, contact=Contact(NASTY, "0912345678"))
    other = file_idea(sqlite_rig, NASTY, problem=NASTY, user="5002", contact=Contact(NASTY, ""))
    search_twins(sqlite_rig)
    do(chair, code, "note", words=NASTY)
    do(chair, code, "move", state="assessing")
    do(chair, code, "move", state="trial")
    for path in (page(code), page(other), "/console/initiatives?folder=all", f"/console/initiatives?q={NASTY}",
                 f"{page(code)}/story", "/console/"):  # fmt: skip
        text = chair.get(path).text
        assert "<script>alert" not in text and "<img src=x" not in text, path


def test_another_commune_learns_nothing(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    code = file_idea(sqlite_rig)
    stranger = open_console("chu-tich", "ha-bac")
    for path in (page(code), f"{page(code)}/story", f"{page(code)}/attached/1", page("SK-222222")):
        stranger.get(path, 404)
    assert code not in stranger.get("/console/initiatives?folder=all").text
    for path in (f"{page(code)}/do/move", f"{page(code)}/council/open", f"{page(code)}/papers/initiative-form",
                 f"{page(code)}/story/save"):  # fmt: skip
        stranger.post(path, {"state": "assessing", "title": "a", "body": "b"}, status=404)
    assert head_of(sqlite_rig, code).state == "submitted"
    assert sqlite_rig.rows("export_job") == []


def test_each_post_sees_its_own(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    code = file_idea(sqlite_rig, village="thôn đông")
    other = file_idea(sqlite_rig, "Tủ sách", user="5002", village="thôn đoài")
    village = open_console("thon", village="thôn đông")
    assert "chỉ xem sáng kiến" in village.get(page(code)).text
    village.get(page(other), 404)
    search_twins(sqlite_rig)
    assert other in open_console("van-phong", email="vanphong@hadong.example").get(page(code)).text
    assert other not in village.get(page(code)).text, "what is like it in another village is none of theirs"
    shown = village.get("/console/initiatives?folder=all&village=thôn đoài").text
    assert other not in shown
    village.post(f"{page(code)}/do/move", {"state": "assessing"}, status=403)
    open_console("thanh-pho").get("/console/initiatives", 403)
    open_console("thanh-pho").get(page(code), 403)
    economy = open_console("kinh-te")
    text = economy.get(page(code)).text
    assert "Đưa vào thẩm định" in text and "Công nhận" not in text.split("Dòng thời gian")[1]


def test_papers_are_made_by_the_worker_and_fetched_by_the_one_who_asked(
    chair: Visitor, open_console: OpenConsole, sqlite_rig: Rig
) -> None:
    code = file_idea(sqlite_rig, "=HYPERLINK(1)", co_authors="Cô Hai")
    chair.post(f"{page(code)}/papers/initiative-form", {})
    chair.post("/console/initiatives/register", {"list": "folder=new"})
    chair.post(f"{page(code)}/papers/recognition-decision", {})
    assert "Đang chuẩn bị" in chair.get("/console/files").text
    make_files(sqlite_rig)
    links = re.findall(r'href="(/console/files/\d+)"', chair.get("/console/files").text)
    assert len(links) == 2  # nobody recognised it yet, so there is no decision
    book, form = (chair.get(link).data for link in links)
    for link in links:
        open_console("quan-tri").get(link, 404)
    sheet = load_workbook(io.BytesIO(book)).active
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]][:5] == ["TT", "Mã", "Ngày gửi", "Tên sáng kiến", "Tác giả"]
    assert rows[1][1].value == code
    assert (rows[1][3].data_type, rows[1][3].value) == ("s", "'=HYPERLINK(1)")
    document = Document(io.BytesIO(form))
    words = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert words[0].startswith("ỦY BAN NHÂN DÂN XÃ HÀ ĐÔNG\n")
    assert {"=HYPERLINK(1)", "Cô Hai", "Nông nghiệp, làng nghề"} <= set(words)


def test_the_pages_ask_the_same_number_of_questions_for_many(chair: Visitor, sqlite_rig: Rig) -> None:
    database = chair.application.extensions["hoixa_console"].database
    seen: list[str] = []
    event.listen(database.reader, "before_cursor_execute", lambda _c, _cu, statement, *_: seen.append(statement))

    def cost(path: str) -> int:
        chair.get(path)
        seen.clear()
        chair.get(path)
        return len(seen)

    code = file_idea(sqlite_rig)

    def more_of_them(numbers: range) -> None:
        for number in numbers:
            more = file_idea(sqlite_rig, f"{PUMP} số {number}", user=f"60{number}")
            support(sqlite_rig, code, f"70{number}")
            if number % 3 == 0:
                do(chair, more, "merge", into=code)
        search_twins(sqlite_rig)

    more_of_them(range(8))
    paths = ("/console/initiatives?folder=all", page(code), "/console/")
    before = [cost(path) for path in paths]
    more_of_them(range(8, 20))
    assert [cost(path) for path in paths] == before
    assert max(before) < 40, "the home page asks each room once or a few times"
