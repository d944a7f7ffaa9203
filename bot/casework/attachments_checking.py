"""Which bytes are kept of what residents send, and in what form. Pure.

Told from the bytes and never from a name. Pictures are drawn anew (:mod:`bot.images`); documents, sound and video are
kept as they are, and whoever hands them out must never show them in a page. What is two things at once is refused even
where only one of them would be kept: nobody makes such a file by accident.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import Literal

from bot import images
from bot.zalo.sniffing import AUDIO_TYPES, UNKNOWN_TYPE, content_type

Reason = Literal[
    "forbidden", "too_large", "wrong_type", "mixed", "too_many_pixels", "broken", "active", "gone", "unreachable",
    "too_many",
]  # fmt: skip
"""Why a thing is not kept. ``forbidden``: not on Zalo's file hosts. ``mixed``: two kinds of file in one. ``active``: a
document with programs in it."""

REDRAWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
DOCUMENTS = {"application/pdf", "application/msword", "application/zip"}
TAKEN = REDRAWN | DOCUMENTS | AUDIO_TYPES | {"video/mp4"}
"""What is fetched at all; the rest is refused by its first bytes. HEIC is not among it: nothing here can draw it."""

_PAGES = (b"<script", b"<html", b"<!doctype html", b"<svg", b"<iframe", b"<?php")
# An action of JavaScript has to name it so; in a packed part of a file it would go unseen, hence no showing in pages.
_ACTIVE_PDF = (b"/javascript", b"/launch", b"/embeddedfile", b"/richmedia")
_END_OF_ZIP = b"PK\x05\x06"
_LONGEST_ZIP_END = 66_000
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_MOST_UNPACKED = 200_000_000


class Refused(Exception):
    """Not kept, for this reason."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a thing. Sides are 0 where it is no picture."""

    content: bytes = field(repr=False)
    mime: str
    width: int = 0
    height: int = 0


def examine(content: bytes) -> Kept:
    """What is kept of these bytes. Raises :class:`Refused`."""
    found = content_type(content)
    if found == UNKNOWN_TYPE or found not in TAKEN:
        raise Refused("wrong_type")
    _refuse_pages(content)
    if found in REDRAWN:
        return _picture(content, found)
    if found == "application/zip":
        return Kept(content, _office_type(content))
    _refuse_archives(content)
    if found == "application/pdf":
        lowered = content.lower()
        if any(sign in lowered for sign in _ACTIVE_PDF):
            raise Refused("active")
        if b"%%eof" not in lowered[-2048:]:
            raise Refused("broken")
    return Kept(content, found)


def _refuse_pages(content: bytes) -> None:
    lowered = content.lower()
    if any(sign in lowered for sign in _PAGES):
        raise Refused("mixed")


def _refuse_archives(content: bytes) -> None:
    if _END_OF_ZIP in content[-_LONGEST_ZIP_END:]:
        raise Refused("mixed")


def _picture(content: bytes, found: str) -> Kept:
    _refuse_archives(content)
    if b"%PDF-" in content[:1024]:
        raise Refused("mixed")
    end = {"image/gif": _end_of_gif, "image/png": _end_of_png}.get(found)
    if end is not None and content[end(content) :].strip(b"\0\r\n "):
        raise Refused("mixed")
    if found == "image/gif" and content[6:8] in (b"/*", b"=1", b'="'):
        raise Refused("mixed")  # its width is the beginning of a script
    try:
        drawn = images.redraw(content)
    except images.PictureRefused as error:
        raise Refused(error.reason) from None
    return Kept(drawn.content, "image/jpeg", drawn.width, drawn.height)


def _end_of_png(content: bytes) -> int:
    """Where a PNG ends. Raises :class:`Refused` where it does not."""
    place = 8
    while place + 12 <= len(content):
        place += 12 + int.from_bytes(content[place : place + 4], "big")
        if content[place - 8 : place - 4] == b"IEND" and place <= len(content):
            return place
    raise Refused("broken")


def _end_of_gif(content: bytes) -> int:
    """Where a GIF ends. Raises :class:`Refused` where it does not."""
    try:
        place = 13 + _colours(content[10])
        while content[place] != 0x3B:
            if content[place] == 0x21:
                place += 2
            elif content[place] == 0x2C:
                place += 11 + _colours(content[place + 9])
            else:
                raise Refused("broken")
            while content[place]:
                place += content[place] + 1
            place += 1
    except IndexError:
        raise Refused("broken") from None
    return place + 1


def _colours(flags: int) -> int:
    """Bytes of a GIF's table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _office_type(content: bytes) -> str:
    """The type of a Word, Excel or PowerPoint file. Raises :class:`Refused` for any other archive."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise Refused("broken") from None
    names = [entry.filename for entry in entries]
    found = next((kind for folder, kind in _OFFICE.items() if any(name.startswith(folder) for name in names)), None)
    if "[Content_Types].xml" not in names or found is None or sum(one.file_size for one in entries) > _MOST_UNPACKED:
        raise Refused("wrong_type")
    if any(name.lower().endswith(("vbaproject.bin", ".exe", ".js", ".html")) for name in names):
        raise Refused("active")
    return found
