"""How long answers take while an announcement goes out, beside the same while it is paused, in turn.

From the event's arrival at the webhook to Zalo's 200 for the answer, as the journal has both.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import requests
from sqlalchemy import text

from benchmarks import fake_zalo, messages
from benchmarks.comparing import Comparison, Goal, Say, percentile
from benchmarks.install import COMMUNE, Install, fresh_folder, wait_for_log
from bot.broadcasts import acts
from bot.store import broadcasts
from bot.store.staff import Staff

CHAIR = Staff(2, COMMUNE, "c@b.vn", "c", "chu-tich")
QUESTIONS_PER_SECOND = 5
ZALO_LATENCY_MS = 20.0
WINDOW_SECONDS = 6.0
SWITCH_SECONDS = 1.0
"""After a switch what was claimed before it still leaves."""
_TIMES = text(
    """
    SELECT inbox.received_ms, min(outbox.sent_ms) - inbox.received_ms
    FROM inbox JOIN outbox ON outbox."key" = 'in:' || inbox.id || :first
    WHERE outbox.sent_ms IS NOT NULL GROUP BY inbox.id, inbox.received_ms
    """
)
Windows = list[tuple[int, int]]


def measure(
    windows: int,
    per_second: int,
    populate: Callable[[Install, int], None],
    approve: Callable[[Install], int],
    say: Say,
) -> list[Comparison]:
    """``windows`` of either kind, where the OA may send ``per_second``: announcements have four fifths of it.

    ``populate`` makes so many residents, ``approve`` an announcement to all of them.
    """
    name = f"trả lời trong lúc gửi thông báo (nhịp {per_second} tin/s), p95"
    result = Comparison(name, "ms", "lúc thông báo tạm dừng", Goal("at most", 1.5))
    with fresh_folder() as folder, fake_zalo.running(ZALO_LATENCY_MS) as zalo:
        install = Install(folder, zalo.url)
        install.settings |= {
            "HOIXA_ZALO_RATE_PER_SECOND": str(per_second),
            "HOIXA_ZALO_APP_RATE_PER_SECOND": str(per_second * 3),
            "HOIXA_QUIET_HOURS": "off",
        }
        populate(install, int((windows + 1) * WINDOW_SECONDS * per_second) + 1_000)
        with install.running("web"), install.running("worker"):
            install.wait_for()
            wait_for_log(folder, "worker ready")
            broadcast_id = approve(install)
            stop = threading.Event()
            asking = threading.Thread(target=_ask, args=(install, stop), daemon=True)
            asking.start()
            _wait_until_fanned(install, broadcast_id)
            paused, running, sent = _take_turns(install, broadcast_id, windows)
            stop.set()
            asking.join()
            time.sleep(SWITCH_SECONDS)  # the last answers
        with install.services.database.read() as connection:
            times = [(int(at), float(took)) for at, took in connection.execute(_TIMES, {"first": ":0"})]
        install.services.database.close()
    during, beside = _within(times, running), _within(times, paused)
    result.add(percentile(during, 0.95), percentile(beside, 0.95))
    say(
        f"trả lời, nhịp {per_second}: p95 {result.pairs[-1][0]:.0f} ms lúc gửi ({len(during)} câu, {sent:.0f} tin "
        f"thông báo/s), {result.pairs[-1][1]:.0f} ms lúc tạm dừng ({len(beside)} câu); p50 "
        f"{percentile(during, 0.5):.0f} và {percentile(beside, 0.5):.0f} ms"
    )
    return [result]


def _ask(install: Install, stop: threading.Event) -> None:
    with requests.Session() as session:
        session.trust_env = False
        begun = time.monotonic()
        for number, event in enumerate(messages.many(100_000)):
            if stop.wait(max(0.0, begun + number / QUESTIONS_PER_SECOND - time.monotonic())):
                return
            session.post(f"{install.address}/webhooks/zalo", data=event.body, headers=event.headers, timeout=30)


def _wait_until_fanned(install: Install, broadcast_id: int) -> None:
    fanned = False
    while not fanned:
        time.sleep(0.2)  # between two looks
        with install.services.database.read() as connection:
            one = broadcasts.get(connection, broadcast_id)
        fanned = one is not None and one.fanned_ms is not None


def _take_turns(install: Install, broadcast_id: int, windows: int) -> tuple[Windows, Windows, float]:
    """Milliseconds from and to of windows paused and running, and announcements sent a second while running."""
    services = install.services
    paused: Windows = []
    running: Windows = []
    for _ in range(windows):
        for kind, act in ((paused, acts.pause), (running, acts.resume)):
            with services.database.write() as connection:
                act(connection, CHAIR, broadcast_id, services.clock.now_ms())
                services.database.announce(connection)
            begun = services.clock.now_ms()
            time.sleep(WINDOW_SECONDS)  # what is measured
            kind.append((begun + int(SWITCH_SECONDS * 1000), services.clock.now_ms()))
    with services.database.read() as connection:
        moments = connection.execute(
            text("SELECT sent_ms FROM outbox WHERE broadcast_id IS NOT NULL AND sent_ms IS NOT NULL")
        ).scalars()
        sent = len(_within([(int(at), 1.0) for at in moments], running))
    return paused, running, sent * 1000 / sum(ended - begun for begun, ended in running)


def _within(times: list[tuple[int, float]], windows: Windows) -> list[float]:
    return [took for at, took in times if any(begun <= at < ended for begun, ended in windows)]
