"""Short codes are stable, unambiguous even when misread, and cover every topic."""

from __future__ import annotations

from pathlib import Path

import pytest

import knowledge
from knowledge.profile_lists import Village
from knowledge.short_codes import Meaning, code_of, looks_like_a_code, read_codes, read_message, village_codes

LIBRARY = knowledge.load()
CODES = LIBRARY.short_codes


def test_every_topic_and_dialogue_has_one_code() -> None:
    assert sorted(CODES.values()) == sorted([*LIBRARY.topics, "@feedback", "@idea", "@rating"])


def test_codes_are_short_and_hold_no_letter_that_looks_like_another() -> None:
    for code in CODES:
        assert 2 <= len(code) <= 4
        assert set(code) <= set("ABCDEGHKLMNPQRSTVXY"), code


@pytest.mark.parametrize("code", sorted(CODES))
def test_a_code_is_read_in_any_case_with_and_without_its_mark(code: str) -> None:
    for typed in (f"#{code}", f"# {code}", f"#{code.lower()}", f"  #{code}. ", code, code.lower(), " ".join(code)):
        meaning = read_message(typed, CODES)
        assert meaning is not None, typed
        assert (meaning.topic or meaning.dialogue) == CODES[code]


def test_digits_typed_for_letters_are_read_as_the_letters() -> None:
    assert read_message("#K5", CODES) == Meaning(topic="khai-sinh")
    assert read_message("#5YBC", CODES) == Meaning(topic="chung-thuc-ban-sao")


def test_codes_once_printed_never_change() -> None:
    printed = {"KS": "khai-sinh", "KT": "khai-tu", "TCD": "lich-tiep-cong-dan", "PA": "@feedback", "SK": "@idea"}
    assert printed.items() <= CODES.items()


@pytest.mark.parametrize(
    "text", ["", "đg", "#", "ks cho con", "làm ks", "k", "#khai sinh", "kh", "hn", "ok", "hi", "T3"]
)
def test_other_messages_are_no_codes(text: str) -> None:
    assert read_message(text, CODES) is None


def test_an_unknown_code_has_the_shape_of_one() -> None:
    assert read_message("#ZZZ", CODES) is None
    assert looks_like_a_code("#ZZZ")
    assert not looks_like_a_code("#hoixa:answer:khai-sinh")


def test_villages_are_numbered_in_the_order_of_the_profile() -> None:
    commune = LIBRARY.communes["ha-bac"]
    assert village_codes(commune) == ()
    villages = (Village(name="Thôn Một"), Village(name="Thôn Hai"))
    assert [code for code, _ in village_codes(commune.model_copy(update={"villages": villages}))] == ["#T1", "#T2"]
    assert read_message("#t2", CODES) == Meaning(village=2)


def test_the_printed_form_and_a_missing_table(tmp_path: Path) -> None:
    assert code_of("khai-sinh", CODES) == "#KS"
    assert read_codes(tmp_path / "none.tsv") == {}
