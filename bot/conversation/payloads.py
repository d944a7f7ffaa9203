"""Buttons and what a tap on them sends back.

A payload carries all it needs, so a tap works however long ago the button was shown:
``#hoixa:answer:<topic>:<facet>``, ``#hoixa:ask:<topic>``, ``#hoixa:more:<topic>:<facet shown>``,
``#hoixa:action:<feedback|idea|status|human>``, ``#hoixa:human``, ``#hoixa:rate:<1-5>``,
``#hoixa:address:<old unit>``, ``#hoixa:checklist:<topic>``, ``#hoixa:tick:<topic>:<paper>``,
``#hoixa:portal:<procedure code>:<facet>``; of cases ``#hoixa:status:<code>``, ``#hoixa:add:<code>``,
``#hoixa:reopen:<code>``, ``#hoixa:rate_case:<code>:<1-5>``; of dialogues see ``bot/conversation/dialogues/taps.py``.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.replies import PAYLOAD_PREFIX, Button

LONGEST_TITLE = 100
LONGEST_PAYLOAD = 1_000
"""Zalo's limits for a button, in characters (contract 3.3)."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A payload taken apart; ``arguments`` may be fewer or more than today's verbs want."""

    verb: str
    arguments: tuple[str, ...] = ()

    def argument(self, position: int) -> str | None:
        """Return one argument, None where it is missing or empty."""
        return (self.arguments[position] or None) if position < len(self.arguments) else None


def button(title: str, verb: str, *arguments: str) -> Button:
    """Make a button within Zalo's limits; a long title is cut after a whole word. Raises ValueError for a payload
    that would be too long, for cutting it would change what the tap means."""
    payload = PAYLOAD_PREFIX + ":".join((verb, *arguments))
    if len(payload) > LONGEST_PAYLOAD:
        raise ValueError(f"payload of {len(payload)} characters")
    return Button(shortened(title, LONGEST_TITLE), payload)


def is_tap(text: str) -> bool:
    """Tell whether a text is a tap: residents never type the prefix."""
    return text.startswith(PAYLOAD_PREFIX)


def read_tap(text: str) -> Tap:
    """Take a payload apart; any text with the prefix can be read, known verb or not."""
    verb, *arguments = text.removeprefix(PAYLOAD_PREFIX).strip().split(":")
    return Tap(verb, tuple(arguments))


def shortened(text: str, longest: int) -> str:
    """Cut a text after a whole word, with an ellipsis, to at most ``longest`` characters."""
    text = " ".join(text.split())
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    whole_words = kept.rsplit(" ", 1)[0] if " " in kept and text[longest - 1] != " " else kept
    return whole_words.rstrip(" ,;:–-") + "…"
