"""The library: everything the bot can say, held in memory and never changed after loading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from knowledge import checking, checklists, rendering
from knowledge.checklists import Checklist
from knowledge.communes import Commune
from knowledge.holdings import Holdings
from knowledge.plans import subject_text
from knowledge.problems import Problem
from knowledge.rendering import Answer
from knowledge.schema import Topic


@dataclass(frozen=True, slots=True)
class Library(Holdings):
    """Answers questions from what the knowledge files hold; its fields are those of `Holdings`."""

    def answer(self, topic_id: str, facet: str | None, commune: Commune, on: date) -> Answer:
        """Answer one question about a topic for a commune on a calendar day (Asia/Ho_Chi_Minh).

        `facet` is one of `knowledge.schema.FACETS`, or None for the overview. Where the topic lacks that part the
        answer says so and shows the overview. What the commune's staff edited and approved goes before the packaged
        text. Raises KeyError for an unknown topic, ValueError for an unknown facet.
        """
        local = self.local_facts.get(topic_id)
        topic = self.topic_for(topic_id, commune)
        return rendering.render(topic, facet, commune, on, self.facet_names, local, self.plans)

    def topic_for(self, topic_id: str, commune: Commune) -> Topic:
        """Return a topic as the commune has it: packaged, or with its staff's edits. Raises KeyError if unknown."""
        return commune.edited_topics.get(topic_id) or self.topics[topic_id]

    def part_name(self, topic_id: str, facet: str) -> str:
        """Return how a part of this topic is called on a button. Raises KeyError for an unknown facet."""
        parts = self.topic_parts.get(topic_id)
        return (parts.names.get(facet) if parts else None) or self.facet_names[facet].name

    def parts_offered(self, topic_id: str, others: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Part the other parts of an answer into those worth a button and the rest, each most asked first."""
        parts = self.topic_parts.get(topic_id)
        if parts is None or not parts.offered:
            return others, ()
        offered = tuple(facet for facet in parts.offered if facet in others)
        return offered, tuple(facet for facet in others if facet not in offered)

    def plan_subject(self, id: str, commune: Commune) -> str:
        """Say what the commune's plan says of a campaign or task it calls by name, or that it does not name it.

        Raises KeyError for an unknown subject.
        """
        return subject_text(self.plans, self.plan_subjects, id, commune)

    def checklist(self, topic_id: str, commune: Commune, on: date) -> Checklist:
        """Return the papers of a topic one by one; empty where it has none or they are no longer the papers in force.

        Raises KeyError for an unknown topic.
        """
        checklist = self.checklists.get(topic_id, ())
        return checklist if checklists.holds(checklist, self.topic_for(topic_id, commune), on) else ()

    def point_elsewhere(self, pointer_id: str, commune: Commune) -> str:
        """Say politely who can help with something no commune decides. Raises KeyError for an unknown pointer."""
        return commune.fill(self.pointers[pointer_id].text)

    def check(self, on: date | None = None) -> list[Problem]:
        """List every fault of the knowledge files; empty when all is well.

        With a day given, dates in the future and overdue reviews are faults too.
        """
        return checking.check(self, on)
