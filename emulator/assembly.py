"""One emulated Zalo: the parts wired together, and the ways by which events leave it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from emulator import events
from emulator.clock import EmulatorClock
from emulator.configuration import EmulatorConfiguration
from emulator.faults import Faults
from emulator.identifiers import IdentifierFactory
from emulator.rate import RateRecorder
from emulator.tokens import TokenPair, TokenStore
from emulator.webhook_sender import Delivery, WebhookSender
from emulator.world import Message, OfficialAccount, Resident, World


class Emulator:
    """Everything behind the endpoints. Tests may use it directly; the endpoints use nothing else."""

    def __init__(self, configuration: EmulatorConfiguration) -> None:
        self.configuration = configuration
        self.identifiers = IdentifierFactory(configuration.seed)
        self.clock = EmulatorClock(configuration.time_source)
        self.world = World(self.clock, self.identifiers)
        self.tokens = TokenStore(self.clock, self.identifiers)
        self.faults = Faults(latency_milliseconds=configuration.latency_milliseconds)
        self.rates = RateRecorder(configuration.calls_per_minute, configuration.oa_calls_per_minute)
        self.sender = WebhookSender(configuration, self.world, self.faults)
        self.stopping = threading.Event()
        self.media_base = "https://f20-zpc.example-cdn.invalid"
        """Where media links point; the server sets its own address, so that they can be fetched."""
        self.media: dict[str, tuple[str, bytes]] = {}
        """Uploaded by the page: name -> (content type, bytes)."""
        self.also_cleared: list[Callable[[], None]] = []
        """What other parts want done at a reset."""

    @property
    def app_id(self) -> str:
        """The one app every OA has granted."""
        return self.configuration.app_id

    def timestamp(self) -> str:
        """The emulated time as the envelope carries it: text, 13 digits."""
        return str(self.clock.now_ms())

    def issue_tokens(self, oa_id: str) -> TokenPair:
        """A working pair for an OA, as the console's API Explorer hands out. ApiError -205."""
        account = self.world.account(oa_id)
        pair = self.tokens.issue(oa_id)
        with self.world.lock:
            account.granted = True
        return pair

    def emit(
        self,
        body: events.Body,
        account: OfficialAccount,
        message: Message | None = None,
        followed_by: Callable[[], None] | None = None,
    ) -> Delivery:
        """Send one event of an OA to the app's webhook."""
        return self.sender.send(
            body,
            oa_id=account.oa_id,
            secret_key=account.secret_key,
            message=message,
            followed_by=followed_by,
            granted=account.granted,
        )

    def emit_sent(
        self,
        account: OfficialAccount,
        resident: Resident,
        message: Message,
        event_name: str,
        event_message: events.Body,
        admin_id: str | None = None,
    ) -> None:
        """The echo of an OA's message; behind it the receipt, and later the notice that it was seen."""

        def receive() -> None:
            self._emit_received(account, resident, message)

        if not self.configuration.echo:
            receive()
            return
        body = events.from_oa(
            self.app_id,
            event_name,
            user_id=resident.user_id,
            user_id_by_app=resident.user_id_by_app,
            oa_id=account.oa_id,
            message=event_message,
            timestamp=self.timestamp(),
            admin_id=admin_id,
        )
        self.emit(body, account, followed_by=receive)

    def _emit_received(self, account: OfficialAccount, resident: Resident, message: Message) -> None:
        with self.world.lock:
            message.received = True
            self.world.touch()
        if not self.configuration.receipts:
            return

        def see() -> None:
            if resident.reads_messages and not message.seen:
                self.emit_seen(account, resident, [message])

        self.emit(
            self._receipt(account, resident, [message], seen=False),
            account,
            followed_by=lambda: self.sender.later(self.configuration.seen_delay_seconds, see),
        )

    def emit_seen(self, account: OfficialAccount, resident: Resident, messages: list[Message]) -> None:
        """`user_seen_message` for several messages at once."""
        with self.world.lock:
            for message in messages:
                message.seen = True
            self.world.touch()
        self.emit(self._receipt(account, resident, messages, seen=True), account)

    def _receipt(
        self, account: OfficialAccount, resident: Resident, messages: list[Message], *, seen: bool
    ) -> events.Body:
        return events.receipt(
            self.app_id,
            user_id=resident.user_id,
            user_id_by_app=resident.user_id_by_app,
            oa_id=account.oa_id,
            message_ids=[message.message_id for message in messages],
            seen=seen,
            timestamp=self.timestamp(),
        )

    def start(self) -> None:
        """Start the sender threads."""
        self.sender.start()

    def stop(self) -> None:
        """Stop the sender and release every call that is being held back."""
        self.stopping.set()
        self.sender.stop()

    def pause(self, seconds: float) -> None:
        """Hold a call back; ends early when the emulator stops."""
        if seconds > 0:
            self.stopping.wait(seconds)

    def clear_traffic(self) -> None:
        """Forget messages, counters, faults and what waits; OAs, residents, grants and the clock stay."""
        self.sender.forget()
        self.faults.clear()
        self.faults.latency_milliseconds = self.configuration.latency_milliseconds
        self.rates.clear()
        self.world.clear_messages()

    def reset(self) -> None:
        """As just started: no OA, no resident, no message, no grant, no fault; ids never repeat."""
        self.clear_traffic()
        self.clock.reset()
        self.tokens.clear()
        self.world.clear()
        self.media.clear()
        for clear in self.also_cleared:
            clear()
