"""The council's sheet: what may be written on it, marks as typed, and the sum by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.casework.council_sheet import (
    SheetProblem,
    default_sheet,
    make_sheet,
    percent_of,
    read_criteria,
    read_marks,
    result_of,
)

MARKS = {"moi": 8.0, "kha-thi": 6.0, "hieu-qua": 7.0, "nhan-rong": 10.0}


def test_a_commune_starts_with_the_four_criteria_of_the_plans() -> None:
    sheet = default_sheet()
    assert [one.name for one in sheet.criteria] == ["Tính mới", "Tính khả thi", "Hiệu quả", "Khả năng nhân rộng"]
    assert sum(one.weight for one in sheet.criteria) == 100
    assert read_criteria(sheet.criteria_json()) == sheet.criteria


def test_the_weighted_sum_is_the_one_done_by_hand() -> None:
    # (30·8 + 25·6 + 30·7 + 15·10) / (100·10) = 750 / 1000
    assert percent_of(default_sheet(), MARKS) == pytest.approx(75.0)


def test_each_member_counts_the_same() -> None:
    best = dict.fromkeys(MARKS, 10.0)
    result = result_of(default_sheet(), [MARKS, best])
    assert result is not None
    assert (result.percent, result.on_scale, result.votes) == (pytest.approx(87.5), pytest.approx(8.75), 2)
    assert result.passed
    feasible = result.criteria[1]
    assert (feasible.mean, feasible.lowest, feasible.highest) == (8.0, 6.0, 10.0)
    assert result_of(default_sheet(), []) is None


@pytest.mark.parametrize(("mark", "passed"), [(6.5, True), (6.0, False)])
def test_the_recommendation_is_at_the_line_or_above(mark: float, passed: bool) -> None:
    result = result_of(default_sheet(), [dict.fromkeys(MARKS, mark)])
    assert result is not None and result.passed is passed


def test_marks_are_read_as_people_type_them() -> None:
    typed = {"moi": "7,5", "kha-thi": " 7.5 ", "hieu-qua": "0", "nhan-rong": "10"}
    assert read_marks(default_sheet(), typed) == {"moi": 7.5, "kha-thi": 7.5, "hieu-qua": 0.0, "nhan-rong": 10.0}


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("", "missing_mark"), ("10.5", "mark"), ("-1", "mark"), ("7,3", "mark"), ("nan", "mark"), ("inf", "mark"),
     ("bảy", "mark"), ("1e400", "mark")],
)  # fmt: skip
def test_wrong_marks_are_refused_by_the_field(typed: str, reason: str) -> None:
    with pytest.raises(SheetProblem) as refused:
        read_marks(default_sheet(), {**dict.fromkeys(MARKS, "5"), "hieu-qua": typed})
    assert (refused.value.reason, refused.value.field) == (reason, "hieu-qua")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"criteria": [("  ", 10)]}, "no_criteria"),
        ({"criteria": [("Mới", 10)] * 11}, "too_many_criteria"),
        ({"criteria": [("Mới", 0)]}, "weight"),
        ({"criteria": [("M" * 81, 1)]}, "name"),
        ({"name": ""}, "name"),
        ({"scale": 1}, "scale"),
        ({"pass_percent": 101}, "pass_percent"),
    ],
)
def test_a_sheet_that_cannot_be_used_is_refused(change: dict[str, object], reason: str) -> None:
    plain: dict[str, object] = {"name": "Phiếu", "scale": 10, "pass_percent": 50, "criteria": [("Mới", 1)]}
    with pytest.raises(SheetProblem) as refused:
        make_sheet(**{**plain, **change})  # type: ignore[arg-type]
    assert refused.value.reason == reason


@given(
    st.lists(st.integers(1, 100), min_size=1, max_size=10),
    st.integers(2, 100),
    st.data(),
)
def test_a_result_stays_between_nothing_and_everything(weights: list[int], scale: int, data: st.DataObject) -> None:
    sheet = make_sheet("Phiếu", scale, 50, [(f"Tiêu chí {number}", weight) for number, weight in enumerate(weights)])
    halves = st.integers(0, scale * 2).map(lambda number: number / 2)
    votes = data.draw(
        st.lists(st.fixed_dictionaries({one.key: halves for one in sheet.criteria}), min_size=1, max_size=5)
    )
    result = result_of(sheet, votes)
    assert result is not None
    shares = [percent_of(sheet, marks) for marks in votes]
    assert -1e-9 <= min(shares) - 1e-9 <= result.percent <= max(shares) + 1e-9 <= 100 + 1e-6
