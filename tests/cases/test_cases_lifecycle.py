"""The fixed states, the only moves between them, and what a move must say."""

from __future__ import annotations

from itertools import product

import pytest

from bot.cases.lifecycle import KINDS, IllegalMove, check_move, lifecycle, reasons, reasons_for

REPORT = ("received", "assigned", "waiting_resident", "resolved", "out_of_scope", "refused")
INITIATIVE = ("submitted", "assessing", "trial", "recognised", "scaled", "declined")
# Written out again, apart from the table the product reads: a slip there must not pass unseen.
LEGAL = {
    "report": {
        "received": "assigned waiting_resident resolved out_of_scope refused",
        "assigned": "waiting_resident resolved out_of_scope refused",
        "waiting_resident": "received assigned resolved out_of_scope refused",
        "resolved": "received assigned",
        "out_of_scope": "assigned",
        "refused": "assigned",
    },
    "initiative": {
        "submitted": "assessing declined",
        "assessing": "trial recognised declined",
        "trial": "recognised assessing declined",
        "recognised": "scaled",
        "scaled": "",
        "declined": "assessing",
    },
}
CLOSING = {"out_of_scope", "refused", "declined"}


def test_the_states_are_the_fixed_ones() -> None:
    assert tuple(lifecycle("report").states) == REPORT
    assert tuple(lifecycle("initiative").states) == INITIATIVE
    assert lifecycle("report").open_states == ("received", "assigned", "waiting_resident")
    assert lifecycle("initiative").open_states == ("submitted", "assessing", "trial")


@pytest.mark.parametrize("kind", KINDS)
def test_every_pair_is_legal_or_refused(kind: str) -> None:
    states = tuple(lifecycle(kind).states)
    for before, after in product(states, states):
        legal = after in LEGAL[kind][before].split()
        assert (after in lifecycle(kind).next_states(before)) == legal
        if legal:
            move = (
                check_move(kind, before, after, "other", "Lời nói rõ")
                if reasons_for(after)
                else check_move(kind, before, after)
            )
            assert (move.before, move.after) == (before, after)
        else:
            with pytest.raises(IllegalMove) as refused:
                check_move(kind, before, after, "other", "Lời nói rõ")
            assert refused.value.trouble == ("same_state" if before == after else "illegal")


def test_a_state_of_the_other_kind_is_unknown() -> None:
    with pytest.raises(IllegalMove) as refused:
        check_move("report", "received", "trial")
    assert refused.value.trouble == "unknown_state"
    with pytest.raises(KeyError):
        lifecycle("complaint")


@pytest.mark.parametrize("kind", KINDS)
def test_refusing_and_opening_again_need_a_reason_of_the_list(kind: str) -> None:
    for (before, after), move in lifecycle(kind).moves.items():
        reopens = before in (*CLOSING, "resolved")
        assert move.reopens == reopens
        assert move.needs_reason == (after in CLOSING or reopens or (before, after) == ("trial", "assessing"))
        if not move.needs_reason:
            check_move(kind, before, after)
            continue
        for reason, trouble in (("", "reason_missing"), ("because", "reason_unknown"), ("other", "words_missing")):
            with pytest.raises(IllegalMove) as refused:
                check_move(kind, before, after, reason, "  ")
            assert refused.value.trouble == trouble


def test_a_reason_fits_its_state() -> None:
    check_move("report", "received", "refused", "unclear")
    with pytest.raises(IllegalMove) as refused:
        check_move("report", "received", "out_of_scope", "unclear")
    assert refused.value.trouble == "reason_unknown"
    for reason in reasons().values():
        assert reason.name
        assert reason.public or reason.words, f"{reason.id} says nothing to the people"
        assert set(reason.states) <= {*REPORT, *INITIATIVE}


def test_the_timer_runs_only_where_staff_owe_something() -> None:
    assert [state for state in REPORT if lifecycle("report").timer_runs(state)] == ["received", "assigned"]
    assert [state for state in INITIATIVE if lifecycle("initiative").timer_runs(state)] == ["submitted", "assessing"]
