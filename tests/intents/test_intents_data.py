"""The language material is sound and the committed gate belongs to it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any

from intents.dataset import data_hash, lines, pointer_ids, topics
from intents.gate import load_gate
from intents.lexicon import read_table
from intents.understanding import ACTION_LABELS, CHITCHAT_KINDS, CHITCHAT_LABEL, FACETS, OUT_OF_SCOPE_LABEL

IDS = {topic.id for topic in topics()}


def test_labels_are_known() -> None:
    assert len(IDS) == 112
    assert {line.label for line in lines()} == IDS | set(ACTION_LABELS) | {CHITCHAT_LABEL, OUT_OF_SCOPE_LABEL}
    assert {line.facet for line in lines()} <= {*FACETS, ""}
    assert {row["facet"] for row in read_table("facets.tsv")} == set(FACETS)
    assert {row["facet"] for row in read_table("cues.tsv")} <= set(FACETS)
    assert {row["kind"] for row in read_table("chitchat.tsv")} == set(CHITCHAT_KINDS)


def test_every_topic_has_lines_of_many_authors() -> None:
    authors: dict[str, Counter[str]] = {}
    for line in lines():
        authors.setdefault(line.label, Counter())[line.author] += 1
    assert all(set("abcdsefgijkluv") <= set(authors[topic]) for topic in IDS)
    assert min(sum(authors[topic].values()) for topic in IDS) >= 100


def test_texts_are_composed_and_unlike() -> None:
    texts = [line.text for line in lines() if line.author != "catalogue"]
    assert all(text == unicodedata.normalize("NFC", text) and text == " ".join(text.split()) for text in texts)
    meanings: dict[str, set[str]] = {}
    for line in lines():
        meanings.setdefault(line.text.lower(), set()).add(line.label)
    assert [text for text, labels in meanings.items() if len(labels) > 1] == []


def test_siblings_name_known_labels() -> None:
    for row in read_table("siblings.tsv"):
        assert {row["a"], row["b"]} <= IDS | set(ACTION_LABELS) | {CHITCHAT_LABEL, OUT_OF_SCOPE_LABEL}
        assert row["question"].endswith("?")


def test_pointers_are_slugs() -> None:
    assert len(pointer_ids()) >= 40
    assert all(pointer == pointer.lower() and " " not in pointer for pointer in pointer_ids())


def test_gate_belongs_to_the_data() -> None:
    gate = load_gate()
    assert gate.data_hash == data_hash(), "run: python -m intents.build --calibrate"
    assert gate.measured["wrongly_sure"] <= 0.01
    assert 0 < gate.offer < gate.answer < 1


def test_evaluation_set_covers_everything(evaluation: list[dict[str, Any]]) -> None:
    asked = Counter(label for row in evaluation for label in row["expect"])
    assert all(asked[topic] >= 2 for topic in IDS)
    assert all(asked[label] >= 5 for label in (*ACTION_LABELS, CHITCHAT_LABEL))
    assert sum(1 for row in evaluation if not row["expect"]) >= 30
    assert sum(1 for row in evaluation if row["kind"] == "multi") >= 12
    assert {"no_diacritics", "teencode", "typo", "nfd", "caps", "long_story", "emoji"} <= {
        row["noise"] for row in evaluation
    }
    assert len({row["id"] for row in evaluation}) == len(evaluation) >= 300
