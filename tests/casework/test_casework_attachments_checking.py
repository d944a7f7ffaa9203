"""What is kept of files made to be kept, and what of files made to do harm."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import attachment_samples as samples
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot import images
from bot.casework.attachments_checking import REDRAWN, TAKEN, Refused, examine
from bot.images import LONGEST_SIDE, PictureRefused, redraw
from bot.zalo.sniffing import content_type


def _reason(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        examine(content)
    return refused.value.reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_picture_becomes_a_plain_jpeg(kind: str) -> None:
    kept = examine(samples.photo(kind))
    assert (kept.mime, kept.width, kept.height) == ("image/jpeg", 320, 240)
    with Image.open(io.BytesIO(kept.content)) as drawn:
        assert (drawn.format, drawn.mode, drawn.size) == ("JPEG", "RGB", (320, 240))
        drawn.load()


def test_where_and_by_whom_a_photo_was_taken_is_gone() -> None:
    sent = samples.photo_with_place()
    with Image.open(io.BytesIO(sent)) as before:
        assert before.getexif().get_ifd(samples.GPS_TAG), "the sample has a place to lose"
    kept = examine(sent)
    with Image.open(io.BytesIO(kept.content)) as after:
        assert dict(after.getexif()) == {}
        assert {"exif", "comment", "icc_profile", "xmp"} & set(after.info) == set()
        assert after.size == (240, 320), "turned upright, as the phone meant it"
    assert b"Thon Dong" in sent
    assert b"Thon Dong" not in kept.content


def test_words_inside_a_png_are_gone() -> None:
    sent = samples.png_with_text()
    assert b"Thon Dong" in sent
    assert b"Thon Dong" not in examine(sent).content


def test_what_was_transparent_is_white() -> None:
    with Image.open(io.BytesIO(examine(samples.transparent()).content)) as drawn:
        assert drawn.getpixel((10, 10)) == (255, 255, 255)


def test_of_a_moving_picture_the_first_moment_is_kept() -> None:
    kept = examine(samples.moving_gif())
    with Image.open(io.BytesIO(kept.content)) as drawn:
        assert drawn.size == (40, 30)
        assert drawn.getpixel((20, 28)) != (0, 0, 0)


def test_a_large_photo_is_made_smaller() -> None:
    kept = examine(samples.photo("JPEG", 4000, 3000))
    assert (kept.width, kept.height) == (LONGEST_SIDE, LONGEST_SIDE * 3 // 4)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG", "GIF"])
def test_forty_million_pixels_are_refused(kind: str) -> None:
    assert _reason(samples.bomb(kind)) == "too_many_pixels"


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bombs = [samples.declared_bomb(), samples.bomb()]
    unpacked: list[Any] = []
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: unpacked.append(self))
    assert [_reason(bomb) for bomb in bombs] == ["too_many_pixels"] * 2
    assert unpacked == []


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: samples.SVG, "wrong_type"),
        (lambda: b"\xef\xbb\xbf  " + samples.SVG, "wrong_type"),
        (lambda: samples.HTML, "wrong_type"),
        (lambda: samples.HEIC, "wrong_type"),
        (lambda: samples.PROGRAM, "wrong_type"),
        (lambda: b"", "wrong_type"),
        (samples.gif_with_script, "mixed"),
        (samples.gif_that_is_a_script, "mixed"),
        (samples.pdf_with_page, "mixed"),
        (samples.picture_and_archive, "mixed"),
        (samples.picture_and_page, "mixed"),
        (lambda: samples.photo("PNG") + b"alert(1)", "mixed"),
        (lambda: samples.PDF + samples.archive("a.class"), "mixed"),
        (samples.pdf_with_program, "active"),
        (lambda: samples.word_file("word/vbaProject.bin"), "active"),
        (lambda: samples.archive("classes.dex", "AndroidManifest.xml"), "wrong_type"),
        (samples.packed_bomb, "wrong_type"),
        (lambda: samples.word_file()[:-30], "broken"),
        (lambda: samples.PDF[:40], "broken"),
        (lambda: samples.photo()[:2000], "broken"),
        (lambda: samples.photo("PNG")[:-20], "broken"),
        (lambda: samples.photo("GIF")[:200], "broken"),
        (lambda: samples.photo("WEBP")[:100], "broken"),
        (lambda: b"RIFF\x00\x00\x00\x00WEBPVP8X", "broken"),
        (lambda: b"\xff\xd8\xff", "broken"),
    ],
)
def test_what_means_harm_is_refused(make: Callable[[], bytes], reason: str) -> None:
    assert _reason(make()) == reason


@pytest.mark.parametrize(
    ("make", "mime"),
    [
        (lambda: samples.PDF, "application/pdf"),
        (lambda: samples.OLD_WORD, "application/msword"),
        (samples.word_file, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (samples.sheet, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (lambda: samples.MP4, "video/mp4"),
        (lambda: samples.AMR, "audio/amr"),
    ],
)
def test_documents_sound_and_video_are_kept_as_they_are(make: Callable[[], bytes], mime: str) -> None:
    sent = make()
    kept = examine(sent)
    assert (kept.content, kept.mime, kept.width) == (sent, mime, 0)


def test_everything_redrawn_is_fetched() -> None:
    assert REDRAWN < TAKEN
    assert content_type(samples.SVG) not in TAKEN


@settings(max_examples=60)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.data())
def test_a_damaged_picture_is_redrawn_or_refused_and_nothing_else(kind: str, data: st.DataObject) -> None:
    sent = bytearray(samples.photo(kind, 32, 24))
    for _ in range(data.draw(st.integers(1, 8))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    try:
        drawn = redraw(bytes(sent))
    except PictureRefused:
        return
    assert drawn.content[:3] == b"\xff\xd8\xff"
    assert drawn.width * drawn.height <= images.MOST_PIXELS
