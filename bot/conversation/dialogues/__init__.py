"""Every dialogue there is, and whatever else opens or continues one: a line each.

``DIALOGUES`` by name. ``OPENERS`` are asked in order about each text before its meaning is looked at, with the
resident's state: a turn, or None where the text is something else; ``within_dialogues`` tells whether also while a
dialogue is under way (for words that must always work). ``TAPS`` are verbs of payloads beside those of the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.conversation.dialogues import idea, privacy, report, status, voices
from bot.conversation.dialogues.steps import Dialogue, Heard
from bot.conversation.payloads import Tap
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import State


@dataclass(frozen=True, slots=True)
class Opener:
    """Recognises a text that begins something."""

    opens: Callable[[Situation, State, Heard], Turn | None]
    within_dialogues: bool = False


OnTap = Callable[[Situation, State, Tap], Turn | None]
"""Does what a tap says; None where the button is too old to be understood."""

DIALOGUES: Mapping[str, Dialogue] = {
    each.name: each
    for each in (
        report.DIALOGUE,
        idea.DIALOGUE,
        status.ADD_DIALOGUE,
        status.REOPEN_DIALOGUE,
        *voices.DIALOGUES,
    )
}

OPENED_BY_A_TAP = frozenset({report.NAME, idea.NAME, privacy.ERASE})
"""What anybody may begin with nothing but ``#hoixa:open:<name>``, a payload that can be typed as well. The others need
something first: a case of one's own, a mark just given, a volunteer's post."""

OPENERS: tuple[Opener, ...] = (
    Opener(status.opened, within_dialogues=True),
    *(Opener(opens, within_dialogues=True) for opens in voices.ALWAYS),
    *(Opener(opens) for opens in voices.OPENS),
)

TAPS: Mapping[str, OnTap] = {
    "status": status.tapped,
    "add": status.tapped_add,
    "reopen": status.tapped_reopen,
    "rate_case": status.tapped_rate,
    **voices.TAPS,
}
