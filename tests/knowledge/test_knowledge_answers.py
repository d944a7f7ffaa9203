"""What a resident reads: the wording of the day, names of the commune, source, honest doubts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import knowledge
from knowledge.rendering import render

TODAY = date(2026, 11, 22)
TOPIC = "topics/ho-tich/khai-sinh.yaml"


def answer(content: dict[str, Any], facet: str | None, on: date = TODAY, **contact: str) -> knowledge.Answer:
    library = knowledge.load()
    commune = library.communes["ha-dong"].overlaid(contact)
    return render(knowledge.Topic.model_validate({**content, "group": "ho-tich"}), facet, commune, on,
                  library.facet_names, library.local_facts["lich-tiep-cong-dan"])  # fmt: skip


def test_the_part_asked_comes_with_names_source_and_date(topic_content: dict[str, Any]) -> None:
    given = answer(topic_content, "fee")
    assert given.text == (
        "Phần fee: bác hỏi Trung tâm Phục vụ hành chính công xã Hà Đông.\n\n"
        "Nguồn: Luật Hộ tịch 2014 · Cập nhật 21/11/2026"
    )
    assert (given.facet, given.asked_facet_missing, given.uncertain) == ("fee", False, False)
    assert given.source == "Luật Hộ tịch 2014" and given.as_of == date(2026, 11, 21)


def test_other_parts_are_offered_most_asked_first(topic_content: dict[str, Any]) -> None:
    assert answer(topic_content, "fee").other_facets == (
        "papers", "time", "online", "place", "who", "form", "result", "overview",
    )  # fmt: skip


def test_no_part_asked_gives_the_overview(topic_content: dict[str, Any]) -> None:
    assert answer(topic_content, None).facet == "overview"


def test_a_missing_part_is_admitted_before_the_overview(topic_content: dict[str, Any]) -> None:
    given = answer(topic_content, "late")
    assert given.asked_facet_missing and given.facet == "overview"
    assert given.text.startswith(
        "Phần quá hạn và mức phạt của việc này tôi chưa có thông tin chắc chắn, "
        "bác hỏi Trung tâm Phục vụ hành chính công xã Hà Đông.\n\nPhần overview"
    )


def test_what_the_police_decide_is_asked_of_the_police(topic_content: dict[str, Any]) -> None:
    topic_content["owner_unit"] = "cong-an"
    assert "bác hỏi Công an xã Hà Đông." in answer(topic_content, "late").text


@pytest.mark.parametrize(("day", "words"), [(date(2026, 12, 31), "cũ"), (date(2027, 1, 1), "mới")])
def test_the_version_in_force_on_the_day_is_used(day: date, words: str, topic_content: dict[str, Any]) -> None:
    topic_content["facets"]["fee"] = {
        "versions": [{"until": "2026-12-31", "text": "Mức cũ"}, {"from": "2027-01-01", "text": "Mức mới"}]
    }
    assert answer(topic_content, "fee", day).text.startswith(f"Mức {words}")


def test_a_day_without_version_is_a_missing_part_not_an_old_rule(topic_content: dict[str, Any]) -> None:
    topic_content["facets"]["fee"] = {"versions": [{"until": "2026-10-31", "text": "Mức cũ"}]}
    given = answer(topic_content, "fee")
    assert given.asked_facet_missing and "Mức cũ" not in given.text
    assert "fee" in given.other_facets


def test_an_overview_without_version_still_answers_and_warns(topic_content: dict[str, Any]) -> None:
    topic_content["facets"]["overview"] = {"versions": [{"until": "2026-10-31", "text": "Cũ"}]}
    given = answer(topic_content, None)
    assert given.text.startswith("Cũ\n\nLưu ý:") and given.uncertain


def test_low_confidence_is_flagged(topic_content: dict[str, Any]) -> None:
    topic_content["facets"]["fee"]["confidence"] = "low"
    given = answer(topic_content, "fee")
    assert given.uncertain and "chưa thật chắc chắn" in given.text


@pytest.mark.parametrize("words", ["Mức này cần hỏi lại {desk}.", "Số ngày tôi chưa có thông tin chắc chắn."])
def test_doubt_the_text_tells_itself_is_not_told_twice(words: str, topic_content: dict[str, Any]) -> None:
    topic_content["facets"]["fee"] = {"text": words, "confidence": "low"}
    given = answer(topic_content, "fee")
    assert given.uncertain and "Lưu ý" not in given.text


def test_an_overdue_review_says_since_when(topic_content: dict[str, Any]) -> None:
    assert not answer(topic_content, "fee", date(2027, 3, 1)).uncertain
    given = answer(topic_content, "fee", date(2027, 3, 2))
    assert given.uncertain and "chưa được rà soát lại từ 21/11/2026" in given.text


def test_a_facet_may_have_its_own_source(topic_content: dict[str, Any]) -> None:
    topic_content["facets"]["fee"]["source"] = "NQ 23/2026/NQ-HĐND"
    assert answer(topic_content, "fee").source == "NQ 23/2026/NQ-HĐND"
    assert "Nguồn: NQ 23/2026/NQ-HĐND · Cập nhật" in answer(topic_content, "fee").text


def test_what_the_commune_published_comes_first(topic_content: dict[str, Any]) -> None:
    given = answer(topic_content, "time", reception_days="thứ Năm hằng tuần")
    assert given.text.startswith("Xã Hà Đông thông báo:\n• Lịch tiếp công dân: thứ Năm hằng tuần\n\nPhần time")
    assert "thông báo" not in answer(topic_content, "fee", reception_days="thứ Năm hằng tuần").text


def test_unknown_topic_and_facet_are_errors() -> None:
    library = knowledge.load()
    commune = library.communes["ha-dong"]
    with pytest.raises(KeyError):
        library.answer("ly-hon", None, commune, TODAY)
    with pytest.raises(ValueError, match="price"):
        library.answer("khai-sinh", "price", commune, TODAY)


def test_a_library_on_disk_answers(folder: Path) -> None:
    library = knowledge.load_from(folder)
    commune = library.communes["ha-dong"]
    assert library.answer("khai-sinh", "papers", commune, TODAY).facet == "papers"
    assert library.point_elsewhere("ly-hon-toa-an", commune) == "Ly hôn do Tòa án giải quyết."


def test_a_topic_calls_its_parts_by_what_is_in_them_and_offers_those_people_ask() -> None:
    library = knowledge.load()
    assert library.part_name("khai-sinh", "fee") == "Lệ phí"
    assert library.part_name("tro-cap-xa-hoi", "fee") == "Số tiền được nhận"
    others = library.topics["dia-chi-lien-he"].other_facets("overview")
    offered, rest = library.parts_offered("dia-chi-lien-he", others)
    assert offered == ("place", "who", "time", "online")
    assert sorted((*offered, *rest)) == sorted(others)
    every = library.topics["khai-sinh"].other_facets("overview")
    assert library.parts_offered("khai-sinh", every) == (every, ())


def test_names_of_parts_that_no_topic_has_are_faults(folder: Path) -> None:
    parts = "khai-sinh: {names: {late: Quá hạn, fee: " + "x" * 31 + "}}\nkhong-co: {offered: [fee]}\n"
    (folder / "topic_parts.yaml").write_text(parts, encoding="utf-8")
    problems = [(problem.where, problem.message) for problem in knowledge.load_from(folder).check()
                if problem.file == "topic_parts.yaml"]  # fmt: skip
    assert ("khai-sinh.late", "chủ đề không có phần late") in problems
    assert ("khai-sinh.names.fee", "tên trên nút dài quá 30 ký tự") in problems
    assert any(where == "khong-co" for where, _ in problems)
