"""Answers and commune profiles: YAML files, their schema, loading, checking and rendering. Pure: no network.

library = knowledge.load()
library.answer("khai-sinh", "fee", library.communes["ha-dong"], date.today()).text
"""

from knowledge.communes import Commune
from knowledge.library import Library
from knowledge.loader import load, load_from
from knowledge.problems import Problem
from knowledge.rendering import Answer
from knowledge.schema import FACETS, OWNER_UNITS, FacetName, Pointer, Topic
from knowledge.scorecards import Scorecard

__all__ = [
    "FACETS",
    "OWNER_UNITS",
    "Answer",
    "Commune",
    "FacetName",
    "Library",
    "Pointer",
    "Problem",
    "Scorecard",
    "Topic",
    "load",
    "load_from",
]
