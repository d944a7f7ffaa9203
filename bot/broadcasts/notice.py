"""The A4 page for the notice board, for whom no message reaches: the words, the office, the day, the OA's QR code."""

from __future__ import annotations

import html
import io
from datetime import date
from pathlib import Path

import segno

from bot.broadcasts.words import word

_PAGE = Path(__file__).with_name("notice_page.html")


def oa_link(oa_id: str) -> str:
    """The address that opens an OA in Zalo (contract 5)."""
    return f"https://zalo.me/{oa_id}"


def notice_page(title: str, text: str, office: str, place: str, oa_id: str, on: date) -> str:
    """A whole HTML document to be printed. Nothing in it is loaded from anywhere; every word is escaped."""
    paragraphs = "\n".join(f"<p>{html.escape(line.strip())}</p>" for line in text.split("\n") if line.strip())
    return _PAGE.read_text("utf-8").format(
        title=html.escape(title),
        office=html.escape(office),
        board=html.escape(word("notice_board")),
        paragraphs=paragraphs,
        code=_code(oa_link(oa_id)),
        scan=html.escape(word("notice_scan")),
        place_and_day=html.escape(
            word("notice_place_and_day", place=place, day=f"{on.day:02d}", month=f"{on.month:02d}", year=on.year)
        ),
    )


def _code(address: str) -> str:
    drawing = io.BytesIO()
    segno.make(address, error="m").save(drawing, kind="svg", xmldecl=False, svgns=True, scale=4, border=2)
    return drawing.getvalue().decode()
