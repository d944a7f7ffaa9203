"""A kept-apart list of questions people ask, each with the fact its answer must hold: library and whole talk.

The questions stand in ``facts/<group>.jsonl``: id, text, topic, facet, on (a day, or null for `TODAY`), commune, must
(patterns the answer must hold) and must_not (patterns it must not). They were written from the laws and notices the
answers rest on, not from the answers. ``facts/outdated.yaml`` holds what no answer may teach any more.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import pytest
import yaml

import intents
import knowledge
from bot.clock import VIETNAM
from bot.conversation import Conversation, load_words
from bot.conversation.asking import ask
from knowledge.loader import PACKAGED_FOLDER
from knowledge.portal import packaged_index

FACTS = Path(__file__).parent / "facts"
LIBRARY = knowledge.load()
TODAY = date(2026, 11, 22)
"""The day questions without one are asked: a day after the look at the sources, before anything changes."""
SIDES = (TODAY, date(2027, 1, 5), date(2027, 3, 2))
"""Before and after the changes known: the turn of the year and 1/3/2027."""

FEWEST_QUESTIONS = 220
EVERYDAY_GROUPS = ("ho-tich", "chung-thuc", "cu-tru")
WANTED_SHARE = 0.95

_SENTENCE_END = re.compile(r"(?<!\d)[.;](?:\s|$)|\n")


@dataclass(frozen=True, slots=True)
class Question:
    """One question and the fact its answer must hold."""

    id: str
    text: str
    topic: str
    facet: str
    on: date
    commune: str
    must: tuple[str, ...]
    must_not: tuple[str, ...]

    def faults(self, answer: str) -> tuple[list[str], list[str]]:
        """Return what the answer lacks of the fact, and what outdated or wrong things it says."""
        lacking = [pattern for pattern in self.must if not re.search(pattern, answer, re.IGNORECASE)]
        wrong = [pattern for pattern in self.must_not if re.search(pattern, answer, re.IGNORECASE)]
        return lacking, wrong


def _questions() -> Iterator[Question]:
    for path in sorted(FACTS.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            row["on"] = date.fromisoformat(row["on"]) if row["on"] else TODAY
            yield Question(**{**row, "must": tuple(row["must"]), "must_not": tuple(row["must_not"])})


QUESTIONS = tuple(_questions())
OUTDATED: Mapping[str, Mapping[str, str]] = yaml.safe_load((FACTS / "outdated.yaml").read_text("utf-8"))


def _taught_though_outdated(topic: str, answer: str) -> list[tuple[str, str]]:
    """Return the outdated things an answer tells people to do: (name, sentence)."""
    rules = [(name, rule) for name, rule in OUTDATED.items() if topic in rule.get("topics", [topic])]
    return [
        (name, sentence)
        for sentence in _SENTENCE_END.split(answer)
        for name, rule in rules
        if re.search(rule["pattern"], sentence, re.IGNORECASE)
        and not re.search(rule["unless"], sentence, re.IGNORECASE)
    ]


def _groups() -> dict[str, str]:
    with (PACKAGED_FOLDER / "topics.tsv").open(encoding="utf-8", newline="") as lines:
        return {row["id"]: row["group"] for row in csv.DictReader(lines, delimiter="\t")}


def test_the_list_is_wide_enough() -> None:
    asked = Counter(question.topic for question in QUESTIONS)
    groups = _groups()
    assert len(QUESTIONS) >= FEWEST_QUESTIONS
    assert len({question.id for question in QUESTIONS}) == len(QUESTIONS)
    assert set(asked) == set(groups)
    assert [topic for topic, group in groups.items() if group in EVERYDAY_GROUPS and asked[topic] < 2] == []
    assert [question.id for question in QUESTIONS if not question.must] == []


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.id)
def test_the_part_asked_holds_the_fact(question: Question) -> None:
    commune = LIBRARY.communes[question.commune]
    answer = LIBRARY.answer(question.topic, question.facet, commune, question.on)
    assert not answer.asked_facet_missing
    assert question.faults(answer.text) == ([], []), answer.text


@pytest.mark.parametrize("day", SIDES, ids=str)
def test_no_answer_teaches_what_is_outdated(day: date) -> None:
    taught = {
        (topic_id, facet, fault)
        for commune in LIBRARY.communes.values()
        for topic_id, topic in LIBRARY.topics.items()
        for facet in topic.facets
        for fault in _taught_though_outdated(topic_id, LIBRARY.answer(topic_id, facet, commune, day).text)
    }
    assert taught == set()


@pytest.mark.parametrize(
    ("topic", "sentence"),
    [
        ("khai-sinh-nuoc-ngoai", "Bác nộp tại UBND huyện nơi cư trú"),
        ("thuong-tru", "Cần mang sổ hộ khẩu và căn cước"),
        ("huu-tri-xa-hoi", "Người từ đủ 80 tuổi được hưởng"),
        ("tro-cap-xa-hoi", "Mức chuẩn là 360.000 đồng"),
        ("xac-nhan-cu-tru", "Giấy có giá trị 6 tháng"),
        ("nha-o-xa-hoi", "Thu nhập không quá 15 triệu đồng"),
    ],
)
def test_outdated_advice_is_noticed(topic: str, sentence: str) -> None:
    assert _taught_though_outdated(topic, f"Chào bác.\n{sentence}. Hết.") != []


@pytest.fixture(scope="module")
def conversation() -> Conversation:
    try:
        understander = intents.load()
    except intents.ModelMissing as missing:
        pytest.skip(str(missing))
    return Conversation(understander, LIBRARY, load_words(), lambda _commune_id: packaged_index())


@dataclass(frozen=True, slots=True)
class Asked:
    """What came back for all questions: lines that lack the fact, lines that say something outdated."""

    lacking: tuple[str, ...]
    wrong: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of the questions answered with the fact."""
        return 1 - len(self.lacking) / len(QUESTIONS)

    @property
    def report(self) -> str:
        """The figure and every miss."""
        head = f"{self.share:.1%} of {len(QUESTIONS)} questions answered with the fact"
        return "\n".join([head, *self.lacking, f"outdated: {len(self.wrong)}", *self.wrong])


@pytest.fixture(scope="module")
def asked(conversation: Conversation) -> Asked:
    lacking: list[str] = []
    wrong: list[str] = []
    for question in QUESTIONS:
        now = datetime.combine(question.on, time(10), VIETNAM)
        document, _ = ask(conversation, question.text, LIBRARY.communes[question.commune], now)
        missing, outdated = question.faults(str(document["reply"]))
        topics = document["topics"]
        first = topics[0] if isinstance(topics, list) and topics else None
        line = f"{question.id} [{question.facet}] {question.text} → {document['decision']} {first} {document['facet']}"
        if missing:
            lacking.append(f"{line}: lacks {missing}")
        if outdated:
            wrong.append(f"{line}: says {outdated}")
    found = Asked(tuple(lacking), tuple(wrong))
    print(found.report)
    return found


def test_no_reply_says_what_is_outdated(asked: Asked) -> None:
    assert asked.wrong == (), asked.report


def test_asked_as_residents_ask_the_fact_comes_back_as_often_as_wanted(asked: Asked) -> None:
    assert asked.share >= WANTED_SHARE, asked.report
