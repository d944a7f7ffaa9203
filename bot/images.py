"""Pictures residents send, drawn anew: what leaves here is a plain JPEG of ours, and nothing else that came with it.

Pure: bytes in, bytes out. Pillow is loaded when the first picture comes, so that only the worker pays for it.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL import Image

MOST_PIXELS = 24_000_000
"""A picture is refused above this before a single pixel is unpacked: 24 million take 72 MB of memory."""
LONGEST_SIDE = 2048
"""Enough to read a house number on; larger pictures are made smaller."""
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")

Refusal = Literal["too_many_pixels", "broken"]


class PictureRefused(Exception):
    """Not drawn anew, and trying again would not help."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG without metadata. Sides in pixels."""

    content: bytes = field(repr=False)
    width: int
    height: int


def redraw(content: bytes) -> Picture:
    """Decode a JPEG, PNG, WebP or GIF (its first frame) and encode it as JPEG: turned upright, on white where it was
    transparent, at most :data:`LONGEST_SIDE` long, without EXIF (and so without the place it was taken), XMP, comments
    or colour profiles. Raises :class:`PictureRefused` for anything else, for torn files and for too many pixels.
    """
    from PIL import Image, ImageOps

    # Checked here, before anything is unpacked. Pillow's own check only warns, and twice our limit passes it.
    Image.MAX_IMAGE_PIXELS = None
    if content[:4] == b"RIFF":
        _refuse_large(*_webp_sides(content))  # its decoder unpacks while it opens
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            _refuse_large(*opened.size)
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            drawn = _on_white(upright if upright is not None else opened)
        drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        encoded = io.BytesIO()
        drawn.save(encoded, "JPEG", quality=QUALITY, optimize=True, exif=b"", icc_profile=None, comment=None)
    except PictureRefused:
        raise
    except Exception:
        # Decoders raise whatever they like for what strangers make up: OSError, SyntaxError, ValueError, EOFError…
        raise PictureRefused("broken") from None
    return Picture(encoded.getvalue(), *drawn.size)


def _refuse_large(width: int, height: int) -> None:
    if width <= 0 or height <= 0:
        raise PictureRefused("broken")
    if width * height > MOST_PIXELS:
        raise PictureRefused("too_many_pixels")


def _on_white(image: Image.Image) -> Image.Image:
    from PIL import Image

    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    white = Image.new("RGB", seen.size, "white")
    white.paste(seen, mask=seen.getchannel("A"))
    return white


def _webp_sides(content: bytes) -> tuple[int, int]:
    """Width and height a WebP file declares. Raises :class:`PictureRefused` where it declares none."""
    try:
        kind = content[12:16]
        if kind == b"VP8X":
            return (
                1 + int.from_bytes(content[24:27], "little"),
                1 + int.from_bytes(content[27:30], "little"),
            )
        if kind == b"VP8L":
            (bits,) = struct.unpack("<I", content[21:25])
            return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
        if kind == b"VP8 ":
            width, height = struct.unpack("<HH", content[26:30])
            return width & 0x3FFF, height & 0x3FFF
    except struct.error:
        pass
    raise PictureRefused("broken")
