"""Why an official's step upon a case was not made: one exception, whose text is a sentence of the catalogue."""

from __future__ import annotations

from pathlib import Path

from bot.cases.lifecycle import IllegalMove, lifecycle, reasons_for
from bot.catalogue import Catalogue

CASE_WORDS = Catalogue(Path(__file__).parent / "case_words.yaml")


class CaseRefused(Exception):
    """``trouble`` is a slug (``changed``, ``illegal``, ``merged``…); ``str(error)`` one sentence for the official."""

    def __init__(self, trouble: str, **fields: str) -> None:
        super().__init__(CASE_WORDS.word(f"refused_{trouble}", **fields))
        self.trouble = trouble


def refused_move(kind: str, code: str, error: IllegalMove) -> CaseRefused:
    """The sentence for a move the lifecycle does not allow, naming what would be."""
    table = lifecycle(kind)
    names = {state.id: state.staff for state in table.states.values()}
    if error.trouble == "unknown_state":
        known = list(names.values())
    elif error.trouble == "illegal":
        known = [names[state] for state in table.next_states(error.before)]
    else:
        known = [reason.name for reason in reasons_for(error.after)]
    return CaseRefused(
        error.trouble,
        code=code,
        kind=CASE_WORDS.word(f"kind_{kind}"),
        before=names.get(error.before, error.before),
        after=names.get(error.after, error.after),
        known=", ".join(known),
    )
