"""Official names, typed as on paper, without marks or in capitals, lead to their topic and to the part asked for.

The names are those of the 112 topics (``knowledge/topics.tsv``) and those of the official list of procedures that a
curated topic answers. What is counted is what a resident sees: the topic answered, or the first one offered.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from datetime import date, datetime, time

import pytest

import intents
import knowledge
from bot.clock import VIETNAM
from bot.conversation import Conversation, load_words
from bot.conversation.asking import ask
from intents.syllables import fold
from knowledge.loader import PACKAGED_FOLDER
from knowledge.portal import packaged_index

LIBRARY = knowledge.load()
COMMUNE = LIBRARY.communes["ha-dong"]
NOW = datetime.combine(date(2026, 11, 22), time(10), VIETNAM)
WANTED_SHARE = 0.98

FORMS: dict[str, Callable[[str], str]] = {"plain": str, "without marks": fold, "upper case": str.upper}
QUESTIONS: dict[str, Callable[[str], str]] = {
    "papers": lambda name: f"{name} cần giấy tờ gì",
    "fee": lambda name: f"lệ phí {name}",
    "time": lambda name: f"{name} bao lâu",
    "place": lambda name: f"{name} làm ở đâu",
    "online": lambda name: f"{name} nộp qua mạng thế nào",
    "form": lambda name: f"mẫu đơn {name}",
    "who": lambda name: f"ai được làm {name}",
    "late": lambda name: f"{name} quá hạn thì sao",
    "result": lambda name: f"{name} xong nhận được gì",
    "overview": str,
}


def _topic_names() -> list[tuple[str, str]]:
    with (PACKAGED_FOLDER / "topics.tsv").open(encoding="utf-8", newline="") as lines:
        return [(row["id"], row["name_vi"]) for row in csv.DictReader(lines, delimiter="\t")]


def _portal_names() -> list[tuple[str, str]]:
    """Names in force; what a later decision repealed (``portal/corrections.tsv``) is answered as repealed instead."""
    index = packaged_index()
    with (PACKAGED_FOLDER / "portal" / "procedures.tsv").open(encoding="utf-8", newline="") as lines:
        listed = [index.by_code(row["code"]) for row in csv.DictReader(lines, delimiter="\t") if row["topic"]]
    listings = [procedure.listing for procedure in listed if procedure is not None]
    return [(str(listing.topic), listing.name) for listing in listings if listing.status == "current"]


@pytest.fixture(scope="module")
def conversation() -> Conversation:
    try:
        understander = intents.load()
    except intents.ModelMissing as missing:
        pytest.skip(str(missing))
    return Conversation(understander, LIBRARY, load_words(), lambda _commune_id: packaged_index())


def _first_topic(conversation: Conversation, text: str) -> tuple[str | None, dict[str, object]]:
    document, _ = ask(conversation, text, COMMUNE, NOW)
    topics = document["topics"]
    assert isinstance(topics, list)
    return (topics[0]["id"] if topics else None), document


def _share_found(
    conversation: Conversation, names: Iterable[tuple[str, str]], typed: Callable[[str], str]
) -> tuple[float, str]:
    misses: list[str] = []
    total = 0
    for topic, name in names:
        total += 1
        first, document = _first_topic(conversation, typed(name))
        if first != topic:
            misses.append(f"{topic} ← {typed(name)[:120]} → {document['decision']} {first}")
    report = "\n".join([f"{1 - len(misses) / total:.1%} of {total}", *misses])
    print(report)
    return 1 - len(misses) / total, report


@pytest.mark.parametrize("form", FORMS)
def test_every_topic_is_found_by_its_official_name(conversation: Conversation, form: str) -> None:
    share, report = _share_found(conversation, _topic_names(), FORMS[form])
    assert share >= WANTED_SHARE, report


@pytest.mark.parametrize("form", FORMS)
def test_procedures_of_curated_topics_are_found_by_the_names_of_the_official_list(
    conversation: Conversation, form: str
) -> None:
    share, report = _share_found(conversation, _portal_names(), FORMS[form])
    assert share >= WANTED_SHARE, report


def test_a_name_and_a_part_are_answered_from_the_parts_own_text(conversation: Conversation) -> None:
    misses: list[str] = []
    asked = [
        (topic, facet, question(name))
        for facet, question in QUESTIONS.items()
        for topic, name in _topic_names()
        if facet in LIBRARY.topics[topic].facets
    ]
    for topic, facet, text in asked:
        first, document = _first_topic(conversation, text)
        wanted = LIBRARY.answer(topic, facet, COMMUNE, NOW.date()).text
        if first != topic or wanted not in str(document["reply"]):
            misses.append(f"{topic} ← {text[:120]} → {document['decision']} {first} {document['facet']}")
    share = 1 - len(misses) / len(asked)
    report = "\n".join([f"{share:.1%} of {len(asked)}", *misses])
    print(report)
    assert share >= WANTED_SHARE, report
