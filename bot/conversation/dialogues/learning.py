"""What a dialogue learns of a message, which step is asked next, and when all of it is forgotten."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.acts import SentThing
from bot.conversation.dialogue_state import DIALOGUE_LIVES, DialogueState
from bot.conversation.dialogues.keeping import fetched_later, merged
from bot.conversation.dialogues.showing import Run, run_of
from bot.conversation.dialogues.steps import Answer, Heard, Refusal, Step
from bot.conversation.exchange import Incoming
from bot.conversation.reading import read
from bot.conversation.situation import Situation
from bot.conversation.state import MINUTE, State

SILENCE = 30 * MINUTE
"""After it, a message that does not clearly go on with the dialogue is asked about first."""


def next_step(run: Run) -> tuple[Run, Step | None]:
    """The next step not answered, and the run with what asking it prepared; None where all is answered or left out."""
    for step in run.declared.steps:
        if step.name in run.dialogue.skipped or is_answered(run, step) or not step.applies(run.inside):
            continue
        if step.prepare is not None:
            prepared = step.prepare(run.inside)
            if prepared is None:
                run = skipping(run, (step,))
                continue
            run, _ = with_answer(run, prepared)
        return run, step
    return run, None


def is_answered(run: Run, step: Step) -> bool:
    """Tell whether one of the values a step fills is there."""
    return any(name in run.dialogue.values for name in step.values)


def skipping(run: Run, steps: tuple[Step, ...]) -> Run:
    """Leave out the optional ones of these steps, and forget what they had been answered."""
    names = [step.name for step in steps if not step.required]
    gone = {value for step in steps if not step.required for value in step.values}
    values = {name: value for name, value in run.dialogue.values.items() if name not in gone}
    skipped = tuple(dict.fromkeys((*run.dialogue.skipped, *names)))
    return run.having(replace(run.dialogue, values=values, skipped=skipped, refused=0))


def with_answer(run: Run, answer: Answer) -> tuple[Run, bool]:
    """Lay an answer over the values; tells whether some of it had to be cut."""
    values, cut = merged(run.dialogue.values, answer)
    return run.having(replace(run.dialogue, values=values)), cut


def with_spotted(run: Run, message: Heard, anew: bool = False) -> tuple[Run, frozenset[str]]:
    """Keep what the message tells in passing; ``anew`` in the place of what was told before. Names what it told."""
    told: set[str] = set()
    for step in run.declared.steps:
        if step.spot is None or (not anew and (is_answered(run, step) or step.name == run.dialogue.asked)):
            continue
        found = step.spot(run.inside, message)
        if found:
            run, _ = with_answer(run, found)
            told.update(found)
    return run, frozenset(told)


def with_things(run: Run, message: Incoming) -> Run:
    """Keep the photos and files of a message, where the dialogue takes any."""
    if not run.declared.takes_things:
        return run
    things = fetched_later((*run.dialogue.things, *message.things))
    return run.having(replace(run.dialogue, things=things))


def is_after_silence(run: Run) -> bool:
    """Tell whether nobody touched the dialogue for a while."""
    return run.situation.now_ms - run.dialogue.touched_at > SILENCE


def clearly_continues(run: Run, message: Heard) -> bool:
    """Tell whether a message can hardly be anything but the answer to what is asked."""
    step = run.step
    if step is None or step.free or step.read is None:
        return bool(step is not None and step.spot and step.spot(run.inside, message))
    return not isinstance(step.read(run.inside, message), Refusal)


def heard_place(place: SentThing) -> Heard:
    """A place sent before the dialogue was opened, as if it were sent now. Nothing where it cannot be read."""
    try:
        latitude, longitude = (float(number) for number in place.name.split(","))
    except ValueError:
        return Heard("", read(""), Incoming("location"))
    return Heard("", read(""), Incoming("location", latitude=latitude, longitude=longitude))


def fresh_run(state: State, now_ms: int) -> int:
    """A moment no remembered run was opened at: two within one millisecond must still be told apart."""
    known = {run for run, _ in state.filed} | ({state.dialogue.id} if state.dialogue else set())
    while DialogueState("", now_ms).id in known:
        now_ms += 1
    return now_ms


def forget_what_is_too_old(situation: Situation, state: State) -> tuple[State, str]:
    """Drop a dialogue nobody touched for a day. Returns the words that say so, "" where nothing was dropped."""
    dialogue = state.dialogue
    if dialogue is None or situation.now_ms - max(dialogue.opened_at, dialogue.touched_at) <= DIALOGUE_LIVES:
        return state, ""
    run = run_of(situation, state)
    said = situation.say("dialogue_timed_out", called=run.called) if run is not None else ""
    return replace(state, dialogue=None), said
