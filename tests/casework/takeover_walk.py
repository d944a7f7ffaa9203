"""Random walks through take-overs of many residents at once, beside a plain model of who has which conversation."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from rig import OUR_OA, Rig
from sqlalchemy import select, update

import knowledge
from bot.casework import acts, handover
from bot.casework.handover import TAKEN_FOR_MS, HandoverRefused
from bot.conversation import Incoming, Outcome, State
from bot.conversation.acts import QueueForPerson
from bot.journal import inbox, outbox, processing
from bot.journal.joining import STAFF_SILENCE_MS
from bot.journal.outbox import ClaimedSend, SendResult
from bot.journal.processing import Handled, Handler
from bot.journal.states import OutboxState, Voice
from bot.replies import Reply
from bot.services import Services
from bot.store import handovers, tables
from bot.store.staff import Staff

MINUTE = 60_000
ASKS = "gặp cán bộ"
WORKER = "0000000a"
OFFICIALS = (
    Staff(1, "ha-dong", "lan@ha-dong.vn", "Lan", "van-phong"),
    Staff(2, "ha-dong", "minh@ha-dong.vn", "Minh", "chu-tich"),
)
PASSES = {Voice.STAFF, Voice.DANGER}


class Repeats:
    """A conversation that answers everything, and is silent when told to."""

    def respond(self, message: Incoming, state: State, _commune: object, _now: object) -> Outcome:
        if message.silent:
            return Outcome((), state)
        asked = (QueueForPerson(message.text),) if message.text == ASKS else ()
        return Outcome((Reply(f"Đáp: {message.text}"),), state, acts=asked)


@dataclass
class Walk:
    """One walk. ``taken_until`` is the model: nothing of the store is asked to know who has what."""

    rig: Rig
    services: Services
    handler: Handler
    dice: random.Random
    people: list[str]
    taken_until: dict[str, int] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    handled: list[Handled] = field(default_factory=list)
    claimed: list[ClaimedSend] = field(default_factory=list)
    spoke: int = 0
    number: int = 0

    def is_taken(self, person: str) -> bool:
        return self.taken_until.get(person, 0) > self.rig.clock.now_ms()

    def step(self) -> None:
        """One random thing happens."""
        person = self.dice.choice(self.people)
        doings = [
            (4, self.message), (3, self.ask), (4, self.handle), (4, self.store), (5, self.claim), (4, self.finish),
            (3, self.take), (7, self.speak), (2, self.give_back), (1, self.manager), (1, self.notice),
            (1, self.time), (1, self.clock_job),
        ]  # fmt: skip
        weights, acts_of_it = zip(*doings, strict=True)
        self.dice.choices(acts_of_it, weights)[0](person)

    def _receive(self, person: str, document: dict[str, Any], **changes: Any) -> None:
        self.number += 1
        sealed = self.rig.vault.encrypt(json.dumps(document), "inbox.body")
        row = self.rig.event(f"{person}-{self.number}", user_id=person, sender=person, body_sealed=sealed)
        self.rig.receive(inbox.InboxRow(**{**{name: getattr(row, name) for name in row.__slots__}, **changes}))

    def message(self, person: str, text: str = "") -> None:
        body = {"text": text or f"hỏi {self.number}", "msg_id": "m"}
        self._receive(
            person,
            {
                "event_name": "user_send_text", "sender": {"id": person}, "recipient": {"id": OUR_OA},
                "message": body, "timestamp": str(self.rig.clock.now_ms()),
            },
        )  # fmt: skip

    def ask(self, person: str) -> None:
        self.message(person, ASKS)

    def manager(self, person: str) -> None:
        """An official writes in Zalo's own manager."""
        self._receive(
            person,
            {
                "event_name": "oa_send_text", "sender": {"id": OUR_OA, "admin_id": "9"}, "recipient": {"id": person},
                "message": {"text": "từ OA Manager", "msg_id": "m"}, "timestamp": str(self.rig.clock.now_ms()),
            },
            event="oa_send_text",
            sender=OUR_OA,
        )  # fmt: skip

    def handle(self, _person: str) -> None:
        """A worker claims events and works out answers; they are not stored yet."""
        with self.rig.database.write() as connection:
            messages = inbox.claim(connection, WORKER, self.rig.clock.now_ms())
            people = processing.load_residents(connection, messages)
        for one in messages:
            self.handled.append(self.handler.handle(one, "ha-dong", people.get((one.oa_id, one.user_id))))

    def store(self, _person: str) -> None:
        now = self.rig.clock.now_ms()
        with self.rig.database.write() as connection:
            processing.store(connection, self.rig.vault, WORKER, self.handled, now, acts.apply)
        for one in self.handled:
            assert one.error is None
            if one.joined is not None:
                until = max(self.taken_until.get(one.message.user_id, 0), now + STAFF_SILENCE_MS)
                self.taken_until[one.message.user_id] = until
        self.handled = []

    def claim(self, _person: str) -> None:
        """The moment that counts."""
        rows = self.rig.claim_sends(WORKER, self.dice.choice([1, 5, 100]))
        voices = self._voices([row.id for row in rows])
        for row in rows:
            assert not self.is_taken(row.user_id) or voices[row.id] in PASSES, f"the bot spoke: {row.key}"
            self.spoke += 1
        self.claimed += rows

    def _voices(self, ids: list[int]) -> dict[int, int]:
        with self.rig.database.read() as connection:
            rows = connection.execute(
                select(tables.outbox.c.id, tables.outbox.c.voice).where(tables.outbox.c.id.in_(ids))
            )
            return {row.id: row.voice for row in rows}

    def finish(self, _person: str) -> None:
        """What was under way ends, well or for another try."""
        self._finish([self.dice.choice([OutboxState.SENT, OutboxState.SENT, OutboxState.READY]) for _ in self.claimed])

    def _finish(self, states: list[OutboxState]) -> None:
        results = [SendResult(row.id, state) for row, state in zip(self.claimed, states, strict=True)]
        with self.rig.database.write() as connection:
            outbox.record(connection, WORKER, results)
        self.claimed = []

    def _open(self, person: str) -> int | None:
        with self.rig.database.read() as connection:
            found = handovers.open_of(connection, self.rig.vault, OUR_OA, person)
        return None if found is None else found.id

    def take(self, person: str) -> None:
        found = self._open(person)
        if found is None:
            return
        now = self.rig.clock.now_ms()
        try:
            with self.rig.database.write() as connection:
                handover.take(connection, self.rig.vault, self.dice.choice(OFFICIALS), found, now)
        except HandoverRefused:
            return
        self.taken_until[person] = max(self.taken_until.get(person, 0), now + TAKEN_FOR_MS)

    def speak(self, person: str) -> None:
        found = self._open(person)
        if found is None:
            return
        now, words = self.rig.clock.now_ms(), f"Lời {self.number} của cán bộ"
        self.number += 1
        try:
            with self.rig.database.write() as connection:
                handover.reply(connection, self.rig.vault, self.dice.choice(OFFICIALS), found, words, now)
        except HandoverRefused:
            return
        self.taken_until[person] = max(self.taken_until.get(person, 0), now + TAKEN_FOR_MS)
        self.words[person].append(words)

    def give_back(self, person: str) -> None:
        found = self._open(person)
        if found is None:
            return
        try:
            with self.rig.database.write() as connection:
                handover.release(connection, self.rig.vault, OFFICIALS[0], found, self.rig.clock.now_ms())
        except HandoverRefused:
            return
        self.taken_until.pop(person, None)

    def notice(self, person: str) -> None:
        """A step of a case is told."""
        self.rig.owe(self.rig.new_send(key=f"notice:{person}:{self.number}", user_id=person))
        self.number += 1

    def time(self, _person: str) -> None:
        self.rig.clock.pass_ms(self.dice.choice([1, 10, 45, 130]) * MINUTE)

    def clock_job(self, _person: str) -> None:
        handover.return_overdue(self.services, WORKER)
        now = self.rig.clock.now_ms()
        self.taken_until = {person: until for person, until in self.taken_until.items() if until > now}

    def end(self) -> None:
        """Everybody gives back, everything is handled and sent; then each resident writes once more."""
        self._drain()
        for person in self.people:
            self.give_back(person)
            self.message(person, f"sau cùng {person}")
        self._drain()

    def _drain(self) -> None:
        self.store("")
        for _ in range(100):
            self.handle("")
            self.store("")
            self._finish([OutboxState.SENT] * len(self.claimed))
            before = self.spoke
            self.claim("")
            if before == self.spoke and not self.handled and not self._events_wait():
                return
        raise AssertionError("it does not come to an end")

    def _events_wait(self) -> bool:
        with self.rig.database.read() as connection:
            return inbox.anything_new(connection)

    def check(self) -> None:
        """Nothing of the staff's is lost or out of order, no notice is lost, and everybody is answered again."""
        with self.rig.database.read() as connection:
            out = tables.outbox
            rows = connection.execute(select(out).where(out.c.user_id.in_(self.people)).order_by(out.c.id)).all()
        said: dict[str, list[str]] = defaultdict(list)
        answered = set()
        for row in rows:
            text = Reply.from_json(self.rig.vault.decrypt(row.payload_sealed, "outbox.payload")).text
            if row.voice in (Voice.STAFF, Voice.NOTICE):
                assert row.state == OutboxState.SENT, f"{row.key} was lost: {row.state}"
            else:
                assert row.state in (OutboxState.SENT, OutboxState.CANCELLED)
                assert (row.state == OutboxState.CANCELLED) == (row.last_error == "taken_over")
            if row.voice == Voice.STAFF:
                said[row.user_id].append(text.rpartition("\n")[2])
            if text.startswith("Đáp: sau cùng") and row.state == OutboxState.SENT:
                answered.add(row.user_id)
        assert said == {person: words for person, words in self.words.items() if words}
        assert answered == set(self.people)


def walk(rig: Rig, library: knowledge.Library, seed: int, people: int, steps: int) -> Walk:
    """One walk from a clean outbox, checked all the way. Returns it for figures."""
    handler = Handler(Repeats(), library, rig.vault, rig.clock, keep_traces=False)  # type: ignore[arg-type]
    dice = random.Random(seed)
    done = Walk(rig, rig.services(), handler, dice, [f"{seed}-{number}" for number in range(people)])
    for _ in range(steps):
        done.step()
    done.end()
    done.check()
    with rig.database.write() as connection:
        connection.execute(update(tables.rate_limit).values(next_us=0))
    return done
