"""What the links in events lead to: small stand-ins for photos, stickers, voices and files, and uploads of the page."""

from __future__ import annotations

from html import escape
from pathlib import Path

from emulator.assembly import Emulator

STATIC = Path(__file__).parent / "static"
UPLOAD_LIMIT_BYTES = 5 * 1024 * 1024
UPLOADS_KEPT = 50
PHOTO_TYPES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp"}
AMR_SILENCE = b"#!AMR\n" + b"\x3c" + b"\x00" * 31
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""
_FACE = (
    '<circle cx="50" cy="50" r="42" fill="#ffd34d"/><circle cx="36" cy="42" r="5" fill="#5b3d00"/>'
    '<circle cx="64" cy="42" r="5" fill="#5b3d00"/>'
    '<path d="M30 58q20 24 40 0" fill="none" stroke="#5b3d00" stroke-width="5" stroke-linecap="round"/>'
)
_HEART = '<path d="M50 86C4 54 10 18 34 18c10 0 15 8 16 12 1-4 6-12 16-12 24 0 30 36-16 68z" fill="#e0455e"/>'
_BUILDING = '<path d="M50 14 88 36H12zM18 42h64v36H18zM10 82h80v8H10z" fill="#0a5fb8"/>'
_PERSON = (
    '<circle cx="50" cy="34" r="18" fill="#8aa0b5"/><path d="M14 90c0-26 16-34 36-34s36 8 36 34z" fill="#8aa0b5"/>'
)
STICKERS = {"21980": _HEART}
"""Drawn, not written: an office PC without an emoji font would show an empty box."""
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{drawing}</svg>'


def find(emulator: Emulator, name: str) -> tuple[str, bytes] | None:
    """(content type, bytes) of a media path, or None."""
    uploaded = emulator.media.get(name)
    if uploaded is not None:
        return uploaded
    folder, _, last = name.rpartition("/")
    suffix = last.rpartition(".")[2]
    if folder == "sticker":
        return "image/svg+xml", _SVG.format(drawing=STICKERS.get(last.partition(".")[0], _FACE)).encode()
    if folder == "avatar":
        return "image/svg+xml", _SVG.format(drawing=_BUILDING if last.startswith("oa") else _PERSON).encode()
    if folder == "zinstant":
        return "text/html; charset=utf-8", f"<p>{escape(last)}</p>".encode()
    match suffix:
        case "jpg":
            return "image/jpeg", (STATIC / "sample.jpg").read_bytes()
        case "amr":
            return "audio/amr", AMR_SILENCE
        case "pdf":
            return "application/pdf", PDF
    return None


def keep_upload(emulator: Emulator, file_name: str, data: bytes) -> str:
    """Store a photo chosen on the page and return its address. ValueError for other files and big ones."""
    suffix = file_name.rpartition(".")[2].lower()
    if suffix not in PHOTO_TYPES:
        raise ValueError("Chỉ nhận ảnh JPG, PNG, GIF hoặc WEBP.")
    if len(data) > UPLOAD_LIMIT_BYTES:
        raise ValueError("Ảnh lớn quá 5 MB.")
    name = f"upload/{emulator.identifiers.opaque()}.{suffix}"
    with emulator.world.lock:
        emulator.media[name] = (PHOTO_TYPES[suffix], data)
        while len(emulator.media) > UPLOADS_KEPT:
            del emulator.media[next(iter(emulator.media))]
    return f"{emulator.media_base}/{name}"
