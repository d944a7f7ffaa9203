"""Sổ theo dõi sáng kiến: the list an official was looking at, as a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import Connection

from bot.cases.initiative_fields import author_kinds, initiative_fields, stages
from bot.cases.lifecycle import lifecycle, reasons
from bot.cases.routing import unit_name, village_name
from bot.casework.exports import XLSX, ExportFile, ExportTools
from bot.casework.tables_out import Cell, as_xlsx
from bot.papers.initiative_data import PaperNames, author_of, day_of, names_of, word
from bot.store import council, initiative_work
from bot.store.case_lists import CaseFilter, list_cases
from bot.store.case_records import Case
from bot.store.council import Progress
from bot.store.export_jobs import ClaimedJob

AT_ONCE = 200
MOST = 20_000
COLUMNS: Mapping[str, int] = {
    "number": 5,
    "code": 12,
    "sent": 12,
    "title": 40,
    "author": 22,
    "co_authors": 22,
    "author_kind": 18,
    "phone": 14,
    "village": 18,
    "field": 22,
    "problem": 50,
    "proposal": 50,
    "benefit": 40,
    "stage": 16,
    "campaign": 24,
    "unit": 24,
    "supporters": 9,
    "score": 12,
    "state": 16,
    "reason": 24,
}
"""Column to width, in the order of the book."""


def filter_of(parameters: Mapping[str, Any], commune_id: str) -> CaseFilter:
    """The filter a page wrote down, held to this commune and to initiatives whatever it says."""
    known = {one.name for one in fields(CaseFilter)}
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in parameters.items() if name in known
    }
    wanted = CaseFilter(**given)
    return replace(wanted, commune_id=commune_id, kind="initiative")


def write_register(tools: ExportTools, job: ClaimedJob) -> ExportFile:
    """The workbook. Its parameters are the fields of a ``CaseFilter``."""
    wanted = filter_of(job.parameters, job.commune_id)
    with tools.database.read() as connection:
        names = names_of(connection, tools, job.commune_id)
        rows = list(_rows(connection, tools, wanted, names))
    header = [word(f"column_{name}") for name in COLUMNS]
    content = as_xlsx(word("sheet_title"), header, rows, list(COLUMNS.values()))
    day = names.now.strftime("%Y-%m-%d")
    return ExportFile(f"so-theo-doi-sang-kien-{job.commune_id}-{day}.xlsx", XLSX, content)


def _rows(
    connection: Connection, tools: ExportTools, wanted: CaseFilter, names: PaperNames
) -> Iterator[Sequence[Cell]]:
    number = 0
    for offset in range(0, MOST, AT_ONCE):
        lines = list_cases(connection, tools.vault, wanted, order="oldest", limit=AT_ONCE, offset=offset)
        codes = [line.head.code for line in lines]
        opened = initiative_work.read_cases(connection, tools.vault, wanted.commune_id, codes)
        progress = council.progress(connection, wanted.commune_id, codes)
        for code in codes:
            number += 1
            yield _row(number, opened[code], progress.get(code), names)
        if len(lines) < AT_ONCE:
            return


def _row(number: int, case: Case, progress: Progress | None, names: PaperNames) -> Sequence[Cell]:
    head, said = case.head, case.words
    field, reason = initiative_fields().get(head.category), reasons().get(head.reason)
    scored = progress is not None and progress.result_percent is not None
    cells: Mapping[str, Cell] = {
        "number": number,
        "code": head.code,
        "sent": day_of(head.created_ms),
        "title": said.title or case.gist,
        "author": author_of(case),
        "co_authors": said.co_authors,
        "author_kind": author_kinds().get(head.author_kind, head.author_kind),
        "phone": case.contact.phone if case.contact is not None else "",
        "village": village_name(head.village, names.commune) if head.village else "",
        "field": head.category if field is None else field.name,
        "problem": said.problem,
        "proposal": said.proposal,
        "benefit": said.benefit,
        "stage": stages().get(head.stage, head.stage),
        "campaign": names.campaigns.get(head.campaign_id, ""),
        "unit": unit_name(head.unit, names.commune) or "",
        "supporters": head.supporters,
        "score": round(progress.result_percent or 0.0, 1) if scored and progress is not None else None,
        "state": lifecycle("initiative").states[head.state].staff,
        "reason": "" if reason is None else reason.name,
    }
    return [cells[name] for name in COLUMNS]
