"""Reports at the desk: every act, two officials at once, several at a time, and no more questions for more rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from console_ideas import search_twins
from console_reports_making import WATER, add_by_chat, file_by_chat, head, make_report
from console_visitor import OpenConsole, Visitor
from rig import HOUR_MS, OUR_OA, RESIDENT, Rig
from sqlalchemy import event

from bot.cases.codes import new_code
from bot.replies import Reply
from bot.store import audit


def _fields(visitor: Visitor, code: str, **fields: str) -> dict[str, str]:
    """Of the forms on the report's page, as it shows them."""
    page = visitor.get(f"/console/reports/{code}").text
    hidden = {name: re.search(rf'name="{name}" value="(\d+)"', page) for name in ("version", "seen")}
    return {name: found[1] for name, found in hidden.items() if found} | fields


def _act(visitor: Visitor, code: str, act: str, status: int = 302, **fields: str) -> str:
    answer = visitor.post(f"/console/reports/{code}/{act}", _fields(visitor, code, **fields), status=status)
    return answer.headers.get("Location", "") if status == 302 else answer.text


def _told(rig: Rig) -> list[str]:
    """Everything that is on its way to residents."""
    return [Reply.from_json(rig.vault.decrypt(row.payload_sealed, "outbox.payload")).text for row in rig.rows("outbox")]


def test_a_report_goes_its_way(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    sqlite_rig.connect_oa()
    chief = open_console("chu-tich")
    code = new_code("report", lambda signs: signs[5])
    file_by_chat(sqlite_rig, code)
    economy = open_console("kinh-te", email="kinhte@hadong.example")
    assert "0912345678" in chief.get(f"/console/reports/{code}").text
    _act(chief, code, "assign", unit="economy_unit", assignee=economy.staff.email)
    assert head(sqlite_rig, code).state == "assigned"
    _act(economy, code, "ask", words="Ngõ nào thế bác?")
    assert head(sqlite_rig, code).state == "waiting_resident"
    _act(economy, code, "answer", words="Đội nước đang tới.")
    _act(economy, code, "note", words="Gọi ông Đội trưởng, chỉ nội bộ.")
    _act(economy, code, "resolve", words="Đã nối lại ống lúc 10 giờ.")
    assert head(sqlite_rig, code).state == "resolved"
    _act(chief, code, "reopen", reason="our_mistake", words="Kiểm tra lại.")
    _act(chief, code, "refuse", reason="out_of_scope:utility_company")
    assert head(sqlite_rig, code).state == "out_of_scope"
    told = "\n".join(_told(sqlite_rig))
    for words in ("Ngõ nào thế bác?", "Đội nước đang tới.", "Đã nối lại ống lúc 10 giờ.", "Kiểm tra lại."):
        assert words in told
    assert "chỉ nội bộ" not in told
    page = chief.get(f"/console/reports/{code}").text
    assert "Gọi ông Đội trưởng" in page
    with sqlite_rig.database.read() as connection:
        acts = [entry.act for entry in audit.list_entries(connection, "ha-dong", subject=f"case:{code}")]
    assert {"case.assign", "case.move"} <= set(acts)


def test_what_a_resident_answers_is_read_at_the_desk(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    sqlite_rig.connect_oa()
    chief = open_console("chu-tich")
    code = new_code("report", lambda signs: signs[7])
    file_by_chat(sqlite_rig, code)
    _act(chief, code, "assign", unit="economy_unit")
    _act(chief, code, "ask", words="Ngõ nào thế bác?")
    add_by_chat(sqlite_rig, code, "Ngõ nhà ông Vịnh thợ mộc")
    assert head(sqlite_rig, code).state == "assigned"
    assert "Ngõ nhà ông Vịnh thợ mộc" in chief.get(f"/console/reports/{code}").text


def test_what_the_lifecycle_forbids_is_said_and_the_words_are_kept(open_console: OpenConsole) -> None:
    chief = open_console("chu-tich")
    code = make_report(chief).code
    text = _act(chief, code, "refuse", 400, reason="", words="lời đã gõ công phu")
    assert "lời đã gõ công phu" in text
    assert "phải chọn một lý do" in text
    assert "Hãy viết điều cần hỏi" in _act(chief, code, "ask", 400, words=" ")
    assert "“moon”" in _act(chief, code, "assign", 400, unit="moon")
    assert "Không có phản ánh" in _act(chief, code, "merge", 400, into="PA-222222")
    _act(chief, code, "nonsense", 404)


def test_the_second_official_sees_what_changed_and_overwrites_nothing(
    open_console: OpenConsole, sqlite_rig: Rig
) -> None:
    first, second = open_console("chu-tich"), open_console("van-phong")
    code = make_report(first).code
    seen_by_second = _fields(second, code, words="Xã đang làm.", reason="")
    _act(first, code, "assign", unit="desk", assignee="")
    stale = second.post(f"/console/reports/{code}/resolve", seen_by_second, status=409).text
    assert "Vừa thay đổi" in stale
    assert "Giao việc" in stale
    assert "Xã đang làm." in stale, "what was typed is not lost"
    assert head(sqlite_rig, code).state == "assigned"
    # Knowing it now, the second official may go on.
    _act(second, code, "resolve", words="Xã đang làm.")
    assert head(sqlite_rig, code).state == "resolved"


@pytest.mark.parametrize("version", ["", "0", "99", "x"])
def test_a_form_without_the_version_it_showed_is_no_way_around(open_console: OpenConsole, version: str) -> None:
    chief = open_console("chu-tich")
    code = make_report(chief).code
    status = chief.post(f"/console/reports/{code}/resolve", {"version": version, "words": "x"}, status=None).status_code
    assert status == 409


def test_after_a_decision_the_next_of_the_folder_comes_up(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    chief = open_console("chu-tich")
    codes = [make_report(chief, f"Việc số {number}").code for number in range(2)]
    where = _act(chief, codes[0], "resolve", words="Xong.", folder="unassigned")
    assert where == f"/console/reports/{codes[1]}?folder=unassigned"
    assert _act(chief, codes[1], "resolve", words="Xong.", folder="unassigned") == "/console/reports?folder=unassigned"
    assert "đã xử lý xong" in chief.get("/console/reports").text


def test_taken_down_for_somebody_else_once(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    desk = open_console("hanh-chinh-cong")
    fields = {"text": WATER, "source": "desk", "form_key": "one-form", "name": "Bác Thử", "phone": "0912345678"}
    first = desk.post("/console/reports/new", fields).headers["Location"]
    assert desk.post("/console/reports/new", fields).headers["Location"] == first
    assert len(sqlite_rig.rows("case_file")) == 1
    assert sqlite_rig.row("case_file").category == "nuoc", "guessed from the words"
    assert "Hãy ghi sự việc" in desk.post("/console/reports/new", {"text": "", "source": "desk"}, status=400).text
    desk.post("/console/reports/new", {"text": "x", "source": "zalo"}, status=400)


def test_an_anonymous_report_keeps_no_name(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    desk = open_console("van-phong")
    fields = {"text": WATER, "source": "hotline", "name": "Bác Thử", "phone": "0912345678", "anonymous": "1"}
    where = desk.post("/console/reports/new", fields).headers["Location"]
    page = desk.get(where).text
    assert "Không nêu tên" in page
    assert "Bác Thử" not in page
    assert sqlite_rig.row("case_file").contact_sealed is None


def test_thirty_reports_become_one_and_come_apart_again(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    sqlite_rig.connect_oa()
    chief = open_console("chu-tich")
    codes = [new_code("report", lambda signs, n=number: signs[n % 31 if n else 7]) for number in range(1, 31)]
    assert len(set(codes)) == 30
    for number, code in enumerate(codes):
        file_by_chat(sqlite_rig, code, user_id=f"{RESIDENT[:-3]}{number:03}")
        sqlite_rig.clock.pass_ms(1000)
    page = chief.post("/console/reports/bulk", {"chosen": codes, "act": "merge"}, status=200).text
    assert page.count("✓ Xong") == 29
    assert head(sqlite_rig, codes[0]).people == 30
    _act(chief, codes[0], "resolve", words="Đã có nước.")
    assert sum("Đã có nước." in text for text in _told(sqlite_rig)) == 30
    undo = re.findall(r'name="undo" value="([^"]+)"', page)
    assert len(undo) == 29
    back = chief.post("/console/reports/bulk/undo", {"undo": undo[:2]}, status=200).text
    assert back.count("✓ Xong") == 2
    assert head(sqlite_rig, codes[0]).people == 28


def test_one_row_that_cannot_be_done_stops_no_other(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    chief = open_console("chu-tich")
    good, closed = make_report(chief).code, make_report(chief, "Đèn hỏng", category="dien").code
    _act(chief, closed, "resolve", words="Xong.")
    page = chief.post("/console/reports/bulk", {"chosen": [closed, good], "act": "merge"}, status=200).text
    assert page.count("▲ Chưa") == 1
    page = chief.post("/console/reports/bulk", {"chosen": [good], "act": "assign", "unit": "police"}, status=200).text
    assert head(sqlite_rig, good).unit == "police"
    undo = re.findall(r'name="undo" value="([^"]+)"', page)
    chief.post("/console/reports/bulk/undo", {"undo": undo}, status=200)
    assert head(sqlite_rig, good).unit == "economy_unit"
    assert "▲ Chưa" in chief.post("/console/reports/bulk/undo", {"undo": undo}, status=200).text, "only once"
    nothing = chief.post("/console/reports/bulk", {"act": "assign", "back": "//evil.example"})
    assert nothing.headers["Location"] == "/console/"


def test_folders_hold_what_they_say(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    chief = open_console("chu-tich")
    late = make_report(chief, "Việc để quá hạn").code
    sqlite_rig.clock.pass_ms(30 * 24 * HOUR_MS)
    chief.sign_in() if chief.get("/console/", None).status_code == 302 else None
    fresh = make_report(chief, "Bóng đèn trước cổng trường cháy", category="dien").code
    waiting = make_report(chief, "Rác sau chợ", category="rac_moi_truong").code
    _act(chief, waiting, "ask", words="Ở đâu?")
    done = make_report(chief, "Đường vỡ", category="duong_sa").code
    _act(chief, done, "resolve", words="Xong.")
    reopened = make_report(chief, "Tắc cống", category="nuoc").code
    _act(chief, reopened, "resolve", words="Xong.")
    _act(chief, reopened, "reopen", reason="not_done")
    own = make_report(chief, "Tiếng ồn", category="khac").code
    _act(chief, own, "assign", unit="office", assignee=chief.staff.email)
    holds = {
        "overdue": {late},
        "unassigned": {late, fresh},
        "waiting": {waiting},
        "done": {done},
        "reopened": {reopened},
        "mine": {own},
        "open": {late, fresh, waiting, reopened, own},
        "all": {late, fresh, waiting, done, reopened, own},
    }
    everything = holds["all"]
    for folder, codes in holds.items():
        page = chief.get(f"/console/reports?folder={folder}").text
        assert {code for code in everything if f'"{code}"' in page} == codes, folder
        counted = re.search(rf'folder={folder}"[^>]*>\s*<span>[^<]*</span> <b>(\d+)</b>', page)
        assert counted, folder
        assert int(counted[1]) == len(codes), folder
    first = re.findall(r'name="chosen" value="([^"]+)"', chief.get("/console/reports?folder=open").text)
    assert first[0] == reopened, "what was opened again comes first"
    home = chief.get("/console/").text
    assert "1 việc quá hạn" in home
    assert late in home
    chief.get("/console/reports?folder=nonsense", 404)


def test_filters_in_the_address_narrow_and_survive(open_console: OpenConsole) -> None:
    chief = open_console("chu-tich")
    water = make_report(chief).code
    light = make_report(chief, "Bóng đèn đường cháy", category="dien", source="social").code
    for query, shown, hidden in (
        ("category=dien", light, water),
        ("source=hotline", water, light),
        ("q=mat+nuoc", water, light),
        ("q=bóng+đèn", light, water),
        ("from=2026-11-22&category=nuoc", water, light),
    ):
        page = chief.get(f"/console/reports?folder=all&{query}").text
        assert f'"{shown}"' in page, query
        assert f'"{hidden}"' not in page, query
        assert f'"{water}"' in chief.get("/console/reports?folder=all").text
    assert water not in chief.get("/console/reports?folder=all&to=2026-11-21").text
    where = chief.get(f"/console/reports?q={water.lower()}", 302).headers["Location"]
    assert where == f"/console/reports/{water}"


def test_twins_are_shown_side_by_side_with_their_shared_words(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    chief = open_console("chu-tich")
    first = make_report(chief).code
    second = make_report(chief, "Xóm Đông mất nước sạch từ sáng nay, đề nghị xã kiểm tra").code
    make_report(chief, "Wifi nhà văn hóa hỏng", category="khac")
    assert second not in chief.get(f"/console/reports/{first}").text, "no page looks for twins itself"
    search_twins(sqlite_rig)
    page = chief.get(f"/console/reports/{first}").text
    assert second in page
    assert re.search(r"<mark>nước</mark>", page)
    listed = chief.get("/console/reports?folder=twins").text
    assert set(re.findall(r'name="chosen" value="([^"]+)"', listed)) == {first, second}
    _act(chief, first, "merge", into=second.lower())
    assert head(sqlite_rig, first).merged_into == second
    sqlite_rig.clock.pass_ms(5_000)
    assert re.findall(r'name="chosen"', chief.get("/console/reports?folder=twins").text) == []
    assert "Đã gộp vào" in chief.get(f"/console/reports/{first}").text
    _act(chief, first, "split")
    assert head(sqlite_rig, first).merged_into == ""


def test_two_that_are_not_the_same_are_not_shown_together_again(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    chief = open_console("chu-tich")
    first = make_report(chief).code
    second = make_report(chief, "Xóm Đông mất nước sạch từ sáng nay, đề nghị xã kiểm tra").code
    search_twins(sqlite_rig)
    where = _act(chief, first, "part", into=second)
    assert "hai việc khác nhau" in chief.get(where).text
    search_twins(sqlite_rig)
    assert second not in chief.get(f"/console/reports/{first}").text
    assert re.findall(r'name="chosen"', chief.get("/console/reports?folder=twins").text) == []
    assert "không được ghi là có thể trùng" in _act(chief, first, "part", 400, into=second)
    with sqlite_rig.database.read() as connection:
        entries = audit.list_entries(connection, "ha-dong", subject=f"case:{first}")
    assert any("no_twin_of" in str(entry.after) for entry in entries)
    closed = make_report(chief, "Xóm Đông mất nước sạch từ sáng nay, đề nghị xã kiểm tra giúp").code
    search_twins(sqlite_rig)
    folder = "/console/reports?folder=twins"
    assert set(re.findall(r'name="chosen" value="([^"]+)"', chief.get(folder).text)) == {first, second, closed}
    _act(chief, closed, "resolve", words="Xong.")
    assert re.findall(r'name="chosen"', chief.get(folder).text) == [], "a closed one is nobody's twin"


@contextmanager
def _counting(rig: Rig) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(rig.database.reader, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(rig.database.reader, "before_cursor_execute", note)


def test_no_page_asks_more_for_more_rows(open_console: OpenConsole, sqlite_rig: Rig) -> None:
    chief = open_console("quan-tri")
    code = make_report(chief).code
    pages = ("/console/", "/console/reports", "/console/reports?folder=all&q=nước", f"/console/reports/{code}",
             "/console/reports/villages", "/console/audit", "/console/accounts", "/console/volunteers",
             "/console/reports/export.csv?folder=all", "/console/oa")  # fmt: skip

    def counts() -> dict[str, int]:
        found = {}
        for path in pages:
            chief.get(path)
            with _counting(sqlite_rig) as statements:
                chief.get(path)
            found[path] = len(statements)
        return found

    few = counts()
    for number in range(25):
        made = make_report(chief, f"{WATER} {number}").code
        if number % 5 == 0:
            _act(chief, made, "note", words="x")
            _act(chief, code, "note", words="x")
            open_console("van-phong", signed_in=False)
    assert counts() == few
    assert max(few.values()) < 40, "the home page asks each room once or a few times"


def test_a_long_list_is_written_by_the_worker(
    open_console: OpenConsole, sqlite_rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.casework.exports import ExportRunner
    from console import report_exports

    monkeypatch.setattr(report_exports, "AT_ONCE", 2)
    chief = open_console("chu-tich")
    for number in range(4):
        make_report(chief, f"{WATER} {number}")
    asked = "/console/reports/export.xlsx?folder=all"
    assert "<b>4</b> phản ánh" in chief.get(asked).text
    chief.post(asked)
    runner = ExportRunner(sqlite_rig.services(), chief.application.extensions["hoixa_console"].library)
    with sqlite_rig.database.write() as connection:
        job = runner(connection)
    assert job is not None
    job()
    where = re.search(r'href="(/console/files/\d+)"', chief.get("/console/files").text)
    assert where
    file = chief.get(where[1])
    assert file.data.startswith(b"PK")
    assert "attachment" in file.headers["Content-Disposition"]
    open_console("chu-tich").get(where[1], 404)


def test_the_desk_is_told_where_it_burns(open_console: OpenConsole) -> None:
    chief = open_console("chu-tich")
    make_report(chief)
    page = chief.get("/console/reports/villages").text
    assert "Chưa rõ nơi" in page
    assert OUR_OA not in page
