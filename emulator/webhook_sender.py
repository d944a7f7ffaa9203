"""Sends signed events to the app's one webhook URL, redelivers what was not answered, and keeps the score."""

from __future__ import annotations

import heapq
import http.client
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from emulator.configuration import REDELIVERY_SCHEDULE_SECONDS, EmulatorConfiguration
from emulator.events import encode, signature
from emulator.faults import Faults, SignatureMode
from emulator.world import Message, World

REORDER_PATIENCE_SECONDS = 0.5
RECENT_DELIVERIES = 500


@dataclass(slots=True)
class Delivery:
    """One event on its way. Shared by its duplicate copies: one 200 acknowledges it."""

    number: int
    event_name: str
    oa_id: str
    raw_body: bytes
    headers: dict[str, str]
    message: Message | None = None
    state: str = "pending"
    attempts: list[dict[str, object]] = field(default_factory=list)
    followed_by: Callable[[], None] | None = None
    lost_on_first_attempt: bool = False

    def to_json(self) -> dict[str, object]:
        """For the page and for tests."""
        return {
            "number": self.number,
            "event_name": self.event_name,
            "oa_id": self.oa_id,
            "message_id": self.message.message_id if self.message else None,
            "state": self.state,
            "attempts": list(self.attempts),
            "body": self.raw_body.decode("utf-8"),
        }


@dataclass(order=True, slots=True)
class _Job:
    due: float
    order: int
    run: Callable[[_Connection], None] = field(compare=False)


class _Connection:
    """A kept-alive connection of one sender thread."""

    def __init__(self) -> None:
        self._connection: http.client.HTTPConnection | None = None
        self._place: tuple[str, str] | None = None

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> int:
        """POST and return the status. TimeoutError, OSError or HTTPException when there is no answer."""
        parts = urlsplit(url)
        place = (parts.scheme, parts.netloc)
        kept = self._connection is not None and self._place == place
        if not kept:
            self.close()
            maker = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            self._connection = maker(parts.netloc, timeout=timeout)
            self._place = place
        assert self._connection is not None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            self._connection.request("POST", path, body=body, headers=dict(headers))
            response = self._connection.getresponse()
            response.read()
            return response.status
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
            if kept:  # the server closed an idle connection: that is no failed attempt
                return self.post(url, body, headers, timeout)
            raise
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Drop the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._place = None


class WebhookSender:
    """Threads that work off a heap of due attempts. Waits are real time, not the emulated clock."""

    def __init__(self, configuration: EmulatorConfiguration, world: World, faults: Faults) -> None:
        self._configuration = configuration
        self._world = world
        self._faults = faults
        self._lock = threading.Lock()
        self._work_waiting = threading.Condition(self._lock)
        self._idle = threading.Condition(self._lock)
        self._heap: list[_Job] = []
        self._order = itertools.count()
        self._numbers = itertools.count(1)
        self._running = 0
        self._stopping = False
        self._threads: list[threading.Thread] = []
        self._held: list[Delivery] = []
        self._lanes: dict[tuple[str, str], deque[Delivery]] = {}
        self.url = configuration.webhook_url
        self.disabled = False
        self.recent: deque[Delivery] = deque(maxlen=RECENT_DELIVERIES)

    def start(self) -> None:
        """Start the sender threads (once)."""
        with self._lock:
            if self._threads:
                return
            for number in range(self._configuration.sender_threads):
                thread = threading.Thread(target=self._work, name=f"webhook-sender-{number}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def stop(self) -> None:
        """Stop the threads; what waits is dropped."""
        with self._lock:
            self._stopping = True
            self._heap.clear()
            self._work_waiting.notify_all()
            self._idle.notify_all()
        for thread in self._threads:
            thread.join(timeout=self._configuration.webhook_timeout_seconds + 1)

    def set_url(self, url: str | None, *, probe: bool = True) -> int | str | None:
        """Save the app's webhook URL as the console does: an unsigned `{}` must be answered 200.

        Returns the status of the probe, or the name of the failure; events flow again if it was 200."""
        outcome: int | str | None = None
        if url and probe:
            connection = _Connection()
            try:
                outcome = connection.post(
                    url, b"{}", {"Content-Type": "application/json"}, self._configuration.webhook_timeout_seconds
                )
            except (OSError, http.client.HTTPException, ValueError) as error:
                outcome = type(error).__name__
            finally:
                connection.close()
            if outcome != 200:
                return outcome
        self.url = url
        self.disabled = False
        self._world.touch()
        return outcome

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Run an action on a sender thread after so many real seconds."""
        self._push(seconds, lambda _connection: action())

    def send(
        self,
        body: Mapping[str, object],
        *,
        oa_id: str,
        secret_key: str,
        message: Message | None = None,
        followed_by: Callable[[], None] | None = None,
        granted: bool = True,
    ) -> Delivery:
        """Sign an event and set it on its way. `followed_by` runs after its first attempt, whatever became of it."""
        prepared = dict(body)
        if self._faults.webhook.numeric_timestamp and "timestamp" in prepared:
            prepared["timestamp"] = int(str(prepared["timestamp"]))
        raw = encode(prepared)
        mac = signature(self._configuration.app_id, raw, str(prepared.get("timestamp", "")), secret_key)
        delivery = Delivery(
            number=next(self._numbers),
            event_name=str(body.get("event_name", "")),
            oa_id=oa_id,
            raw_body=raw,
            headers=_headers(mac, self._faults.webhook.signature),
            message=message,
            followed_by=followed_by,
        )
        self._world.count(f"event_{delivery.event_name}")
        self.recent.append(delivery)
        if self.url is None or self.disabled or (self._configuration.require_grant and not granted):
            self._settle(delivery, "suppressed")
            self._follow_up(delivery)
            return delivery
        if message is not None:
            message.delivery_state = "pending"
        delivery.lost_on_first_attempt = self._faults.take_drop()
        self._dispatch(delivery)
        return delivery

    def _dispatch(self, delivery: Delivery) -> None:
        batch = self._faults.webhook.reorder_batch
        if batch > 1:
            with self._lock:
                self._held.append(delivery)
                full = len(self._held) >= batch
                first = len(self._held) == 1
            if full:
                self._release_held()
            elif first:
                self._push(REORDER_PATIENCE_SECONDS, lambda _connection: self._release_held())
            return
        lane = self._lane(delivery)
        with self._lock:
            if lane in self._lanes:
                self._lanes[lane].append(delivery)
                return
            if lane is not None:
                self._lanes[lane] = deque()
        self._launch(delivery)

    def _lane(self, delivery: Delivery) -> tuple[str, str] | None:
        message = delivery.message
        if message is None or not self._configuration.ordered_per_resident:
            return None
        return message.oa_id, message.user_id

    def _free_lane(self, delivery: Delivery) -> None:
        lane = self._lane(delivery)
        with self._lock:
            if lane is None or lane not in self._lanes:
                return
            following = self._lanes[lane].popleft() if self._lanes[lane] else None
            if following is None:
                del self._lanes[lane]
        if following is not None:
            self._launch(following)

    def _release_held(self) -> None:
        with self._lock:
            held, self._held = self._held, []
        for delivery in reversed(held):
            self._launch(delivery)

    def _launch(self, delivery: Delivery) -> None:
        for copy in range(max(1, self._faults.webhook.copies)):
            self._push(
                self._faults.webhook.delay_seconds,
                lambda connection, copy=copy: self._attempt(delivery, 0, copy, connection),  # type: ignore[misc]
            )

    def _push(self, seconds: float, run: Callable[[_Connection], None]) -> None:
        with self._lock:
            if self._stopping:
                return
            heapq.heappush(self._heap, _Job(time.monotonic() + seconds, next(self._order), run))
            self._work_waiting.notify()

    def _work(self) -> None:
        connection = _Connection()
        while True:
            with self._lock:
                while not self._stopping:
                    wait = self._heap[0].due - time.monotonic() if self._heap else None
                    if wait is not None and wait <= 0:
                        break
                    self._work_waiting.wait(wait)
                if self._stopping:
                    break
                job = heapq.heappop(self._heap)
                self._running += 1
                if self._heap:  # someone else must watch over what is due next
                    self._work_waiting.notify()
            try:
                job.run(connection)
            finally:
                with self._lock:
                    self._running -= 1
                    if not self._heap and not self._running:
                        self._idle.notify_all()
        connection.close()

    def _attempt(self, delivery: Delivery, retry: int, copy: int, connection: _Connection) -> None:
        try:
            self._try(delivery, retry, copy, connection)
        finally:
            if retry == 0 and copy == 0:
                self._follow_up(delivery)
                self._free_lane(delivery)

    def _try(self, delivery: Delivery, retry: int, copy: int, connection: _Connection) -> None:
        if retry and delivery.state != "pending":
            return
        if self.disabled or self.url is None:
            self._settle(delivery, "suppressed")
            return
        started = time.monotonic()
        outcome: int | str
        trigger: str
        if delivery.lost_on_first_attempt and retry == 0:
            outcome, trigger = "dropped", "connection"
        else:
            outcome, trigger = self._post(delivery, retry, connection)
        with self._world.lock:
            delivery.attempts.append(
                {
                    "num_retry": retry,
                    "copy": copy,
                    "outcome": outcome,
                    "milliseconds": round((time.monotonic() - started) * 1000, 1),
                }
            )
            if delivery.message is not None:
                delivery.message.attempts = len(delivery.attempts)
        self._world.count("webhook_attempts")
        if outcome == 200:
            self._settle(delivery, "acknowledged")
        elif copy == 0:
            self._world.count("webhook_failures")
            self._world.touch()
            self._plan_redelivery(delivery, retry, trigger)

    def _post(self, delivery: Delivery, retry: int, connection: _Connection) -> tuple[int | str, str]:
        assert self.url is not None
        headers = dict(delivery.headers)
        if retry:
            headers["num_retry"] = str(retry)
        try:
            status = connection.post(self.url, delivery.raw_body, headers, self._configuration.webhook_timeout_seconds)
        except TimeoutError:
            return "timeout", "timeout"
        except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a URL that is none
            return type(error).__name__, "connection"
        return status, "status"

    def _plan_redelivery(self, delivery: Delivery, retry: int, trigger: str) -> None:
        if delivery.state != "pending":
            return
        if trigger not in self._configuration.redeliver_on:
            self._settle(delivery, "abandoned")
            return
        if retry >= len(REDELIVERY_SCHEDULE_SECONDS):
            self._settle(delivery, "abandoned")
            if self._configuration.disable_when_exhausted:
                self.disabled = True
                self._world.count("webhook_disabled")
            return
        wait = REDELIVERY_SCHEDULE_SECONDS[retry] * self._configuration.redelivery_scale
        self._push(wait, lambda connection: self._attempt(delivery, retry + 1, 0, connection))

    def _settle(self, delivery: Delivery, state: str) -> None:
        with self._world.lock:
            if delivery.state == "acknowledged":
                return
            delivery.state = state
            if delivery.message is not None and delivery.message.direction == "in":
                delivery.message.delivery_state = state
            self._world.counters[f"webhook_{state}"] += 1
            self._world.touch()

    def _follow_up(self, delivery: Delivery) -> None:
        action, delivery.followed_by = delivery.followed_by, None
        if action is not None:
            action()

    def pending(self) -> int:
        """Attempts running or waiting, redeliveries and later events included."""
        with self._lock:
            return len(self._heap) + self._running + len(self._held)

    def wait_idle(self, timeout_seconds: float) -> bool:
        """Block until nothing runs or waits; False when the time is up."""
        with self._lock:
            return self._idle.wait_for(lambda: not self._heap and not self._running and not self._held, timeout_seconds)

    def forget(self) -> None:
        """Drop what waits and the list of recent deliveries; the URL stays and is enabled."""
        with self._lock:
            self._heap.clear()
            self._held.clear()
            self._lanes.clear()
            self._idle.notify_all()
        self.recent.clear()
        self.disabled = False


def _headers(mac: str, mode: SignatureMode) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    if mode == "bad":
        mac = mac[::-1]
    if mode == "bare":
        headers["X-ZEvent-Signature"] = mac
    elif mode != "missing":
        headers["X-ZEvent-Signature"] = f"mac={mac}"
    return headers
