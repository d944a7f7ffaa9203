"""Settings from the environment: typed, checked once at start, frozen afterwards.

Every variable is documented in ``.env.example``; a test holds the two together.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from bot.catalogue import CATALOGUE

ZALO_API_URL = "https://openapi.zalo.me"
ZALO_OAUTH_URL = "https://oauth.zaloapp.com"
MINIMUM_SECRET_KEY_LENGTH = 32
LONGEST_OFFSET_SECONDS = 10 * 365 * 86_400

Value = TypeVar("Value")


class SettingsError(Exception):
    """A setting is missing or wrong. ``str(error)`` is one line of plain Vietnamese for the operator."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours of the day, Vietnam time, in which announcements wait. May pass midnight."""

    begin: time
    end: time


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one install. Rates are calls per second; the offset shifts every clock of ours."""

    data_dir: Path
    database_url: str
    secret_key: str
    zalo_app_id: str
    zalo_app_secret: str
    zalo_api_url: str
    zalo_oauth_url: str
    zalo_rate_per_second: float
    zalo_app_rate_per_second: float
    bind: str
    public_url: str
    quiet_hours: QuietHours | None
    zalo_verifier: str
    metrics_token: str
    clock_offset_seconds: float
    trace: bool
    cdn_hosts: tuple[str, ...]

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @property
    def bind_address(self) -> tuple[str, int]:
        """Host and port of :attr:`bind`."""
        host, _, port = self.bind.rpartition(":")
        return host.strip("[]"), int(port)

    @property
    def talks_to_real_zalo(self) -> bool:
        """Whether either base address is one of Zalo's own."""
        hosts = (urlsplit(url).hostname or "" for url in (self.zalo_api_url, self.zalo_oauth_url))
        return any(host.endswith(("zalo.me", "zaloapp.com")) for host in hosts)


def _text(name: str, raw: str) -> str:
    del name
    return raw.strip()


def _rate(name: str, raw: str) -> float:
    try:
        rate = float(raw)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 10_000:
        raise SettingsError(CATALOGUE.word("setting_rate", name=name, raw=raw))
    return rate


def _number(name: str, raw: str) -> float:
    try:
        number = float(raw)
    except ValueError:
        number = math.nan
    if not abs(number) <= LONGEST_OFFSET_SECONDS:  # so written, it also refuses what is no number
        raise SettingsError(CATALOGUE.word("setting_number", name=name, raw=raw))
    return number


def _flag(name: str, raw: str) -> bool:
    if raw.strip().lower() in {"", "0", "off", "no", "false"}:
        return False
    if raw.strip().lower() in {"1", "on", "yes", "true"}:
        return True
    raise SettingsError(CATALOGUE.word("setting_flag", name=name, raw=raw))


def _parts(address: str) -> SplitResult | None:
    """The parts of an address of the web; None where it is none."""
    try:
        parts = urlsplit(address)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if good else None


def _base_url(name: str, raw: str) -> str:
    address = raw.strip().rstrip("/")
    parts = _parts(address)
    if parts is None or parts.path or parts.query:
        raise SettingsError(CATALOGUE.word("setting_base_url", name=name, raw=raw))
    return address


def _optional_url(name: str, raw: str) -> str:
    if not raw.strip():
        return ""
    if _parts(raw.strip()) is None:
        raise SettingsError(CATALOGUE.word("setting_url", name=name, raw=raw))
    return raw.strip().rstrip("/")


def _bind(name: str, raw: str) -> str:
    host, separator, port = raw.strip().rpartition(":")
    if not separator or not host or not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65536:
        raise SettingsError(CATALOGUE.word("setting_bind", name=name, raw=raw))
    return raw.strip()


def _quiet_hours(name: str, raw: str) -> QuietHours | None:
    if raw.strip().lower() == "off":
        return None
    try:
        begin, end = (time.fromisoformat(part.strip()) for part in raw.split("-"))
    except ValueError:
        raise SettingsError(CATALOGUE.word("setting_hours", name=name, raw=raw)) from None
    return QuietHours(begin, end)


def _database_url(name: str, raw: str) -> str:
    address = raw.strip()
    if address.startswith("postgres://"):
        address = "postgresql://" + address.removeprefix("postgres://")
    if address.startswith("postgresql://"):
        address = "postgresql+psycopg://" + address.removeprefix("postgresql://")
    try:
        good = address.startswith(("sqlite:///", "postgresql+psycopg://")) and urlsplit(address).port != 0
    except ValueError:  # a port that is no number
        good = False
    if not good:
        raise SettingsError(CATALOGUE.word("setting_database", name=name, kind=address.split(":", 1)[0]))
    return address


def _secret_key(name: str, raw: str) -> str:
    if not raw:
        raise SettingsError(CATALOGUE.word("setting_secret_missing", name=name))
    if len(raw) < MINIMUM_SECRET_KEY_LENGTH:
        raise SettingsError(CATALOGUE.word("setting_secret_short", name=name, length=MINIMUM_SECRET_KEY_LENGTH))
    return raw


def _hosts(name: str, raw: str) -> tuple[str, ...]:
    del name
    return tuple(host.strip().lower() for host in raw.split(",") if host.strip())


def load_settings(environment: Mapping[str, str] | None = None, *, need_secrets: bool = True) -> Settings:
    """Read and check all settings.

    ``need_secrets`` is False for commands that touch neither the database nor Zalo (``ask``, ``evaluate``).
    Raises :class:`SettingsError` with one line that names the variable and the mend.
    """
    source = os.environ if environment is None else environment

    def read(name: str, parse: Callable[[str, str], Value], default: str = "") -> Value:
        raw = source.get(name, "")
        return parse(name, raw if raw.strip() else default)

    data_dir = Path(read("HOIXA_DATA_DIR", _text, "var")).expanduser().absolute()
    settings = Settings(
        data_dir=data_dir,
        database_url=read("HOIXA_DATABASE_URL", _database_url, f"sqlite:///{data_dir / 'hoixa.sqlite3'}"),
        secret_key=read("HOIXA_SECRET_KEY", _secret_key if need_secrets else _text),
        zalo_app_id=read("HOIXA_ZALO_APP_ID", _text),
        zalo_app_secret=read("HOIXA_ZALO_APP_SECRET", _text),
        zalo_api_url=read("HOIXA_ZALO_API_URL", _base_url, ZALO_API_URL),
        zalo_oauth_url=read("HOIXA_ZALO_OAUTH_URL", _base_url, ZALO_OAUTH_URL),
        zalo_rate_per_second=read("HOIXA_ZALO_RATE_PER_SECOND", _rate, "20"),
        zalo_app_rate_per_second=read("HOIXA_ZALO_APP_RATE_PER_SECOND", _rate, "60"),
        bind=read("HOIXA_BIND", _bind, "127.0.0.1:8000"),
        public_url=read("HOIXA_PUBLIC_URL", _optional_url),
        quiet_hours=read("HOIXA_QUIET_HOURS", _quiet_hours, "21:00-06:30"),
        zalo_verifier=read("HOIXA_ZALO_VERIFIER", _text),
        metrics_token=read("HOIXA_METRICS_TOKEN", _text),
        clock_offset_seconds=read("HOIXA_CLOCK_OFFSET_SECONDS", _number, "0"),
        trace=read("HOIXA_TRACE", _flag, "0"),
        cdn_hosts=read("HOIXA_ZALO_CDN_HOSTS", _hosts),
    )
    if settings.talks_to_real_zalo and settings.clock_offset_seconds:
        raise SettingsError(CATALOGUE.word("setting_offset_real"))
    if settings.talks_to_real_zalo and settings.trace:
        raise SettingsError(CATALOGUE.word("setting_trace_real"))
    return settings
