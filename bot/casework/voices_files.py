"""Teams' reports and marks as files: made in the worker for a page, or at once on the command line. No names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from bot.cases.routing import unit_name, village_name
from bot.casework import tables_out
from bot.casework.communes import commune_at
from bot.casework.exports import CSV, XLSX, ExportFile, ExportTools
from bot.casework.tables_out import Cell
from bot.casework.volunteers_notices import VOICES
from bot.clock import VIETNAM, from_ms
from bot.encryption import Vault
from bot.store import ratings, volunteers
from bot.store.export_jobs import ClaimedJob
from knowledge import Commune

REPORTS, MARKS = "team-reports", "ratings"
COLUMNS: Mapping[str, Mapping[str, int]] = {
    REPORTS: {"day": 12, "village": 24, "classes": 10, "people": 12, "difficulties": 70},
    MARKS: {
        "day": 12, "channel": 14, "mark": 8, "reason": 22, "words": 60, "topic": 24, "facet": 14, "case": 13,
        "unit": 28, "village": 24,
    },
}  # fmt: skip
"""Kind of file → column → its width in Excel."""
MEDIA = {"csv": CSV, "xlsx": XLSX}
MOST_MARKS = 100_000


def file_of(
    connection: Connection, vault: Vault, kind: str, commune: Commune, from_ms_: int, until_ms: int, ending: str
) -> ExportFile:
    """All of a commune in [``from_ms_``, ``until_ms``), as ``csv`` or ``xlsx``. KeyError for another kind or ending."""
    columns, media_type = COLUMNS[kind], MEDIA[ending]
    rows = (_reports if kind == REPORTS else _marks)(connection, vault, commune, from_ms_, until_ms)
    header = [VOICES.word(f"column_{name}") for name in columns]
    name = f"{VOICES.word(f'file_{kind}')}-{commune.id}-{_day(until_ms, '%Y%m%d')}.{ending}"
    if ending == "csv":
        return ExportFile(name, media_type, "".join(tables_out.as_csv(header, rows)).encode())
    title = VOICES.word(f"sheet_{kind}")
    return ExportFile(name, media_type, tables_out.as_xlsx(title, header, rows, list(columns.values())))


def write(tools: ExportTools, job: ClaimedJob) -> ExportFile:
    """In the worker. Parameters: ``from_ms``, ``until_ms``, ``ending``; the job reads its own commune."""
    with tools.database.read() as connection:
        commune = commune_at(connection, job.commune_id, tools.clock.now())
        given = job.parameters
        return file_of(
            connection, tools.vault, job.kind, commune, int(str(given.get("from_ms", 0))),
            int(str(given.get("until_ms", tools.clock.now_ms() + 1))), str(given.get("ending", "xlsx")),
        )  # fmt: skip


def _reports(
    connection: Connection, vault: Vault, commune: Commune, from_ms_: int, until_ms: int
) -> Iterator[list[Cell]]:
    found = volunteers.reports(connection, vault, commune_id=commune.id, from_ms=from_ms_, until_ms=until_ms)
    for one in found:
        yield [
            _day(one.filed_ms), village_name(one.village, commune), one.classes, one.people_helped, one.difficulties
        ]  # fmt: skip


def _marks(
    connection: Connection, vault: Vault, commune: Commune, from_ms_: int, until_ms: int
) -> Iterator[list[Cell]]:
    for one in ratings.list_ratings(connection, vault, commune.id, from_ms_, until_ms, MOST_MARKS):
        yield [
            _day(one.rated_ms),
            VOICES.texts.get(f"channel_{one.channel}", one.channel),
            one.mark,
            VOICES.texts.get(f"reason_{one.reason}", one.reason),
            one.words,
            one.topic,
            one.facet,
            one.case_code,
            unit_name(one.unit, commune),
            village_name(one.village, commune) if one.village else "",
        ]


def _day(at_ms: int, shape: str = "%d/%m/%Y") -> str:
    return from_ms(at_ms).astimezone(VIETNAM).strftime(shape)
