"""Announcements in the journal: what a message costs beyond sending, and a commune's fan-out beside the webhook.

``python -m benchmarks.announcements`` is the fan-out as a process of its own, as the worker is one.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import requests
from sqlalchemy import insert

from benchmarks import messages
from benchmarks.comparing import Comparison, Goal, Say, percentile
from benchmarks.install import COMMUNE, OA_ID, Install, environment, fresh_folder
from bot.broadcasts import acts
from bot.broadcasts.running import Announcer
from bot.broadcasts.segments import Segment
from bot.broadcasts.spec import Spec
from bot.journal import outbox, sending
from bot.journal.outbox import SendResult
from bot.journal.rate import RateLimiter
from bot.journal.sending import Finished
from bot.journal.states import OutboxState
from bot.services import build_services
from bot.settings import load_settings
from bot.store import broadcasts
from bot.store.broadcasts import Progress
from bot.store.staff import Staff
from bot.store.tables import resident

CLAIM_AT_ONCE = 64 - outbox.RESERVED_FOR_REPLIES
"""As many as announcements may have of the worker's pool."""
PROBES_PER_SECOND = 50
IDLE_SECONDS = 6.0
AUTHOR = Staff(1, COMMUNE, "a@b.vn", "a", "truyen-thong")
CHAIR = Staff(2, COMMUNE, "c@b.vn", "c", "chu-tich")


def measure(pairs: int, rows: int, crowd: int, say: Say) -> list[Comparison]:
    """``rows`` messages drained on each database in ``pairs`` shares; one fan-out to ``crowd`` residents."""
    return [*_drains(pairs, rows, say), *_fan_out(crowd, say)]


def _drains(pairs: int, rows: int, say: Say) -> list[Comparison]:
    comparisons = []
    for name, goal in (("SQLite", 0.15), ("PostgreSQL", 0.5)):
        comparison = Comparison(
            f"thông báo: nhận việc + ghi kết quả, mỗi tin ({name})", "ms", "chỉ xếp hàng (fan-out), mỗi người",
            Goal("at most", goal), of="ours",
        )  # fmt: skip
        with fresh_folder() as folder, _database(name) as address:
            install = Install(folder, "http://127.0.0.1:9", address)
            fan = _prepare(install, rows)
            limiter = RateLimiter(1e9, 1e9)
            for number in range(pairs):
                comparison.add(_drain(install, limiter, rows // pairs), fan)
                say(
                    f"thông báo {name} {number + 1}/{pairs}: {comparison.pairs[-1][0]:.3f} ms mỗi tin; "
                    f"xếp hàng {fan:.4f} ms mỗi người"
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


def _drain(install: Install, limiter: RateLimiter, rows: int) -> float:
    """Milliseconds a message takes in the journal when sending takes no time: as in the worker's round, one
    transaction writes the results of the last batch and claims the next."""
    services, done = install.services, 0
    finished: list[Finished] = []
    begun = time.perf_counter()
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
        finished = [
            Finished(send, SendResult(send.id, OutboxState.SENT, zalo_msg_id=f"m{send.id}", sent_ms=now), answer="m")
            for send in taken
        ]
    assert done == rows, "nothing to claim although rows are open"
    return (time.perf_counter() - begun) / done * 1000


class _Prober:
    """Posts events at a steady pace and notes how long each took, in milliseconds."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._stop = threading.Event()
        self.times: list[float] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> _Prober:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        session = requests.Session()
        session.trust_env = False
        begun = time.monotonic()
        for number, event in enumerate(messages.many(100_000)):
            if self._stop.wait(max(0.0, begun + number / PROBES_PER_SECOND - time.monotonic())):
                return
            at = time.perf_counter()
            session.post(f"{self._address}/webhooks/zalo", data=event.body, headers=event.headers, timeout=30)
            self.times.append((time.perf_counter() - at) * 1000)


def _fan_out(crowd: int, say: Say) -> list[Comparison]:
    tail = Comparison(f"webhook p99 khi xếp hàng {crowd} người", "ms", "webhook p99 lúc rảnh", Goal("at most", 2.0))
    each = Comparison(
        f"xếp hàng {crowd} người, mỗi người (cả lúc nghỉ giữa lượt)", "ms", "bộ nhớ tăng thêm (MiB)", of="ours"
    )
    with fresh_folder() as folder:
        install = Install(folder, "http://127.0.0.1:9")
        _populate(install, crowd)
        with install.running("web"):
            install.wait_for()
            with _Prober(install.address) as warm:
                _until(lambda: len(warm.times) > PROBES_PER_SECOND)
            with _Prober(install.address) as idle:
                threading.Event().wait(IDLE_SECONDS)  # how long the idle value is measured
            broadcast_id = _approved(install)
            with _Prober(install.address) as busy:
                seconds, growth = _run_fan_out(install, broadcast_id)
            tail.add(percentile(busy.times, 0.99), percentile(idle.times, 0.99))
            each.add(seconds * 1000 / crowd, growth)
        install.services.database.close()
    say(
        f"xếp hàng {crowd} người: {seconds:.1f} s, bộ nhớ +{growth:.1f} MiB; webhook p99 {tail.pairs[-1][0]:.1f} ms, "
        f"lúc rảnh {tail.pairs[-1][1]:.1f} ms"
    )
    return [tail, each]


def _until(condition: object) -> None:
    assert callable(condition)
    while not condition():
        time.sleep(0.05)  # between two looks


def _run_fan_out(install: Install, broadcast_id: int) -> tuple[float, float]:
    """Seconds until every recipient is in the outbox, and how much the process's memory grew after its first slices."""
    begun = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.announcements"]
    with subprocess.Popen(command, env=environment({**install.settings, "HOIXA_QUIET_HOURS": "off"})) as process:
        watched, seen = psutil.Process(process.pid), []

        def is_fanned() -> bool:
            seen.append(watched.memory_info().rss / 2**20)
            with install.services.database.read() as connection:
                one = broadcasts.get(connection, broadcast_id)
            assert one is not None and process.poll() in (None, 0)
            if one.started_ms is None:
                seen.clear()  # memory counts from the first slices of the fan-out on
            return one.fanned_ms is not None

        _until(is_fanned)
        process.terminate()
    return time.monotonic() - begun, max(seen) - seen[0]


def main() -> None:
    """Move announcements on until told to stop."""
    services = build_services(load_settings())
    announcer = Announcer(services)
    while True:
        with services.database.read() as connection:
            work = announcer(connection)
        if work is not None:
            work()
        time.sleep(0.05)  # as the worker's housekeeping, only sooner


if __name__ == "__main__":
    main()
