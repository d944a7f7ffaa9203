"""The comparison of understanding is fair: same lines, same examples, in turn; a rival not installed is named so."""

from __future__ import annotations

import importlib
import json
import re
import sys
from contextlib import ExitStack
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz.distance import Indel

from benchmarks.understanding.__main__ import MARK, PAGES, SHOWN, Comparison
from benchmarks.understanding.measuring import ROOT, Tally, between_marks, kept_lines, measure, share, table_line
from benchmarks.understanding.processes import APART, BM25S, CHATTERBOT, NLPJS, Asked, RivalFailed, install
from benchmarks.understanding.rivals import Answer, best_labels, fuzzy
from intents.dataset import lines
from intents.understanding import OUT_OF_SCOPE_LABEL

ECHO = """
import os
from talking import serve

def learn(examples, out_of_scope):
    known = dict(examples)
    print("libraries print what they like")
    def answer(text, as_delivered):
        if text == "die":
            os._exit(3)
        label = known.get(text, out_of_scope)
        return [label, *sorted(set(known.values()) - {label})], not as_delivered
    return answer

serve(learn)
"""


@pytest.fixture
def chatterbot_script(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(APART))
    return importlib.import_module("ask_chatterbot")


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    script = tmp_path / "echo.py"
    script.write_text(ECHO, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(APART))
    return [sys.executable, str(script)]


def _ratio(text: str, example: str) -> float:
    """As ChatterBot's LevenshteinDistance compares."""
    return round(SequenceMatcher(None, text.lower(), example.lower()).ratio(), 2)


def test_sparing_chatterbot_comparisons_changes_no_answer(chatterbot_script: Any) -> None:
    examples = [(line.text, line.label) for line in lines()[::150]]
    compared: list[str] = []

    def compare(text: str, example: str) -> float:
        compared.append(example)
        return _ratio(text, example)

    texts = [str(row["text"]) for row in kept_lines(120, 60)] + [examples[7][0], "", "xyz"]
    for text in texts:
        bounds = [Indel.normalized_similarity(text.lower(), example.lower()) for example, _ in examples]
        every = {place: _ratio(text, example) for place, (example, _) in enumerate(examples)}
        spared = chatterbot_script.possible(text, examples, bounds, compare)
        whole = chatterbot_script.ranked(examples, every)
        assert chatterbot_script.ranked(examples, spared)[:4] == whole[:4]
        # The first example of the best score is the one ChatterBot replies by; it stops early at its threshold.
        assert max(every, key=lambda place: every[place]) in spared or not any(every.values())
    assert len(compared) < 0.8 * len(texts) * len(examples)


def test_nothing_at_the_threshold_where_chatterbot_stops_is_left_out(chatterbot_script: Any) -> None:
    examples = [(f"làm giấy khai sinh ở đâu thế {letter}", f"label {letter}") for letter in "abcdefgh"]
    text = "làm giấy khai sinh ở đâu thế h"
    bounds = [Indel.normalized_similarity(text, example) for example, _ in examples]
    spared = chatterbot_script.possible(text, examples, bounds, _ratio)
    assert {place for place, (example, _) in enumerate(examples) if _ratio(text, example) >= 0.95} <= set(spared)


def test_lines_are_counted_alike_for_everybody() -> None:
    tally = Tally()
    tally.count(["khai-sinh"], Answer((OUT_OF_SCOPE_LABEL, "khai-sinh"), True, 2.0))
    tally.count(["khai-sinh", "khai-tu"], Answer(("ket-hon", "ly-hon", "khai-tu", "tam-tru"), True, 4.0))
    tally.count(["khai-sinh"], Answer(("ket-hon", "ly-hon", "tam-tru", "khai-sinh"), True, 0.0))
    tally.count(["khai-sinh"], Answer((), False, 0.0))
    tally.count([], Answer((OUT_OF_SCOPE_LABEL, "khai-sinh"), True, 0.0))
    tally.count([], Answer(("khai-sinh",), False, 0.0))
    tally.count([], Answer(("khai-sinh",), True, 0.0))
    assert (tally.inside, tally.first, tally.three) == (4, 1, 2)
    assert (tally.outside, tally.answered) == (3, 1)
    assert table_line("ai đó", tally) == "| ai đó | 25,0 % | 50,0 % | 33,3 % | 0,9 |"
    assert table_line("ai đó", tally, [12345.6]).endswith("| 12.346 |")
    assert share(0, 0) == "–"


def test_every_line_goes_to_everybody_before_the_next_and_the_first_changes() -> None:
    asked: list[tuple[str, str]] = []

    def matcher(name: str) -> Any:
        def match(text: str) -> Answer:
            asked.append((text, name))
            return Answer(("khai-sinh",), True, 1.0)

        return match

    rows = [{"id": text, "text": text, "expect": ["khai-sinh"]} for text in "abc"]
    seen: list[int] = []
    found = measure(rows, {"x": matcher("x"), "y": matcher("y")}, lambda place, row: seen.append(place))
    assert asked == [("a", "x"), ("a", "y"), ("b", "y"), ("b", "x"), ("c", "x"), ("c", "y")]
    assert seen == [0, 1, 2]
    assert {name: (tally.inside, tally.first) for name, tally in found.items()} == {"x": (3, 3), "y": (3, 3)}


def test_the_lines_are_kept_ones_fixed_and_each_once() -> None:
    every, some = kept_lines(1, 1), kept_lines(5, 2)
    assert [row["id"] for row in some] == [row["id"] for row in kept_lines(5, 2)]
    assert len({row["id"] for row in every}) == len(every) > 900
    inside = [row["id"] for row in every if row["expect"]]
    outside = [row["id"] for row in every if not row["expect"]]
    assert {row["id"] for row in some} == {*inside[::5], *outside[::2]}
    assert not any(row["kind"] == "multi" for row in every)
    assert {row["text"] for row in every}.isdisjoint({line.text for line in lines()})


def test_a_rival_apart_learns_answers_and_is_heard_when_it_dies(echo: list[str]) -> None:
    with Asked("echo", echo, [("làm khai sinh", "khai-sinh"), ("cưới", "ket-hon")]) as rival:
        rival.wait_until_learned()
        first = rival.ask("làm khai sinh")
        assert (first.labels, first.sure, first.answers) == (("khai-sinh", "ket-hon"), True, True)
        assert first.milliseconds >= 0
        assert rival.ask("cưới", as_delivered=True).sure is False
        stranger = rival.ask("mua vàng ở đâu")
        assert stranger.labels[0] == OUT_OF_SCOPE_LABEL
        assert stranger.answers is False
        assert stranger.named == ("ket-hon", "khai-sinh")
        with pytest.raises(RivalFailed, match="echo ended with code 3"):
            rival.ask("die")


def test_who_is_not_installed_is_said_to_be_missing_and_the_rest_is_measured(tmp_path: Path) -> None:
    with ExitStack() as stack:
        comparison = Comparison(lines()[:50], tmp_path, stack)
        assert comparison.missing == list(SHOWN.values())
        assert list(comparison.matchers) == ["Hỏi Xã", "rapidfuzz token_set_ratio", "rapidfuzz WRatio"]
        assert comparison.matchers["Hỏi Xã"]("làm giấy khai sinh cho con cần giấy tờ gì").labels[0] == "khai-sinh"


def test_an_installed_rival_is_found_in_its_folder_alone(tmp_path: Path) -> None:
    python = tmp_path / "python" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert BM25S.command(tmp_path) is None
    (tmp_path / "python/lib/python3.11/site-packages/bm25s").mkdir(parents=True)
    assert BM25S.command(tmp_path) == [str(python), str(APART / "ask_bm25s.py"), str(tmp_path / "node")]
    assert CHATTERBOT.command(tmp_path) is None


def test_a_tool_that_is_not_there_fails_the_installation_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("benchmarks.understanding.processes.sys.executable", str(tmp_path / "no-python"))
    failures = install(tmp_path / "rivals")
    assert [failure.split(": ")[-1] for failure in failures] == ["not found"] * 3
    assert (tmp_path / "rivals/node/package-lock.json").exists()


def test_fuzzy_names_the_nearest_examples_label() -> None:
    learned = lines()
    match = fuzzy("token_set_ratio", learned)
    answer = match(learned[3].text.upper())
    assert answer.labels[0] == learned[3].label
    assert answer.sure
    assert best_labels([("a", 1.0), ("b", 3.0), ("a", 2.0), ("c", 2.0)]) == ["b", "a", "c"]


def test_the_readme_shows_the_table_of_the_page_with_everybody_in_it() -> None:
    tables = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found = re.search(rf"<!-- {re.escape(MARK)} -->\n(.*?)<!-- /", text, re.DOTALL)
        assert found is not None
        tables.append(found[1])
        assert between_marks(text, MARK, found[1]) == text
    assert tables[0] == tables[1]
    named = re.findall(r"^\| ([^|]+?) \|", tables[0], re.MULTILINE)[1:]
    assert set(named) == {"Hỏi Xã", "rapidfuzz token_set_ratio", "rapidfuzz WRatio", *SHOWN.values()}


def test_a_page_without_marks_is_refused() -> None:
    assert between_marks("a\n<!-- m -->\nold\n<!-- /m -->\nz", "m", "new\n") == "a\n<!-- m -->\nnew\n<!-- /m -->\nz"
    with pytest.raises(ValueError, match="marks of m"):
        between_marks("a <!-- m --> b", "m", "new")


def test_rivals_are_pinned_and_no_dependency_of_ours() -> None:
    pins = (APART / "requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = [pin for pin in pins if not pin.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in asked)
    assert {"bm25s==0.2.14", "chatterbot==1.2.15"} <= set(asked)
    lock = json.loads((APART / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((APART / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert wanted == {"node-nlp": "4.27.0"} == lock["packages"][""]["dependencies"]
    assert all("resolved" not in package for package in lock["packages"].values())
    shown = " ".join(SHOWN.values())
    assert {BM25S.name, CHATTERBOT.name, NLPJS.name} == set(SHOWN)
    assert "0.2.14" in shown and "1.2.15" in shown and "4.27.0" in shown
    ours = (ROOT / "pyproject.toml").read_text(encoding="utf-8").lower()
    assert not any(name in ours for name in ("chatterbot", "bm25s", "node-nlp"))
