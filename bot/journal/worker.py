"""The worker's loop: claims events, has them handled, claims the sends they owe, writes what came of them.

One round is one write transaction, and rounds are at least :data:`ROUND_SECONDS` apart: under load many results and
claims share a commit, and an idle message waits for nothing. Handling and sending happen outside any transaction.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from bot.broadcasts.hours import is_within
from bot.clock import from_ms
from bot.journal import announcing, doubt, inbox, outbox, processing, recovery, sending
from bot.journal.access import TokenKeeper
from bot.journal.calls import is_repeatable, step_of
from bot.journal.doubt import Doubt, Verdict
from bot.journal.inbox import ClaimedMessage
from bot.journal.liveness import Liveness
from bot.journal.outbox import ClaimedSend
from bot.journal.processing import Handled, Handler
from bot.journal.sending import Finished, Pool, Sender
from bot.journal.states import OutboxState
from bot.services import Services
from bot.store import accounts, residents
from bot.store.broadcasts import Progress
from bot.store.database import WakeUp
from bot.store.residents import Resident
from bot.zalo.outcomes import RecentMessages

logger = logging.getLogger(__name__)

ROUND_SECONDS = 0.005
POLL_SECONDS = 1.0
RATE_LOOK_SECONDS = 0.02
HOUSEKEEPING_SECONDS = 1.0
DOUBTS_AT_ONCE = 16


Chore = Callable[[Connection], Callable[[], object] | None]
"""Called in housekeeping, in its transaction: what is to be run on the pool, which must not raise, or None."""


@dataclass(slots=True)
class Round:
    """What one transaction brought to do."""

    messages: list[ClaimedMessage]
    residents: dict[tuple[str, str], Resident]
    communes: dict[str, str]
    sends: list[ClaimedSend]
    doubts: list[Doubt]
    rate_held: bool = False


class Worker:
    """One per process. ``request_stop`` may be called from a signal handler."""

    def __init__(self, services: Services, handler: Handler, chores: Sequence[Chore] = ()) -> None:
        self._services = services
        self._chores = chores
        self._database = services.database
        self._clock = services.clock
        self._handler = handler
        self._wake_up = WakeUp()
        self._stopping = False
        self._handled: list[Handled] = []
        self._housekeeping_at = 0.0
        self._round_at = 0.0
        self._progress = Progress()
        self._doubts: list[Doubt] = []
        self._free = 0

    def request_stop(self) -> None:
        """Finish what is in hand and leave :meth:`run`."""
        self._stopping = True
        self._wake_up.set()

    def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Work until asked to stop. Raises when the database is gone: the supervisor starts a new worker."""
        pool = Pool(self._wake_up.set)
        with (
            contextlib.closing(self._database.watch()) as watcher,
            Liveness(self._database, self._clock, "worker") as liveness,
        ):
            self._liveness = liveness
            self._keeper = TokenKeeper(
                self._database, self._services.vault, self._services.zalo, self._clock, liveness.owner
            )
            self._sender = Sender(self._services.zalo, self._keeper, self._services.vault, self._clock)
            on_ready()
            try:
                while not self._stopping:
                    busy = self._work(pool)
                    if not busy and not self._stopping:
                        watcher.wait(self._patience, self._wake_up)
                self._leave(pool)
            finally:
                pool.close()

    def _work(self, pool: Pool) -> bool:
        """One round. True if it brought something, so that the next may start at once."""
        spare = self._round_at + ROUND_SECONDS - time.monotonic()
        if spare > 0:
            time.sleep(spare)  # coalesces commits; see the module's first lines
        self._round_at = time.monotonic()
        finished = pool.drain()
        with self._database.write() as connection:
            chores = self._keep_house(connection)
            self._free = max(pool.free - len(chores), 0)
            self._record(connection, finished)
            todo = self._claim(connection, pool.free - len(chores))
        for chore in chores:
            pool.submit(chore)
        for send in todo.sends:
            pool.submit(partial(self._sender.send, send))
        for one in todo.doubts:
            pool.submit(partial(self._look_up, one))
        self._handled = [
            self._handler.handle(
                message,
                todo.communes.get(message.oa_id),
                todo.residents.get((message.oa_id, message.user_id)),
            )
            for message in todo.messages
        ]
        self._patience = RATE_LOOK_SECONDS if todo.rate_held else POLL_SECONDS
        if not self._handled and todo.sends:
            # Our own commit wakes us at once: the threads that send come first, the look round a moment later.
            self._round_at = time.monotonic()
        return bool(self._handled or finished)

    def _keep_house(self, connection: Connection) -> list[Callable[[], object]]:
        now = time.monotonic()
        if now < self._housekeeping_at:
            return []
        self._housekeeping_at = now + HOUSEKEEPING_SECONDS
        if not self._liveness.still_ours():
            raise ConnectionError("our sign of life is gone; another worker may hold our claims")
        events, sends = recovery.recover(connection, self._liveness, self._clock.now_ms(), self._progress)
        if events or sends:
            logger.warning("claims taken back", extra={"count": events + sends})
        self._liveness.keep_up(connection)
        return [work for chore in self._chores if (work := chore(connection)) is not None]

    def _record(self, connection: Connection, finished: list[object]) -> None:
        now = self._clock.now_ms()
        owner = self._liveness.owner
        sends = [one for one in finished if isinstance(one, Finished)]
        # Two workers may have the same residents to write: both lock them in one order, and first of all.
        residents.lock(
            connection,
            [
                *((one.send.oa_id, one.send.user_id) for one in sends if one.stop_reason is not None),
                *((one.message.oa_id, one.message.user_id) for one in self._handled),
            ],
        )
        if sends:
            sending.record(connection, owner, sends, now, self._services.vault, self._progress)
        for verdict in finished:
            if isinstance(verdict, Verdict):
                state = doubt.apply(connection, verdict, now)
                announcing.count_settled(self._progress, verdict.doubt.broadcast_id, state)
                logger.info(
                    "doubt settled" if state is not OutboxState.IN_DOUBT else "doubt remains",
                    extra={
                        "outbox_id": verdict.doubt.id,
                        "state": state.name.lower(),
                        "trace_id": verdict.doubt.trace_id,
                    },
                )
        if self._handled:
            for message in processing.store(
                connection, self._services.vault, owner, self._handled, now, self._handler.apply_acts
            ):
                logger.error("event put aside", extra={"inbox_id": message.id, "trace_id": message.trace_id})
            self._handled = []
        self._settle_by_echo(connection)
        self._progress.write(connection)  # after every other row, before the rates: two workers never wait in a ring
        sending.push_back(connection, self._services.limiter, sends)

    def _settle_by_echo(self, connection: Connection) -> None:
        """Take doubts whose time has come; those an echo settles are settled, the others are looked up."""
        for one in doubt.claim(connection, self._clock.now_ms(), min(DOUBTS_AT_ONCE, self._free)):
            if doubt.match_echo(connection, one):
                announcing.count_settled(self._progress, one.broadcast_id, OutboxState.SENT)
            else:
                self._doubts.append(one)

    def _claim(self, connection: Connection, free: int) -> Round:
        now = self._clock.now_ms()
        owner = self._liveness.owner
        announce = not is_within(self._services.settings.quiet_hours, from_ms(now))
        room = free - len(self._doubts)
        claim = outbox.claim(connection, self._services.limiter, owner, now, room, announce=announce)
        messages = inbox.claim(connection, owner, now) if inbox.anything_new(connection) else []
        communes = accounts.communes_of(connection, {message.oa_id for message in messages}) if messages else {}
        doubts, self._doubts = self._doubts, []
        people = dict(processing.load_residents(connection, messages)) if messages else {}
        return Round(messages, people, communes, claim.sends, doubts, claim.rate_held)

    def _look_up(self, one: Doubt) -> Verdict:
        """Ask Zalo what it has of this conversation. Runs on a pool thread; never raises."""
        try:
            return self._ask_zalo(one)
        except Exception as error:
            logger.exception("doubt not looked up", extra={"outbox_id": one.id, "error": type(error).__name__})
            return Verdict(one, clear=False)

    def _ask_zalo(self, one: Doubt) -> Verdict:
        if step_of(one.key):
            return Verdict(one, clear=is_repeatable(one.key))  # Zalo has no record of such calls to look into
        token = None if one.anonymous else self._keeper.get(one.oa_id)
        if token is None:
            return Verdict(one, clear=False)
        record: RecentMessages = self._services.zalo.recent_messages(token.text, one.user_id)
        if not record.clear:
            if record.code in TOKEN_CODES:
                self._keeper.refresh(one.oa_id, token.version)
            return Verdict(one, clear=False)
        digests = {row.text: self._services.vault.digest(row.text) for row in record.rows}
        return doubt.read_record(one, record, digests)

    def _leave(self, pool: Pool) -> None:
        """A clean stop: wait for sends under way, write their results, give back what was not handled."""
        pool.close()
        with self._database.write() as connection:
            self._free = 0
            self._record(connection, pool.drain())
            inbox.give_back(connection, self._liveness.owner)
        self._database.close()

    _patience = POLL_SECONDS


TOKEN_CODES = frozenset({-216, -220, -124, 401})
