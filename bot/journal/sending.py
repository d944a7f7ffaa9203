"""Sends claimed replies from a pool of threads, each at its slot, and says what became of them.

A thread never touches the outbox: its result goes back to the worker's loop, which writes results in bulk.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from bot.broadcasts import reasons
from bot.broadcasts.hours import NIGHT, is_within
from bot.clock import VIETNAM, Clock, from_ms
from bot.encryption import Vault
from bot.journal import announcing, outbox
from bot.journal.access import TokenKeeper
from bot.journal.calls import read_call, step_of
from bot.journal.outbox import ClaimedSend, SendResult
from bot.journal.rate import APP_SCOPE, RateLimiter, now_us, oa_scope
from bot.journal.recovery import SETTLE_AFTER_MS
from bot.journal.states import SEND_ATTEMPTS, OutboxState
from bot.replies import Reply
from bot.store import accounts, residents
from bot.store.broadcasts import Progress
from bot.zalo.client import ZaloClient
from bot.zalo.outcomes import SendOutcome
from bot.zalo.windows import Window, window

logger = logging.getLogger(__name__)

POOL_THREADS = 64
NOT_SENT_FOR_MS = 24 * 3600 * 1000
"""While Zalo cannot be reached at all (the office's line is down) attempts are not counted, for this long."""
NO_TOKEN_WAIT_MS = 5_000
STALE_TOKEN_WAIT_MS = 200
OA_PAUSE_MS = 10 * 60_000
RATE_PAUSE_US = 1_000_000
UNPAID_CODES = frozenset({-211, -320, -321})
"""Nobody pays any more: an announcement goes on with those it costs nothing to write to."""
PARAMETER_CODE = -201
PROCESSING_FOR_MS = 2 * 3600 * 1000
"""Zalo's "still processing" is asked again for this long."""
RATE_LIMIT_CODE, NIGHT_CODE, PROCESSING_CODE, SEND_FAILED_CODE = -32, -234, -214, -200


@dataclass(frozen=True, slots=True)
class Finished:
    """A result, and what it teaches about the OA or the person."""

    send: ClaimedSend
    result: SendResult
    plain_text: bool = False
    pause_reason: str | None = None
    stop_reason: str | None = None
    push_back: str | None = None
    answer: str = field(default="", repr=False)
    quota_is_used_up: bool = False


def backoff_ms(attempt: int) -> int:
    """min(300 s, 0.5 s x 2^attempt) x uniform(0.5, 1): spread, so that many do not come back at once."""
    return int(min(300_000, 500 * 2**attempt) * random.uniform(0.5, 1))  # noqa: S311 - spreads load, guards nothing


class Sender:
    """Sends one claimed reply."""

    def __init__(self, client: ZaloClient, keeper: TokenKeeper, vault: Vault, clock: Clock) -> None:
        self._client = client
        self._keeper = keeper
        self._vault = vault
        self._clock = clock

    def send(self, send: ClaimedSend) -> Finished:
        """Never raises."""
        started = time.monotonic()
        try:
            finished = self._send(send)
        except Exception as error:
            # Unforeseen, and perhaps after the request left: the one safe reading is "in doubt".
            logger.exception("send broke", extra={"outbox_id": send.id, "error": type(error).__name__})
            finished = self._in_doubt(send, type(error).__name__)
        logger.info(
            "send finished",
            extra={
                "trace_id": send.trace_id,
                "oa_id": send.oa_id,
                "outbox_id": send.id,
                "state": finished.result.state.name.lower(),
                "reason": finished.result.error,
                "attempt": send.attempt,
                "ms": round((time.monotonic() - started) * 1000),
            },
        )
        return finished

    def _send(self, send: ClaimedSend) -> Finished:
        if send.stopped_reason is not None:
            return self._dead(send, send.stopped_reason)
        refused = self._out_of_reach(send)
        if refused is not None:
            return self._dead(send, refused)
        try:
            token = self._keeper.get(send.oa_id)
            payload = self._vault.decrypt(send.payload_sealed, "outbox.payload")
            call = read_call(payload) if step_of(send.key) else None
            reply = Reply("") if call is not None else Reply.from_json(payload)
        except Exception as error:
            # Nothing has left yet, so there is nothing to doubt: another secret key, a database gone for a moment.
            logger.exception("send not prepared", extra={"outbox_id": send.id, "error": type(error).__name__})
            return self._again(send, backoff_ms(send.attempt), type(error).__name__, burns=True)
        if token is None:
            return self._again(send, NO_TOKEN_WAIT_MS, "no_token")
        if call is not None and call.not_at_night and is_within(NIGHT, from_ms(self._clock.now_ms())):
            return self._again(send, self._until_six(), reasons.NIGHT)
        delay = (send.slot_us - now_us()) / 1_000_000
        if delay > 0:
            time.sleep(delay)  # the slot is the rate limit itself, not a synchronisation
        if call is not None:
            outcome = self._client.post(token.text, call.path, call.body, call.names)
        else:
            outcome = self._client.send(
                token.text, send.user_id, reply, plain=send.plain, conversation_id=send.anonymous_conversation
            )
        if outcome.kind == "sent":
            result = SendResult(
                send.id, OutboxState.SENT, zalo_msg_id=outcome.message_id[:120] or None, sent_ms=self._clock.now_ms()
            )
            return Finished(send, result, answer=outcome.message_id)
        if outcome.kind == "in_doubt":
            return self._in_doubt(send, "in_doubt")
        if outcome.kind == "not_sent":
            return self._not_sent(send)
        return self._refused(send, outcome, reply, token.version)

    def _out_of_reach(self, send: ClaimedSend) -> str | None:
        """Why an announcement's person, or anybody whose window is known to be closed, cannot be written to."""
        if send.opted_out:
            return reasons.OPTED_OUT
        to_a_person = send.broadcast_id is not None and not step_of(send.key)
        if not to_a_person and not send.last_interaction_ms:
            return None  # somebody new; Zalo knows
        standing = window(send.last_interaction_ms or None, self._clock.now_ms())
        if standing is Window.CLOSED:
            return reasons.OUTSIDE_WINDOW
        return reasons.QUOTA if standing is Window.PAID and send.for_nothing_only else None

    def _dead(self, send: ClaimedSend, reason: str) -> Finished:
        return Finished(send, SendResult(send.id, OutboxState.DEAD, error=reason))

    def _again(self, send: ClaimedSend, wait_ms: int, reason: str, *, burns: bool = False) -> Finished:
        if burns and send.attempt >= SEND_ATTEMPTS:
            return self._dead(send, reason)
        due = self._clock.now_ms() + wait_ms
        return Finished(send, SendResult(send.id, OutboxState.READY, due_ms=due, burns=burns, error=reason))

    def _in_doubt(self, send: ClaimedSend, reason: str) -> Finished:
        due = self._clock.now_ms() + SETTLE_AFTER_MS
        return Finished(send, SendResult(send.id, OutboxState.IN_DOUBT, due_ms=due, error=reason))

    def _not_sent(self, send: ClaimedSend) -> Finished:
        if self._clock.now_ms() - send.created_ms > NOT_SENT_FOR_MS:
            return self._dead(send, "unreachable")
        due = self._clock.now_ms() + backoff_ms(min(send.attempt + 1, 8))
        # The attempt counts up to spread the tries, but never to the last: the fault is not the message's.
        burns = send.attempt < SEND_ATTEMPTS - 1
        return Finished(send, SendResult(send.id, OutboxState.READY, due_ms=due, burns=burns, error="unreachable"))

    def _refused(self, send: ClaimedSend, outcome: SendOutcome, reply: Reply, version: int) -> Finished:
        rule = outcome.rule
        assert rule is not None
        reason = f"zalo{rule.code}"
        if rule.action == "retry":
            return self._retry(send, rule.code, rule.scope, reason)
        if rule.action == "refresh_token":
            outcome_of_refresh = self._keeper.refresh(send.oa_id, version)
            if outcome_of_refresh == "wait":
                return replace(self._again(send, NO_TOKEN_WAIT_MS, reason), pause_reason=reason)
            return self._again(send, STALE_TOKEN_WAIT_MS if outcome_of_refresh == "held" else 0, reason)
        if rule.action == "degrade" and reply.buttons and not send.plain:
            return replace(self._again(send, 0, reason), plain_text=True)
        if send.broadcast_id is not None and rule.code in reasons.QUOTA_CODES:
            # An announcement nobody pays for is no reason to stop the answers.
            return replace(self._dead(send, reason), quota_is_used_up=rule.code in UNPAID_CODES)
        if rule.action in ("degrade", "stop_oa"):
            # Nothing is lost: the row waits until the OA may send again, or its window closes.
            return replace(self._again(send, OA_PAUSE_MS, reason), pause_reason=reason)
        if rule.action == "stop_user":
            return replace(self._dead(send, reason), stop_reason=reason)
        if send.broadcast_id is not None and rule.code == PARAMETER_CODE:
            reason = "parameter"  # -201 of anything but a user_id says nothing about the person
        logger.error(
            "zalo refused for good", extra={"outbox_id": send.id, "code": rule.code, "trace_id": send.trace_id}
        )
        return self._dead(send, reason)

    def _retry(self, send: ClaimedSend, code: int, scope: str, reason: str) -> Finished:
        if code == RATE_LIMIT_CODE:
            pushed = APP_SCOPE if scope == "app" else oa_scope(send.oa_id)
            return replace(self._again(send, RATE_PAUSE_US // 1000, reason), push_back=pushed)
        if code == NIGHT_CODE:
            return self._again(send, self._until_six(), reason)
        if code == PROCESSING_CODE and self._clock.now_ms() - send.created_ms > PROCESSING_FOR_MS:
            return self._dead(send, reason)
        if code == PROCESSING_CODE:
            return self._again(send, NO_TOKEN_WAIT_MS, reason)
        if code == SEND_FAILED_CODE and send.attempt >= 2:
            return self._dead(send, reason)  # one delayed retry, then give up (errors.tsv)
        return self._again(send, backoff_ms(send.attempt), reason, burns=True)

    def _until_six(self) -> int:
        now = from_ms(self._clock.now_ms()).astimezone(VIETNAM)
        seconds = (6 * 3600 - (now.hour * 3600 + now.minute * 60 + now.second)) % 86_400
        return (seconds or 1) * 1000


def record(
    connection: Connection,
    owner: str,
    finished: Sequence[Finished],
    now_ms: int,
    vault: Vault | None = None,
    progress: Progress | None = None,
) -> None:
    """Write results and what they taught, in the worker's transaction; :func:`push_back` ends it.

    ``progress`` gathers what they mean for announcements; without it, and a vault for their next steps, there are none.
    """
    recorded = outbox.record(connection, owner, [one.result for one in finished])
    counted = [] if progress is None else announcing.count_results(finished, recorded, progress)
    if vault is not None:
        announcing.take_next_steps(connection, vault, counted, now_ms)
    for one in sorted(finished, key=lambda one: (one.send.oa_id, one.send.user_id)):
        oa_id = one.send.oa_id
        if one.plain_text:
            accounts.remember_plain_text(connection, oa_id, now_ms)
        if one.pause_reason is not None:
            accounts.pause(connection, oa_id, one.result.due_ms, one.pause_reason)
        if one.stop_reason is not None:
            residents.stop(connection, oa_id, one.send.user_id, one.stop_reason)


def push_back(connection: Connection, limiter: RateLimiter, finished: Sequence[Finished]) -> None:
    """Slow down what Zalo called too fast. Last before a claim: rows of OAs and residents are locked before rates."""
    for scope in sorted({one.push_back for one in finished if one.push_back is not None}):
        limiter.push_back(connection, scope, now_us() + RATE_PAUSE_US)


class Pool:
    """A bounded pool whose finished work is fetched by the loop. ``wake`` is called when a result arrives."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._executor = ThreadPoolExecutor(POOL_THREADS, thread_name_prefix="send")
        self._lock = threading.Lock()
        self._results: list[object] = []
        self._in_flight = 0
        self._wake = wake

    @property
    def free(self) -> int:
        """How many more pieces of work it takes without queueing."""
        with self._lock:
            return POOL_THREADS - self._in_flight

    @property
    def in_flight(self) -> int:
        """Work handed in and not yet drained."""
        with self._lock:
            return self._in_flight

    def submit(self, work: Callable[[], object]) -> None:
        """Run ``work`` on a thread; its value comes out of :meth:`drain`."""
        with self._lock:
            self._in_flight += 1
        self._executor.submit(self._run, work)

    def _run(self, work: Callable[[], object]) -> None:
        value = work()
        with self._lock:
            self._results.append(value)
        self._wake()

    def drain(self) -> list[object]:
        """Everything finished since the last call."""
        with self._lock:
            results, self._results = self._results, []
            self._in_flight -= len(results)
        return results

    def close(self) -> None:
        """Wait for work under way (each call is bounded by the client's time-outs)."""
        self._executor.shutdown(wait=True)
