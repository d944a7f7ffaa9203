"""Residents who ask, what each must be answered, and the count of what they got.

What a resident must get is worked out by the same conversation the product uses, without database or network: the
texts, their order and their number. Every topic's answer has a text of its own, so each reply belongs to one question.
"""

from __future__ import annotations

import functools
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import knowledge
from bot.clock import Clock
from bot.conversation import Conversation, Incoming, State
from bot.zalo.messages import render_plain
from bot.zalo.splitting import split
from commands.environment import build_conversation
from emulator import Emulator, residents
from emulator.world import Message

from .waiting import wait_until

MOST_QUESTIONS = 4
"""A resident who asks more than eight a minute is asked for patience, which is another test's matter."""


@functools.cache
def library() -> knowledge.Library:
    """The packaged answers."""
    return knowledge.load()


@functools.cache
def conversation() -> Conversation:
    """The product's own conversation, put together as its worker does."""
    return build_conversation(library())


@functools.cache
def questions() -> tuple[str, ...]:
    """The topics' own names: each is understood for certain and answered by a text nobody else gets."""
    return tuple(topic.name for topic in library().topics.values())


@dataclass(frozen=True, slots=True)
class Expected:
    """One reply: its text, and the form it has where an OA's package refuses buttons."""

    text: str
    plain: str

    def fits(self, message: Message) -> bool:
        """Whether this is the message."""
        return message.text in (self.text, self.plain)


def expected_replies(asked: Sequence[str], commune_id: str) -> list[list[Expected]]:
    """For each question in turn, the messages a resident of this commune gets."""
    state, commune, answers = State(), library().communes[commune_id], []
    for number, question in enumerate(asked):
        outcome = conversation().respond(Incoming("text", question, number == 0), state, commune, Clock().now())
        state = outcome.state
        pieces = [piece for reply in outcome.replies for piece in split(reply)]
        answers.append([Expected(piece.text, render_plain(piece)) for piece in pieces])
    return answers


@dataclass(slots=True)
class Resident:
    """One person: what they will ask, and what they have asked."""

    oa_id: str
    user_id: str
    commune_id: str
    plan: list[str]
    asked: list[Message] = field(default_factory=list)

    def may_ask(self) -> bool:
        """The next question goes out when Zalo got its 200 for the one before, so that their order is settled."""
        return len(self.asked) < len(self.plan) and (not self.asked or was_acknowledged(self.asked[-1]))


def was_acknowledged(message: Message) -> bool:
    """Whether the product answered 200."""
    return message.delivery_state == "acknowledged"


@dataclass(slots=True)
class Verdict:
    """What came of it. ``answered_once`` counts messages whose every reply arrived exactly once."""

    sent: int = 0
    acknowledged: int = 0
    answered_once: int = 0
    twice: int = 0
    lost: int = 0
    out_of_order: int = 0
    unexpected: int = 0
    details: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Each acknowledged message answered exactly once, nothing else said, in order."""
        whole = self.sent == self.acknowledged == self.answered_once
        return whole and not (self.twice or self.lost or self.out_of_order or self.unexpected)

    def __str__(self) -> str:
        counts = (
            f"sent {self.sent}, acknowledged {self.acknowledged}, answered once {self.answered_once}, "
            f"twice {self.twice}, lost {self.lost}, out of order {self.out_of_order}, unexpected {self.unexpected}"
        )
        return "\n".join([counts, *self.details[:5]])


class Crowd:
    """Residents of some OAs, asking at a steady pace."""

    def __init__(self, emulator: Emulator, oas: Sequence[tuple[str, str]], seed: int) -> None:
        """``oas`` are (oa_id, commune_id)."""
        self._emulator = emulator
        self.oa_ids = [oa_id for oa_id, _commune_id in oas]
        self._oas = itertools.cycle(oas)
        self._random = random.Random(seed)
        self.residents: list[Resident] = []
        self._active: list[Resident] = []

    def newcomer(self, count: int = MOST_QUESTIONS) -> Resident:
        """One more person with ``count`` questions."""
        oa_id, commune_id = next(self._oas)
        person = self._emulator.world.add_resident(oa_id, "Người dân thử")
        resident = Resident(oa_id, person.user_id, commune_id, self._random.sample(questions(), count))
        self.residents.append(resident)
        return resident

    def ask(self, resident: Resident) -> Message:
        """The resident's next question."""
        text = resident.plan[len(resident.asked)]
        message = residents.send_text(self._emulator, resident.oa_id, resident.user_id, text)
        resident.asked.append(message)
        return message

    def keep_asking(self, per_second: float, stop: threading.Event) -> None:
        """Ask at this pace until told to stop: whoever may, else somebody new."""
        begun = time.monotonic()
        for number in itertools.count():
            if stop.wait(max(0.0, begun + number / per_second - time.monotonic())):
                return
            self.ask(self._whose_turn())

    def _whose_turn(self) -> Resident:
        self._active = [resident for resident in self._active if len(resident.asked) < len(resident.plan)]
        ready = [resident for resident in self._active if resident.may_ask()]
        # A quarter of the questions come from new people; while the web is down, and nobody may ask, all of them do.
        if ready and self._random.random() < 0.75:
            return self._random.choice(ready)
        self._active.append(self.newcomer())
        return self._active[-1]

    def ask_everything(self, people: Iterable[Resident] | None = None, seconds: float = 120.0) -> None:
        """Every resident asks all they planned, each question after the one before was acknowledged."""
        waiting = list(self.residents if people is None else people)

        def nobody_left() -> bool:
            for resident in waiting:
                if resident.may_ask():
                    self.ask(resident)
            return all(len(resident.asked) == len(resident.plan) for resident in waiting)

        wait_until(nobody_left, "everything asked", seconds)

    def all_acknowledged(self) -> bool:
        """Whether Zalo got its 200 for every message."""
        return all(was_acknowledged(message) for resident in self.residents for message in resident.asked)

    def replies_owed(self) -> int:
        """How many messages all residents together must get for what they asked."""
        return sum(
            len(pieces)
            for resident in self.residents
            for pieces in expected_replies([message.text for message in resident.asked], resident.commune_id)
        )

    def replies_got(self) -> int:
        """How many messages they got."""
        return sum(len(self._got(resident)) for resident in self.residents)

    def _got(self, resident: Resident) -> list[Message]:
        talk = self._emulator.world.conversation(resident.oa_id, resident.user_id)
        return [message for message in talk if message.direction == "out"]

    def verdict(self) -> Verdict:
        """Compare what everybody got with what they must get."""
        verdict = Verdict()
        for resident in self.residents:
            self._judge(resident, verdict)
        return verdict

    def _judge(self, resident: Resident, verdict: Verdict) -> None:
        verdict.sent += len(resident.asked)
        got = self._got(resident)
        wanted = expected_replies([message.text for message in resident.asked], resident.commune_id)
        known: Counter[int] = Counter()
        for asked, pieces in zip(resident.asked, wanted, strict=True):
            if not was_acknowledged(asked):
                continue
            verdict.acknowledged += 1
            fits = [[index for index, message in enumerate(got) if piece.fits(message)] for piece in pieces]
            known.update(index for places in fits for index in places)
            counts = [len(places) for places in fits]
            if min(counts, default=1) == 0:
                verdict.lost += 1
                verdict.details.append(f"lost: {asked.message_id} {asked.text!r}")
            elif max(counts, default=1) > 1:
                verdict.twice += 1
                verdict.details.append(f"twice: {asked.message_id} {asked.text!r}")
            else:
                verdict.answered_once += 1
        unexpected = [message for index, message in enumerate(got) if index not in known]
        verdict.unexpected += len(unexpected)
        verdict.details += [f"unexpected: {message.text[:60]!r}" for message in unexpected]
        in_order = [piece for pieces in wanted for piece in pieces]
        if len(got) == len(in_order) and not all(map(Expected.fits, in_order, got)):
            verdict.out_of_order += 1
            verdict.details.append(f"out of order: {resident.user_id}")
