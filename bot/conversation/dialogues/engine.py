"""One engine for every dialogue: any order, back, leave, begin anew, silence, questions in between, numbers, summary.

How to write a dialogue
-----------------------
One file under ``bot/conversation/dialogues/``, one :class:`~bot.conversation.dialogues.steps.Dialogue` in it, one line
in the registry of ``bot/conversation/dialogues/__init__.py``. The file declares steps (name, question, how an answer is
read, buttons, when it is left out), a summary, and what filing it does, as acts; it never touches the state. Texts
stand in ``words.yaml``: fixed ones in the group "dialogue" (a step's ``question``, ``label``, ``called``), those with
values of their own in "say". For example::

    REMEDY = Step("remedy", "remedy_ask", read=lambda inside, heard: {"remedy": heard.text}, free=True)
    DIALOGUE = Dialogue(
        name="remedy", called="remedy_called", steps=(REMEDY,),
        summary=lambda inside: inside.situation.say("remedy_summary", text=inside.value("remedy")),
        file=lambda inside: Filing(inside.situation.say("remedy_filed"), (SomeAct(inside.value("remedy")),)),
    )

It is opened by :func:`open_dialogue`: from a button (``#hoixa:open:<name>``), from an ``Opener`` of the registry, or by
what the message was understood to be. Everything else comes of itself: the engine asks the first step not answered,
runs every step's ``spot`` over every message (a village told in passing), keeps photos where ``takes_things``, answers
a real question and goes on with a reminder, and files only from the summary. ``file`` runs once: the run's id stays in
``State.filed`` with its code, so that a second tap on "send" is told the code. A value is a text; all together keep
under 4,000 bytes. Taking buttons away must never block anybody: each choice has its number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import intents
from bot.conversation.acts import Act
from bot.conversation.dialogue_state import LONGEST_TRAIL, DialogueState
from bot.conversation.dialogues.keeping import fetched_later
from bot.conversation.dialogues.learning import (
    clearly_continues,
    fresh_run,
    heard_place,
    is_after_silence,
    is_answered,
    next_step,
    skipping,
    with_answer,
    with_spotted,
    with_things,
)
from bot.conversation.dialogues.showing import (
    EDIT,
    SUMMARY,
    Run,
    ask,
    ask_to_go_on,
    choices_shown,
    decision_of,
    run_of,
    turn_of,
)
from bot.conversation.dialogues.steps import Answer, Filing, Heard, Refusal, Step
from bot.conversation.dialogues.taps import read_dialogue_tap
from bot.conversation.exchange import Decision, Incoming
from bot.conversation.payloads import Tap, read_tap
from bot.conversation.reading import read
from bot.conversation.situation import Situation, Turn
from bot.conversation.state import MINUTE, State

MANY_PHOTOS = 1 * MINUTE
"""A photo this soon after another gets one line, not the question again."""
HARD_AFTER = 2
"""Refused answers in a row after which the way to a person is named."""

Aside = Callable[[], tuple[Turn | None, bool]]
"""Answers a message meant for something else; and tells whether it is understood as what this dialogue is about."""


def open_dialogue(
    situation: Situation, state: State, name: str, heard: Heard | None = None, values: Answer | None = None
) -> Turn:
    """Begin a dialogue with what the message (and photos sent before it) already tell. KeyError for an unknown name.

    Opening the one that is under way goes on with it; another one under way is left, and that is said.
    """
    blocks: tuple[str, ...] = ()
    current = run_of(situation, state)
    if current is not None:
        if current.dialogue.name == name and not values and heard is None:
            return ask(current, (situation.say("dialogue_goes_on", called=current.called),))
        if current.dialogue.values or current.dialogue.things:
            blocks = (situation.say("dialogue_replaced", called=current.called),)
    declared = situation.dialogues[name]
    fresh = DialogueState(name, fresh_run(state, situation.now_ms), situation.now_ms)
    run, _ = with_answer(Run(situation, state, declared, fresh), values or {})
    if declared.takes_things and state.things:
        run = run.having(replace(run.dialogue, things=fetched_later(state.things)))
        for place in (thing for thing in state.things if thing.kind == "location"):
            run, _ = with_spotted(run, heard_place(place), anew=True)
    run = replace(run, state=replace(state, things=()))
    cut = False
    if heard is not None:
        run, cut = with_answer(run, declared.begin(run.inside, heard) or {})
        run, _ = with_spotted(run, heard)
        run = with_things(run, heard.message)
    return _advance(run, (*blocks, situation.say("dialogue_text_cut")) if cut else blocks)


def heard(situation: Situation, state: State, message: Heard, aside: Aside) -> Turn | None:
    """Go on with a text. None where no dialogue is under way."""
    run = run_of(situation, state)
    if run is None:
        return None
    commanded = _commanded(run, message) or _chosen_by_words(run, message)
    if commanded is not None:
        return commanded
    turn, is_about_this = aside()
    if turn is not None and run.step is not None and run.step.takes_questions and turn.decision.action != "human":
        turn, is_about_this = None, True
    if turn is not None:
        return turn
    if is_after_silence(run) and not is_about_this and not clearly_continues(run, message):
        return ask_to_go_on(run, message.text)
    return _take(run, message)


def tap(situation: Situation, state: State, taken: Tap) -> Turn | None:
    """Do what a button of a dialogue says; None for one of a dialogue nobody remembers."""
    tapped = read_dialogue_tap(taken)
    if tapped is None:
        return None
    run = run_of(situation, state)
    if run is None or (run.dialogue.name, run.dialogue.id) != (tapped.name, tapped.run):
        return _filed_already(situation, state, tapped.name, tapped.run)
    run = run.having(replace(run.dialogue, asked_to_go_on=False))
    if tapped.command == "pick":
        return _pick(run, tapped.step, tapped.value)
    if tapped.command == "correct":
        return _correct(run, tapped.step)
    return _do(run, tapped.command)


def thing(situation: Situation, state: State, message: Incoming) -> Turn | None:
    """Take a photo, a file, a place or a shared phone number; None where the dialogue has no use for it."""
    run = run_of(situation, state)
    if run is None:
        return None
    kept = with_things(run, message)
    if kept.dialogue.things != run.dialogue.things:
        count = len(kept.dialogue.things)
        soon = situation.now_ms - run.dialogue.touched_at < MANY_PHOTOS and bool(run.dialogue.things)
        if soon and run.dialogue.asked:
            return turn_of(kept, "things", (situation.say("dialogue_things_more", count=str(count)),))
        heard_by_staff = all(one.kind == "audio" for one in message.things)
        said = situation.say("dialogue_audio_kept") if heard_by_staff else situation.say("dialogue_thing_kept")
        return _go_on(kept, (said,))
    if run.declared.takes_things and fetched_later(message.things):
        return ask(run, (situation.say("dialogue_things_enough"),))
    told, found = with_spotted(run, Heard("", read(""), message), anew=True)
    if not found:
        return None
    noted = (situation.say("dialogue_noted"),)
    answered = run.step is not None and any(name in found for name in run.step.values)
    return _advance(told, noted) if answered else _go_on(told, noted)


def _commanded(run: Run, message: Heard) -> Turn | None:
    """Do what a message that is nothing but a command says."""
    said = " ".join(message.reading.words)
    cues = run.situation.words.cues
    step = run.step
    if run.dialogue.asked_to_go_on:
        if said in cues["dialogue_yes"] or said in cues["dialogue_go_on"]:
            return _do(run.having(replace(run.dialogue, asked_to_go_on=False)), "go_on")
        if said in cues["dialogue_no"]:
            return _do(run, "cancel")
    elif step is not None:
        values = {choice.value for choice in step.choices(run.inside)}
        for word, cue in (("yes", "dialogue_yes"), ("no", "dialogue_no")):
            if word in values and said in cues[cue]:
                return _pick(run, step.name, word)
        if not step.required and said in cues["dialogue_skip"]:
            return _do(run, "skip")
    elif run.dialogue.asked == SUMMARY:
        if said in cues["dialogue_yes"] or said in cues["dialogue_send"]:
            return _do(run, "confirm")
        if said in cues["dialogue_no"] or said in cues["not_that"] or said in cues["dialogue_edit"]:
            return _do(run, "edit")
    if message.reading.cancels(run.situation.words):
        return _do(run, "cancel")
    commands = {"dialogue_back": "back", "dialogue_restart": "restart", "dialogue_rest": "rest"}
    found = next((command for cue, command in commands.items() if said in cues[cue]), None)
    return _do(run, found) if found else None


def _chosen_by_words(run: Run, message: Heard) -> Turn | None:
    """Take a number or a title typed instead of a tap."""
    visible = choices_shown(run)
    if not visible or (run.step is not None and run.step.numeric):
        return None
    number = message.reading.bare_number()
    free = run.step is not None and run.step.free
    if number is None and free:
        said = message.reading.words
        found = next((n for n, each in enumerate(visible) if read(each.title).words == said), None)
    else:
        found = intents.match_choice(message.text, [each.title for each in visible])
    if found is not None:
        return tap(run.situation, run.state, read_tap(visible[found].payload))
    if number is not None:
        return ask(run, (run.situation.say("number_out_of_range", count=str(len(visible))),))
    return None


def _do(run: Run, command: str) -> Turn:
    dialogue = run.dialogue
    situation = run.situation
    if command == "cancel":
        said = situation.say("dialogue_left", called=run.called)
        state = replace(run.state.awaiting_nothing(), dialogue=None, menu=(), unanswered_in_a_row=0)
        return Turn(state, decision_of(run.declared), f"{dialogue.name}_left", (said,))
    if command == "restart":
        fresh = DialogueState(dialogue.name, fresh_run(run.state, situation.now_ms), situation.now_ms)
        return _advance(run.having(fresh), (situation.say("dialogue_anew"),))
    if command == "back":
        return _back(run)
    if command == "confirm":
        if dialogue.asked == SUMMARY and next_step(run)[1] is None:
            return _file(run, run.declared.file(run.inside))
        return _advance(run)
    if command == "edit":
        return ask(run.having(replace(dialogue, asked=EDIT)))
    if command == "skip" and run.step is not None and not run.step.required:
        return _advance(skipping(run, (run.step,)))
    if command == "rest":
        return _advance(skipping(run, tuple(step for step in run.declared.steps if not is_answered(run, step))))
    if command == "go_on" and dialogue.waiting_text:
        text = dialogue.waiting_text
        run = run.having(replace(dialogue, waiting_text=""))
        return _take(run, Heard(text, read(text), Incoming("text", text)))
    return _go_on(run)


def _go_on(run: Run, blocks: tuple[str, ...] = ()) -> Turn:
    """Ask again what is asked; the first time, the first step."""
    return ask(run, blocks) if run.dialogue.asked else _advance(run, blocks)


def _take(run: Run, message: Heard) -> Turn:
    """Take a text as the answer to what is asked, or, at the summary, as something to add."""
    waiting = run.dialogue.waiting_text
    if waiting and run.step is not None and run.step.free:
        whole = f"{waiting}\n{message.text}"
        message = Heard(whole, read(whole), message.message)
    photos = len(run.dialogue.things)
    run = with_things(run.having(replace(run.dialogue, waiting_text="", asked_to_go_on=False)), message.message)
    kept = (run.situation.say("dialogue_thing_kept"),) if len(run.dialogue.things) > photos else ()
    step = run.step
    if step is None:
        added = run.declared.add(run.inside, message)
        if added is None:
            return ask(run, kept or (run.situation.say("dialogue_choose"),))
        run, cut = with_answer(run, added)
        noted = run.situation.say("dialogue_text_cut") if cut else run.situation.say("dialogue_noted")
        return _advance(run, (noted,))
    answer = step.read(run.inside, message) if step.read else Refusal(run.situation.say("dialogue_choose"))
    if isinstance(answer, Refusal):
        return _refuse(run, step, answer, kept)
    return _answered(run, step, answer, message, kept)


def _pick(run: Run, name: str, value: str) -> Turn:
    step = run.declared.step(name)
    if step is None or all(choice.value != value for choice in step.choices(run.inside)):
        return _go_on(run)
    answer = step.chosen(run.inside, value) if step.chosen else {step.name: value}
    return _answered(run, step, answer, None)


def _answered(run: Run, step: Step, answer: Answer, message: Heard | None, blocks: tuple[str, ...] = ()) -> Turn:
    """Keep an answer in the place of an earlier one, and whatever else the message told in passing."""
    dialogue = run.dialogue
    kept = {name: value for name, value in dialogue.values.items() if name not in step.values}
    run = run.having(
        replace(
            dialogue,
            values=kept,
            skipped=tuple(name for name in dialogue.skipped if name != step.name),
            trail=(*(each for each in dialogue.trail if each != step.name), step.name)[-LONGEST_TRAIL:],
            refused=0,
        )
    )
    run, cut = with_answer(run, answer)
    if message is not None:
        run, _ = with_spotted(run, message)
    if cut:
        blocks = (*blocks, run.situation.say("dialogue_text_cut"))
    return _advance(run, blocks, run.declared.after(run.inside, step))


def _refuse(run: Run, step: Step, refusal: Refusal, blocks: tuple[str, ...]) -> Turn:
    refused = run.dialogue.refused + 1
    run = run.having(replace(run.dialogue, refused=refused))
    hints: tuple[str, ...] = ()
    if refused >= HARD_AFTER:
        said = run.situation.say("dialogue_hard") if step.required else run.situation.say("dialogue_may_skip")
        hints = (said,)
    return ask(run, (*blocks, refusal.words, *hints))


def _correct(run: Run, name: str) -> Turn:
    step = run.declared.step(name)
    if step is None or not step.label:
        return _go_on(run)
    skipped = tuple(each for each in run.dialogue.skipped if each != name)
    return ask(run.having(replace(run.dialogue, asked=name, skipped=skipped, refused=0)))


def _back(run: Run) -> Turn:
    dialogue = run.dialogue
    before = [name for name in dialogue.trail if name != dialogue.asked and run.declared.step(name) is not None]
    before = before or _told_at_once(run)
    if not before:
        return ask(run, (run.situation.say("dialogue_first_already"),)) if dialogue.asked else _advance(run)
    name = before[-1]
    return ask(
        run.having(
            replace(
                dialogue,
                asked=name,
                trail=tuple(before[:-1]),
                skipped=tuple(each for each in dialogue.skipped if each != name),
                refused=0,
            )
        )
    )


def _told_at_once(run: Run) -> list[str]:
    """The step before the one asked, which the opening message answered."""
    told = []
    for step in run.declared.steps:
        if step.name == run.dialogue.asked:
            break
        if step.label and is_answered(run, step):
            told.append(step.name)
    return told[-1:]


def _advance(run: Run, blocks: tuple[str, ...] = (), acts: tuple[Act, ...] = ()) -> Turn:
    """Ask the next step not answered; where there is none, show everything, or file where nothing is shown."""
    ended = run.declared.ends(run.inside)
    if ended is not None:
        return _file(run, ended, acts)
    run, step = next_step(run)
    if step is None and not run.declared.confirms:
        return _file(run, run.declared.file(run.inside), acts)
    run = run.having(replace(run.dialogue, asked=SUMMARY if step is None else step.name))
    return replace(ask(run, blocks), acts=acts)


def _file(run: Run, filing: Filing, acts: tuple[Act, ...] = ()) -> Turn:
    return Turn(
        state=run.state.with_filed(run.dialogue.id, filing.code, run.situation.now_ms, takes_more=filing.takes_more),
        decision=decision_of(run.declared),
        route=f"{run.dialogue.name}_filed",
        blocks=(filing.words,),
        buttons=filing.buttons,
        requests=filing.requests,
        acts=(*acts, *filing.acts),
    )


def _filed_already(situation: Situation, state: State, name: str, run: str) -> Turn | None:
    codes = dict(state.filed)
    if run not in codes:
        return None
    said = situation.say("dialogue_done_already")
    if codes[run]:
        said = situation.say("dialogue_filed_already", code=codes[run])
    declared = situation.dialogues.get(name)
    decision = decision_of(declared) if declared is not None else Decision("chitchat")
    return Turn(state, decision, f"{name}_filed_already", (said,))
