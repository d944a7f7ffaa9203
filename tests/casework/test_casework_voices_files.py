"""Teams' reports and marks as files: all of a commune, nobody named, nothing a spreadsheet would run."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from rig import OUR_OA, RESIDENT, Rig
from voices_acting import COMMUNE, do, filed

import knowledge
from bot.casework import voices_files
from bot.casework.exports import WRITERS, ExportTools, writer_of
from bot.conversation.acts import FileTeamReport, Rate
from bot.store.export_jobs import ClaimedJob


@pytest.fixture
def filled(sqlite_rig: Rig) -> Rig:
    sqlite_rig.put(
        "volunteer", oa_id=OUR_OA, user_id=RESIDENT, commune_id=COMMUNE, village="thôn đoài", enrolled_ms=1
    )  # fmt: skip
    do(sqlite_rig, filed(sqlite_rig, FileTeamReport(2, 9, "=1+1 Mạng yếu")))
    do(sqlite_rig, filed(sqlite_rig, Rate(2, "desk", "manner", "Nói to")))
    return sqlite_rig


def _file(rig: Rig, kind: str, ending: str) -> bytes:
    with rig.database.read() as connection:
        commune = knowledge.load().communes[COMMUNE]
        made = voices_files.file_of(connection, rig.vault, kind, commune, 0, rig.clock.now_ms() + 1, ending)
    assert made.name.isascii() and made.name.endswith(ending)
    return made.content


def test_reports_are_written(filled: Rig) -> None:
    text = _file(filled, voices_files.REPORTS, "csv").decode("utf-8-sig")
    header, row = text.strip().splitlines()
    assert header.startswith("Ngày,") and row.startswith("22/11/2026,") and row.endswith("2,9,'=1+1 Mạng yếu")
    assert RESIDENT not in text


def test_marks_are_written_for_excel(filled: Rig) -> None:
    sheet: Any = load_workbook(io.BytesIO(_file(filled, voices_files.MARKS, "xlsx"))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 2 and rows[1][1:5] == ("Bộ phận một cửa", 2, "Thái độ", "Nói to")


def test_a_job_reads_its_own_commune(filled: Rig, tmp_path: Path) -> None:
    tools = ExportTools(filled.database, filled.vault, filled.clock, knowledge.load(), tmp_path)
    for kind in (voices_files.REPORTS, voices_files.MARKS):
        assert kind in WRITERS
        for commune, lines in ((COMMUNE, 2), ("dai-son", 1)):
            job = _job(kind, commune)
            made = writer_of(kind)(tools, job)
            assert len(made.content.decode("utf-8-sig").strip().splitlines()) == lines


def _job(kind: str, commune: str) -> ClaimedJob:
    values: dict[str, Any] = {
        name: 0 for name in ClaimedJob.__dataclass_fields__ if name not in ("kind", "commune_id", "parameters")
    }  # fmt: skip
    return ClaimedJob(**values, kind=kind, commune_id=commune, parameters={"ending": "csv"})


def test_another_kind_or_ending_is_nobodys(filled: Rig) -> None:
    for kind, ending in (("other", "csv"), (voices_files.REPORTS, "pdf")):
        with pytest.raises(KeyError):
            _file(filled, kind, ending)
