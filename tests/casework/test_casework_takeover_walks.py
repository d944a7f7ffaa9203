"""While a conversation is taken the bot never speaks, nothing of the staff is lost, and afterwards it answers again."""

from __future__ import annotations

import pytest
from rig import Rig
from takeover_walk import walk

import knowledge

PEOPLE = 25


@pytest.fixture(scope="session")
def library() -> knowledge.Library:
    return knowledge.load()


def test_a_thousand_interleavings(sqlite_rig: Rig, library: knowledge.Library) -> None:
    """Forty walks of twenty-five residents, each with an interleaving of its own."""
    sqlite_rig.connect_oa()
    walks = [walk(sqlite_rig, library, seed, PEOPLE, steps=140) for seed in range(40)]
    assert sum(len(done.people) for done in walks) == 1_000
    assert all(done.spoke for done in walks)
    cancelled = [row for row in sqlite_rig.rows() if row.last_error == "taken_over"]
    words = sum(len(said) for done in walks for said in done.words.values())
    # The walks do lead through what they are about.
    assert len(cancelled) > 40
    assert words > 100


@pytest.mark.postgres
def test_some_interleavings_on_postgres(rig: Rig, library: knowledge.Library) -> None:
    rig.connect_oa()
    for seed in range(100, 103):
        walk(rig, library, seed, PEOPLE, steps=200)
