"""Files as residents, and people who mean harm, might send them: made in the test, none kept in the repository."""

from __future__ import annotations

import io
import zipfile
import zlib

from PIL import Image, PngImagePlugin

GPS_TAG = 0x8825
WHERE = (20.9405, 106.3303)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def scene(width: int = 320, height: int = 240) -> Image.Image:
    """A picture with something to see, so that it does not pack to nothing."""
    return Image.linear_gradient("L").resize((width, height)).convert("RGB")


def photo(kind: str = "JPEG", width: int = 320, height: int = 240) -> bytes:
    return encoded(scene(width, height), kind)


def photo_with_place() -> bytes:
    """A phone's photo: turned sideways, with the camera's name and where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x0110] = "Máy của bác Tư".encode().decode("latin-1")
    exif.get_ifd(GPS_TAG).update({1: "N", 2: WHERE[:1] * 3, 3: "E", 4: WHERE[1:] * 3})
    return encoded(scene(), "JPEG", exif=exif, comment=b"Thon Dong, nha so 5")


def bomb(kind: str = "PNG") -> bytes:
    """Forty million pixels in a small file."""
    return encoded(Image.new("RGB", (8000, 5000)), kind)


def declared_bomb() -> bytes:
    """A PNG that only says it is huge."""
    small = bytearray(photo("PNG", 10, 10))
    small[16:24] = (60_000).to_bytes(4, "big") * 2
    small[29:33] = zlib.crc32(small[12:29]).to_bytes(4, "big")
    return bytes(small)


def transparent() -> bytes:
    return encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")


def moving_gif() -> bytes:
    frames = [scene(40, 30).convert("P"), Image.new("P", (40, 30))]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


def png_with_text() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "Thon Dong, nha so 5")
    return encoded(scene(), "PNG", pnginfo=told)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
AMR = b"#!AMR\n" + b"\x3c" * 64
MP4 = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + bytes(100)
OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(100)
PROGRAM = b"MZ\x90\x00" + bytes(100)


def gif_with_script() -> bytes:
    """A picture for one reader and a script for another."""
    picture = encoded(scene(40, 30).convert("P"), "GIF")
    return picture + b"/*\n*/=1;alert(document.cookie)//"


def gif_that_is_a_script() -> bytes:
    """Its width reads as the beginning of a comment."""
    return b"GIF89a/*\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;*/=1;alert(1)"


def pdf_with_page() -> bytes:
    return PDF[:-7] + b"<html><script>alert(1)</script></html>\n%%EOF\n"


def pdf_with_program() -> bytes:
    return PDF.replace(b"/Type/Catalog", b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>")


def archive(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, "x")
    return file.getvalue()


def word_file(*more: str) -> bytes:
    return archive("[Content_Types].xml", "word/document.xml", *more)


def sheet() -> bytes:
    return archive("[Content_Types].xml", "xl/workbook.xml")


def packed_bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "x")
        with packed.open("word/document.xml", "w") as entry:
            for _ in range(210):
                entry.write(bytes(1_000_000))
    return file.getvalue()


def picture_and_archive() -> bytes:
    return photo() + archive("META-INF/MANIFEST.MF", "A.class")


def picture_and_page() -> bytes:
    return encoded(scene(), "JPEG", comment=HTML)
