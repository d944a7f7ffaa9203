"""Word papers: the product's templates fill with nothing left over, an install's own goes first, no text is markup."""

from __future__ import annotations

import importlib.util
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from bot.papers.filling import TEMPLATES, TemplateBroken, fill, placeholders, template_path

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_paper_templates.py"
LISTS: Mapping[str, list[dict[str, str]]] = {
    "thanh_vien": [{"ten": "Bác Một", "chuc_danh": "Phòng Kinh tế", "da_cham": "có", "diem": "75,0"}] * 2,
    "tieu_chi": [{"ten": "Tính mới", "trong_so": "30", "trung_binh": "7,5", "thap_nhat": "7", "cao_nhat": "8"}] * 4,
    "y_kien": [{"ten": "Bác Một", "loi": "Nên làm thử"}],
}


def places(name: str, **changes: object) -> dict[str, object]:
    """Every place of a template, each filled with its own name."""
    plain = {place: LISTS.get(place, f"[{place}]") for place in placeholders()[name]}
    return {**plain, **changes}


def text_of(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([paragraph.text for paragraph in document.paragraphs] + cells)


def templates_of_the_script() -> Mapping[str, Any]:
    spec = importlib.util.spec_from_file_location("make_paper_templates", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: module.bytes_of(make()) for name, make in module.PAPERS.items()}


@pytest.mark.parametrize("name", sorted(placeholders()))
def test_a_template_fills_with_nothing_left_over(name: str, tmp_path: Path) -> None:
    text = text_of(fill(name, places(name), tmp_path))
    assert "{{" not in text and "{%" not in text and "%}" not in text
    assert "[ten_sang_kien]" in text and "[co_quan]" in text
    if name == "bien-ban-hoi-dong":
        assert text.count("Tính mới") == 4 and text.count("Phòng Kinh tế") == 2 and "Nên làm thử" in text


def test_the_templates_are_what_the_script_makes() -> None:
    made = templates_of_the_script()
    assert {path.stem for path in TEMPLATES.glob("*.docx")} == set(made) == set(placeholders())
    for name, content in made.items():
        packaged, fresh = (
            zipfile.ZipFile(source).read("word/document.xml")
            for source in (TEMPLATES / f"{name}.docx", io.BytesIO(content))
        )
        assert packaged == fresh, f"run scripts/make_paper_templates.py: {name}"


@pytest.mark.parametrize("name", sorted(placeholders()))
def test_templates_use_only_places_that_are_explained(name: str) -> None:
    xml = zipfile.ZipFile(TEMPLATES / f"{name}.docx").read("word/document.xml").decode()
    text = re.sub(r"<[^>]+>", "", xml)
    used = set(re.findall(r"\{\{ (\w+) \}\}", text)) | set(re.findall(r"(?:if|in) (\w+) ?%\}", text))
    assert used <= set(placeholders()[name])


def test_what_people_wrote_is_text_and_never_markup_or_a_place(tmp_path: Path) -> None:
    nasty = "<w:p>&amp;</w:p> {{ tac_gia }} {% for x in y %}\x00\x0b\x07 ]]> “ngoặc”"
    content = fill("phieu-sang-kien", places("phieu-sang-kien", van_de=nasty), tmp_path)
    assert "<w:p>&amp;</w:p> {{ tac_gia }} {% for x in y %} ]]> “ngoặc”" in text_of(content)


def test_lines_of_a_text_stay_lines(tmp_path: Path) -> None:
    content = fill("phieu-sang-kien", places("phieu-sang-kien", giai_phap="Một\nHai"), tmp_path)
    assert "Một\nHai" in text_of(content)


def _own(folder: Path, text: str, name: str = "phieu-sang-kien") -> None:
    (folder / "papers").mkdir()
    document = Document()
    document.add_paragraph(text)
    document.save(str(folder / "papers" / f"{name}.docx"))


def test_the_install_s_own_template_goes_first(tmp_path: Path) -> None:
    _own(tmp_path, "Mẫu của xã: {{ ma_so }}")
    assert text_of(fill("phieu-sang-kien", places("phieu-sang-kien"), tmp_path)) == "Mẫu của xã: [ma_so]"
    assert "Mẫu của xã" not in text_of(fill("giay-cong-nhan", places("giay-cong-nhan"), tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        "{{ khong_co_cho_nay }}",
        "{% for x %}",
        "{{ ma_so.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''.__class__ }}",
    ],
)
def test_a_template_that_asks_for_what_is_not_there_is_named(text: str, tmp_path: Path) -> None:
    _own(tmp_path, text)
    with pytest.raises(TemplateBroken) as broken:
        fill("phieu-sang-kien", places("phieu-sang-kien"), tmp_path)
    assert (broken.value.name, broken.value.reason) == ("phieu-sang-kien.docx", "place")


def test_a_file_that_is_no_word_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "giay-cong-nhan.docx").write_bytes(b"no archive")
    with pytest.raises(TemplateBroken, match="unreadable"):
        fill("giay-cong-nhan", places("giay-cong-nhan"), tmp_path)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "khac"])
def test_no_other_file_can_be_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        template_path(name, tmp_path)
