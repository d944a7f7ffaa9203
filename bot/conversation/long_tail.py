"""Procedures beyond the curated topics: found by code, by official name, or by plain words where nothing else fits.

Curated topics always go first: a code or a name that belongs to one is answered by it, with the official name and the
link below. What is repealed is said to be so before anything else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

from bot.conversation import answering
from bot.conversation.clarifying import MOST_CHOICES, human_button
from bot.conversation.exchange import Decision, StaffRequest
from bot.conversation.payloads import button, read_tap
from bot.conversation.reading import read
from bot.conversation.situation import Situation, Turn, UnderstandsText
from bot.conversation.state import State
from bot.replies import Button
from intents import Candidate, Understanding
from knowledge.portal import TOPIC_PREFIX, Found, Hit, Procedure, ProcedureIndex, rendering
from knowledge.portal.differences import topics_by_code
from knowledge.portal.index import NAME_LIKENESS, name_key
from knowledge.portal.words import word

VERB = "portal"
_DOTTED = re.compile(r"(?<![\d.,/-])([1-9])\.(\d{6})(?:\.\d{2})?(?![\d/]|[.,]\d)")
_BARE = re.compile(r"(?<![\d.,/+-])([1-9])[ ,]?(\d{6})(?![\d/]|[.,]\d)")
_CODE_AND_ITS_NAME = re.compile(r"(?:\bma )?(?:\b(?:so|thu tuc|hanh chinh|tthc) ){0,3}\b[1-9]\. ?\d{6}\b")
_ANNOUNCED = re.compile(r"\bma (?:so )?(?:thu tuc|tthc)(?: hanh chinh)?(?: so| la)? ?:? ?([\d.,]{3,20})")
_MISSHAPED = re.compile(r"(?<![\d.,/-])([1-9]\.0\d{3,4}|[1-9]\.[01]\d{6,8})(?![\d/]|[.,]\d)")
_UNSURE = ("clarify", "fallback")
UNSURE_SCORE = 0.5
FITTING_COVERAGE = 90.0
FITTING_LIKENESS = 30.0
CLOSE_LIKENESS = 50.0
"""Figures of ``knowledge.portal.index`` from which plain words fit a procedure well."""


def first(
    situation: Situation, state: State, text: str, understanding: Understanding, understander: UnderstandsText
) -> Turn | None:
    """Answer a message that gives a procedure's code or official name; None where it is for the curated topics."""
    index = situation.procedures
    if index is None:
        return None
    return _by_code(situation, state, text, understanding, understander, index) or _by_name(
        situation, state, text, understanding, index
    )


def by_plain_words(situation: Situation, state: State, text: str, understanding: Understanding) -> Turn | None:
    """Offer what plain words may mean, where there was no answer at all; everyday procedures first."""
    if situation.procedures is None:
        return None
    for said in dict.fromkeys((text, understanding.normalised)):
        found = situation.procedures.by_words(said)
        if found.hits:
            return _offer(situation, state, text, found)
    return None


def beside_choices(
    situation: Situation, state: State, text: str, understanding: Understanding, candidates: Sequence[Candidate]
) -> Turn | None:
    """Offer procedures beside an unsure curated topic, where the words fit them far better. The topic stays first."""
    if situation.procedures is None or understanding.decision != "clarify":
        return None
    least = FITTING_LIKENESS if candidates[0].score < UNSURE_SCORE else CLOSE_LIKENESS
    found = situation.procedures.by_words(text)
    hits = tuple(
        hit
        for hit in found.hits
        if hit.coverage >= FITTING_COVERAGE
        and hit.likeness >= least
        and hit.procedure.listing.topic not in situation.library.topics
    )
    if not hits:
        return None
    topic = next((candidate for candidate in candidates if candidate.id in situation.library.topics), None)
    kept = {} if topic is None else {topic.id: _topic_button(situation, topic.id, understanding.facet)}
    return _offer(situation, state, text, replace(found, hits=hits), kept, {topic.id: topic.score} if topic else {})


def names_another(situation: Situation, text: str, payload: str) -> bool:
    """Tell whether a message near a button's title is in truth the official name of something else."""
    if situation.procedures is None:
        return False
    found = situation.procedures.by_name(text)
    if not found.hits or found.hits[0].likeness < NAME_LIKENESS:
        return False
    tapped = read_tap(payload).argument(0)
    return all(tapped not in (hit.procedure.code, hit.procedure.listing.topic) for hit in found.hits)


def followed_up(situation: Situation, state: State, understanding: Understanding) -> Turn | None:
    """Take "lệ phí bao nhiêu" right after a card as asking about that procedure."""
    if situation.procedures is None or not (state.last_topic or "").startswith(TOPIC_PREFIX):
        return None
    procedure = situation.procedures.by_code((state.last_topic or "").removeprefix(TOPIC_PREFIX))
    return None if procedure is None else _show(situation, state, procedure, understanding.facet, 1.0, "follow_up")


def chosen(situation: Situation, state: State, code: str | None, facet: str | None) -> Turn | None:
    """Open what a button stands for; None where the procedure is not there any more."""
    procedure = situation.procedures.by_code(code or "") if situation.procedures is not None else None
    return None if procedure is None else _show(situation, state, procedure, facet, 1.0, "choice")


def read_code(text: str, index: ProcedureIndex) -> str | None:
    """The code a message gives: with its dot, or seven digits alone where such a procedure is known.

    Seven bare digits nobody knows are an amount or a telephone number, not a code.
    """
    found = _DOTTED.search(text)
    if found:
        return f"{found.group(1)}.{found.group(2)}"
    bare = _BARE.search(text)
    if bare and index.by_code(f"{bare.group(1)}.{bare.group(2)}"):
        return f"{bare.group(1)}.{bare.group(2)}"
    return None


def _without_code(text: str) -> str:
    return " ".join(_CODE_AND_ITS_NAME.sub(" ", read(text).folded).split())


def _by_code(
    situation: Situation,
    state: State,
    text: str,
    understanding: Understanding,
    understander: UnderstandsText,
    index: ProcedureIndex,
) -> Turn | None:
    code = read_code(text, index)
    if code is None:
        return _misshaped(situation, state, text, understanding)
    curated = tuple(topic.id for topic in topics_by_code(situation.library.topics.values()).get(code, ()))
    procedure = index.by_code(code)
    if procedure is None and not curated:
        return _unknown_code(situation, state, text, code, understander)
    # "mã 2.000908 cần giấy tờ gì": the part asked is seen once the code is out of the way.
    facet = understanding.facet or understander.understand(_without_code(text)).facet
    if procedure is not None and procedure.status_on(situation.today) == "repealed":
        return _show(situation, state, procedure, facet, 1.0, "code")
    if procedure is not None and not curated:
        return _show_or_curated(situation, state, (procedure,), facet, 1.0, "code")
    if len(curated) == 1:
        return _curated(situation, state, curated[0], facet, [procedure] if procedure else [], "code")
    buttons = tuple(_topic_button(situation, topic, facet) for topic in curated[:MOST_CHOICES])
    topics = tuple((topic, 1.0) for topic in curated)
    return _choices(situation, state, text, word("several_topics", code=code), buttons, topics)


def _misshaped(situation: Situation, state: State, text: str, understanding: Understanding) -> Turn | None:
    """A code mistyped is refused, never guessed; but only where nothing else in the message can be answered."""
    found = _ANNOUNCED.search(read(text).folded) or _MISSHAPED.search(text)
    if found is None or understanding.decision not in _UNSURE:
        return None
    return _refuse(situation, state, text, word("badly_written_code", code=found.group(1).strip(".,")))


def _unknown_code(
    situation: Situation, state: State, text: str, code: str, understander: UnderstandsText
) -> Turn | None:
    rest = _without_code(text)
    if rest and understander.understand(rest).decision in ("answer", "action"):
        return None
    return _refuse(situation, state, text, word("unknown_code", code=code))


def _refuse(situation: Situation, state: State, text: str, said: str) -> Turn:
    return Turn(
        state=replace(state, pending_text=text, menu_at=situation.now_ms),
        decision=Decision("fallback"),
        route="unknown_code",
        blocks=(said,),
        buttons=(human_button(situation, "human"),),
        requests=(StaffRequest("unanswered", text),),
    )


def _by_name(
    situation: Situation, state: State, text: str, understanding: Understanding, index: ProcedureIndex
) -> Turn | None:
    found = index.by_name(text)
    if name_key(text) in _keys_of(tuple(topic.name for topic in situation.library.topics.values())):
        return _curated_by_its_name(situation, state, understanding, found)
    if not found.hits and understanding.decision in _UNSURE:
        found = index.by_name(understanding.normalised)
    if not found.hits:
        return None
    best = found.hits[0]
    if best.likeness < NAME_LIKENESS and understanding.decision not in _UNSURE:
        return None
    score = round(best.likeness / 100, 4)
    if found.kind == "confident":
        return _show_or_curated(situation, state, (best.procedure,), understanding.facet, score, "name")
    if found.same_name:
        topics = {hit.procedure.listing.topic for hit in found.hits}
        if len(topics) == 1 and topics <= set(situation.library.topics):
            twins = tuple(hit.procedure for hit in found.hits)
            return _show_or_curated(situation, state, twins, understanding.facet, score, "name")
        return _offer(situation, state, text, found)
    meant = understanding.candidates[0].id if understanding.candidates else None
    if understanding.decision == "answer" and meant in {hit.procedure.listing.topic for hit in found.hits}:
        return None
    return _offer(situation, state, text, found)


def _curated_by_its_name(situation: Situation, state: State, understanding: Understanding, found: Found) -> Turn | None:
    """A curated topic's own name is the topic's, understood as ever; where the list has that very name, its link
    stands below."""
    meant = understanding.candidates[0].id if understanding.candidates else ""
    listed = [hit.procedure for hit in found.hits if hit.likeness >= 100.0 and hit.procedure.listing.topic == meant]
    if understanding.decision != "answer" or not listed:
        return None
    turn = _show_or_curated(situation, state, listed, understanding.facet, 1.0, "name")
    topics = tuple((candidate.id, candidate.score) for candidate in understanding.candidates)
    return replace(turn, decision=replace(turn.decision, topics=topics)) if turn.route == "name" else turn


@lru_cache(maxsize=4)
def _keys_of(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name_key(name) for name in names)


def _show_or_curated(
    situation: Situation, state: State, procedures: Sequence[Procedure], facet: str | None, score: float, route: str
) -> Turn:
    """Show a procedure; one that a curated topic covers and that is in force is answered by the topic."""
    best = procedures[0]
    if best.listing.topic in situation.library.topics and best.status_on(situation.today) == "current":
        return _curated(situation, state, best.listing.topic, facet, procedures, route)
    return _show(situation, state, best, facet, score, route)


def _curated(
    situation: Situation, state: State, topic: str, facet: str | None, procedures: Sequence[Procedure], route: str
) -> Turn:
    turn = answering.answer(situation, state, topic, facet, route)
    lines = [rendering.portal_line(one.listing, situation.commune) for one in procedures]
    # The answer itself may end with the link, which the official name brings along.
    blocks = tuple(block for block in turn.blocks if not any(line.endswith(block) for line in lines))
    return replace(turn, blocks=(*blocks, *lines))


def _show(
    situation: Situation, state: State, procedure: Procedure, facet: str | None, score: float, route: str
) -> Turn:
    """Show the card, or the part asked where an officer approved it; the other approved parts as buttons."""
    assert situation.procedures is not None
    approved = rendering.offered_facets(procedure)
    in_force = procedure.status_on(situation.today) != "repealed"
    if facet in approved and facet is not None and in_force:
        heading = situation.say("answer_heading", topic=procedure.listing.name, facet=situation.facet_name(facet))
        shown, text = facet, f"{heading}\n{rendering.facet_text(procedure, facet, situation.commune)}"
    else:
        shown = "overview"
        text = rendering.card(procedure, situation.procedures, situation.commune, situation.today)
    buttons = tuple(
        button(situation.facet_name(name), VERB, procedure.code, name)
        for name in (approved if in_force else ())
        if name != shown
    )[: answering.MOST_FACET_BUTTONS]
    topic = procedure.listing.topic
    if topic in situation.library.topics:
        buttons += (_topic_button(situation, topic, None),)
    return Turn(
        state=state.with_answer(procedure.id, shown, situation.now_ms),
        decision=Decision("answer", ((procedure.id, score),), facet),
        route=f"portal_{route}",
        blocks=(text,),
        buttons=(*buttons[: answering.MOST_FACET_BUTTONS], human_button(situation, "human")),
    )


def _offer(
    situation: Situation,
    state: State,
    text: str,
    found: Found,
    kept: Mapping[str, Button] = MappingProxyType({}),
    scores: Mapping[str, float] = MappingProxyType({}),
) -> Turn:
    """Offer what was found, after what is ``kept``; a curated topic stands once, for the procedures it covers."""
    buttons: dict[str, Button] = dict(kept)
    topics: dict[str, float] = dict(scores)
    for hit in found.hits:
        identifier = _identifier(situation, hit)
        if identifier not in buttons and len(buttons) < MOST_CHOICES:
            topics[identifier] = round(max(hit.likeness, hit.coverage) / 100, 4)
            buttons[identifier] = _button_of(situation, hit, identifier)
    if found.same_name:
        asked = word("same_name", count=len(buttons))
    else:
        asked = word("several_procedures" if len(buttons) > 1 else "one_procedure")
    return _choices(situation, state, text, asked, tuple(buttons.values()), tuple(topics.items()))


def _identifier(situation: Situation, hit: Hit) -> str:
    topic, status = hit.procedure.listing.topic, hit.procedure.status_on(situation.today)
    return topic if topic in situation.library.topics and status == "current" else hit.procedure.id


def _button_of(situation: Situation, hit: Hit, identifier: str) -> Button:
    if identifier in situation.library.topics:
        return _topic_button(situation, identifier, None)
    return button(rendering.title(hit.procedure, situation.today), VERB, hit.procedure.code)


def _topic_button(situation: Situation, topic: str, facet: str | None) -> Button:
    name = situation.topic_name(topic)
    return button(name, "answer", topic, facet) if facet else button(name, "ask", topic)


def _choices(
    situation: Situation,
    state: State,
    text: str,
    asked: str,
    choices: tuple[Button, ...],
    topics: tuple[tuple[str, float], ...],
) -> Turn:
    buttons = (*choices, human_button(situation, "not_these"))
    hint = word("hint", count=len(buttons))
    return Turn(
        state=replace(state, pending_text=text, menu_at=situation.now_ms),
        decision=Decision("clarify", topics),
        route="portal_choices",
        blocks=(f"{asked}\n{hint}",),
        buttons=buttons,
    )
