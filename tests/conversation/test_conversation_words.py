"""The catalogue and the code agree: every text is used, every use has its text, and no Vietnamese hides in code."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from conversation_talk import FACET_NAMES, WORDS

import bot.conversation
from bot.conversation.dialogues import DIALOGUES
from bot.conversation.exchange import CAPTIONED_KINDS
from bot.conversation.words import GROUPS, WordsInvalid, load_words, placeholders_in
from knowledge.communes import PLACEHOLDERS

ROOM = Path(bot.conversation.__file__).parent
SOURCES = sorted(ROOM.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def calls_of(name: str) -> Iterator[tuple[str, ast.Call]]:
    for path, tree in TREES.items():
        file = path.name
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            if (isinstance(called, ast.Attribute) and called.attr == name) or (
                isinstance(called, ast.Name) and called.id == name
            ):
                yield file, node


def literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_every_sentence_is_used_with_its_placeholders_and_every_use_exists() -> None:
    used: dict[str, set[str]] = {}
    for file, call in calls_of("say"):
        key = literal(call.args[0])
        assert key is not None, f"{file}: say() wants its key as a literal, so that this test can see it"
        assert key in WORDS.texts["say"], f"{file}: say.{key} is not in the catalogue"
        values = {keyword.arg for keyword in call.keywords}
        assert placeholders_in(WORDS.texts["say"][key]) - PLACEHOLDERS == values, f"{file}: say.{key}"
        used[key] = values
    assert set(used) == set(WORDS.texts["say"])


def test_every_button_text_is_used() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    for key in WORDS.texts["button"]:
        assert f'"{key}"' in source


def test_every_text_of_dialogues_is_used_and_every_use_exists() -> None:
    strings = {
        node.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    declared = {dialogue.called for dialogue in DIALOGUES.values()}
    for dialogue in DIALOGUES.values():
        declared |= set(dialogue.offered.values())
        declared |= {key for step in dialogue.steps for key in (step.question, step.label) if key}
    named = {
        str(literal(call.args[0])) for _, call in calls_of("words") if call.args and literal(call.args[0]) is not None
    }
    assert declared | named <= set(WORDS.texts["dialogue"])
    assert set(WORDS.texts["dialogue"]) <= declared | strings


def test_groups_hold_exactly_the_kinds_there_are() -> None:
    kinds = "image gif link audio video sticker location file business_card submit_info unknown"
    assert set(WORDS.texts["attachment"]) == set(kinds.split())
    assert set(WORDS.texts["chitchat"]) == {"greeting", "thanks", "goodbye", "praise", "who", "insult", "other"}
    assert {kind.removeprefix("anonymous_") for kind in CAPTIONED_KINDS} <= set(WORDS.texts["attachment"])


def test_every_group_and_list_of_cues_is_named_in_the_code() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    for name in (*GROUPS, *WORDS.cues):
        assert f'"{name}"' in source


def test_texts_outside_say_use_only_placeholders_of_the_commune() -> None:
    for group in set(GROUPS) - {"say"}:
        for key, text in WORDS.texts[group].items():
            assert placeholders_in(text) <= PLACEHOLDERS, f"{group}.{key}"


def test_sample_questions_are_three_and_name_real_parts() -> None:
    assert len(WORDS.examples) == 3
    assert all(example.facet in FACET_NAMES for example in WORDS.examples)


def test_cues_are_in_the_form_they_are_compared_in() -> None:
    for name, cues in WORDS.cues.items():
        assert len(set(cues)) == len(cues), name
        for cue in cues:
            assert cue == cue.lower().strip(), cue
            if name in ("cancel", "not_that", "announces_feedback", "announces_idea"):
                assert cue.isascii(), cue


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_vietnamese_is_said_from_code(path: Path) -> None:
    tree = TREES[path]
    documentation = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                documentation.add(id(statement.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            letters = [letter for letter in node.value if letter.isalpha() and not letter.isascii()]
            assert not letters, f"{path.name}:{node.lineno}: {node.value!r}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_texts_are_nfc_short_and_speak_to_bac() -> None:
    for group in GROUPS:
        for key, text in WORDS.texts[group].items():
            assert unicodedata.is_normalized("NFC", text)
            assert "quý công dân" not in text.lower(), key
            assert not re.search(r"[*_#`]", re.sub(r"\{\w+\}", "", text)), key
            # Old tone placement, as in "hoà", "thuỷ", "huỷ".
            assert not re.search(r"o[àáảãạ]\b|u[ỳýỷỹỵ]\b", text.replace("quý", "")), key


@pytest.mark.parametrize(
    "document",
    [
        "say: {welcome: ''}",
        "say: {welcome: 7}",
        "say: {welcome: '" + "a" * 1001 + "'}",
        "say: {welcome: 'Cha\u0300o'}",
        "says: {}",
    ],
)
def test_a_faulty_catalogue_is_refused(document: str, tmp_path: Path) -> None:
    rest = "attachment: {}\ndialogue: {}\nchitchat: {}\nbutton: {}\nexamples: []\ncues: {}\n"
    (tmp_path / "words.yaml").write_text(f"{document}\n{rest}", encoding="utf-8")
    with pytest.raises(WordsInvalid):
        load_words(tmp_path / "words.yaml")
