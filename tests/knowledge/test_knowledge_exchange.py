"""The workbook: a round trip changes nothing, differences become edits, and every bad cell is named."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from edit_making import LIBRARY, TODAY, TOPIC, an_edit, overlay
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.workbook import Workbook

from knowledge.exchange import Exchange, Row, tidy, whole
from knowledge.exchange_comparing import Comparison, compare
from knowledge.exchange_reading import WrongFile, read_workbook
from knowledge.exchange_sheets import FORMAT
from knowledge.exchange_writing import write_workbook
from knowledge.overlay import PROFILE, Edit, Overlay
from knowledge.profile_lists import LIST_KINDS

ANSWERS, PROFILE_SHEET, HELP, VILLAGES = "Câu trả lời", "Hồ sơ", "Điểm hỗ trợ số", "Thôn, tổ dân phố"
COLUMNS = {"id": 1, "facet": 3, "text": 4, "source": 5, "confidence": 6, "from": 7, "until": 8, "as_of": 9}

Change = Callable[[Workbook], None]


@pytest.fixture(scope="module")
def packaged_workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two topics and the profile: what is not in a file stays as it is, and small files are quick."""
    path = tmp_path_factory.mktemp("sheets") / "ha-dong.xlsx"
    everything = whole(overlay(), TODAY)
    few = tuple(row for row in everything.rows if row.subject in (PROFILE, TOPIC, "topic:khai-sinh"))
    write_workbook(replace(everything, rows=few), LIBRARY, path)
    return path


@pytest.fixture
def after(packaged_workbook: Path, tmp_path: Path) -> Callable[..., Comparison]:
    """Change the packaged workbook as an official would and compare; faults of reading come first."""

    def change_and_compare(change: Change, standing: Overlay | None = None) -> Comparison:
        book = openpyxl.load_workbook(packaged_workbook)
        change(book)
        path = tmp_path / "edited.xlsx"
        book.save(path)
        exchange, faults = read_workbook(path, LIBRARY, "ha-dong")
        compared = compare(exchange, standing or overlay(), TODAY)
        return Comparison(compared.changes, (*faults, *compared.faults), compared.unchanged)

    return change_and_compare


def line_of(book: Workbook, topic: str, facet: str) -> int:
    sheet = book[ANSWERS]
    return next(
        row for row in range(2, sheet.max_row + 1)
        if (sheet.cell(row, 1).value, sheet.cell(row, 3).value) == (topic, facet)
    )  # fmt: skip


def put(topic: str, part: str, /, **values: Any) -> Change:
    """Set cells of the first line of one part."""

    def change(book: Workbook) -> None:
        row = line_of(book, topic, part)
        for name, value in values.items():
            book[ANSWERS].cell(row, COLUMNS[name.rstrip("_")]).value = value

    return change


def edits_of(comparison: Comparison, first: int = 1) -> list[Edit]:
    """The edits a comparison asks for, as if they had been approved one after the other."""
    return [replace(change.edit, id=number, order=number) for number, change in enumerate(comparison.changes, first)]


# --- round trips ---


@pytest.mark.parametrize("slug", sorted(LIBRARY.communes))
def test_a_round_trip_through_xlsx_changes_nothing(slug: str, tmp_path: Path) -> None:
    standing = overlay(commune=slug)
    sent = whole(standing, TODAY)
    write_workbook(sent, LIBRARY, tmp_path / "sheet.xlsx")
    came_back, faults = read_workbook(tmp_path / "sheet.xlsx", LIBRARY, slug)
    assert faults == []
    assert [_bare(row) for row in came_back.rows] == [_bare(row) for row in sent.rows]
    compared = compare(came_back, standing, TODAY)
    assert (compared.changes, compared.faults, compared.unchanged) == ((), (), len(sent.rows))


def _bare(row: Row) -> tuple[object, ...]:
    return (row.subject, row.field, row.text, row.source, row.confidence or "high", row.valid_from, row.valid_until,
            row.as_of)  # fmt: skip


def test_a_round_trip_with_edits_of_every_kind_changes_nothing(tmp_path: Path) -> None:
    village = json.dumps({"name": "=Thôn Một", "leader": "", "contact": "", "rules": "Một\nHai"}, sort_keys=True,
                         ensure_ascii=False)  # fmt: skip
    standing = overlay(
        an_edit(text="+84 là mã nước.\n• dòng", valid_from=date(2027, 3, 1), id=1),
        an_edit(field="late", text="@ai cũng được", confidence="low", id=2),
        an_edit(PROFILE, "desk_phone", "0220 111 222", id=3),
        an_edit(PROFILE, "desk_hours", "=1+1", valid_from=date(2027, 1, 1), valid_until=date(2027, 6, 30), id=4),
        an_edit(PROFILE, "villages.=thôn một", village, id=5),
    )
    path = tmp_path / "sheet.xlsx"
    write_workbook(whole(standing, TODAY), LIBRARY, path)
    compared = compare(read_workbook(path, LIBRARY, "ha-dong")[0], standing, TODAY)
    assert (compared.changes, compared.faults) == ((), ())


def test_taking_in_the_same_file_twice_changes_nothing_the_second_time(after: Callable[..., Comparison]) -> None:
    def change(book: Workbook) -> None:
        put("khai-sinh", "Lệ phí", text="Miễn lệ phí.")(book)
        book[PROFILE_SHEET].cell(2, 3).value = "Thôn Một"
        book[HELP].append(["Nhà văn hóa", "thứ Bảy"])

    first = after(change)
    assert first.faults == () and len(first.changes) == 3
    again = after(change, overlay(*edits_of(first)))
    assert (again.changes, again.faults) == ((), ())
    # The day on which a sheet without days was taken in does not make it another sheet later.
    assert {edit.as_of for edit in edits_of(first)} == {TODAY, LIBRARY.topics["khai-sinh"].as_of}


def test_nothing_in_the_file_is_a_formula_and_headers_are_locked(tmp_path: Path) -> None:
    standing = overlay(an_edit(text='=HYPERLINK("http://x")'), an_edit(PROFILE, "hotline", "-1", id=2))
    write_workbook(whole(standing, TODAY), LIBRARY, tmp_path / "sheet.xlsx")
    book = openpyxl.load_workbook(tmp_path / "sheet.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    dangerous = [cell for cell in cells if isinstance(cell.value, str) and cell.value[0] in "=+-@"]
    assert len(dangerous) == 2 and all(cell.quotePrefix for cell in dangerous)
    for sheet in book.worksheets[1:]:
        assert sheet.protection.sheet and sheet["A1"].protection.locked and sheet.freeze_panes == "A2"
        assert not sheet["A2"].protection.locked or sheet["A2"].value is None
    columns = book[ANSWERS].column_dimensions  # a row is deleted only where all its cells are unlocked
    assert all(not columns[letter].protection.locked for letter in "ABCDEFGHIJ")
    assert (columns["J"].min, columns["J"].max) == (10, 16_384)
    assert book[PROFILE_SHEET]["C2"].number_format == "@", "a telephone number keeps its first 0"
    text = book[ANSWERS]["D2"]
    assert text.alignment.wrap_text and book[ANSWERS].column_dimensions["D"].width >= 60
    assert book[ANSWERS]["I2"].number_format == "dd/mm/yyyy"


# --- what officials change ---


def test_a_changed_text_becomes_an_edit_over_what_the_release_says(after: Callable[..., Comparison]) -> None:
    (change,) = after(put("to-cong-nghe-so", "Lệ phí", text=" Không thu tiền. \r\nHỏi {desk}. ")).changes
    assert (change.edit.subject, change.edit.field) == (TOPIC, "fee")
    assert change.edit.text == "Không thu tiền.\nHỏi {desk}."
    assert change.edit.base_digest == overlay().base_digest(TOPIC, "fee")
    assert change.before[0].text == LIBRARY.topics["to-cong-nghe-so"].facets["fee"].text
    assert (change.edit.valid_from, change.edit.valid_until, change.edit.as_of) == (None, None, date(2026, 11, 21))


def test_a_rule_that_begins_on_a_day_is_a_second_line(after: Callable[..., Comparison]) -> None:
    def change(book: Workbook) -> None:
        put("to-cong-nghe-so", "Lệ phí", until="28/02/2027")(book)
        book[ANSWERS].append(
            ["to-cong-nghe-so", None, "lệ phí", "Thu 1.000 đồng.", "NQ 1", "Khá chắc", "2027-03-01", None, "22-11-2026"]
        )

    compared = after(change)
    assert compared.faults == ()
    (edit,) = edits_of(compared)
    assert (edit.valid_from, edit.valid_until, edit.confidence) == (date(2027, 3, 1), None, "medium")
    edited = overlay(edit)
    assert "Thu 1.000 đồng." in LIBRARY.answer("to-cong-nghe-so", "fee", edited.commune_on(TODAY),
                                               date(2027, 3, 1)).text  # fmt: skip
    assert after(change, edited).changes == ()


def test_the_packaged_text_put_back_gives_the_part_back_to_the_release(after: Callable[..., Comparison]) -> None:
    compared = after(lambda book: None, overlay(an_edit()))
    (change,) = compared.changes
    assert change.gives_back and change.edit.text == ""
    assert change.after == LIBRARY.topics["to-cong-nghe-so"].facets["fee"].text
    assert after(lambda book: None, overlay(an_edit(), *edits_of(compared, 2))).changes == ()


def test_lines_left_out_stay_as_they_are(after: Callable[..., Comparison]) -> None:
    def change(book: Workbook) -> None:
        book[ANSWERS].delete_rows(2, book[ANSWERS].max_row)
        del book[PROFILE_SHEET]
        for kind in LIST_KINDS:
            title = next(sheet.title for sheet in book if sheet.title not in (ANSWERS, "Hướng dẫn"))
            del book[title]
            assert kind

    compared = after(change, overlay(an_edit(PROFILE, "hotline", "số", id=1)))
    assert (compared.changes, compared.faults) == ((), ())


def test_a_line_taken_off_a_list_takes_the_item_off(after: Callable[..., Comparison]) -> None:
    item = json.dumps({"place": "Nhà văn hóa", "days": ""}, ensure_ascii=False)
    standing = overlay(an_edit(PROFILE, "help_points.nhà văn hóa", item))
    (change,) = after(lambda book: None, standing).changes
    assert (change.edit.field, change.edit.text) == ("help_points.nhà văn hóa", "")


def test_an_emptied_value_empties_the_field(after: Callable[..., Comparison]) -> None:
    (change,) = after(lambda book: None, overlay(an_edit(PROFILE, "hotline", "số"))).changes
    assert (change.edit.field, change.edit.text) == ("hotline", "")


def test_a_day_excel_made_of_a_yearly_day_is_read_back(after: Callable[..., Comparison]) -> None:
    (change,) = after(lambda book: book["Ngày hằng năm"].append([date(2026, 10, 10), "Ngày Chuyển đổi số"])).changes
    assert json.loads(change.edit.text) == {"day": "10/10", "name": "Ngày Chuyển đổi số"}


# --- what is wrong is named with its cell ---


@pytest.mark.parametrize(
    ("values", "column", "words"),
    [
        ({"id": "ly-hon"}, "A", "không có chủ đề"),
        ({"facet": "Giá tiền"}, "C", "không có phần"),
        ({"text": "chữ " * 200}, "D", "dài 799 ký tự"),
        ({"text": "Hỏi {mayor}."}, "D", "chỗ trống lạ: {mayor}"),
        ({"text": "Ở nhà văn hoá."}, "D", "dấu thanh kiểu cũ"),
        ({"text": None}, "D", "để trống"),
        ({"text": 10000}, "D", "là số"),
        ({"text": "=1+1"}, "D", "công thức"),
        ({"source": None}, "D", "thiếu nguồn"),
        ({"source": "x" * 161}, "D", "nguồn dài 161"),
        ({"confidence": "rất chắc"}, "F", "độ chắc"),
        ({"from_": "31/02/2027"}, "G", "ngày sai"),
        ({"until": "mai"}, "H", "ngày sai"),
        ({"as_of": "2026/99"}, "I", "ngày sai"),
        ({"text": "Khác.", "as_of": "01/12/2026"}, "D", "tương lai"),
        ({"text": "Khác.", "as_of": "01/12/2020"}, "D", "trước khi có xã"),
        ({"from_": "01/01/2027"}, "D", "phải để trống “từ ngày”"),
        ({"until": "01/01/2027"}, "D", "phải để trống “đến hết ngày”"),
        ({"from_": "02/01/2027", "until": "01/01/2027"}, "D", "trước ngày bắt đầu"),
    ],
)
def test_a_bad_cell_is_named(
    values: dict[str, Any], column: str, words: str, after: Callable[..., Comparison], packaged_workbook: Path
) -> None:
    row = line_of(openpyxl.load_workbook(packaged_workbook), "to-cong-nghe-so", "Lệ phí")
    faults = after(put("to-cong-nghe-so", "Lệ phí", **values)).faults
    assert any(fault.place == f"{ANSWERS}!{column}{row}" and words in fault.message for fault in faults), faults


@pytest.mark.parametrize(
    ("first_until", "second_from", "words"),
    [("28/02/2027", "28/02/2027", "chồng ngày"), ("28/02/2027", "02/03/2027", "hở ngày"), (None, None, "chồng ngày")],
)
def test_lines_of_a_part_follow_each_other_day_by_day(
    first_until: str | None, second_from: str | None, words: str, after: Callable[..., Comparison]
) -> None:
    def change(book: Workbook) -> None:
        put("to-cong-nghe-so", "Lệ phí", until=first_until)(book)
        book[ANSWERS].append(["to-cong-nghe-so", "", "Lệ phí", "Mới.", "NQ", "chắc", second_from, None, None])

    faults = after(change).faults
    assert len(faults) == 1 and words in faults[0].message and faults[0].place.startswith(f"{ANSWERS}!D")


def test_faults_of_the_profile_are_named(after: Callable[..., Comparison]) -> None:
    def change(book: Workbook) -> None:
        sheet = book[PROFILE_SHEET]
        rows = {sheet.cell(row, 1).value: row for row in range(2, sheet.max_row + 1)}
        sheet.cell(rows["desk_phone"], 3).value = 912345678
        sheet.cell(rows["hotline"], 3).value = "x" * 201
        sheet.cell(rows["email"], 3).value = "{desk}"
        sheet.cell(rows["unit.desk"], 3).value = None
        sheet.append(["fax", "", "1"])
        for name in ("Nhà văn hóa", "nhà  văn hóa"):
            book[HELP].append([name, ""])
        book[VILLAGES].append([None, "ông Một"])

    messages = [fault.message for fault in after(change).faults]
    for words in ("số 0", "dài 201", "ngoặc nhọn", "đơn vị không được để trống", "mã “fax”", "đã có ở", "thiếu tên"):
        assert any(words in message for message in messages), words


def test_a_changed_header_and_a_strange_sheet_are_named(after: Callable[..., Comparison]) -> None:
    def change(book: Workbook) -> None:
        book[ANSWERS]["D1"] = "lời"
        book.create_sheet("Trang của tôi")

    messages = [fault.message for fault in after(change).faults]
    assert any("dòng đầu đã bị sửa" in message for message in messages)
    assert any("trang lạ" in message for message in messages)


def _not_a_workbook(path: Path) -> None:
    path.write_bytes(b"id,text\n")


def _another_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.txt", "a")


def _another_workbook(path: Path) -> None:
    book = Workbook()
    book.save(path)


def _of_another_commune(path: Path) -> None:
    write_workbook(whole(overlay(commune="ha-bac"), TODAY), LIBRARY, path)


def _of_another_format(path: Path) -> None:
    _of_another_commune(path)
    book = openpyxl.load_workbook(path)
    book["Hướng dẫn"]["B3"] = FORMAT + 1
    book.save(path)


def _cut_short(path: Path) -> None:
    _of_another_commune(path)
    path.write_bytes(path.read_bytes()[:5000])


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(21):
            packed.writestr(f"{number}.xml", b"0" * 10_000_000)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_not_a_workbook, "không phải sổ tính"), (_another_zip, "không phải sổ tính"),
        (_cut_short, "không phải sổ tính"),
        (_another_workbook, "không phải do hoixa"), (_of_another_commune, "ha-bac"), (_of_another_format, "kiểu"),
        (_bomb, "lớn quá"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused(make: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.xlsx"
    make(path)
    with pytest.raises(WrongFile, match=words):
        read_workbook(path, LIBRARY, "ha-dong")


@given(st.text(max_size=60))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once and "\r" not in once


def test_the_rows_are_all_a_commune_can_edit() -> None:
    exchange: Exchange = whole(overlay(), TODAY)
    subjects = {row.subject for row in exchange.rows}
    assert len(subjects) == len(LIBRARY.topics) + 1
    assert exchange.lists == frozenset(LIST_KINDS)
