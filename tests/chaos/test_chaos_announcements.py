"""The small form: a few hundred residents, a few kills. ``python -m tests.chaos --announcements`` is the long one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from . import announcing


@pytest.mark.slow
def test_killed_worker_and_clock_neither_lose_nor_double_an_announcement(tmp_path: Path) -> None:
    outcome = announcing.run(
        residents=300, announcements=2, worker_kills=2, clock_kills=1, seed=20261122, folder=tmp_path
    )
    assert outcome.kills == {"worker0": 2, "clock": 1}
    assert outcome.made == 2
    assert outcome.is_clean, str(outcome)


@pytest.mark.slow
@pytest.mark.postgres
def test_two_workers_share_an_announcement_on_postgresql(tmp_path: Path, postgres_url: Callable[[], str]) -> None:
    outcome = announcing.run(
        residents=120, announcements=1, worker_kills=1, clock_kills=0, seed=20261123, folder=tmp_path,
        database_url=postgres_url(), workers=2,
    )  # fmt: skip
    assert outcome.made == 1
    assert outcome.is_clean, str(outcome)


def test_the_fullest_second_is_found() -> None:
    assert announcing.fullest_second([]) == 0
    assert announcing.fullest_second([0, 500, 999, 1000, 1400, 1499, 3000]) == 5
