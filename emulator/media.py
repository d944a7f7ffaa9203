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
STICKERS = {"21978": "🙏", "21979": "👍", "21980": "❤️"}
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
    '<text x="50" y="72" font-size="64" text-anchor="middle">{glyph}</text></svg>'
)


def find(emulator: Emulator, name: str) -> tuple[str, bytes] | None:
    """(content type, bytes) of a media path, or None."""
    uploaded = emulator.media.get(name)
    if uploaded is not None:
        return uploaded
    folder, _, last = name.rpartition("/")
    suffix = last.rpartition(".")[2]
    if folder == "sticker":
        return "image/svg+xml", _SVG.format(glyph=STICKERS.get(last.partition(".")[0], "🙂")).encode()
    if folder == "avatar":
        return "image/svg+xml", _SVG.format(glyph="🏛" if last.startswith("oa") else "👤").encode()
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
