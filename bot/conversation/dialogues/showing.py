"""A dialogue under way in one turn, and how it is shown: the question, its buttons, or a numbered list."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.conversation.dialogue_state import DialogueState
from bot.conversation.dialogues.keeping import within_limits
from bot.conversation.dialogues.steps import Dialogue, Inside, Step
from bot.conversation.dialogues.taps import dialogue_button
from bot.conversation.exchange import Decision
from bot.conversation.situation import Situation, Turn
from bot.conversation.speaking import MOST_BUTTONS
from bot.conversation.state import State
from bot.replies import Button

SUMMARY = "summary"
EDIT = "edit"


@dataclass(frozen=True, slots=True)
class Run:
    """A dialogue under way in one turn."""

    situation: Situation
    state: State
    declared: Dialogue
    dialogue: DialogueState

    @property
    def inside(self) -> Inside:
        return Inside(self.situation, self.dialogue)

    @property
    def step(self) -> Step | None:
        return self.declared.step(self.dialogue.asked)

    @property
    def called(self) -> str:
        return self.situation.say_of("dialogue", self.declared.called)

    def having(self, dialogue: DialogueState) -> Run:
        return replace(self, dialogue=dialogue)


def run_of(situation: Situation, state: State) -> Run | None:
    """The dialogue under way; None where there is none, or one this version does not know."""
    dialogue = state.dialogue
    declared = situation.dialogues.get(dialogue.name) if dialogue is not None else None
    return None if dialogue is None or declared is None else Run(situation, state, declared, dialogue)


def takes_numbers(situation: Situation, state: State) -> bool:
    """Tell whether a bare number is for the dialogue itself, not for the list shown last."""
    run = run_of(situation, state)
    return run is not None and (not state.menu or (run.step is not None and run.step.numeric))


def ask(run: Run, blocks: tuple[str, ...] = ()) -> Turn:
    """Say the blocks, then what is asked now, with its buttons, or as a numbered list where they are too many."""
    inside, step = run.inside, run.step
    if step is not None:
        above = (step.before(inside),) if step.before else ()
        asked = (*above, inside.words(step.question))
    elif run.dialogue.asked == EDIT:
        asked = (run.situation.say("dialogue_edit_ask"),)
    else:
        asked = (run.declared.summary(inside),)
    visible = choices_shown(run)
    if listed(run):
        lines = [f"{number}. {each.title}" for number, each in enumerate(visible, 1)]
        hint = run.situation.say("dialogue_type_number", count=str(len(visible)))
        asked = (*asked, "\n".join((*lines, hint)))
        visible = ()
    return turn_of(run, run.dialogue.asked, (*blocks, *asked), visible)


def ask_to_go_on(run: Run, text: str) -> Turn:
    run = run.having(replace(run.dialogue, asked_to_go_on=True, waiting_text=within_limits(text)))
    said = run.situation.say("dialogue_still_open", called=run.called)
    return turn_of(run, "go_on", (said,), choices_shown(run))


def choices_shown(run: Run) -> tuple[Button, ...]:
    """The choices as they stand under what is asked now, in the order of their numbers."""
    dialogue, inside, words = run.dialogue, run.inside, run.inside.words
    if dialogue.asked_to_go_on:
        return (
            dialogue_button(dialogue, words("button_go_on"), "go_on"),
            dialogue_button(dialogue, words("button_leave"), "cancel"),
        )
    step = run.step
    if step is None:
        return _labels(run) if dialogue.asked == EDIT else _under_summary(run)
    if step.numeric:
        return ()
    picks = tuple(
        dialogue_button(dialogue, choice.title, "pick", step.name, choice.value) for choice in step.choices(inside)
    )
    if not step.required and not {"no", "none"} & {choice.value for choice in step.choices(inside)}:
        picks += (dialogue_button(dialogue, words("button_skip"), "skip"),)
    if step.may_leave_rest:
        picks += (dialogue_button(dialogue, words("button_rest"), "rest"),)
    return picks


def _labels(run: Run) -> tuple[Button, ...]:
    labelled = [step for step in run.declared.steps if step.label and step.applies(run.inside)]
    return tuple(dialogue_button(run.dialogue, run.inside.words(step.label), "correct", step.name) for step in labelled)


def _under_summary(run: Run) -> tuple[Button, ...]:
    words = run.inside.words
    offered = [
        dialogue_button(run.dialogue, words(title), "correct", name)
        for name, title in run.declared.offered.items()
        if name not in run.dialogue.values
    ]
    return (
        dialogue_button(run.dialogue, words("button_send"), "confirm"),
        *offered[: MOST_BUTTONS - 3],
        dialogue_button(run.dialogue, words("button_edit"), "edit"),
        dialogue_button(run.dialogue, words("button_leave"), "cancel"),
    )


def listed(run: Run) -> bool:
    return len(choices_shown(run)) > MOST_BUTTONS


def turn_of(run: Run, asked: str, blocks: tuple[str, ...], buttons: tuple[Button, ...] = ()) -> Turn:
    return Turn(touched(run), decision_of(run.declared), f"{run.dialogue.name}_{asked}", blocks, buttons)


def touched(run: Run) -> State:
    dialogue = replace(run.dialogue, touched_at=run.situation.now_ms)
    return replace(run.state.awaiting_nothing(), dialogue=dialogue, menu=(), asked="", unanswered_in_a_row=0)


def decision_of(declared: Dialogue) -> Decision:
    if declared.action is None:
        return Decision("chitchat")
    return Decision("action", ((f"@{declared.action}", 1.0),), action=declared.action)
