"""What the knowledge files hold, once read: plain data that the library answers from and the checks look through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.checklists import Checklist
from knowledge.communes import Commune
from knowledge.plans import PlanAnswers, PlanSubject
from knowledge.problems import Problem
from knowledge.schema import CatalogueRow, FacetName, LocalFacts, Pointer, Topic, TopicParts
from knowledge.scorecards import Scorecard


@dataclass(frozen=True, slots=True)
class Holdings:
    """Topics, communes, pointers and names of facets, keyed by id.

    `load_problems` are files left out because they could not be understood: the rest still answers.
    """

    folder: Path
    catalogue: Mapping[str, CatalogueRow]
    topics: Mapping[str, Topic]
    communes: Mapping[str, Commune]
    pointers: Mapping[str, Pointer]
    facet_names: Mapping[str, FacetName]
    local_facts: Mapping[str, LocalFacts] = field(default_factory=dict)
    scorecards: Mapping[str, Scorecard] = field(default_factory=dict)
    checklists: Mapping[str, Checklist] = field(default_factory=dict)
    plans: Mapping[str, PlanAnswers] = field(default_factory=dict)
    plan_subjects: Mapping[str, PlanSubject] = field(default_factory=dict)
    topic_parts: Mapping[str, TopicParts] = field(default_factory=dict)
    short_codes: Mapping[str, str] = field(default_factory=dict)
    load_problems: tuple[Problem, ...] = ()
