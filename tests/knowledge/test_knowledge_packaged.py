"""The packaged files themselves: complete, sound, and answerable on every day a rule changes."""

from __future__ import annotations

import time
from datetime import date, timedelta

import knowledge
from knowledge.loader import PACKAGED_FOLDER, load_from
from knowledge.rendering import MAXIMUM_MESSAGE_LENGTH
from knowledge.schema import OFFERING_ORDER

LOADING_BUDGET_SECONDS = 1.5
"""Ten times what a quiet machine takes: slow machines pass, a loader that reads everything twenty times does not."""


def days_of_change() -> list[date]:
    """Every first and last day named in any file, with the days around them, and days far off on both sides."""
    boundaries = {
        day
        for topic in knowledge.load().topics.values()
        for facet in topic.facets.values()
        for day in facet.boundary_days()
    }
    around = {day + timedelta(days=shift) for day in boundaries for shift in (-1, 0, 1)}
    return sorted(around | {date(2026, 1, 1), date(2026, 11, 22), date(2035, 6, 30)})


def test_check_finds_nothing() -> None:
    assert knowledge.load().check() == []


def test_all_topics_of_the_catalogue_are_there() -> None:
    library = knowledge.load()
    assert len(library.catalogue) == 112
    assert library.topics.keys() == library.catalogue.keys()


def test_exactly_one_version_is_in_force_on_every_day() -> None:
    days = days_of_change()
    for topic in knowledge.load().topics.values():
        for name, facet in topic.facets.items():
            for day in days:
                in_force = [version for version in facet.all_versions() if version.in_force(day)]
                assert len(in_force) == 1, (topic.id, name, day)


def test_the_clock_may_stand_on_any_day_of_change() -> None:
    library = knowledge.load()
    commune = library.communes["ha-dong"]
    for day in days_of_change():
        for topic in library.topics.values():
            for facet in OFFERING_ORDER:
                given = library.answer(topic.id, facet, commune, day)
                assert given.asked_facet_missing == (facet not in topic.facets), (topic.id, facet, day)


def test_every_answer_fits_one_message_and_has_no_braces() -> None:
    library = knowledge.load()
    # A profile with every field filled is the longest there is; the shipped one is the emptiest.
    longest = {key: "chữ dài một trăm ký tự " * 4 for key, _ in library.communes["ha-dong"].missing()}
    for profile in library.communes.values():
        for commune in (profile, profile.overlaid(longest)):
            for topic in library.topics.values():
                for facet in OFFERING_ORDER:
                    for day in (date(2026, 11, 22), date(2035, 6, 30)):
                        text = library.answer(topic.id, facet, commune, day).text
                        assert len(text) <= MAXIMUM_MESSAGE_LENGTH, (topic.id, facet, commune.id, len(text))
                        assert "{" not in text and "}" not in text, (topic.id, facet)


def test_every_pointer_speaks_for_every_commune() -> None:
    library = knowledge.load()
    for commune in library.communes.values():
        for pointer in library.pointers:
            text = library.point_elsewhere(pointer, commune)
            assert 20 <= len(text) <= 600 and "{" not in text


def test_short_names_tell_topics_apart() -> None:
    shorts = [topic.short.casefold() for topic in knowledge.load().topics.values()]
    assert sorted(shorts) == sorted(set(shorts))


def test_loading_is_quick() -> None:
    seconds = []
    for _ in range(3):
        begin = time.thread_time()  # wall time would measure the neighbours
        load_from(PACKAGED_FOLDER)
        seconds.append(time.thread_time() - begin)
    assert min(seconds) < LOADING_BUDGET_SECONDS


def test_the_library_is_read_once() -> None:
    assert knowledge.load() is knowledge.load()
