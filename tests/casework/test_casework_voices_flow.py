"""From a message in the inbox to what is stored and owed: erasing, withdrawing, enrolling, a group, over real rooms."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rig import OUR_OA, RESIDENT, Rig
from voices_acting import COMMUNE, TU, do, filed, told

import knowledge
from bot.casework import acts, volunteers
from bot.casework.desk import StoreDesk
from bot.conversation import Conversation, State, load_words
from bot.conversation.acts import ChooseAnnouncements, Contact, FileReport, Place
from bot.journal import inbox, processing
from bot.journal.processing import Handler
from bot.people import group_address
from bot.replies import Reply
from intents import Candidate, Context, Part, Understanding

GROUP = "b81e5d3c90f7a264d1aa"


class KnowsBirths:
    """Understands one line."""

    def understand(self, text: str, _context: Context | None = None) -> Understanding:
        known = "khai sinh" in text
        candidates = (Candidate("khai-sinh", 0.9),) if known else ()
        decision, facet = ("answer", "fee") if known else ("fallback", None)
        part = Part(text, decision, candidates, facet, None)
        return Understanding(text, decision, candidates, facet, None, (part,), None, None, None, 0.9, False, {})


class Line:
    """One resident's line to the product, through the inbox."""

    def __init__(self, rig: Rig) -> None:
        rig.connect_oa()
        self.rig = rig
        library = knowledge.load()
        desk = StoreDesk(rig.database, rig.vault, rig.clock)
        conversation = Conversation(KnowsBirths(), library, load_words(), desk=desk)
        self.handler = Handler(
            conversation, library, rig.vault, rig.clock, keep_traces=False, apply_acts=acts.apply
        )  # fmt: skip

    def event(self, name: str, **body: Any) -> None:
        """One event, handled and written."""
        document = {"event_name": name, "oa_id": OUR_OA, "timestamp": str(self.rig.clock.now_ms()), **body}
        row = self.rig.event(event=name, body_sealed=self.rig.vault.encrypt(json.dumps(document), "inbox.body"))
        self.rig.receive(row)
        with self.rig.database.write() as connection:
            messages = inbox.claim(connection, "0000000a", self.rig.clock.now_ms())
            people = processing.load_residents(connection, messages)
        handled = [self.handler.handle(one, COMMUNE, people.get((one.oa_id, one.user_id))) for one in messages]
        assert [one.error for one in handled] == [None] * len(handled)
        with self.rig.database.write() as connection:
            now_ms = self.rig.clock.now_ms()
            processing.store(connection, self.rig.vault, "0000000a", handled, now_ms, self.handler.apply_acts)
        self.rig.clock.pass_ms(20_000)

    def says(self, text: str) -> str:
        """Send a text; the last thing owed after it."""
        message = {"text": text, "msg_id": f"m{self.rig.clock.now_ms()}"}
        self.event("user_send_text", sender={"id": RESIDENT}, recipient={"id": OUR_OA}, message=message)
        return "\n".join(told(self.rig, TU)[-2:])


@pytest.fixture
def line(sqlite_rig: Rig) -> Line:
    return Line(sqlite_rig)


def _report(rig: Rig) -> None:
    contact = Contact("Trần Văn Thử", "0987654321")
    do(rig, filed(rig, FileReport("PA-2345AC", "lighting", "Đèn hỏng", Place("thôn đoài"), contact)))


def test_erasing_in_the_chat_leaves_a_receipt_and_no_resident(line: Line, sqlite_rig: Rig) -> None:
    line.says("chào xã")
    _report(sqlite_rig)
    assert "PA-2345AC" in line.says("dữ liệu của tôi")
    line.says("xóa dữ liệu")
    said = line.says("1")
    proof = sqlite_rig.row("erasure")
    assert proof.receipt in said
    assert sqlite_rig.rows("resident") == [] and sqlite_rig.rows("case_person") == []
    assert [row.receipt for row in sqlite_rig.rows("erasure")] == [proof.receipt]
    # The next message is a new person's.
    assert "Trần Văn Thử" not in line.says("dữ liệu của tôi")


def test_a_withdrawal_by_zalo_does_the_same_without_asking(line: Line, sqlite_rig: Rig) -> None:
    line.says("chào xã")
    _report(sqlite_rig)
    line.event("user_withdraw", user_id=RESIDENT, user_id_by_app="1")
    assert sqlite_rig.rows("resident") == [] and sqlite_rig.rows("case_person") == []
    assert sqlite_rig.row("case_file").contact_sealed is None
    assert sqlite_rig.row("erasure").receipt.startswith("XD-")
    assert told(sqlite_rig, TU) == []


def test_a_volunteer_enrols_forwards_and_hears_the_bots_answer(line: Line, sqlite_rig: Rig) -> None:
    with sqlite_rig.database.write() as connection:
        now_ms = sqlite_rig.clock.now_ms()
        code = volunteers.issue_code(connection, sqlite_rig.vault, None, COMMUNE, "Thôn Đoài", now_ms, 3)
    assert "tổ công nghệ số" in line.says(code.lower())
    line.says("chuyển giúp làm khai sinh cho cháu hết bao nhiêu, gọi 0912345678")
    line.says("không")
    said = line.says("gửi đi")
    row = sqlite_rig.row("forward")
    assert row.link_code in said and row.answered_by == "bot"
    assert "0912345678" not in sqlite_rig.vault.decrypt(row.text_sealed, "forward.text")
    assert row.link_code in line.says("danh sách của tổ tôi")


def test_a_bad_mark_and_its_reason_make_one_row(line: Line, sqlite_rig: Rig) -> None:
    line.says("chào xã")
    line.says("#DG")
    line.says("2")
    line.says("#hoixa:rate_reason:desk:2:::slow")
    row = sqlite_rig.row("rating")
    assert (row.mark, row.channel, row.reason) == (2, "desk", "slow")


def test_a_no_to_announcements_is_stored(line: Line, sqlite_rig: Rig) -> None:
    line.says("DỪNG")
    assert [(row.user_id, row.wanted) for row in sqlite_rig.rows("announcement_choice")] == [(RESIDENT, False)]
    line.says("nhận tin")
    assert sqlite_rig.row("announcement_choice").wanted is True
    do(sqlite_rig, filed(sqlite_rig, ChooseAnnouncements(False)))


def _group(line: Line, text: str) -> list[str]:
    message = {"text": text, "msg_id": f"g{line.rig.clock.now_ms()}"}
    line.event("user_send_group_text", sender={"id": RESIDENT}, recipient={"id": GROUP}, message=message)
    rows = [row for row in line.rig.rows("outbox") if row.user_id == group_address(GROUP)]
    return [Reply.from_json(line.rig.vault.decrypt(row.payload_sealed, "outbox.payload")).text for row in rows]


def test_a_group_is_answered_in_the_group_when_it_calls_and_never_otherwise(line: Line, sqlite_rig: Rig) -> None:
    assert _group(line, "làm khai sinh hết bao nhiêu") == []
    (answer,) = _group(line, f"[@{OUR_OA}] làm khai sinh hết bao nhiêu")
    assert "khai sinh" in answer.lower()
    assert told(sqlite_rig, TU) == []
    assert "nhắn riêng" in _group(line, f"[@{OUR_OA}] dữ liệu của tôi")[-1]
    row = sqlite_rig.row("resident")
    assert row.last_interaction_ms > 0
    state = State.from_json(sqlite_rig.vault.decrypt(row.conversation_sealed, "resident.conversation"))
    assert state.last_topic is None and state.menu == ()
    assert sqlite_rig.rows("staff_request") == []
