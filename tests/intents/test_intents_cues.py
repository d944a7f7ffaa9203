"""Words that ask a part: the quick search for them finds what a plain one finds; letters by a table."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Mapping

import pytest

from intents import normalize
from intents.cues import STRONG_WEIGHT, WEIGHTS, _as_pattern, _hits, cue_weights, several_asked, strip_cues
from intents.lexicon import read_table
from intents.syllables import KEPT_LETTERS, LetterTable, fold


def _plainly(said: str) -> Mapping[str, tuple[float, int]]:
    """Every cue tried at every place, every hit held against every other."""
    groups: dict[tuple[str, float], list[str]] = {}
    for row in read_table("cues.tsv"):
        groups.setdefault((row["facet"], WEIGHTS[row["strong"]]), []).append(_as_pattern(row["words"]))
    hits = [
        (hit.start(), hit.end(), facet, weight)
        for (facet, weight), patterns in groups.items()
        for hit in re.finditer("|".join(patterns), said)
    ]
    found: dict[str, tuple[float, int]] = {}
    for start, end, facet, weight in hits:
        inside = [
            other
            for one, two, other, strong in hits
            if one <= start and end <= two and two - one > end - start and strong >= STRONG_WEIGHT and other != facet
        ]
        if not inside:
            most, last = found.get(facet, (0.0, 0))
            found[facet] = (max(most, weight), max(last, end))
    return found


def test_cues_are_those_a_plain_search_finds() -> None:
    chance = random.Random(7)
    written = [row["words"].replace("...", "cho con").replace("!", "") for row in read_table("cues.tsv")]
    texts = [row["text"] for row in read_table("examples.tsv")[::40]]
    texts += [" ".join(chance.choices(written, k=chance.randint(1, 25))) for _ in range(250)]
    found = 0
    for text in texts:
        form = normalize(text)
        expected = _plainly(" ".join(form.folded_tokens))
        assert dict(cue_weights(form)) == expected
        found += bool(expected)
    assert found > 600


def test_every_cue_is_found_where_it_stands_alone() -> None:
    for row in read_table("cues.tsv"):
        words = " ".join(word for word in row["words"].split(" ") if not word.startswith("!"))
        said = " ".join(normalize(words.replace("...", "cho con")).folded_tokens)
        assert (row["facet"], WEIGHTS[row["strong"]]) in {hit[2:] for hit in _hits(said)}, row


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("le phi khai sinh", "khai sinh"),
        ("khai sinh can giay to gi", "khai sinh"),
        ("le phi bao nhieu", ""),
        ("", ""),
        ("mat so do", "so do"),
        ("khai sinh", "khai sinh"),
    ],
)
def test_words_of_asking_are_taken_off_both_ends(words: str, left: str) -> None:
    assert strip_cues(words) == left


def test_two_parts_one_after_the_other() -> None:
    assert several_asked(normalize("khai sinh ở đâu, bao nhiêu tiền")) == ("place", "fee")
    assert several_asked(normalize("khai sinh ở đâu")) is None


def test_letters_without_marks() -> None:
    assert fold("Đường Lê Đại Hành, thửa đất số 5 ỡ") == "Duong Le Dai Hanh, thua dat so 5 o"
    for code in range(0xC0, 0x2000):
        letter = chr(code)
        decomposed = unicodedata.normalize("NFD", letter.replace("đ", "d").replace("Đ", "D"))
        assert fold(letter) == "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def test_a_table_of_letters_stays_small() -> None:
    asked: list[str] = []

    def doubled(letter: str) -> str:
        asked.append(letter)
        return letter * 2

    table = LetterTable(doubled)
    assert "aab".translate(table) == "aaaabb" and asked == ["a", "b"]
    text = "".join(map(chr, range(KEPT_LETTERS, KEPT_LETTERS + 20_000)))
    assert text.translate(table) == "".join(letter * 2 for letter in text)
    assert len(table) == 2
