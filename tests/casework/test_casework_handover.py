"""Take, speak, give back: what an official may do with a conversation, what the resident hears, what is kept."""

from __future__ import annotations

from typing import Any

import pytest
from casework_people import make_official
from rig import HOUR_MS, OTHER_OA, OUR_OA, RESIDENT, Rig
from sqlalchemy import update

from bot.casework import acts, handover
from bot.casework.handover import MOST_CHARACTERS, TAKEN_FOR_MS, WORDS, HandoverRefused
from bot.conversation.acts import QueueForPerson
from bot.journal.processing import FiledAct
from bot.journal.states import Lane, OutboxState, Voice
from bot.people import Person
from bot.permissions import NotAllowed
from bot.replies import Reply
from bot.store import audit, handovers, residents
from bot.store.handovers import NewLine
from bot.store.residents import ResidentChange
from bot.store.staff import Staff
from bot.store.tables import outbox
from bot.zalo.windows import OPEN_MS


def _asks(rig: Rig, user_id: str = RESIDENT, text: str = "cho tôi gặp cán bộ", key: str = "in:1:0") -> int:
    """A resident asks for a person; the id of their conversation."""
    act = FiledAct(
        key, Person(OUR_OA, user_id), "ha-dong", "trace", rig.clock.now_ms(), QueueForPerson(text, "khai-sinh")
    )
    with rig.database.write() as connection:
        residents.apply(
            connection, [ResidentChange(OUR_OA, user_id, rig.clock.now_ms(), interaction_ms=rig.clock.now_ms())]
        )
        acts.apply(connection, rig.vault, [act])
        found = handovers.open_of(connection, rig.vault, OUR_OA, user_id)
    assert found is not None
    return found.id


def _do(rig: Rig, what: Any, staff: Staff, number: int, *arguments: Any, **options: Any) -> Any:
    with rig.database.write() as connection:
        return what(connection, rig.vault, staff, number, *arguments, rig.clock.now_ms(), **options)


def _said(rig: Rig) -> list[tuple[str, Voice, OutboxState]]:
    return [
        (
            Reply.from_json(rig.vault.decrypt(row.payload_sealed, "outbox.payload")).text,
            Voice(row.voice),
            OutboxState(row.state),
        )
        for row in rig.rows()
    ]


def _refused(rig: Rig, what: Any, staff: Staff, number: int, *arguments: Any) -> HandoverRefused:
    before = rig.everything()
    with pytest.raises(HandoverRefused) as refused:
        _do(rig, what, staff, number, *arguments)
    assert rig.everything() == before, "what is refused changes nothing"
    return refused.value


@pytest.fixture
def official(rig: Rig) -> Staff:
    rig.connect_oa()
    return make_official(rig, "van-phong")


def test_a_conversation_from_asking_to_the_end(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    with rig.database.read() as connection:
        (waiting,) = handover.list_open(connection, rig.vault, "ha-dong")
        assert handover.list_open(connection, rig.vault, "dai-son") == []
        assert len(handover.list_open(connection, rig.vault, None)) == 1
    assert (waiting.state, waiting.text, waiting.topic) == ("waiting", "cho tôi gặp cán bộ", "khai-sinh")
    taken = _do(rig, handover.take, official, number)
    assert (taken.state, taken.taken_by, taken.until_ms) == ("taken", official.email, rig.clock.now_ms() + TAKEN_FOR_MS)
    rig.clock.pass_ms(HOUR_MS)
    shown = _do(rig, handover.reply, official, number, "  Bác mang giấy chứng sinh nhé.  ")
    assert shown.reply_until_ms == rig.clock.now_ms() - HOUR_MS + OPEN_MS
    assert shown.handover.until_ms == rig.clock.now_ms() + TAKEN_FOR_MS, "each word moves the end on"
    _do(rig, handover.reply, official, number, "Chiều nay cũng được.")
    released = _do(rig, handover.release, official, number)
    assert (released.state, released.released_ms) == ("released", rig.clock.now_ms())
    ready = OutboxState.READY
    assert _said(rig) == [
        (WORDS.word("staff_speaks", text="Bác mang giấy chứng sinh nhé."), Voice.STAFF, ready),
        ("Chiều nay cũng được.", Voice.STAFF, ready),
        (WORDS.word("returned"), Voice.NOTICE, ready),
    ]
    with rig.database.read() as connection:
        entries = audit.list_entries(connection, "ha-dong")
        lines = handovers.lines_of(connection, rig.vault, number)
    assert sorted(entry.act for entry in entries) == [
        "conversation.release", "conversation.reply", "conversation.reply", "conversation.take",
    ]  # fmt: skip
    assert {entry.actor for entry in entries} == {official.email}
    assert "giấy chứng sinh" not in repr(entries), "the log of changes holds no words"
    assert [(line.said_by, line.text) for line in lines] == [
        ("staff", "Bác mang giấy chứng sinh nhé."), ("staff", "Chiều nay cũng được."),
    ]  # fmt: skip


def test_while_it_is_taken_only_staff_and_danger_leave(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    rig.owe(
        rig.new_send("đáp", key="answer", voice=Voice.ANSWER),
        rig.new_send("hồ sơ đã xong", key="notice"),
        rig.new_send("tin của xã", key="news", lane=Lane.BROADCAST),
        rig.new_send("của người khác", key="other", user_id="another", voice=Voice.ANSWER),
    )
    _do(rig, handover.take, official, number)
    rig.owe(
        rig.new_send("đáp muộn", key="late", voice=Voice.ANSWER), rig.new_send("114", key="114", voice=Voice.DANGER)
    )
    _do(rig, handover.reply, official, number, "Tôi đây.", key="form-1")
    # Of one resident and lane one row leaves at a time: the numbers first, then the official's words.
    assert {send.key for send in rig.claim_sends()} == {"114", "other", "news"}
    with rig.database.write() as connection:
        connection.execute(update(outbox).where(outbox.c.state == OutboxState.SENDING).values(state=OutboxState.SENT))
    assert [send.key for send in rig.claim_sends()] == [f"staff:{number}:form-1:0"]
    states = {row.key: (OutboxState(row.state), row.last_error) for row in rig.rows()}
    assert states["answer"] == states["late"] == (OutboxState.CANCELLED, "taken_over")
    assert states["notice"] == (OutboxState.READY, None)
    with rig.database.write() as connection:
        connection.execute(update(outbox).where(outbox.c.state == OutboxState.SENDING).values(state=OutboxState.SENT))
    assert rig.claim_sends() == [], "a notice waits"
    _do(rig, handover.release, official, number)
    assert [send.key for send in rig.claim_sends()] == ["notice"]


def test_what_was_claimed_before_is_not_recalled(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    rig.owe(rig.new_send("đáp", voice=Voice.ANSWER))
    assert len(rig.claim_sends()) == 1
    _do(rig, handover.take, official, number)
    assert [OutboxState(row.state) for row in rig.rows()] == [OutboxState.SENDING]
    _do(rig, handover.reply, official, number, "Tôi đây.")
    assert rig.claim_sends() == [], "the official's words wait for what is under way"


def test_it_comes_back_by_itself_and_says_so_once(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    _do(rig, handover.take, official, number)
    rig.clock.pass_ms(TAKEN_FOR_MS - 1)
    handover.return_overdue(rig.services(), "0000000a")
    assert _said(rig) == []
    rig.owe(rig.new_send("đáp", key="early", voice=Voice.ANSWER))
    assert rig.claim_sends() == []
    rig.clock.pass_ms(1)
    for _ in range(2):
        handover.return_overdue(rig.services(), "0000000a")
    assert [text for text, _, state in _said(rig) if state is OutboxState.READY] == [WORDS.word("returned")]
    with rig.database.read() as connection:
        found = handovers.find(connection, rig.vault, number)
        assert audit.list_entries(connection, "ha-dong")[0].actor == audit.SYSTEM
    assert found is not None
    assert (found.state, found.taken_by) == ("released", official.email)


def test_the_bot_answers_in_time_even_where_the_clock_stands_still(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    _do(rig, handover.take, official, number)
    rig.clock.pass_ms(TAKEN_FOR_MS)
    rig.owe(rig.new_send("đáp", key="answer", voice=Voice.ANSWER))
    assert [send.key for send in rig.claim_sends()] == ["answer"]


def test_one_conversation_is_one_officials(rig: Rig, official: Staff) -> None:
    number, other = _asks(rig), make_official(rig, "chu-tich")
    _do(rig, handover.take, official, number)
    assert official.email in str(_refused(rig, handover.take, other, number))
    assert _refused(rig, handover.reply, other, number, "Tôi đây").reason == "of_another"
    _do(rig, handover.take, official, number)
    _do(rig, handover.release, other, number)
    for what, arguments in ((handover.take, ()), (handover.reply, ("a",)), (handover.release, ())):
        assert _refused(rig, what, official, number, *arguments).reason == "over"


def test_who_may_not_is_told_so(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    for stranger in (make_official(rig, "thon"), make_official(rig, "chu-tich", commune="dai-son")):
        for what, arguments in ((handover.take, ()), (handover.reply, ("a",)), (handover.release, ())):
            with pytest.raises(NotAllowed):
                _do(rig, what, stranger, number, *arguments)
        with rig.database.read() as connection, pytest.raises(NotAllowed):
            handover.show(connection, rig.vault, number, rig.clock.now_ms(), stranger)
    with rig.database.read() as connection:
        assert handover.show(connection, rig.vault, number, rig.clock.now_ms(), official).handover.state == "waiting"


def test_what_cannot_be_sent_is_said_at_once(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    assert _refused(rig, handover.reply, official, 999, "a").reason == "unknown"
    assert _refused(rig, handover.release, official, number).reason == "not_taken"
    assert _refused(rig, handover.reply, official, number, "  ").reason == "empty"
    assert _refused(rig, handover.reply, official, number, "a" * (MOST_CHARACTERS + 1)).reason == "too_long"
    rig.change("resident", stopped_reason="zalo-213")
    assert _refused(rig, handover.reply, official, number, "a").reason == "stopped"
    rig.change("resident", stopped_reason=None)
    rig.clock.pass_ms(OPEN_MS)
    _do(rig, handover.reply, official, number, "còn kịp")
    rig.clock.pass_ms(1)
    assert _refused(rig, handover.reply, official, number, "a").reason == "window_closed"
    _do(rig, handover.release, official, number)
    assert len(rig.rows()) == 1, "nobody is told what Zalo would refuse"


def test_a_form_sent_twice_speaks_once(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    for _ in range(2):
        _do(rig, handover.reply, official, number, "Tôi đây.", key="form-7")
    assert len(rig.rows()) == len(rig.rows("conversation_line")) == 1


def test_long_words_leave_in_pieces(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    _do(rig, handover.reply, official, number, "Bác làm thế này. " * 200)
    assert len(rig.rows()) == 2
    assert {row.voice for row in rig.rows()} == {Voice.STAFF}


def test_asking_twice_waits_once(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    assert _asks(rig, text="sao lâu thế", key="in:2:0") == number
    _do(rig, handover.take, official, number)
    assert _asks(rig, text="gặp cán bộ", key="in:3:0") == number
    _do(rig, handover.release, official, number)
    assert _asks(rig, text="gặp cán bộ nữa", key="in:4:0") != number
    assert len(rig.rows("handover")) == 2


def test_applying_the_act_twice_queues_once_even_after_the_end(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    _do(rig, handover.reply, official, number, "Tôi đây.")
    _do(rig, handover.release, official, number)
    act = FiledAct("in:1:0", Person(OUR_OA, RESIDENT), "ha-dong", "trace", rig.clock.now_ms(), QueueForPerson("lại"))
    with rig.database.write() as connection:
        acts.apply(connection, rig.vault, [act])
    assert [row.state for row in rig.rows("handover")] == ["released"]


def test_an_answer_in_zalos_manager_is_a_take_over(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    now = rig.clock.now_ms()
    joined = {"oa_id": OUR_OA, "commune_id": "ha-dong", "user_id": RESIDENT}
    with rig.database.write() as connection:
        handovers.join_in(connection, key="echo:1", at_ms=now, until_ms=now + 1000, **joined)
        handovers.join_in(connection, key="echo:2", at_ms=now, until_ms=now + 500, **joined)
    row = rig.row("handover")
    assert (row.id, row.state, row.taken_by, row.until_ms) == (number, "taken", "", now + 1000)
    assert _do(rig, handover.take, official, number).taken_by == official.email
    with rig.database.write() as connection:
        handovers.join_in(connection, key="echo:3", at_ms=now, until_ms=now + 1000, **joined)
    row = rig.row("handover")
    assert (row.taken_by, row.until_ms) == (official.email, now + TAKEN_FOR_MS)


def test_lines_are_kept_from_asking_on_and_no_others(rig: Rig, official: Staff) -> None:
    def line(key: str, said_by: str, user_id: str = RESIDENT) -> NewLine:
        return NewLine(key, OUR_OA, user_id, said_by, "text", f"lời {key}", rig.clock.now_ms())

    with rig.database.write() as connection:
        handovers.keep_lines(connection, rig.vault, [line("before", "resident")])
    number = _asks(rig)
    with rig.database.write() as connection:
        handovers.keep_lines(
            connection, rig.vault, [line("a", "resident"), line("b", "bot"), line("x", "resident", "another")]
        )
        handovers.keep_lines(connection, rig.vault, [line("a", "resident")])
    _do(rig, handover.take, official, number)
    with rig.database.write() as connection:
        handovers.keep_lines(connection, rig.vault, [line("c", "resident"), line("never sent", "bot")])
        kept = [entry.text for entry in handovers.lines_of(connection, rig.vault, number)]
        assert [entry.text for entry in handovers.lines_of(connection, rig.vault, number, 1)] == ["lời c"]
    assert kept == ["lời a", "lời b", "lời c"]
    assert "lời" not in repr(rig.rows("conversation_line"))
    _do(rig, handover.release, official, number)
    with rig.database.write() as connection:
        handovers.keep_lines(connection, rig.vault, [line("after", "resident")])
    assert len(rig.rows("conversation_line")) == 3


def test_what_waited_past_zalos_window_is_closed(rig: Rig, official: Staff) -> None:
    _asks(rig)
    rig.clock.pass_ms(OPEN_MS)
    handover.return_overdue(rig.services(), "0000000a")
    assert rig.row("handover").state == "waiting"
    rig.clock.pass_ms(1)
    handover.return_overdue(rig.services(), "0000000a")
    assert (rig.row("handover").state, rig.rows()) == ("released", [])


def test_forgetting_a_person_forgets_their_conversations(rig: Rig, official: Staff) -> None:
    number = _asks(rig)
    _asks(rig, "another", key="in:2:0")
    _do(rig, handover.reply, official, number, "Tôi đây.")
    rig.put("handover_note", commune_id="ha-dong", handover_id=number, author="a", text_sealed=b"n", at_ms=1)
    with rig.database.write() as connection:
        assert handovers.erase(connection, OTHER_OA, RESIDENT) == 0
        assert handovers.erase(connection, OUR_OA, RESIDENT) == 3
    assert [row.user_id for row in rig.rows("handover")] == ["another"]
    assert rig.rows("conversation_line") == []
