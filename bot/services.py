"""What the processes of one install share: settings, clock, vault, database. Built once at the start of each."""

from __future__ import annotations

from dataclasses import dataclass

from bot.clock import Clock
from bot.encryption import Vault
from bot.journal.rate import RateLimiter
from bot.settings import Settings
from bot.store.database import Database
from bot.zalo.client import ZaloClient


@dataclass(frozen=True, slots=True)
class Services:
    """Handed down from ``commands``; nothing below reads the environment."""

    settings: Settings
    clock: Clock
    vault: Vault
    database: Database
    limiter: RateLimiter
    zalo: ZaloClient


def build_services(settings: Settings) -> Services:
    """Open what a process needs. Raises ``bot.store.database.DatabaseError`` with one Vietnamese line."""
    database = Database(settings.database_url)
    limiter = RateLimiter(settings.zalo_rate_per_second, settings.zalo_app_rate_per_second)
    client = ZaloClient(
        settings.zalo_api_url,
        settings.zalo_oauth_url,
        settings.zalo_app_id,
        settings.zalo_app_secret,
        on_call=lambda: limiter.wait_for_app_slot(database),
    )
    return Services(
        settings, Clock(settings.clock_offset_seconds), Vault(settings.secret_key), database, limiter, client
    )
