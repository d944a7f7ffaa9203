"""Buttons of dialogues: ``#hoixa:dialogue:<name>:<run>:<command>[:<step>[:<value>]]`` and ``#hoixa:open:<name>``.

``run`` names this run of the dialogue, so that a button of an earlier one is known as old however late it is tapped.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.dialogue_state import DialogueState
from bot.conversation.payloads import Tap, button
from bot.replies import Button

VERB = "dialogue"
OPEN_VERB = "open"
COMMANDS = frozenset({"confirm", "cancel", "restart", "back", "go_on", "edit", "correct", "skip", "rest", "pick"})


@dataclass(frozen=True, slots=True)
class DialogueTap:
    """A tap inside a dialogue, taken apart."""

    name: str
    run: str
    command: str
    step: str = ""
    value: str = ""


def dialogue_button(dialogue: DialogueState, title: str, command: str, *arguments: str) -> Button:
    """Make a button of a running dialogue. Raises ValueError for a value too long for a payload."""
    return button(title, VERB, dialogue.name, dialogue.id, command, *arguments)


def read_dialogue_tap(tap: Tap) -> DialogueTap | None:
    """Take a tap of a dialogue apart; None where it is misshapen."""
    if tap.verb != VERB or len(tap.arguments) < 3 or tap.arguments[2] not in COMMANDS:
        return None
    name, run, command, *rest = tap.arguments
    return DialogueTap(name, run, command, rest[0] if rest else "", ":".join(rest[1:]))
