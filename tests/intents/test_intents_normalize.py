"""Letters, masks, abbreviations, tone marks."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents import normalize
from intents.lexicon import read_table
from intents.syllables import decode_telex, fold, is_syllable


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("ĐĂNG KÝ XE", "đăng ký xe"),
        ("Ðăng ký xe", "đăng ký xe"),
        ("Đăng\u200b ký\ufeff xe", "đăng ký xe"),
        ("đăng\u00a0ký xe", "đăng ký xe"),
        ("hoà giải uỷ quyền thuỷ sản", "hòa giải ủy quyền thủy sản"),
        ("quý hoàn toàn", "quý hoàn toàn"),
        ("giâý tờ", "giấy tờ"),
        ("giấyyyyy tờ", "giấy tờ"),
        ("cccd", "căn cước công dân"),
        ("ddawng kys xe", "đăng ký xe"),
        ("đk kh", "đăng ký kết hôn"),
        ("làm j z", "làm gì vậy"),
        ("khai sinh 👶🏻 ạ", "khai sinh ạ"),
        ("ｋｈａｉ ｓｉｎｈ", "khai sinh"),
        ("𝐤𝐡𝐚𝐢 𝐬𝐢𝐧𝐡", "khai sinh"),
        ("kh\u0430i sinh", "khai sinh"),
    ],
)
def test_one_standard_form(typed: str, standard: str) -> None:
    assert normalize(typed).text == standard


@pytest.mark.parametrize(
    ("typed", "mark", "secret"),
    [
        ("gọi tôi 0912 345 678 nhé", "<phone>", "345"),
        ("+84912345678", "<phone>", "912345678"),
        ("cccd 031090001234", "<id>", "031090001234"),
        ("thư a.b@example.com", "<mail>", "example"),
        ("xem https://example.com/x?y=1", "<url>", "example"),
        ("hồ sơ H24.12-240501-0012", "<code>", "240501"),
        ("PA-7K2M3X", "<case>", "7k2m3x"),
        ("pa 7k2m3x", "<case>", "7k2m3x"),
        ("sk7k2m3x", "<case>", "7k2m3x"),
    ],
)
def test_personal_data_is_masked(typed: str, mark: str, secret: str) -> None:
    form = normalize(typed)
    assert mark in form.text
    assert secret not in form.text.replace(" ", "")
    assert mark in form.tokens


def test_lexicon_keeps_ambiguous_words_alone() -> None:
    assert "hs" in normalize("hs").tokens
    assert normalize("nộp hs").text == "nộp hồ sơ"
    assert normalize("hs lớp 1").text == "học sinh lớp 1"


def test_lexicon_rows_are_sound() -> None:
    rows = read_table("lexicon.tsv")
    plain = [row["written"] for row in rows if row["ambiguous"] == "no"]
    assert len(plain) == len(set(plain))
    assert all(row["beside"] for row in rows if row["ambiguous"] == "yes")
    assert all(row["written"] == unicodedata.normalize("NFC", row["written"]).lower() for row in rows)


@pytest.mark.parametrize("word", ["nghiêng", "khuya", "quốc", "giếng", "ươm", "yến", "thuở", "đường", "uỷ", "gì"])
def test_real_syllables(word: str) -> None:
    assert is_syllable(word)
    assert is_syllable(fold(word))


@pytest.mark.parametrize("word", ["zalo", "xyz", "asdf", "hello", "qwerty"])
def test_no_syllables(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("keys", "word"),
    [("ddawng", "đăng"), ("kys", "ký"), ("giaays", "giấy"), ("dduwowcj", "được"), ("nguwowif", "người")],
)
def test_telex(keys: str, word: str) -> None:
    assert decode_telex(keys) == word


@pytest.mark.parametrize("word", ["xe", "khai", "sinh", "can", "to", "zalo"])
def test_telex_leaves_words_alone(word: str) -> None:
    assert decode_telex(word) is None


@given(st.text(max_size=300))
def test_any_text_is_normalised(text: str) -> None:
    form = normalize(text)
    assert form.folded == fold(form.text)
    assert len(form.folded_tokens) == len(form.tokens)
    assert "\u200b" not in form.text


_SAMPLE = [row["text"] for row in read_table("examples.tsv")][::97]


@given(st.sampled_from(_SAMPLE))
@settings(max_examples=60)
def test_spelling_of_letters_does_not_matter(text: str) -> None:
    wanted = normalize(text)
    assert normalize(unicodedata.normalize("NFD", text)) == wanted
    assert normalize(text.upper()) == wanted
    assert normalize("\u200b".join(text)) == wanted
    assert normalize(text.replace("đ", "ð").replace("Đ", "Ð")) == wanted


@given(st.sampled_from(_SAMPLE))
@settings(max_examples=60)
def test_normalising_twice_changes_no_word(text: str) -> None:
    once = normalize(text)
    assert [word for word in normalize(once.text).tokens if not word.startswith("<")] == [
        word for word in once.tokens if not word.startswith("<")
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 50_000,
        "e" + "\u0301" * 50_000,
        "\u0430a" * 25_000,
        "1 " * 25_000,
        "@" * 50_000,
        "a.b" * 16_000,
        "\x00" * 50_000,
        "-" * 50_000,
    ],
)
def test_time_is_bounded(hostile: str) -> None:
    normalize("nóng máy")
    started = time.thread_time()
    form = normalize(hostile)
    assert time.thread_time() - started < 1.5  # some hundredths, but a collection of garbage may fall into it
    assert len(form.text) < 20_000
