"""Writes the workbook an official edits in Excel: a header that stays as it is, wrapped texts, no formulas.

Every text is stored as text with Excel's "quote prefix", so that one beginning with = + - @ is never calculated.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from knowledge.exchange import Exchange, Row
from knowledge.exchange_sheets import (
    ANSWER_COLUMNS,
    CELL_OF_COMMUNE,
    CELL_OF_FORMAT,
    CELL_OF_MARK,
    CELL_OF_VERSION,
    CONFIDENCES,
    FORMAT,
    GUIDE_LINES,
    PROFILE_COLUMNS,
    Column,
    answers_title,
    field_labels,
    guide_title,
    list_columns,
    list_titles,
    profile_title,
)
from knowledge.library import Library
from knowledge.overlay import PROFILE, TOPIC_PREFIX
from knowledge.words import word

ROOM_FOR_MORE = 300
"""Rows below the last that carry the drop-down of confidence, for versions staff add."""
LONG_TEXT_WIDTH = 70
MOST_COLUMNS = 16_384
"""Of a sheet of Excel."""
_DAY_FORMAT = "dd/mm/yyyy"
_HEADER_FILL = PatternFill("solid", fgColor="FFDCE6F1")
_FIXED_FILL = PatternFill("solid", fgColor="FFF2F2F2")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_UNLOCKED = Protection(locked=False)
_LEADING = ("=", "+", "-", "@")

_Cell = str | date | None


def write_workbook(exchange: Exchange, library: Library, path: Path) -> None:
    """Write all sheets. Raises OSError where the file cannot be written."""
    book = Workbook()
    _guide(book.active, exchange, library)
    _fill(book.create_sheet(answers_title()), ANSWER_COLUMNS, _answer_lines(exchange.rows, library))
    _fill(book.create_sheet(profile_title()), PROFILE_COLUMNS, _profile_lines(exchange.rows))
    for title, kind in list_titles().items():
        lines = (
            [json.loads(row.text).get(field, "") for field in kind.fields]
            for row in exchange.rows
            if row.subject == PROFILE and row.field.startswith(f"{kind.name}.")
        )
        _fill(book.create_sheet(title), list_columns(kind), lines)
    book.save(path)


def _guide(sheet: Any, exchange: Exchange, library: Library) -> None:
    sheet.title = guide_title()
    sheet.column_dimensions["A"].width = 100
    sheet[CELL_OF_MARK] = word("guide_mark")
    sheet[CELL_OF_MARK].font = Font(bold=True, size=14)
    sheet["A2"] = word("guide_commune", commune=library.communes[exchange.commune_id].full_name)
    sheet[CELL_OF_COMMUNE] = exchange.commune_id
    sheet["A3"] = word("guide_format")
    sheet[CELL_OF_FORMAT] = FORMAT
    sheet["A4"] = word("guide_version")
    sheet[CELL_OF_VERSION] = exchange.version
    for number in range(1, GUIDE_LINES + 1):
        cell = sheet.cell(row=4 + number, column=1, value=word(f"guide_{number}"))
        cell.alignment = _WRAPPED
    sheet.protection.sheet = True


def _answer_lines(rows: Iterable[Row], library: Library) -> Iterable[Sequence[_Cell]]:
    for row in rows:
        if row.subject.startswith(TOPIC_PREFIX):
            topic = library.topics[row.subject.removeprefix(TOPIC_PREFIX)]
            yield (
                topic.id,
                topic.name,
                library.facet_names[row.field].name,
                row.text,
                row.source,
                word(f"confidence_{row.confidence}"),
                row.valid_from,
                row.valid_until,
                row.as_of,
            )


def _profile_lines(rows: Iterable[Row]) -> Iterable[Sequence[_Cell]]:
    labels = field_labels()
    for row in rows:
        if row.subject == PROFILE and row.field in labels:
            yield (row.field, labels[row.field], row.text, row.source, row.valid_from, row.valid_until, row.as_of)


def _fill(sheet: Any, columns: Sequence[Column], lines: Iterable[Sequence[_Cell]]) -> None:
    for number, column in enumerate(columns, 1):
        header = sheet.cell(row=1, column=number, value=column.title)
        header.font, header.fill, header.alignment = Font(bold=True), _HEADER_FILL, _WRAPPED
        width = sheet.column_dimensions[get_column_letter(number)]
        width.width, width.protection, width.alignment = column.width, _UNLOCKED, _WRAPPED
        width.number_format = _format_of(column)
    # Excel deletes a row of a protected sheet only where every cell of it is unlocked, those beside the table too.
    beside = sheet.column_dimensions[get_column_letter(len(columns) + 1)]
    beside.min, beside.max, beside.protection = len(columns) + 1, MOST_COLUMNS, _UNLOCKED
    last = 1
    for last, line in enumerate(lines, 2):
        for number, (column, value) in enumerate(zip(columns, line, strict=True), 1):
            _put(sheet.cell(row=last, column=number), column, value)
    for number, column in enumerate(columns, 1):
        if column.kind == "confidence":
            _choices(sheet, get_column_letter(number), last)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    _protect(sheet)


def _put(cell: Any, column: Column, value: _Cell) -> None:
    cell.alignment, cell.protection = _WRAPPED, _UNLOCKED
    if column.fixed:
        cell.fill = _FIXED_FILL
    cell.number_format = _format_of(column)
    if value is None or value == "":
        return
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # openpyxl takes a text that begins with = for a formula
        cell.quotePrefix = value.startswith(_LEADING)


def _format_of(column: Column) -> str:
    """Days as days; short texts as text, so that a telephone number typed in keeps its first 0.

    Long texts stay "General": older Excel shows a text cell of more than 255 characters as ####.
    """
    if column.kind == "day":
        return _DAY_FORMAT
    return "General" if column.width >= LONG_TEXT_WIDTH else "@"


def _choices(sheet: Any, letter: str, last: int) -> None:
    names = ",".join(word(f"confidence_{code}") for code in CONFIDENCES)
    validation = DataValidation(type="list", formula1=f'"{names}"', allow_blank=True, showErrorMessage=True)
    validation.add(f"{letter}2:{letter}{last + ROOM_FOR_MORE}")
    sheet.add_data_validation(validation)


def _protect(sheet: Any) -> None:
    """Lock the header alone (no password): rows may be added, removed, sorted, filtered, columns made wider."""
    protection = sheet.protection
    protection.sheet = True
    # Excel's flags say what is forbidden.
    for allowed in ("insertRows", "deleteRows", "sort", "autoFilter", "formatColumns", "formatRows", "formatCells"):
        setattr(protection, allowed, False)
