"""What a dialogue declares: its steps, how an answer is read, what is shown before it is filed.

Everything here is data and small pure functions of a dialogue's file; :mod:`bot.conversation.dialogues.engine` runs
them and its docstring tells how to write one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.conversation.acts import Act, SentThing
from bot.conversation.dialogue_state import DialogueState
from bot.conversation.exchange import Incoming, StaffRequest
from bot.conversation.reading import Reading
from bot.conversation.situation import Situation
from bot.replies import Button

Answer = Mapping[str, str]
"""What a step learnt, by the name of the value; an empty text forgets a value."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer cannot be taken, in words for the resident; the question is asked again below."""

    words: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A message inside a dialogue: its text, that text in its standard forms, and the whole message."""

    text: str
    reading: Reading
    message: Incoming


@dataclass(frozen=True, slots=True)
class Choice:
    """A button of a step. ``value`` is what a tap on it stands for; "yes" and "no" may also be typed in any words."""

    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Inside:
    """What the functions of a dialogue see."""

    situation: Situation
    dialogue: DialogueState

    def value(self, name: str) -> str:
        """A value as it was answered, "" where it was not."""
        return self.dialogue.values.get(name, "")

    @property
    def things(self) -> tuple[SentThing, ...]:
        """Photos and files sent so far."""
        return self.dialogue.things

    def words(self, key: str) -> str:
        """A text of the catalogue's group "dialogue"."""
        return self.situation.say_of("dialogue", key)


def always(_inside: Inside) -> bool:
    """A step that is always asked."""
    return True


def no_choices(_inside: Inside) -> tuple[Choice, ...]:
    """A step without buttons of its own."""
    return ()


@dataclass(frozen=True, slots=True)
class Step:
    """One question.

    ``question`` and ``label`` are keys of the catalogue's group "dialogue"; a step with a label can be corrected from
    the summary. ``read`` takes a message as the answer: None where the step has only choices. ``fills`` names the
    values one of which must be there for the step to be answered (its own name where empty). ``chosen`` turns a tapped
    value into the answer. ``spot`` finds the answer in passing in any message, also in the one that opens the
    dialogue. ``prepare`` is run once before the step is asked: None leaves the step out, a mapping is remembered.
    ``before`` is said above the question. ``free``: any words are an answer, so buttons are matched by their whole
    title only. ``numeric``: a typed number is the answer, so the step shows no buttons. ``may_leave_rest`` offers to
    skip this and all other optional steps. ``takes_questions``: a question is the answer (somebody else's, told here),
    so it is not answered in between.
    """

    name: str
    question: str
    read: Callable[[Inside, Heard], Answer | Refusal] | None = None
    required: bool = True
    fills: tuple[str, ...] = ()
    choices: Callable[[Inside], tuple[Choice, ...]] = no_choices
    chosen: Callable[[Inside, str], Answer] | None = None
    applies: Callable[[Inside], bool] = always
    spot: Callable[[Inside, Heard], Answer | None] | None = None
    prepare: Callable[[Inside], Answer | None] | None = None
    before: Callable[[Inside], str] | None = None
    label: str = ""
    free: bool = False
    numeric: bool = False
    may_leave_rest: bool = False
    takes_questions: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """Names of the values this step fills."""
        return self.fills or (self.name,)


@dataclass(frozen=True, slots=True)
class Filing:
    """The end of a dialogue: what is said, what is done, the code it got ("" for none), and whether words that follow
    at once are more of that case."""

    words: str
    acts: tuple[Act, ...] = ()
    code: str = ""
    buttons: tuple[Button, ...] = ()
    requests: tuple[StaffRequest, ...] = ()
    takes_more: bool = False


def _nothing_more(_inside: Inside, _heard: Heard) -> Answer | None:
    return None


def _no_end(_inside: Inside) -> Filing | None:
    return None


def _no_acts(_inside: Inside, _step: Step) -> tuple[Act, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A whole dialogue.

    ``called`` is a key of the group "dialogue": what it is in a sentence ("phản ánh"). ``summary`` shows everything
    before it is filed; with ``confirms`` False it is filed at the last answer. ``begin`` reads the opening message;
    ``add`` takes words that come while the summary is shown. ``ends`` may end the dialogue early, after any answer.
    ``after`` gives acts due at once after a step (consent). ``offered`` are steps of which the summary has a button of
    their own, by the key of its title. ``action`` is what ``hoixa ask`` calls it.
    """

    name: str
    called: str
    steps: tuple[Step, ...]
    summary: Callable[[Inside], str]
    file: Callable[[Inside], Filing]
    action: str | None = None
    confirms: bool = True
    takes_things: bool = False
    begin: Callable[[Inside, Heard], Answer | None] = _nothing_more
    add: Callable[[Inside, Heard], Answer | None] = _nothing_more
    ends: Callable[[Inside], Filing | None] = _no_end
    after: Callable[[Inside, Step], tuple[Act, ...]] = _no_acts
    offered: Mapping[str, str] = field(default_factory=dict)

    def step(self, name: str) -> Step | None:
        """One of the steps by its name."""
        return next((step for step in self.steps if step.name == name), None)
