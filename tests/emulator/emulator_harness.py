"""What the tests of the emulator share: the contract's samples, a stand-in for the product, an emulator wired to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from emulator import Emulator
from emulator.world import OfficialAccount, Resident

SAMPLES = Path(__file__).parents[1] / "zalo" / "samples"
PATIENCE_SECONDS = 60.0


def sample(kind: str, name: str) -> Any:
    """One sample of the contract."""
    return json.loads((SAMPLES / kind / f"{name}.json").read_text(encoding="utf-8"))


def shape(value: Any) -> Any:
    """Keys and types without the values: what two replies must have in common."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in sorted(value.items())}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


@dataclass
class Received:
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        return json.loads(self.raw)

    @property
    def event(self) -> str:
        return str(self.body.get("event_name", ""))


@dataclass
class Product:
    """Answers 200 unless `answer` says otherwise; an Event as answer holds the reply back until it is set."""

    url: str
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received, int], int | threading.Event] = lambda _received, _number: 200
    lock: threading.Lock = field(default_factory=threading.Lock)

    def events(self, name: str | None = None) -> list[Received]:
        with self.lock:
            return [item for item in self.received if name in (None, item.event)]


@dataclass
class Harness:
    emulator: Emulator
    client: FlaskClient
    account: OfficialAccount
    resident: Resident
    access_token: str

    def settle(self) -> None:
        assert self.emulator.sender.wait_idle(PATIENCE_SECONDS)

    def post(self, path: str, body: object, token: str | None = None) -> dict[str, Any]:
        response = self.client.post(path, json=body, headers={"access_token": token or self.access_token})
        assert response.status_code == 200
        return response.get_json()

    def get(self, path: str, **query: str) -> dict[str, Any]:
        response = self.client.get(path, query_string=query, headers={"access_token": self.access_token})
        assert response.status_code == 200
        return response.get_json()

    def say(self, text: str = "Làm khai sinh cần gì?") -> str:
        return self.act("send", text=text)["message_id"]

    def act(self, name: str, **arguments: object) -> dict[str, Any]:
        body = {"oa_id": self.account.oa_id, "user_id": self.resident.user_id, **arguments}
        response = self.client.post(f"/emulator/acts/{name}", json=body)
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_json()

    def reply(self, text: str = "Chào bác", **message: object) -> dict[str, Any]:
        return self.post(
            "/v3.0/oa/message/cs",
            {"recipient": {"user_id": self.resident.user_id}, "message": {"text": text, **message}},
        )

    def shift_hours(self, hours: float) -> None:
        assert self.client.post("/emulator/clock", json={"shift_hours": hours}).status_code == 200


MakeHarness = Callable[..., Harness]
