"""Long stories: the clause that asks is scored once more and counts beside the whole message.

Measured on held-out authors, messages over 25 words: right first .784 without, .806 with (weight .2; more is worse).
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from intents.features import words_of
from intents.model import Match, Model
from intents.normalize import Normalized
from intents.parts import questions, side

LONG = 25
FOCUS_WORDS = 14
FOCUS_WEIGHT = 0.2
_CLAUSE = re.compile(r"[.?!;,\n]+")


def focus(form: Normalized) -> Normalized:
    """The last clause that holds a question word (else the last clause), with what stands before it up to 14 words."""
    clauses = [side(piece) for piece in _CLAUSE.split(form.text) if piece.strip()]
    if not clauses:
        return form
    asking = [place for place, clause in enumerate(clauses) if questions(clause)]
    place = asking[-1] if asking else len(clauses) - 1
    kept: list[str] = []
    words = 0
    while place >= 0 and words < FOCUS_WORDS:
        kept.insert(0, clauses[place].text)
        words += len(clauses[place].tokens)
        place -= 1
    return side(" ".join(kept))


def match_message(model: Model, form: Normalized) -> Match:
    """The match of a message; for a long one its question weighs more."""
    whole = model.match(*words_of(form))
    if len(form.tokens) <= LONG:
        return whole
    asked = focus(form)
    if len(asked.tokens) >= len(form.tokens) - 2:
        return whole
    part = model.match(*words_of(asked))
    logs = np.log(whole.probability + 1e-6) + FOCUS_WEIGHT * np.log(part.probability + 1e-6)
    raised = np.exp(logs - logs.max())
    return replace(whole, probability=(raised / raised.sum()).astype(np.float32))
