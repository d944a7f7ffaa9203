"""kill -9 of web and workers at random moments under load, until everything acknowledged is answered."""

from __future__ import annotations

import functools
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import emulator
from bot.journal.states import OutboxState

from .crowd import Crowd, Verdict
from .product import START_SECONDS, Process, Product
from .waiting import wait_until, wait_until_none

PER_SECOND = 50.0
FEW_PER_SECOND = 15.0
"""For the short form: the slower a machine, the longer the kills take, and the more there is to be answered after."""
ZALO_LATENCY_MS = 100.0
REDELIVERY_SCALE = 0.01
"""Zalo comes again after 0.3, 3, 9, 18 and 36 seconds in place of 30 s to an hour."""
LONGEST_LIFE_SECONDS = 2.0
"""A process is killed at a random moment of so many seconds after it began to serve."""
COMMUNES = ("ha-dong", "dai-son", "kien-minh", "le-dai-hanh", "ha-bac")
SETTLE_SECONDS = 150.0

Tell = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """One run."""

    database: str
    kills: dict[str, int]
    verdict: Verdict
    resends: int
    doubts_settled: int
    left_in_doubt: int
    moments: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """0 lost, 0 twice, in order, nothing left in doubt."""
        return self.verdict.is_clean and self.left_in_doubt == 0


class Killer:
    """Kills one process again and again. Moments come from the seed and are noted."""

    def __init__(
        self,
        process: Process,
        kills: int,
        seed: str,
        serves: Callable[[], bool],
        tell: Tell,
        longest_life_seconds: float = LONGEST_LIFE_SECONDS,
    ) -> None:
        self.process = process
        self._longest_life_seconds = longest_life_seconds
        self.done = 0
        self._kills = kills
        self._random = random.Random(seed)
        self._serves = serves
        self._tell = tell
        self.moments: list[str] = []
        self.failure: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name=f"killer of {process.name}", daemon=True)

    def _run(self) -> None:
        try:
            for number in range(self._kills):
                wait_until(self._back_again, f"{self.process.name} serves", START_SECONDS)
                life = self._random.uniform(0.05, self._longest_life_seconds)
                threading.Event().wait(life)  # the random moment itself
                whole = self.process.name != "web" or self._random.random() < 0.5
                if whole or not self.process.kill_a_child():
                    self.process.kill()
                self.done += 1
                self.moments.append(f"{self.process.name}+{life:.2f}s{'' if whole else ' (child)'}")
                self._tell(f"kill -9 {self.moments[-1]} [{number + 1}/{self._kills}]")
            wait_until(self._back_again, f"{self.process.name} serves", START_SECONDS)
        except BaseException as error:
            self.failure = error  # told by the thread that waits for this one

    def _back_again(self) -> bool:
        self.process.tend()
        return self._serves()


def run(
    *,
    web_kills: int,
    worker_kills: int,
    seed: int,
    folder: Path,
    database_url: str = "",
    workers: int = 1,
    per_second: float = PER_SECOND,
    tell: Tell = lambda _line: None,
) -> Outcome:
    """Load, kills, and the count of what came of it. Raises :class:`TookTooLong` where it never settles."""
    configuration = emulator.EmulatorConfiguration(
        redelivery_scale=REDELIVERY_SCALE,
        latency_milliseconds=ZALO_LATENCY_MS,
        calls_per_minute=1_000_000,
        seen_delay_seconds=0.0,
    )
    with emulator.start(configuration) as zalo:
        product = Product(zalo, folder, database_url, workers)
        try:
            tell(f"seed {seed}")
            oas = [(product.connect(f"Xã {slug}", slug), slug) for slug in COMMUNES]
            crowd = Crowd(zalo.emulator, oas, seed)
            product.start()
            killers = _killers(product, web_kills, worker_kills, seed, tell)
            _kill_under_load(crowd, killers, per_second)
            _settle(product, crowd, tell)
            return _outcome(product, crowd, killers)
        finally:
            product.close()


def _killers(product: Product, web_kills: int, worker_kills: int, seed: int, tell: Tell) -> list[Killer]:
    killers = [Killer(product.web, web_kills, f"{seed} web", product.web_answers, tell)]
    for number, worker in enumerate(product.workers):
        share = worker_kills // len(product.workers) + (number < worker_kills % len(product.workers))
        serves = functools.partial(worker.said, "worker ready")
        killers.append(Killer(worker, share, f"{seed} {worker.name}", serves, tell))
    return killers


def _kill_under_load(crowd: Crowd, killers: list[Killer], per_second: float) -> None:
    stop = threading.Event()
    asking = threading.Thread(target=crowd.keep_asking, args=(per_second, stop), name="crowd", daemon=True)
    asking.start()
    for killer in killers:
        killer.thread.start()
    for killer in killers:
        killer.thread.join()
    stop.set()
    asking.join()
    for killer in killers:
        if killer.failure is not None:
            raise killer.failure


def _settle(product: Product, crowd: Crowd, tell: Tell) -> None:
    """Until everything is acknowledged and nothing is open, with the processes tended meanwhile."""
    tell(f"{sum(len(resident.asked) for resident in crowd.residents)} messages sent; waiting for all to be settled")

    def acknowledged() -> bool:
        for process in product.processes():
            process.tend()
        return crowd.all_acknowledged()

    wait_until(acknowledged, "everything acknowledged", SETTLE_SECONDS)
    wait_until_none(lambda: product.open_rows(crowd.oa_ids), "open in the journal", SETTLE_SECONDS)


def _outcome(product: Product, crowd: Crowd, killers: list[Killer]) -> Outcome:
    states = product.outbox_states()
    counts = product.rows(
        "SELECT 'resends', coalesce(sum(resends), 0) FROM outbox "
        "UNION ALL SELECT 'settled', count(*) FROM outbox WHERE settle_attempt > 0"
    )
    left = sum(states.get(str(int(state)), 0) for state in (OutboxState.IN_DOUBT, OutboxState.UNKNOWN))
    return Outcome(
        database="SQLite" if product.services.settings.is_sqlite else "PostgreSQL",
        kills={killer.process.name: killer.done for killer in killers},
        verdict=crowd.verdict(),
        resends=counts["resends"],
        doubts_settled=counts["settled"],
        left_in_doubt=left,
        moments=[moment for killer in killers for moment in killer.moments],
    )
