"""The clock moves over every day a rule begins or ends: one version holds, a change within sixty days is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

import knowledge
from knowledge.coming_changes import SOON, announcement, change_told, names_day
from knowledge.rendering import MAXIMUM_MESSAGE_LENGTH
from knowledge.schema import Facet, Topic, Version

ONE_DAY = timedelta(days=1)
SIGN = "Sắp đổi"


def changes() -> Iterator[tuple[Topic, str, Facet, Version, Version]]:
    """Every pair of versions that follow each other anywhere in the packaged files."""
    for topic in knowledge.load().topics.values():
        for name, facet in topic.facets.items():
            for earlier, later in pairwise(facet.versions):
                yield topic, name, facet, earlier, later


def test_there_are_changes_to_move_the_clock_over() -> None:
    begins = {later.start for *_, later in changes()}
    assert {date(2027, 1, 1), date(2027, 3, 1)} <= begins
    assert date(2027, 2, 28) in {earlier.until for _, _, _, earlier, _ in changes()}
    assert date(2026, 7, 1) in begins


def test_on_each_side_of_a_change_exactly_one_version_is_in_force() -> None:
    for topic, name, facet, earlier, later in changes():
        assert later.start is not None and earlier.until is not None
        for day, expected in (
            (earlier.until - ONE_DAY, earlier), (earlier.until, earlier), (later.start, later),
            (later.start + ONE_DAY, later),
        ):  # fmt: skip
            in_force = [version for version in facet.versions if version.in_force(day)]
            assert in_force == [expected], (topic.id, name, day)


def test_answers_use_the_version_of_the_day_and_say_what_changes_soon() -> None:
    library = knowledge.load()
    told_by_the_text, told_by_us = 0, 0
    for commune in (library.communes["ha-dong"], library.communes["le-dai-hanh"]):
        for topic, name, facet, earlier, later in changes():
            assert later.start is not None
            for days_before in (SOON.days, 30, 1):
                day = later.start - timedelta(days=days_before)
                if facet.version_on(day) is not earlier:
                    continue  # this version began less than sixty days before it ends
                text = library.answer(topic.id, name, commune, day).text
                assert text.startswith(commune.fill(earlier.text)[:60]) or commune.fill(earlier.text) in text
                assert change_told(text, later), (topic.id, name, day)
                assert len(text) <= MAXIMUM_MESSAGE_LENGTH
                told_by_us += SIGN in text
                told_by_the_text += SIGN not in text
            on_the_day = library.answer(topic.id, name, commune, later.start).text
            assert commune.fill(later.text) in on_the_day, (topic.id, name)
    assert told_by_the_text > 100 and told_by_us > 100


def test_nothing_is_announced_earlier_than_sixty_days() -> None:
    library = knowledge.load()
    commune = library.communes["ha-dong"]
    for topic, name, facet, earlier, later in changes():
        assert later.start is not None
        day = later.start - SOON - ONE_DAY
        if facet.version_on(day) is earlier:
            assert SIGN not in library.answer(topic.id, name, commune, day).text, (topic.id, name)


def facet_of(old: str, new: str) -> Facet:
    return Facet.model_validate(
        {"versions": [{"until": "2027-02-28", "text": old}, {"from": "2027-03-01", "text": new}]}
    )


def test_few_new_lines_are_quoted_many_are_announced_by_their_day() -> None:
    day = date(2027, 2, 1)
    assert announcement(facet_of("Mức: 10.000 đồng", "Mức: 20.000 đồng"), day) == (
        "Sắp đổi, từ 01/03/2027 sẽ là:\nMức: 20.000 đồng"
    )
    longer = announcement(facet_of("Cũ", "\n".join(f"Dòng mới {number}" for number in range(4))), day)
    assert longer is not None and "01/03/2027" in longer and "Dòng mới" not in longer
    fewer = announcement(facet_of("Một\nHai", "Một"), day)
    assert fewer is not None and fewer.endswith("{desk}.")


@pytest.mark.parametrize("told", ["Từ 01/3/2027 khác.", "từ 1/3/2027", "từ 01/03/2027", "Đến hết 28/02/2027 miễn."])
def test_a_day_the_text_tells_itself_is_not_told_twice(told: str) -> None:
    assert announcement(facet_of(told, "Mới"), date(2027, 2, 1)) is None


@pytest.mark.parametrize("other", ["11/3/2027", "1/3/20271", "1/13/2027", "21/3/2027", ""])
def test_another_day_is_not_taken_for_the_day(other: str) -> None:
    assert not names_day(other, date(2027, 3, 1))


def test_equal_wordings_are_no_change() -> None:
    assert announcement(facet_of("Như cũ", "Như cũ"), date(2027, 2, 1)) is None


def test_a_version_may_bring_its_own_source_day_and_review(topic_content: dict[str, Any]) -> None:
    topic_content["facets"]["fee"] = {
        "versions": [{"text": "Mức.", "source": "NQ mới", "as_of": "2027-02-02", "review_by": "2027-04-01",
                      "confidence": "low"}]
    }  # fmt: skip
    topic = Topic.model_validate({**topic_content, "group": "ho-tich"})
    library = knowledge.load()
    commune = library.communes["ha-dong"]
    given = knowledge.rendering.render(topic, "fee", commune, date(2027, 3, 20), library.facet_names)
    assert given.text.endswith("Nguồn: NQ mới · Cập nhật 02/02/2027") and given.as_of == date(2027, 2, 2)
    assert given.uncertain and "chưa thật chắc chắn" in given.text
    late = knowledge.rendering.render(topic, "fee", commune, date(2027, 4, 2), library.facet_names)
    assert "chưa được rà soát lại từ 02/02/2027" in late.text
