"""What each event of the contract comes to, through the handler and the one transaction that writes its effects."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rig import OUR_OA, RESIDENT, Rig

import intents
import knowledge
from bot.conversation import Conversation, Incoming, Outcome, StaffRequest, State, load_words
from bot.conversation.exchange import Decision
from bot.encryption import Vault
from bot.journal import processing
from bot.journal.inbox import ClaimedMessage
from bot.journal.joining import STAFF_SILENCE_MS
from bot.journal.processing import Handled, Handler
from bot.journal.states import InboxState, OutboxState
from bot.people import group_address
from bot.replies import Reply
from bot.zalo.effects import Effect, effect_of, is_interaction
from bot.zalo.events import GroupMessage, parse

SAMPLES = Path(__file__).parent.parent / "zalo" / "samples" / "events"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.json") if path.stem != "webhook_url_check")


class ConversationByHeart:
    """Says what it was given and asks staff to look; remembers what came in."""

    def __init__(self) -> None:
        self.seen: list[Incoming] = []
        self.fails_on = ""

    def respond(self, message: Incoming, state: State, _commune: object, _now: object) -> Outcome:
        self.seen.append(message)
        if self.fails_on and self.fails_on in message.text:
            raise KeyError(message.text)
        replies = () if message.silent else (Reply(f"Đáp: {message.kind}"), Reply("Câu thứ hai"))
        return Outcome(replies, state, (StaffRequest("unanswered", message.text or "?"),), Decision("answer"))


@pytest.fixture(scope="session")
def library() -> knowledge.Library:
    return knowledge.load()


@pytest.fixture
def conversation() -> ConversationByHeart:
    return ConversationByHeart()


@pytest.fixture
def handler(sqlite_rig: Rig, conversation: ConversationByHeart, library: knowledge.Library) -> Iterator[Handler]:
    sqlite_rig.connect_oa()
    yield Handler(conversation, library, sqlite_rig.vault, sqlite_rig.clock, keep_traces=False)  # type: ignore[arg-type]


def _sample(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    return document


def _receive(rig: Rig, document: dict[str, Any], msg_id: str | None = None) -> None:
    identity = parse(document, {OUR_OA}).identity
    rig.receive(
        rig.event(
            msg_id or identity.msg_id or None,
            event=identity.event,
            sender=identity.sender,
            user_id=identity.user_id or identity.sender,
            body_sealed=rig.vault.encrypt(json.dumps(document), "inbox.body"),
            event_ms=rig.clock.now_ms() - 1000,
        )
    )


def _text(text: str, user_id: str = RESIDENT) -> dict[str, Any]:
    return {**_sample("user_send_text"), "message": {"text": text, "msg_id": "x"}, "sender": {"id": user_id}}


def _round(rig: Rig, handler: Handler) -> list[Handled]:
    """Claim, handle and write, as a worker does."""
    with rig.database.write() as connection:
        messages = processing.inbox.claim(connection, "0000000a", rig.clock.now_ms())
        people = processing.load_residents(connection, messages)
    handled = [handler.handle(one, "ha-dong", people.get((one.oa_id, one.user_id))) for one in messages]
    with rig.database.write() as connection:
        processing.store(connection, rig.vault, "0000000a", handled, rig.clock.now_ms())
    return handled


@pytest.mark.parametrize("name", NAMES)
def test_each_event_has_its_defined_effect(
    name: str, handler: Handler, conversation: ConversationByHeart, sqlite_rig: Rig
) -> None:
    rig, document = sqlite_rig, _sample(name)
    event = parse(document, {OUR_OA})
    effect, user = effect_of(event), event.identity.user_id
    _receive(rig, document)
    (handled,) = _round(rig, handler)
    assert handled.error is None
    row = rig.row("inbox")
    assert (row.state, row.body_sealed) == (InboxState.DONE, None)
    known = {one.user_id: one for one in rig.rows("resident")}
    answers = effect in (Effect.CONVERSE, Effect.FOLLOW)
    # In a group the group is answered; nothing of it is kept for staff, and nothing remembered.
    in_group = effect is Effect.GROUP
    assert len(conversation.seen) == int(answers or in_group)
    address = group_address(event.group_id) if isinstance(event, GroupMessage) else user
    assert [one.user_id for one in rig.rows()] == [address] * (2 * (answers or in_group))
    assert len(rig.rows("staff_request")) == int(answers)
    assert len(rig.rows("decision")) == int(answers or in_group)
    if effect in (Effect.CONVERSE, Effect.FOLLOW, Effect.UNFOLLOW, Effect.STAFF_ECHO, Effect.TOUCH, Effect.GROUP):
        person = known[user]
        assert person.last_interaction_ms == (rig.clock.now_ms() - 1000 if is_interaction(event) else 0)
        follows = {Effect.FOLLOW: True, Effect.UNFOLLOW: False}.get(effect)
        assert person.is_follower is follows
        silent = [(user, rig.clock.now_ms() + STAFF_SILENCE_MS)] if effect is Effect.STAFF_ECHO else []
        assert [(row.user_id, row.until_ms) for row in rig.rows("handover") if row.state == "taken"] == silent
        assert (person.conversation_sealed is not None) == answers
    else:
        assert known == {}


def test_handling_an_event_twice_answers_once(handler: Handler, sqlite_rig: Rig) -> None:
    """A worker that died between handling and "done": the same event is handled again, perhaps by another."""
    rig = sqlite_rig
    _receive(rig, _text("một"))
    _round(rig, handler)
    rig.change("inbox", state=InboxState.NEW, body_sealed=rig.vault.encrypt(json.dumps(_text("một")), "inbox.body"))
    _round(rig, handler)
    assert [row.key for row in rig.rows()] == ["in:1:0", "in:1:1"]
    assert len(rig.rows("staff_request")) == len(rig.rows("decision")) == 1


def test_the_bot_is_silent_while_a_person_answers(
    handler: Handler, conversation: ConversationByHeart, sqlite_rig: Rig
) -> None:
    rig = sqlite_rig
    _receive(rig, _sample("oa_send_text__by_admin"))
    _round(rig, handler)
    user = rig.row("resident").user_id
    for after_ms, silent in ((STAFF_SILENCE_MS - 1, True), (1, False)):
        rig.clock.pass_ms(after_ms)
        _receive(rig, _text("một", user), f"after {after_ms}")
        _round(rig, handler)
        assert conversation.seen[-1].silent is silent
    assert len(rig.rows()) == 2


def test_withdrawing_erases_the_person(handler: Handler, sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    withdrawal = _sample("user_withdraw")
    user = parse(withdrawal, {OUR_OA}).identity.user_id
    _receive(rig, _text("một", user), "one")
    _receive(rig, _text("hai", "another"), "two")
    _round(rig, handler)
    _receive(rig, withdrawal)
    _round(rig, handler)
    assert [row.user_id for row in rig.rows("resident")] == ["another"]
    assert [row.user_id for row in rig.rows("staff_request")] == ["another"]
    theirs = [row for row in rig.rows() if row.user_id == user]
    assert {(row.state, row.payload_sealed) for row in theirs} == {(OutboxState.CANCELLED, None)}
    assert {row.state for row in rig.rows() if row.user_id == "another"} == {OutboxState.READY}


def test_a_poison_message_is_put_aside_and_the_others_go_on(
    handler: Handler, conversation: ConversationByHeart, sqlite_rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    rig = sqlite_rig
    conversation.fails_on = "thuốc độc"
    _receive(rig, _text("thuốc độc số 0912345678"), "poison")
    _receive(rig, _text("lành", "another"), "good")
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            _round(rig, handler)
    rows = {row.msg_id: row for row in rig.rows("inbox")}
    assert (rows["poison"].state, rows["poison"].attempt, rows["poison"].last_error) == (InboxState.DEAD, 3, "KeyError")
    assert rows["good"].state == InboxState.DONE
    assert [row.user_id for row in rig.rows()] == ["another"] * 2
    assert "0912345678" not in " ".join(record.getMessage() for record in caplog.records)
    _receive(rig, _text("lành"), "the next of the same resident")
    _round(rig, handler)
    assert len(rig.rows()) == 4


@pytest.mark.parametrize(
    "sealed",
    [
        b"", b"torn",
        Vault("another key of thirty-two letters").encrypt("{}", "inbox.body"),
        Vault("a key of the tests, and of nothing else").encrypt("no JSON", "inbox.body"),
        Vault("a key of the tests, and of nothing else").encrypt("[1]", "inbox.body"),
    ],
    ids=["empty", "torn", "another key", "no JSON", "no object"],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_put_aside(sealed: bytes, handler: Handler, sqlite_rig: Rig) -> None:
    sqlite_rig.receive(sqlite_rig.event(body_sealed=sealed))
    for _ in range(3):
        (handled,) = _round(sqlite_rig, handler)
        assert handled.error is not None
    assert sqlite_rig.row("inbox").state == InboxState.DEAD


def test_an_event_of_an_oa_that_was_removed_ends_quietly(handler: Handler, sqlite_rig: Rig) -> None:
    _receive(sqlite_rig, _text("một"))
    (message,) = sqlite_rig.claim_events()
    handled = handler.handle(message, None, None)
    assert (handled.error, handled.sends) == (None, ())


def test_a_future_time_of_zalos_opens_no_longer_window(handler: Handler, sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    _receive(rig, _text("một"))
    rig.change("inbox", event_ms=rig.clock.now_ms() + 10**9)
    _round(rig, handler)
    assert rig.row("resident").last_interaction_ms == rig.clock.now_ms()


def test_what_the_database_refuses_is_put_aside_and_the_others_go_on(
    rig: Rig, conversation: ConversationByHeart, library: knowledge.Library
) -> None:
    """One message whose effects cannot be written must not stop every worker again and again."""
    rig.connect_oa()
    handler = Handler(conversation, library, rig.vault, rig.clock, keep_traces=False)  # type: ignore[arg-type]
    _receive(rig, _text("một", "first"), "one")
    _receive(rig, _text("hai", "second"), "two")
    for _ in range(3):
        with rig.database.write() as connection:
            messages: list[ClaimedMessage] = processing.inbox.claim(connection, "0000000a", rig.clock.now_ms())
        handled = [handler.handle(one, "ha-dong", None) for one in messages]
        for one in handled:
            if one.message.user_id == "first":
                object.__setattr__(one.sends[0], "trace_id", None)
        with rig.database.write() as connection:
            processing.store(connection, rig.vault, "0000000a", handled, rig.clock.now_ms())
    states = {row.msg_id: row.state for row in rig.rows("inbox")}
    assert states == {"one": InboxState.DEAD, "two": InboxState.DONE}
    assert {row.user_id for row in rig.rows()} == {"second"}
    assert {row.user_id for row in rig.rows("resident")} == {"second"}


def test_the_real_conversation_over_every_message_of_the_contract(library: knowledge.Library, sqlite_rig: Rig) -> None:
    rig = sqlite_rig
    rig.connect_oa()
    real = Handler(Conversation(intents.load(), library, load_words()), library, rig.vault, rig.clock, keep_traces=True)
    for name in NAMES:
        document = _sample(name)
        if effect_of(parse(document, {OUR_OA})) in (Effect.CONVERSE, Effect.FOLLOW):
            _receive(rig, document, name)
            (handled,) = _round(rig, real)
            assert handled.error is None, name
            assert handled.sends or name == "user_click_chatnow", name  # whom we welcomed is not welcomed again
            rig.clock.pass_ms(120_000)
