"""``hoixa ask``: one message in, the fixed JSON shape out. What it prints is what a resident would get."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime

from bot.conversation.conversation import Conversation
from bot.conversation.exchange import Incoming
from bot.conversation.flood import unhurried
from bot.conversation.state import State
from intents import Part
from knowledge import Commune

PLACES_OF_A_SCORE = 4


def ask(
    conversation: Conversation,
    text: str,
    commune: Commune,
    now: datetime,
    state: State | None = None,
    message_id: str | None = None,
) -> tuple[dict[str, object], State]:
    """Ask as a resident would; give the state back in to go on with the same talk.

    Returns the document of ``hoixa ask --json`` ({"id","text","decision","topics","facet","action","parts","reply",
    "buttons","ms"}, and "pointer" where somebody else can help) and the state after it. "reply" is all replies, a
    blank line between; "ms" the time taken in milliseconds.
    """
    begun = time.perf_counter()
    outcome = conversation.respond(Incoming("text", text), unhurried(state or State()), commune, now)
    taken_ms = (time.perf_counter() - begun) * 1000
    decision = outcome.decision
    document: dict[str, object] = {
        "id": message_id,
        "text": text,
        "decision": decision.decision,
        "topics": _topics(decision.topics),
        "facet": decision.facet,
        "action": decision.action,
        "parts": [_part(part) for part in decision.parts],
        "reply": "\n\n".join(reply.text for reply in outcome.replies),
        "buttons": [
            {"title": button.title, "payload": button.payload} for reply in outcome.replies for button in reply.buttons
        ],
        "ms": round(taken_ms, 1),
    }
    if decision.pointer is not None:
        document["pointer"] = decision.pointer
    return document, outcome.state


def _topics(scored: Iterable[tuple[str, float]]) -> list[dict[str, object]]:
    return [{"id": topic, "score": round(float(score), PLACES_OF_A_SCORE)} for topic, score in scored]


def _part(part: Part) -> dict[str, object]:
    return {
        "text": part.text,
        "decision": part.decision,
        "topics": _topics((candidate.id, candidate.score) for candidate in part.candidates),
        "facet": part.facet,
        "action": part.action,
    }
