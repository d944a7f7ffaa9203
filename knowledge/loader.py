"""Reads the knowledge files once and keeps them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError

from knowledge.checklists import FILE as CHECKLISTS
from knowledge.checklists import read_checklists
from knowledge.communes import Commune
from knowledge.library import Library
from knowledge.plans import PlanAnswers, PlanSubject
from knowledge.problems import Problem
from knowledge.schema import CatalogueRow, FacetName, LocalFacts, Model, Pointer, Topic, TopicParts
from knowledge.scorecards import Scorecard
from knowledge.short_codes import FILE as SHORT_CODES
from knowledge.short_codes import read_codes
from knowledge.words import word

SUBJECTS = "plan_subjects.yaml"
TOPIC_PARTS = "topic_parts.yaml"
PACKAGED_FOLDER = Path(__file__).parent

# Kinds of error of pydantic and the word that tells an officer what to do about them.
_MESSAGES = {
    "missing": "schema_missing",
    "extra_forbidden": "schema_unknown_key",
    "literal_error": "schema_not_allowed",
    "date_from_datetime_parsing": "schema_day",
    "date_type": "schema_day",
    "string_type": "schema_text",
    "dict_type": "schema_mapping",
    "model_type": "schema_mapping",
    "tuple_type": "schema_list",
}

_AnyModel = TypeVar("_AnyModel", bound=Model)


class UnreadableFile(ValueError):
    """A knowledge file that is not YAML or not a mapping; the message is Vietnamese."""


def read_yaml(path: Path) -> dict[str, object]:
    """Read one YAML file holding a mapping. Raises UnreadableFile, OSError."""
    try:
        # CSafeLoader is PyYAML's C parser of the safe subset: it builds plain data only, ten times faster.
        content = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        message = word("yaml_unreadable") if mark is None else word("yaml_unreadable_line", line=mark.line + 1)
        raise UnreadableFile(message) from error
    if not isinstance(content, dict):
        raise UnreadableFile(word("yaml_no_mapping"))
    return content


def read_catalogue(path: Path) -> dict[str, CatalogueRow]:
    """Read topics.tsv: id, group, name_vi, scope. Raises OSError, KeyError for a missing column."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return {
            row["id"]: CatalogueRow(id=row["id"], group=row["group"], name=row["name_vi"], scope=row["scope"] or "")
            for row in rows
        }


def _message(kind: str, told: str) -> str:
    return word(_MESSAGES[kind]) if kind in _MESSAGES else told.removeprefix("Value error, ")


def _schema_problems(file: str, error: ValidationError) -> list[Problem]:
    return [
        Problem(file, ".".join(str(step) for step in detail["loc"]), _message(detail["type"], detail["msg"]))
        for detail in error.errors()
    ]


class _Reader:
    """Reads files below one folder and gathers what could not be understood."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []

    def mapping(self, path: Path) -> dict[str, object] | None:
        try:
            return read_yaml(path)
        except FileNotFoundError:
            self.problems.append(Problem(self.relative(path), "", word("check_file_missing")))
        except UnreadableFile as error:
            self.problems.append(Problem(self.relative(path), "", str(error)))
        return None

    def model(self, kind: type[_AnyModel], path: Path, content: Mapping[str, object]) -> _AnyModel | None:
        try:
            return kind.model_validate(content)
        except ValidationError as error:
            self.problems.extend(_schema_problems(self.relative(path), error))
            return None

    def relative(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def topics(self) -> dict[str, Topic]:
        found: dict[str, Topic] = {}
        for path in sorted(self.folder.glob("topics/*/*.yaml")):
            content = self.mapping(path)
            topic = content and self.model(Topic, path, {**content, "group": path.parent.name})
            if topic and topic.id != path.stem:
                self.problems.append(Problem(self.relative(path), "id", word("check_id_file", id=repr(topic.id))))
            elif topic and topic.id in found:
                self.problems.append(Problem(self.relative(path), "id", word("check_topic_twice")))
            elif topic:
                found[topic.id] = topic
        return found

    def communes(self) -> dict[str, Commune]:
        found: dict[str, Commune] = {}
        for path in sorted(self.folder.glob("communes/*.yaml")):
            content = self.mapping(path)
            commune = content and self.model(Commune, path, content)
            if commune and commune.id != path.stem:
                self.problems.append(Problem(self.relative(path), "id", word("check_id_file", id=repr(commune.id))))
            elif commune:
                found[commune.id] = commune
        return found

    def scorecards(self) -> dict[str, Scorecard]:
        found: dict[str, Scorecard] = {}
        for path in sorted(self.folder.glob("communes/scorecards/*.yaml")):
            content = self.mapping(path)
            scorecard = content and self.model(Scorecard, path, content)
            if scorecard:
                found[scorecard.commune] = scorecard
        return found

    def plans(self) -> dict[str, PlanAnswers]:
        found: dict[str, PlanAnswers] = {}
        for path in sorted(self.folder.glob("communes/local/*.yaml")):
            content = self.mapping(path)
            plan = content and self.model(PlanAnswers, path, content)
            if plan and plan.commune != path.stem:
                self.problems.append(
                    Problem(self.relative(path), "commune", word("check_plan_file", name=plan.commune))
                )
            elif plan:
                found[plan.commune] = plan
        return found

    def keyed(self, kind: type[_AnyModel], name: str, with_id: bool) -> dict[str, _AnyModel]:
        """Read a file whose keys are ids: pointers.yaml, facets.yaml, local_facts.yaml."""
        path = self.folder / name
        found: dict[str, _AnyModel] = {}
        for key, entry in (self.mapping(path) or {}).items():
            if not isinstance(entry, dict):
                self.problems.append(Problem(name, key, word("schema_mapping")))
                continue
            model = self.model(kind, path, {**entry, "id": key} if with_id else entry)
            if model:
                found[key] = model
        return found


def load_from(folder: Path) -> Library:
    """Read the knowledge files below a folder, uncached. Raises OSError where topics.tsv is not there.

    A file that cannot be understood is left out and named in `Library.load_problems`.
    """
    reader = _Reader(folder)
    return Library(
        folder=folder,
        catalogue=read_catalogue(folder / "topics.tsv"),
        topics=reader.topics(),
        communes=reader.communes(),
        scorecards=reader.scorecards(),
        pointers=reader.keyed(Pointer, "pointers.yaml", with_id=True),
        facet_names=reader.keyed(FacetName, "facets.yaml", with_id=False),
        local_facts=reader.keyed(LocalFacts, "local_facts.yaml", with_id=False),
        plans=reader.plans(),
        plan_subjects=reader.keyed(PlanSubject, SUBJECTS, with_id=False) if (folder / SUBJECTS).exists() else {},
        topic_parts=reader.keyed(TopicParts, TOPIC_PARTS, with_id=False) if (folder / TOPIC_PARTS).exists() else {},
        short_codes=read_codes(folder / SHORT_CODES),
        checklists=read_checklists(folder / CHECKLISTS),
        load_problems=tuple(reader.problems),
    )


@cache
def load() -> Library:
    """Return the packaged library, read once for the life of the process."""
    return load_from(PACKAGED_FOLDER)
