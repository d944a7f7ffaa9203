from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.replies import Button, Reply
from bot.zalo.messages import SAFE_TEXT_LIMIT, TEXT_LIMIT, cs_body, render_plain, utf16_units
from bot.zalo.splitting import split, split_text

SENTENCE = "Bác mang giấy khai sinh đến UBND xã. Ở TP. Hải Phòng, lệ phí là 8.000 đồng/bản. "
FIVE = tuple(Button(f"Phần thứ {number} của câu trả lời", f"#hoixa:{number}") for number in range(5))


def letters(text: str) -> str:
    """The text without white space, NFC."""
    return "".join(unicodedata.normalize("NFC", text).split())


def test_a_reply_within_the_limit_stays_one() -> None:
    text = ("a" * 99 + " ") * 19
    assert split(Reply(text[:1900], FIVE[:1])) == [Reply(text[:1900].strip(), FIVE[:1])]
    assert len(split(Reply("a" * 1900))) == 1
    assert len(split(Reply("a" * 1901))) == 2


def test_sentences_stay_whole() -> None:
    pieces = [piece.text for piece in split(Reply(SENTENCE * 60))]
    assert len(pieces) == 3
    assert all(piece.endswith((".", "bản.")) and len(piece) <= SAFE_TEXT_LIMIT for piece in pieces)
    assert not any(piece.endswith("TP.") for piece in pieces)


def test_paragraphs_come_before_sentences() -> None:
    first, second = (SENTENCE * 15).strip(), (SENTENCE * 12).strip()
    assert [piece.text for piece in split(Reply(f"{first}\n\n{second}"))] == [first, second]


def test_buttons_stay_under_the_last_piece() -> None:
    pieces = split(Reply(SENTENCE * 60, FIVE))
    assert [piece.buttons for piece in pieces] == [(), (), FIVE]


def test_in_plain_mode_the_list_counts() -> None:
    reply = Reply((SENTENCE * 23).strip(), FIVE)
    assert len(reply.text) <= SAFE_TEXT_LIMIT < len(render_plain(reply))
    pieces = split(reply, plain=True)
    assert len(pieces) == 2
    assert all(len(render_plain(piece)) <= SAFE_TEXT_LIMIT for piece in pieces)


def test_every_piece_can_still_be_written_plain_after_a_refusal() -> None:
    """An OA's package may refuse buttons (-224) when the message is already cut."""
    long_titles = tuple(Button("Phần " + "x" * 90, f"#hoixa:{number}") for number in range(5))
    for piece in split(Reply((SENTENCE * 23).strip(), long_titles)):
        assert utf16_units(render_plain(piece)) <= TEXT_LIMIT
        cs_body("1", piece, plain=True)
        cs_body("1", piece, plain=False)


def test_words_before_letters_and_letters_before_nothing() -> None:
    assert split_text("một hai ba", 7) == ["một hai", "ba"]
    assert split_text("mộthaiba", 5) == ["mộtha", "iba"]


@pytest.mark.parametrize("sign", ["q\u0301\u0323", "👨‍👩‍👧", "👍🏽", "❤\ufe0f", "🇻🇳"])
def test_what_a_reader_sees_as_one_sign_is_not_torn(sign: str) -> None:
    for piece in split_text(sign * 20, 11):
        assert piece == sign * (len(piece) // len(sign))


def test_a_heap_of_marks_comes_to_an_end() -> None:
    pieces = split_text("a" + "\u0301" * 50, 7)
    assert "".join(pieces) == "a" + "\u0301" * 50
    assert all(len(piece) <= 7 for piece in pieces)


def test_a_limit_without_room_for_the_list_is_an_error() -> None:
    with pytest.raises(ValueError, match="no room"):
        split(Reply("a " * 30, FIVE), limit=40, plain=True)


WRITING = st.text(
    st.sampled_from("aáạbcđêế.,!? \n\u0301\u0323\u200d\ufe0f👍🏽🇻🇳👨👩0189-") | st.characters(codec="utf-8"),
    max_size=400,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(WRITING, st.integers(1, 120))
def test_no_letter_is_lost_and_no_piece_is_too_long(text: str, limit: int) -> None:
    pieces = split_text(unicodedata.normalize("NFC", text), limit)
    assert letters("".join(pieces)) == letters(text)
    assert all(len(piece) <= limit and piece == piece.strip() for piece in pieces)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=40)
@given(WRITING, st.integers(0, 5), st.booleans())
def test_the_same_for_replies_with_buttons(text: str, count: int, plain: bool) -> None:
    pieces = split(Reply(text, FIVE[:count]), limit=250, plain=plain)
    assert letters("".join(piece.text for piece in pieces)) == letters(text)
    assert [button for piece in pieces for button in piece.buttons] == list(FIVE[:count])
    assert all(len(render_plain(piece) if plain else piece.text) <= 250 for piece in pieces)


def test_the_sentence_library_is_not_loaded_for_short_replies() -> None:
    """It takes most of a second and some 90 MB; a worker that never cuts should not pay for it."""
    program = (
        "import sys; from bot.replies import Reply; from bot.zalo.splitting import split; import bot.zalo.client; "
        "split(Reply('Chào bác')); sys.exit('underthesea' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
