"""Accepting events: the product's webhook against a Flask handler that does nothing, both under the same gunicorn."""

from __future__ import annotations

from pathlib import Path

from benchmarks import load, messages
from benchmarks.comparing import Comparison, Goal, Say
from benchmarks.install import Install, fresh_folder, noop_web

MOST_PER_SECOND = 6_000
"""More than any handler here accepts, so that no event is ever sent twice."""


def measure(pairs: int, seconds: float, say: Say) -> list[Comparison]:
    """Requests a second and p99 at saturation. The worker is off; every event is distinct and committed."""
    rate = Comparison("webhook: tin nhận mỗi giây", "tin/s", "Flask không làm gì", Goal("at least", 0.65))
    tail = Comparison("webhook: p99 khi bão hòa", "ms", "Flask không làm gì", Goal("at most", 1.5))
    with fresh_folder() as folder:
        install = Install(folder, "http://127.0.0.1:9")
        with noop_web(folder) as noop, install.running("web"):
            install.wait_for()
            _warm_up(folder, [install.address, noop])
            for number in range(pairs):
                ours, plain = _pair(folder, install.address, noop, seconds, ours_first=number % 2 == 0)
                rate.add(ours.per_second, plain.per_second)
                tail.add(ours.p99, plain.p99)
                say(f"webhook {number + 1}/{pairs}: {ours.per_second:.0f} / {plain.per_second:.0f} tin/s, "
                    f"p99 {ours.p99:.0f} / {plain.p99:.0f} ms")  # fmt: skip
        install.services.database.close()
    return [rate, tail]


def _events(folder: Path, seconds: float) -> Path:
    path = folder / "events.tsv"
    load.write_events(list(messages.many(int(seconds * MOST_PER_SECOND))), path)
    return path


def _warm_up(folder: Path, addresses: list[str]) -> None:
    for address in addresses:
        load.press(address, _events(folder, 1), 1)


def _pair(folder: Path, ours: str, plain: str, seconds: float, *, ours_first: bool) -> tuple[load.Load, load.Load]:
    events = _events(folder, seconds)
    if ours_first:
        first = load.press(ours, events, seconds)
        return first, load.press(plain, events, seconds)
    second = load.press(plain, events, seconds)
    return load.press(ours, events, seconds), second
