"""Announcements in the journal: what a message costs beyond sending, and a commune's fan-out beside the webhook.

``python -m benchmarks.announcements`` is the fan-out as a process of its own, as the worker is one.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil
import requests
from sqlalchemy import insert

from benchmarks import answers_beside, messages
from benchmarks.comparing import Comparison, Goal, Say, percentile
from benchmarks.install import COMMUNE, OA_ID, Install, environment, fresh_folder
from bot.broadcasts import acts
from bot.broadcasts.running import Announcer
from bot.broadcasts.segments import Segment
from bot.broadcasts.spec import Spec
from bot.journal import outbox, sending
from bot.journal.access import TokenKeeper
from bot.journal.rate import RateLimiter
from bot.journal.sending import Finished, Sender
from bot.services import Services, build_services
from bot.settings import load_settings
from bot.store import broadcasts
from bot.store.broadcasts import Broadcast, Progress
from bot.store.staff import Staff
from bot.store.tables import resident
from bot.zalo.client import ZaloClient
from bot.zalo.outcomes import SendOutcome

CLAIM_AT_ONCE = 64 - outbox.RESERVED_FOR_REPLIES
"""As many as announcements may have of the worker's pool."""
PROBES_PER_SECOND = 50
WINDOW_SECONDS = 4.0
"""A fan-out runs this long and stands still this long, in turn."""
SWITCH_SECONDS = 0.3
"""After a switch the slice in hand may still be ending."""
GO, STAND_STILL = b"go\n", b"stand still\n"
AUTHOR = Staff(1, COMMUNE, "a@b.vn", "a", "truyen-thong")
CHAIR = Staff(2, COMMUNE, "c@b.vn", "c", "chu-tich")


def measure(pairs: int, rows: int, crowd: int, say: Say) -> list[Comparison]:
    """``rows`` messages drained on each database in ``pairs`` shares; one fan-out to ``crowd`` residents; answers
    beside an announcement at an install's own rate and at a fast one."""
    beside = [one for rate in (20, 100) for one in answers_beside.measure(pairs * 2, rate, _populate, _approved, say)]
    return [*_drains(pairs, rows, say), *_fan_out(crowd, say), *beside]


def _drains(pairs: int, rows: int, say: Say) -> list[Comparison]:
    comparisons = []
    for name, goal in (("SQLite", 0.15), ("PostgreSQL", 0.5)):
        comparison = Comparison(
            f"thông báo: nhận việc + gửi giả + ghi kết quả, mỗi tin ({name})", "ms", "riêng giờ CPU của tiến trình",
            Goal("at most", goal), of="ours",
        )  # fmt: skip
        with fresh_folder() as folder, _database(name) as address:
            install = Install(folder, "http://127.0.0.1:9", address)
            fan = _prepare(install, rows)
            limiter = RateLimiter(1e9, 1e9)
            for number in range(pairs):
                comparison.add(*_drain(install, limiter, rows // pairs))
                say(
                    f"thông báo {name} {number + 1}/{pairs}: {comparison.pairs[-1][0]:.3f} ms mỗi tin, CPU "
                    f"{comparison.pairs[-1][1]:.3f}; xếp hàng {fan:.4f} ms mỗi người"
                )
            install.services.database.close()
        comparisons.append(comparison)
    return comparisons


@contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "SQLite":
        yield ""
        return
    from tests.postgres import PostgresServer

    server = PostgresServer()
    try:
        server.start()
        yield server.create_database()
    finally:
        server.stop()


def _populate(install: Install, count: int) -> None:
    now = install.services.clock.now_ms()
    for start in range(0, count, 10_000):
        with install.services.database.write() as connection:
            connection.execute(
                insert(resident),
                [
                    {
                        "oa_id": OA_ID,
                        "user_id": f"6{number:018d}",
                        "first_seen_ms": now - 1,
                        "last_interaction_ms": now - 1,
                        "updated_ms": now,
                    }
                    for number in range(start, min(start + 10_000, count))
                ],
            )


def _approved(install: Install) -> int:
    services = install.services
    now = services.clock.now_ms()
    spec = Spec("Thông báo", "Một tin cho mọi người.", "message", Segment(all=True))
    with services.database.write() as connection:
        broadcast_id = acts.create(connection, AUTHOR, COMMUNE, spec, now, draft=False)
        acts.approve(connection, services.vault, CHAIR, broadcast_id, now)
    return broadcast_id


def _prepare(install: Install, rows: int) -> float:
    """So many rows ready to be sent. Milliseconds of freezing and fan-out for each recipient, pauses left out."""
    _populate(install, rows)
    _approved(install)
    services = build_services(load_settings({**install.settings, "HOIXA_QUIET_HOURS": "off"}))
    announcer = Announcer(services)
    begun = time.perf_counter()
    while announcer.step():
        pass
    spent = time.perf_counter() - begun
    services.database.close()
    return spent * 1000 / rows


class _NoZalo(ZaloClient):
    """Everything is sent at once, to nobody."""

    def __init__(self) -> None:
        super().__init__("http://127.0.0.1:9", "http://127.0.0.1:9", "", "")

    def send(self, *_arguments: object, **_options: object) -> SendOutcome:
        return SendOutcome("sent", message_id="m")


def _drain(install: Install, limiter: RateLimiter, rows: int) -> tuple[float, float]:
    """Milliseconds a message takes when Zalo takes no time, and of it this process's own processor time. As in the
    worker's round, one transaction writes the results of the last batch and claims the next; the sender looks at
    windows, opens the sealed words and says what came of it."""
    services, done = install.services, 0
    client = _NoZalo()
    keeper = TokenKeeper(services.database, services.vault, client, services.clock, "benchmark")
    sender = Sender(client, keeper, services.vault, services.clock)
    finished: list[Finished] = []
    begun, cpu_begun = time.perf_counter(), time.process_time()
    while True:
        now = services.clock.now_ms()
        progress = Progress()
        with services.database.write() as connection:
            sending.record(connection, "benchmark", finished, now, services.vault, progress)
            progress.write(connection)
            room = min(CLAIM_AT_ONCE, rows - done) + outbox.RESERVED_FOR_REPLIES
            taken = outbox.claim(connection, limiter, "benchmark", now, room).sends if done < rows else []
        done += len(taken)
        if not taken:
            break
        finished = [sender.send(send) for send in taken]
    assert done == rows, "nothing to claim although rows are open"
    return (time.perf_counter() - begun) / done * 1000, (time.process_time() - cpu_begun) / done * 1000


class _Prober:
    """Posts events at a steady pace and notes when, and how long each took in milliseconds."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._stop = threading.Event()
        self.taken: list[tuple[float, float]] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> _Prober:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def within(self, windows: Sequence[tuple[float, float]]) -> list[float]:
        """Milliseconds of those posted within these windows."""
        return [took for at, took in self.taken if any(begun <= at < ended for begun, ended in windows)]

    def _run(self) -> None:
        session = requests.Session()
        session.trust_env = False
        begun = time.monotonic()
        for number, event in enumerate(messages.many(100_000)):
            if self._stop.wait(max(0.0, begun + number / PROBES_PER_SECOND - time.monotonic())):
                return
            at = time.monotonic()
            session.post(f"{self._address}/webhooks/zalo", data=event.body, headers=event.headers, timeout=30)
            self.taken.append((at, (time.monotonic() - at) * 1000))


def _fan_out(crowd: int, say: Say) -> list[Comparison]:
    """One fan-out, stopped and let go again in turn: what else the machine does weighs upon both alike."""
    tail = Comparison(f"webhook p99 khi xếp hàng {crowd} người", "ms", "webhook p99 lúc rảnh", Goal("at most", 2.0))
    each = Comparison(
        f"xếp hàng {crowd} người, mỗi người (cả lúc nghỉ giữa lượt)", "ms", "bộ nhớ tăng thêm (MiB)", of="ours"
    )
    with fresh_folder() as folder:
        install = Install(folder, "http://127.0.0.1:9")
        _populate(install, crowd)
        with install.running("web"):
            install.wait_for()
            with _Prober(install.address) as prober:
                _until(lambda: len(prober.taken) > PROBES_PER_SECOND)  # warm
                busy, idle, growth = _run_fan_out(install, _approved(install))
            tail.add(percentile(prober.within(busy), 0.99), percentile(prober.within(idle), 0.99))
            each.add(sum(ended - begun for begun, ended in busy) * 1000 / crowd, growth)
        install.services.database.close()
    say(
        f"xếp hàng {crowd} người trong {len(busy)} lượt xen kẽ: {each.pairs[-1][0]:.3f} ms mỗi người, bộ nhớ "
        f"+{growth:.1f} MiB; webhook p99 {tail.pairs[-1][0]:.1f} ms, lúc rảnh {tail.pairs[-1][1]:.1f} ms"
    )
    return [tail, each]


def _until(condition: object) -> None:
    assert callable(condition)
    while not condition():
        time.sleep(0.05)  # between two looks


Windows = list[tuple[float, float]]


def _run_fan_out(install: Install, broadcast_id: int) -> tuple[Windows, Windows, float]:
    """When it ran, when it stood still, and how much its process's memory grew after its first slices (MiB)."""
    command = [sys.executable, "-m", "benchmarks.announcements"]
    busy: Windows = []
    idle: Windows = []
    seen: list[float] = []
    settings = environment({**install.settings, "HOIXA_QUIET_HOURS": "off"})
    with subprocess.Popen(command, env=settings, stdin=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin is not None
        watched = psutil.Process(process.pid)
        fanned = False
        while not fanned:
            for windows, word in ((busy, GO), (idle, STAND_STILL)):
                process.stdin.write(word)
                begun = time.monotonic()
                while not fanned and time.monotonic() - begun < WINDOW_SECONDS:
                    time.sleep(0.25)  # between two looks
                    one = _look_at(install, broadcast_id)
                    fanned = one.fanned_ms is not None
                    if one.started_ms is not None:  # memory counts from the first slices of the fan-out on
                        seen.append(watched.memory_info().rss / 2**20)
                assert process.poll() is None
                windows.append((begun + SWITCH_SECONDS, time.monotonic()))
        process.terminate()
    return busy, idle, max(seen) - seen[0]


def _look_at(install: Install, broadcast_id: int) -> Broadcast:
    with install.services.database.read() as connection:
        one = broadcasts.get(connection, broadcast_id)
    assert one is not None
    return one


class _StoppableAnnouncer(Announcer):
    """Stands still between two slices while told to."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.may_go = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for word in sys.stdin.buffer:
            if word == GO:
                self.may_go.set()
            else:
                self.may_go.clear()

    def step(self) -> bool:
        return self.may_go.is_set() and super().step()


def main() -> None:
    """Move announcements on while allowed, until told to stop."""
    services = build_services(load_settings())
    announcer = _StoppableAnnouncer(services)
    while True:
        announcer.may_go.wait()
        with services.database.read() as connection:
            work = announcer(connection)
        if work is not None:
            work()
        time.sleep(0.05)  # as the worker's housekeeping, only sooner


if __name__ == "__main__":
    main()
