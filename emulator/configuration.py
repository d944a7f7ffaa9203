"""What an emulator is started with. Times are real seconds unless the name says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

REDELIVERY_SCHEDULE_SECONDS: tuple[float, ...] = (30.0, 300.0, 900.0, 1800.0, 3600.0)
"""Zalo's five redeliveries after the first attempt; each waits this long after the attempt before it."""


@dataclass(slots=True)
class EmulatorConfiguration:
    """Every setting has a default that behaves like Zalo; tests shorten the waits."""

    app_id: str = "1840275930164482011"
    app_secret: str = "emulated-app-secret"  # noqa: S105 - a made-up secret of a made-up app
    webhook_url: str | None = None
    oauth_callback_url: str | None = None
    """The callback saved in the console; None accepts any redirect_uri."""
    console_code_challenge: str | None = None
    """A challenge saved in the console, used when the permission URL carries none."""
    trace_url: str | None = None
    """Template with {oa_id} and {msg_id}; the page asks it why the bot answered as it did."""

    webhook_timeout_seconds: float = 2.0
    sender_threads: int = 16
    redelivery_scale: float = 1.0
    """1.0 keeps Zalo's schedule; 0.001 turns thirty seconds into thirty milliseconds."""
    redeliver_on: frozenset[str] = frozenset({"connection", "status", "timeout"})
    disable_when_exhausted: bool = True
    """After the fifth redelivery failed, no event is sent any more until the URL is saved again."""
    ordered_per_resident: bool = True
    """First attempts of what one resident sends leave one after another, as typed. Zalo promises no order;
    without trouble it is kept all the same, and the reorder switch breaks it on purpose."""
    require_grant: bool = True
    """An OA that never granted the app a token sends no events."""

    echo: bool = True
    receipts: bool = True
    seen_delay_seconds: float = 0.5

    calls_per_minute: int = 4000
    oa_calls_per_minute: int = 0
    """A limit per OA on top; 0 for none, since Zalo publishes no figure."""
    latency_milliseconds: float = 0.0
    article_verify_polls: int = 1
    broadcast_review_minutes: float = 30.0
    broadcast_echo: bool = True
    non_follower_detail_refused: bool = False
    seed: int | None = None
    """A number makes every id and secret repeatable; None makes them new at each start."""
    seed_communes: bool = False
    time_source: Callable[[], float] | None = field(default=None, repr=False)
    """Epoch seconds; time.time when None."""
