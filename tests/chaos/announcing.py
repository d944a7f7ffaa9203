"""Scheduled announcements to a whole commune while the worker and the clock are killed: who got what, and how often.

Residents are of every kind: reachable for nothing and for money, too long silent, opted out, blocking, gone. Each
announcement must reach the reachable once, and the store must have a reason for each of the others.
"""

from __future__ import annotations

import functools
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

import emulator
from bot.broadcasts import firing
from bot.broadcasts.rules import Rule
from bot.clock import VIETNAM
from bot.store import broadcast_recipients, broadcasts
from bot.store.staff import Staff
from bot.store.tables import resident
from bot.store.voice_tables import announcement_choice
from emulator import Emulator

from .crowd import Crowd
from .kills import LONGEST_LIFE_SECONDS, Killer, Tell
from .product import START_SECONDS, Product
from .waiting import wait_until

COMMUNE = "ha-dong"
HOUR_MS = 3_600_000
AUTHOR = Staff(1, COMMUNE, "soan@xa.thu", "Người soạn", "truyen-thong")
CHAIR = Staff(2, COMMUNE, "duyet@xa.thu", "Người duyệt", "chu-tich")
KINDS: tuple[tuple[str, int, str], ...] = (
    ("free", 60, ""), ("paid", 15, ""), ("silent", 10, "outside_window"), ("opted_out", 6, "opted_out"),
    ("blocking", 6, "blocked"), ("gone", 3, "invalid_user"),
)  # fmt: skip
"""Kind, share in percent, the reason the store must give ("": gets it)."""


@dataclass(slots=True)
class Outcome:
    """What came of one run. ``most_in_a_second`` is the fullest sliding second of sends at Zalo."""

    recipients: int
    expected: dict[str, int]
    kills: dict[str, int]
    reached_once: int = 0
    twice: int = 0
    lost: int = 0
    wrongly_reached: int = 0
    without_reason: int = 0
    in_doubt: int = 0
    made: int = 0
    states: Counter[str] = field(default_factory=Counter)
    figures: list[dict[str, int]] = field(default_factory=list)
    reasons: list[dict[str, int]] = field(default_factory=list)
    most_in_a_second: int = 0
    limit: float = 0.0
    seconds: float = 0.0
    replies_before: list[float] = field(default_factory=list)
    replies_during: list[float] = field(default_factory=list)

    @property
    def keeps_the_rate(self) -> bool:
        """At most limit + max(1, 5 %) in any sliding second."""
        return self.most_in_a_second <= self.limit + max(1, 0.05 * self.limit)

    @property
    def is_clean(self) -> bool:
        """Once each, nobody wrongly, a reason for the others, nothing in doubt, figures that add up.

        The rate is another matter: as Zalo sees it, it also depends on whether this very process, which plays Zalo,
        stood still for a moment.
        """
        wrong = self.twice + self.lost + self.wrongly_reached + self.without_reason + self.in_doubt
        adds_up = all(
            one["sent"] + one["skipped"] == one["total"] == self.recipients and not one["failed"]
            for one in self.figures
        )
        told = all(one == self.expected for one in self.reasons)
        return not wrong and adds_up and told

    def __str__(self) -> str:
        return (
            f"{self.made} announcements to {self.recipients}: once {self.reached_once}, twice {self.twice}, lost "
            f"{self.lost}, wrongly {self.wrongly_reached}, without a reason {self.without_reason}, in doubt "
            f"{self.in_doubt}; states {dict(self.states)}; figures {self.figures}; reasons {self.reasons} (expected "
            f"{self.expected}); at most {self.most_in_a_second} in a second of {self.limit:g}; kills {self.kills}"
        )


def run(
    *,
    residents: int,
    announcements: int,
    worker_kills: int,
    clock_kills: int,
    seed: int,
    folder: Path,
    database_url: str = "",
    workers: int = 1,
    per_second: float = 100.0,
    asking_per_second: float = 0.0,
    settle_seconds: float = 240.0,
    tell: Tell = lambda _line: None,
) -> Outcome:
    """Set up, fire, kill, settle, judge. Raises TookTooLong where it never settles."""
    configuration = emulator.EmulatorConfiguration(
        redelivery_scale=0.01, calls_per_minute=10_000_000, receipts=False, latency_milliseconds=20.0
    )
    rates = {"HOIXA_ZALO_RATE_PER_SECOND": f"{per_second:g}", "HOIXA_ZALO_APP_RATE_PER_SECOND": "10000"}
    with emulator.start(configuration) as zalo:
        product = Product(zalo, folder, database_url, workers, rates)
        try:
            oa_id = product.connect("Xã thông báo", COMMUNE)
            people = _populate(product, oa_id, residents, seed)
            tell(f"{residents} residents: {dict(Counter(people.values()))}")
            product.start()
            product.clock.start()
            crowd = Crowd(zalo.emulator, [(oa_id, COMMUNE)], seed)
            before = _replies(product, crowd, asking_per_second, tell)
            people |= {person.user_id: "free" for person in crowd.residents}  # who asked before is meant too
            crowd.residents.clear()
            with product.services.database.read() as connection:
                assert broadcasts.open_ids(connection) == []
            outcome = Outcome(len(people), _expected(people), {}, limit=per_second)
            outcome.replies_before = before
            begun = datetime.now(VIETNAM)
            _schedule(product, announcements)
            killers = _killers(product, worker_kills, clock_kills, seed, tell, announcements * residents / per_second)
            stop = threading.Event()
            asking = threading.Thread(target=crowd.keep_asking, args=(asking_per_second or 1, stop), daemon=True)
            if asking_per_second:
                asking.start()
            for killer in killers:
                killer.thread.start()
            for killer in killers:
                killer.thread.join()
                if killer.failure is not None:
                    raise killer.failure
            wait_until(lambda: _is_done(product, announcements), "all announcements done", settle_seconds)
            stop.set()
            if asking_per_second:
                asking.join()
                outcome.replies_during = _latencies(crowd)
            outcome.seconds = (datetime.now(VIETNAM) - begun).total_seconds()
            outcome.kills = {killer.process.name: killer.done for killer in killers}
            _judge(product, oa_id, people, {person.user_id for person in crowd.residents}, outcome)
            return outcome
        finally:
            product.close()


def _populate(product: Product, oa_id: str, count: int, seed: int) -> dict[str, str]:
    """Residents at Zalo and in the store, each of a kind."""
    world = product.emulator.emulator.world
    now = product.services.clock.now_ms()
    kinds = [kind for kind, share, _reason in KINDS for _ in range(share)]
    dice = random.Random(seed)
    people: dict[str, str] = {}
    rows, choices = [], []
    ages = {"free": 1, "paid": 72, "silent": 24 * 9}
    for number in range(count):
        kind = dice.choice(kinds)
        user_id = f"7{number:018d}"
        people[user_id] = kind
        seen = now - ages.get(kind, 2) * HOUR_MS
        if kind != "gone":
            person = world.add_resident(oa_id, "Người dân thử", user_id=user_id)
            person.follower, person.last_interaction_ms = True, seen
            if kind == "blocking":
                person.blocked.add("cs")
        rows.append(
            {"oa_id": oa_id, "user_id": user_id, "first_seen_ms": seen, "last_interaction_ms": seen, "updated_ms": seen}
        )
        if kind == "opted_out":
            choices.append({"oa_id": oa_id, "user_id": user_id, "wanted": False, "at_ms": now})
    with product.services.database.write() as connection:
        for start in range(0, len(rows), 5_000):
            connection.execute(insert(resident), rows[start : start + 5_000])
        if choices:
            connection.execute(insert(announcement_choice), choices)
    return people


def _expected(people: dict[str, str]) -> dict[str, int]:
    why = {kind: reason for kind, _share, reason in KINDS}
    return dict(Counter(why[kind] for kind in people.values() if why[kind]))


def _text(number: int) -> str:
    return f"Thông báo số {number} của xã."


def _schedule(product: Product, count: int) -> None:
    """One-off schedules, handed in and approved, all due at the next full minute but one at most."""
    services = product.services
    now = datetime.now(VIETNAM)
    # Owed from a minute ago: the minute of now is the moment, and the clock finds it at its first look.
    due = now.replace(second=0, microsecond=0)
    rule = Rule("once", due.strftime("%H:%M"), on=due.date().isoformat())
    owed_from = int((due - timedelta(minutes=1)).timestamp() * 1000)
    for number in range(count):
        document: dict[str, object] = {
            "title": f"Thông báo {number}", "text": _text(number), "kind": "message", "segment": {"all": True},
        }  # fmt: skip
        with services.database.write() as connection:
            schedule_id = firing.create(connection, AUTHOR, COMMUNE, rule, document, owed_from)
            firing.approve(connection, CHAIR, schedule_id, owed_from)
            services.database.announce(connection)


def _killers(
    product: Product, worker_kills: int, clock_kills: int, seed: int, tell: Tell, seconds: float
) -> list[Killer]:
    """Kills spread over about the ``seconds`` the sending takes: the first ones would else be the only ones."""

    def longest(kills: int) -> float:
        return max(LONGEST_LIFE_SECONDS, 2 * seconds / max(kills, 1))

    killers = []
    for number, worker in enumerate(product.workers):
        share = worker_kills // len(product.workers) + (number < worker_kills % len(product.workers))
        serves = functools.partial(worker.said, "worker ready")
        killers.append(Killer(worker, share, f"{seed} {worker.name}", serves, tell, longest(share)))
    running = product.clock.is_running
    killers.append(Killer(product.clock, clock_kills, f"{seed} clock", running, tell, longest(clock_kills)))
    return killers


def _is_done(product: Product, announcements: int) -> bool:
    for process in (*product.processes(), product.clock):
        process.tend()
    return product.rows("SELECT state, count(*) FROM broadcast GROUP BY state") == {"done": announcements}


def _replies(product: Product, crowd: Crowd, per_second: float, tell: Tell) -> list[float]:
    """Seconds from question to answer while nothing else is under way."""
    if not per_second:
        return []
    stop = threading.Event()
    asking = threading.Thread(target=crowd.keep_asking, args=(per_second, stop), daemon=True)
    asking.start()
    stop.wait(20)  # how long the idle value is measured
    stop.set()
    asking.join()
    wait_until(lambda: product.open_rows(crowd.oa_ids) == 0, "the first questions answered", START_SECONDS)
    found = _latencies(crowd)
    tell(f"p95 of {len(found)} answers before: {percentile(found, 95) * 1000:.0f} ms")
    return found


def _latencies(crowd: Crowd) -> list[float]:
    found = []
    world = crowd._emulator.world
    for person in crowd.residents:
        asked_at = None
        for message in world.conversation(person.oa_id, person.user_id):
            if message.direction == "in":
                asked_at = message.sent_ms
            elif asked_at is not None:
                found.append((message.sent_ms - asked_at) / 1000)
                asked_at = None
    return found


def percentile(values: list[float], percent: float) -> float:
    """0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


def _judge(product: Product, oa_id: str, people: dict[str, str], asked_since: set[str], outcome: Outcome) -> None:
    """Who asked for the first time before the clock fired is meant as well, and reached for nothing."""
    zalo: Emulator = product.emulator.emulator
    services = product.services
    with services.database.read() as connection:
        made = broadcasts.list_newest(connection, COMMUNE)
        outcome.made = len(made)
        outcome.states = Counter(one.state for one in made)
        why = {kind: reason for kind, _share, reason in KINDS}
        for one in made:
            outcome.figures.append(
                {name: getattr(one, name) for name in ("total", "sent", "skipped", "failed", "in_doubt")}
            )
            outcome.reasons.append(broadcasts.reasons(connection, one.id))
            outcome.in_doubt += one.in_doubt
            rows = {
                row.user_id: row for row in broadcast_recipients.list_recipients(connection, one, limit=one.total + 1)
            }
            people |= dict.fromkeys(asked_since & rows.keys(), "free")
            outcome.recipients = len(people)
            for user_id, kind in people.items():
                row = rows.get(user_id)
                if row is None or row.reason != why[kind]:
                    outcome.without_reason += 1
                got = sum(one.text in message.text for message in zalo.world.conversation(oa_id, user_id))
                if why[kind]:
                    outcome.wrongly_reached += got > 0
                else:
                    outcome.reached_once += got == 1
                    outcome.lost += got == 0
                    outcome.twice += got > 1
    outcome.most_in_a_second = fullest_second(
        [message.sent_ms for message in zalo.world.messages(oa_id) if message.direction == "out"]
    )


def fullest_second(moments_ms: list[int]) -> int:
    """The most moments that lie within any one second."""
    ordered = sorted(moments_ms)
    most = first = 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= 1_000:
            first += 1
        most = max(most, last - first + 1)
    return most
