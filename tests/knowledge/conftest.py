"""A small library on disk that is free of faults, so that each test can plant exactly one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import knowledge
from knowledge.loader import PACKAGED_FOLDER

Content = dict[str, object]
Plant = Callable[[str, Callable[[Content], None]], list[knowledge.Problem]]

PROCEDURE_FACETS = ("overview", "papers", "fee", "time", "place", "online", "form", "who", "result")


def sound_topic() -> Content:
    return {
        "id": "khai-sinh",
        "name": "Đăng ký khai sinh",
        "short": "Khai sinh",
        "procedure_code": "1.001193",
        "also_codes": [],
        "owner_unit": "hanh-chinh-cong",
        "as_of": "2026-11-21",
        "review_by": "2027-03-01",
        "source": "Luật Hộ tịch 2014",
        "legal_basis": ["Luật Hộ tịch số 60/2014/QH13"],
        "facets": {
            name: {"text": f"Phần {name}: bác hỏi {{desk}}.", "confidence": "high"} for name in PROCEDURE_FACETS
        },
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One topic, one commune, one pointer: all sound."""
    for name in ("facets.yaml", "communes/ha-dong.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(PACKAGED_FOLDER / name, tmp_path / name)
    (tmp_path / "topics.tsv").write_text(
        "id\tgroup\tname_vi\tscope\nkhai-sinh\tho-tich\tĐăng ký khai sinh\t\n", encoding="utf-8"
    )
    write(tmp_path / "topics/ho-tich/khai-sinh.yaml", sound_topic())
    write(
        tmp_path / "pointers.yaml",
        {"ly-hon-toa-an": {"name": "Ly hôn", "text": "Ly hôn do Tòa án giải quyết.", "related": ["khai-sinh"]}},
    )
    write(tmp_path / "local_facts.yaml", {"khai-sinh": {"facets": ["place"], "fields": ["hotline"]}})
    return tmp_path


def write(path: Path, content: Content) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


@pytest.fixture
def plant(folder: Path) -> Plant:
    """Change one file of the sound library and return what `check` says about it."""

    def change_and_check(file: str, change: Callable[[Content], None]) -> list[knowledge.Problem]:
        content = yaml.safe_load((folder / file).read_text(encoding="utf-8"))
        change(content)
        write(folder / file, content)
        return knowledge.load_from(folder).check()

    return change_and_check


@pytest.fixture
def topic_content() -> Content:
    return sound_topic()
