"""The fixed states of reports and initiatives, and the only moves between them: one table, ``lifecycle.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

CaseKind = Literal["report", "initiative"]
KINDS: tuple[CaseKind, ...] = ("report", "initiative")
_TABLE = Path(__file__).with_name("lifecycle.yaml")

Trouble = Literal["unknown_state", "same_state", "illegal", "reason_missing", "reason_unknown", "words_missing"]


class IllegalMove(ValueError):
    """A move that may not be made. ``trouble`` says why, in one of the words of :data:`Trouble`."""

    def __init__(self, trouble: Trouble, before: str, after: str) -> None:
        super().__init__(f"{trouble}: {before} -> {after}")
        self.trouble: Trouble = trouble
        self.before = before
        self.after = after


@dataclass(frozen=True, slots=True)
class State:
    """One state. ``staff`` and ``resident`` are its words; the timer runs unless it is final, untimed or waits."""

    id: str
    staff: str
    resident: str
    final: bool = False
    untimed: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One legal move. ``reopens``: what was closed is open again."""

    before: str
    after: str
    needs_reason: bool = False
    reopens: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a case was refused, declined, sent elsewhere or opened again.

    ``name`` is for staff, ``public`` the sentence its people read; ``words``: the official must add their own.
    """

    id: str
    name: str
    states: tuple[str, ...]
    public: str
    words: bool = False


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """States and moves of one kind of case."""

    kind: CaseKind
    first: str
    states: Mapping[str, State]
    moves: Mapping[tuple[str, str], Move]

    def next_states(self, before: str) -> tuple[str, ...]:
        """Where a case may go from ``before``, in the table's order; nothing for a state it does not know."""
        return tuple(after for source, after in self.moves if source == before)

    @property
    def open_states(self) -> tuple[str, ...]:
        """States in which somebody still owes something."""
        return tuple(state.id for state in self.states.values() if not state.final)

    def timer_runs(self, state: str) -> bool:
        """Whether working hours count in ``state``. Raises KeyError for an unknown one."""
        known = self.states[state]
        return not known.final and not known.untimed and state != WAITING


WAITING = "waiting_resident"
RESOLVED = "resolved"


@cache
def _tables() -> tuple[Mapping[str, Lifecycle], Mapping[str, Reason]]:
    document = yaml.safe_load(_TABLE.read_text("utf-8"))
    reasons = {
        name: Reason(name, row["name"], tuple(row["states"]), row["public"], row.get("words", False))
        for name, row in document["reasons"].items()
    }
    lifecycles: dict[str, Lifecycle] = {}
    for kind in KINDS:
        table = document[kind]
        states = {name: State(name, **row) for name, row in table["states"].items()}
        moves = {
            (row["from"], row["to"]): Move(
                row["from"], row["to"], row.get("needs_reason", False), row.get("reopens", False)
            )
            for row in table["moves"]
        }
        lifecycles[kind] = Lifecycle(kind, table["first"], states, moves)
    return lifecycles, reasons


def lifecycle(kind: str) -> Lifecycle:
    """The table of a kind of case. Raises KeyError for another kind."""
    return _tables()[0][kind]


def reasons() -> Mapping[str, Reason]:
    """Every reason by its id."""
    return _tables()[1]


def reasons_for(state: str) -> tuple[Reason, ...]:
    """The reasons an official may choose on the way to ``state``, in the table's order."""
    return tuple(reason for reason in reasons().values() if state in reason.states)


def check_move(kind: str, before: str, after: str, reason: str = "", words: str = "") -> Move:
    """The move, if it is legal and says enough. Raises :class:`IllegalMove`, KeyError for an unknown kind.

    Where a reason is needed it is one of the table's for that state; ``other``, and those that say little by
    themselves, also want words.
    """
    table = lifecycle(kind)
    if before not in table.states or after not in table.states:
        raise IllegalMove("unknown_state", before, after)
    if before == after:
        raise IllegalMove("same_state", before, after)
    move = table.moves.get((before, after))
    if move is None:
        raise IllegalMove("illegal", before, after)
    if reason:
        known = reasons().get(reason)
        if known is None or after not in known.states:
            raise IllegalMove("reason_unknown", before, after)
        if known.words and not words.strip():
            raise IllegalMove("words_missing", before, after)
    elif move.needs_reason:
        raise IllegalMove("reason_missing", before, after)
    return move
