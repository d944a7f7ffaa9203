"""What the pages of announcements show of one: as the phone will show it, its forecast, its way, its figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort

from bot.broadcasts import views
from bot.broadcasts.forecast import Forecast, forecast
from bot.broadcasts.spec import Details, Spec, group_reply, reply_of
from bot.broadcasts.words import word as broadcast_word
from bot.store import broadcasts
from bot.store.broadcasts import Broadcast
from bot.zalo.articles import ARTICLE_TEXT_LIMIT
from bot.zalo.messages import SAFE_TEXT_LIMIT, render_plain, utf16_units
from console.access import must
from console.broadcasts_words import dong
from console.desk import ConsoleDesk, word

TONES = {
    "draft": "quiet", "submitted": "warning", "scheduled": "good", "running": "good", "paused": "warning",
    "done": "quiet", "cancelled": "quiet",
}  # fmt: skip
"""State → tone of its badge."""
LARGEST_ID = 2**62
"""Beyond this no database has a number."""


@dataclass(frozen=True, slots=True)
class Preview:
    """As the phone shows it. ``length`` of ``limit`` signs, as Zalo counts."""

    kind: str
    title: str
    text: str
    button: str
    length: int
    limit: int

    @property
    def over(self) -> int:
        """Signs too many; 0 where it fits."""
        return max(0, self.length - self.limit)


def preview_of(kind: str, title: str, text: str, spec: Spec | None = None) -> Preview:
    """Of what is typed, right or not yet."""
    if kind == "article":
        return Preview(kind, title, text, "", utf16_units(text), ARTICLE_TEXT_LIMIT)
    if kind == "group":
        whole = group_reply(title, text).text
        return Preview(kind, "", whole, "", utf16_units(whole), SAFE_TEXT_LIMIT)
    reply = reply_of(title, text, Details() if spec is None else spec.details)
    button = reply.buttons[0].title if reply.buttons else ""
    return Preview(kind, "", reply.text, button, utf16_units(render_plain(reply)), SAFE_TEXT_LIMIT)


@dataclass(frozen=True, slots=True)
class ForecastShown:
    """A forecast in words. ``reasons``: (words, how many), the most first."""

    forecast: Forecast
    cost: str
    reasons: list[tuple[str, int]]
    waits: str


def forecast_shown(connection: Any, desk: ConsoleDesk, commune_id: str, spec: Spec) -> ForecastShown | None:
    """None where the commune has no OA."""
    try:
        found = forecast(connection, desk.services.settings, commune_id, spec, desk.clock.now())
    except LookupError:
        return None
    return ForecastShown(
        found, dong(found.cost_vnd), reasons_shown(found.reasons), views.words_of(found.waits) if found.waits else ""
    )


def reasons_shown(reasons: dict[str, int]) -> list[tuple[str, int]]:
    """Slugs in words, the most first."""
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return [(views.words_of(slug), count) for slug, count in ordered]


@dataclass(frozen=True, slots=True)
class ProgressShown:
    """Where an announcement stands, with words for everything a person must know."""

    state: str
    tone: str
    total: int
    sent: int
    skipped: int
    failed: int
    in_doubt: int
    waiting: int
    reasons: list[tuple[str, int, str]]
    note: str
    may_retry: bool


def progress_shown(connection: Any, desk: ConsoleDesk, one: Broadcast) -> ProgressShown:
    """Read anew for every look."""
    settings = desk.services.settings
    reasons = views.reasons_of(connection, one, desk.clock.now(), settings.quiet_hours)
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    note = broadcast_word(f"note_{one.note}") if one.note in ("late", "quota", "changed") else ""
    return ProgressShown(
        state=word(f"bc_folder_{one.state}"),
        tone=TONES[one.state],
        total=one.total,
        sent=one.sent,
        skipped=one.skipped,
        failed=one.failed,
        in_doubt=one.in_doubt,
        waiting=0 if one.state in ("done", "cancelled") else one.waiting,
        reasons=[(views.words_of(slug), count, slug) for slug, count in ordered],
        note=note,
        may_retry=one.state in ("running", "paused", "done") and bool(one.failed or reasons.get("quota")),
    )


def seen_one(connection: Any, broadcast_id: int, act: str = "broadcast.read") -> Broadcast:
    """The announcement the official may do ``act`` to; 404 for one of elsewhere, as for one nobody has."""
    one = broadcasts.get(connection, broadcast_id) if broadcast_id < LARGEST_ID else None
    if one is None:
        abort(404)
    must(act, one.commune_id)
    return one
