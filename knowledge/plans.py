"""What each commune's innovation plan says: added to the answers its residents get, never to those of another commune.

A commune without such a file gets the general text and is told honestly that its plan is not here yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from pydantic import Field

from knowledge import wording
from knowledge.communes import Commune
from knowledge.problems import Problem
from knowledge.schema import FACETS, Model, Text, Topic
from knowledge.words import word

PLAN_GROUP = "doi-moi"
"""Topics of this group are about the plan itself, so a plan that is silent on one is said to be."""
CAMPAIGNS = "phong-trao"
"""The subject that lists a plan's campaigns, offered where another campaign is asked for in vain."""


class PlanAnswers(Model):
    """One commune's plan: texts by topic and part (``answers``) and by the name of a campaign (``subjects``)."""

    commune: str
    source: Text
    as_of: date
    answers: dict[str, dict[str, Text]] = Field(default_factory=dict)
    subjects: dict[str, Text] = Field(default_factory=dict)

    def text(self, topic_id: str, facet: str) -> str | None:
        """Return what the plan says of a part of a topic, None where it says nothing."""
        return self.answers.get(topic_id, {}).get(facet)


class PlanSubject(Model):
    """Something plans call by name. ``cues`` are the ways it is asked for, folded; ``facet`` takes the text from that
    part of the topic's plan answers instead of ``subjects``."""

    name: Text
    topic: str
    facet: str | None = None
    cues: tuple[str, ...]


def in_commune(commune: Commune, text: str) -> str:
    """Put the commune's name before what its plan says: a comma where a list follows, else a colon."""
    mark = "," if text.splitlines()[0].endswith(":") else ":"
    return word("plan_in_commune", commune=commune.full_name) + f"{mark} {commune.fill(text)}"


def paragraph(plans: Mapping[str, PlanAnswers], topic: Topic, facet: str, commune: Commune) -> tuple[str | None, bool]:
    """Return what to say of the commune's plan beside the general text, and whether the plan itself says it."""
    plan = plans.get(commune.id)
    if plan is not None:
        text = plan.text(topic.id, facet)
        if text is not None:
            return in_commune(commune, text), True
        silent = topic.group == PLAN_GROUP and facet == "overview" and _anybody(plans, topic.id, facet)
        return (commune.fill(word("plan_silent")) if silent else None), False
    return (commune.fill(word("plan_missing")) if _anybody(plans, topic.id, facet) else None), False


def subject_text(
    plans: Mapping[str, PlanAnswers], subjects: Mapping[str, PlanSubject], id: str, commune: Commune
) -> str:
    """Answer a question after something plans call by name, with the source line. Raises KeyError if unknown."""
    subject = subjects[id]
    plan = plans.get(commune.id)
    if plan is None:
        return commune.fill(word("plan_subject_unknown", name=subject.name))
    found = plan.text(subject.topic, subject.facet) if subject.facet else plan.subjects.get(id)
    if found is not None:
        told = in_commune(commune, found)
    else:
        told = commune.fill(word("plan_subject_absent", name=subject.name))
        if CAMPAIGNS in plan.subjects:
            told += "\n" + in_commune(commune, plan.subjects[CAMPAIGNS])
    return f"{told}\n\n" + word("answer_source", source=plan.source, day=f"{plan.as_of:%d/%m/%Y}")


def _anybody(plans: Mapping[str, PlanAnswers], topic_id: str, facet: str) -> bool:
    return any(plan.text(topic_id, facet) for plan in plans.values())


def faults(
    plans: Mapping[str, PlanAnswers],
    subjects: Mapping[str, PlanSubject],
    topics: Mapping[str, Topic],
    communes: Mapping[str, Commune],
) -> Iterator[Problem]:
    """Name unknown communes, topics, parts and subjects, names of other communes, and faults of wording."""
    for plan in plans.values():
        for where, message in _faults_of_plan(plan, subjects, topics, communes):
            yield Problem(f"communes/local/{plan.commune}.yaml", where, message)
    for id, subject in subjects.items():
        if subject.topic not in topics:
            yield Problem("plan_subjects.yaml", id, word("check_plan_topic", name=subject.topic))


def _faults_of_plan(
    plan: PlanAnswers,
    subjects: Mapping[str, PlanSubject],
    topics: Mapping[str, Topic],
    communes: Mapping[str, Commune],
) -> Iterator[tuple[str, str]]:
    if plan.commune not in communes:
        yield "commune", word("check_commune_unknown", name=plan.commune)
    texts = {f"subjects.{id}": text for id, text in plan.subjects.items()}
    for topic_id, parts in plan.answers.items():
        for facet, text in parts.items():
            texts[f"answers.{topic_id}.{facet}"] = text
            if topic_id not in topics or facet not in FACETS or facet not in topics[topic_id].facets:
                yield f"answers.{topic_id}.{facet}", word("check_plan_part")
    for id in plan.subjects:
        if id not in subjects:
            yield f"subjects.{id}", word("check_plan_subject")
    others = [other.name for other in communes.values() if other.id != plan.commune]
    for where, text in texts.items():
        for message in wording.faults_of_answer(text):
            yield where, message
        for name in others:
            if name in text:
                yield where, word("check_plan_other", name=name)
