"""The scorecard of Hà Đông's plan, and faults in one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import knowledge
from knowledge.loader import PACKAGED_FOLDER

FILE = "communes/scorecards/ha-dong.yaml"


@pytest.mark.parametrize(
    ("points", "label"),
    [(100, "Xuất sắc"), (90, "Xuất sắc"), (89.5, "Tốt"), (75, "Tốt"), (60, "Khá"), (50, "Trung bình"), (0, "Chưa đạt")],
)
def test_ranks_begin_at_their_minimum(points: float, label: str) -> None:
    assert knowledge.load().scorecards["ha-dong"].rank_of(points) == label


@pytest.mark.parametrize("points", [-1, 100.5])
def test_points_outside_the_scale_have_no_rank(points: float) -> None:
    with pytest.raises(ValueError, match="100"):
        knowledge.load().scorecards["ha-dong"].rank_of(points)


def test_the_plan_has_five_groups_with_full_marks_of_one_hundred() -> None:
    groups = knowledge.load().scorecards["ha-dong"].groups
    assert [group.points for group in groups] == [15, 20, 20, 30, 15]
    assert sum(len(group.indicators) for group in groups) == 23


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda card: card["groups"][0]["indicators"][0].update(max_points=9), "groups.1"),
        (lambda card: card.update(total_points=90), "total_points"),
        (lambda card: card.update(ranks=card["ranks"][:-1]), "ranks"),
        (lambda card: card.update(commune="ha-tay"), "commune"),
    ],
)
def test_faults_are_found(change: Callable[[Any], object], where: str, folder: Path) -> None:
    (folder / FILE).parent.mkdir()
    shutil.copy(PACKAGED_FOLDER / FILE, folder / FILE)
    card = yaml.safe_load((folder / FILE).read_text(encoding="utf-8"))
    change(card)
    (folder / FILE).write_text(yaml.safe_dump(card, allow_unicode=True), encoding="utf-8")
    assert [problem.where for problem in knowledge.load_from(folder).check()] == [where]
