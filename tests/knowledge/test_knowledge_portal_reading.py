"""Reading lists and records: what is taken, what is left out, and what hostile or broken files come to."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import portal
from knowledge.portal.cleaning import cleaned, cleaned_lines
from knowledge.portal.drafting import LONGEST_DRAFT, MOST_LINES
from knowledge.portal.lists import ListInvalid, read_list
from knowledge.portal.procedure import Listing, Record
from knowledge.portal.reading import LARGEST_FILE, read_import
from knowledge.portal.records import RecordInvalid, read_record
from knowledge.wording import faults_of_answer

SAMPLE = (Path(__file__).parent / "samples/portal-record.json").read_text("utf-8")
HEADING = "code\tname\tstatus\tas_of\tfield\tformality_id\treplaced_by"
ROW = "1.000001\tĐăng ký việc thử\tcurrent\t2026-11-01\tHộ tịch\t\t"


def _changed(change: Callable[[dict], None]) -> str:  # type: ignore[type-arg]
    document = json.loads(SAMPLE)
    change(document["data"])
    return json.dumps(document)


def test_the_sample_record_is_drafted_from_the_right_fields() -> None:
    record = read_record(SAMPLE)
    assert record.code == "9.999901"
    assert record.name == "Thủ tục đăng ký mượn xe đạp công cộng của xã (mẫu thử)"
    assert record.formality_id == "00000000-0000-7000-8000-000000000001"
    assert record.updated == date(2099, 1, 2)  # midnight in Vietnam is the day before in UTC
    assert (record.fees, record.working_days) == ((3000,), 2)
    assert list(record.facets) == ["papers", "fee", "time", "online", "who", "result"]
    papers = record.facets["papers"]
    handed_in, shown = papers.split("Xuất trình:")
    shown, conditional = shown.split("Chỉ khi thuộc trường hợp:")
    assert "Tờ khai mượn xe" in handed_in and "trưởng thôn" in handed_in
    assert "tùy thân" in shown
    assert "mượn hộ" in conditional
    # Notes, headings and components without a quantity are no papers.
    notes = ("bản điện tử", "các giấy tờ sau", "Xe chỉ dùng", "không phải xuất trình")
    assert not any(note in papers for note in notes)
    assert "3.000 đồng/thẻ" in record.facets["fee"]


def test_a_service_fee_of_nothing_is_silence_not_a_gift() -> None:
    record = read_record(_changed(lambda data: data["executionMethods"].pop()))
    assert "fee" not in record.facets
    assert record.fees == ()


def test_methods_of_missions_abroad_are_left_out() -> None:
    def abroad(data: dict) -> None:  # type: ignore[type-arg]
        data["executionMethods"][2]["description"] = "Tại cơ quan đại diện Việt Nam ở nước ngoài"

    assert "fee" not in read_record(_changed(abroad)).facets


def test_cases_that_disagree_about_time_go_to_a_person() -> None:
    def disagree(data: dict) -> None:  # type: ignore[type-arg]
        data["cases"][0]["processingDay"]["qty"] = 5

    record = read_record(_changed(disagree))
    assert record.working_days is None
    assert "time" not in record.facets


def test_html_in_fields_is_stripped_and_huge_fields_are_cut() -> None:
    def hostile(data: dict) -> None:  # type: ignore[type-arg]
        data["name"] = "<b>Đăng ký</b>&lt;script&gt;alert(1)&lt;/script&gt; xe<script>x()</script> {desk}"
        component = data["executionCases"][0]["profileComponents"][2]
        component["name"] = "<p>Giấy <a href='http://x.example'>xác nhận</a></p>" + " rất dài" * 100_000
        data["resultsDetails"][0]["name"] = "Thẻ\u202e\u0000 mượn <img src=x onerror=y"

    record = read_record(_changed(hostile))
    assert record.name == "Đăng ký xe (desk)"
    text = "\n".join(record.facets.values())
    assert not any(mark in text for mark in ("<", ">", "href", "\u202e", "\u0000", "onerror"))
    assert all(len(part) <= LONGEST_DRAFT for part in record.facets.values())


def test_drafts_keep_to_what_an_answer_may_be() -> None:
    def many(data: dict) -> None:  # type: ignore[type-arg]
        one = data["executionCases"][0]["profileComponents"][2]
        data["executionCases"][0]["profileComponents"] = [
            {**one, "name": f"- Giấy tờ số {number} do cơ quan có thẩm quyền cấp"} for number in range(60)
        ]

    papers = read_record(_changed(many)).facets["papers"]
    assert list(faults_of_answer(papers)) == []
    assert papers.count("• ") == MOST_LINES
    assert papers.splitlines()[-1].startswith("Còn giấy tờ khác")


def test_capitals_and_a_full_stop_in_a_name_are_mended() -> None:
    record = read_record(_changed(lambda data: data.update(name="THỦ TỤC  ĐĂNG KÝ XE (CẤP TỈNH). ")))
    assert record.name == "Thủ tục đăng ký xe (cấp tỉnh)"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"code": "ERROR", "data": {"id": "x"}}',
        '{"code": "OK", "data": null}',
        '{"code": "OK", "data": {"id": ""}}',
        "[" * 100_000,
        _changed(lambda data: data.update(code="1.1")),
        _changed(lambda data: data.update(name="")),
        _changed(lambda data: data.update(name=["x"])),
        _changed(lambda data: data.update(updatedAt="hôm qua")),
        _changed(lambda data: data.update(updatedAt=10**30)),
    ],
)
def test_what_is_no_record_is_refused(content: str) -> None:
    with pytest.raises(RecordInvalid):
        read_record(content)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(sorted(json.loads(SAMPLE)["data"])), ANYTHING)
def test_an_odd_field_never_breaks_the_reader(field: str, value: object) -> None:
    document = json.loads(SAMPLE)
    document["data"][field] = value
    try:
        record = read_record(json.dumps(document))
    except RecordInvalid:
        return
    assert Record.from_json(record.to_json()) == record


def test_documents_come_back_as_they_were() -> None:
    record = read_record(SAMPLE)
    assert Record.from_json(record.to_json()) == record
    for listing in portal.packaged_listings():
        assert Listing.from_json(listing.to_json()) == listing


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("code\tname\nx\ty\n", "thiếu cột status, as_of"),
        (f"{HEADING}\n{ROW}\tthừa\n", "dòng 2"),
        (f"{HEADING}\n{ROW}\n{ROW}\n", "hai lần"),
        (f"{HEADING}\n{ROW.replace('1.000001', '1.01')}\n", "mã thủ tục sai"),
        (f"{HEADING}\n{ROW.replace('current', 'valid')}\n", "status lạ"),
        (f"{HEADING}\n{ROW.replace('2026-11-01', '1/11/2026')}\n", "ngày sai"),
        (f"{HEADING}\n{ROW.replace('2026-11-01', '')}\n", "ngày sai"),
        (f"{HEADING}\n{ROW.replace('Đăng ký việc thử', '<b></b>')}\n", "tên để trống"),
        (f"{HEADING}\n{ROW.replace('Đăng ký việc thử', 'x' * 2001)}\n", "dài quá"),
        (f"{HEADING}\n1.000001\tTên\tcurrent\t2026-11-01\t\tkhông-phải-uuid\t\n", "UUID"),
        (f"{HEADING}\n1.000001\tTên\tcurrent\t2026-11-01\t\t\t1.1\n", "mã thủ tục sai"),
    ],
)
def test_a_fault_in_a_list_is_named_with_its_line(content: str, told: str) -> None:
    with pytest.raises(ListInvalid, match=told):
        read_list(content)


def test_a_list_may_come_from_windows() -> None:
    assert [one.code for one in read_list(f"\ufeff{HEADING}\r\n{ROW}\r\n\r\n")] == ["1.000001"]


def test_a_folder_is_read_whole_and_broken_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "list.tsv").write_text(f"{HEADING}\n{ROW}\n", "utf-8")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/record.json").write_text(SAMPLE, "utf-8")
    (tmp_path / "notes.txt").write_text("không đọc", "utf-8")
    found = read_import(tmp_path)
    assert (list(found.listings), list(found.records), found.problems) == (["1.000001"], ["9.999901"], ())
    (tmp_path / "old.tsv").write_bytes(f"{HEADING}\n{ROW}\n".encode("utf-16"))
    (tmp_path / "broken.json").write_text('{"code": ', "utf-8")
    (tmp_path / "again.json").write_text(SAMPLE, "utf-8")
    told = {problem.file: problem.message for problem in read_import(tmp_path).problems}
    assert "UTF-8" in told["old.tsv"]
    assert "JSON" in told["broken.json"]
    assert "hai lần" in told["deep/record.json"]


def test_other_kinds_empty_folders_and_huge_files_are_refused(tmp_path: Path) -> None:
    assert read_import(tmp_path).problems
    other = tmp_path / "list.xlsx"
    other.write_bytes(b"PK")
    assert "loại tệp" in read_import(other).problems[0].message
    huge = tmp_path / "huge.tsv"
    with huge.open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    assert "lớn quá" in read_import(huge).problems[0].message


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text(SAMPLE, "utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.json").symlink_to(outside)
    assert read_import(folder).records == {}


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.integers(0, 120))
def test_cleaned_text_is_one_short_harmless_line(text: str, longest: int) -> None:
    line = cleaned(text, longest)
    assert len(line) <= longest
    assert not set(line) & set("<>{}\n\r\t\u202e\u0000")
    assert len("\n".join(cleaned_lines(text, longest))) <= max(longest, 0) + 1


def test_cleaning_ends_soon_on_what_is_made_to_be_slow() -> None:
    for text in ("<" * 50_000, "<script" * 10_000, "<br " * 20_000, "&" * 50_000, "{" * 50_000, "<a " + "b=" * 30_000):
        assert len(cleaned(text, 100)) <= 100
