"""Checklists agree with the papers part of their topic and vanish when it changes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import knowledge
from knowledge.checklists import Checklist, ChecklistItem, faults, is_complete, read_checklists
from knowledge.schema import Facet

LIBRARY = knowledge.load()
AUTUMN = date(2026, 11, 22)
NOT_A_PAPER = {
    "can-cuoc-tre-em": ("• Dưới 6 tuổi: không lấy ảnh",),
    "tam-tru": ("• Giấy tờ đã có trong dữ liệu", "• Giấy tờ chỗ ở, nếu ở nhà người thân"),
    "khai-sinh-lien-thong": ("• Không cần nữa", "• Trẻ về nơi thường trú"),
    "khai-sinh-nuoc-ngoai": ("• Giấy nước ngoài: hợp pháp hóa",),
}
"""Lines of a papers part that name nothing to bring."""


def test_every_topic_of_civil_status_certification_and_residence_has_one() -> None:
    groups = [topic for topic in LIBRARY.topics.values() if topic.group in ("ho-tich", "chung-thuc", "cu-tru")]
    assert len(groups) == 37
    # Telling the police of a guest takes no paper at all.
    assert {topic.id for topic in groups} - set(LIBRARY.checklists) == {"luu-tru"}


def test_the_packaged_lists_have_no_fault_and_are_all_in_force() -> None:
    assert list(faults(LIBRARY.checklists, LIBRARY.topics)) == []
    commune = LIBRARY.communes["ha-dong"]
    assert [topic for topic in LIBRARY.checklists if not LIBRARY.checklist(topic, commune, AUTUMN)] == []


@pytest.mark.parametrize("topic", sorted(LIBRARY.checklists))
def test_every_line_of_the_papers_has_its_item(topic: str) -> None:
    text = LIBRARY.topics[topic].facets["papers"].text_on(AUTUMN)
    assert text is not None
    for line in text.splitlines():
        if line.startswith("• ") and not line.startswith(NOT_A_PAPER.get(topic, ("never",))):
            assert any(item.text.casefold() in line.casefold() for item in LIBRARY.checklists[topic]), line


def test_a_list_is_not_offered_once_the_papers_change_by_date_or_by_staff() -> None:
    commune = LIBRARY.communes["ha-dong"]
    assert LIBRARY.checklist("sang-ten-so-do", commune, date(2027, 2, 28))
    assert LIBRARY.checklist("sang-ten-so-do", commune, date(2027, 3, 1)) == ()
    topic = LIBRARY.topics["khai-sinh"]
    edited = topic.model_copy(update={"facets": {**topic.facets, "papers": Facet(text="Nộp: tờ khai.")}})
    assert LIBRARY.checklist("khai-sinh", commune.with_topics({"khai-sinh": edited}), AUTUMN) == ()


def test_faults_are_named() -> None:
    item = ChecklistItem("a", "submit", "Giấy không có")
    checklists: dict[str, Checklist] = {"khai-sinh": (item, item), "la": (item,)}
    said = [problem.where for problem in faults(checklists, LIBRARY.topics)]
    assert said == ["khai-sinh.a"] * 4 + ["la"]
    lost = {"khai-sinh": (ChecklistItem("b", "submit", "Giấy chứng sinh", instead_of="z"),)}
    assert [problem.where for problem in faults(lost, LIBRARY.topics)] == ["khai-sinh.b"]


def test_only_what_everybody_needs_must_be_there() -> None:
    checklist = (
        ChecklistItem("a", "submit", "A"),
        ChecklistItem("b", "submit", "B", when="nếu có"),
        ChecklistItem("c", "submit", "C", when="không có A", instead_of="a"),
    )
    assert is_complete(checklist, ["a"])
    assert is_complete(checklist, ["c"])
    assert not is_complete(checklist, ["b"])
    assert not is_complete((checklist[1],), [])


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checklists.tsv"
    path.write_text("topic\tid\tkind\ttext\twhen\tinstead_of\nkhai-sinh\ta\tburn\tA\t\t\n", "utf-8")
    with pytest.raises(ValueError, match="burn"):
        read_checklists(path)
    assert read_checklists(tmp_path / "none.tsv") == {}
