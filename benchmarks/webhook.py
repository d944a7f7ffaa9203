"""Accepting events: the product's webhook against a Flask handler that does nothing, both under the same gunicorn."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import load, messages
from benchmarks.comparing import Comparison, Goal, Say
from benchmarks.install import Install, fresh_folder, noop_web, tree_cpu_seconds

MOST_PER_SECOND = 6_000
"""More than any handler here accepts, so that no event is ever sent twice."""


@dataclass(frozen=True, slots=True)
class _Server:
    address: str
    process: psutil.Process


def measure(pairs: int, seconds: float, say: Say) -> list[Comparison]:
    """Requests a second, p99 at saturation, processor time. No worker; every event is distinct and committed."""
    rate = Comparison("webhook: tin nhận mỗi giây", "tin/s", "Flask không làm gì", Goal("at least", 0.65))
    tail = Comparison("webhook: p99 khi bão hòa", "ms", "Flask không làm gì", Goal("at most", 1.5))
    effort = Comparison("webhook: giờ CPU mỗi tin", "ms", "Flask không làm gì")
    with fresh_folder() as folder:
        install = Install(folder, "http://127.0.0.1:9")
        with noop_web(folder) as (noop_address, noop_process), install.running("web") as web_process:
            install.wait_for()
            ours, plain = _Server(install.address, web_process), _Server(noop_address, noop_process)
            for server in (ours, plain):
                load.press(server.address, _events(folder, 1), 1)  # warms threads and connections
            for number in range(pairs):
                events = _events(folder, seconds)
                order = (ours, plain) if number % 2 == 0 else (plain, ours)
                loads, cpu = {}, {}
                for server in order:
                    loads[server], cpu[server] = _press(server, events, seconds)
                rate.add(loads[ours].per_second, loads[plain].per_second)
                tail.add(loads[ours].p99, loads[plain].p99)
                effort.add(cpu[ours], cpu[plain])
                say(
                    f"webhook {number + 1}/{pairs}: {rate.pairs[-1][0]:.0f} / {rate.pairs[-1][1]:.0f} tin/s, "
                    f"p99 {tail.pairs[-1][0]:.0f} / {tail.pairs[-1][1]:.0f} ms, "
                    f"CPU {cpu[ours]:.2f} / {cpu[plain]:.2f} ms"
                )
        install.services.database.close()
    return [rate, tail, effort]


def _events(folder: Path, seconds: float) -> Path:
    path = folder / "events.tsv"
    load.write_events(list(messages.many(int(seconds * MOST_PER_SECOND))), path)
    return path


def _press(server: _Server, events: Path, seconds: float) -> tuple[load.Load, float]:
    """The run, and the milliseconds of processor time each request took."""
    before = tree_cpu_seconds(server.process)
    result = load.press(server.address, events, seconds)
    return result, (tree_cpu_seconds(server.process) - before) * 1000 / (result.per_second * seconds)
