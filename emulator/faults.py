"""Troubles that can be switched on: on the API, on the token endpoint, and on the way of a webhook."""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Literal

ApiFaultKind = Literal["error", "http_500", "hang", "reset", "html"]
SignatureMode = Literal["prefixed", "bare", "bad", "missing"]
ReusedRefresh = Literal["empty", "-14014", "-14020", "quoted"]
API_FAULT_KINDS = frozenset({"error", "http_500", "hang", "reset", "html"})


@dataclass(slots=True)
class ApiFault:
    """One trouble of the API. It strikes `times` matching calls (None: until cleared)."""

    kind: ApiFaultKind
    times: int | None = 1
    code: int = -32
    """For kind "error": the refusal."""
    seconds: float = 5.0
    """For kind "hang": how long the answer is held back."""
    delivered: bool = False
    """Whether the call took effect although the caller never learns it (http_500, hang, reset, html)."""
    path_contains: str = "/message/cs"
    """Only calls whose path contains this; empty for every call."""
    oa_id: str | None = None
    user_id: str | None = None
    """Only sends to this person."""
    only_packaged: bool = False
    """Only messages that a low package refuses: anything but plain text (contract 3.3, -224)."""
    probability: float = 1.0


@dataclass(slots=True)
class WebhookFaults:
    """Troubles on the way of a webhook."""

    copies: int = 1
    """Copies of every event sent at once."""
    delay_seconds: float = 0.0
    drop_next: int = 0
    """So many next first attempts are lost on the way; the redelivery brings them."""
    drop_probability: float = 0.0
    reorder_batch: int = 0
    """Events are held until so many wait (or half a second passed), then leave in reverse order."""
    signature: SignatureMode = "prefixed"
    numeric_timestamp: bool = False


@dataclass(slots=True)
class OAuthFaults:
    """Troubles of the token endpoint; counters are calls to come."""

    gateway_page: int = 0
    empty_reply: int = 0
    http_500: int = 0
    hang: int = 0
    hang_seconds: float = 5.0
    hang_delivered: bool = True
    omit_refresh_token: int = 0
    reused_refresh: ReusedRefresh = "empty"


_COUNTED_OAUTH = ("gateway_page", "empty_reply", "http_500", "hang", "omit_refresh_token")


@dataclass(slots=True)
class Faults:
    """All switches. Reading and setting is safe from any thread."""

    latency_milliseconds: float = 0.0
    api: list[ApiFault] = field(default_factory=list)
    webhook: WebhookFaults = field(default_factory=WebhookFaults)
    oauth: OAuthFaults = field(default_factory=OAuthFaults)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _random: random.Random = field(default_factory=lambda: random.Random(20260101), repr=False)  # noqa: S311 - dice, no secret

    def add(self, fault: ApiFault) -> None:
        """Queue an API fault behind those already set."""
        with self._lock:
            self.api.append(fault)

    def take_api(
        self, path: str, oa_id: str | None, user_id: str | None, *, is_packaged: bool = True
    ) -> ApiFault | None:
        """The fault that strikes this call, if any; its count goes down by one."""
        with self._lock:
            for fault in self.api:
                if fault.path_contains not in path or fault.oa_id not in (None, oa_id):
                    continue
                if fault.user_id not in (None, user_id) or (fault.only_packaged and not is_packaged):
                    continue
                if fault.probability < 1.0 and self._random.random() >= fault.probability:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.api.remove(fault)
                return fault
            return None

    def take_oauth(self) -> str | None:
        """The name of the OAuth fault that strikes this call, if any."""
        with self._lock:
            for name in _COUNTED_OAUTH:
                remaining = getattr(self.oauth, name)
                if remaining > 0:
                    setattr(self.oauth, name, remaining - 1)
                    return name
            return None

    def take_drop(self) -> bool:
        """Whether the first attempt of the next event is lost on the way."""
        with self._lock:
            if self.webhook.drop_next > 0:
                self.webhook.drop_next -= 1
                return True
            return self.webhook.drop_probability > 0 and self._random.random() < self.webhook.drop_probability

    def clear(self) -> None:
        """Everything works again."""
        with self._lock:
            self.latency_milliseconds = 0.0
            self.api.clear()
            self.webhook = WebhookFaults()
            self.oauth = OAuthFaults()

    def update(self, wanted: Mapping[str, object]) -> None:
        """Set from JSON: `latency_milliseconds`, `api` (a list replaces the queue), `webhook`, `oauth`
        (only the fields named change). ValueError on an unknown name or a value of another type."""
        unknown = set(wanted) - {"latency_milliseconds", "api", "webhook", "oauth"}
        if unknown:
            raise ValueError(f"unknown: {sorted(unknown)}")
        api = wanted.get("api")
        faults = [_api_fault(item) for item in api] if isinstance(api, list) else None
        with self._lock:
            if "latency_milliseconds" in wanted:
                self.latency_milliseconds = float(str(wanted["latency_milliseconds"]))
            if faults is not None:
                self.api = faults
            for name, target in (("webhook", self.webhook), ("oauth", self.oauth)):
                values = wanted.get(name)
                if isinstance(values, Mapping):
                    _assign(target, values)

    def to_json(self) -> dict[str, object]:
        """The switches as they stand."""
        with self._lock:
            return {
                "latency_milliseconds": self.latency_milliseconds,
                "api": [asdict(fault) for fault in self.api],
                "webhook": asdict(self.webhook),
                "oauth": asdict(self.oauth),
            }


def _api_fault(item: object) -> ApiFault:
    if not isinstance(item, Mapping) or item.get("kind") not in API_FAULT_KINDS:
        raise ValueError(f"an API fault needs a kind among {sorted(API_FAULT_KINDS)}")
    fault = ApiFault(kind=item["kind"])
    for name, value in item.items():
        if name == "times" and value is None:
            fault.times = None
        elif name in ("oa_id", "user_id") and (value is None or isinstance(value, str)):
            setattr(fault, name, value)
        else:
            _assign(fault, {name: value})
    return fault


def _assign(target: object, values: Mapping[str, object]) -> None:
    known = {field.name for field in fields(target)}  # type: ignore[arg-type]
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"unknown: {name}")
        kind = type(getattr(target, name))
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not kind:
            raise ValueError(f"{name} must be {kind.__name__}")
        setattr(target, name, value)
