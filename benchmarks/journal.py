"""The outbox alone, without Zalo: what order per resident costs, and what a send costs beyond sending."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event, text

from benchmarks.comparing import Comparison, Goal, Say
from benchmarks.install import OA_ID, Install, fresh_folder
from bot.journal import outbox
from bot.journal.outbox import NewSend, SendResult
from bot.journal.rate import RateLimiter
from bot.journal.states import OutboxState

CLAIM_AT_ONCE = 64
RUNS = 30
_ORDER = re.compile(r"\s+AND NOT \(EXISTS \(.*?\)\)(?=\s+ORDER BY)", re.DOTALL)


def measure(pairs: int, rows: int, say: Say) -> list[Comparison]:
    """``rows`` open replies of as many residents of one OA."""
    order = Comparison(f"xét lượt từng người, {rows} dòng chờ", "ms", "cùng câu SQL, không xét lượt")
    drain = Comparison(
        "sổ gửi: nhận việc + ghi kết quả, mỗi tin", "ms", "chỉ UPDATE hai lần", Goal("at most", 0.15), of="ours"
    )
    with fresh_folder() as folder:
        install = Install(folder, "http://127.0.0.1:9")
        _fill(install, rows)
        for number in range(pairs):
            order.add(*_claim_queries(install))
            say(f"xét lượt {number + 1}/{pairs}: {order.pairs[-1][0]:.2f} / {order.pairs[-1][1]:.2f} ms")
        share = rows // pairs
        # No rate here: the fastest one a setting allows would be most of what is measured.
        limiter = RateLimiter(1e9, 1e9)
        for number in range(pairs):
            drain.add(_drain(install, limiter, share), _two_updates(install, share))
            say(f"sổ gửi {number + 1}/{pairs}: {drain.pairs[-1][0]:.3f} / {drain.pairs[-1][1]:.3f} ms mỗi tin")
        install.services.database.close()
    return [order, drain]


def _fill(install: Install, rows: int) -> None:
    vault, now = install.services.vault, install.services.clock.now_ms()
    payload, digest = vault.encrypt("x" * 1_500, "outbox.payload"), vault.digest("x")
    sends = [
        NewSend(f"bench:{number}", OA_ID, f"4{number:018d}", "0" * 16, payload, digest, digest, now)
        for number in range(rows)
    ]
    with install.services.database.write() as connection:
        outbox.enqueue(connection, sends, now)


@contextmanager
def _statements(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(connection, "before_cursor_execute", note)


def _claim_queries(install: Install) -> tuple[float, float]:
    """Milliseconds of the product's own claim query, and of the same without the clause that keeps the order."""
    services = install.services
    with services.database.write() as connection:
        with _statements(connection) as seen:
            outbox.claim(connection, services.limiter, "benchmark", services.clock.now_ms(), CLAIM_AT_ONCE)
        claim, parameters = next(one for one in seen if "EXISTS" in one[0] and one[0].lstrip().startswith("SELECT"))
        without, removed = _ORDER.subn("", claim)
        assert removed == 1, "the claim query has changed: look again what is measured here"
        connection.rollback()
    ours, plain = [], []
    with services.database.read() as connection:
        for _ in range(RUNS):
            ours.append(_seconds(connection, claim, parameters))
            plain.append(_seconds(connection, without, parameters))
    return sorted(ours)[RUNS // 2] * 1000, sorted(plain)[RUNS // 2] * 1000


def _seconds(connection: Connection, statement: str, parameters: Any) -> float:
    begun = time.perf_counter()
    connection.exec_driver_sql(statement, parameters).fetchall()
    return time.perf_counter() - begun


def _drain(install: Install, limiter: RateLimiter, rows: int) -> float:
    """Milliseconds a reply takes in the journal when sending takes no time: claim a batch, write its results."""
    services, done = install.services, 0
    begun = time.perf_counter()
    while done < rows:
        with services.database.write() as connection:
            now = services.clock.now_ms()
            taken = outbox.claim(connection, limiter, "benchmark", now, min(CLAIM_AT_ONCE, rows - done)).sends
        assert taken, "nothing to claim although rows are open"
        results = [SendResult(send.id, OutboxState.SENT, zalo_msg_id=f"m{send.id}", sent_ms=now) for send in taken]
        with services.database.write() as connection:
            outbox.record(connection, "benchmark", results)
        done += len(taken)
    return (time.perf_counter() - begun) / done * 1000


def _two_updates(install: Install, rows: int) -> float:
    """The least any journal does: note that a batch is under way, note that it is done. No order, rate or owner."""
    database, done = install.services.database, 0
    first = "UPDATE outbox SET attempt = attempt WHERE id BETWEEN :low AND :high"
    begun = time.perf_counter()
    while done < rows:
        for _ in range(2):
            with database.write() as connection:
                connection.execute(text(first), {"low": done, "high": done + CLAIM_AT_ONCE - 1})
        done += CLAIM_AT_ONCE
    return (time.perf_counter() - begun) / done * 1000
