"""What one stored event does: handled outside any transaction, its effects written in one.

``handle`` is given a claimed event and the resident as loaded; ``store`` writes replies, state, requests and "done"
together, so that a crash in between leaves the event to be handled again and the keys keep its answer single.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError

from bot.cases import codes
from bot.clock import Clock
from bot.conversation import Conversation, Incoming, Outcome, State
from bot.conversation.acts import Act, EraseMyData
from bot.conversation.groups import KIND as GROUP_KIND
from bot.encryption import DecryptionError, Vault
from bot.journal import inbox, joining, outbox
from bot.journal.inbox import ClaimedMessage
from bot.journal.incoming import incoming_of
from bot.journal.joining import StaffJoined
from bot.journal.outbox import NewSend
from bot.journal.profiles import Profiles
from bot.journal.states import Voice
from bot.people import Person, group_address
from bot.store import handovers, residents, staff_requests
from bot.store.handovers import NewLine
from bot.store.residents import Resident, ResidentChange
from bot.store.staff_requests import DecisionRow, NewRequest
from bot.zalo import event_types as zalo_events
from bot.zalo.effects import Effect, effect_of, is_interaction
from bot.zalo.events import parse
from bot.zalo.messages import render_plain
from bot.zalo.splitting import split
from knowledge import Library

logger = logging.getLogger(__name__)

LONGEST_ADDRESS = 60
"""Of a group in the outbox; Zalo's ids have some twenty signs."""


@dataclass(frozen=True, slots=True)
class FiledAct:
    """An act of a message, under a key of its own: applying it twice changes nothing the second time."""

    key: str
    person: Person
    commune_id: str
    trace_id: str
    at_ms: int
    act: Act


ApplyActs = Callable[[Connection, Vault, Sequence[FiledAct]], None]


@dataclass(frozen=True, slots=True)
class Handled:
    """What an event comes to. ``withdraw`` erases the person; ``error`` names an exception's type; ``lines`` are what
    was said, kept only where an official is to read it."""

    message: ClaimedMessage
    sends: tuple[NewSend, ...] = ()
    change: ResidentChange | None = None
    requests: tuple[NewRequest, ...] = ()
    decision: DecisionRow | None = None
    withdraw: bool = False
    error: str | None = None
    acts: tuple[FiledAct, ...] = ()
    joined: StaffJoined | None = None
    lines: tuple[NewLine, ...] = ()


def no_acts(_connection: Connection, _vault: Vault, acts: Sequence[FiledAct]) -> None:
    """For an install without casework: an act must never be lost in silence."""
    if acts:
        raise NotImplementedError(f"nobody applies {type(acts[0].act).__name__}")


class Handler:
    """Turns claimed events into what is to be stored."""

    def __init__(
        self,
        conversation: Conversation,
        library: Library,
        vault: Vault,
        clock: Clock,
        *,
        keep_traces: bool,
        profiles: Profiles | None = None,
        apply_acts: ApplyActs = no_acts,
    ) -> None:
        self.apply_acts = apply_acts
        self._conversation = conversation
        self._library = library
        self._profiles = profiles or Profiles(library)
        self._vault = vault
        self._clock = clock
        self._keep_traces = keep_traces

    def handle(self, message: ClaimedMessage, commune_id: str | None, resident: Resident | None) -> Handled:
        """Never raises: what goes wrong is in ``Handled.error``, and the event is tried again or put aside."""
        try:
            if commune_id is None:
                return Handled(message)  # the OA was removed since
            body = json.loads(self._vault.decrypt(message.body_sealed, "inbox.body"))
            return self._effect(message, parse(body, {message.oa_id}), commune_id, resident)
        except Exception as error:
            # One message that we cannot handle must not stop the others; its text stays out of the log.
            logger.exception(
                "event not handled",
                extra={"trace_id": message.trace_id, "inbox_id": message.id, "error": type(error).__name__},
            )
            return Handled(message, error=type(error).__name__)

    def _effect(
        self, message: ClaimedMessage, event: zalo_events.Event, commune_id: str, resident: Resident | None
    ) -> Handled:
        effect = effect_of(event)
        now_ms = self._clock.now_ms()
        change = ResidentChange(
            message.oa_id,
            message.user_id,
            now_ms,
            interaction_ms=self._interaction_ms(message, now_ms) if is_interaction(event) else None,
        )
        if effect is Effect.WITHDRAW:
            return Handled(message, withdraw=True, acts=self._erasure(message, commune_id, now_ms))
        if effect is Effect.UNFOLLOW:
            return Handled(message, change=replace(change, is_follower=False))
        if effect is Effect.STAFF_ECHO:
            words = event.text if isinstance(event, zalo_events.Echo) else ""
            line = joining.line(message, "staff", "text", words, now_ms, None)
            return Handled(message, change=change, joined=joining.joined(message, commune_id), lines=(line,))
        if effect is Effect.FOLLOW:
            change = replace(change, is_follower=True)
        elif effect is Effect.GROUP and isinstance(event, zalo_events.GroupMessage):
            return self._in_group(message, event, commune_id, resident, change)
        elif effect is not Effect.CONVERSE:
            return Handled(message, change=change if effect is Effect.TOUCH else None)
        incoming = incoming_of(event, resident, now_ms, Person(message.oa_id, message.user_id))
        return self._converse(message, event, incoming, commune_id, resident, change)

    def _erasure(self, message: ClaimedMessage, commune_id: str, now_ms: int) -> tuple[FiledAct, ...]:
        """What "xóa dữ liệu" does, asked of nobody; the receipt stays with us."""
        if self.apply_acts is no_acts:
            return ()
        person = Person(message.oa_id, message.user_id)
        act = EraseMyData(codes.new_receipt(secrets.choice))
        return (FiledAct(f"in:{message.id}:0", person, commune_id, message.trace_id, now_ms, act),)

    def _in_group(
        self,
        message: ClaimedMessage,
        event: zalo_events.GroupMessage,
        commune_id: str,
        resident: Resident | None,
        change: ResidentChange,
    ) -> Handled:
        """Answer in the group who calls the OA there; of the rest only the interaction is noted, and no word."""
        person = Person(message.oa_id, message.user_id)
        incoming = Incoming(GROUP_KIND, text=event.text, person=person)
        state, now = self._state_of(resident), self._clock.now()
        commune = self._profiles.commune(commune_id, now.date())
        outcome = self._conversation.respond(incoming, state, commune, now)
        if outcome.state != state:
            sealed = self._vault.encrypt(outcome.state.to_json(), "resident.conversation")
            change = replace(change, conversation_sealed=sealed)
        address = group_address(event.group_id)
        if not outcome.replies or not event.group_id or len(address) > LONGEST_ADDRESS:
            return Handled(message, change=change)
        logger.info(
            "group answered",
            extra={"trace_id": message.trace_id, "oa_id": message.oa_id, "decision": outcome.decision.decision},
        )
        sends = self._sends(message, outcome, None, Voice.ANSWER)
        return Handled(
            message,
            sends=tuple(replace(send, user_id=address) for send in sends),
            change=change,
            decision=self._decision(message, outcome),
        )

    def _interaction_ms(self, message: ClaimedMessage, now_ms: int) -> int:
        """Zalo's own moment of the interaction, but never in our future: its clock may run ahead of ours."""
        return min(message.event_ms or message.received_ms, now_ms)

    def _converse(
        self,
        message: ClaimedMessage,
        event: zalo_events.Event,
        incoming: Incoming,
        commune_id: str,
        resident: Resident | None,
        change: ResidentChange,
    ) -> Handled:
        state = self._state_of(resident)
        now = self._clock.now()
        now_ms = int(now.timestamp() * 1000)
        commune = self._profiles.commune(commune_id, now.date())
        outcome = self._conversation.respond(incoming, state, commune, now)
        sealed_state = self._vault.encrypt(outcome.state.to_json(), "resident.conversation")
        anonymous = event.conversation_id if isinstance(event, zalo_events.AnonymousMessage) else None
        decided = outcome.decision
        logger.info(
            "event handled",
            extra={
                "trace_id": message.trace_id,
                "oa_id": message.oa_id,
                "inbox_id": message.id,
                "decision": decided.decision,
                "topic": decided.topics[0][0] if decided.topics else None,
                "facet": decided.facet,
            },
        )
        return Handled(
            message,
            sends=self._sends(message, outcome, anonymous, Voice.DANGER if incoming.silent else Voice.ANSWER),
            lines=joining.lines(message, incoming, outcome, now_ms, anonymous),
            change=replace(change, conversation_sealed=sealed_state),
            requests=self._requests(message, outcome, commune_id),
            decision=self._decision(message, outcome),
            acts=tuple(
                FiledAct(
                    key=f"in:{message.id}:{number}",
                    person=incoming.person,
                    commune_id=commune_id,
                    trace_id=message.trace_id,
                    at_ms=now_ms,
                    act=act,
                )
                for number, act in enumerate(outcome.acts)
            ),
        )

    def _state_of(self, resident: Resident | None) -> State:
        if resident is None or resident.conversation_sealed is None:
            return State()
        try:
            return State.from_json(self._vault.decrypt(resident.conversation_sealed, "resident.conversation"))
        except DecryptionError:
            return State()  # another secret key sealed it: the thread of talk is lost, the answer is not

    def _sends(
        self, message: ClaimedMessage, outcome: Outcome, anonymous: str | None, voice: Voice
    ) -> tuple[NewSend, ...]:
        pieces = [piece for reply in outcome.replies for piece in split(reply)]
        return tuple(
            NewSend(
                key=f"in:{message.id}:{number}",
                oa_id=message.oa_id,
                user_id=message.user_id,
                trace_id=message.trace_id,
                payload_sealed=self._vault.encrypt(piece.to_json(), "outbox.payload"),
                text_digest=self._vault.digest(piece.text),
                plain_digest=self._vault.digest(render_plain(piece)),
                not_before_ms=message.event_ms,
                anonymous_conversation=anonymous,
                voice=voice,
            )
            for number, piece in enumerate(pieces)
        )

    def _requests(self, message: ClaimedMessage, outcome: Outcome, commune_id: str) -> tuple[NewRequest, ...]:
        return tuple(
            NewRequest(
                key=f"in:{message.id}:{number}",
                oa_id=message.oa_id,
                commune_id=commune_id,
                user_id=message.user_id,
                kind=request.kind,
                text=request.text,
                topics=request.topics,
                created_ms=message.received_ms,
            )
            for number, request in enumerate(outcome.requests)
        )

    def _decision(self, message: ClaimedMessage, outcome: Outcome) -> DecisionRow:
        decided = outcome.decision
        confidence = outcome.trace.get("confidence")
        return DecisionRow(
            inbox_id=message.id,
            oa_id=message.oa_id,
            msg_id=message.msg_id,
            decision=decided.decision,
            topic=decided.topics[0][0] if decided.topics else None,
            facet=decided.facet,
            action=decided.action,
            confidence=float(confidence) if isinstance(confidence, int | float) else None,
            decided_ms=self._clock.now_ms(),
            trace=self._trace_document(outcome) if self._keep_traces else None,
        )

    def _trace_document(self, outcome: Outcome) -> str:
        """What the chat page's panel shows, in its order: words, candidates, gate, reply. Names beside the codes."""
        decided, trace = outcome.decision, outcome.trace
        topics, facets = self._library.topics, self._library.facet_names
        understood = trace.get("understanding")
        steps = understood.get("steps") if isinstance(understood, Mapping) else None
        details = {name: trace[name] for name in ("kind", "route") if name in trace}
        details |= steps if isinstance(steps, Mapping) else {}
        facet = None if decided.facet is None else facets.get(decided.facet)
        document = {
            **trace,
            "decision": decided.decision,
            "candidates": [
                {"id": topic, "name": topics[topic].name if topic in topics else topic, "score": score}
                for topic, score in decided.topics
            ],
            "facet": decided.facet,
            "facet_name": decided.facet if facet is None else facet.name,
            "action": decided.action,
            "steps": [{"name": name, "detail": detail} for name, detail in details.items()],
            "reply": "\n\n".join(reply.text for reply in outcome.replies),
        }
        return json.dumps(document, ensure_ascii=False, default=str)


def store(
    connection: Connection,
    vault: Vault,
    owner: str,
    handled: Sequence[Handled],
    now_ms: int,
    apply_acts: ApplyActs = no_acts,
) -> list[ClaimedMessage]:
    """Write everything the events come to. Returns those put aside for good (handling failed too often).

    An event whose effects the database refuses counts as one that could not be handled: it must stop neither the
    others nor the worker. Raises what the database raises where it is the database that fails.
    """
    try:
        with connection.begin_nested():
            return _store_together(connection, vault, owner, handled, now_ms, apply_acts)
    except (DataError, IntegrityError) as error:
        logger.exception("effects not written", extra={"count": len(handled), "error": type(error).__name__})
    put_aside = []
    for one in handled:
        try:
            with connection.begin_nested():
                put_aside += _store_together(connection, vault, owner, [one], now_ms, apply_acts)
        except (DataError, IntegrityError) as error:
            failed = replace(one, error=type(error).__name__)
            put_aside += _store_together(connection, vault, owner, [failed], now_ms, apply_acts)
    return put_aside


def _store_together(
    connection: Connection,
    vault: Vault,
    owner: str,
    handled: Sequence[Handled],
    now_ms: int,
    apply_acts: ApplyActs = no_acts,
) -> list[ClaimedMessage]:
    good = [one for one in handled if one.error is None]
    outbox.enqueue(connection, [send for one in good for send in one.sends], now_ms)
    residents.apply(connection, [one.change for one in good if one.change is not None and one.message.user_id])
    staff_requests.add(connection, vault, [request for one in good for request in one.requests])
    staff_requests.add_decisions(connection, vault, [one.decision for one in good if one.decision is not None])
    apply_acts(connection, vault, [act for one in good for act in one.acts])
    for one in good:
        if one.withdraw:
            outbox.cancel_for_resident(connection, one.message.oa_id, one.message.user_id)
            residents.erase(connection, one.message.oa_id, one.message.user_id)
            handovers.erase(connection, one.message.oa_id, one.message.user_id)
    joining.let_join(connection, [one.joined for one in good if one.joined is not None], now_ms)
    handovers.keep_lines(connection, vault, [line for one in good if not one.withdraw for line in one.lines])
    inbox.finish(connection, owner, [one.message.id for one in good])
    return [
        one.message
        for one in handled
        if one.error is not None and inbox.fail(connection, owner, one.message, one.error)
    ]


def load_residents(connection: Connection, messages: Sequence[ClaimedMessage]) -> Mapping[tuple[str, str], Resident]:
    """The residents the claimed events come from, as they stand now."""
    return residents.load(connection, [(message.oa_id, message.user_id) for message in messages])
