"""One message at a time: from the webhook's first byte to the reply's arrival at Zalo, beside the matching alone."""

from __future__ import annotations

import statistics
import time

import requests

import intents
from benchmarks import fake_zalo, messages
from benchmarks.comparing import Comparison, Goal, Say
from benchmarks.install import Install, fresh_folder, wait_for_log

PAUSE_SECONDS = 0.05
"""Between two messages, so that nothing of the last is still under way: this is the idle machine's figure."""


def measure(pairs: int, count: int, say: Say) -> list[Comparison]:
    """Medians of ``count`` messages a pair."""
    result = Comparison(
        "một tin lúc rỗi: nhận → trả lời, p50", "ms", "chỉ hiểu câu", Goal("at most", 15.0), of="difference"
    )
    understander = intents.load()
    with fresh_folder() as folder, fake_zalo.running(0) as zalo, requests.Session() as session:
        session.trust_env = False
        install = Install(folder, zalo.url)
        with install.running("web"), install.running("worker"):
            install.wait_for()
            wait_for_log(folder, "worker ready")
            texts = list(messages.questions())
            _one_by_one(install, zalo, session, texts[:5])
            for number in range(pairs):
                chosen = [texts[(number * count + index) % len(texts)] for index in range(count)]
                ours = statistics.median(_one_by_one(install, zalo, session, chosen))
                plain = statistics.median(_matching(understander, chosen))
                result.add(ours, plain)
                say(f"lúc rỗi {number + 1}/{pairs}: {ours:.1f} ms, riêng hiểu câu {plain:.1f} ms")
        install.services.database.close()
    return [result]


def _one_by_one(install: Install, zalo: fake_zalo.FakeZalo, session: requests.Session, texts: list[str]) -> list[float]:
    zalo.forget()
    begun = []
    for number, text in enumerate(texts, 1):
        event = messages.text_event(text)
        begun.append(time.monotonic_ns())
        session.post(f"{install.address}/webhooks/zalo", data=event.body, headers=event.headers).raise_for_status()
        zalo.wait_for(number, 30)
        time.sleep(PAUSE_SECONDS)
    return [(arrived - sent) / 1e6 for sent, arrived in zip(begun, zalo.arrivals(), strict=True)]


def _matching(understander: intents.Understander, texts: list[str]) -> list[float]:
    spent = []
    for text in texts:
        time.sleep(PAUSE_SECONDS)  # the worker too comes to each message with cold caches
        begun = time.monotonic_ns()
        understander.understand(text)
        spent.append((time.monotonic_ns() - begun) / 1e6)
    return spent
