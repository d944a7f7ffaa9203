"""A list of reports as a file: what a page streams for a short list, and what a worker writes for a long one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.cases.categories import categories, levels
from bot.cases.lifecycle import lifecycle, reasons
from bot.cases.routing import unit_name, village_name
from bot.casework import tables_out
from bot.casework.communes import commune_at
from bot.casework.exports import CSV, XLSX, ExportFile, ExportTools
from bot.casework.tables_out import Cell
from bot.catalogue import Catalogue
from bot.clock import VIETNAM, from_ms
from bot.encryption import Vault
from bot.store import case_lists
from bot.store.case_lists import CaseFilter
from bot.store.case_records import CaseLine
from bot.store.export_jobs import ClaimedJob
from knowledge import Commune

WORDS = Catalogue(Path(__file__).parent / "case_list_words.yaml")
COLUMNS: Mapping[str, int] = {
    "code": 13, "state": 16, "gist": 60, "category": 20, "level": 10, "village": 18, "unit": 28, "assignee": 26,
    "source": 16, "people": 9, "created": 17, "due": 17, "resolved": 17, "late": 9, "reopened": 9, "reason": 26,
}  # fmt: skip
"""Column → its width in Excel. No name, phone or word of a resident beside the masked gist."""
SLICE = 500
MEDIA = {"csv": CSV, "xlsx": XLSX}


def header() -> list[str]:
    """The first row."""
    return [WORDS.word(f"column_{name}") for name in COLUMNS]


def _moment(value: int | None) -> str:
    return "" if value is None else from_ms(value).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def row_of(line: CaseLine, commune: Commune, now_ms: int) -> list[Cell]:
    """One report."""
    head = line.head
    category, level, reason = categories().get(head.category), levels().get(head.level), reasons().get(head.reason)
    is_late = head.due_ms is not None and head.due_ms < now_ms
    return [
        head.code,
        lifecycle(head.kind).states[head.state].staff,
        line.gist,
        head.category if category is None else category.name,
        "" if level is None else level.name,
        village_name(head.village, commune) if head.village else "",
        unit_name(head.unit, commune),
        head.assignee,
        WORDS.word(f"source_{head.source}"),
        head.people,
        _moment(head.created_ms),
        _moment(head.due_ms),
        _moment(head.resolved_ms),
        WORDS.word("yes") if is_late else "",
        head.reopened,
        "" if reason is None else reason.name,
    ]


def rows_of(connection: Any, vault: Vault, wanted: CaseFilter, commune: Commune, now_ms: int) -> Iterator[list[Cell]]:
    """Every report of a filter, newest first, read in slices."""
    offset = 0
    while True:
        lines = case_lists.list_cases(connection, vault, wanted, order="newest", limit=SLICE, offset=offset)
        yield from (row_of(line, commune, now_ms) for line in lines)
        if len(lines) < SLICE:
            return
        offset += SLICE


def file_of(
    connection: Any, vault: Vault, wanted: CaseFilter, commune: Commune, now_ms: int, ending: str
) -> ExportFile:
    """The list as ``csv`` or ``xlsx``. KeyError for another ending."""
    media_type, rows = MEDIA[ending], rows_of(connection, vault, wanted, commune, now_ms)
    day = from_ms(now_ms).astimezone(VIETNAM).strftime("%Y%m%d-%H%M")
    name = f"phan-anh-{wanted.commune_id}-{day}.{ending}"
    if ending == "csv":
        return ExportFile(name, media_type, "".join(tables_out.as_csv(header(), rows)).encode())
    content = tables_out.as_xlsx(WORDS.word("sheet"), header(), rows, list(COLUMNS.values()))
    return ExportFile(name, media_type, content)


def parameters_of(wanted: CaseFilter, ending: str) -> dict[str, object]:
    """What a job carries."""
    return {"filter": asdict(wanted), "ending": ending}


def write_list(tools: ExportTools, job: ClaimedJob) -> ExportFile:
    """In the worker. The filter was narrowed to what the official may see before it was asked for."""
    given = job.parameters["filter"]
    assert isinstance(given, dict)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    wanted = CaseFilter(**values)
    assert wanted.commune_id == job.commune_id, "a job reads its own commune"
    with tools.database.read() as connection:
        commune = commune_at(connection, wanted.commune_id, tools.clock.now())
        return file_of(connection, tools.vault, wanted, commune, tools.clock.now_ms(), str(job.parameters["ending"]))
