"""What kind of file some bytes are, told from how they begin."""

from __future__ import annotations

UNKNOWN_TYPE = "application/octet-stream"

_BEGINNINGS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/msword"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
)
"""(offset, bytes, type), first fit wins. Word's newer files are zip archives and are called that here."""

_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}

IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/heic"})
AUDIO_TYPES = frozenset({"audio/amr", "audio/mpeg", "audio/aac", "audio/ogg", "audio/mp4", "audio/wav"})
VIDEO_TYPES = frozenset({"video/mp4", "video/x-msvideo"})
DOCUMENT_TYPES = frozenset({"application/pdf", "application/zip", "application/msword"})
KNOWN_TYPES = IMAGE_TYPES | AUDIO_TYPES | VIDEO_TYPES | DOCUMENT_TYPES
"""Everything told apart here. Pages with scripts (HTML, SVG) are not, on purpose: they are ``UNKNOWN_TYPE``."""


def content_type(content: bytes | bytearray) -> str:
    """The media type of a file by its first bytes, ``UNKNOWN_TYPE`` where they say nothing."""
    for offset, beginning, kind in _BEGINNINGS:
        if content[offset : offset + len(beginning)] == beginning:
            return kind
    if content[:4] == b"RIFF":
        return _RIFF.get(bytes(content[8:12]), UNKNOWN_TYPE)
    return UNKNOWN_TYPE
