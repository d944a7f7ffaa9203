"""Lists for Excel: cells that a spreadsheet reads as text and never as a formula (CSV injection, OWASP)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

Cell = str | int | float | None
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BYTE_ORDER_MARK = "\ufeff"
LONGEST_CELL = 32_000
"""Excel takes 32,767 signs in one cell."""


def safe_text(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula; control signs are taken out."""
    clean = "".join(sign for sign in text[:LONGEST_CELL] if sign >= " " or sign == "\n")
    return f"'{clean}" if clean.startswith(_FORMULA_SIGNS) or clean.lstrip(" ").startswith(_FORMULA_SIGNS) else clean


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Pieces of a CSV file that Excel opens with Vietnamese letters: UTF-8 with a mark, one piece for some rows."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(_BYTE_ORDER_MARK)
    writer.writerow(header)
    for number, row in enumerate(rows, 1):
        writer.writerow([safe_text(cell) if isinstance(cell, str) else cell for cell in row])
        if number % 200 == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def as_xlsx(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int]) -> bytes:
    """A workbook of one sheet, its first row frozen and filtered; every text is a text cell."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    wrapped = Alignment(wrap_text=True, vertical="top")

    def cell(value: Cell, *, bold: bool = False) -> object:
        made = WriteOnlyCell(sheet, value=safe_text(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type = "s"
        made.alignment = wrapped
        if bold:
            made.font = Font(bold=True)
        return made

    count = 1
    sheet.append([cell(name, bold=True) for name in header])
    for row in rows:
        sheet.append([cell(value) for value in row])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(header))}{count}"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
