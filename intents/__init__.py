"""Vietnamese text to topic, facet, action and decision. Pure: packaged files in, no database, no network."""

from __future__ import annotations

from functools import cache
from pathlib import Path

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
    "load_from",
    "match_choice",
    "normalize",
]


@cache
def load() -> Understander:
    """The understander over the packaged data and its built model, once for each process.

    Raises ModelMissing where no model was built for the packaged data, or the packaged encoder is damaged.
    """
    from intents.dataset import ARTEFACTS, data_hash

    return load_from(ARTEFACTS / data_hash())


def load_from(folder: Path) -> Understander:
    """The understander over the model in a folder and the packaged rest. Raises ModelMissing as `load`."""
    from intents.encoder import load_encoder
    from intents.gate import load_gate
    from intents.lexicon import read_table
    from intents.model import Model

    try:
        model = Model.read(folder)
    except (OSError, ValueError, KeyError) as error:
        raise ModelMissing(f"no model in {folder.name}; run python -m intents.build") from error
    try:
        encoder = load_encoder()
    except (OSError, ValueError, KeyError) as error:
        raise ModelMissing("data/encoder.npz or data/encoder.json is missing or damaged") from error
    siblings = {frozenset((row["a"], row["b"])): row["question"] for row in read_table("siblings.tsv")}
    return Understander(model, load_gate(), siblings, encoder)
