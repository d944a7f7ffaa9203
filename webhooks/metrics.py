"""Figures for Prometheus: what this process counted, and what stands in the database at the moment of the look."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from bot.clock import Clock
from bot.journal.figures import backlog
from bot.store import broadcasts
from bot.store.database import Database

OVERDUE_MS = 15 * 60_000
"""An announcement that has not begun so long after its hour is a person's case."""


class WebhookMetrics:
    """Counters of the webhook, by outcome."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = Counter(
            "hoixa_webhook_requests", "Requests to the webhook by outcome", ["outcome"], registry=registry
        )
        names = ("stored", "unsigned", "bad_signature", "unreadable", "too_large", "not_stored")
        self._children = {name: counter.labels(name) for name in names}

    def count(self, outcome: str) -> None:
        """One more request that ended so."""
        self._children[outcome].inc()


class BacklogCollector(Collector):
    """Asks the database when Prometheus asks us; nothing is counted on the way of a message."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Rows that are open, by queue and state; announcements that should have begun and did not."""
        now_ms = self._clock.now_ms()
        with self._database.read() as connection:
            figures = backlog(connection)
            overdue = len(broadcasts.overdue(connection, now_ms, OVERDUE_MS))
        rows = GaugeMetricFamily("hoixa_open_rows", "Open rows by queue and state", labels=["queue", "state"])
        for (queue, state), count in figures.counts.items():
            rows.add_metric([queue, state], count)
        yield rows
        late = GaugeMetricFamily("hoixa_overdue_announcements", "Approved announcements that should have begun")
        late.add_metric([], overdue)
        yield late


def render(registry: CollectorRegistry) -> bytes:
    """The text Prometheus reads."""
    return generate_latest(registry)
