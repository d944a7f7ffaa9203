"""Checklists: the papers of a topic one by one, so that a resident can tick what lies on the table.

Every item is worded as in the topic's own papers part. A list is offered only while each of its items still stands
there on that day and in that commune: once a rule changes or staff edit the part, an old list is not shown.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from knowledge.problems import Problem
from knowledge.schema import Topic
from knowledge.words import word

ItemKind = Literal["submit", "show", "bring"]
FILE = "checklists.tsv"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One paper: handed in, only shown, or brought along. ``when`` names the case that needs it, "" for everybody;
    ``instead_of`` the id of an item it stands in for."""

    id: str
    kind: ItemKind
    text: str
    when: str = ""
    instead_of: str = ""

    @property
    def label(self) -> str:
        """The item in one line, as a button or a card shows it."""
        shown = word("checklist_show", text=self.text[0].lower() + self.text[1:]) if self.kind == "show" else self.text
        return f"{shown} ({self.when})" if self.when else shown


Checklist = tuple[ChecklistItem, ...]


def read_checklists(path: Path) -> dict[str, Checklist]:
    """Read the table: topic, id, kind, text, when, instead_of. Returns nothing where the file is not there.

    Raises KeyError for a missing column, ValueError for an unknown kind.
    """
    found: dict[str, Checklist] = {}
    if not path.exists():
        return found
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["kind"] not in get_args(ItemKind):
                raise ValueError(f"{row['topic']}.{row['id']}: kind {row['kind']!r}")
            kind: ItemKind = "submit" if row["kind"] == "submit" else "show" if row["kind"] == "show" else "bring"
            item = ChecklistItem(row["id"], kind, row["text"], row["when"] or "", row["instead_of"] or "")
            found[row["topic"]] = (*found.get(row["topic"], ()), item)
    return found


def holds(checklist: Checklist, topic: Topic, on: date) -> bool:
    """Tell whether every item still stands in the topic's papers part on the day."""
    papers = topic.facets.get("papers")
    text = papers.text_on(on) if papers else None
    return bool(checklist) and text is not None and all(item.text.casefold() in text.casefold() for item in checklist)


def needed(checklist: Checklist) -> Checklist:
    """Return the items everybody needs."""
    return tuple(item for item in checklist if not item.when)


def is_complete(checklist: Checklist, ticked: Iterable[str]) -> bool:
    """Tell whether everybody's items are there, or what stands in for them; something must be ticked at all."""
    have = set(ticked)
    stand_ins = {item.instead_of for item in checklist if item.id in have}
    return bool(have) and all(item.id in have or item.id in stand_ins for item in needed(checklist))


def faults(checklists: Mapping[str, Checklist], topics: Mapping[str, Topic]) -> Iterator[Problem]:
    """Name every item that is not worded as in the topic's papers, appears twice or stands in for nothing."""
    for topic_id, checklist in checklists.items():
        topic = topics.get(topic_id)
        if topic is None:
            yield Problem(FILE, topic_id, word("check_checklist_topic"))
            continue
        papers = topic.facets.get("papers")
        wordings = [version.text.casefold() for version in papers.all_versions()] if papers else []
        ids = [item.id for item in checklist]
        for item in checklist:
            where = f"{topic_id}.{item.id}"
            if not any(item.text.casefold() in wording for wording in wordings):
                yield Problem(FILE, where, word("check_checklist_text", text=item.text))
            if ids.count(item.id) > 1:
                yield Problem(FILE, where, word("check_checklist_twice"))
            if item.instead_of and item.instead_of not in ids:
                yield Problem(FILE, where, word("check_checklist_instead", id=item.instead_of))
