"""Lists every claim residents may be told, with its source and how sure it is. A claim without a source is a fault.

A claim is a line that could be wrong: it holds a figure, an amount, a day, a deadline, a share, or it lays down what
one must, may or need not do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.communes import Commune
from knowledge.library import Library
from knowledge.overlay import TOPIC_PREFIX, Overlay
from knowledge.schema import FACETS
from knowledge.timeline import OPEN_END, OPEN_START
from knowledge.wording import RULE_WORDS, SENTENCE_END

_FIGURE = re.compile(r"\d")
_HEADING = re.compile(r"^[^.!?;]*:$")
"""A heading such as "Nộp:" lays nothing down by itself."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: where it is said, for which days, on what it rests. `edited` marks a commune's own wording, `commune`
    the one whose plan says it."""

    topic: str
    facet: str
    text: str
    source: str
    confidence: str
    valid_from: date | None
    valid_until: date | None
    as_of: date | None
    edited: bool = False
    commune: str | None = None


def claims_in(text: str) -> Iterator[str]:
    """Split a wording into the lines and sentences that claim something."""
    for line in text.splitlines():
        for sentence in SENTENCE_END.split(line.strip()):
            stripped = sentence.removeprefix("• ").strip()
            if stripped and not _HEADING.match(stripped) and is_claim(stripped):
                yield stripped


def is_claim(sentence: str) -> bool:
    """Tell whether a sentence states something that must rest on a source."""
    return bool(_FIGURE.search(sentence) or RULE_WORDS.search(sentence))


def audit(library: Library, commune: Commune | None = None, overlay: Overlay | None = None) -> list[Claim]:
    """List all claims of all answers, of every period; with an overlay, those of the commune's own wording."""
    shown = overlay or Overlay(library, commune or next(iter(library.communes.values())))
    found: list[Claim] = []
    for topic in library.topics.values():
        subject = f"{TOPIC_PREFIX}{topic.id}"
        for facet in FACETS:
            for segment in shown.timeline(subject, facet):
                found.extend(
                    Claim(
                        topic.id,
                        facet,
                        text,
                        segment.source.strip(),
                        segment.confidence,
                        None if segment.start == OPEN_START else segment.start,
                        None if segment.until == OPEN_END else segment.until,
                        segment.as_of,
                        segment.edit_id > 0,
                    )
                    for text in claims_in(segment.text)
                )
    return [*found, *_plan_claims(library, None if overlay is None and commune is None else shown.commune)]


def _plan_claims(library: Library, commune: Commune | None) -> Iterator[Claim]:
    """What the communes' plans add to answers, of all communes or of one."""
    for plan in library.plans.values():
        if commune is not None and plan.commune != commune.id:
            continue
        said = [(topic, facet, text) for topic, parts in plan.answers.items() for facet, text in parts.items()]
        for name, text in plan.subjects.items():
            subject = library.plan_subjects.get(name)
            said.append((name if subject is None else subject.topic, "", text))
        for topic, facet, text in said:
            for claim in claims_in(text):
                yield Claim(
                    topic, facet, claim, plan.source.strip(), "high", None, None, plan.as_of, commune=plan.commune
                )


def unsupported(claims: list[Claim]) -> list[Claim]:
    """Return the claims that name no source."""
    return [claim for claim in claims if not claim.source]
