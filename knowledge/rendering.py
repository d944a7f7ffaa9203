"""Turns a topic's part into the words a resident reads: wording of the day, commune's names, source, honest doubts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from knowledge.coming_changes import announcement
from knowledge.communes import Commune
from knowledge.local_telling import missing_sentence, own_lines
from knowledge.plans import PlanAnswers, paragraph
from knowledge.schema import FACETS, Facet, FacetName, LocalFacts, Topic, Version
from knowledge.words import word

MAXIMUM_MESSAGE_LENGTH = 1900
"""One answer is one Zalo message up to here (Zalo refuses beyond 2,000); counted in code points."""

_DOUBT_ALREADY_TOLD = re.compile(word("doubt_told_pattern"))
"""Words by which a text of low confidence says itself what is in doubt: saying it twice only tires the reader."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What to tell a resident. `text` ends with the source line; `facet` is the part shown, which is "overview"
    where the part asked is missing; `uncertain` marks low confidence or a review that is overdue."""

    text: str
    facet: str
    asked_facet_missing: bool
    source: str
    as_of: date
    uncertain: bool
    other_facets: tuple[str, ...]


def vietnamese_date(day: date) -> str:
    """Write a day as people read it: 21/11/2026."""
    return f"{day:%d/%m/%Y}"


def whom_to_ask(topic: Topic, commune: Commune) -> str:
    """Name the unit that can confirm: the police for what the police decide, else the one-stop desk."""
    return commune.unit_name("police" if topic.owner_unit == "cong-an" else "desk")


def _doubt(topic: Topic, facet: Facet, version: Version, commune: Commune, on: date) -> tuple[bool, str | None]:
    """Tell whether the answer is uncertain, and the sentence that says so where the wording does not say it itself."""
    ask = whom_to_ask(topic, commune)
    if on > (version.review_by or topic.review_by):
        since = vietnamese_date(version.as_of or topic.as_of)
        return True, word("doubt_overdue", since=since, ask=ask)
    if facet.text_on(on) is None:
        return True, word("doubt_changed", ask=ask)
    if (version.confidence or facet.confidence) != "low":
        return False, None
    if _DOUBT_ALREADY_TOLD.search(version.text):
        return True, None
    return True, word("doubt_low", ask=ask)


def _with_local_facts(body: str, shown: str, commune: Commune, local: LocalFacts | None) -> list[str]:
    """Join the general text and what this commune has published itself, which wins over the law's minimum."""
    if local is None or shown not in local.facets:
        return [body]
    told = own_lines(commune, local)
    missing = missing_sentence(commune, local)
    after = [] if missing is None else [missing]
    if not told:
        return [body, *after]
    own = "\n".join([commune.fill(word("told_own")), *(f"• {line}" for line in told)])
    return [own, body, *after] if local.position == "before" else [body, own, *after]


def render(
    topic: Topic,
    asked: str | None,
    commune: Commune,
    on: date,
    facet_names: Mapping[str, FacetName],
    local: LocalFacts | None = None,
    plans: Mapping[str, PlanAnswers] | None = None,
) -> Answer:
    """Build the answer to one question.

    `asked` is one of FACETS, or None for the overview; `on` is the calendar day in Vietnam; `local` names the
    fields of the profile that belong to this topic; `plans` what the communes' plans say, by commune.
    Raises ValueError for a facet that does not exist at all.
    """
    if asked is not None and asked not in FACETS:
        raise ValueError(word("check_facet_unknown_name", name=repr(asked)))
    wanted = asked or "overview"
    # A part whose versions leave a gap on this day is treated as missing: saying an old rule would be worse.
    facet = topic.facets.get(wanted)
    missing = facet is None or (wanted != "overview" and facet.text_on(on) is None)
    shown = "overview" if missing else wanted
    facet = topic.facets[shown]
    paragraphs: list[str] = []
    if missing:
        phrase = facet_names[wanted].phrase
        ask = whom_to_ask(topic, commune)
        paragraphs.append(word("facet_not_known", phrase=phrase, ask=ask))
    version = facet.version_nearest(on)
    own_plan, plan_tells = paragraph(plans or {}, topic, shown, commune)
    if own_plan is not None and plan_tells:
        paragraphs.append(own_plan)
    paragraphs.extend(_with_local_facts(commune.fill(version.text), shown, commune, local))
    if own_plan is not None and not plan_tells:
        paragraphs.append(own_plan)
    soon = announcement(facet, on)
    if soon is not None:
        paragraphs.append(commune.fill(soon))
    uncertain, warning = _doubt(topic, facet, version, commune, on)
    if warning is not None:
        paragraphs.append(warning)
    source = version.source or facet.source or topic.source
    if plan_tells and plans:
        source = f"{plans[commune.id].source}; {source}"
    as_of = version.as_of or topic.as_of
    paragraphs.append(word("answer_source", source=source, day=vietnamese_date(as_of)))
    return Answer(
        text="\n\n".join(paragraphs),
        facet=shown,
        asked_facet_missing=missing,
        source=source,
        as_of=as_of,
        uncertain=uncertain,
        other_facets=topic.other_facets(shown),
    )
