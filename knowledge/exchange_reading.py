"""Reads a workbook an official sent back. Nothing in it is trusted: each fault is named with its cell."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.exchange import Exchange, Fault, Row, tidy
from knowledge.exchange_sheets import (
    ANSWER_COLUMNS,
    CELL_OF_COMMUNE,
    CELL_OF_FORMAT,
    CELL_OF_MARK,
    CELL_OF_VERSION,
    FORMAT,
    PROFILE_COLUMNS,
    Column,
    answers_title,
    confidence_codes,
    facet_codes,
    field_labels,
    guide_title,
    list_columns,
    list_titles,
    profile_title,
)
from knowledge.library import Library
from knowledge.overlay import PROFILE, TOPIC_PREFIX, item_text
from knowledge.profile_lists import ListKind
from knowledge.schema import Confidence
from knowledge.words import word

MAXIMUM_FILE = 20_000_000
MAXIMUM_UNPACKED = 200_000_000
"""Bytes. A workbook of all topics has some hundred thousand; a file that unpacks to far more is no workbook of ours."""
MAXIMUM_ROWS = 20_000
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})|(\d{4})-(\d{1,2})-(\d{1,2})")

_Value = str | date | None


class WrongFile(ValueError):
    """Not a workbook of this kind, or not of this commune; the message is Vietnamese."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One filled line of a sheet: values by column key, and the cell each stands in."""

    values: Mapping[str, _Value]
    places: Mapping[str, str]

    def text(self, key: str) -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def day(self, key: str) -> date | None:
        value = self.values.get(key)
        return value if isinstance(value, date) else None


class _Sheets:
    """Reads sheets and gathers faults."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.faults: list[Fault] = []

    def fault(self, place: str, key: str, **fields: object) -> None:
        self.faults.append(Fault(place, word(key, **fields)))

    def lines(self, sheet: Any, columns: Sequence[Column]) -> Iterator[_Line]:
        headers = [tidy(str(cell.value or "")) for cell in next(sheet.iter_rows(min_row=1, max_row=1), ())]
        if headers[: len(columns)] != [column.title for column in columns]:
            self.fault(f"{sheet.title}!A1", "fault_header", columns=", ".join(column.title for column in columns))
            return
        if sheet.max_row > MAXIMUM_ROWS:
            self.fault(sheet.title, "fault_rows", most=MAXIMUM_ROWS)
            return
        for cells in sheet.iter_rows(min_row=2, max_col=len(columns)):
            if any(cell.value not in (None, "") for cell, column in zip(cells, columns, strict=True)):
                places = {
                    column.key: f"{sheet.title}!{get_column_letter(number)}{cells[0].row}"
                    for number, column in enumerate(columns, 1)
                }
                values = {
                    column.key: self.value(cell, column, places[column.key])
                    for cell, column in zip(cells, columns, strict=True)
                    if not column.fixed
                }
                yield _Line(values, places)

    def value(self, cell: Any, column: Column, place: str) -> _Value:
        value = cell.value
        if value is None or value == "":
            return None
        if cell.data_type == "f":
            self.fault(place, "fault_formula")
            return None
        if cell.data_type == "e":
            self.fault(place, "fault_error_cell")
            return None
        if column.kind == "day":
            return self.day(value, place)
        if isinstance(value, datetime) and column.key == "annual_events_day":
            return f"{value.day}/{value.month}"  # Excel takes 21/4 for a date of this year
        if not isinstance(value, str):
            self.fault(place, "fault_not_text", raw=value)
            return None
        return tidy(value)

    def day(self, value: object, place: str) -> date | None:
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        found = _DAY.fullmatch(str(value).strip())
        try:
            if found is None:
                raise ValueError
            numbers = [int(number) for number in found.groups() if number is not None]
            return date(*numbers) if found[4] else date(numbers[2], numbers[1], numbers[0])
        except ValueError:
            self.fault(place, "fault_day", raw=str(value)[:40])
            return None

    def answers(self, sheet: Any) -> Iterator[Row]:
        codes, confidences = facet_codes(self.library), confidence_codes()
        for line in self.lines(sheet, ANSWER_COLUMNS):
            topic_id, facet = line.text("id"), codes.get(line.text("facet").casefold())
            confidence: Confidence | None = confidences.get(line.text("confidence").casefold())
            if topic_id not in self.library.topics:
                self.fault(line.places["id"], "fault_topic", raw=topic_id[:60])
            elif facet is None:
                self.fault(line.places["facet"], "fault_facet", raw=line.text("facet")[:60])
            elif confidence is None:
                self.fault(line.places["confidence"], "fault_confidence", raw=line.text("confidence")[:60])
            else:
                yield self.row(line, f"{TOPIC_PREFIX}{topic_id}", facet, "text", confidence)

    def profile(self, sheet: Any) -> Iterator[Row]:
        known = field_labels()
        for line in self.lines(sheet, PROFILE_COLUMNS):
            field = line.text("field")
            if field not in known:
                self.fault(line.places["field"], "fault_field", raw=field[:60])
            else:
                yield self.row(line, PROFILE, field, "value", None)

    def row(self, line: _Line, subject: str, field: str, key: str, confidence: Confidence | None) -> Row:
        return Row(
            subject,
            field,
            line.text(key),
            line.text("source"),
            confidence,
            line.day("valid_from"),
            line.day("valid_until"),
            line.day("as_of"),
            line.places[key],
        )

    def items(self, sheet: Any, kind: ListKind) -> Iterator[Row]:
        columns = list_columns(kind)
        for line in self.lines(sheet, columns):
            item = {field: line.text(column.key) for field, column in zip(kind.fields, columns, strict=True)}
            place = line.places[columns[0].key]
            if not item[kind.fields[0]]:
                self.fault(place, "fault_item_name", column=columns[0].title)
                continue
            yield Row(PROFILE, f"{kind.name}.{kind.key_of(item)}", item_text(item), place=place)


def read_workbook(path: Path, library: Library, commune_id: str) -> tuple[Exchange, list[Fault]]:
    """Read a workbook for a commune. Raises WrongFile, and OSError where it cannot be opened.

    Rows with a fault are left out and named; a caller must not use the rest while there is any fault.
    """
    book = _open(path)
    _check_origin(book, commune_id)
    sheets = _Sheets(library)
    rows: list[Row] = []
    lists: set[str] = set()
    for sheet in book.worksheets:
        if sheet.title == answers_title():
            rows.extend(sheets.answers(sheet))
        elif sheet.title == profile_title():
            rows.extend(sheets.profile(sheet))
        elif sheet.title in list_titles():
            kind = list_titles()[sheet.title]
            lists.add(kind.name)
            rows.extend(sheets.items(sheet, kind))
        elif sheet.title != guide_title():
            sheets.fault(sheet.title, "fault_sheet")
    version = book[guide_title()][CELL_OF_VERSION].value
    known = version if isinstance(version, int) else None
    return Exchange(commune_id, tuple(rows), frozenset(lists), version=known), sheets.faults


def _open(path: Path) -> Any:
    if path.stat().st_size > MAXIMUM_FILE:
        raise WrongFile(word("file_too_large", most=MAXIMUM_FILE // 1_000_000))
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAXIMUM_UNPACKED:
                raise WrongFile(word("file_too_large", most=MAXIMUM_FILE // 1_000_000))
        return load_workbook(path)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError) as error:
        if isinstance(error, WrongFile):
            raise
        # openpyxl says in many ways that a file is no workbook; xml's ParseError is a SyntaxError.
        raise WrongFile(word("file_not_workbook")) from None


def _check_origin(book: Any, commune_id: str) -> None:
    if guide_title() not in book.sheetnames or book[guide_title()][CELL_OF_MARK].value != word("guide_mark"):
        raise WrongFile(word("file_not_ours"))
    guide = book[guide_title()]
    if guide[CELL_OF_FORMAT].value != FORMAT:
        raise WrongFile(word("file_format", found=guide[CELL_OF_FORMAT].value, wanted=FORMAT))
    if guide[CELL_OF_COMMUNE].value != commune_id:
        raise WrongFile(word("file_other_commune", found=guide[CELL_OF_COMMUNE].value, wanted=commune_id))
