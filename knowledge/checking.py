"""Finds faults in the knowledge files before residents do. Every message is Vietnamese: officers edit these files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from knowledge import checklists, plans, wording
from knowledge.communes import CONTACT_LABELS, UNIT_LABELS, Commune
from knowledge.holdings import Holdings
from knowledge.problems import Problem
from knowledge.profile_lists import LIST_KINDS, MAXIMUM_ITEM_TEXT
from knowledge.schema import FACETS, OWNER_UNITS, PROCEDURE_FACETS, Facet, Topic, Version
from knowledge.scorecards import Scorecard
from knowledge.words import word

MAXIMUM_SHORT_NAME = 30
"""A button longer than this is cut on an ordinary phone."""
MAXIMUM_BUTTON_TITLE = 100
"""Zalo refuses a button title beyond this (inclusive limit)."""
MAXIMUM_SOURCE = 160
EARLIEST_LOOK = date(2025, 7, 1)
"""Communes in today's form exist since this day: an answer checked earlier cannot be about them."""
LONGEST_REVIEW_INTERVAL = timedelta(days=366)

PROCEDURE_GROUPS = frozenset({"ho-tich", "chung-thuc"})
"""Groups that hold procedures only, whether or not a sheet was sure of the national code."""


def check(holdings: Holdings, on: date | None = None) -> list[Problem]:
    """List every fault, sorted by file; with a day given, overdue reviews and dates to come are faults too."""
    problems: list[Problem] = list(holdings.load_problems)
    problems.extend(_catalogue(holdings))
    problems.extend(_facet_names(holdings))
    for topic in holdings.topics.values():
        problems.extend(_topic(topic, holdings, on))
    for commune in holdings.communes.values():
        problems.extend(_commune(commune))
    problems.extend(_pointers(holdings))
    problems.extend(_local_facts(holdings))
    problems.extend(_topic_parts(holdings))
    for scorecard in holdings.scorecards.values():
        problems.extend(_scorecard(scorecard, holdings))
    problems.extend(plans.faults(holdings.plans, holdings.plan_subjects, holdings.topics, holdings.communes))
    problems.extend(checklists.faults(holdings.checklists, holdings.topics))
    problems.extend(wording.check_files(holdings.folder))
    return sorted(set(problems))


def _file_of(topic: Topic) -> str:
    return f"topics/{topic.group}/{topic.id}.yaml"


def _catalogue(holdings: Holdings) -> Iterator[Problem]:
    unreadable = {problem.file for problem in holdings.load_problems}
    for row in holdings.catalogue.values():
        expected = f"topics/{row.group}/{row.id}.yaml"
        if row.id not in holdings.topics and expected not in unreadable:
            yield Problem(expected, "", word("check_topic_missing", id=row.id, name=row.name))


def _facet_names(holdings: Holdings) -> Iterator[Problem]:
    for facet in FACETS:
        if facet not in holdings.facet_names:
            yield Problem("facets.yaml", facet, word("check_facet_name_missing"))
    for facet, named in holdings.facet_names.items():
        if facet not in FACETS:
            yield Problem("facets.yaml", facet, word("check_facet_unknown"))
        if len(named.name) > MAXIMUM_SHORT_NAME:
            yield Problem("facets.yaml", f"{facet}.name", word("check_facet_name_long", most=MAXIMUM_SHORT_NAME))


def _topic(topic: Topic, holdings: Holdings, on: date | None) -> Iterator[Problem]:
    file = _file_of(topic)
    row = holdings.catalogue.get(topic.id)
    if row is None:
        yield Problem(file, "id", word("check_topic_unlisted", id=topic.id))
    elif row.group != topic.group:
        yield Problem(file, "", word("check_topic_folder", group=row.group))
    if topic.owner_unit not in OWNER_UNITS:
        yield Problem(file, "owner_unit", word("check_owner_unknown", unit=repr(topic.owner_unit)))
    yield from _titles(file, topic)
    yield from _source(file, "source", topic.source)
    yield from _days(file, topic, on)
    yield from _references(file, "related", topic.related, holdings)
    yield from _facets(file, topic)


def _titles(file: str, topic: Topic) -> Iterator[Problem]:
    if not topic.short or len(topic.short) > MAXIMUM_SHORT_NAME:
        yield Problem(file, "short", word("check_short_length", most=MAXIMUM_SHORT_NAME))
    if not topic.name or len(topic.name) > MAXIMUM_BUTTON_TITLE:
        yield Problem(file, "name", word("check_name_length", most=MAXIMUM_BUTTON_TITLE))


def _source(file: str, where: str, source: str | None) -> Iterator[Problem]:
    if not source:
        yield Problem(file, where, word("fault_source_missing"))
    elif len(source) > MAXIMUM_SOURCE:
        yield Problem(file, where, word("check_source_long", length=len(source), most=MAXIMUM_SOURCE))


def _days(file: str, topic: Topic, on: date | None) -> Iterator[Problem]:
    if topic.as_of < EARLIEST_LOOK:
        yield Problem(file, "as_of", word("check_as_of_early"))
    if topic.review_by <= topic.as_of:
        yield Problem(file, "review_by", word("check_review_before_look"))
    if topic.review_by - topic.as_of > LONGEST_REVIEW_INTERVAL:
        yield Problem(file, "review_by", word("check_review_far"))
    if on is not None and topic.as_of > on:
        yield Problem(file, "as_of", word("check_as_of_future"))
    if on is not None and topic.review_by < on:
        yield Problem(file, "review_by", word("check_review_overdue", day=f"{topic.review_by:%d/%m/%Y}"))


def _references(file: str, where: str, ids: Iterable[str], holdings: Holdings) -> Iterator[Problem]:
    for topic_id in ids:
        if topic_id not in holdings.catalogue:
            yield Problem(file, where, word("check_topic_unknown", id=topic_id))


def _facets(file: str, topic: Topic) -> Iterator[Problem]:
    is_procedure = topic.procedure_code is not None or topic.group in PROCEDURE_GROUPS
    for required in PROCEDURE_FACETS if is_procedure else ("overview",):
        if required not in topic.facets:
            yield Problem(file, f"facets.{required}", word("check_facet_missing"))
    if len(topic.facets) == 1:
        yield Problem(file, "facets", word("check_facet_alone"))
    for name, facet in topic.facets.items():
        where = f"facets.{name}"
        if name not in FACETS:
            yield Problem(file, where, word("check_facet_unknown"))
        if facet.source is not None:
            yield from _source(file, f"{where}.source", facet.source)
        yield from _versions(file, where, facet)
        for number, version in enumerate(facet.all_versions()):
            if version.source is not None:
                yield from _source(file, f"{where}.versions.{number}.source", version.source)
            place = f"{where}.text" if facet.text is not None else f"{where}.versions.{number}.text"
            for message in wording.faults_of_answer(version.text):
                yield Problem(file, place, message)


def _versions(file: str, where: str, facet: Facet) -> Iterator[Problem]:
    """Every day from the beginning to the end of time must have exactly one wording."""
    if not facet.versions:
        return
    versions = facet.versions
    for number, version in enumerate(versions):
        if version.start is not None and version.until is not None and version.until < version.start:
            yield Problem(file, f"{where}.versions.{number}", word("fault_until_before_from"))
    if versions[0].start is not None:
        yield Problem(file, f"{where}.versions.0", word("check_first_open"))
    if versions[-1].until is not None:
        yield Problem(file, f"{where}.versions.{len(versions) - 1}", word("check_last_open"))
    for number in range(1, len(versions)):
        message = _seam(versions[number - 1], versions[number])
        if message:
            yield Problem(file, f"{where}.versions.{number}", message)


def _seam(earlier: Version, later: Version) -> str | None:
    if earlier.until is None or later.start is None:
        return word("check_versions_open")
    if later.start <= earlier.until:
        return word("check_versions_overlap")
    if later.start > earlier.until + timedelta(days=1):
        return word("check_versions_gap")
    return None


def _commune(commune: Commune) -> Iterator[Problem]:
    file = f"communes/{commune.id}.yaml"
    roles = [unit.role for unit in commune.units if unit.role is not None]
    for role, label in UNIT_LABELS.items():
        if roles.count(role) != 1:
            yield Problem(file, "units", word("check_unit_role", role=role, label=label))
    for kind in LIST_KINDS.values():
        for number, item in enumerate(commune.items(kind.name)):
            for field, text in item.items():
                most = wording.MAXIMUM_TEXT if field in kind.long_fields else MAXIMUM_ITEM_TEXT
                if len(text) > most:
                    where = f"{kind.name}.{number}.{field}"
                    yield Problem(file, where, word("fault_value_long", length=len(text), most=most))
    if not (len(commune.unit_code) == 5 and commune.unit_code.isdigit()):
        yield Problem(file, "unit_code", word("check_unit_code"))


def _pointers(holdings: Holdings) -> Iterator[Problem]:
    for pointer in holdings.pointers.values():
        for message in wording.faults_of_answer(pointer.text):
            yield Problem("pointers.yaml", f"{pointer.id}.text", message)
        yield from _references("pointers.yaml", f"{pointer.id}.related", pointer.related, holdings)


def _local_facts(holdings: Holdings) -> Iterator[Problem]:
    for topic_id, local in holdings.local_facts.items():
        yield from _references("local_facts.yaml", topic_id, [topic_id], holdings)
        for facet in local.facets:
            if facet not in FACETS:
                yield Problem("local_facts.yaml", f"{topic_id}.facets", word("check_facet_unknown_name", name=facet))
        for name in local.lists:
            if name not in LIST_KINDS:
                yield Problem("local_facts.yaml", f"{topic_id}.lists", word("check_unknown_list", name=name))
        for field in local.fields:
            if field not in CONTACT_LABELS:
                yield Problem("local_facts.yaml", f"{topic_id}.fields", word("check_field_unknown", name=field))


def _topic_parts(holdings: Holdings) -> Iterator[Problem]:
    file = "topic_parts.yaml"
    for topic_id, parts in holdings.topic_parts.items():
        yield from _references(file, topic_id, [topic_id], holdings)
        topic = holdings.topics.get(topic_id)
        for facet in (*parts.names, *parts.offered) if topic else ():
            if topic is not None and facet not in topic.facets:
                yield Problem(file, f"{topic_id}.{facet}", word("check_part_unknown", name=facet))
        for facet, name in parts.names.items():
            if not name or len(name) > MAXIMUM_SHORT_NAME:
                where = f"{topic_id}.names.{facet}"
                yield Problem(file, where, word("check_facet_name_long", most=MAXIMUM_SHORT_NAME))


def _scorecard(scorecard: Scorecard, holdings: Holdings) -> Iterator[Problem]:
    file = f"communes/scorecards/{scorecard.commune}.yaml"
    if scorecard.commune not in holdings.communes:
        yield Problem(file, "commune", word("check_commune_unknown", name=scorecard.commune))
    for group in scorecard.groups:
        points = sum(indicator.max_points for indicator in group.indicators)
        if points != group.points:
            message = word("check_group_points", sum=points, points=group.points)
            yield Problem(file, f"groups.{group.number}", message)
    if sum(group.points for group in scorecard.groups) != scorecard.total_points:
        yield Problem(file, "total_points", word("check_total_points"))
    minimums = [rank.minimum for rank in scorecard.ranks]
    if not minimums or minimums != sorted(set(minimums), reverse=True) or minimums[-1] != 0:
        yield Problem(file, "ranks", word("check_ranks"))
