"""`Library.check` finds each kind of fault, and finds nothing in a sound library."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import knowledge

TOPIC = "topics/ho-tich/khai-sinh.yaml"
Change = Callable[[dict[str, Any]], object]


def text(words: str, facet: str = "fee") -> Change:
    return lambda topic: topic["facets"][facet].update(text=words)


def versions(*spans: tuple[str | None, str | None]) -> Change:
    entries = [
        {key: day for key, day in (("from", start), ("until", until)) if day} | {"text": "Không mất tiền."}
        for start, until in spans
    ]
    return lambda topic: topic["facets"].update(fee={"versions": entries})


def put(**values: object) -> Change:
    return lambda topic: topic.update(values)


def without(*keys: str) -> Change:
    return lambda topic: [topic.pop(key) for key in keys]


FAULTS: dict[str, tuple[Change, str, str]] = {
    "missing facet": (lambda topic: topic["facets"].pop("papers"), "facets.papers", "thiếu phần này"),
    "no overview": (lambda topic: topic["facets"].pop("overview"), "", "thiếu phần overview"),
    "unknown facet": (
        lambda topic: topic["facets"].update(price={"text": "Không mất tiền."}), "facets.price", "không có phần nào"),
    "facet without text": (lambda topic: topic["facets"].update(fee={}), "facets.fee", "text, hoặc versions"),
    "empty text": (text(""), "facets.fee.text", "chữ để trống"),
    "missing source": (without("source"), "source", "thiếu trường"),
    "empty source": (put(source=""), "source", "thiếu nguồn"),
    "empty source of a facet": (
        lambda topic: topic["facets"]["fee"].update(source=""), "facets.fee.source", "thiếu nguồn"),
    "long source": (put(source="a" * 161), "source", "tối đa 160"),
    "missing date": (without("as_of"), "as_of", "thiếu trường"),
    "date that is no date": (put(as_of="21/11/2026"), "as_of", "ngày sai"),
    "date before communes existed": (put(as_of="2024-01-01"), "as_of", "ngày xem lạ"),
    "review before the look": (put(review_by="2026-11-20"), "review_by", "không sau ngày xem"),
    "review in the far future": (put(review_by="2030-01-01"), "review_by", "xa quá"),
    "long text": (text("a" * 601), "facets.fee.text", "tối đa 600"),
    "long list": (text("\n".join(["• dòng"] * 8)), "facets.fee.text", "danh sách có 8 dòng"),
    "unknown placeholder": (text("Bác hỏi {mayor}."), "facets.fee.text", "chỗ trống lạ"),
    "brace": (text("Bác hỏi {desk."), "facets.fee.text", "ngoặc nhọn"),
    "own source line": (text("Không mất tiền.\nNguồn: Luật"), "facets.fee.text", "tự ghi dòng nguồn"),
    "markdown": (text("**Không** mất tiền."), "facets.fee.text", "định dạng"),
    "unknown reference": (put(related=["ly-hon"]), "related", "chủ đề không có: ly-hon"),
    "gap in versions": (versions((None, "2026-12-31"), ("2027-01-02", None)), "facets.fee.versions.1", "hở ngày"),
    "overlap in versions": (versions((None, "2027-01-01"), ("2027-01-01", None)), "facets.fee.versions.1", "chồng"),
    "two open versions": (versions((None, None), ("2027-01-01", None)), "facets.fee.versions.1", "chồng nhau"),
    "versions begin late": (versions(("2026-01-01", None)), "facets.fee.versions.0", "để trống from"),
    "versions end": (versions((None, "2026-12-31")), "facets.fee.versions.0", "để trống until"),
    "version backwards": (
        versions((None, "2026-12-31"), ("2027-01-01", "2026-05-01"), ("2027-01-02", None)),
        "facets.fee.versions.1", "kết thúc trước"),
    "long button title": (put(short="a" * 31), "short", "30 ký tự"),
    "name beyond Zalo's limit": (put(name="a" * 101), "name", "giới hạn nút bấm của Zalo"),
    "unknown owner unit": (put(owner_unit="so-y-te"), "owner_unit", "đơn vị phụ trách lạ"),
    "unknown key": (put(colour="red"), "colour", "trường lạ"),
    "unknown confidence": (
        lambda topic: topic["facets"]["fee"].update(confidence="sure"), "facets.fee.confidence", "danh sách cho phép"),
    "id unlike the file": (put(id="khai-tu"), "id", "khác tên tệp"),
    "code without quotes": (put(procedure_code=1.001193), "procedure_code", "phải là chữ"),
}  # fmt: skip


def test_a_sound_library_has_no_faults(folder: Path) -> None:
    assert knowledge.load_from(folder).check() == []


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_of_a_topic_is_found_where_it_is(kind: str, plant: Any) -> None:
    change, where, message = FAULTS[kind]
    problems = plant(TOPIC, change)
    assert [problem for problem in problems if problem.where == where and message in problem.message], problems
    assert {problem.file for problem in problems} == {TOPIC}


@pytest.mark.parametrize("words", ["Hoà bình", "thuỷ lợi", "sức khoẻ", "tố cáo hoá đơn", "xoá tên", "quỳ, luỹ tre"])
def test_old_tone_marks_are_found_with_their_line(words: str, plant: Any) -> None:
    problems = plant(TOPIC, text(words))
    assert [problem for problem in problems if "dấu thanh kiểu cũ" in problem.message and "dòng" in problem.where]


@pytest.mark.parametrize("words", ["hòa, thủy, hóa, khỏe, xóa", "quý vị, quỹ, quỳ, Quý", "hoàn toàn, thuyết, khoảng"])
def test_modern_tone_marks_are_no_fault(words: str, plant: Any) -> None:
    assert plant(TOPIC, text(words)) == []


def test_decomposed_letters_are_found(plant: Any) -> None:
    problems = plant(TOPIC, text(unicodedata.normalize("NFD", "Không mất tiền.")))
    assert [problem for problem in problems if "NFC" in problem.message]


def test_missing_topic_is_found(folder: Path) -> None:
    (folder / TOPIC).unlink()
    problems = knowledge.load_from(folder).check()
    assert [problem for problem in problems if problem.file == TOPIC and "thiếu chủ đề khai-sinh" in problem.message]


def test_topic_outside_the_catalogue_is_found(folder: Path) -> None:
    (folder / TOPIC).rename((folder / TOPIC).with_name("khai-gi.yaml"))
    content = (folder / TOPIC).with_name("khai-gi.yaml")
    content.write_text(content.read_text(encoding="utf-8").replace("id: khai-sinh", "id: khai-gi"), encoding="utf-8")
    problems = knowledge.load_from(folder).check()
    assert [problem for problem in problems if "không có trong topics.tsv" in problem.message]


def test_wrong_group_folder_is_found(folder: Path) -> None:
    (folder / "topics/dat-dai").mkdir()
    (folder / TOPIC).rename(folder / "topics/dat-dai/khai-sinh.yaml")
    problems = knowledge.load_from(folder).check()
    assert [problem for problem in problems if "phải nằm ở topics/ho-tich/" in problem.message]


def test_broken_yaml_names_its_line_and_leaves_the_rest_working(folder: Path) -> None:
    (folder / TOPIC).write_text("id: khai-sinh\nname: [\n", encoding="utf-8")
    library = knowledge.load_from(folder)
    assert "khai-sinh" not in library.topics and "ha-dong" in library.communes
    assert [problem for problem in library.check() if "không đọc được YAML (dòng 3)" in problem.message]


def test_faults_of_pointers_are_found(plant: Any) -> None:
    def change(pointers: dict[str, Any]) -> None:
        pointers["ly-hon-toa-an"].update(related=["ly-hon"], text="Hỏi {court}.")

    messages = {problem.message for problem in plant("pointers.yaml", change)}
    assert messages == {"nhắc tới chủ đề không có: ly-hon", "chỗ trống lạ: {court}"}


def test_faults_of_facet_names_are_found(plant: Any) -> None:
    def change(names: dict[str, Any]) -> None:
        del names["late"]
        names["fee"]["name"] = "Lệ phí phải nộp khi làm việc này"

    assert {problem.where for problem in plant("facets.yaml", change)} == {"late", "fee.name"}


def test_faults_of_a_commune_are_found(plant: Any) -> None:
    def change(commune: dict[str, Any]) -> None:
        commune["unit_code"] = "108"
        commune["units"] = [unit for unit in commune["units"] if unit.get("role") != "police"]

    messages = [problem.message for problem in plant("communes/ha-dong.yaml", change)]
    assert len(messages) == 2 and any("police" in message for message in messages)


def test_faults_of_local_facts_are_found(plant: Any) -> None:
    def change(facts: dict[str, Any]) -> None:
        facts["khai-sinh"] = {"facets": ["price"], "fields": ["fax"]}

    assert {problem.where for problem in plant("local_facts.yaml", change)} == {"khai-sinh.facets", "khai-sinh.fields"}


def test_a_day_adds_overdue_reviews_and_looks_in_the_future(folder: Path) -> None:
    library = knowledge.load_from(folder)
    assert [problem.where for problem in library.check(date(2027, 3, 2))] == ["review_by"]
    assert [problem.where for problem in library.check(date(2026, 11, 20))] == ["as_of"]
    assert library.check(date(2027, 3, 1)) == []
