"""Vietnamese text to topic, facet, action and decision. Pure: packaged files in, no database, no network."""

from __future__ import annotations

from functools import cache

from intents.choices import match_choice
from intents.normalize import Normalized, normalize
from intents.understander import Understander
from intents.understanding import Candidate, Context, ModelMissing, Part, Understanding

__all__ = [
    "Candidate",
    "Context",
    "ModelMissing",
    "Normalized",
    "Part",
    "Understander",
    "Understanding",
    "load",
    "match_choice",
    "normalize",
]


@cache
def load() -> Understander:
    """The understander over the packaged data and its built model, once for each process.

    Raises ModelMissing where no model was built for the packaged data.
    """
    from intents.dataset import ARTEFACTS, data_hash
    from intents.gate import load_gate
    from intents.lexicon import read_table
    from intents.model import Model

    try:
        model = Model.read(ARTEFACTS / data_hash())
    except (OSError, ValueError, KeyError) as error:
        raise ModelMissing("no model was built for the packaged data; run python -m intents.build") from error
    siblings = {frozenset((row["a"], row["b"])): row["question"] for row in read_table("siblings.tsv")}
    return Understander(model, load_gate(), siblings)
